//! The whole pipeline over real TCP, against a vendor of a few lines.

use std::future::ready;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use http::Method;
use http_body_util::BodyExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use wasmtime_wasi_http::WasiBody;

use super::address::Policy;
use super::pool::Pool;
use super::resolver::{Addresses, Guarded, Resolver};
use super::*;
use crate::credential::{Credential, CredentialError, StaticToken};
use crate::limit::Limits;
use crate::pace::Pace;
use crate::pace::hosts::Hosts;

const TOKEN: &str = "open-sesame/open-sesame";
const EMPTY: &str = "HTTP/1.1 204 No Content\r\n\r\n";

/// A server that answers each request of each connection with the same bytes, and then goes on or hangs up.
struct Vendor {
    address: SocketAddr,
    /// The number of the connection and the request as it came.
    requests: mpsc::UnboundedReceiver<(usize, String)>,
}

#[derive(Clone, Copy)]
enum Then {
    GoOn,
    HangUp,
}

impl Vendor {
    async fn start(answer: &'static str, then: Then) -> Vendor {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (seen, requests) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            for number in 0.. {
                let (connection, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(connection, number, answer, then, seen.clone()));
            }
        });
        Vendor { address, requests }
    }

    fn egress(&self) -> Arc<Egress> {
        egress(&format!("http://{}/v2", self.address), StaticToken::new(TOKEN).unwrap())
    }

    fn uri(&self) -> String {
        format!("http://{}/v2/Users", self.address)
    }

    fn seen(&mut self) -> Vec<(usize, String)> {
        std::iter::from_fn(|| self.requests.try_recv().ok()).collect()
    }
}

async fn serve(
    mut connection: TcpStream,
    number: usize,
    answer: &'static str,
    then: Then,
    seen: mpsc::UnboundedSender<(usize, String)>,
) -> io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        // These requests are small: each comes in one piece.
        let length = connection.read(&mut buffer).await?;
        if length == 0 {
            return Ok(());
        }
        let _ = seen.send((number, String::from_utf8_lossy(&buffer[..length]).into_owned()));
        connection.write_all(answer.as_bytes()).await?;
        if matches!(then, Then::HangUp) {
            return Ok(());
        }
    }
}

/// The way to an account, over `http` to this machine too.
pub(crate) fn egress(endpoint: &str, credentials: impl CredentialProvider) -> Arc<Egress> {
    egress_with(endpoint, credentials, Policy { loopback: true, private: false })
}

fn egress_with(endpoint: &str, credentials: impl CredentialProvider, policy: Policy) -> Arc<Egress> {
    let resolver = Guarded { resolver: Arc::new(ToLoopback), policy };
    Arc::new(Egress {
        origin: Origin::parse(endpoint).unwrap(),
        client: Client::new(&Pool::new(8), resolver, tls::trusting_nobody().unwrap(), Duration::from_secs(5)),
        credentials: Some(Arc::new(credentials)),
        request_time: Duration::from_millis(200),
        member: Hosts::default().turns("vendor").join(Pace::unlimited(), "account"),
        pace: Pace::unlimited(),
        is_urgent: false,
        dry_run: None,
        witness: None,
    })
}

fn trail() -> Arc<Trail> {
    Arc::new(Trail::new(&Limits { requests: 2, request_bytes: 9, reply_bytes: 1000, ..Limits::default() }))
}

/// Every name is this machine.
struct ToLoopback;

impl Resolver for ToLoopback {
    fn resolve<'a>(&'a self, _: &'a str) -> Addresses<'a> {
        Box::pin(ready(Ok(vec![[127, 0, 0, 1].into()])))
    }
}

fn request(method: Method, uri: &str, body: &'static str) -> Request<WasiBody> {
    let body = Full::from(body).map_err(wasmtime_wasi_http::Error::from).boxed_unsync();
    Request::builder().method(method).uri(uri).body(body).unwrap()
}

#[tokio::test]
async fn the_vendor_gets_the_token_and_what_the_connector_said() {
    let mut vendor = Vendor::start(EMPTY, Then::GoOn).await;
    let mut request = request(Method::PUT, &vendor.uri(), "{}");
    request.headers_mut().insert("content-type", HeaderValue::from_static("application/scim+json"));
    let reply = vendor.egress().exchange(request, trail()).await.unwrap();
    assert_eq!(reply.status(), 204);
    let expected = format!(
        "PUT /v2/Users HTTP/1.1\r\ncontent-type: application/scim+json\r\nauthorization: Bearer {TOKEN}\r\n\
         accept-encoding: identity\r\nhost: {}\r\ncontent-length: 2\r\n\r\n{{}}",
        vendor.address
    );
    assert_eq!(vendor.seen(), [(0, expected)]);
}

#[tokio::test]
async fn the_connector_gets_the_reply_without_the_token() {
    let echo = "HTTP/1.1 401 Unauthorized\r\nset-cookie: a=b\r\nwww-authenticate: Bearer\r\nx-token: open-sesame/open-sesame\r\n\
                content-length: 41\r\n\r\nbad `open-sesame\\/open-sesame` in request";
    let vendor = Vendor::start(echo, Then::GoOn).await;
    let reply = vendor.egress().exchange(request(Method::GET, &vendor.uri(), ""), trail()).await.unwrap();
    assert_eq!(reply.body(), "bad `[redacted]` in request");
    let names: Vec<_> = reply.headers().keys().collect();
    assert_eq!(names, ["x-token"]);
    assert_eq!(reply.headers()["x-token"], "[redacted]");
}

#[tokio::test]
async fn the_token_is_found_across_chunks_and_in_the_names_of_headers() {
    let echo = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nx-sesame-sesame: 1\r\nx-2: 2\r\n\r\n\
                6\r\n<sesam\r\n7\r\ne-sesam\r\n2\r\ne>\r\n0\r\n\r\n";
    let vendor = Vendor::start(echo, Then::GoOn).await;
    let egress = egress(&format!("http://{}/v2", vendor.address), StaticToken::new("sesame-sesame").unwrap());
    let reply = egress.exchange(request(Method::GET, &vendor.uri(), ""), trail()).await.unwrap();
    assert_eq!(reply.body(), "<[redacted]>");
    assert_eq!(reply.headers().keys().collect::<Vec<_>>(), ["x-2"]);
}

#[tokio::test]
async fn a_redirect_is_a_reply_like_any_other() {
    let redirect = "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: 0\r\n\r\n";
    let mut vendor = Vendor::start(redirect, Then::GoOn).await;
    let reply = vendor.egress().exchange(request(Method::GET, &vendor.uri(), ""), trail()).await.unwrap();
    assert_eq!((reply.status().as_u16(), vendor.seen().len()), (307, 1));
}

#[tokio::test]
async fn one_connection_carries_many_requests() {
    let mut vendor = Vendor::start(EMPTY, Then::GoOn).await;
    let egress = vendor.egress();
    for _ in 0..3 {
        egress.clone().exchange(request(Method::GET, &vendor.uri(), ""), trail()).await.unwrap();
    }
    assert_eq!(vendor.seen().into_iter().map(|(connection, _)| connection).collect::<Vec<_>>(), [0, 0, 0]);
}

#[tokio::test]
async fn what_fails_the_check_reaches_nobody() {
    let mut vendor = Vendor::start(EMPTY, Then::GoOn).await;
    let (egress, trail) = (vendor.egress(), trail());
    let elsewhere = request(Method::POST, &format!("http://{}/v3/Users", vendor.address), "");
    let failure = egress.clone().exchange(elsewhere, Arc::clone(&trail)).await.unwrap_err();
    assert_eq!(failure.to_string(), "the request goes to another path than the account's endpoint");
    assert_eq!(trail.failure(), Some(failure));
    assert!(!trail.may_have_written());
    assert_eq!(vendor.seen(), []);
}

#[tokio::test]
async fn a_broken_connection_leaves_a_write_in_doubt_and_no_read() {
    let vendor = Vendor::start("", Then::HangUp).await;
    for (method, in_doubt) in [(Method::GET, false), (Method::PATCH, true)] {
        let trail = trail();
        let failure =
            vendor.egress().exchange(request(method, &vendor.uri(), ""), Arc::clone(&trail)).await.unwrap_err();
        assert!(matches!(failure, Failure::Broken(_)), "{failure}");
        assert_eq!(trail.may_have_written(), in_doubt);
    }
}

#[tokio::test]
async fn a_refused_connection_leaves_nothing_in_doubt() {
    // Bound and not listening, the port refuses connections and cannot become another test's.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let closed = socket.local_addr().unwrap();
    let egress = egress(&format!("http://{closed}/v2"), StaticToken::new(TOKEN).unwrap());
    let trail = trail();
    let request = request(Method::POST, &format!("http://{closed}/v2/Users"), "");
    let failure = egress.clone().exchange(request, Arc::clone(&trail)).await.unwrap_err();
    assert!(matches!(failure, Failure::Connection(_)), "{failure}");
    assert!(!trail.may_have_written());
}

#[tokio::test]
async fn a_vendor_that_does_not_answer_is_given_up() {
    let vendor = Vendor::start("", Then::GoOn).await;
    let trail = trail();
    let failure =
        vendor.egress().exchange(request(Method::POST, &vendor.uri(), ""), Arc::clone(&trail)).await.unwrap_err();
    assert_eq!(failure, Failure::Time(Duration::from_millis(200)));
    assert!(trail.may_have_written());
}

#[tokio::test]
async fn a_reply_that_never_ends_is_cut_off() {
    let endless = Vendor::start("HTTP/1.1 200 OK\r\ncontent-length: 4100000000\r\n\r\n{}", Then::GoOn).await;
    let failure = endless.egress().exchange(request(Method::GET, &endless.uri(), ""), trail()).await;
    assert_eq!(failure.unwrap_err(), Failure::Time(Duration::from_millis(200)));
    let text = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3e9\r\n".to_owned() + &"x".repeat(1001) + "\r\n";
    let large = Vendor::start(text.leak(), Then::GoOn).await;
    let failure = large.egress().exchange(request(Method::GET, &large.uri(), ""), trail()).await;
    assert_eq!(failure.unwrap_err(), Failure::Size(1000));
}

#[tokio::test]
async fn without_a_credential_nothing_is_sent() {
    struct Sealed;
    impl CredentialProvider for Sealed {
        fn credential(&self) -> Credential<'_> {
            Box::pin(ready(Err(CredentialError::new("the vault is sealed"))))
        }
    }
    let mut vendor = Vendor::start(EMPTY, Then::GoOn).await;
    let egress = egress(&format!("http://{}/v2", vendor.address), Sealed);
    let failure = egress.clone().exchange(request(Method::GET, &vendor.uri(), ""), trail()).await.unwrap_err();
    assert_eq!(failure, Failure::Credential("the vault is sealed".to_owned()));
    assert_eq!(vendor.seen(), []);
}

#[tokio::test]
async fn a_credential_that_does_not_come_leaves_nothing_in_doubt() {
    struct Stuck;
    impl CredentialProvider for Stuck {
        fn credential(&self) -> Credential<'_> {
            Box::pin(std::future::pending())
        }
    }
    let mut vendor = Vendor::start(EMPTY, Then::GoOn).await;
    let (egress, trail) = (egress(&format!("http://{}/v2", vendor.address), Stuck), trail());
    let failure = egress.exchange(request(Method::POST, &vendor.uri(), ""), Arc::clone(&trail)).await.unwrap_err();
    assert_eq!(failure.to_string(), "there is no credential: the provider did not answer within 200ms");
    assert!(failure.is_before_writing() && !trail.may_have_written());
    assert_eq!(vendor.seen(), []);
}

#[tokio::test]
async fn a_server_without_tls_gets_no_token() {
    let mut vendor = Vendor::start("HTTP/1.1 400 Bad Request\r\n\r\n", Then::HangUp).await;
    let endpoint = format!("https://vendor.example:{}", vendor.address.port());
    let egress = egress(&endpoint, StaticToken::new(TOKEN).unwrap());
    let failure = egress.clone().exchange(request(Method::GET, &endpoint, ""), trail()).await.unwrap_err();
    assert!(matches!(failure, Failure::Tls(_)), "{failure}");
    assert!(vendor.seen().iter().all(|(_, text)| !text.contains(TOKEN)));
}

#[tokio::test]
async fn a_name_that_answers_loopback_is_not_connected_to() {
    let mut vendor = Vendor::start(EMPTY, Then::GoOn).await;
    let endpoint = format!("https://vendor.example:{}", vendor.address.port());
    let egress = egress_with(&endpoint, StaticToken::new(TOKEN).unwrap(), Policy::default());
    let failure = egress.clone().exchange(request(Method::GET, &endpoint, ""), trail()).await.unwrap_err();
    assert_eq!(failure.to_string(), "the name `vendor.example` has no address that may be reached");
    assert_eq!(vendor.seen(), []);
}

#[tokio::test]
async fn a_body_that_ended_with_its_call_is_not_sent() {
    let mut vendor = Vendor::start(EMPTY, Then::GoOn).await;
    let trail = trail();
    let exchange = vendor.egress().exchange(request(Method::POST, &vendor.uri(), "half"), Arc::clone(&trail));
    trail.end();
    let failure = exchange.await.unwrap_err();
    assert_eq!(failure.to_string(), "the call was over before the request was sent");
    assert!(!trail.may_have_written());
    assert_eq!(vendor.seen(), []);
}

#[tokio::test]
async fn a_call_has_so_many_requests_and_bytes_and_no_more() {
    let mut vendor = Vendor::start(EMPTY, Then::GoOn).await;
    let (egress, trail) = (vendor.egress(), trail());
    let failure = egress
        .clone()
        .exchange(request(Method::POST, &vendor.uri(), "ten bytes!"), Arc::clone(&trail))
        .await
        .unwrap_err();
    assert_eq!(failure.to_string(), "the call has sent all of its 9 bytes");
    assert!(
        egress.clone().exchange(request(Method::POST, &vendor.uri(), "nine byte"), Arc::clone(&trail)).await.is_ok()
    );
    let failure =
        egress.clone().exchange(request(Method::GET, &vendor.uri(), ""), Arc::clone(&trail)).await.unwrap_err();
    assert_eq!(failure.to_string(), "the call has made all of its 2 requests");
    assert_eq!(vendor.seen().len(), 1);
}
