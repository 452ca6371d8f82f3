//! The connections of one account.
//!
//! Each account has a pool of its own, so that no connection, and nothing that a server tied to one, is shared between
//! accounts. A request is written once at most. The client follows nothing.

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
use rustls::{AlertDescription, ClientConfig};
use tokio::net::TcpStream;
use tower_service::Service;

use super::failure::Failure;
use super::resolver::Guarded;

/// The HTTP/1.1 client of one account.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    pooled: legacy::Client<Dial, Full<Bytes>>,
    /// Makes a connection for each request.
    fresh: legacy::Client<Dial, Full<Bytes>>,
}

impl Client {
    pub(crate) fn new(resolver: Guarded, tls: ClientConfig, connect_time: Duration) -> Client {
        let mut tcp = HttpConnector::new_with_resolver(resolver);
        // Otherwise it refuses `https` before TLS is put around it.
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(connect_time));
        let connector =
            HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http().enable_http1().wrap_connector(tcp);
        let dial = Dial { connector, time: connect_time };
        Client { pooled: client(dial.clone(), IDLE_CONNECTIONS), fresh: client(dial, 0) }
    }

    /// Sends a request and waits for the head of the reply.
    ///
    /// A server may close an idle connection just when it is taken for a request. What was certainly not written is
    /// then sent on a new connection, whatever its method; a second time, no more.
    pub(crate) async fn send(&self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, Failure> {
        let again = request.clone();
        match self.send_pooled(request).await {
            Err(Failure::Unsent) => self.fresh.request(again).await.map_err(|error| failure(&error)),
            outcome => outcome,
        }
    }

    async fn send_pooled(&self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, Failure> {
        self.pooled.request(request).await.map_err(|error| failure(&error))
    }
}

fn client(dial: Dial, idle_connections: usize) -> legacy::Client<Dial, Full<Bytes>> {
    legacy::Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE_TIME)
        .pool_max_idle_per_host(idle_connections)
        // It would try again for as long as it finds a closed connection in the pool.
        .retry_canceled_requests(false)
        .build(dial)
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
    let reason = innermost(error).to_string();
    if find::<rustls::Error>(error).is_some_and(is_about_certificate) {
        Failure::Tls(reason)
    } else {
        Failure::Broken(reason)
    }
}

/// Whether a server refuses the client's certificate, or that there is none. In TLS 1.3 the client learns it when it has
/// sent its request already, which the server does not read (RFC 8446 sections 4.4.2.4 and 6.2).
fn is_about_certificate(error: &rustls::Error) -> bool {
    use AlertDescription as Alert;
    matches!(
        error,
        rustls::Error::AlertReceived(
            Alert::CertificateRequired
                | Alert::BadCertificate
                | Alert::UnsupportedCertificate
                | Alert::CertificateRevoked
                | Alert::CertificateExpired
                | Alert::CertificateUnknown
                | Alert::UnknownCA
                | Alert::AccessDenied
        )
    )
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use http::Method;
    use http_body_util::BodyExt;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio::sync::{Notify, mpsc};

    use super::*;
    use crate::egress::address::Policy;
    use crate::egress::resolver::SystemResolver;
    use crate::egress::tls;

    /// A server that answers one request of each connection and closes it when it is told to.
    struct Closing {
        uri: String,
        close: Arc<Notify>,
        requests: mpsc::UnboundedReceiver<String>,
    }

    impl Closing {
        async fn start() -> Closing {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let uri = format!("http://{}/", listener.local_addr().unwrap());
            let close = Arc::new(Notify::new());
            let (seen, requests) = mpsc::unbounded_channel();
            let told = Arc::clone(&close);
            tokio::spawn(async move {
                loop {
                    let (mut connection, _) = listener.accept().await.unwrap();
                    let mut request = [0; 4096];
                    let length = connection.read(&mut request).await.unwrap();
                    let _ = seen.send(String::from_utf8_lossy(&request[..length]).into_owned());
                    connection.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
                    told.notified().await;
                }
            });
            Closing { uri, close, requests }
        }

        fn request(&self, method: Method) -> Request<Full<Bytes>> {
            Request::builder().method(method).uri(&self.uri).body(Full::from("{}")).unwrap()
        }

        /// Leaves a closed connection in the pool that the client does not yet know to be closed. On one thread, a test
        /// that has given way goes on before the tasks that became ready in the meantime.
        async fn leave_closed_connection(&mut self, client: &Client) {
            client.send_pooled(self.request(Method::GET)).await.unwrap().collect().await.unwrap();
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
            self.close.notify_one();
            tokio::task::yield_now().await;
            self.requests.recv().await.unwrap();
        }
    }

    fn client() -> Client {
        let policy = Policy { loopback: true, private: false };
        let resolver = Guarded { resolver: Arc::new(SystemResolver), policy };
        Client::new(resolver, tls::trusting_nobody().unwrap(), Duration::from_secs(5))
    }

    #[tokio::test]
    async fn a_connection_that_was_closed_while_idle_costs_no_request_and_doubles_none() {
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let (client, mut server) = (client(), Closing::start().await);
            server.leave_closed_connection(&client).await;
            let unsent = client.send_pooled(server.request(method.clone())).await.unwrap_err();
            assert_eq!(unsent, Failure::Unsent, "{method}");

            server.leave_closed_connection(&client).await;
            assert_eq!(client.send(server.request(method.clone())).await.unwrap().status(), 204, "{method}");
            let request = server.requests.try_recv().unwrap();
            assert!(request.starts_with(method.as_str()) && request.ends_with("\r\n\r\n{}"), "{request}");
            assert!(server.requests.is_empty());
        }
    }
}
