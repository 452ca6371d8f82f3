//! The built-in connector against the emulated vendor, through the public surface of the crate.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may panic")]

use std::future::ready;
use std::io::ErrorKind as Io;
use std::io::{Read, Write};
use std::net::TcpListener;

use portcullis_directory::{Directory, Effect, ErrorKind, PageQuery, ReadOptions, VendorRequest};
use portcullis_emulator::{Auth, Emulator, Options};
use portcullis_runtime::{
    Account, AccountDirectory, Anonymous, Credential, CredentialError, CredentialProvider, Limits, Pace, Runtime,
    StaticToken,
};

const TOKEN: &str = "open-sesame-open-sesame";

async fn vendor() -> Emulator {
    let auth = Auth::Token(TOKEN.to_owned());
    Emulator::start(Options { users: 120, auth, ..Options::default() }).await.unwrap()
}

/// Has no token.
struct Sealed;

impl CredentialProvider for Sealed {
    fn credential(&self) -> Credential<'_> {
        Box::pin(ready(Err(CredentialError::new("the vault is sealed"))))
    }
}

async fn bound(vendor: &Emulator, limits: Limits, credentials: impl CredentialProvider) -> AccountDirectory {
    bound_at(&vendor.endpoint(), limits, credentials).await
}

async fn bound_at(endpoint: &str, limits: Limits, credentials: impl CredentialProvider) -> AccountDirectory {
    let limits = Limits { concurrent_calls: 16, ..limits };
    let runtime = Runtime::builder().allow_loopback(true).limits(limits).build().unwrap();
    let connector = runtime.load(portcullis_connectors::ZPA).await.unwrap();
    connector.directory(Account::new(endpoint).unwrap().with_pace(Pace::unlimited()), credentials).unwrap()
}

#[tokio::test]
async fn a_page_is_read_with_the_token_on_the_wire() {
    let vendor = vendor().await;
    let directory = bound(&vendor, Limits::default(), StaticToken::new(TOKEN).unwrap()).await;
    let page = directory.list_users(PageQuery::default()).await.unwrap();
    assert_eq!((page.items.len(), page.total), (100, Some(120)));
    let exchanges = vendor.exchanges();
    assert_eq!(exchanges.len(), 1);
    assert_eq!(exchanges[0].request_header("authorization"), Some(format!("Bearer {TOKEN}").as_str()));
}

#[tokio::test]
async fn many_tasks_share_one_handle() {
    let vendor = vendor().await;
    let directory = bound(&vendor, Limits::default(), StaticToken::new(TOKEN).unwrap()).await;
    let tasks = (0..16).map(|_| {
        let directory = directory.clone();
        tokio::spawn(async move { directory.list_users(PageQuery::default()).await.map(|page| page.items.len()) })
    });
    for task in tasks.collect::<Vec<_>>() {
        assert_eq!(task.await.unwrap(), Ok(100));
    }
}

#[tokio::test]
async fn a_missing_credential_is_said_in_the_providers_words() {
    let vendor = vendor().await;
    let directory = bound(&vendor, Limits::default(), Sealed).await;
    let error = directory.list_users(PageQuery::default()).await.unwrap_err();
    assert_eq!(error.message, "there is no credential: the vault is sealed");
    assert_eq!((error.kind, error.code.as_deref()), (ErrorKind::Unauthorized, Some("credential")));
    assert_eq!(vendor.request_count(), 0);
}

#[tokio::test]
async fn a_page_beyond_the_bound_is_an_error_with_the_hosts_reason() {
    let vendor = vendor().await;
    let limits = Limits { reply_bytes: 1000, ..Limits::default() };
    let directory = bound(&vendor, limits, StaticToken::new(TOKEN).unwrap()).await;
    let error = directory.list_users(PageQuery::default()).await.unwrap_err();
    assert_eq!(error.message, "the call has received all of its 1000 bytes");
    assert!(error.is_limit());
    // The connector was told which, or it would have taken the vendor for out of order.
    assert_eq!((error.kind, error.effect), (ErrorKind::Protocol, Effect::None));
}

#[tokio::test]
async fn what_a_dead_vendor_leaves_undone_is_known() {
    let vendor = vendor().await;
    let directory = bound(&vendor, Limits::default(), StaticToken::new(TOKEN).unwrap()).await;
    vendor.shutdown().await;
    for (request, effect) in [
        (write("DELETE", "Users/301188", None), Effect::None),
        (write("POST", "Users", Some("{}")), Effect::None),
        (write("GET", "Users", None), Effect::None),
    ] {
        let error = directory.request(request).await.unwrap_err();
        assert_eq!((error.kind, error.code.as_deref()), (ErrorKind::Unavailable, Some("connection")));
        assert_eq!(error.effect, effect);
    }
}

#[tokio::test]
async fn what_a_vendor_that_dies_of_a_request_did_is_not_known() {
    let vendor = Emulator::start(Options {
        auth: Auth::Token(TOKEN.to_owned()),
        faults: vec!["reset=after".parse().unwrap()],
        ..Options::default()
    });
    let vendor = vendor.await.unwrap();
    let directory = bound(&vendor, Limits::default(), StaticToken::new(TOKEN).unwrap()).await;
    for (request, effect) in [
        (write("DELETE", "Users/301188", None), Effect::Unknown),
        (write("POST", "Users", Some("{}")), Effect::Unknown),
        (write("GET", "Users", None), Effect::None),
    ] {
        let error = directory.request(request).await.unwrap_err();
        assert_eq!((error.kind, error.code.as_deref()), (ErrorKind::Unavailable, Some("connection")));
        assert_eq!(error.effect, effect);
    }
    assert_eq!(vendor.request_count(), 3);
}

#[tokio::test]
async fn an_account_without_a_token_sends_none() {
    let vendor = Emulator::start(Options { auth: Auth::None, ..Options::default() }).await.unwrap();
    let directory = bound(&vendor, Limits::default(), Anonymous).await;
    assert!(directory.list_users(PageQuery::default()).await.is_ok());
    assert_eq!(vendor.exchanges()[0].request_header("authorization"), None);
}

#[tokio::test]
async fn an_account_without_a_token_is_for_loopback_addresses_unless_the_operator_says_otherwise() {
    for (allowed, refusal) in [
        (false, Some("the endpoint `https://vendor.example/v2` needs a credential, as it is at no loopback address")),
        (true, None),
    ] {
        let limits = Limits { concurrent_calls: 1, ..Limits::default() };
        let runtime = Runtime::builder().allow_loopback(true).allow_anonymous(allowed).limits(limits).build().unwrap();
        let connector = runtime.load(portcullis_connectors::ZPA).await.unwrap();
        let bound = |endpoint: &str| connector.directory(Account::new(endpoint).unwrap(), Anonymous).map(drop);
        assert!(bound("http://127.0.0.1:1/v2").is_ok());
        let error = bound("https://vendor.example/v2").err();
        assert_eq!(error.as_ref().map(ToString::to_string).as_deref(), refusal);
        assert_eq!(error.is_some_and(|error| error.is_endpoint_refused()), refusal.is_some());
    }
}

#[tokio::test]
async fn the_description_is_there_without_an_account() {
    let runtime = Runtime::builder().limits(Limits { concurrent_calls: 1, ..Limits::default() }).build().unwrap();
    let connector = runtime.load(portcullis_connectors::ZPA).await.unwrap();
    assert_eq!(connector.description().name, "zpa");
}

#[tokio::test]
async fn a_write_that_is_denied_while_its_body_is_written_is_forbidden_and_changed_nothing() {
    let vendor = vendor().await;
    let limits = Limits { request_bytes: 10_000, ..Limits::default() };
    let directory = bound(&vendor, limits, StaticToken::new(TOKEN).unwrap()).await;
    let write = |header: &str, bytes| VendorRequest {
        method: "POST".to_owned(),
        path: "Users".to_owned(),
        headers: vec![(header.to_owned(), "x".to_owned())],
        body: Some(vec![b' '; bytes]),
        ..VendorRequest::default()
    };
    for (request, message) in [
        (write("accept", 100_000), "the call has sent all of its 10000 bytes"),
        (write("x-forwarded-for", 100_000), "the request sets the header `x-forwarded-for`, which is not allowed"),
        (write("x-forwarded-for", 1), "the request sets the header `x-forwarded-for`, which is not allowed"),
    ] {
        let error = directory.request(request).await.unwrap_err();
        assert_eq!(error.message, message);
        assert_eq!((error.kind, error.code.as_deref()), (ErrorKind::Forbidden, Some("denied")));
        assert_eq!(error.effect, Effect::None);
    }
    assert_eq!(vendor.request_count(), 0);
}

fn write(method: &str, path: &str, body: Option<&str>) -> VendorRequest {
    VendorRequest {
        method: method.to_owned(),
        path: path.to_owned(),
        body: body.map(|body| body.as_bytes().to_vec()),
        ..VendorRequest::default()
    }
}

#[tokio::test]
async fn a_dry_run_opens_no_connection_and_fetches_no_credential_for_a_write() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let endpoint = format!("http://{}/v2", listener.local_addr().unwrap());
    let (directory, run) = bound_at(&endpoint, Limits::default(), Sealed).await.dry_run();
    let simulated = ("x-portcullis-simulated".to_owned(), "true".to_owned());
    let mut seen = Vec::new();
    for (method, path, body, status) in [
        ("POST", "Users", Some(r#"{"userName":"ada"}"#), 201),
        ("GET", "Users/simulated-1", None, 200),
        ("PUT", "Users/7", Some(r#"{"id":"7"}"#), 200),
        ("PATCH", "Users/7", Some("{}"), 204),
        ("DELETE", "Users/7", None, 204),
    ] {
        let reply = directory.request(write(method, path, body)).await.unwrap();
        assert_eq!(reply.status, status, "{method}");
        assert!(reply.headers.contains(&simulated));
        seen.push(String::from_utf8(reply.body).unwrap());
    }
    let ada = r#"{"id":"simulated-1","userName":"ada"}"#;
    assert_eq!(seen, [ada, ada, r#"{"id":"7"}"#, "", ""]);
    let unsent = run.requests();
    let unsent: Vec<_> = unsent.iter().map(|request| (request.method.as_str(), request.path.as_str())).collect();
    assert_eq!(unsent, [("POST", "Users"), ("PUT", "Users/7"), ("PATCH", "Users/7"), ("DELETE", "Users/7")]);
    assert_eq!(listener.accept().unwrap_err().kind(), Io::WouldBlock);
}

#[tokio::test]
async fn a_dry_run_reads_the_vendor_and_its_handle_goes_on_writing() {
    let vendor = vendor().await;
    let directory = bound(&vendor, Limits::default(), StaticToken::new(TOKEN).unwrap()).await;
    let (rehearsal, run) = directory.dry_run();
    let user = rehearsal.list_users(PageQuery::default()).await.unwrap().items.remove(0);
    let gone = format!("Users/{}", user.id);
    assert_eq!(rehearsal.request(write("DELETE", &gone, None)).await.unwrap().status, 204);
    assert_eq!(rehearsal.get_user(&user.id, ReadOptions::default()).await.unwrap(), user);
    let methods = || vendor.exchanges().iter().map(|exchange| exchange.method.to_string()).collect::<Vec<_>>();
    assert_eq!(methods(), ["GET", "GET"]);
    let reply = directory.request(write("DELETE", &gone, None)).await.unwrap();
    assert!(!reply.headers.iter().any(|(name, _)| name == "x-portcullis-simulated"));
    assert_eq!((methods(), run.requests().len()), (vec!["GET".into(), "GET".into(), "DELETE".into()], 1));
}

#[tokio::test]
async fn what_is_denied_is_denied_in_a_dry_run_too() {
    let vendor = vendor().await;
    let (directory, run) = bound(&vendor, Limits::default(), Sealed).await.dry_run();
    let headers = vec![("x-forwarded-for".to_owned(), "x".to_owned())];
    let error = directory.request(VendorRequest { headers, ..write("POST", "Users", Some("{}")) }).await.unwrap_err();
    assert_eq!(error.message, "the request sets the header `x-forwarded-for`, which is not allowed");
    assert_eq!((error.kind, error.effect, run.requests()), (ErrorKind::Forbidden, Effect::None, vec![]));
}

#[tokio::test]
async fn the_headers_of_a_reply_keep_the_vendors_order() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}/v2", listener.local_addr().unwrap());
    let vendor = std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        assert!(connection.read(&mut [0; 4096]).unwrap() > 0);
        let reply = "HTTP/1.1 200 OK\r\nx-z: 1\r\nset-cookie: a=b\r\netag: 2\r\ncontent-length: 0\r\nx-a: 3\r\n\
                     connection: close\r\ndate: 4\r\nx-z: 5\r\nx-b: 6\r\n\r\n";
        connection.write_all(reply.as_bytes()).unwrap();
    });
    let directory = bound_at(&endpoint, Limits::default(), StaticToken::new(TOKEN).unwrap()).await;
    let reply = directory.request(write("GET", "Users", None)).await.unwrap();
    vendor.join().unwrap();
    let headers: Vec<_> = reply.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    assert_eq!(headers, ["x-z: 1", "x-z: 5", "etag: 2", "x-a: 3", "date: 4", "x-b: 6"]);
}
