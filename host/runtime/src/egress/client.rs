//! Sending on the connections of one account.
//!
//! No connection, and nothing that a server tied to one, is shared between accounts. A request is written once at most.
//! The client follows nothing.

use std::error::Error as StdError;
use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::HOST;
use http::uri::PathAndQuery;
use http::{HeaderValue, Request, Response, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use rustls::{AlertDescription, ClientConfig};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tower_service::Service;

use super::failure::Failure;
use super::pool::{Connection, IDLE_TIME, Party, Pool, Slot, Way};
use super::resolver::Guarded;

/// The HTTP/1.1 client of one account.
#[derive(Clone)]
pub(crate) struct Client {
    party: Arc<Party>,
    dial: Dial,
}

/// A reply whose body is not read yet, and the connection that it comes on. Dropping that closes the connection.
pub(crate) type Begun = (Response<Incoming>, Connection);

impl Client {
    pub(crate) fn new(pool: &Arc<Pool>, resolver: Guarded, tls: Arc<ClientConfig>, connect_time: Duration) -> Client {
        Client { party: pool.join(), dial: Dial::new(resolver, tls, connect_time) }
    }

    /// Sends a request and waits for the head of the reply.
    ///
    /// A server may close an idle connection just when it is taken for a request. What was certainly not written is
    /// then sent on a new connection, whatever its method; a second time, no more.
    pub(crate) async fn send(&self, request: Request<Full<Bytes>>, is_urgent: bool) -> Result<Begun, Failure> {
        let uri = request.uri().clone();
        let (mut request, mut is_first) = (in_origin_form(request)?, true);
        let mut way = self.party.way(is_urgent, self.dial.time).await?;
        loop {
            let is_used = matches!(way, Way::Used(_));
            let connection = match way {
                Way::Used(connection) => connection,
                Way::New(slot) => self.open(slot, &uri).await?,
            };
            match send_on(connection, request).await {
                Ok(begun) => return Ok(begun),
                Err((Failure::Unsent, Some(unsent))) if is_used && is_first => (request, is_first) = (unsent, false),
                Err((failure, _)) => return Err(failure),
            }
            way = self.party.new_way(is_urgent, self.dial.time).await?;
        }
    }

    /// Keeps a connection for the next request, once the body of the reply that came on it is read.
    pub(crate) async fn give_back(&self, mut connection: Connection) {
        // It is ready at once, unless the server answered before it had read the request.
        if let Ok(Ok(())) = tokio::time::timeout(TURNAROUND, connection.sender.ready()).await {
            self.party.give_back(connection);
        }
    }

    async fn open(&self, slot: Slot, uri: &Uri) -> Result<Connection, Failure> {
        let stream = self.dial.connect(uri.clone()).await?;
        let shaken = http1::Builder::new().max_buf_size(BUFFER).handshake(stream).await;
        let (sender, connection) = shaken.map_err(|error| Failure::Connection(innermost(&error).to_string()))?;
        let (held, let_go) = oneshot::channel();
        tokio::spawn(keep(connection, let_go, slot));
        Ok(Connection { sender, _held: held })
    }
}

/// Drives a connection until its socket is closed, and only then is its slot another's.
async fn keep(connection: http1::Connection<Stream, Full<Bytes>>, mut let_go: oneshot::Receiver<()>, slot: Slot) {
    {
        let mut connection = pin!(connection);
        loop {
            tokio::select! {
                _ = connection.as_mut() => break,
                // It says goodbye, which a server that does not listen could make last for ever.
                _ = &mut let_go => {
                    let _ = tokio::time::timeout(FAREWELL, connection).await;
                    break;
                }
                () = tokio::time::sleep(IDLE_TIME / 4) => slot.expire(),
            }
        }
    }
    drop(slot);
}

/// Sends a request, which comes back where it was certainly not written.
async fn send_on(
    mut connection: Connection,
    request: Request<Full<Bytes>>,
) -> Result<Begun, (Failure, Option<Request<Full<Bytes>>>)> {
    match connection.sender.try_send_request(request).await {
        Ok(reply) => Ok((reply, connection)),
        Err(mut error) => {
            let unsent = error.take_message();
            let failure = match failure(error.error()) {
                // A server's refusal of the client may be there before the request is written.
                refused @ Failure::Tls(_) => refused,
                _ if unsent.is_some() => Failure::Unsent,
                other => other,
            };
            Err((failure, unsent))
        }
    }
}

/// As it goes to a server that is no proxy (RFC 9112 section 3.2.1), with the host in a header.
fn in_origin_form(mut request: Request<Full<Bytes>>) -> Result<Request<Full<Bytes>>, Failure> {
    let nowhere = || Failure::Denied("the request names no host".to_owned());
    let authority = request.uri().authority().ok_or_else(nowhere)?;
    let host = HeaderValue::from_str(authority.as_str()).map_err(|_| nowhere())?;
    request.headers_mut().insert(HOST, host);
    let path = request.uri().path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
    *request.uri_mut() = Uri::from(path);
    Ok(request)
}

type Stream = MaybeHttpsStream<TokioIo<TcpStream>>;

/// How connections are made, with one limit of time around looking up, connecting and agreeing on TLS.
#[derive(Clone)]
struct Dial {
    connector: HttpsConnector<HttpConnector<Guarded>>,
    time: Duration,
}

impl Dial {
    fn new(resolver: Guarded, tls: Arc<ClientConfig>, time: Duration) -> Dial {
        let mut tcp = HttpConnector::new_with_resolver(resolver);
        // Otherwise it refuses `https` before TLS is put around it.
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(time));
        Dial { connector: HttpsConnector::from((tcp, tls)), time }
    }

    async fn connect(&self, uri: Uri) -> Result<Stream, Failure> {
        let mut connector = self.connector.clone();
        let connecting = async {
            poll_fn(|context| connector.poll_ready(context)).await?;
            connector.call(uri).await
        };
        match tokio::time::timeout(self.time, connecting).await {
            Ok(connected) => connected.map_err(|error| connect_failure(&*error)),
            Err(_) => Err(Failure::ConnectTime(self.time)),
        }
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

fn failure(error: &hyper::Error) -> Failure {
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

/// Bytes that are read at a time, which an idle connection keeps, and the largest head of a reply.
const BUFFER: usize = 64 * 1024;
/// How long a connection may take to be ready again.
const TURNAROUND: Duration = Duration::from_millis(100);
/// How long a connection may take to be closed.
const FAREWELL: Duration = Duration::from_secs(1);

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
            let (reply, connection) = client.send(self.request(Method::GET), false).await.unwrap();
            reply.collect().await.unwrap();
            client.give_back(connection).await;
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
        Client::new(&Pool::new(4), resolver, tls::trusting_nobody().unwrap(), Duration::from_secs(5))
    }

    #[tokio::test]
    async fn a_connection_that_was_closed_while_idle_costs_no_request_and_doubles_none() {
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let (client, mut server) = (client(), Closing::start().await);
            server.leave_closed_connection(&client).await;
            let Way::Used(connection) = client.party.way(false, Duration::ZERO).await.unwrap() else {
                panic!("{method}")
            };
            let (failure, unsent) = send_on(connection, server.request(method.clone())).await.unwrap_err();
            assert_eq!((failure, unsent.is_some()), (Failure::Unsent, true), "{method}");

            server.leave_closed_connection(&client).await;
            let (reply, _) = client.send(server.request(method.clone()), false).await.unwrap();
            assert_eq!(reply.status(), 204, "{method}");
            let request = server.requests.try_recv().unwrap();
            assert!(request.starts_with(method.as_str()) && request.ends_with("\r\n\r\n{}"), "{request}");
            assert!(server.requests.is_empty());
        }
    }
}
