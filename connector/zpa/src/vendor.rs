//! `vendor-api.request`: the vendor's own API, unmapped.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::account::{Account, Endpoint};
use crate::error::{Error, invalid_input};
use crate::http::{Send, encode, query};
use crate::status;
use crate::wit;

/// Methods that may be sent.
const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/// Headers that are the host's, or the connection's, to set.
const RESERVED: [&str; 11] = [
    "authorization",
    "connection",
    "content-length",
    "cookie",
    "expect",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// What is to be sent.
#[derive(Clone, Debug)]
pub struct VendorRequest {
    pub method: String,
    pub path: String,
    pub query: Vec<(String, String)>,
    pub headers: Vec<(String, String)>,
    pub body: Option<Vec<u8>>,
}

/// Sends one request to the vendor and passes the answer on, whatever its status. Requests: 1.
pub fn request(account: &Account, wanted: VendorRequest, send: &mut Send<'_>) -> Result<wit::Reply, Error> {
    let method = METHODS.into_iter().find(|method| *method == wanted.method).ok_or_else(|| {
        let known = "GET, HEAD, POST, PUT, PATCH, DELETE";
        invalid_input("method", &format!("method `{}` is none of {known}", wanted.method))
    })?;
    let path = relative(&wanted.path)?;
    let pairs = query(&wanted.query);
    let mut request = Endpoint::request(&account.endpoint, method, &format!("{path}{pairs}"));
    request.headers = headers(wanted.headers)?;
    if wanted.body.is_some() && !request.headers.iter().any(|(name, _)| name == "content-type") {
        request.headers.push(("content-type".to_owned(), "application/scim+json".to_owned()));
    }
    request.body = wanted.body;

    let writes = !matches!(method, "GET" | "HEAD");
    let response = send(&request).map_err(|failure| status::undelivered(&failure, writes))?;
    Ok(wit::Reply { status: response.status, headers: response.headers, body: response.body })
}

/// A path under the endpoint, encoded where it is not yet.
fn relative(path: &str) -> Result<String, Error> {
    let wrong = |why: &str| invalid_input("path", &format!("path `{path}` {why}"));
    if path.contains(['?', '#']) {
        return Err(wrong("has a query or a fragment, which do not belong in it"));
    }
    let first = path.split('/').next().unwrap_or_default();
    if path.starts_with('/') || path.contains('\\') || first.contains(':') {
        return Err(wrong("is not relative to the endpoint"));
    }
    let mut encoded = String::with_capacity(path.len());
    for segment in path.split('/') {
        if climbs(segment.as_bytes()) {
            return Err(wrong("climbs out of the endpoint"));
        }
        if !encoded.is_empty() {
            encoded.push('/');
        }
        encode_once(segment, &mut encoded);
    }
    Ok(encoded)
}

/// Whether a segment means the directory itself or the one above, or hides a separator, in any spelling.
fn climbs(segment: &[u8]) -> bool {
    let mut rest = segment;
    let mut dots = 0;
    while let [b'.', tail @ ..] | [b'%', b'2', b'e' | b'E', tail @ ..] = rest {
        dots += 1;
        rest = tail;
    }
    let is_separator = |code: &[u8]| code.eq_ignore_ascii_case(b"%2f") || code.eq_ignore_ascii_case(b"%5c");
    (rest.is_empty() && matches!(dots, 1 | 2)) || segment.windows(3).any(is_separator)
}

/// Encodes what needs it and leaves an encoded byte as it is.
fn encode_once(segment: &str, encoded: &mut String) {
    let mut parts = segment.split('%');
    encoded.push_str(&encode(parts.next().unwrap_or_default()));
    for part in parts {
        let is_code = part.get(..2).is_some_and(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()));
        encoded.push_str(if is_code { "%" } else { "%25" });
        encoded.push_str(&encode(part));
    }
}

fn headers(headers: Vec<(String, String)>) -> Result<Vec<(String, String)>, Error> {
    let mut checked = Vec::with_capacity(headers.len());
    for (name, value) in headers {
        let wrong = |why: &str| invalid_input("headers", &format!("header `{name}` {why}"));
        let lower = name.to_ascii_lowercase();
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        if name.is_empty() || !name.bytes().all(is_token) {
            return Err(wrong("is no header name"));
        }
        if RESERVED.contains(&lower.as_str()) || lower.starts_with("proxy-") {
            return Err(wrong("is the host's to set"));
        }
        if value.bytes().any(|byte| byte.is_ascii_control() && byte != b'\t') {
            return Err(wrong("has a control character in its value"));
        }
        checked.push((lower, value));
    }
    Ok(checked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::prelude::v1::*;
    use std::vec;

    #[test]
    fn a_path_is_encoded_where_it_is_not_yet() {
        assert_eq!(relative("Users/a b@c").unwrap(), "Users/a%20b%40c");
        assert_eq!(relative("Users/a%20b%zz").unwrap(), "Users/a%20b%25zz");
        assert_eq!(relative("Users/urn:a:b").unwrap(), "Users/urn%3Aa%3Ab");
        assert_eq!(relative("").unwrap(), "");
    }

    #[test]
    fn a_path_that_leaves_the_endpoint_is_refused() {
        for path in [
            "/Users",
            "//evil.example/",
            "https://evil.example/",
            "../x",
            "Users/../../x",
            "a/%2e%2E/b",
            "./x",
            "a\\..\\b",
            "a/..%2fb",
            "a%5c..%5cb",
        ] {
            let err = relative(path).unwrap_err();
            assert_eq!(err.field.as_deref(), Some("path"), "{path}");
        }
        assert!(relative("Users?count=1").unwrap_err().message.contains("has a query"));
    }

    #[test]
    fn headers_of_the_host_are_refused() {
        for name in ["Authorization", "HOST", "Proxy-Authorization", "cookie", "transfer-encoding", "content-length"] {
            let err = headers(vec![(name.to_owned(), "x".to_owned())]).unwrap_err();
            assert_eq!(err.message, format!("header `{name}` is the host's to set"));
        }
        assert!(headers(vec![("a b".to_owned(), String::new())]).is_err());
        assert!(headers(vec![("a".to_owned(), "x\r\nhost: y".to_owned())]).is_err());
    }

    proptest! {
        #[test]
        fn no_path_leaves_the_endpoint(path in "[a-zA-Z0-9./%\\\\:@?#-]{0,30}") {
            if let Ok(path) = relative(&path) {
                let url = format!("https://host.example/base/{path}");
                prop_assert!(!url.to_ascii_lowercase().replace("%2e", ".").split('/').any(|part| part == ".."));
                prop_assert!(!path.starts_with('/'));
            }
        }
    }
}
