//! Accounts that are kept: the binary against files of its own and the emulator. Whatever it prints or leaves, the token
//! is not in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use expect_test::{Expect, expect};

use crate::run::{Company, TOKEN, bare, directory, output, tell, tell_with};

/// A company, and a place for accounts that no other test has.
pub(crate) struct Desk {
    pub(crate) company: Company,
    pub(crate) data: PathBuf,
}

impl Desk {
    pub(crate) fn new(company: Company) -> Desk {
        Desk { company, data: directory().join("data") }
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = bare(arguments);
        command.env("PORTCULLIS_DATA_DIR", &self.data);
        command
    }

    pub(crate) fn tell(&self, arguments: &[&str]) -> String {
        self.blind(&tell(&mut self.command(arguments)))
    }

    pub(crate) fn check(&self, arguments: &[&str], expected: &Expect) {
        expected.assert_eq(&self.tell(arguments));
    }

    /// Keeps an account of the company, its token on standard input.
    pub(crate) fn add(&self, name: &str, more: &[&str]) -> String {
        let endpoint = self.company.emulator.endpoint();
        let arguments = [&["account", "add", name, "--endpoint", &endpoint, "--token-stdin"], more].concat();
        self.blind(&tell_with(TOKEN, &mut self.command(&arguments)))
    }

    /// Without what differs from run to run.
    pub(crate) fn blind(&self, told: &str) -> String {
        let told = told.replace(&self.company.emulator.address().to_string(), "ADDRESS");
        let told = told.replace(&*self.data.to_string_lossy(), "DATA");
        told.lines().map(|line| timeless(line) + "\n").collect()
    }
}

/// A line without its instants and ids of keys.
fn timeless(line: &str) -> String {
    let is_instant = |word: &str| word.len() == 20 && word.starts_with("20") && word.ends_with('Z');
    let is_key = |word: &str| word.len() == 16 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let blind = |word: &str| {
        let bare = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        if is_instant(bare) {
            word.replace(bare, "INSTANT")
        } else if is_key(bare) {
            word.replace(bare, "KEY")
        } else {
            word.to_owned()
        }
    };
    line.split(' ').map(blind).collect::<Vec<_>>().join(" ")
}

#[test]
fn an_account_whose_token_is_refused_says_so_until_it_has_another() {
    let desk = Desk::new(Company::small());
    let endpoint = desk.company.emulator.endpoint();
    let add = ["account", "add", "acme", "--endpoint", &endpoint, "--token-stdin"];
    tell_with("an-0ld-token", &mut desk.command(&add));
    let since = || {
        let shown = output(&mut desk.command(&["account", "show", "acme"]));
        String::from_utf8(shown.stdout).unwrap().contains("\"needs_reauth_since\": \"20")
    };
    let lists = || output(&mut desk.command(&["users", "list", "--account", "acme"])).status.code();
    assert!(!since());
    // Whatever command it is that finds out.
    assert_eq!((lists(), since()), (Some(4), true));
    desk.check(
        &["account", "list", "-o", "table"],
        &expect![[r#"
        NAME  HOST       CREATED AT            NEEDS REAUTH SINCE
        acme  127.0.0.1  INSTANT  INSTANT
        exit 0
    "#]],
    );
    tell_with(TOKEN, &mut desk.command(&["account", "rotate", "acme", "--token-stdin"]));
    assert!(!since());
    assert_eq!((lists(), since()), (Some(0), false));
}

#[test]
fn an_account_whose_token_is_taken_again_needs_no_other() {
    let desk = Desk::new(Company::with_faults(&["status=401 nth=1", "status=503 nth=2"]));
    desk.add("acme", &[]);
    let needs = || {
        String::from_utf8(output(&mut desk.command(&["account", "show", "acme"])).stdout)
            .unwrap()
            .contains("needs_reauth")
    };
    let lists = || output(&mut desk.command(&["users", "list", "--account", "acme"])).status.code();
    assert_eq!((lists(), needs()), (Some(4), true));
    // An outage says nothing of the token.
    assert_eq!((lists(), needs()), (Some(5), true));
    assert_eq!((lists(), needs()), (Some(0), false));
}

#[test]
fn an_account_is_kept_used_checked_shown_and_removed() {
    let desk = Desk::new(Company::small());
    expect![[r#"
        warning: use the token that is there: generating a new one at Zscaler very likely ends the old one, and with it the customer's own sync from Entra ID, Okta or another provider
        note: `acme` is kept, at http://ADDRESS/scim/1/111222333444555666/v2
        note: `portcullis account check acme` tries it
        exit 0
    "#]].assert_eq(&desk.add("acme", &["--limit", "call-time=30"]));
    desk.check(
        &["groups", "list", "--account", "acme", "-o", "table"],
        &expect![[r#"
        ID                                    NAME        EXTERNAL ID  UPDATED AT
        8935b08d-2796-43e2-b859-ad5c63ccdb90  Finance EU  grp-shared   INSTANT
        bf3fb73c-bda3-4686-8889-0d5b4ac42fb5  Ops         grp-shared   INSTANT
        exit 0
    "#]],
    );
    desk.check(
        &["account", "check", "acme", "-o", "table"],
        &expect![[r#"
        acme works: http://ADDRESS/scim/1/111222333444555666/v2 answers, and has 3 users
        exit 0
    "#]],
    );
    desk.check(
        &["account", "list", "-o", "table"],
        &expect![[r#"
        NAME  HOST       CREATED AT            CHECKED AT            CHECK
        acme  127.0.0.1  INSTANT  INSTANT  ok
        exit 0
    "#]],
    );
    desk.check(
        &["account", "list"],
        &expect![[r#"
            [
              {
                "name": "acme",
                "endpoint": "http://ADDRESS/scim/1/111222333444555666/v2",
                "credential": "token",
                "key": "file",
                "limits": {
                  "call-time": 30
                },
                "created_at": "INSTANT",
                "checked_at": "INSTANT",
                "check": "ok"
              }
            ]
            exit 0
        "#]],
    );
    desk.check(
        &["account", "show", "ACME", "-o", "table"],
        &expect![[r#"
            name                acme
            host                127.0.0.1
            endpoint            http://ADDRESS/scim/1/111222333444555666/v2
            credential          token
            key                 file
            limits              call-time=30
            created_at          INSTANT
            checked_at          INSTANT
            check               ok
            exit 0
        "#]],
    );
    desk.check(
        &["account", "remove", "acme"],
        &expect![[r#"
        error: removing an account is asked about first, and there is no terminal to ask at
        hint: `--yes` does it
        exit 2
    "#]],
    );
    desk.check(
        &["account", "remove", "acme", "--yes"],
        &expect![[r#"
        warning: this forgets `acme` at http://ADDRESS/scim/1/111222333444555666/v2 and its token, for good
        note: `acme` is removed; the token is still valid at the vendor
        exit 0
    "#]],
    );
    desk.check(
        &["account", "check", "acme"],
        &expect![[r#"
        error: there is no account `acme`
        hint: `portcullis account list` tells those that there are
        exit 3
    "#]],
    );
    desk.check(
        &["account", "list", "-o", "table"],
        &expect![[r#"
        note: no account is kept; `portcullis account add` keeps one
        exit 0
    "#]],
    );
}

#[test]
fn an_account_is_named_once() {
    let desk = Desk::new(Company::small());
    desk.add("acme", &[]);
    let endpoint = desk.company.emulator.endpoint();
    // The flag is stronger than the variable of the other kind.
    let users = ["users", "list", "-o", "ndjson"];
    let lines = |command: &mut Command| String::from_utf8(output(command).stdout).unwrap().lines().count();
    assert_eq!(lines(desk.command(&users).env("PORTCULLIS_ACCOUNT", "acme")), 3);
    let flag = [&users[..], &["--account", "acme"]].concat();
    assert_eq!(lines(desk.command(&flag).env("PORTCULLIS_ENDPOINT", "https://a.example/")), 3);
    let flag = [&users[..], &["--endpoint", &endpoint]].concat();
    assert_eq!(lines(desk.command(&flag).env("PORTCULLIS_ACCOUNT", "x").env("PORTCULLIS_TOKEN", TOKEN)), 3);
    let both = tell(desk.command(&users).env("PORTCULLIS_ACCOUNT", "acme").env("PORTCULLIS_ENDPOINT", &endpoint));
    expect![[r#"
        error: PORTCULLIS_ENDPOINT and PORTCULLIS_ACCOUNT are both set
        hint: unset one of them, or give `--account` or `--endpoint`
        exit 2
    "#]]
    .assert_eq(&both);
    for other in [&["--endpoint", &endpoint][..], &["--token-env", "X"], &["--no-token"]] {
        let told = desk.tell(&[&users[..], &["--account", "acme"], other].concat());
        assert!(told.ends_with("exit 2\n"), "{told}");
    }
    let told = tell(desk.command(&[&users[..], &["--no-token"]].concat()).env("PORTCULLIS_ACCOUNT", "acme"));
    expect![[r#"
        error: an account that is kept has a token of its own
        hint: `portcullis account rotate` replaces it
        exit 2
    "#]]
    .assert_eq(&told);
}

#[test]
fn a_check_says_what_was_seen_what_is_likely_and_what_to_do() {
    let check = |fault: &str| {
        let desk = Desk::new(Company::with_faults(&[fault]));
        desk.add("acme", &[]);
        let told = desk.tell(&["account", "check", "acme", "-o", "table"]);
        let row = desk.tell(&["account", "list", "-o", "csv"]);
        told + row.lines().nth(1).unwrap_or_default().rsplit(',').next().unwrap_or_default() + "\n"
    };
    expect![[r#"
        likely: the token is not the one of this identity provider, or somebody generated another one since
        likely: the identity provider configuration was not saved after its token was generated
        likely: 127.0.0.1 is not the host of the tenant's cloud
        likely: the tenant manages its users in ZIdentity, where ZPA's own SCIM is probably not to be used; its page of identity providers is then hidden or read-only
        error: `acme` cannot be used: the vendor does not know the token; check that it belongs to this endpoint and that the IdP configuration was saved after it was made: scripted fault (HTTP status 401)
        hint: compare the endpoint with the SCIM Service Provider Endpoint of the configuration, then give the token that its other users have: `portcullis account rotate acme`
        exit 4
        unauthorized
    "#]].assert_eq(&check("status=401"));
    expect![[r#"
        likely: SCIM Sync is switched off in the identity provider configuration, or the configuration is disabled
        likely: the endpoint names another identity provider than the token belongs to
        likely: the tenant manages its users in ZIdentity, where ZPA's own SCIM is probably not to be used; its page of identity providers is then hidden or read-only
        error: `acme` cannot be used: the vendor forbids it; check that SCIM sync is on for this IdP, and that the tenant's users are not managed in ZIdentity, which has an API of its own: scripted fault (HTTP status 403)
        hint: look at the configuration in the ZPA Admin Portal: SCIM Sync is on, it is for users, and it is saved
        exit 4
        forbidden
    "#]].assert_eq(&check("status=403"));
    expect![[r#"
        likely: the path of the endpoint is wrong: it ends in `/scim/1/` and the id of the identity provider and `/v2`
        likely: the identity provider was removed
        likely: 127.0.0.1 is not the host of the tenant's cloud
        likely: the tenant manages its users in ZIdentity, where ZPA's own SCIM is probably not to be used; its page of identity providers is then hidden or read-only
        error: `acme` cannot be used: the vendor has no directory at this endpoint; check the IdP id in it, and that the tenant's users are not managed in ZIdentity, which has an API of its own (HTTP status 404)
        hint: copy the SCIM Service Provider Endpoint again, whole, and add the account anew
        exit 2
        not-found
    "#]].assert_eq(&check("status=404"));
    expect![[r#"
        likely: the vendor is out of order for the moment
        error: `acme` cannot be used: the vendor is out of order: scripted fault (HTTP status 503)
        hint: wait a while and check again; Zscaler shows outages at https://trust.zscaler.com
        exit 5
        unavailable
    "#]]
    .assert_eq(&check("status=503"));
    expect![[r#"
        likely: the endpoint is a page for people, or a proxy that answers in the vendor's place
        likely: the path of the endpoint is wrong
        error: `acme` cannot be used: the vendor's answer is not JSON: unexpected `<` at line 1 column 1
        hint: `portcullis vendor GET 'Users?count=1' --account acme` shows what is really answered
        exit 7
        protocol
    "#]]
    .assert_eq(&check("body=html"));
}

#[test]
fn a_check_is_a_document_for_scripts() {
    let desk = Desk::new(Company::with_faults(&["status=403"]));
    desk.add("acme", &[]);
    desk.check(&["account", "check", "acme"], &expect![[r#"
        {
          "name": "acme",
          "endpoint": "http://ADDRESS/scim/1/111222333444555666/v2",
          "outcome": "forbidden",
          "http_status": 403,
          "message": "the vendor forbids it; check that SCIM sync is on for this IdP, and that the tenant's users are not managed in ZIdentity, which has an API of its own: scripted fault (HTTP status 403)",
          "likely": [
            "SCIM Sync is switched off in the identity provider configuration, or the configuration is disabled",
            "the endpoint names another identity provider than the token belongs to",
            "the tenant manages its users in ZIdentity, where ZPA's own SCIM is probably not to be used; its page of identity providers is then hidden or read-only"
          ],
          "next": "look at the configuration in the ZPA Admin Portal: SCIM Sync is on, it is for users, and it is saved"
        }
        error: `acme` cannot be used: the vendor forbids it; check that SCIM sync is on for this IdP, and that the tenant's users are not managed in ZIdentity, which has an API of its own: scripted fault (HTTP status 403)
        hint: look at the configuration in the ZPA Admin Portal: SCIM Sync is on, it is for users, and it is saved
        exit 4
    "#]]);
}

#[test]
fn a_token_is_rotated_and_what_runs_next_sends_the_new_one() {
    let desk = Desk::new(Company::small());
    let endpoint = desk.company.emulator.endpoint();
    let add = ["account", "add", "acme", "--endpoint", &endpoint, "--token-env", "OLD"];
    assert_eq!(output(desk.command(&add).env("OLD", "an-old-t0ken")).status.code(), Some(0));
    assert!(desk.tell(&["users", "list", "--account", "acme"]).ends_with("exit 4\n"));
    let file = directory().join("token");
    fs::write(&file, format!("{TOKEN}\n")).unwrap();
    desk.check(&["account", "rotate", "acme", "--token-file", file.to_str().unwrap()], &expect![[r#"
        warning: use the token that is there: generating a new one at Zscaler very likely ends the old one, and with it the customer's own sync from Entra ID, Okta or another provider
        note: the token of `acme` is replaced
        note: `portcullis account check acme` tries it
        exit 0
    "#]]);
    assert!(desk.tell(&["users", "list", "--account", "acme"]).ends_with("exit 0\n"));
    desk.check(
        &["account", "rotate-key"],
        &expect![[r#"
            note: sealed anew: 1; the key is KEY, in the file
            exit 0
        "#]],
    );
    assert!(desk.tell(&["users", "list", "--account", "acme"]).ends_with("exit 0\n"));
}

#[cfg(unix)]
#[test]
fn a_program_may_print_the_token() {
    let desk = Desk::new(Company::small());
    let endpoint = desk.company.emulator.endpoint();
    let file = directory().join("token");
    fs::write(&file, format!("{TOKEN}\nmore\n")).unwrap();
    let file = file.to_str().unwrap();
    let add = |name: &str, words: &[&str]| {
        let begin = ["account", "add", name, "--endpoint", &endpoint, "--token-command"];
        desk.tell(&[&begin[..], words].concat())
    };
    assert!(add("acme", &["/bin/cat", file]).ends_with("exit 0\n"));
    assert!(desk.tell(&["users", "list", "--account", "acme"]).ends_with("exit 0\n"));
    assert!(!desk.tell(&["account", "show", "acme"]).contains("/bin/cat"));
    add("fails", &["/bin/cat", "/nowhere/token"]);
    desk.check(
        &["users", "list", "--account", "fails"],
        &expect![[r#"
        error: there is no credential: the token command failed: exit status: 1 (`credential`)
        hint: `portcullis account rotate` gives the account a token, or a command that prints one
        exit 4
    "#]],
    );
    add("silent", &["/bin/true"]);
    desk.check(&["users", "list", "--account", "silent"], &expect![[r#"
        error: there is no credential: the token command printed no token: the secret is shorter than 8 characters (`credential`)
        hint: `portcullis account rotate` gives the account a token, or a command that prints one
        exit 4
    "#]]);
    expect![[r#"
        warning: use the token that is there: generating a new one at Zscaler very likely ends the old one, and with it the customer's own sync from Entra ID, Okta or another provider
        error: `--token-command` names a program by less than its whole path
        hint: write it as `/usr/bin/…`, so that no other is run
        exit 2
    "#]].assert_eq(&add("relative", &["cat", file]));
    // The arguments of a command are sealed as a token is.
    let bytes = fs::read(desk.data.join("portcullis.db")).unwrap();
    assert!(!String::from_utf8_lossy(&bytes).contains(file));
}

#[test]
fn an_account_of_this_machine_may_have_no_token() {
    let desk = Desk::new(Company::small());
    let endpoint = desk.company.emulator.endpoint();
    assert!(desk.tell(&["account", "add", "open", "--endpoint", &endpoint, "--no-token"]).ends_with("exit 0\n"));
    assert!(desk.tell(&["users", "list", "--account", "open"]).ends_with("exit 4\n"));
    assert_eq!(desk.company.emulator.exchanges()[0].request_header("authorization"), None);
    let elsewhere = ["account", "add", "other", "--endpoint", "https://scim.example/v2", "--no-token"];
    desk.check(&elsewhere, &expect![[r#"
        warning: use the token that is there: generating a new one at Zscaler very likely ends the old one, and with it the customer's own sync from Entra ID, Okta or another provider
        error: `--no-token` is for servers on this machine
        hint: without it the token is asked for
        exit 2
    "#]]);
}

#[test]
fn what_is_wrong_with_an_account_is_said_before_it_is_kept() {
    let desk = Desk::new(Company::small());
    desk.check(
        &["account", "add", "a b", "--cloud", "beta", "--idp", "7"],
        &expect![[r#"
        error: a name is 1 to 64 letters, digits, `.`, `_` and `-`, and begins with a letter or a digit
        hint: `portcullis account --help` tells what it takes
        exit 2
    "#]],
    );
    desk.check(&["account", "add", "a", "--endpoint", "https://10.0.0.1/v2"], &expect![[r#"
        error: the endpoint `https://10.0.0.1/v2` is at an address that the operator has not allowed
        hint: an endpoint is an `https` URL, or an `http` one at a literal address of this machine, such as `http://127.0.0.1:8080/scim/1/2/v2`
        exit 2
    "#]]);
    desk.check(
        &["account", "add", "a", "--endpoint", "http://localhost:1/v2"],
        &expect![[r#"
        error: the endpoint names this machine, which is reached by its address only
        hint: write `127.0.0.1` or `[::1]` in place of the name
        exit 2
    "#]],
    );
    desk.check(&["account", "add", "a", "--cloud", "beta", "--idp", "7"], &expect![[r#"
        warning: use the token that is there: generating a new one at Zscaler very likely ends the old one, and with it the customer's own sync from Entra ID, Okta or another provider
        error: the token is asked for, and there is no terminal to ask at
        hint: `--token-stdin`, `--token-file FILE`, `--token-env VAR` or `--token-command PROGRAM` gives it
        exit 2
    "#]]);
    desk.check(&["account", "add", "a", "--cloud", "beta", "--idp", "../7"], &expect![[r#"
        error: invalid value '../7' for '--idp <ID>': an id of an identity provider is digits alone, such as 216196257331281920

        For more information, try '--help'.
        exit 2
    "#]]);
    let settings = directory().join("settings.json");
    fs::write(&settings, r#"{"quirks":{"sort-groups":"no"}}"#).unwrap();
    let told = desk.add("a", &["--settings", settings.to_str().unwrap()]);
    assert!(told.contains("the settings are wrong"), "{told}");
    assert!(desk.add("a", &["--limit", "calls=1"]).ends_with("exit 2\n"));
    // A token where a name belongs is repeated by nothing.
    assert!(desk.tell(&["account", "show", TOKEN]).ends_with("exit 2\n"));
    desk.add("a", &[]);
    expect![[r#"
        error: there is an account `A` already
        hint: choose another name, or `portcullis account rotate A` to replace its token
        exit 4
    "#]]
    .assert_eq(&desk.add("A", &[]));
    assert_eq!(desk.company.emulator.request_count(), 0);
}

#[test]
fn a_cloud_and_an_idp_are_an_endpoint() {
    let desk = Desk::new(Company::small());
    let add = ["account", "add", "acme", "--cloud", "production", "--idp", "216196257331281920", "--token-stdin"];
    expect![[r#"
        warning: use the token that is there: generating a new one at Zscaler very likely ends the old one, and with it the customer's own sync from Entra ID, Okta or another provider
        note: `acme` is kept, at https://scim1.private.zscaler.com/scim/1/216196257331281920/v2
        note: `portcullis account check acme` tries it
        exit 0
    "#]].assert_eq(&desk.blind(&tell_with(TOKEN, &mut desk.command(&add))));
    let short = "https://scim1.zpabeta.net/scim/1/216196257331281920";
    let add = ["account", "add", "beta", "--endpoint", short, "--token-stdin"];
    expect![[r#"
        note: `/v2` is added to the endpoint, which ZPA's end with
        warning: use the token that is there: generating a new one at Zscaler very likely ends the old one, and with it the customer's own sync from Entra ID, Okta or another provider
        note: `beta` is kept, at https://scim1.zpabeta.net/scim/1/216196257331281920/v2
        note: `portcullis account check beta` tries it
        exit 0
    "#]].assert_eq(&desk.blind(&tell_with(TOKEN, &mut desk.command(&add))));
}

#[test]
fn an_account_is_pinned_to_a_component() {
    let desk = Desk::new(Company::small());
    desk.add("acme", &["--pin-component"]);
    assert!(desk.tell(&["users", "list", "--account", "acme"]).ends_with("exit 0\n"));
    let other = directory().join("other.wasm");
    let mut bytes = b"\0asm\x0d\0\x01\0".to_vec();
    bytes.extend_from_slice(b"\0\x02\x01x");
    fs::write(&other, bytes).unwrap();
    let told = desk.tell(&["users", "list", "--account", "acme", "--component", other.to_str().unwrap()]);
    assert!(told.starts_with("error: the component is "), "{told}");
    let hint = "hint: `--component` names the right one; to trust this one, add the account again\nexit 4\n";
    assert!(told.ends_with(hint), "{told}");
}

#[test]
fn a_key_of_the_operators_is_in_the_environment_or_in_a_file() {
    let desk = Desk::new(Company::small());
    let (key, other) = ("a1".repeat(32), "b2".repeat(32));
    let endpoint = desk.company.emulator.endpoint();
    let add = ["account", "add", "acme", "--endpoint", &endpoint, "--token-env", "T"];
    let list = ["users", "list", "--account", "acme"];
    let code = |command: &mut Command| output(command).status.code();
    assert_eq!(code(desk.command(&add).env("T", TOKEN).env("PORTCULLIS_KEY", &key)), Some(0));
    assert!(!desk.data.join("key").exists());
    assert_eq!(code(desk.command(&list).env("PORTCULLIS_KEY", &key)), Some(0));
    let wrong = desk.blind(&tell(desk.command(&list).env("PORTCULLIS_KEY", &other)));
    expect![[r#"
        error: the credential of `acme` is sealed with the key KEY, which is not there
        hint: PORTCULLIS_KEY, PORTCULLIS_KEY_FILE or the file `key` beside the database has to hold that key; where it is lost, `PORTCULLIS_AUDIT=off portcullis account remove NAME` and `portcullis audit restart` make way for the account to be added again
        exit 1
    "#]].assert_eq(&wrong);
    let none = desk.tell(&list);
    assert!(none.starts_with("error: the key file `DATA/key` is gone"), "{none}");
    expect![[r#"
        error: PORTCULLIS_KEY does not hold keys: each is 64 hexadecimal digits
        hint: `portcullis account --help` tells what it takes
        exit 2
    "#]]
    .assert_eq(&tell(desk.command(&list).env("PORTCULLIS_KEY", "hunter22")));
    // The new one in front, and then alone.
    let both = format!("{other},{key}");
    let rotated = desk.blind(&tell(desk.command(&["account", "rotate-key"]).env("PORTCULLIS_KEY", &both)));
    expect![[r#"
        note: sealed anew: 1; the key is KEY
        note: the key KEY seals nothing any more and can be taken away
        exit 0
    "#]]
    .assert_eq(&rotated);
    assert_eq!(code(desk.command(&list).env("PORTCULLIS_KEY", &other)), Some(0));
    let file = directory().join("key");
    fs::write(&file, &other).unwrap();
    private(&file);
    assert_eq!(code(desk.command(&list).env("PORTCULLIS_KEY_FILE", &file)), Some(0));
}

fn private(path: &Path) {
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let _ = path;
}

#[cfg(unix)]
#[test]
fn what_others_can_read_is_refused_with_advice() {
    use std::os::unix::fs::PermissionsExt;

    let desk = Desk::new(Company::small());
    desk.add("acme", &[]);
    fs::set_permissions(desk.data.join("portcullis.db"), fs::Permissions::from_mode(0o644)).unwrap();
    desk.check(
        &["account", "list"],
        &expect![[r#"
        error: `DATA/portcullis.db` can be read or written by others (mode 644)
        hint: `chmod 600 DATA/portcullis.db` keeps others out; if somebody may have read it, rotate tokens and key
        exit 1
    "#]],
    );
    private(&desk.data.join("portcullis.db"));
    fs::set_permissions(desk.data.join("key"), fs::Permissions::from_mode(0o640)).unwrap();
    desk.check(
        &["users", "list", "--account", "acme"],
        &expect![[r#"
        error: `DATA/key` can be read or written by others (mode 640)
        hint: `chmod 600 DATA/key` keeps others out; if somebody may have read it, rotate tokens and key
        exit 1
    "#]],
    );
}

#[test]
fn a_database_that_is_damaged_is_said_to_be() {
    let desk = Desk::new(Company::small());
    desk.add("acme", &[]);
    let whole = fs::read(desk.data.join("portcullis.db")).unwrap();
    for length in [0, 77, 4096, whole.len() - 4096] {
        fs::write(desk.data.join("portcullis.db"), &whole[..length]).unwrap();
        let told = desk.tell(&["account", "list"]);
        assert!(told.starts_with("error: `DATA/portcullis.db` is damaged, or no database of this program: "), "{told}");
        assert!(told.ends_with("\nexit 1\n"), "{told}");
    }
}

#[test]
fn processes_that_begin_at_once_share_one_store() {
    let desk = Desk::new(Company::small());
    let endpoint = desk.company.emulator.endpoint();
    let names = ["a", "b", "c", "d"];
    let running = names.map(|name| {
        let add = ["account", "add", name, "--endpoint", &endpoint, "--token-env", "T"];
        desk.command(&add).env("T", TOKEN).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    });
    for mut running in running {
        assert!(running.wait().unwrap().success());
    }
    for name in names {
        assert!(desk.tell(&["users", "list", "--account", name]).ends_with("exit 0\n"));
    }
}

#[test]
fn no_file_that_is_left_holds_the_token() {
    let desk = Desk::new(Company::small());
    desk.add("acme", &[]);
    desk.tell(&["users", "list", "--account", "acme", "--all"]);
    desk.tell(&["account", "rotate-key"]);
    let mut files = 0;
    for entry in fs::read_dir(&desk.data).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        assert!(!String::from_utf8_lossy(&bytes).contains(TOKEN));
        files += 1;
    }
    // The database, the key and the audit log.
    assert_eq!(files, 3);
}

#[test]
fn every_command_that_takes_an_endpoint_takes_an_account() {
    let desk = Desk::new(Company::small());
    desk.add("acme", &[]);
    for arguments in [
        &["users", "list", "--all"][..],
        &["groups", "list"],
        &["vendor", "GET", "Users?count=1"],
        &["vendor", "probe", "--rate", "50", "--state", &desk.data.to_string_lossy()],
        &["users", "create", "--username", "mara.lind@acme.example"],
        &["users", "delete", "mara.lind@acme.example", "--yes"],
    ] {
        let told = desk.tell(&[arguments, &["--account", "acme"]].concat());
        assert!(told.ends_with("exit 0\n"), "{told}");
    }
}

#[test]
fn without_a_place_for_accounts_the_command_says_which_flag_makes_one() {
    expect![[r#"
        error: there is no directory to keep accounts in
        hint: give `--data-dir DIR` or export PORTCULLIS_DATA_DIR
        exit 2
    "#]]
    .assert_eq(&tell(&mut bare(&["account", "list"])));
    let home = directory();
    assert_eq!(output(bare(&["account", "list"]).env("HOME", &home)).status.code(), Some(0));
    assert!(home.join(".local/share/portcullis/portcullis.db").exists());
}
