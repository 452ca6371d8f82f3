//! One request of a client, and what it is answered.
//!
//! What frames or routes a message on the way to this proxy ends here, as in any proxy (RFC 9110 section 7.6.1). All
//! other headers are for the runtime to judge, which refuses those that a connector may not send.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, EXPECT, HOST, RETRY_AFTER, TE,
    TRANSFER_ENCODING,
};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use portcullis_directory::{Effect, Error, ErrorKind, Reply, VendorRequest};
use serde::Serialize;

use super::gate::Gate;
use crate::auditing::Recorded;

/// Answers a request, whatever it is.
pub(super) async fn answer(
    gate: &Gate,
    directory: &Recorded,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (mut parts, body) = request.into_parts();
    let Some(below) = gate.admit(&parts) else { return Ok(nothing()) };
    parts.uri = Uri::from(below);
    end_here(&mut parts.headers);
    let body = match collect(body).await {
        Ok(body) => body,
        Err(status) => return Ok(bare(status)),
    };
    // The record has it as a request past the contract, which it is.
    let asked = VendorRequest {
        method: parts.method.to_string(),
        path: parts.uri.to_string().trim_start_matches('/').to_owned(),
        query: Vec::new(),
        headers: legible(&parts.headers),
        body: Some(body.to_vec()).filter(|body| !body.is_empty()),
    };
    let sent = directory.send(asked, |directory, _| async move {
        let reply = directory.outbound().send(Request::from_parts(parts, Full::new(body))).await?;
        let headers = legible(reply.headers());
        Ok(Reply { status: reply.status().as_u16(), headers, body: reply.into_body().to_vec() })
    });
    Ok(sent.await.map_or_else(|error| refusal(&error), passed_on))
}

/// The whole body of a request, or what to say where it is too large or does not come.
async fn collect(body: Incoming) -> Result<Bytes, StatusCode> {
    match tokio::time::timeout(PATIENCE, Limited::new(body, LARGEST).collect()).await {
        Ok(Ok(body)) if body.trailers().is_some() => Err(StatusCode::BAD_REQUEST),
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(_)) => Err(StatusCode::PAYLOAD_TOO_LARGE),
        Err(_) => Err(StatusCode::REQUEST_TIMEOUT),
    }
}

fn passed_on(reply: Reply) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(reply.body));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::BAD_GATEWAY);
    for (name, value) in reply.headers {
        // They were headers a moment ago.
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

fn legible(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect()
}

/// The answer to whoever may not ask.
fn nothing() -> Response<Full<Bytes>> {
    bare(StatusCode::NOT_FOUND)
}

fn bare(status: StatusCode) -> Response<Full<Bytes>> {
    let mut bare = Response::default();
    *bare.status_mut() = status;
    bare
}

/// Takes out what was meant for this proxy alone.
fn end_here(headers: &mut HeaderMap) {
    let names: Vec<HeaderName> = headers.get_all(CONNECTION).iter().flat_map(names).collect();
    for name in names.iter().chain(&ENDING_HERE) {
        headers.remove(name);
    }
}

/// The names of headers in a list of them.
fn names(list: &HeaderValue) -> impl Iterator<Item = HeaderName> {
    list.as_bytes().split(|byte| *byte == b',').filter_map(|name| HeaderName::from_bytes(name.trim_ascii()).ok())
}

/// What a client is told when there is no answer of the vendor's: a status that means the same to a connector, and the
/// details in the form of RFC 9457.
fn refusal(error: &Error) -> Response<Full<Bytes>> {
    let status = status(error);
    let problem =
        Problem { status: status.as_u16(), detail: &error.message, code: error.code.as_deref(), effect: error.effect };
    // It is made of texts and a number, which can always be written.
    let mut refusal = Response::new(Full::from(serde_json::to_vec(&problem).unwrap_or_default()));
    *refusal.status_mut() = status;
    refusal.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    refusal.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if status == StatusCode::TOO_MANY_REQUESTS {
        let seconds = error.retry_after_ms.unwrap_or(1000).div_ceil(1000).max(1);
        refusal.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    refusal
}

#[derive(Serialize)]
struct Problem<'a> {
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    /// What was changed at the vendor.
    effect: Effect,
}

/// A connector takes 429 for a request of which nothing was done, and 502 to 504 after a write for one of which that is
/// not known.
fn status(error: &Error) -> StatusCode {
    match error.kind {
        ErrorKind::InvalidInput => StatusCode::BAD_REQUEST,
        ErrorKind::Unauthorized => StatusCode::UNAUTHORIZED,
        ErrorKind::Forbidden => StatusCode::FORBIDDEN,
        ErrorKind::NotFound => StatusCode::NOT_FOUND,
        ErrorKind::Conflict => StatusCode::CONFLICT,
        ErrorKind::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        ErrorKind::Unsupported => StatusCode::NOT_IMPLEMENTED,
        ErrorKind::Unavailable if error.is_busy() => StatusCode::TOO_MANY_REQUESTS,
        ErrorKind::Unavailable if error.is_timeout() => StatusCode::GATEWAY_TIMEOUT,
        ErrorKind::Unavailable if error.effect == Effect::None => StatusCode::SERVICE_UNAVAILABLE,
        ErrorKind::Unavailable | ErrorKind::Protocol => StatusCode::BAD_GATEWAY,
    }
}

/// Bytes of a request's body, as many as a call may send.
const LARGEST: usize = 4 << 20;
/// How long a client may take to send it.
const PATIENCE: Duration = Duration::from_secs(30);

/// Hop by hop, or about how the answer is to be packed; and the trace context that hosts add of their own accord, which
/// the vendor has no use for.
const ENDING_HERE: [HeaderName; 11] = [
    HOST,
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    TE,
    TRANSFER_ENCODING,
    CONTENT_LENGTH,
    ACCEPT_ENCODING,
    EXPECT,
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("tracestate"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_for_the_proxy_ends_there_and_the_rest_goes_on() {
        let all = [
            ("host", "127.0.0.1"),
            ("connection", "close, X-One"),
            ("x-one", "1"),
            ("te", "trailers"),
            ("accept-encoding", "gzip"),
            ("traceparent", "00-1-2-01"),
            ("authorization", "Bearer mine"),
            ("cookie", "a=b"),
            ("accept", "*/*"),
        ];
        let mut headers: HeaderMap =
            all.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).into_iter().collect();
        end_here(&mut headers);
        let mut left: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        left.sort_unstable();
        assert_eq!(left, ["accept", "authorization", "cookie"]);
    }

    #[test]
    fn a_status_says_whether_a_write_may_have_been_done() {
        let error = |kind| Error::new(kind, "x");
        let unavailable = error(ErrorKind::Unavailable);
        for (error, expected) in [
            (error(ErrorKind::Forbidden), 403),
            (error(ErrorKind::Unauthorized), 401),
            (error(ErrorKind::RateLimited), 429),
            (Error::busy("x"), 429),
            (unavailable.clone(), 503),
            (unavailable.clone().with_effect(Effect::Unknown), 502),
            (Error::timeout("x", Effect::Unknown), 504),
            (error(ErrorKind::Protocol), 502),
        ] {
            assert_eq!(status(&error).as_u16(), expected, "{error:?}");
        }
    }

    #[test]
    fn who_is_to_wait_is_told_how_long() {
        let error = Error { retry_after_ms: Some(1201), ..Error::new(ErrorKind::RateLimited, "later") };
        assert_eq!(refusal(&error).headers()[RETRY_AFTER], "2");
        assert_eq!(refusal(&Error::busy("full")).headers()[RETRY_AFTER], "1");
    }
}
