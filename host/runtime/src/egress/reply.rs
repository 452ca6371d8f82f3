//! The vendor's reply, whole, bounded and clean before a connector sees a byte of it.
//!
//! A redirect is a reply like any other: nothing here follows one.

use std::fmt;

use bytes::Bytes;
use http::header::CONTENT_ENCODING;
use http::{HeaderMap, Response};
use http_body_util::BodyExt;

use super::body::{self, Budget, Incomplete};
use super::failure::Failure;
use super::{header, scrub};
use crate::secret::Secret;

/// Collects the body within the budget, takes out the headers that are the host's, and the token wherever it is, if the
/// request had one.
pub(crate) async fn collect<B>(
    reply: Response<B>,
    secret: Option<&Secret>,
    budget: &Budget,
) -> Result<Response<Bytes>, Failure>
where
    B: BodyExt<Data = Bytes>,
    B::Error: fmt::Display,
{
    let (mut parts, body) = reply.into_parts();
    // First of all: what is said of a header below must not say the token.
    if let Some(secret) = secret {
        scrub::headers(&mut parts.headers, secret);
    }
    if let Some(encoding) = foreign_encoding(&parts.headers) {
        return Err(Failure::Encoding(encoding));
    }
    let (body, _) = body::collect(body, budget).await.map_err(|incomplete| match incomplete {
        Incomplete::Budget(total) => Failure::Size(total),
        Incomplete::Broken(reason) => Failure::Broken(reason),
    })?;
    parts.headers = header::reply(parts.headers);
    let body = match secret {
        Some(secret) => scrub::body(body, secret).await?,
        None => body,
    };
    Ok(Response::from_parts(parts, body))
}

/// A content encoding other than none. The request asks for none, and a compressed body could neither be bounded by
/// its length nor be searched for the token.
fn foreign_encoding(headers: &HeaderMap) -> Option<String> {
    let mut encodings = headers.get_all(CONTENT_ENCODING).iter();
    let foreign = encodings.find(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity"))?;
    Some(String::from_utf8_lossy(foreign.as_bytes()).into_owned())
}

#[cfg(test)]
mod tests {
    use http_body_util::Full;

    use super::*;

    async fn collected(headers: &[(&str, &str)], body: &'static str) -> Result<Response<Bytes>, Failure> {
        let mut reply = Response::builder().status(400);
        for (name, value) in headers {
            reply = reply.header(*name, *value);
        }
        collect(reply.body(Full::from(body)).unwrap(), Some(&Secret::new("token-123").unwrap()), &Budget::new(32)).await
    }

    #[tokio::test]
    async fn the_token_and_the_cookies_are_gone() {
        let sent =
            [("etag", "token-123"), ("set-cookie", "a=b"), ("content-length", "22"), ("location", "http://evil")];
        let reply = collected(&sent, "bad token `token-123`").await.unwrap();
        assert_eq!(reply.status(), 400);
        assert_eq!(reply.body(), "bad token `[redacted]`");
        let headers: Vec<_> =
            reply.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
        assert_eq!(headers, [("etag", "[redacted]"), ("location", "http://evil")]);
    }

    #[tokio::test]
    async fn a_reply_beyond_the_bound_is_a_failure() {
        let failure = collected(&[], "0123456789012345678901234567890123").await.unwrap_err();
        assert_eq!(failure, Failure::Size(32));
    }

    #[tokio::test]
    async fn a_reply_that_cannot_be_searched_is_a_failure() {
        assert_eq!(collected(&[("content-encoding", "gzip")], "").await.unwrap_err(), Failure::Encoding("gzip".into()));
        assert!(collected(&[("content-encoding", "Identity")], "").await.is_ok());
    }
}
