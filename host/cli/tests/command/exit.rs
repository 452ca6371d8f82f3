//! How a command ends, one test an exit code.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use expect_test::expect;

use crate::run::{Company, bare, check_secrecy, directory, drain, output, tell};

#[test]
fn zero_is_success() {
    let company = Company::small();
    for arguments in
        [&["users", "list"][..], &["users", "list", "--all"], &["groups", "list"], &["--version"], &["--help"]]
    {
        company.print(arguments);
    }
}

#[test]
fn one_is_anything_else() {
    let company = Company::small();
    let file = directory().join("broken.wasm");
    std::fs::write(&file, b"\0asm\x0d\0\x01\0\xff").unwrap();
    company.check(&["users", "list", "--component", file.to_str().unwrap()], &expect![[r#"
        error: the component cannot be compiled: failed to parse WebAssembly module: malformed section id (at offset 0x8)
        hint: the component is at fault; ask whoever built it
        exit 1
    "#]]);
}

#[test]
fn two_is_a_wrong_flag_or_argument() {
    let company = Company::small();
    company.check(
        &["users", "list", "--limit", "0"],
        &expect![[r#"
        error: size `0` asks for nothing
        hint: `--limit` is the size of one page; `--all` reads every page
        exit 2
    "#]],
    );
    company.check(
        &["users", "list", "--limit", "101"],
        &expect![[r#"
        error: size `101` is above the vendor's largest page of 100
        hint: `--limit` is the size of one page; `--all` reads every page
        exit 2
    "#]],
    );
    company.check(
        &["users", "list", "--limit", "many"],
        &expect![[r#"
        error: invalid value 'many' for '--limit <N>': invalid digit found in string

        For more information, try '--help'.
        exit 2
    "#]],
    );
    company.check(&["users", "list", "--cursor", "mine"], &expect![[r#"
        error: the cursor is not one of this account, list and size
        hint: use a cursor with the endpoint, the command and the `--limit` that it came from, or start again without one
        exit 2
    "#]]);
    company.check(
        &["users", "list", "--all", "--cursor", "mine"],
        &expect![[r#"
            error: the argument '--all' cannot be used with '--cursor <C>'

            Usage: portcullis users list --all

            For more information, try '--help'.
            exit 2
        "#]],
    );
    company.check(
        &["users", "get", ""],
        &expect![[r#"
            error: invalid value '' for '<USER>': it names nobody

            For more information, try '--help'.
            exit 2
        "#]],
    );
    company.check(
        &["users", "list", "--component", "/nowhere/x.wasm"],
        &expect![[r#"
            error: the component cannot be read from `/nowhere/x.wasm`: No such file or directory
            hint: `--component` takes a WebAssembly component
            exit 2
        "#]],
    );
    expect![[r#"
        error: unrecognized subcommand 'user'

          tip: a similar subcommand exists: 'users'

        Usage: portcullis [OPTIONS] <COMMAND>

        For more information, try '--help'.
        exit 2
    "#]]
    .assert_eq(&tell(&mut bare(&["user", "list"])));
}

#[test]
fn three_is_not_found() {
    let company = Company::small();
    company.check(
        &["users", "get", "nope"],
        &expect![[r#"
            note: reading the list of users for the name `nope`
            error: no user has the id or username or name `nope`
            hint: `portcullis users list` and `find` tell which there are
            exit 3
        "#]],
    );
    company.check(
        &["groups", "members", "nope"],
        &expect![[r#"
            error: no group has the id or name `nope`
            hint: `portcullis groups list` and `find` tell which there are
            exit 3
        "#]],
    );
}

#[test]
fn four_is_refused_by_the_vendor() {
    Company::with_faults(&["status=401"]).check(&["users", "list"], &expect![[r#"
        error: the vendor does not know the token; check that it belongs to this endpoint and that the IdP configuration was saved after it was made: scripted fault (HTTP status 401)
        hint: check that `--token-env` or `--token-file` names the token of this endpoint; a new token may end the old one for everybody who uses it
        exit 4
    "#]]);
    Company::with_faults(&["status=403 body=management"]).check(&["users", "list"], &expect![[r#"
        error: the vendor forbids it; check that SCIM sync is on for this IdP, and that the tenant's users are not managed in ZIdentity, which has an API of its own: scripted fault (`request.failed`, HTTP status 403)
        hint: ask an administrator of the vendor's account
        exit 4
    "#]]);
    Company::with_faults(&["status=409 body=html"]).check(
        &["users", "list", "--all"],
        &expect![[r#"
            error: the vendor reports a conflict (HTTP status 409)
            hint: look at what is there, then decide
            exit 4
        "#]],
    );
    Company::with_faults(&["status=405 body=empty"]).check(
        &["groups", "list"],
        &expect![[r#"
        error: the vendor does not offer this (HTTP status 405)
        hint: `portcullis describe` tells what this connector can do, and which settings change it
        exit 4
    "#]],
    );
}

#[test]
fn five_is_unavailable() {
    Company::with_faults(&["status=429 retry-after=13s"]).check(
        &["users", "list"],
        &expect![[r#"
            error: the vendor asks for fewer requests: scripted fault (HTTP status 429)
            hint: repeat in 13 s, as the vendor asks
            exit 5
        "#]],
    );
    Company::with_faults(&["status=429"]).check(
        &["users", "list", "--all"],
        &expect![[r#"
            error: the vendor asks for fewer requests: scripted fault (HTTP status 429)
            hint: wait a while and repeat
            exit 5
        "#]],
    );
    Company::with_faults(&["status=503 body=empty"]).check(
        &["users", "list"],
        &expect![[r#"
            error: the vendor is out of order (HTTP status 503)
            hint: wait a while and repeat
            exit 5
        "#]],
    );
    Company::with_faults(&["truncate=half"]).check(
        &["users", "list"],
        &expect![[r#"
        error: the connection broke: error reading a body from connection (`connection`)
        hint: check that `--endpoint` is right and its server is up, then repeat
        exit 5
    "#]],
    );
    Company::with_faults(&["reset=after"]).check(
        &["users", "list"],
        &expect![[r#"
            error: the connection broke: Connection reset by peer (`connection`)
            hint: check that `--endpoint` is right and its server is up, then repeat
            exit 5
        "#]],
    );
}

#[test]
fn five_is_also_a_server_that_is_not_there() {
    // Bound and not listening, the port refuses connections and cannot become another test's.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let endpoint = format!("http://{}/v2", socket.local_addr().unwrap());
    let arguments = ["users", "list", "--endpoint", &endpoint, "--no-token"];
    expect![[r#"
        error: no connection: Connection refused (`connection`)
        hint: check that `--endpoint` is right and its server is up, then repeat
        exit 5
    "#]]
    .assert_eq(&tell(&mut bare(&arguments)));
}

#[test]
fn six_is_a_list_that_moved() {
    let moving = || Company::of(5, 2, &["remove-users=1 at=front nth=1"]);
    let arguments = ["users", "list", "--all", "--limit", "3"];
    let moved = moving().run(&arguments);
    let (document, rest) = moved.split_once("\n}\n").unwrap();
    expect![[r#"
        warning: the list of users moved while it was read, from 5 rows to 4, and then settled; rows: 5; absence proves nothing
        exit 6
    "#]].assert_eq(rest);
    let list: serde_json::Value = serde_json::from_str(&format!("{document}}}")).unwrap();
    assert_eq!((&list["is_partial_response"], &list["result_count"]), (&true.into(), &5.into()));
    moving().check(&["users", "list", "--all", "--limit", "3", "-o", "table"], &expect![[r#"
        ID                                    USERNAME                     NAME           STATUS  DEPARTMENT          GROUPS
        7fdcf65d-817c-4a9a-8fda-741b104115aa  oliver.conti@acme.example    Oliver Conti   active  Procurement         Ops
        313ccaa6-ef13-4b85-8b02-f39600e482ff  tanya+smith@acme.example     Smith, Tanya   active  IT, Infrastructure  Ops;Finance EU
        200014                                oliver.mueller@acme.example  Oliver Müller  active  Engineering
        fca6bff4-71a2-48ee-beb0-f7d42e00ba09  soren.ivanova@acme.example   Søren Ivanova  active  Procurement         Ops
        88edda2c-b07d-4619-b9ba-70f5626e1e55  mohammed.cohen@acme.example  Mohammed Cohen  active  Qualité
        warning: the list of users moved while it was read, from 5 rows to 4, and then settled; rows: 5; absence proves nothing
        exit 6
    "#]]);
}

#[test]
fn six_is_also_a_list_that_is_as_long_as_before() {
    let told = Company::of(150, 2, &["remove-users=1 nth=1", "add-users=1 nth=2"]).run(&["users", "list", "--all"]);
    let said: Vec<_> = told.lines().rev().take(2).collect();
    expect![[r#"
        exit 6
        warning: the list of users changed while it was read, though it has 150 rows again; rows: 151; absence proves nothing"#]].assert_eq(&said.join("\n"));
}

#[test]
fn seven_is_a_row_that_cannot_be_read() {
    let broken = || Company::with_faults(&["row=no-id at=2"]);
    broken().check(
        &["users", "list", "-o", "table"],
        &expect![[r#"
        ID                                    USERNAME                     NAME           STATUS  DEPARTMENT   GROUPS
        7fdcf65d-817c-4a9a-8fda-741b104115aa  oliver.conti@acme.example    Oliver Conti   active  Procurement  Ops
        200014                                oliver.mueller@acme.example  Oliver Müller  active  Engineering
        warning: user in place 2 of its page is unreadable: it has no `id`
        exit 7
    "#]],
    );
    broken().check(
        &["users", "list", "--all", "-o", "table"],
        &expect![[r#"
        ID                                    USERNAME                     NAME           STATUS  DEPARTMENT   GROUPS
        7fdcf65d-817c-4a9a-8fda-741b104115aa  oliver.conti@acme.example    Oliver Conti   active  Procurement  Ops
        200014                                oliver.mueller@acme.example  Oliver Müller  active  Engineering
        warning: user in place 2 of its page is unreadable: it has no `id`
        exit 7
    "#]],
    );
    let list = broken().run(&["users", "list"]);
    assert!(list.contains("\"is_partial_response\": true,\n  \"unreadable\": [\n"), "{list}");
}

#[test]
fn seven_is_a_walk_that_breaks_off() {
    let broken = || Company::of(5, 2, &["status=503 nth=2 every=1"]);
    broken().check(&["users", "list", "--all", "--limit", "2", "-o", "table"], &expect![[r#"
        ID                                    USERNAME                   NAME          STATUS  DEPARTMENT          GROUPS
        7fdcf65d-817c-4a9a-8fda-741b104115aa  oliver.conti@acme.example  Oliver Conti  active  Procurement         Ops
        313ccaa6-ef13-4b85-8b02-f39600e482ff  tanya+smith@acme.example   Smith, Tanya  active  IT, Infrastructure  Ops;Finance EU
        error: the vendor is out of order: scripted fault (HTTP status 503); rows read: 2, pages read: 1
        hint: what was read is a part of the list, and absence from it proves nothing; repeat it
        exit 7
    "#]]);
    // A document that is left unfinished is not taken for a whole list.
    let unfinished = broken().run(&["users", "list", "--all", "--limit", "2"]);
    let (document, _) = unfinished.split_once("error:").unwrap();
    assert!(serde_json::from_str::<serde_json::Value>(document).is_err());
}

#[test]
fn seven_is_an_answer_that_is_larger_than_the_sandbox_allows() {
    let told = Company::with_faults(&["pad=17000000"]).run(&["users", "list"]);
    expect![[r#"
        error: the call has received all of its 16777216 bytes (`limit`)
        hint: the sandbox allows no more; a smaller `--limit` brings smaller pages
        exit 7
    "#]]
    .assert_eq(&told);
}

#[cfg(target_os = "linux")]
#[test]
fn results_that_cannot_be_written_are_an_error_that_is_told() {
    let company = Company::with_faults(&[]);
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let output = output(company.command(&["users", "list"]).stdout(full));
    assert_eq!(output.status.code(), Some(1));
    expect![[r#"
        error: No space left on device (os error 28)
    "#]]
    .assert_eq(&String::from_utf8(output.stderr).unwrap());
}

#[test]
fn seven_is_an_answer_that_makes_no_sense() {
    Company::with_faults(&["body=html"]).check(
        &["users", "list"],
        &expect![[r#"
        error: the vendor's answer is not JSON: unexpected `<` at line 1 column 1
        hint: conclude nothing from it; `portcullis vendor GET …` shows what the vendor really answers
        exit 7
    "#]],
    );
    Company::with_faults(&["total=+2"]).check(&["users", "list", "--all", "-o", "table"], &expect![[r#"
        ID                                    USERNAME                     NAME           STATUS  DEPARTMENT          GROUPS
        7fdcf65d-817c-4a9a-8fda-741b104115aa  oliver.conti@acme.example    Oliver Conti   active  Procurement         Ops
        313ccaa6-ef13-4b85-8b02-f39600e482ff  tanya+smith@acme.example     Smith, Tanya   active  IT, Infrastructure  Ops;Finance EU
        200014                                oliver.mueller@acme.example  Oliver Müller  active  Engineering
        error: the vendor sent no rows from 4 on, though it counts 5; rows read: 3, pages read: 1
        hint: what was read is a part of the list, and absence from it proves nothing; repeat it
        exit 7
    "#]]);
    Company::with_faults(&["redirect=https://elsewhere.example/"]).check(
        &["users", "list"],
        &expect![[r#"
        error: the vendor redirects, which is not followed; check the endpoint (HTTP status 302)
        hint: conclude nothing from it; `portcullis vendor GET …` shows what the vendor really answers
        exit 7
    "#]],
    );
    Company::of(5, 2, &["start-index=ignore"])
        .check(&["users", "list", "--all", "--limit", "2", "-o", "table"], &expect![[r#"
            ID                                    USERNAME                   NAME          STATUS  DEPARTMENT          GROUPS
            7fdcf65d-817c-4a9a-8fda-741b104115aa  oliver.conti@acme.example  Oliver Conti  active  Procurement         Ops
            313ccaa6-ef13-4b85-8b02-f39600e482ff  tanya+smith@acme.example   Smith, Tanya  active  IT, Infrastructure  Ops;Finance EU
            error: asked for the rows from 3, the vendor answered with those from 1; rows read: 2, pages read: 1
            hint: what was read is a part of the list, and absence from it proves nothing; repeat it
            exit 7
        "#]]);
}

#[test]
fn a_reader_that_has_had_enough_is_no_error() {
    let company = Company::of(1000, 2, &[]);
    for format in ["json", "ndjson", "csv", "table"] {
        let mut command = company.command(&["users", "list", "--all", "-o", format]);
        check_first_line(&mut command);
    }
    check_first_line(&mut company.command(&["completions", "bash"]));
    check_first_line(&mut company.command(&["users", "list", "-o", "ndjson"]));
}

fn check_first_line(command: &mut Command) {
    let mut running: Child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::with_capacity(1, running.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.ends_with('\n'));
    check_secrecy(line.as_bytes());
    let said = drain(&mut running.stderr.take().unwrap());
    let said: Vec<_> = said.lines().filter(|line| !line.starts_with("note:")).collect();
    assert_eq!(said, [""; 0]);
    assert_eq!(running.wait().unwrap().code(), Some(0));
}
