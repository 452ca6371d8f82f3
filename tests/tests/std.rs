//! A connector with Rust's standard library, built for `wasm32-wasip2` as anybody would, in the profile `std`.

#![allow(clippy::unwrap_used, reason = "functions of tests fail by panic")]

use std::fs;
use std::path::Path;
use std::process::Command;

use portcullis_directory::{Directory, VendorRequest};
use portcullis_runtime::{Account, Anonymous, Connector, Imports, Runtime, Terms};
use tokio::sync::OnceCell;

/// The guest crate, built with whatever this toolchain makes of it.
async fn component() -> Vec<u8> {
    static COMPONENT: OnceCell<Vec<u8>> = OnceCell::const_new();
    let build = async || {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("std-guest");
        let mut cargo = Command::new(env!("CARGO"));
        cargo.current_dir(root).args([
            "build",
            "--locked",
            "--profile",
            "component",
            "--package",
            "portcullis-std-guest",
        ]);
        cargo.args(["--target", "wasm32-wasip2", "--target-dir"]).arg(&target);
        cargo.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
        assert!(cargo.status().unwrap().success(), "`rustup target add wasm32-wasip2` gives what it needs");
        fs::read(target.join("wasm32-wasip2/component/portcullis_std_guest.wasm")).unwrap()
    };
    COMPONENT.get_or_init(build).await.clone()
}

async fn connector() -> Connector {
    let runtime = Runtime::builder().allow_loopback(true).build().unwrap();
    let terms = Terms { imports: Imports::Std, ..Terms::default() };
    runtime.load_with(component().await, terms).await.unwrap()
}

async fn told(method: &str) -> String {
    let directory = connector().await.directory(Account::new("http://127.0.0.1:9").unwrap(), Anonymous).unwrap();
    let request = VendorRequest {
        method: method.to_owned(),
        path: String::new(),
        query: Vec::new(),
        headers: Vec::new(),
        body: None,
    };
    directory.request(request).await.unwrap_err().to_string()
}

#[tokio::test]
async fn a_connector_for_plain_wasip2_needs_the_profile_std() {
    let error = Runtime::new().unwrap().load(component().await).await.unwrap_err();
    let import = error.refused_import().unwrap();
    assert!(import.starts_with("wasi:cli/"), "{import}");
}

#[tokio::test]
async fn it_runs_and_finds_nothing_of_the_host() {
    assert_eq!(connector().await.description().vendor, "arguments 0, environment 0");
}

#[tokio::test]
async fn its_exit_and_its_panic_end_the_call_as_its_fault() {
    assert_eq!(told("EXIT").await, "the connector exited with status 1 (`guest-fault`)");
    let panic = "the connector failed: wasm trap: wasm `unreachable` instruction executed (`guest-fault`)";
    assert_eq!(told("PANIC").await, panic);
    assert_eq!(told("GET").await, "not here");
}
