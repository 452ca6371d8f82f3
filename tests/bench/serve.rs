//! The runtime behind a minimal HTTP server, against the same connector under `wasmtime serve`, with the HTTP service in
//! front of it as one component. A request is `list-users` as JSON-RPC; the answer is the vendor's page.
//!
//! The runtime does all that it does for an account: credential, limits, pace, checks, the bounded and scrubbed reply.
//! `wasmtime serve` does none of it, and has no token either: it asks the vendor directly, with its own defaults.

use std::io::BufRead as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use bytes::Bytes;
use http::{Request, Response, header};
use http_body_util::{BodyExt as _, Full};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use portcullis_directory::rpc;
use portcullis_runtime::{Account, Pace, Runtime, StaticToken};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::peers;
use crate::responder::Responder;
use crate::row::{self, Table};
use crate::{Scale, block_on};

const REQUESTS: u32 = 10_000;
const CONNECTIONS: usize = 16;
const KEY: &str = "key-of-the-service";
/// What both say when they are up, before where.
const UP: &str = "Serving HTTP on ";

/// The command is the one that `WASMTIME` names, or that is installed beside the peers.
pub(crate) fn measure(table: &mut Table, scale: Scale) {
    let installed = || peers::python().with_file_name("wasmtime");
    let wasmtime = &std::env::var_os("WASMTIME").map_or_else(installed, PathBuf::from);
    let name = "requests a second behind a server, of those of `wasmtime serve`";
    let service = SERVICE.ok_or("`--features outside` builds the component for it");
    let service = service.and_then(|service| wasmtime.is_file().then_some(service).ok_or("it is not installed"));
    let service = match service {
        Ok(service) => service,
        Err(why) => {
            table.miss(name, "times", row::at_least(1.5), why);
            return;
        }
    };
    let component = std::env::temp_dir().join(format!("portcullis-bench-{}.wasm", std::process::id()));
    std::fs::write(&component, service).unwrap();
    let responder = Responder::start();
    let endpoint = responder.endpoint(50);
    let mut own = Command::new(std::env::current_exe().unwrap());
    own.args(["serve", &endpoint]);
    let mut other = Command::new(wasmtime);
    other.args(["serve", "--addr", "127.0.0.1:0", "-S", "cli"]);
    for (name, value) in [("PORTCULLIS_ENDPOINT", endpoint.as_str()), ("PORTCULLIS_SERVICE_KEY", KEY)] {
        other.args(["--env", name]).env(name, value);
    }
    other.arg(&component);
    let servers = [Server::start(own), Server::start(other)];
    let rates = block_on(async {
        let client = Client::builder(TokioExecutor::new()).build_http();
        let [first, second] = [ask(&client, &servers[0].url).await, ask(&client, &servers[1].url).await];
        let [first, second]: [Value; 2] = [&first, &second].map(|answer| serde_json::from_slice(answer).unwrap());
        assert_eq!(first["result"]["result"].as_array().unwrap().len(), 50);
        assert_eq!(first, second, "the two do not answer the same");
        let mut rates = [0.0_f64; 2];
        for _ in 0..=scale.rounds {
            for (server, rate) in servers.iter().zip(&mut rates) {
                *rate = rate.max(requests_a_second(&client, &server.url, REQUESTS / scale.divisor).await);
            }
        }
        rates
    });
    let _ = std::fs::remove_file(component);
    table.add("portcullis behind a server, requests/s", rates[0], "requests/s", row::Target::None);
    table.add("`wasmtime serve`, requests/s", rates[1], "requests/s", row::Target::None);
    table.add(name, rates[0] / rates[1], "times", row::at_least(1.5));
}

/// The composed component, where it was built.
#[cfg(feature = "outside")]
const SERVICE: Option<&[u8]> = Some(portcullis_connectors::ZPA_SERVICE);
#[cfg(not(feature = "outside"))]
const SERVICE: Option<&[u8]> = None;

/// A server in a process of its own. It ends with this.
struct Server {
    process: Child,
    url: String,
}

impl Server {
    fn start(mut command: Command) -> Server {
        let mut process = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        std::io::BufReader::new(process.stderr.as_mut().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix(UP).unwrap_or_else(|| panic!("`{command:?}` does not come up: {line}"));
        Server { process, url: url.to_owned() }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

type Asker = Client<HttpConnector, Full<Bytes>>;

async fn requests_a_second(client: &Asker, url: &str, requests: u32) -> f64 {
    let asked = Arc::new(AtomicU32::new(0));
    let start = Instant::now();
    let connections: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let (client, url, asked) = (client.clone(), url.to_owned(), Arc::clone(&asked));
            tokio::spawn(async move {
                while asked.fetch_add(1, Ordering::Relaxed) < requests {
                    assert!(ask(&client, &url).await.len() > 10_000, "not the page");
                }
            })
        })
        .collect();
    for connection in connections {
        connection.await.unwrap();
    }
    f64::from(requests) / start.elapsed().as_secs_f64()
}

async fn ask(client: &Asker, url: &str) -> Bytes {
    let request = Request::post(url)
        .header(header::AUTHORIZATION, format!("Bearer {KEY}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Full::from(r#"{"jsonrpc":"2.0","id":1,"method":"list-users","params":{}}"#));
    let answer = client.request(request.unwrap()).await.unwrap();
    let status = answer.status();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    assert!(status.is_success(), "{status}: {}", String::from_utf8_lossy(&body));
    body
}

/// The process: `serve ENDPOINT`.
pub(crate) fn run(arguments: &[String]) {
    let endpoint = &arguments[0];
    block_on(async {
        let runtime = Runtime::builder().allow_loopback(true).build().unwrap();
        let connector = runtime.load(portcullis_connectors::ZPA).await.unwrap();
        let account = Account::new(endpoint).unwrap().with_pace(Pace::unlimited());
        let directory = connector.directory(account, StaticToken::new("token-of-the-vendor").unwrap()).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        eprintln!("{UP}http://{}/", listener.local_addr().unwrap());
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let directory = directory.clone();
            let service = service_fn(move |request: Request<hyper::body::Incoming>| {
                let directory = directory.clone();
                async move {
                    let key = request.headers().get(header::AUTHORIZATION).map(header::HeaderValue::as_bytes);
                    assert_eq!(key, Some(format!("Bearer {KEY}").as_bytes()));
                    let body = request.into_body().collect().await?.to_bytes();
                    let response = match rpc::Request::read(&body) {
                        Ok(request) => request.call(&directory).await,
                        Err(response) => response,
                    };
                    Ok::<_, hyper::Error>(Response::new(Full::<Bytes>::from(response.to_string())))
                }
            });
            tokio::spawn(
                http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service),
            );
        }
    });
}
