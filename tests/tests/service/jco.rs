//! `jco serve`, which adds no credential: so the vendor here asks for none.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use portcullis_connectors::ZPA_SERVICE;
use portcullis_emulator::Auth;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio::time::timeout;

use crate::{check, environment, vendor};

#[tokio::test]
async fn jco_serves_it() {
    let host = Path::new(env!("CARGO_MANIFEST_DIR")).join("hosts/node");
    let jco = host.join("node_modules/.bin/jco");
    assert!(jco.is_file(), "jco is missing; run `npm install --no-save --prefix tests/hosts/node`");
    let component = Path::new(env!("CARGO_TARGET_TMPDIR")).join("portcullis-zpa.service.wasm");
    std::fs::write(&component, ZPA_SERVICE).unwrap();
    let vendor = vendor(Auth::None).await;

    // It prints the port that it was told, so it is told one that was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let mut serve = Command::new(jco);
    serve.args(["serve", "--host", "127.0.0.1", "--port", &port.to_string(), "--isolate-worker-pool-size", "2"]);
    serve.arg(component).envs(environment(&vendor)).kill_on_drop(true).stdin(Stdio::null());
    let mut serve = serve.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut out = BufReader::new(serve.stderr.take().unwrap()).lines();
    let up = async {
        while let Some(line) = out.next_line().await.unwrap() {
            if line.contains("istening") {
                return;
            }
        }
        panic!("`jco serve` ended");
    };
    timeout(Duration::from_mins(1), up).await.expect("`jco serve` does not come up");

    check(&format!("http://127.0.0.1:{port}/"), &vendor).await;
}
