//! A server for many tenants: `POST /` with a tenant's key as bearer token and a JSON-RPC 2.0 request as body, answered by
//! the tenant's own directory. `x-urgent: true` goes before whatever else the tenant has under way.
//!
//! What one tenant can take from the others is bounded by the runtime and by the limits that its account has here.
#![expect(clippy::print_stdout, reason = "an example talks to its reader")]

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use portcullis_directory::rpc;
use portcullis_emulator::{Auth, Emulator, Options};
use portcullis_runtime::{Account, AccountDirectory, Limits, Runtime, StaticToken};
use tokio::net::TcpListener;

/// The tenants by their keys. A real server keeps digests of the keys, and the accounts in a store.
pub(crate) type Tenants = HashMap<String, AccountDirectory>;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let tokens = ["token-of-the-first-vendor", "token-of-the-second-vendor"];
    let (mut vendors, mut accounts) = (Vec::new(), Vec::new());
    for token in tokens {
        // The vendors, on this machine. Real accounts need neither this nor `allow_loopback`.
        let auth = Auth::Token(token.to_owned());
        let vendor = Emulator::start(Options { users: 250, auth, ..Options::default() }).await?;
        accounts.push((format!("key-of-{}", vendors.len() + 1), vendor.endpoint(), token));
        vendors.push(vendor);
    }
    let tenants = tenants(&accounts).await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}/ for {:?}, until Ctrl-C", listener.local_addr()?, tenants.keys().collect::<Vec<_>>());
    tokio::select! {
        served = serve(listener, tenants) => Ok(served?),
        interrupt = tokio::signal::ctrl_c() => Ok(interrupt?),
    }
}

/// Binds each account once, so that its calls share connections and a pace. Where the accounts lie, a handle is made
/// when the first request for it comes.
pub(crate) async fn tenants(accounts: &[(String, String, &str)]) -> Result<Tenants, Box<dyn std::error::Error>> {
    // One runtime and one compiled connector for all of them.
    let runtime = Runtime::builder().allow_loopback(true).build()?;
    let connector = runtime.load(portcullis_connectors::ZPA).await?;
    let mut tenants = Tenants::new();
    for (key, endpoint, token) in accounts {
        let limits = Limits { calls_per_account: 16, requests: 100, ..Limits::default() };
        let account = Account::new(endpoint)?.with_limits(limits);
        tenants.insert(key.clone(), connector.directory(account, StaticToken::new(*token)?)?);
    }
    Ok(tenants)
}

/// Serves until it is dropped.
pub(crate) async fn serve(listener: TcpListener, tenants: Tenants) -> std::io::Result<()> {
    let tenants = Arc::new(tenants);
    loop {
        let (stream, _) = listener.accept().await?;
        let tenants = Arc::clone(&tenants);
        let service = service_fn(move |request| {
            let tenants = Arc::clone(&tenants);
            async move { Ok::<_, Infallible>(answer(&tenants, request).await) }
        });
        // A caller that goes away takes its calls with it: their futures are dropped.
        tokio::spawn(http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service));
    }
}

async fn answer(tenants: &Tenants, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let key = header("authorization").strip_prefix("Bearer ").unwrap_or_default();
    let Some(directory) = tenants.get(key) else { return plain(StatusCode::UNAUTHORIZED) };
    let directory = if header("x-urgent") == "true" { directory.urgent() } else { directory.clone() };
    if request.method() != Method::POST || header("content-type") != "application/json" {
        return plain(StatusCode::BAD_REQUEST);
    }
    let Ok(body) = Limited::new(request.into_body(), LONGEST).collect().await else {
        return plain(StatusCode::PAYLOAD_TOO_LARGE);
    };
    let response = match rpc::Request::read(&body.to_bytes()) {
        Ok(request) => request.call(&directory).await,
        Err(response) => response,
    };
    let mut answer = Response::new(Full::from(response.to_string()));
    answer.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    answer
}

fn plain(status: StatusCode) -> Response<Full<Bytes>> {
    let mut answer = Response::new(Full::default());
    *answer.status_mut() = status;
    answer
}

/// The most bytes of a request.
const LONGEST: usize = 1 << 20;
