//! `jco serve`, behind `portcullis proxy`.

use std::path::Path;

use portcullis_tests::directory;
use portcullis_tests::proxy::Proxy;
use tokio::net::TcpListener;
use tokio::process::Command;

use crate::{Serving, check, component, environment, vendor};

#[tokio::test]
async fn jco_serves_it_behind_the_proxy() {
    let jco = Path::new(env!("CARGO_MANIFEST_DIR")).join("hosts/node/node_modules/.bin/jco");
    assert!(jco.is_file(), "jco is missing; run `npm install --no-save --prefix tests/hosts/node`");
    let vendor = vendor().await;
    let proxy = Proxy::start(&vendor);

    // It prints the port that it was told, so it is told one that was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let mut serve = Command::new(jco);
    serve.args(["serve", "--host", "127.0.0.1", "--port", &port.to_string(), "--isolate-worker-pool-size", "2"]);
    serve.arg(component("jco")).envs(environment(proxy.endpoint()));
    let _serving = Serving::start(serve, "istening").await;

    check(&format!("http://127.0.0.1:{port}/"), &vendor, &directory(proxy.endpoint(), None).await).await;
}
