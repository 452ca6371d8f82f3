//! Servers that answer to do harm, as a connector sees them that looks at everything.

use std::io::Write as _;
use std::time::Duration;

use portcullis_directory::{Directory as _, VendorRequest};

use crate::attack::{naive, sandboxed, send, shown, works};
use crate::naive::Ended;
use crate::wire::{Act, Wire};

/// What becomes of a request to this server in the sandbox, which goes on to work.
async fn told(vendor: &Wire) -> String {
    let directory = sandboxed(&vendor.endpoint()).await;
    let outcome = directory.request(users(vendor)).await;
    assert!(works(&directory).await);
    shown(outcome)
}

fn users(vendor: &Wire) -> VendorRequest {
    send(&vendor.authority(), "/v2/Users")
}

#[tokio::test]
async fn a_redirect_leads_nowhere() {
    let elsewhere = Wire::friendly().await;
    for status in [301, 302, 303, 307, 308] {
        let head = format!("HTTP/1.1 {status} Elsewhere\r\nlocation: http://{}/v2/Users\r\n", elsewhere.authority());
        let vendor = Wire::answering(head + "refresh: 0; url=/v3\r\ncontent-length: 0\r\n\r\n").await;
        let reply = sandboxed(&vendor.endpoint()).await.request(users(&vendor)).await.unwrap();
        assert_eq!((reply.status, vendor.asked().len()), (status, 1));
        // The library follows none either; a connector that does so itself goes where it likes there, and here not.
        assert_eq!(naive(&vendor.endpoint()).await.request(users(&vendor)).await.unwrap().status, status);
        let followed = sandboxed(&vendor.endpoint()).await.request(users(&elsewhere)).await.unwrap_err();
        assert_eq!(followed.code.as_deref(), Some("denied"));
    }
    assert_eq!(elsewhere.connections(), 0);
    assert!(naive("").await.request(users(&elsewhere)).await.is_ok());
}

#[tokio::test]
async fn an_answer_that_drips_is_given_up_when_its_request_has_had_its_time() {
    for begin in ["HTTP/1.1 200 OK\r\nx-slow: ", "HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n"] {
        let vendor = Wire::start(vec![Act::Request, Act::Say(begin.into()), Act::Drip(b"1")]).await;
        assert_eq!(told(&vendor).await, "timeout: no complete reply within 1s", "{begin}");
        // There the vendor holds the call, and what it takes of the host, for as long as it likes.
        let mut naive = naive(&vendor.endpoint()).await.within(Duration::from_millis(1200));
        assert!(matches!(naive.request(users(&vendor)).await, Err(Ended::Endless)), "{begin}");
    }
}

#[tokio::test]
async fn an_answer_is_no_larger_than_the_call_may_receive() {
    const SIZE: usize = 8 << 20;
    let body = vec![b'x'; SIZE];
    let counted = [format!("HTTP/1.1 200 OK\r\ncontent-length: {SIZE}\r\n\r\n").as_bytes(), &body].concat();
    let chunk = [format!("{SIZE:x}\r\n").as_bytes(), &body, b"\r\n0\r\n\r\n"].concat();
    let chunked = [b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".as_slice(), &chunk].concat();
    for answer in [counted, chunked] {
        let vendor = Wire::answering(answer).await;
        assert_eq!(told(&vendor).await, "limit: the call has received all of its 1048576 bytes");
        assert_eq!(naive(&vendor.endpoint()).await.request(users(&vendor)).await.unwrap().body.len(), SIZE);
    }
}

#[tokio::test]
async fn a_head_has_an_end() {
    let mut head = b"HTTP/1.1 200 OK\r\n".to_vec();
    for number in 0..50_000 {
        write!(head, "x-{number}: {number}\r\n").unwrap();
    }
    let vendor = Wire::answering([head.as_slice(), b"\r\n"].concat()).await;
    let told = told(&vendor).await;
    assert!(told.starts_with("connection: the connection broke: "), "{told}");
    // The client library bounds heads of its own accord.
    assert!(naive(&vendor.endpoint()).await.request(users(&vendor)).await.is_err());
}

/// A gibibyte of zeros is a mebibyte of gzip. It is never unpacked: the host asks for no encoding and takes none.
#[tokio::test]
async fn a_compressed_answer_is_refused_unread() {
    for encoding in ["gzip", "br", "deflate", "zstd", "identity, gzip"] {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-encoding: {encoding}\r\ncontent-length: 4\r\n\r\n");
        let vendor = Wire::answering([head.as_bytes(), &[0x1f, 0x8b, 8, 0]].concat()).await;
        let told = told(&vendor).await;
        assert!(told.starts_with("encoding: the reply has the content encoding `"), "{told}");
        assert!(vendor.asked()[0].contains("\r\naccept-encoding: identity\r\n"), "{:?}", vendor.asked());
        // There the bomb is handed to the connector, to go off in its memory, which has no limit.
        let reply = naive(&vendor.endpoint()).await.request(users(&vendor)).await.unwrap();
        assert_eq!(reply.body, [0x1f, 0x8b, 8, 0]);
    }
}

#[tokio::test]
async fn what_is_no_http_is_a_broken_connection() {
    for answer in [
        &b"\0\0\0\0\0\0\0\0"[..],
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
    ] {
        let vendor = Wire::start(vec![Act::Request, Act::Say(answer.to_vec()), Act::Finish, Act::Wait]).await;
        let told = told(&vendor).await;
        assert!(told.starts_with("connection: the connection broke: "), "{told}");
        // The two share a client library.
        assert!(naive(&vendor.endpoint()).await.request(users(&vendor)).await.is_err());
    }
}
