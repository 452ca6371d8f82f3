//! Calls that wait, that are given up and that are stopped, against a server that answers when it is told to.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may panic")]

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use portcullis_directory::{Change, Directory, Effect, Error, PageQuery, ReadOptions, User, Value, WriteOptions};
use portcullis_runtime::{Account, AccountDirectory, Connector, Digest, Limits, Pace, Runtime, StaticToken};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Accepts connections, and does nothing that it is not told to.
struct Server(TcpListener);

impl Server {
    async fn start() -> Server {
        Server(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    /// A connection with a whole request on it.
    async fn asked(&self) -> Asked {
        let (mut stream, _) = self.0.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        Asked(stream)
    }
}

struct Asked(TcpStream);

impl Asked {
    async fn answer(self) {
        self.answer_with(r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"7","userName":"ada"}"#)
            .await;
    }

    async fn answer_with(mut self, record: &str) {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/scim+json\r\nconnection: close\r\ncontent-length: ";
        self.0.write_all(format!("{head}{}\r\n\r\n{record}", record.len()).as_bytes()).await.unwrap();
    }

    /// Waits until the other side closes the connection, and tells how much more came before.
    async fn closed(mut self) -> usize {
        let mut rest = Vec::new();
        // A reset closes it as well.
        let _ = self.0.read_to_end(&mut rest).await;
        rest.len()
    }
}

struct Desk {
    server: Server,
    runtime: Runtime,
    connector: Connector,
}

impl Desk {
    async fn new(limits: Limits) -> Desk {
        let runtime = Runtime::builder().allow_loopback(true).limits(limits).build().unwrap();
        let connector = runtime.load(portcullis_connectors::ZPA).await.unwrap();
        Desk { server: Server::start().await, runtime, connector }
    }

    fn account(&self) -> Account {
        let endpoint = format!("http://{}/v2", self.server.0.local_addr().unwrap());
        Account::new(endpoint).unwrap().with_pace(Pace::unlimited())
    }

    fn bound(&self) -> AccountDirectory {
        self.connector.directory(self.account(), token()).unwrap()
    }
}

fn token() -> StaticToken {
    StaticToken::new("open-sesame-open-sesame").unwrap()
}

fn get(directory: &AccountDirectory) -> JoinHandle<Result<User, Error>> {
    let directory = directory.clone();
    tokio::spawn(async move { directory.get_user("7", ReadOptions::default()).await })
}

fn create(directory: &AccountDirectory) -> JoinHandle<Result<User, Error>> {
    let directory = directory.clone();
    tokio::spawn(async move {
        let changes = [Change { field: "username".to_owned(), value: Some(Value::Text("ada".to_owned())) }];
        directory.create_user(&changes, WriteOptions::default()).await
    })
}

fn few() -> Limits {
    Limits { concurrent_calls: 1, queued_calls: 4, ..Limits::default() }
}

#[tokio::test]
async fn a_call_that_is_given_up_closes_its_connection_and_sends_nothing_more() {
    let desk = Desk::new(few()).await;
    let call = get(&desk.bound());
    let asked = desk.server.asked().await;
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());
    assert_eq!(asked.closed().await, 0);
    // Its place is free, and the next request is that of another call.
    let other = desk.connector.directory(desk.account(), token()).unwrap();
    let next = get(&other);
    desk.server.asked().await.answer().await;
    assert_eq!(next.await.unwrap().unwrap().id, "7");
}

#[tokio::test]
async fn a_call_that_waits_runs_when_another_is_over() {
    let desk = Desk::new(few()).await;
    let (first, second) = (get(&desk.bound()), get(&desk.bound()));
    desk.server.asked().await.answer().await;
    desk.server.asked().await.answer().await;
    assert!(first.await.unwrap().is_ok() && second.await.unwrap().is_ok());
}

#[tokio::test]
async fn a_call_beyond_the_queue_is_refused_at_once_and_an_urgent_one_runs() {
    let desk = Desk::new(Limits { queued_calls: 0, ..few() }).await;
    let (bulk, directory) = (desk.bound(), desk.bound());
    let runs = get(&bulk);
    let asked = desk.server.asked().await;
    let refused = directory.get_user("7", ReadOptions::default()).await.unwrap_err();
    assert!(refused.is_busy() && refused.effect == Effect::None, "{refused}");
    // Even of the account that takes all the room.
    let urgent = get(&bulk.urgent());
    desk.server.asked().await.answer().await;
    assert!(urgent.await.unwrap().is_ok());
    asked.answer().await;
    assert!(runs.await.unwrap().is_ok());
}

#[tokio::test]
async fn one_account_cannot_take_all_the_room() {
    let limits = Limits { concurrent_calls: 4, calls_per_account: 1, queue_time: Duration::ZERO, ..Limits::default() };
    let desk = Desk::new(limits).await;
    let (bulk, other) = (desk.bound(), desk.bound());
    let runs = get(&bulk);
    let held = desk.server.asked().await;
    assert!(bulk.get_user("7", ReadOptions::default()).await.unwrap_err().is_busy());
    let others = get(&other);
    desk.server.asked().await.answer().await;
    assert!(others.await.unwrap().is_ok());
    held.answer().await;
    assert!(runs.await.unwrap().is_ok());
}

#[tokio::test]
async fn an_account_may_have_less_time_than_others_and_never_more() {
    let time = Duration::from_millis(500);
    let (long, short) = (
        Limits { call_time: Duration::from_mins(9), ..Limits::default() },
        Limits { call_time: time, ..Limits::default() },
    );
    for (runtime, account) in [(short, long), (long, short)] {
        let desk = Desk::new(runtime).await;
        let directory = desk.connector.directory(desk.account().with_limits(account), token()).unwrap();
        let start = Instant::now();
        // The server is never told to take the connection, let alone to answer.
        let error = directory.get_user("7", ReadOptions::default()).await.unwrap_err();
        assert_eq!(error.message, "the connector did not answer within 500ms");
        assert!(start.elapsed() < Duration::from_mins(1));
    }
}

#[tokio::test]
async fn an_account_may_have_fewer_requests_than_others() {
    let desk = Desk::new(Limits::default()).await;
    let none = Limits { requests: 0, ..Limits::default() };
    let directory = desk.connector.directory(desk.account().with_limits(none), token()).unwrap();
    let error = directory.get_user("7", ReadOptions::default()).await.unwrap_err();
    assert_eq!(error.message, "the call has made all of its 0 requests");
    // A handle that was made of it has no more.
    assert!(directory.urgent().get_user("7", ReadOptions::default()).await.is_err());
}

#[tokio::test]
async fn an_account_that_is_pinned_to_another_component_is_not_bound() {
    let desk = Desk::new(few()).await;
    assert_eq!(desk.connector.digest(), Digest::of(portcullis_connectors::ZPA));
    let bound = |digest| desk.connector.directory(desk.account().pinned_to(digest), token());
    assert!(bound(desk.connector.digest()).is_ok());
    let error = bound(Digest::of(b"another")).unwrap_err();
    let (found, pinned) = (desk.connector.digest(), Digest::of(b"another"));
    assert_eq!(error.to_string(), format!("the component is {found}, and {pinned} is pinned"));
    assert!(error.is_other_component());
}

#[tokio::test]
async fn a_runtime_that_shuts_down_lets_calls_finish_and_begins_none() {
    let desk = Desk::new(Limits { queued_calls: 9, ..few() }).await;
    let directory = desk.bound();
    let runs = get(&directory);
    let asked = desk.server.asked().await;
    let waits = get(&directory);
    let (runtime, done) = (desk.runtime.clone(), Arc::new(tokio::sync::Notify::new()));
    let shutdown = tokio::spawn({
        let done = Arc::clone(&done);
        async move {
            let stopped = runtime.shutdown(Duration::from_mins(9)).await;
            done.notify_one();
            stopped
        }
    });
    let refused = waits.await.unwrap().unwrap_err();
    assert_eq!(refused.to_string(), "the runtime is shutting down (`shutdown`)");
    assert_eq!((refused.is_shutdown(), refused.effect), (true, Effect::None));
    assert!(directory.urgent().get_user("7", ReadOptions::default()).await.unwrap_err().is_shutdown());
    asked.answer().await;
    assert!(runs.await.unwrap().is_ok());
    done.notified().await;
    assert_eq!(shutdown.await.unwrap(), 0);
}

#[tokio::test]
async fn a_call_that_outlasts_the_shutdown_is_stopped_and_its_write_may_have_arrived() {
    let desk = Desk::new(Limits { concurrent_calls: 2, ..few() }).await;
    let (reads, writes) = (get(&desk.bound()), create(&desk.bound()));
    let (first, second) = (desk.server.asked().await, desk.server.asked().await);
    assert_eq!(desk.runtime.shutdown(Duration::from_millis(50)).await, 2);
    let (read, write) = (reads.await.unwrap().unwrap_err(), writes.await.unwrap().unwrap_err());
    assert_eq!(read.message, "the runtime was shut down before the connector answered");
    assert_eq!((read.is_shutdown(), read.effect), (true, Effect::None));
    assert_eq!((write.is_shutdown(), write.effect), (true, Effect::Unknown));
    // Nothing of them is left but perhaps the body of the write.
    first.closed().await;
    second.closed().await;
}

#[tokio::test]
async fn the_largest_group_that_a_reply_can_hold_is_read_within_the_default_limits() {
    let desk = Desk::new(Limits::default()).await;
    let mut group = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"7","members":["#.to_owned();
    let mut members = 0;
    while group.len() < Limits::default().reply_bytes - 300 {
        members += 1;
        let id = format!("7fdcf65d-817c-4a9a-8fda-{members:012}");
        let separator = if members == 1 { "" } else { "," };
        write!(
            group,
            r#"{separator}{{"value":"{id}","display":"Person {members}","$ref":"https://scim.private.zscaler.com/scim/1/111222333444555666/v2/Users/{id}"}}"#,
        )
        .unwrap();
    }
    group += "]}";
    let directory = desk.bound();
    let call = tokio::spawn(async move { directory.list_members("7", PageQuery::default()).await });
    desk.server.asked().await.answer_with(&group).await;
    let page = call.await.unwrap().unwrap();
    assert!(members > 80_000);
    assert_eq!((page.items.len(), page.total, page.unreadable.len()), (members, u32::try_from(members).ok(), 0));
}
