//! Where a request goes.

use portcullis_directory::{Directory as _, ErrorKind, VendorRequest};

use crate::attack::{naive, pairs, sandboxed, send, shown};
use crate::wire::Wire;

#[tokio::test]
async fn a_connector_reaches_no_other_host_or_port_in_any_spelling() {
    let (vendor, victim) = (Wire::friendly().await, Wire::friendly().await);
    let port = victim.address.port();
    let hosts = [
        "127.0.0.1",
        "localhost",
        "LOCALHOST.",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "127.000.000.001",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::1]",
        "user@127.0.0.1",
        "user:password@127.0.0.1",
    ];
    let directory = sandboxed(&vendor.endpoint()).await;
    let mut naive = naive(&vendor.endpoint()).await;
    let mut reached = Vec::new();
    for host in hosts {
        let request = send(&format!("{host}:{port}"), "/v2/Users");
        let error = directory.request(request.clone()).await.unwrap_err();
        // What is no authority in the eyes of the library never becomes a request.
        let refused = ["the host does not take it", "the request goes to another place than the account's endpoint"];
        assert!(refused.contains(&error.message.as_str()), "{host}: {error}");
        assert_eq!((vendor.connections(), victim.connections()), (0, reached.len()), "{host}");
        // Some of these are as the resolver of the system likes.
        if naive.request(request).await.is_ok() {
            reached.push(host);
        }
    }
    assert!(reached.contains(&"127.0.0.1") && reached.contains(&"localhost"), "{reached:?}");
    assert_eq!((vendor.connections(), victim.connections()), (0, reached.len()));
}

#[tokio::test]
async fn a_connector_reaches_no_other_scheme() {
    let vendor = Wire::friendly().await;
    for scheme in ["https", "ftp", "file", "unix"] {
        let query = pairs(&[("scheme", scheme), ("authority", &vendor.authority())]);
        let request = VendorRequest { query, ..send("", "/v2/Users") };
        let told = shown(sandboxed(&vendor.endpoint()).await.request(request.clone()).await);
        let known = "denied: the request goes to another place than the account's endpoint";
        // Other schemes are the library's to refuse, in both hosts.
        let unknown = "http: ErrorCode::HttpProtocolError";
        assert_eq!(told, if scheme == "https" { known } else { unknown }, "{scheme}");
        assert_eq!(vendor.connections(), usize::from(scheme != "https"));
        if scheme == "https" {
            naive(&vendor.endpoint()).await.request(request).await.unwrap_err();
        }
    }
    // It said hello in TLS.
    assert!(vendor.asked()[0].starts_with('\u{16}'));
}

#[tokio::test]
async fn a_connector_reaches_no_other_path_in_any_spelling() {
    let vendor = Wire::friendly().await;
    let directory = sandboxed(&vendor.endpoint()).await;
    let mut naive = naive(&vendor.endpoint()).await;
    let paths = [
        "/",
        "/v3/Users",
        "/v22/Users",
        "/V2/Users",
        "/v2/../v3/Users",
        "/v2/./../v3/Users",
        "/v2/%2e%2e/v3/Users",
        "/v2/%2E./v3/Users",
        "/v2/%252e%252e/v3/Users",
        "/v2/..%2fv3/Users",
        "/v2/..%5cv3/Users",
        "/v2/..;/v3/Users",
        "/v2//v3/Users",
        "//v2/Users",
        "/v2/%c0%ae%c0%ae/v3/Users",
        "/v2/x%00/../v3",
        "/v2/x%3f/y",
        "?/v2/Users",
    ];
    for path in paths {
        let request = send(&vendor.authority(), path);
        let before = vendor.asked().len();
        let error = directory.request(request.clone()).await.unwrap_err();
        assert_eq!((error.kind, error.code.as_deref()), (ErrorKind::Forbidden, Some("denied")), "{path}: {error}");
        assert_eq!(vendor.asked().len(), before, "{path}");
        naive.request(request).await.unwrap();
        let line = vendor.asked().last().unwrap().lines().next().unwrap().to_owned();
        assert!(line == format!("GET {path} HTTP/1.1") || path.starts_with('?'), "{line}");
    }
    for path in ["http://127.0.0.1/v2/Users", "*", "v2/Users", "/v2/Us ers", "/v2/\r\nhost: x"] {
        // What is no path is the library's to refuse, in both hosts.
        let told = shown(directory.request(send(&vendor.authority(), path)).await);
        assert_eq!(told, "path: the host does not take it", "{path}");
        naive.request(send(&vendor.authority(), path)).await.unwrap_err();
    }
}

#[tokio::test]
async fn a_connector_uses_everyday_methods_and_no_other() {
    let vendor = Wire::friendly().await;
    let directory = sandboxed(&vendor.endpoint()).await;
    let mut naive = naive(&vendor.endpoint()).await;
    for method in ["TRACE", "OPTIONS", "PROPFIND", "get"] {
        let mut request = send(&vendor.authority(), "/v2/Users");
        request.query.extend(pairs(&[("method", method)]));
        let before = vendor.asked().len();
        let told = shown(directory.request(request.clone()).await);
        assert_eq!(told, "denied: the request has a method that is not allowed", "{method}");
        assert_eq!(vendor.asked().len(), before);
        naive.request(request).await.unwrap();
        assert!(vendor.asked().last().unwrap().starts_with(&format!("{method} /v2/Users")), "{method}");
    }
}
