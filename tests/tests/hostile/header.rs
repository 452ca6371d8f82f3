//! Headers and trailers of a request.

use portcullis_directory::{Directory as _, ErrorKind, VendorRequest};
use portcullis_tests::TOKEN;

use crate::attack::{naive, pairs, sandboxed, send, shown};
use crate::naive::Ended;
use crate::wire::Wire;

/// Who is asked, who asks, and how the message is framed.
const HOSTS: [&str; 14] = [
    "authorization",
    "Authorization",
    "connection",
    "cookie",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

fn with_header(vendor: &Wire, name: &str) -> VendorRequest {
    let headers = pairs(&[(name, "forged")]);
    VendorRequest { headers, ..send(&vendor.authority(), "/v2/Users") }
}

#[tokio::test]
async fn a_connector_cannot_set_a_header_of_the_host() {
    let vendor = Wire::friendly().await;
    let directory = sandboxed(&vendor.endpoint()).await;
    for name in HOSTS {
        let told = shown(directory.request(with_header(&vendor, name)).await);
        assert_eq!(told, format!("header-forbidden: {name}"));
    }
    assert_eq!(vendor.connections(), 0);

    let mut naive = naive(&vendor.endpoint()).await;
    let mut arrived = Vec::new();
    for name in HOSTS {
        match naive.request(with_header(&vendor, name)).await {
            Ok(_) => arrived.push(name),
            // The library itself withholds what frames the message.
            Err(ended) => assert!(matches!(ended, Ended::Told { code, .. } if code == "header-forbidden"), "{name}"),
        }
    }
    assert_eq!(arrived, ["authorization", "Authorization", "cookie", "set-cookie", "te", "trailer"]);
    assert!(vendor.asked()[0].contains("\r\nauthorization: forged\r\n"), "{:?}", vendor.asked());
}

#[tokio::test]
async fn a_connector_sets_those_headers_only_that_say_what_it_sends_and_accepts() {
    const OTHERS: [&str; 6] = ["x-forwarded-for", "forwarded", "range", "expect", "x-http-method-override", "origin"];
    let vendor = Wire::friendly().await;
    let directory = sandboxed(&vendor.endpoint()).await;
    for name in OTHERS {
        let error = directory.request(with_header(&vendor, name)).await.unwrap_err();
        assert_eq!(error.message, format!("the request sets the header `{name}`, which is not allowed"));
        assert_eq!(error.kind, ErrorKind::Forbidden);
    }
    assert_eq!(vendor.connections(), 0);
    directory.request(with_header(&vendor, "accept")).await.unwrap();
    let [asked] = &vendor.asked()[..] else { panic!("{:?}", vendor.asked()) };
    assert!(asked.contains("\r\naccept: forged\r\n") && asked.contains(&format!("authorization: Bearer {TOKEN}\r\n")));

    let mut naive = naive(&vendor.endpoint()).await;
    for name in OTHERS {
        naive.request(with_header(&vendor, name)).await.unwrap();
        assert!(vendor.asked().last().unwrap().contains(&format!("\r\n{name}: forged\r\n")), "{name}");
    }
}

/// Two headers where the head of a message ends, or the host's own comes a second time.
#[tokio::test]
async fn a_header_cannot_hold_another_one() {
    let vendor = Wire::friendly().await;
    let smuggled = VendorRequest {
        headers: pairs(&[("accept", "x\r\nauthorization: forged")]),
        ..send(&vendor.authority(), "/v2/Users")
    };
    let told = shown(sandboxed(&vendor.endpoint()).await.request(smuggled.clone()).await);
    assert_eq!(told, "header-syntax: accept");
    // The library looks at the syntax of its own accord.
    let ended = naive(&vendor.endpoint()).await.request(smuggled).await.unwrap_err();
    assert!(matches!(ended, Ended::Told { code, .. } if code == "header-syntax"));
    assert_eq!(vendor.connections(), 0);
}

#[tokio::test]
async fn a_connector_sends_no_trailers() {
    let vendor = Wire::friendly().await;
    let with_trailer = |trailer: &str| {
        let mut request = send(&vendor.authority(), "/v2/Users");
        request.query.extend(pairs(&[("method", "POST"), ("trailer", trailer)]));
        VendorRequest { body: Some(b"{}".to_vec()), ..request }
    };
    let directory = sandboxed(&vendor.endpoint()).await;
    let told = shown(directory.request(with_trailer("authorization=forged")).await);
    assert_eq!(told, "header-forbidden: authorization");
    let told = shown(directory.request(with_trailer("x-audit=forged")).await);
    assert_eq!(told, "denied: the request has trailers, which are not allowed");
    assert_eq!(vendor.connections(), 0);

    // The client library sends those trailers that a header announces, which is withheld here and not there.
    let announced = VendorRequest { headers: pairs(&[("trailer", "x-audit")]), ..with_trailer("x-audit=forged") };
    naive(&vendor.endpoint()).await.request(announced).await.unwrap();
    assert!(vendor.asked()[0].ends_with("0\r\nx-audit: forged\r\n\r\n"), "{:?}", vendor.asked());
}
