//! `vendor`.

use std::io::Write;
use std::process::Stdio;

use expect_test::expect;

use crate::run::{Company, directory, output};

#[test]
fn the_answer_is_printed_as_it_came() {
    let company = Company::small();
    let printed = company.print(&["vendor", "get", "Users?count=1"]);
    let exchanges = company.emulator.exchanges();
    assert_eq!(printed.as_bytes(), exchanges[0].response_body);
    assert_eq!(exchanges[0].target, "/scim/1/111222333444555666/v2/Users?count=1");
}

#[test]
fn a_query_may_be_typed_with_or_without_encoding() {
    let company = Company::small();
    let username = &company.emulator.users()[0].user_name;
    for filter in [format!("userName eq \"{username}\""), format!("userName%20eq%20%22{username}%22")] {
        let printed = company.print(&["vendor", "GET", &format!("Users?filter={filter}&count=5")]);
        let list: serde_json::Value = serde_json::from_str(&printed).unwrap();
        assert_eq!(list["totalResults"], 1);
    }
}

#[test]
fn status_and_headers_are_printed_on_request() {
    let company = Company::small();
    company.check(
        &["vendor", "GET", "Users?count=0", "-i"],
        &expect![[r#"
            HTTP 200
            content-type: application/scim+json
            date: DATE

            {"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"startIndex":1,"totalResults":3,"itemsPerPage":0}exit 0
        "#]],
    );
    company.check(&["vendor", "GET", "Users/nope", "--include"], &expect![[r#"
        HTTP 404
        content-type: application/scim+json
        date: DATE

        {"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"404","detail":"no resource has id `nope`"}error: the vendor answered with HTTP status 404
        exit 3
    "#]]);
}

#[test]
fn a_refusal_sets_the_exit_code() {
    let company = Company::small();
    company.check(&["vendor", "GET", "Users/nope"], &expect![[r#"
        {"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"404","detail":"no resource has id `nope`"}error: the vendor answered with HTTP status 404
        exit 3
    "#]]);
    company.check(&["vendor", "GET", "Users?startIndex=x"], &expect![[r#"
        {"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"400","scimType":"invalidValue","detail":"startIndex `x` is not an integer"}error: the vendor answered with HTTP status 400
        exit 2
    "#]]);
}

#[test]
fn what_may_change_something_is_sent_only_when_that_is_meant() {
    let company = Company::small();
    let patch = ["vendor", "PATCH", "Users/1", "--data", "{\"a\":1}", "--header", "Prefer: return=minimal"];
    company.check(
        &patch,
        &expect![[r#"
        error: `PATCH` may change something at the vendor, so nothing was sent
        hint: `--yes` sends it: PATCH Users/1 with a body of 7 bytes
        exit 2
    "#]],
    );
    assert_eq!(company.emulator.request_count(), 0);
    company.run(&[&patch[..], &["--yes"]].concat());
    let exchange = &company.emulator.exchanges()[0];
    assert_eq!(exchange.method, "PATCH");
    assert_eq!(exchange.request_body, "{\"a\":1}");
    assert_eq!(exchange.request_header("prefer"), Some("return=minimal"));
    assert_eq!(exchange.request_header("content-type"), Some("application/scim+json"));
}

#[test]
fn a_user_is_made_changed_and_deleted_by_the_vendors_own_api() {
    let company = Company::small();
    let user = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"mara.lind@acme.example","title":"Analyst"}"#;
    let made: serde_json::Value =
        serde_json::from_str(&company.print(&["vendor", "POST", "Users", "--yes", "--data", user])).unwrap();
    let made = company.emulator.directory().user(made["id"].as_str().unwrap()).unwrap();
    assert_eq!((&*made.user_name, made.title.as_deref()), ("mara.lind@acme.example", Some("Analyst")));
    let patch = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"title","value":"Boss"}]}"#;
    let target = format!("Users/{}", made.id);
    company.print(&["vendor", "PATCH", &target, "--yes", "--data", patch]);
    assert_eq!(company.emulator.directory().user(&made.id).unwrap().title.as_deref(), Some("Boss"));
    assert_eq!(company.print(&["vendor", "DELETE", &target, "--yes"]), "");
    assert_eq!(company.emulator.directory().user(&made.id), None);
    let taken = user.replace("mara.lind@acme.example", &company.emulator.users()[0].user_name);
    company.check(&["vendor", "POST", "Users", "--yes", "--data", &taken], &expect![[r#"
        {"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"409","scimType":"uniqueness","detail":"user name `oliver.conti@acme.example` is taken"}error: the vendor answered with HTTP status 409
        exit 4
    "#]]);
}

#[test]
fn a_body_comes_from_a_file_or_from_standard_input() {
    let company = Company::small();
    let file = directory().join("body.json");
    std::fs::write(&file, "{\"from\":\"a file\"}").unwrap();
    company.run(&["vendor", "PUT", "Users/1", "--yes", "--file", file.to_str().unwrap()]);
    let mut command = company.command(&["vendor", "PUT", "Users/1", "--yes", "-f", "-"]);
    let mut running = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    running.stdin.take().unwrap().write_all(b"{\"from\":\"a pipe\"}").unwrap();
    running.wait().unwrap();
    let exchanges = company.emulator.exchanges();
    let bodies: Vec<_> = exchanges.iter().map(|exchange| &exchange.request_body[..]).collect();
    assert_eq!(bodies, [&b"{\"from\":\"a file\"}"[..], b"{\"from\":\"a pipe\"}"]);
}

#[test]
fn nothing_goes_anywhere_but_to_the_account() {
    let company = Company::small();
    for target in ["http://127.0.0.1:1/x", "//127.0.0.1:1/x", "//Users", "../Users", "Users/%2e%2e/%2e%2e/x"] {
        let output = output(&mut company.command(&["vendor", "GET", target]));
        assert_eq!(output.status.code(), Some(2), "{target}");
    }
    company.check(
        &["vendor", "GET", "Users", "--header", "Authorization: Bearer other"],
        &expect![[r#"
        error: header `Authorization` is the host's to set
        hint: mend the argument that the message names; `--help` tells what it takes
        exit 2
    "#]],
    );
    assert_eq!(company.emulator.request_count(), 0);
}

#[test]
fn a_header_that_the_sandbox_does_not_know_is_refused() {
    let company = Company::small();
    company.check(
        &["vendor", "GET", "Users", "--header", "X-Other: 1"],
        &expect![[r#"
        error: the request sets the header `x-other`, which is not allowed (`denied`)
        hint: the sandbox lets everyday headers through, such as `accept`, `content-type` and `if-match`
        exit 4
    "#]],
    );
    assert_eq!(company.emulator.request_count(), 0);
}

#[test]
fn a_dry_run_sends_nothing_and_shows_what_it_would_send() {
    let company = Company::small();
    let body = r#"{"b": 1.10, "a": ["x"]}"#;
    let post = ["vendor", "POST", "Groups?x=a b", "--data", body, "--dry-run"];
    company.check(
        &post,
        &expect![[r#"
        would send: POST Groups?x=a%20b
        {
          "b": 1.10,
          "a": [
            "x"
          ]
        }
        exit 0
    "#]],
    );
    company.check(
        &[&post[..], &["--output", "json"]].concat(),
        &expect![[r#"
        [
          {
            "method": "POST",
            "path": "Groups?x=a%20b",
            "headers": [
              [
                "content-type",
                "application/scim+json"
              ]
            ],
            "body": {"b": 1.10, "a": ["x"]}
          }
        ]
        exit 0
    "#]],
    );
    company.check(
        &["vendor", "DELETE", "Groups/7", "--dry-run", "-o", "ndjson"],
        &expect![[r#"
        {"method":"DELETE","path":"Groups/7","headers":[]}
        exit 0
    "#]],
    );
    company.check(
        &["vendor", "PUT", "Groups/7", "--data", "no JSON\u{1b}[2J", "--dry-run"],
        &expect![[r#"
        would send: PUT Groups/7
        "no JSON\u001b[2J"
        exit 0
    "#]],
    );
    assert_eq!(company.emulator.request_count(), 0);
    let read = company.print(&["vendor", "GET", "Users?count=1", "--dry-run"]);
    assert_eq!(read.as_bytes(), company.emulator.exchanges()[0].response_body);
}

#[test]
fn standard_input_is_read_once() {
    let company = Company::small();
    company.check(
        &["vendor", "PUT", "Users/1", "--yes", "--file", "-", "--token-file", "-"],
        &expect![[r#"
        error: standard input is asked for twice
        hint: give one of them a file of its own
        exit 2
    "#]],
    );
    assert_eq!(company.emulator.request_count(), 0);
}
