//! The connections of one account.
//!
//! Each account has a pool of its own, so that no connection, and nothing that a server tied to one, is shared between
//! accounts. The client sends what it is given once: it neither retries nor follows.

use std::error::Error as StdError;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::ClientConfig;
use tokio::net::TcpStream;
use tower_service::Service;

use super::failure::Failure;
use super::resolver::Guarded;

/// The pooled HTTP/1.1 client of one account.
#[derive(Clone, Debug)]
pub(crate) struct Client(legacy::Client<Dial, Full<Bytes>>);

impl Client {
    pub(crate) fn new(resolver: Guarded, tls: ClientConfig, connect_time: Duration) -> Client {
        let mut tcp = HttpConnector::new_with_resolver(resolver);
        // Otherwise it refuses `https` before TLS is put around it.
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(connect_time));
        let connector =
            HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().wrap_connector(tcp);
        let client = legacy::Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_TIME)
            .pool_max_idle_per_host(IDLE_CONNECTIONS)
            // What may be sent again is decided above, where it is counted.
            .retry_canceled_requests(false)
            .build(Dial { connector, time: connect_time });
        Client(client)
    }

    /// Sends a request and waits for the head of the reply.
    pub(crate) async fn send(&self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, Failure> {
        self.0.request(request).await.map_err(|error| failure(&error))
    }
}

/// A connector with one limit of time around looking up, connecting and agreeing on TLS.
#[derive(Clone)]
struct Dial {
    connector: HttpsConnector<HttpConnector<Guarded>>,
    time: Duration,
}

impl Service<Uri> for Dial {
    type Response = MaybeHttpsStream<TokioIo<TcpStream>>;
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Failure>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        self.connector.poll_ready(context).map_err(|error| connect_failure(&*error))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let (time, connecting) = (self.time, self.connector.call(uri));
        Box::pin(async move {
            match tokio::time::timeout(time, connecting).await {
                Ok(connected) => connected.map_err(|error| connect_failure(&*error)),
                Err(_) => Err(Failure::ConnectTime(time)),
            }
        })
    }
}

fn connect_failure(error: &(dyn StdError + 'static)) -> Failure {
    if let Some(failure) = find::<Failure>(error) {
        return failure.clone();
    }
    // The connector below reports TCP by an error of its own, and TLS by a plain one.
    let reason = innermost(error).to_string();
    if error.is::<io::Error>() { Failure::Tls(reason) } else { Failure::Connection(reason) }
}

fn failure(error: &legacy::Error) -> Failure {
    if error.is_connect() {
        return find::<Failure>(error).cloned().unwrap_or_else(|| Failure::Connection(innermost(error).to_string()));
    }
    // hyper reports a request as cancelled exactly when it gives the request back unwritten.
    if find::<hyper::Error>(error).is_some_and(hyper::Error::is_canceled) {
        return Failure::Unsent;
    }
    Failure::Broken(innermost(error).to_string())
}

fn find<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    chain(error).find_map(|error| error.downcast_ref())
}

fn innermost<'a>(error: &'a (dyn StdError + 'static)) -> &'a (dyn StdError + 'static) {
    chain(error).last().unwrap_or(error)
}

fn chain<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error| {
        let error: &'a (dyn StdError + 'static) = *error;
        // `source` of an `io::Error` skips the error that it was made of.
        match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            Some(inner) => Some(inner as &(dyn StdError + 'static)),
            None => error.source(),
        }
    })
}

/// Below the time after which servers and load balancers usually close an idle connection.
const IDLE_TIME: Duration = Duration::from_secs(20);
const IDLE_CONNECTIONS: usize = 32;
