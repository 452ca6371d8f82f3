//! The command `wasmtime serve`, behind `portcullis proxy`.

use std::path::Path;

use portcullis_tests::directory;
use portcullis_tests::proxy::Proxy;
use tokio::process::Command;

use crate::{Serving, check, component, environment, vendor};

#[tokio::test]
async fn wasmtime_serves_it_behind_the_proxy() {
    let wasmtime = Path::new(env!("CARGO_MANIFEST_DIR")).join(".venv/bin/wasmtime");
    assert!(wasmtime.is_file(), "the command `wasmtime` is missing; see `tests/hosts/README.md`");
    let vendor = vendor().await;
    let proxy = Proxy::start(&vendor);

    let mut serve = Command::new(wasmtime);
    serve.args(["serve", "--addr", "127.0.0.1:0", "-S", "cli"]);
    for (name, value) in environment(proxy.endpoint()) {
        serve.args(["--env", name]).env(name, value);
    }
    serve.arg(component("wasmtime"));
    let serving = Serving::start(serve, "Serving HTTP on ").await;

    check(serving.said.split_once("Serving HTTP on ").unwrap().1, &vendor, &directory(proxy.endpoint(), None).await)
        .await;
}
