//! Servers that break off in the middle of a write, through the connector that ships and at the pace that is the
//! default, so that everything that would be tried again is.

use std::time::Duration;

use portcullis_directory::{Directory as _, Effect, Error, ErrorKind, WriteOptions};
use portcullis_runtime::{Account, AccountDirectory, Limits, Runtime, StaticToken};
use portcullis_tests::TOKEN;
use portcullis_tests::scenario::set;
use tokio::sync::OnceCell;

use crate::wire::{Act, Wire};

async fn bound(vendor: &Wire) -> AccountDirectory {
    static CONNECTOR: OnceCell<portcullis_runtime::Connector> = OnceCell::const_new();
    let load = async || {
        let limits = Limits { request_time: Duration::from_millis(700), concurrent_calls: 8, ..Limits::default() };
        let runtime = Runtime::builder().allow_loopback(true).limits(limits).build().unwrap();
        runtime.load(portcullis_connectors::ZPA).await.unwrap()
    };
    let connector = CONNECTOR.get_or_init(load).await;
    connector.directory(Account::new(vendor.endpoint()).unwrap(), StaticToken::new(TOKEN).unwrap()).unwrap()
}

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/scim+json\r\ncontent-length: 100\r\n\r\n";

/// Every place at which a server can break off, once it took the connection.
fn stages(end: &Act) -> Vec<(&'static str, Vec<Act>)> {
    let say = |text: &str| Act::Say(text.into());
    vec![
        ("before it reads", vec![end.clone(), Act::Wait]),
        ("behind the head", vec![Act::Head, end.clone(), Act::Wait]),
        ("behind the body", vec![Act::Request, end.clone(), Act::Wait]),
        ("in the status line", vec![Act::Request, say("HTTP/1.1 20"), end.clone(), Act::Wait]),
        ("in a header", vec![Act::Request, say("HTTP/1.1 200 OK\r\ncontent-le"), end.clone(), Act::Wait]),
        ("behind the headers", vec![Act::Request, say(OK), end.clone(), Act::Wait]),
        ("in the body", vec![Act::Request, say(OK), say("{\"schemas\":["), end.clone(), Act::Wait]),
    ]
}

async fn create(directory: &AccountDirectory) -> Error {
    let changes = [set("username", "ada@acme.example")];
    directory.create_user(&changes, WriteOptions::default()).await.unwrap_err()
}

async fn update(directory: &AccountDirectory) -> Error {
    directory.update_user("7", &[set("title", "Counsel")], WriteOptions::default()).await.unwrap_err()
}

/// Both writes against a server that does this: in doubt, and sent no second time.
async fn is_in_doubt(place: &str, acts: Vec<Act>) {
    let vendor = Wire::start(acts.clone()).await;
    let error = create(&bound(&vendor).await).await;
    assert_eq!((error.kind, error.effect), (ErrorKind::Unavailable, Effect::Unknown), "create, {place}: {error}");
    assert_eq!(vendor.connections(), 1, "create, {place}");
    let vendor = Wire::start(acts).await;
    let error = update(&bound(&vendor).await).await;
    assert_eq!((error.kind, error.effect), (ErrorKind::Unavailable, Effect::Unknown), "update, {place}: {error}");
    assert_eq!(vendor.connections(), 1, "update, {place}");
}

#[tokio::test]
async fn a_write_that_is_reset_at_any_stage_is_in_doubt_and_sent_once() {
    for (place, acts) in stages(&Act::Reset) {
        is_in_doubt(place, acts).await;
    }
}

#[tokio::test]
async fn a_write_to_a_server_that_closes_its_half_at_any_stage_is_in_doubt_and_sent_once() {
    for (place, acts) in stages(&Act::Finish) {
        is_in_doubt(place, acts).await;
    }
}

#[tokio::test]
async fn a_write_to_a_server_that_goes_on_one_byte_at_a_time_is_in_doubt_and_sent_once() {
    for (place, acts) in stages(&Act::Drip(b"1")).into_iter().filter(|(place, _)| place.starts_with("behind")) {
        is_in_doubt(place, acts).await;
    }
}

#[tokio::test]
async fn a_write_to_a_server_that_says_nothing_is_in_doubt_and_sent_once() {
    is_in_doubt("silence", vec![Act::Request, Act::Wait]).await;
}

/// Doing it twice is doing it once, so it is tried until it is answered.
#[tokio::test]
async fn a_deletion_that_is_reset_is_sent_again() {
    let vendor = Wire::start_with(|number| match number {
        0 => vec![Act::Head, Act::Reset],
        1 => vec![Act::Request, Act::Finish, Act::Wait],
        _ => vec![Act::Request, Act::Say(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec())],
    })
    .await;
    bound(&vendor).await.delete_user("7", WriteOptions::default()).await.unwrap();
    assert_eq!(vendor.connections(), 3);
}
