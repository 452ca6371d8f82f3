//! The component in hosts that nobody here wrote, each running its program in `hosts/` by the commands of the README
//! there, as a platform's engineer would.
//!
//! All must answer what this project's own runtime answers, from the same server, in as many requests.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "the helpers of tests end them in the same ways"
)]

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, SystemTime};

use expect_test::{Expect, expect};
use portcullis_directory::rpc::Request;
use portcullis_directory::{Directory as _, PageQuery, ReadOptions};
use portcullis_emulator::{Auth, Emulator, Options};
use portcullis_runtime::AccountDirectory;
use portcullis_tests::TOKEN;
use portcullis_tests::proxy::{Proxy, built};
use serde_json::{Map, Value, json};
use tokio::process::Command;
use tokio::time::timeout;

#[tokio::test]
async fn node_reads_the_directory_as_the_runtime_does() {
    let emulator = start().await;
    let account = At::vendor(&emulator);
    let output = run("Node", &account).await;

    check(&emulator, &account, &output, &expect![[r#"
        {
          "error": {
            "effect": "none",
            "httpStatus": 404,
            "kind": "not-found",
            "message": "there is no user with the id `nobody`"
          },
          "user": {
            "costCenter": "CC-65",
            "createdAt": "2023-09-05T09:50:39Z",
            "department": "Procurement",
            "division": "EMEA",
            "emails": [
              {
                "email": "oliver.conti@acme.example"
              }
            ],
            "externalId": "00u93fbc4930",
            "extras": [],
            "firstName": "Oliver",
            "groups": [
              {
                "id": "bf3fb73c-bda3-4686-8889-0d5b4ac42fb5",
                "name": "Ops"
              }
            ],
            "id": "7fdcf65d-817c-4a9a-8fda-741b104115aa",
            "lastName": "Conti",
            "name": "Oliver Conti",
            "organization": "Acme Deutschland GmbH & Co. KG",
            "remoteData": "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\",\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User\"],\"id\":\"7fdcf65d-817c-4a9a-8fda-741b104115aa\",\"externalId\":\"00u93fbc4930\",\"userName\":\"oliver.conti@acme.example\",\"name\":{\"formatted\":\"Oliver Conti\",\"givenName\":\"Oliver\",\"familyName\":\"Conti\"},\"displayName\":\"Oliver Conti\",\"title\":\"Manager\",\"userType\":\"Contractor\",\"emails\":[{\"value\":\"oliver.conti@acme.example\"}],\"active\":true,\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User\":{\"costCenter\":\"CC-65\",\"department\":\"Procurement\",\"division\":\"EMEA\",\"organization\":\"Acme Deutschland GmbH & Co. KG\"},\"groups\":[{\"display\":\"Ops\",\"value\":\"bf3fb73c-bda3-4686-8889-0d5b4ac42fb5\",\"$ref\":\"https://scim.private.zscaler.com/scim/1/111222333444555666/v2/Groups/bf3fb73c-bda3-4686-8889-0d5b4ac42fb5\"}],\"meta\":{\"created\":\"2023-09-05T09:50:39Z\",\"lastModified\":\"2025-09-25T18:15:07Z\",\"location\":\"https://scim.private.zscaler.com/scim/1/111222333444555666/v2/Users/7fdcf65d-817c-4a9a-8fda-741b104115aa\",\"resourceType\":\"User\"}}",
            "status": "active",
            "title": "Manager",
            "updatedAt": "2025-09-25T18:15:07Z",
            "userType": "Contractor",
            "username": "oliver.conti@acme.example"
          }
        }
    "#]]).await;
}

#[tokio::test]
async fn python_reads_the_directory_as_the_runtime_does() {
    let emulator = start().await;
    let proxy = Proxy::start(&emulator);
    let account = At::proxy(&proxy);
    let output = run("Python", &account).await;

    check(&emulator, &account, &output, &expect![[r#"
        {
          "error": {
            "code": null,
            "effect": "none",
            "field": null,
            "http-status": 404,
            "kind": "not-found",
            "message": "there is no user with the id `nobody`",
            "retry-after-ms": null
          },
          "user": {
            "cost-center": "CC-65",
            "created-at": "2023-09-05T09:50:39Z",
            "department": "Procurement",
            "division": "EMEA",
            "emails": [
              {
                "email": "oliver.conti@acme.example",
                "is-primary": null,
                "type": null
              }
            ],
            "external-id": "00u93fbc4930",
            "extras": [],
            "first-name": "Oliver",
            "groups": [
              {
                "id": "bf3fb73c-bda3-4686-8889-0d5b4ac42fb5",
                "name": "Ops"
              }
            ],
            "id": "7fdcf65d-817c-4a9a-8fda-741b104115aa",
            "last-name": "Conti",
            "name": "Oliver Conti",
            "nick-name": null,
            "organization": "Acme Deutschland GmbH & Co. KG",
            "remote-data": "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\",\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User\"],\"id\":\"7fdcf65d-817c-4a9a-8fda-741b104115aa\",\"externalId\":\"00u93fbc4930\",\"userName\":\"oliver.conti@acme.example\",\"name\":{\"formatted\":\"Oliver Conti\",\"givenName\":\"Oliver\",\"familyName\":\"Conti\"},\"displayName\":\"Oliver Conti\",\"title\":\"Manager\",\"userType\":\"Contractor\",\"emails\":[{\"value\":\"oliver.conti@acme.example\"}],\"active\":true,\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User\":{\"costCenter\":\"CC-65\",\"department\":\"Procurement\",\"division\":\"EMEA\",\"organization\":\"Acme Deutschland GmbH & Co. KG\"},\"groups\":[{\"display\":\"Ops\",\"value\":\"bf3fb73c-bda3-4686-8889-0d5b4ac42fb5\",\"$ref\":\"https://scim.private.zscaler.com/scim/1/111222333444555666/v2/Groups/bf3fb73c-bda3-4686-8889-0d5b4ac42fb5\"}],\"meta\":{\"created\":\"2023-09-05T09:50:39Z\",\"lastModified\":\"2025-09-25T18:15:07Z\",\"location\":\"https://scim.private.zscaler.com/scim/1/111222333444555666/v2/Users/7fdcf65d-817c-4a9a-8fda-741b104115aa\",\"resourceType\":\"User\"}}",
            "status": "active",
            "title": "Manager",
            "updated-at": "2025-09-25T18:15:07Z",
            "user-type": "Contractor",
            "username": "oliver.conti@acme.example"
          }
        }
    "#]]).await;
}

#[tokio::test]
async fn wasmtime_run_calls_the_component_by_hand() {
    let emulator = start().await;
    let proxy = Proxy::start(&emulator);
    let account = At::proxy(&proxy);
    let query = PageQuery { size: Some(1), ..PageQuery::default() };
    let cursor = account.directory().await.list_users(query).await.unwrap().next_cursor.unwrap();
    let output = run("wasmtime", &account).await;

    // The page here and the one there, the user who is not there, and the one who was made and then read back.
    assert_eq!((emulator.request_count(), emulator.directory().user_count()), (5, 4));
    let answers: String = output.split_inclusive('\n').filter(|line| line.contains('(')).collect();
    expect![[r#"
        ok({items: [{id: "7fdcf65d-817c-4a9a-8fda-741b104115aa", external-id: some("00u93fbc4930"), username: some("oliver.conti@acme.example"), name: some("Oliver Conti"), first-name: some("Oliver"), last-name: some("Conti"), title: some("Manager"), user-type: some("Contractor"), status: some("active"), emails: [{email: "oliver.conti@acme.example"}], groups: [{id: "bf3fb73c-bda3-4686-8889-0d5b4ac42fb5", name: some("Ops")}], department: some("Procurement"), cost-center: some("CC-65"), division: some("EMEA"), organization: some("Acme Deutschland GmbH & Co. KG"), created-at: some("2023-09-05T09:50:39Z"), updated-at: some("2025-09-25T18:15:07Z"), extras: []}], unreadable: [], next-cursor: some("CURSOR"), total: some(3)})
        err({kind: not-found, message: "there is no user with the id `nobody`", http-status: some(404), effect: %none})
        ok({id: "7682dacc-e083-422c-b5fa-9f71e2c590bc", username: some("joiner@acme.example"), status: some("active"), emails: [], groups: [], created-at: some("2026-05-28T20:26:40Z"), updated-at: some("2026-05-28T20:26:40Z"), extras: []})
    "#]].assert_eq(&answers.replace(&cursor, "CURSOR"));
}

#[tokio::test]
async fn java_gets_the_responses_of_the_worker() {
    let emulator = start().await;
    let account = At::vendor(&emulator);
    let output = run("Java", &account).await;
    assert_eq!(emulator.request_count(), 7);
    let mut responses: Vec<Value> = output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();

    let directory = account.directory().await;
    let next = responses[0]["result"]["next_cursor"].clone();
    for (place, method, params) in [
        (0, "list-users", json!({"size": 2, "remote_data": true})),
        (1, "list-users", json!({"size": 2, "remote_data": true, "cursor": next})),
        (2, "get-user", json!({"id": "nobody"})),
        (6, "describe", json!({})),
    ] {
        let response = Request::single(method, &params.to_string()).unwrap().call(&directory).await;
        let mut expected: Value = serde_json::from_str(&response.to_string()).unwrap();
        expected["id"] = json!(place + 1);
        assert_eq!(responses[place], expected);
    }
    for response in &mut responses[3..5] {
        let user = response["result"].as_object_mut().unwrap();
        user.retain(|name, _| !["id", "created_at", "updated_at"].contains(&name.as_str()));
    }
    let joiner = json!({"username": "joiner@acme.example", "status": "active", "emails": [], "groups": []});
    let mut promoted = joiner.clone();
    promoted["title"] = json!("Analyst");
    assert_eq!([&responses[3]["result"], &responses[4]["result"]], [&joiner, &promoted]);
    assert_eq!(responses[5], json!({"jsonrpc": "2.0", "id": 6, "result": null}));
    assert_eq!(responses.len(), 7);
}

#[tokio::test]
async fn the_manifests_have_the_fields_that_spin_and_wasmcloud_read() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let check = Command::new(tests.join(".venv/bin/python")).arg(tests.join("hosts/manifests.py")).output();
    let output = check.await.expect("the virtual environment is missing; see the README");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

async fn start() -> Emulator {
    // What is made has the same time in every run.
    let clock = || SystemTime::UNIX_EPOCH + Duration::from_secs(1_780_000_000);
    let auth = Auth::Token(TOKEN.to_owned());
    Emulator::start(Options { users: 3, groups: 2, auth, clock, ..Options::default() }).await.unwrap()
}

/// The first user and the error as the host shows them, then everything as the runtime has it.
async fn check(emulator: &Emulator, account: &At, output: &str, shown: &Expect) {
    // Two pages and one user; a creation, a change that is read back, and a deletion. A description costs nothing.
    assert_eq!(emulator.request_count(), 7);
    let last = output.lines().last().expect("the program prints nothing");
    let mut output: Value = serde_json::from_str(last).unwrap();
    let written = output.as_object_mut().unwrap().remove("written");
    assert_eq!(written, Some(json!(["joiner@acme.example", "Analyst"])));
    let user = json!({ "user": output["pages"][0]["items"][0], "error": output["error"] });
    shown.assert_eq(&format!("{user:#}\n"));
    assert_eq!(unified(output), expected(account).await);
}

/// What this project's runtime answers to the same calls.
async fn expected(account: &At) -> Value {
    let directory = account.directory().await;
    let mut pages = Vec::new();
    let mut query = PageQuery { size: Some(2), options: ReadOptions { remote_data: true }, cursor: None };
    loop {
        let page = directory.list_users(query.clone()).await.unwrap();
        query.cursor.clone_from(&page.next_cursor);
        pages.push(without_nulls(json!({
            "items": page.items,
            "unreadable": page.unreadable,
            "next_cursor": page.next_cursor,
            "prev_cursor": page.prev_cursor,
            "total": page.total,
        })));
        if query.cursor.is_none() {
            break;
        }
    }
    let error = directory.get_user("nobody", ReadOptions::default()).await.unwrap_err();
    json!({ "description": directory.describe().await.unwrap(), "pages": pages, "error": error })
}

/// What a host shows, in the one JSON form of the unified directory: snake_case names, absent fields left out, and what
/// the contract carries as JSON text as JSON.
fn unified(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.into_iter().filter(|(_, value)| !value.is_null());
            let members = members.map(|(name, value)| member(&snake_case(&name), value));
            members.filter(|member| *member != ("extras".to_owned(), json!({}))).collect::<Map<_, _>>().into()
        }
        Value::Array(items) => items.into_iter().map(unified).collect(),
        value => value,
    }
}

fn member(name: &str, value: Value) -> (String, Value) {
    let value = match (name, value) {
        ("remote_data" | "settings_schema", Value::String(text)) => serde_json::from_str(&text).unwrap(),
        ("extras", Value::Array(pairs)) => {
            let pair = |pair: &Value| {
                let (name, text) = (pair[0].as_str().unwrap(), pair[1].as_str().unwrap());
                (name.to_owned(), serde_json::from_str(text).unwrap())
            };
            pairs.iter().map(pair).collect::<Map<_, _>>().into()
        }
        // Python has a set of the flags that are on, Node an object of all.
        ("abilities", Value::Array(on)) => {
            let all = ["readable", "writable", "clearable", "findable"];
            all.map(|flag| (flag.to_owned(), on.contains(&json!(flag)).into()))
                .into_iter()
                .collect::<Map<_, _>>()
                .into()
        }
        (_, value) => unified(value),
    };
    (name.to_owned(), value)
}

/// `first-name` and `firstName` as `first_name`.
fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for character in name.chars() {
        match character {
            '-' => snake.push('_'),
            'A'..='Z' => snake.extend(['_', character.to_ascii_lowercase()]),
            _ => snake.push(character),
        }
    }
    snake
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            members.into_iter().filter(|(_, value)| !value.is_null()).collect::<Map<_, _>>().into()
        }
        value => value,
    }
}

/// An account, at the vendor with its token or at the proxy without.
struct At {
    endpoint: String,
    token: Option<&'static str>,
}

impl At {
    fn vendor(vendor: &Emulator) -> At {
        At { endpoint: vendor.endpoint(), token: Some(TOKEN) }
    }

    fn proxy(proxy: &Proxy) -> At {
        At { endpoint: proxy.endpoint().to_owned(), token: None }
    }

    async fn directory(&self) -> AccountDirectory {
        portcullis_tests::directory(&self.endpoint, self.token).await
    }
}

/// What the commands of a section of `hosts/README.md` print. They fail, or take too long, at the cost of the test; no
/// child outlives it.
async fn run(section: &str, account: &At) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let readme = fs::read_to_string(root.join("tests/hosts/README.md")).unwrap();
    let (_, section) = readme.split_once(&format!("\n## {section}\n")).expect("the section is missing");
    let commands = section.split_once("\n```sh\n").unwrap().1.split_once("\n```\n").unwrap().0;

    let first = [built(), root.join("tests/.venv/bin")].into_iter();
    let path = std::env::join_paths(first.chain(std::env::split_paths(&std::env::var("PATH").unwrap())));
    let mut shell = Command::new("bash");
    shell.args(["-euo", "pipefail", "-c", commands]).current_dir(root).stdin(Stdio::null()).kill_on_drop(true);
    shell.env("PATH", path.unwrap()).env("PORTCULLIS_ENDPOINT", &account.endpoint).env_remove("PORTCULLIS_TOKEN");
    shell.env("PORTCULLIS_KEYRING", "off");
    shell.envs(account.token.map(|token| ("PORTCULLIS_TOKEN", token)));

    let output = timeout(Duration::from_mins(5), shell.output()).await.expect("the commands do not end");
    let output = output.expect("there is no `bash`");
    let (out, told) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "`{commands}` ended with {}: {out}{told}", output.status);
    out
}
