//! How an account is named, and that its token stays where it is.

use std::io::Write;
use std::process::Stdio;

use expect_test::expect;
use portcullis_emulator::{Auth, Emulator, Options};

use crate::run::{Company, TOKEN, bare, directory, output, tell};

#[test]
fn an_account_has_an_endpoint() {
    expect![[r#"
        error: no endpoint is given
        hint: give `--endpoint URL` or export PORTCULLIS_ENDPOINT, or `--account NAME` of an account that is kept; `portcullis emulator` makes one to try
        exit 2
    "#]]
    .assert_eq(&tell(&mut bare(&["users", "list"])));
}

#[test]
fn an_account_has_a_token_or_says_that_it_has_none() {
    let company = Company::small();
    let endpoint = company.emulator.endpoint();
    expect![[r#"
        error: no token is given
        hint: export PORTCULLIS_TOKEN, or name a variable with `--token-env` or a file with `--token-file`; `--no-token` is for a server on this machine that wants none
        exit 2
    "#]].assert_eq(&tell(&mut bare(&["users", "list", "--endpoint", &endpoint])));
    expect![[r#"
        error: the variable that `--token-env` names is not set
        hint: it takes the name of a variable that is exported, never a token
        exit 2
    "#]]
    .assert_eq(&tell(&mut bare(&["users", "list", "--endpoint", &endpoint, "--token-env", "NONE"])));
    let elsewhere = ["users", "list", "--endpoint", "https://scim.example/v2", "--no-token"];
    expect![[r#"
        error: `--no-token` is for servers on this machine
        hint: name a variable with `--token-env` or a file with `--token-file`
        exit 2
    "#]]
    .assert_eq(&tell(&mut bare(&elsewhere)));
}

#[test]
fn a_server_that_wants_no_token_is_read_without_one() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let options = Options { users: 3, groups: 2, auth: Auth::None, ..Options::default() };
    let emulator = runtime.block_on(Emulator::start(options)).unwrap();
    let output = output(&mut bare(&["users", "list", "--endpoint", &emulator.endpoint(), "--no-token"]));
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(emulator.exchanges()[0].request_header("authorization"), None);
}

#[test]
fn a_token_comes_from_a_variable_a_file_or_standard_input() {
    let company = Company::small();
    let file = directory().join("token");
    std::fs::write(&file, format!("{TOKEN}\r\n")).unwrap();
    let succeeds = |arguments: &[&str]| {
        let mut command = company.command(&[&["users", "list"], arguments].concat());
        let mut running = command
            .env_remove("PORTCULLIS_TOKEN")
            .env("OTHER", TOKEN)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        // Who does not read it has closed it by now, perhaps.
        let _ = running.stdin.take().unwrap().write_all(format!("{TOKEN}\n").as_bytes());
        running.wait().unwrap().success()
    };
    assert!(succeeds(&["--token-env", "OTHER"]));
    assert!(succeeds(&["--token-file", file.to_str().unwrap()]));
    assert!(succeeds(&["--token-file", "-"]));
}

#[test]
fn a_token_that_cannot_be_sent_is_not_repeated() {
    let company = Company::small();
    for token in ["s3cret", "s3cr3t t0ken", "s3cr3t-t0ken\n"] {
        let output = output(company.command(&["users", "list"]).env("PORTCULLIS_TOKEN", token));
        assert_eq!(output.status.code(), Some(2));
        assert!(!String::from_utf8(output.stderr).unwrap().contains("s3c"));
    }
    expect![[r#"
        error: the token in the variable cannot be used: the secret is shorter than 8 characters
        hint: a token is visible ASCII, at least 8 characters
        exit 2
    "#]]
    .assert_eq(&tell(company.command(&["users", "list"]).env("PORTCULLIS_TOKEN", "short")));
    company.check(
        &["users", "list", "--token-file", "/nowhere/token"],
        &expect![[r#"
            error: the token cannot be read from `/nowhere/token`: No such file or directory
            hint: `--token-file` takes a file that you can read, or `-`
            exit 2
        "#]],
    );
}

#[test]
fn a_token_typed_where_its_variable_belongs_is_not_repeated() {
    let company = Company::small();
    for arguments in [&["--token-env", TOKEN][..], &["--token", TOKEN], &[&format!("--token={TOKEN}")]] {
        let output = output(&mut company.command(&[&["users", "list"], arguments].concat()));
        assert_eq!(output.status.code(), Some(2));
    }
    assert_eq!(output(&mut bare(&["emulator", "--token-env", TOKEN])).status.code(), Some(2));
}

#[test]
fn a_name_is_not_this_machine_whatever_it_resolves_to() {
    let company = Company::small();
    let named = company.emulator.endpoint().replace("127.0.0.1", "localhost");
    let told = tell(company.command(&["users", "list"]).env("PORTCULLIS_ENDPOINT", &named));
    expect![[r#"
        error: the endpoint names this machine, which is reached by its address only
        hint: write `127.0.0.1` or `[::1]` in place of the name
        exit 2
    "#]]
    .assert_eq(&told.replace(&named, "ENDPOINT"));
    let named = named.replace("http:", "https:");
    let told = tell(company.command(&["users", "list"]).env("PORTCULLIS_ENDPOINT", &named));
    expect![[r#"
        error: the endpoint names this machine, which is reached by its address only
        hint: write `127.0.0.1` or `[::1]` in place of the name
        exit 2
    "#]]
    .assert_eq(&told);
    let private = tell(company.command(&["users", "list"]).env("PORTCULLIS_ENDPOINT", "https://10.0.0.1/v2"));
    expect![[r#"
        error: the endpoint `https://10.0.0.1/v2` is at an address that the operator has not allowed
        hint: an endpoint is an `https` URL, or an `http` one at a literal address of this machine, such as `http://127.0.0.1:8080/scim/1/2/v2`
        exit 2
    "#]].assert_eq(&private);
    assert_eq!(company.emulator.request_count(), 0);
}

#[test]
fn a_password_in_the_endpoint_is_not_repeated() {
    let company = Company::small();
    let told = tell(company.command(&["users", "list"]).env("PORTCULLIS_ENDPOINT", "https://user:pass@a.example/"));
    expect![[r#"
        error: the endpoint `…@a.example/` holds a user name or a password
        hint: an endpoint is an `https` URL, or an `http` one at a literal address of this machine, such as `http://127.0.0.1:8080/scim/1/2/v2`
        exit 2
    "#]].assert_eq(&told);
}

#[test]
fn a_token_that_a_server_repeats_is_not_printed() {
    let company = Company::with_faults(&["echo-token=500"]);
    company.check(
        &["users", "list"],
        &expect![[r#"
            error: the vendor is out of order: cannot serve `Bearer [redacted]` (HTTP status 500)
            hint: wait a while and repeat
            exit 5
        "#]],
    );
    company.check(&["vendor", "GET", "Users", "--include"], &expect![[r#"
        HTTP 500
        content-type: application/scim+json
        x-echo-authorization: Bearer [redacted]
        date: DATE

        {"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"500","detail":"cannot serve `Bearer [redacted]`"}error: the vendor answered with HTTP status 500
        exit 5
    "#]]);
}

#[test]
fn settings_are_checked_by_the_connector() {
    let company = Company::small();
    let file = directory().join("settings.json");
    std::fs::write(&file, r#"{"quirks":{"sort-groups":"no"}}"#).unwrap();
    company.check(
        &["groups", "list", "--settings", file.to_str().unwrap()],
        &expect![[r#"
        error: the settings are wrong: quirk `sort-groups` is `"no"`, which is neither `true` nor `false`
        hint: `portcullis describe --output json` has the schema of the settings
        exit 2
    "#]],
    );
    company.check(
        &["groups", "list", "--settings", "/nowhere/settings.json"],
        &expect![[r#"
            error: the settings cannot be read from `/nowhere/settings.json`: No such file or directory
            hint: `--settings` takes a JSON file that you can read
            exit 2
        "#]],
    );
}
