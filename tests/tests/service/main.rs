//! The connector as an HTTP service, one composed component, in hosts that serve such components: `wasmtime serve`, jco,
//! and a server on wasmtime's own `wasi:http` that is all of `serve.rs`.
//!
//! Every host must answer what `portcullis call` answers, from the same vendor. None of them has the token in its
//! environment: the vendor asks for it, and something outside the component adds it.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "functions of tests fail by panic"
)]

mod jco;
mod serve;
mod wasmtime;

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use portcullis_connectors::ZPA_SERVICE;
use portcullis_directory::rpc;
use portcullis_emulator::{Auth, Emulator, Options};
use portcullis_runtime::AccountDirectory;
use portcullis_tests::TOKEN;
use serde_json::{Value, json};
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};
use tokio::time::timeout;
use wit_component::DecodedWasm;

const KEY: &str = "a-key-of-this-service";

/// The variables that a serving host gives.
fn environment(endpoint: &str) -> [(&'static str, String); 2] {
    [("PORTCULLIS_ENDPOINT", endpoint.to_owned()), ("PORTCULLIS_SERVICE_KEY", KEY.to_owned())]
}

async fn vendor() -> Emulator {
    let auth = Auth::Token(TOKEN.to_owned());
    Emulator::start(Options { users: 3, groups: 2, auth, ..Options::default() }).await.unwrap()
}

/// The service as a file for this host.
fn component(host: &str) -> PathBuf {
    let component = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{host}.service.wasm"));
    std::fs::write(&component, ZPA_SERVICE).unwrap();
    component
}

/// A command that serves, and ends with this.
struct Serving {
    _process: Child,
    /// Kept open, for it may go on to say something.
    _ends: (Lines<BufReader<ChildStdout>>, Lines<BufReader<ChildStderr>>),
    /// The line in which it said that it is up.
    said: String,
}

impl Serving {
    /// Starts it and waits for what it says when it is up.
    async fn start(mut command: Command, mark: &str) -> Serving {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut process = command.spawn().unwrap();
        let mut out = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut err = BufReader::new(process.stderr.take().unwrap()).lines();
        let said = async {
            tokio::select! { said = line(&mut out, mark) => said, said = line(&mut err, mark) => said }
        };
        let said = timeout(Duration::from_mins(1), said).await.expect("the server does not come up");
        Serving { _process: process, _ends: (out, err), said }
    }
}

/// The first line with this mark; never, where there is none.
async fn line(end: &mut Lines<impl AsyncBufRead + Unpin>, mark: &str) -> String {
    while let Some(line) = end.next_line().await.unwrap() {
        if line.contains(mark) {
            return line;
        }
    }
    std::future::pending().await
}

async fn ask(url: &str, key: &str, media: &str, body: String) -> (StatusCode, String) {
    let request = Request::post(url).header("authorization", format!("Bearer {key}")).header("content-type", media);
    let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let answer = client.request(request.body(Full::from(body)).unwrap()).await.unwrap();
    let status = answer.status();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

/// Calls of each kind, against what the runtime answers to the same; then what a stranger gets.
async fn check(url: &str, vendor: &Emulator, directory: &AccountDirectory) {
    for (method, params) in [
        ("describe", json!({})),
        ("list-users", json!({"size": 2, "remote_data": true})),
        ("list-groups", json!({})),
        ("find-user", json!({"username": "oliver.conti@acme.example"})),
        ("get-user", json!({"id": "nobody"})),
        ("get-user", json!({"ID": "nobody"})),
        ("no-such", json!({})),
        ("request", json!({"method": "GET", "path": "Users", "query": [["count", "1"]]})),
    ] {
        let request = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string();
        let expected = match rpc::Request::read(request.as_bytes()) {
            Ok(request) => request.call(directory).await,
            Err(response) => response,
        };
        let (status, body) = ask(url, KEY, "application/json", request).await;
        assert_eq!(
            (status, without_headers(&body)),
            (StatusCode::OK, without_headers(&expected.to_string())),
            "{method}"
        );
    }

    let created = json!({"username": "joiner@acme.example", "title": "Analyst"});
    let created = json!({"jsonrpc": "2.0", "id": 1, "method": "create-user", "params": {"changes": created}});
    let (_, body) = ask(url, KEY, "application/json", created.to_string()).await;
    let response: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(response["result"]["title"], "Analyst", "{body}");
    assert_eq!(vendor.directory().user_count(), 4);
    let id = &response["result"]["id"];
    let updated = json!({"id": id, "changes": {"title": "Auditor"}, "verify": true});
    let updated = json!({"jsonrpc": "2.0", "id": 1, "method": "update-user", "params": updated});
    let (_, body) = ask(url, KEY, "application/json", updated.to_string()).await;
    let mut shown = response.clone();
    shown["result"]["title"] = json!("Auditor");
    let mut answer: Value = serde_json::from_str(&body).unwrap();
    answer["result"]["updated_at"] = shown["result"]["updated_at"].clone();
    assert_eq!(answer, shown);

    let before = vendor.request_count();
    let deletion = json!({"jsonrpc": "2.0", "id": 1, "method": "delete-user", "params": {"id": id}});
    for (key, media, status) in
        [("", "application/json", 401), ("another-key-of-it", "application/json", 401), (KEY, "text/plain", 415)]
    {
        assert_eq!(ask(url, key, media, deletion.to_string()).await.0, status);
    }
    assert_eq!(ask(url, KEY, "application/json", " ".repeat((1 << 20) + 1)).await.0, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!((vendor.request_count(), vendor.directory().user_count()), (before, 4));
}

/// Which headers of the vendor's reply come through is each host's own affair.
fn without_headers(response: &str) -> Value {
    let mut response: Value = serde_json::from_str(response).unwrap();
    if let Some(reply) = response.get_mut("result").and_then(Value::as_object_mut) {
        reply.remove("headers");
    }
    response
}

#[test]
fn it_imports_http_and_its_environment_and_is_small() {
    let DecodedWasm::Component(resolve, world) = wit_component::decode(ZPA_SERVICE).unwrap() else {
        panic!("a component");
    };
    let world = &resolve.worlds[world];
    let mut imports: Vec<String> = world.imports.keys().map(|key| resolve.name_world_key(key)).collect();
    imports.sort();
    assert_eq!(
        imports,
        [
            "wasi:cli/environment@0.2.12",
            "wasi:http/outgoing-handler@0.2.12",
            "wasi:http/types@0.2.12",
            "wasi:io/error@0.2.12",
            "wasi:io/poll@0.2.12",
            "wasi:io/streams@0.2.12",
        ]
    );
    let exports: Vec<_> = world.exports.keys().map(|key| resolve.name_world_key(key)).collect();
    assert_eq!(exports, ["wasi:http/incoming-handler@0.2.12"]);
    assert!(ZPA_SERVICE.len() <= 640 * 1024, "{} bytes", ZPA_SERVICE.len());
}
