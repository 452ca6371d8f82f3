//! The example of a server for many tenants, over TCP.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "functions of tests fail by panic"
)]

#[allow(dead_code, reason = "its `main` is for people")]
#[path = "../examples/server.rs"]
mod server;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use portcullis_emulator::{Auth, Emulator, Options};
use serde_json::{Value, json};
use tokio::net::TcpListener;

struct House {
    vendors: [Emulator; 2],
    url: String,
}

impl House {
    async fn new() -> House {
        let vendor = async |users: u32, token: &str| {
            let auth = Auth::Token(token.to_owned());
            Emulator::start(Options { users, auth, ..Options::default() }).await.unwrap()
        };
        let tokens = ["token-of-the-first", "token-of-the-second"];
        let vendors = [vendor(3, tokens[0]).await, vendor(5, tokens[1]).await];
        let accounts = [0, 1].map(|number| (format!("key-{number}"), vendors[number].endpoint(), tokens[number]));
        let tenants = server::tenants(&accounts).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(server::serve(listener, tenants));
        House { vendors, url }
    }

    async fn ask(&self, key: &str, urgent: &str, body: &Value) -> (StatusCode, Value) {
        let request = Request::post(&self.url).header("authorization", format!("Bearer {key}"));
        let request = request.header("content-type", "application/json").header("x-urgent", urgent);
        let client = Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
        let answer = client.request(request.body(Full::from(body.to_string())).unwrap()).await.unwrap();
        let status = answer.status();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }
}

fn list() -> Value {
    json!({"jsonrpc": "2.0", "id": 1, "method": "list-users", "params": {}})
}

#[tokio::test]
async fn each_tenant_reads_its_own_directory_also_urgently() {
    let house = House::new().await;
    for (key, users) in [("key-0", 3), ("key-1", 5)] {
        for urgent in ["false", "true"] {
            let (status, response) = house.ask(key, urgent, &list()).await;
            assert_eq!(status, StatusCode::OK);
            assert_eq!(response["result"]["result"].as_array().unwrap().len(), users);
        }
    }
    assert_eq!(house.vendors.map(|vendor| vendor.request_count()), [2, 2]);
}

#[tokio::test]
async fn a_caller_without_a_key_reaches_no_vendor() {
    let house = House::new().await;
    for key in ["", "key-2", "token-of-the-first"] {
        assert_eq!(house.ask(key, "true", &list()).await, (StatusCode::UNAUTHORIZED, Value::Null));
    }
    assert_eq!(house.vendors.map(|vendor| vendor.request_count()), [0, 0]);
}

#[tokio::test]
async fn what_is_no_request_is_answered_as_json_rpc_says() {
    let house = House::new().await;
    let (status, response) =
        house.ask("key-0", "false", &json!({"jsonrpc": "2.0", "id": 1, "method": "no-such"})).await;
    assert_eq!((status, &response["error"]["code"]), (StatusCode::OK, &json!(-32601)));
}
