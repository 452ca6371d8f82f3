//! Which headers pass, in each direction.
//!
//! A connector names what it accepts and what it sends; everything that frames, routes or authenticates a message is
//! the host's, going out and coming back.

use http::header::{self, HeaderMap, HeaderName};

use crate::dry_run::SIMULATED;

/// The header that says how often a request was sent, where it was more than once. A vendor's own header of this name is
/// taken out of its replies.
pub(crate) const TRIES: HeaderName = HeaderName::from_static("x-portcullis-tries");

/// Request headers that a connector may set.
const ALLOWED: [HeaderName; 9] = [
    header::ACCEPT,
    header::ACCEPT_LANGUAGE,
    header::CONTENT_TYPE,
    header::IF_MATCH,
    header::IF_MODIFIED_SINCE,
    header::IF_NONE_MATCH,
    header::IF_UNMODIFIED_SINCE,
    header::USER_AGENT,
    HeaderName::from_static("prefer"),
];

/// Headers that a connector can neither set nor see.
const WITHHELD: [HeaderName; 19] = [
    header::AUTHORIZATION,
    header::CONNECTION,
    header::COOKIE,
    header::HOST,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::SET_COOKIE,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::WWW_AUTHENTICATE,
    HeaderName::from_static("authentication-info"),
    HeaderName::from_static("cookie2"),
    HeaderName::from_static("http2-settings"),
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-authentication-info"),
    HeaderName::from_static("proxy-connection"),
    HeaderName::from_static("set-cookie2"),
];

/// Whether a connector may neither set this header nor see it.
pub(crate) fn is_withheld(name: &HeaderName) -> bool {
    WITHHELD.contains(name)
}

/// The headers of a request, or the name of one that a connector may not send.
///
/// `content-length` is taken out rather than refused: a connector may say how long its body is, and the client counts
/// for itself.
pub(crate) fn request(mut headers: HeaderMap) -> Result<HeaderMap, HeaderName> {
    headers.remove(header::CONTENT_LENGTH);
    match headers.keys().find(|name| !ALLOWED.contains(name)) {
        Some(name) => Err(name.clone()),
        None => Ok(headers),
    }
}

/// The headers of a vendor's reply that a connector sees. `content-length` goes too, as the body is no longer the one it
/// counted, and so do what would pass for the mark of a dry run and for the count of tries.
pub(crate) fn reply(headers: HeaderMap) -> HeaderMap {
    let mut kept = HeaderMap::with_capacity(headers.len());
    let mut last = None;
    for (name, value) in headers {
        // A repeated header names itself only once.
        last = name.or(last);
        let is_kept =
            |name: &&HeaderName| !is_withheld(name) && ![header::CONTENT_LENGTH, SIMULATED, TRIES].contains(name);
        if let Some(name) = last.as_ref().filter(is_kept) {
            kept.append(name, value);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(names: &[&'static str]) -> HeaderMap {
        names.iter().map(|name| (HeaderName::from_static(name), HeaderValue::from_static("x"))).collect()
    }

    #[test]
    fn a_request_may_say_what_it_sends_and_accepts() {
        let sent = request(headers(&["accept", "content-type", "content-length", "if-match"])).unwrap();
        assert_eq!(sent, headers(&["accept", "content-type", "if-match"]));
    }

    #[test]
    fn every_other_request_header_is_refused_by_name() {
        for name in
            ["authorization", "host", "cookie", "proxy-authorization", "connection", "te", "x-forwarded-for", "range"]
        {
            assert_eq!(request(headers(&["accept", name])).unwrap_err(), name);
        }
    }

    #[test]
    fn nothing_that_is_withheld_is_allowed() {
        assert!(ALLOWED.iter().all(|name| !is_withheld(name)));
        assert!(wasmtime_wasi_http::DEFAULT_FORBIDDEN_HEADERS.iter().all(is_withheld));
    }

    #[test]
    fn a_reply_keeps_its_order_and_repeats_but_not_its_cookies() {
        let mut all = headers(&[
            "etag",
            "set-cookie",
            "x-portcullis-simulated",
            "x-portcullis-tries",
            "content-length",
            "retry-after",
        ]);
        all.append("etag", HeaderValue::from_static("y"));
        let mut expected = headers(&["etag", "retry-after"]);
        expected.append("etag", HeaderValue::from_static("y"));
        assert_eq!(reply(all), expected);
    }
}
