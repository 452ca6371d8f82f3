//! How many connections a host has open, and whose they are.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "functions of tests fail by panic")]

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use portcullis_directory::{Directory as _, ErrorKind, PageQuery};
use portcullis_runtime::{Account, AccountDirectory, Connector, Limits, Pace, Runtime, StaticToken};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// A vendor that counts the connections to it and notes whose requests came on each.
struct Counting {
    endpoint: String,
    seen: Arc<Seen>,
}

struct Seen {
    /// The most that were there when another one came.
    most: AtomicUsize,
    /// By the number of the connection, the tokens that came on it.
    tokens: Mutex<HashMap<usize, Vec<String>>>,
    /// A permit for each connection that ended.
    ended: Semaphore,
    /// As many requests as this has permits are answered.
    answers: Semaphore,
}

const PAGE: &str = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0,"startIndex":1,"itemsPerPage":0,"Resources":[]}"#;

impl Counting {
    async fn start(answers: usize) -> Counting {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (most, answers) = (AtomicUsize::new(0), Semaphore::new(answers));
        let seen = Arc::new(Seen { most, tokens: Mutex::default(), ended: Semaphore::new(0), answers });
        let seeing = Arc::clone(&seen);
        tokio::spawn(async move {
            let mut open = Vec::new();
            for number in 0.. {
                let stream = listener.accept().await.unwrap().0.into_std().unwrap();
                open.retain(is_open);
                open.push(stream.try_clone().unwrap());
                seeing.most.fetch_max(open.len(), Ordering::SeqCst);
                let stream = TcpStream::from_std(stream).unwrap();
                let seeing = Arc::clone(&seeing);
                tokio::spawn(async move {
                    serve(stream, number, &seeing).await;
                    seeing.ended.add_permits(1);
                });
            }
        });
        Counting { endpoint: format!("http://{address}/v2"), seen }
    }

    fn account(&self, connector: &Connector, name: usize) -> AccountDirectory {
        let account = Account::new(&self.endpoint).unwrap().with_pace(Pace::unlimited());
        connector.directory(account, StaticToken::new(format!("token-{name:04}")).unwrap()).unwrap()
    }
}

/// Whether the other side has not hung up. What has come is known before a later connection is.
fn is_open(stream: &std::net::TcpStream) -> bool {
    !matches!(stream.peek(&mut [0]), Ok(0))
}

/// Answers requests without a body until the other side hangs up, which is known at once.
async fn serve(mut stream: TcpStream, number: usize, seen: &Seen) -> Option<()> {
    let mut request = Vec::new();
    loop {
        while !request.ends_with(b"\r\n\r\n") {
            if stream.read_buf(&mut request).await.ok()? == 0 {
                return None;
            }
        }
        let text = String::from_utf8(std::mem::take(&mut request)).unwrap();
        let token = text.split("Bearer ").nth(1).unwrap().split("\r\n").next().unwrap().to_owned();
        seen.tokens.lock().unwrap().entry(number).or_default().push(token);
        seen.answers.acquire().await.unwrap().forget();
        let head =
            format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", PAGE.len());
        stream.write_all((head + PAGE).as_bytes()).await.ok()?;
    }
}

async fn connector(limits: Limits) -> Connector {
    let runtime = Runtime::builder().allow_loopback(true).limits(limits).build().unwrap();
    runtime.load(portcullis_connectors::ZPA).await.unwrap()
}

/// Many more calls at once than connections, of many more accounts, which all are answered.
#[tokio::test(flavor = "multi_thread")]
async fn there_are_never_more_connections_than_the_limit_and_nobody_goes_without() {
    let vendor = Counting::start(Semaphore::MAX_PERMITS).await;
    let connector = connector(Limits { connections: 6, ..Limits::default() }).await;
    let accounts: Vec<_> = (0..40).map(|name| vendor.account(&connector, name)).collect();
    let calls = (0..400).map(|call| {
        let account = accounts[call * 7 % 40].clone();
        tokio::spawn(async move { account.list_users(PageQuery::default()).await.map(|page| page.items.len()) })
    });
    for call in calls.collect::<Vec<_>>() {
        assert_eq!(call.await.unwrap().unwrap(), 0);
    }
    assert_eq!(vendor.seen.most.load(Ordering::SeqCst), 6);
    let tokens = vendor.seen.tokens.lock().unwrap();
    assert_eq!(tokens.values().map(Vec::len).sum::<usize>(), 400);
    assert!(tokens.values().all(|tokens| tokens.iter().all(|token| *token == tokens[0])), "{tokens:?}");
}

/// A neighbour whose vendor does not answer has all connections but those for urgent requests; who is not urgent is told
/// in time, without a write that may have been done, and the rest is as ever when it ends.
#[tokio::test(flavor = "multi_thread")]
async fn a_neighbour_that_holds_every_connection_delays_no_urgent_call_and_is_told_of() {
    let (slow, quick) = (Counting::start(0).await, Counting::start(Semaphore::MAX_PERMITS).await);
    let connect_time = Duration::from_millis(300);
    let connector = connector(Limits { connections: 20, connect_time, ..Limits::default() }).await;
    let (neighbour, account) = (slow.account(&connector, 1), quick.account(&connector, 2));
    let held: Vec<_> = (0..12)
        .map(|_| {
            let neighbour = neighbour.clone();
            tokio::spawn(async move { neighbour.list_users(PageQuery::default()).await.is_ok() })
        })
        .collect();
    while slow.seen.tokens.lock().unwrap().len() < 12 {
        tokio::task::yield_now().await;
    }
    let refused = account.list_users(PageQuery::default()).await.unwrap_err();
    assert_eq!((refused.kind, refused.code.as_deref()), (ErrorKind::Unavailable, Some("busy")));
    assert_eq!(refused.message, "all 20 connections of this host are in use");
    for _ in 0..3 {
        let urgent = account.urgent();
        let both = tokio::join!(urgent.list_users(PageQuery::default()), urgent.list_users(PageQuery::default()));
        assert!(both.0.is_ok() && both.1.is_ok(), "{both:?}");
    }
    slow.seen.answers.add_permits(12);
    for call in held {
        assert!(call.await.unwrap());
    }
    let both = tokio::join!(account.list_users(PageQuery::default()), account.list_users(PageQuery::default()));
    assert!(both.0.is_ok() && both.1.is_ok(), "{both:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_gone_leaves_no_connection() {
    let vendor = Counting::start(Semaphore::MAX_PERMITS).await;
    let account = vendor.account(&connector(Limits::default()).await, 1);
    assert!(account.list_users(PageQuery::default()).await.is_ok());
    assert_eq!(vendor.seen.ended.available_permits(), 0);
    drop(account);
    // Long before it would have been idle for too long.
    let ended = tokio::time::timeout(Duration::from_secs(15), vendor.seen.ended.acquire()).await;
    assert!(ended.is_ok());
}
