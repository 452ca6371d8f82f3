//! What a log or a collector is told of a call and of each try of its requests: two spans, whose names and fields are
//! part of what this crate promises ([`crate`] has the table).
//!
//! Nothing here is about a person: of a path there is the template alone, and of a failure its code. The token is
//! nowhere near.

use std::time::Duration;

use http::Method;
use portcullis_directory::{Effect, Error, ErrorKind};
use tracing::Span;
use tracing::field::Empty;

use crate::egress::failure::Failure;
use crate::egress::retry::Outcome;
use crate::egress::target::Target;
use crate::origin::Origin;

/// A call of one function of the contract.
pub(crate) fn call(operation: &'static str, account: &str, origin: &Origin) -> Span {
    tracing::info_span!(
        target: "portcullis::call",
        "call",
        operation,
        account,
        server.address = %origin.host(),
        outcome = Empty,
        blame = Empty,
        effect = Empty,
        "error.type" = Empty,
        requests = Empty,
    )
}

/// The call that is under way ended so. It is said in the call's own span.
pub(crate) fn ended<T>(answer: &Result<T, Error>, requests: u32) {
    let span = Span::current();
    span.record("requests", requests);
    match answer {
        Ok(_) => {
            span.record("outcome", "answered");
        }
        Err(error) => {
            span.record("outcome", error.kind.name());
            span.record("blame", blame(error, requests));
            span.record("effect", effect(error.effect));
            // The host's own codes are a closed set; a vendor's are whatever it says.
            let code = error.code.as_deref().filter(|code| CODES.contains(code));
            span.record("error.type", code.unwrap_or(error.kind.name()));
        }
    }
}

/// One try of a request, which waited for its turn for so long.
pub(crate) fn attempt(target: &Target, origin: &Origin, resends: u32, waited: Duration) -> Span {
    tracing::info_span!(
        target: "portcullis::request",
        "request",
        otel.kind = "client",
        http.request.method = method(&target.method),
        url.template = template(target.uri.path(), origin.prefix()),
        server.address = %origin.host(),
        http.request.resend_count = resends,
        pace.wait = waited.as_secs_f64(),
        http.response.status_code = Empty,
        "error.type" = Empty,
    )
}

/// The try ended so.
pub(crate) fn attempted(span: &Span, outcome: &Outcome) {
    match outcome {
        Ok(reply) => {
            span.record("http.response.status_code", reply.status().as_u16());
            if reply.status().as_u16() >= 400 {
                span.record("error.type", reply.status().as_str());
            }
        }
        Err(failure) => {
            span.record("error.type", failure.word());
        }
    }
}

/// There was no turn for a request, so that it was not sent.
pub(crate) fn turned_away(failure: &Failure) {
    tracing::info!(target: "portcullis::request", { "error.type" = failure.word() }, "no turn");
}

/// A request is sent again after this, because of a status or a failure.
pub(crate) fn again(status: Option<u16>, code: Option<&'static str>, wait: Duration) {
    let wait = wait.as_secs_f64();
    tracing::info!(
        target: "portcullis::request",
        { "http.response.status_code" = status, "error.type" = code, wait },
        "trying again"
    );
}

/// Whose affair a failed call is: `caller`, `vendor`, `guest` for the connector, or `host`.
fn blame(error: &Error, requests: u32) -> &'static str {
    match error.code.as_deref() {
        Some("guest-fault" | "limit" | "denied") => "guest",
        Some("busy" | "shutdown" | "paced" | "credential") => "host",
        Some("dns" | "connection" | "tls" | "encoding") => "vendor",
        // Who asked nobody waited for nobody.
        Some("timeout") if requests == 0 => "guest",
        _ => match error.kind {
            ErrorKind::InvalidInput
            | ErrorKind::Unauthorized
            | ErrorKind::Forbidden
            | ErrorKind::NotFound
            | ErrorKind::Conflict
            | ErrorKind::Unsupported => "caller",
            ErrorKind::RateLimited | ErrorKind::Unavailable | ErrorKind::Protocol => "vendor",
        },
    }
}

fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::None => "none",
        Effect::Unknown => "unknown",
        Effect::Applied => "applied",
    }
}

/// The methods that leave are known; a text of the connector's would not be.
fn method(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        _ => "_OTHER",
    }
}

/// The path below the endpoint without what may be about somebody: the first segment where it is letters alone, and a
/// mark for every other one. `Users/301188` is `Users/{}`.
fn template(path: &str, prefix: &str) -> String {
    let below = path.strip_prefix(prefix).unwrap_or_default().trim_matches('/');
    let mut segments = below.split('/');
    let first = segments.next().unwrap_or_default();
    let is_word = first.len() <= LONGEST && first.bytes().all(|byte| byte.is_ascii_alphabetic());
    let mut template = if is_word { first.to_owned() } else { "{}".to_owned() };
    for _ in segments.take(DEEPEST) {
        template.push_str("/{}");
    }
    template
}

/// Codes of this host, as `portcullis_directory::Error` and `egress/failure.rs` have them.
const CODES: [&str; 12] = [
    "busy",
    "connection",
    "credential",
    "denied",
    "dns",
    "encoding",
    "guest-fault",
    "limit",
    "paced",
    "shutdown",
    "timeout",
    "tls",
];
const LONGEST: usize = 32;
const DEEPEST: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_has_nothing_of_anybody() {
        let at = |path: &str| template(path, "/scim/1/2/v2");
        assert_eq!(at("/scim/1/2/v2/Users"), "Users");
        assert_eq!(at("/scim/1/2/v2/Users/301188"), "Users/{}");
        assert_eq!(at("/scim/1/2/v2/Users/mara.lind@acme.example/x"), "Users/{}/{}");
        assert_eq!(at("/scim/1/2/v2/mara.lind@acme.example"), "{}");
        assert_eq!(at("/scim/1/2/v2"), "");
        assert_eq!(at(&format!("/scim/1/2/v2{}", "/a".repeat(100))), format!("a{}", "/{}".repeat(DEEPEST)));
    }

    #[test]
    fn every_failure_is_somebodys_affair() {
        let of = |kind, code: Option<&str>| {
            let error = Error::new(kind, "it failed");
            blame(&code.map_or(error.clone(), |code| error.with_code(code)), 1)
        };
        assert_eq!(of(ErrorKind::NotFound, None), "caller");
        assert_eq!(of(ErrorKind::Conflict, Some("uniqueness")), "caller");
        assert_eq!(of(ErrorKind::Protocol, None), "vendor");
        assert_eq!(of(ErrorKind::Protocol, Some("guest-fault")), "guest");
        assert_eq!(of(ErrorKind::Unavailable, Some("busy")), "host");
        assert_eq!(of(ErrorKind::Unavailable, Some("timeout")), "vendor");
        assert_eq!(blame(&Error::timeout("late", Effect::None), 0), "guest");
    }
}
