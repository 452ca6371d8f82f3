//! The component in hosts that nobody here wrote: Node by way of jco, and Python by way of wasmtime-py, each running the
//! program in `hosts/` as a platform's engineer would.
//!
//! Both must answer what this project's own runtime answers, from the same server, in as many requests.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "the helpers of tests end them in the same ways"
)]

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use expect_test::{Expect, expect};
use portcullis_directory::{Directory as _, PageQuery, ReadOptions};
use portcullis_emulator::{Auth, Emulator, Options};
use portcullis_runtime::{Account, Pace, StaticToken};
use portcullis_tests::{TOKEN, connector};
use serde_json::{Map, Value, json};
use tokio::process::Command;
use tokio::time::timeout;

#[tokio::test]
async fn node_reads_the_directory_as_the_runtime_does() {
    let host = folder("hosts/node");
    let make = "npm install --no-save --prefix tests/hosts/node";
    assert!(host.join("node_modules").is_dir(), "the packages for Node are missing; run `{make}`");
    let (emulator, component) = start("node").await;

    run(Command::new("npm").args(["run", "--silent", "transpile", "--"]).arg(component).current_dir(&host)).await;
    let output = run(Command::new("node").arg(host.join("directory.mjs")).arg(emulator.endpoint())).await;

    check(&emulator, &output, &expect![[r#"
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
    let python = folder(".venv/bin/python");
    let make = "python3 -m venv tests/.venv && tests/.venv/bin/pip install -r tests/hosts/python/requirements.txt -r \
                tests/servers/requirements.txt";
    assert!(python.is_file(), "the virtual environment is missing; run `{make}`");
    let (emulator, component) = start("python").await;

    let program = folder("hosts/python/directory.py");
    let output = run(Command::new(python).arg(program).arg(component).arg(emulator.endpoint())).await;

    check(&emulator, &output, &expect![[r#"
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

/// A server that asks nobody for a credential, since these hosts add none, and the component as a file.
async fn start(host: &str) -> (Emulator, PathBuf) {
    let options = Options { users: 3, groups: 2, auth: Auth::None, ..Options::default() };
    let emulator = Emulator::start(options).await.unwrap();
    let component = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{host}.component.wasm"));
    std::fs::write(&component, portcullis_connectors::ZPA).unwrap();
    (emulator, component)
}

/// The first user and the error as the host shows them, then everything as the runtime has it.
async fn check(emulator: &Emulator, output: &str, shown: &Expect) {
    // Two pages and one user; a creation, a change that is read back, and a deletion. A description costs nothing.
    assert_eq!(emulator.request_count(), 7);
    let mut output: Value = serde_json::from_str(output).unwrap();
    let written = output.as_object_mut().unwrap().remove("written");
    assert_eq!(written, Some(json!(["joiner@acme.example", "Analyst"])));
    let user = json!({ "user": output["pages"][0]["items"][0], "error": output["error"] });
    shown.assert_eq(&format!("{user:#}\n"));
    assert_eq!(unified(output), expected(emulator.endpoint()).await);
}

/// What this project's runtime answers to the same calls.
async fn expected(endpoint: String) -> Value {
    let account = Account::new(endpoint).unwrap().with_pace(Pace::unlimited());
    let directory = connector().await.directory(account, StaticToken::new(TOKEN).unwrap()).unwrap();

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

/// What a program prints. It fails, or takes too long, at the cost of the test; no child outlives it.
async fn run(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output();
    let output = timeout(Duration::from_mins(2), output).await.expect("the program does not end");
    let output = output.expect("the program does not start");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} ended with {}: {told}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}
