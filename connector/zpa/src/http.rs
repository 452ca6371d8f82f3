//! The seam to the network: a request that is complete but for the credential, and what became of it.

use alloc::borrow::{Cow, ToOwned};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;

use crate::tape::Tape;

/// One request to the vendor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `HEAD`, `POST`, `PUT`, `PATCH` or `DELETE`.
    pub method: &'static str,
    /// `https` or `http`.
    pub scheme: &'static str,
    /// Host and port.
    pub authority: String,
    /// Path and query, encoded.
    pub path: String,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body, where there is one.
    pub body: Option<Vec<u8>>,
}

/// The vendor's answer, collected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The case of `wasi:http`'s `error-code`, by its name there.
    pub code: String,
}

/// Sends one request.
pub type Send<'a> = dyn FnMut(&Request) -> Result<Response, Failure> + 'a;

/// The cases of `wasi:http`'s `error-code` after which the vendor has certainly seen nothing. After any other it may
/// have. The host's half of this table is in `portcullis-runtime`, and a test joins the two.
pub const NEVER_LEFT: [&str; 4] =
    ["connection-refused", "DNS-error", "HTTP-request-denied", "connection-limit-reached"];

impl Response {
    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The body as text. Bytes that are no UTF-8 become replacement characters: then the text is an owned one.
    pub fn text(&self) -> Cow<'_, str> {
        // The other way is made for texts that are damaged, and slow.
        core::str::from_utf8(&self.body).map_or_else(|_| String::from_utf8_lossy(&self.body), Cow::Borrowed)
    }

    /// The body as JSON, or why it is none.
    pub fn json(&self) -> Result<Tape<'_>, String> {
        match core::str::from_utf8(&self.body) {
            Ok(text) => Tape::read(text),
            Err(_) => Err("it is not UTF-8".to_owned()),
        }
    }
}

impl Failure {
    /// Whether the vendor may have seen the request.
    pub fn may_have_arrived(&self) -> bool {
        !NEVER_LEFT.contains(&self.code.as_str())
    }
}

/// Percent-encodes all but the unreserved characters of RFC 3986 section 2.3: a space becomes `%20`, never `+`
/// (zpa-scim 6).
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(byte.into()),
            // Writing to a `String` does not fail.
            _ => _ = write!(encoded, "%{byte:02X}"),
        }
    }
    encoded
}

/// A query string of encoded pairs, with its question mark; empty for no pairs.
pub fn query(pairs: &[(impl AsRef<str>, impl AsRef<str>)]) -> String {
    let mut query = String::new();
    for (name, value) in pairs {
        query.push(if query.is_empty() { '?' } else { '&' });
        query.push_str(&encode(name.as_ref()));
        query.push('=');
        query.push_str(&encode(value.as_ref()));
    }
    query
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::prelude::v1::*;

    #[test]
    fn everything_but_unreserved_characters_is_encoded() {
        assert_eq!(encode("a-Z_0.~ +/?#&=\"%ü"), "a-Z_0.~%20%2B%2F%3F%23%26%3D%22%25%C3%BC");
    }

    #[test]
    fn only_the_four_cases_of_the_table_mean_that_nothing_left() {
        let failure = |code: &str| Failure { code: code.to_owned() };
        assert!(NEVER_LEFT.iter().all(|code| !failure(code).may_have_arrived()));
        for code in ["connection-terminated", "HTTP-response-timeout", "connection-timeout", "internal-error"] {
            assert!(failure(code).may_have_arrived(), "{code}");
        }
    }
}
