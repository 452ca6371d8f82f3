//! The token, which no connector ever sees.

use std::fmt::Write as _;

use portcullis_directory::{Directory as _, Reply, VendorRequest};
use portcullis_tests::TOKEN;

use crate::attack::{attack, naive, pairs, sandboxed, send};
use crate::wire::Wire;

/// What a connector finds of the token in an answer.
fn finds(reply: &Reply) -> bool {
    let headers = reply.headers.iter().map(|(name, value)| format!("{name}: {value}\n"));
    let text = headers.collect::<String>() + &String::from_utf8_lossy(&reply.body);
    text.to_ascii_lowercase().contains(&TOKEN.to_ascii_lowercase())
}

/// Answers with the token in every place and spelling that servers were seen to echo requests in.
fn echoes() -> Vec<(&'static str, String)> {
    let whole =
        |head: &str, body: &str| format!("HTTP/1.1 401 No\r\n{head}content-length: {}\r\n\r\n{body}", body.len());
    let escaped = TOKEN.replace('-', "\\u002d");
    let encoded = TOKEN.replace('-', "%2D");
    let mut chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_owned();
    for byte in TOKEN.chars() {
        write!(chunked, "1\r\n{byte}\r\n").unwrap();
    }
    chunked += "0\r\n\r\n";
    vec![
        ("a header", whole(&format!("x-echo: Bearer {TOKEN}\r\n"), "")),
        ("the name of a header", whole(&format!("x-{TOKEN}: 1\r\n"), "")),
        ("a cookie", whole(&format!("set-cookie: session={TOKEN}\r\n"), "")),
        ("the header that asks for it", whole(&format!("www-authenticate: Bearer error=\"{TOKEN}\"\r\n"), "")),
        ("the body", whole("", &format!("bad token `{TOKEN}`"))),
        ("JSON", whole("", &format!("{{\"detail\":\"{escaped}\"}}"))),
        ("a form", whole("", &format!("token={encoded}"))),
        ("chunks of one byte", chunked),
    ]
}

#[tokio::test]
async fn a_token_that_the_server_echoes_is_gone_before_the_connector_reads_it() {
    for (place, answer) in echoes() {
        let vendor = Wire::answering(answer).await;
        let request = send(&vendor.authority(), "/v2/Users");
        let reply = sandboxed(&vendor.endpoint()).await.request(request.clone()).await.unwrap();
        assert!(vendor.asked()[0].contains(&format!("authorization: Bearer {TOKEN}")), "{:?}", vendor.asked());
        let text = String::from_utf8_lossy(&reply.body).into_owned();
        assert!(!finds(&reply), "{place}: {reply:?}");
        assert!(!text.contains("u002d") && !text.contains("%2D"), "{place}: {text}");

        // There the connector has to have the token, and it is where it says: in its own hand.
        let mut naive = naive(&vendor.endpoint()).await.with_settings(TOKEN);
        assert_eq!(naive.request(attack("SETTINGS", 0)).await.unwrap().body, TOKEN.as_bytes());
        let headers = pairs(&[("authorization", &format!("Bearer {TOKEN}"))]);
        let reply = naive.request(VendorRequest { headers, ..request }).await.unwrap();
        let is_as_it_was = !["JSON", "a form"].contains(&place);
        assert_eq!(finds(&reply), is_as_it_was, "{place}: {reply:?}");
    }
}

#[tokio::test]
async fn a_connector_is_given_no_token() {
    // Neither in what it is called with, nor in what it may read of its own request.
    let vendor = Wire::friendly().await;
    let reply = sandboxed(&vendor.endpoint()).await.request(attack("SETTINGS", 0)).await.unwrap();
    assert_eq!(reply.body, b"");
    let reply = sandboxed(&vendor.endpoint()).await.request(send(&vendor.authority(), "/v2/Users")).await.unwrap();
    assert!(!finds(&reply));
    assert!(vendor.asked()[0].contains(TOKEN));
}
