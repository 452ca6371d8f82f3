//! The one place that reads a status code, and the body of a refusal.

use alloc::borrow::{Cow, ToOwned};
use alloc::format;
use alloc::string::String;

use crate::error::{Error, error, line};
use crate::http::{Failure, Response};
use crate::json::Json;
use crate::retry_after;
use crate::tape::Tape;
use crate::wit::{Effect, ErrorKind};

/// Passes an answer of success on and turns any other, or none, into an error.
pub fn success(method: &str, answer: Result<Response, Failure>) -> Result<Response, Error> {
    let writes = !matches!(method, "GET" | "HEAD");
    match answer {
        Ok(response) if (200..300).contains(&response.status) => {
            if writes && !is_scim(&response) {
                let mut err = error(
                    ErrorKind::Protocol,
                    "the vendor answered the write with something that is no SCIM, so who knows what it did; check the \
                     endpoint",
                );
                err.http_status = Some(response.status);
                err.effect = Effect::Unknown;
                return Err(err);
            }
            Ok(response)
        }
        Ok(response) => Err(refusal(&response, writes)),
        Err(failure) => Err(undelivered(&failure, writes)),
    }
}

/// Whether a success could be of SCIM: without a body, or with an object. A sign-in page is neither.
fn is_scim(response: &Response) -> bool {
    response.body.trim_ascii().is_empty() || response.json().is_ok_and(|tape| tape.root().other_than_object().is_none())
}

/// The error for a request without an answer.
pub fn undelivered(failure: &Failure, writes: bool) -> Error {
    let (kind, message) = match failure.code.as_str() {
        "HTTP-request-denied" => (ErrorKind::Forbidden, "the host does not allow this request"),
        "DNS-error" => (ErrorKind::Unavailable, "the vendor's host name cannot be resolved; check the endpoint"),
        "connection-refused" => {
            (ErrorKind::Unavailable, "the vendor's host refuses the connection; check the endpoint")
        }
        "connection-limit-reached" => (ErrorKind::Unavailable, "the host has no connection free; try again"),
        "HTTP-response-timeout" => (ErrorKind::Unavailable, "the vendor did not answer in time; try again"),
        "HTTP-response-body-size" => (ErrorKind::Protocol, "the vendor's answer is larger than the host allows"),
        _ => (ErrorKind::Unavailable, "the connection to the vendor broke before the answer was complete; try again"),
    };
    let effect = if writes && failure.may_have_arrived() { Effect::Unknown } else { Effect::None };
    let mut err = error(kind, message);
    err.code = Some(line(&failure.code, 100));
    err.effect = effect;
    err
}

/// The error for an answer that is no success.
fn refusal(response: &Response, writes: bool) -> Error {
    let (kind, what) = kind(response.status);
    let Reason { code, detail } = reason(response);
    let message = match detail {
        Some(detail) => format!("{what}: {detail}"),
        None => what.to_owned(),
    };
    // A server that broke down may have done its work first; one that refused has not.
    let effect = if writes && kind == ErrorKind::Unavailable { Effect::Unknown } else { Effect::None };
    let waits = matches!(kind, ErrorKind::RateLimited | ErrorKind::Unavailable);
    let mut err = error(kind, &message);
    err.code = code.map(|code| line(&code, 100));
    err.http_status = Some(response.status);
    err.retry_after_ms = if waits { retry_after::milliseconds(response) } else { None };
    err.effect = effect;
    err
}

/// What a status means to the caller, and how to say it. The three that a wrong set-up causes say what to look at
/// (zpa-scim 1, 9).
fn kind(status: u16) -> (ErrorKind, &'static str) {
    match status {
        400 | 406 | 411 | 413..=417 | 422 | 431 => (ErrorKind::InvalidInput, "the vendor refused the request"),
        401 => (
            ErrorKind::Unauthorized,
            "the vendor does not know the token; check that it belongs to this endpoint and that the IdP configuration \
             was saved after it was made",
        ),
        403 => (
            ErrorKind::Forbidden,
            "the vendor forbids it; check that SCIM sync is on for this IdP, and that the tenant's users are not \
             managed in ZIdentity, which has an API of its own",
        ),
        404 | 410 => (ErrorKind::NotFound, "the vendor has nothing there"),
        405 | 501 => (ErrorKind::Unsupported, "the vendor does not offer this"),
        409 | 412 | 423 => (ErrorKind::Conflict, "the vendor reports a conflict"),
        429 => (ErrorKind::RateLimited, "the vendor asks for fewer requests"),
        408 | 425 | 500 | 502..=599 => (ErrorKind::Unavailable, "the vendor is out of order"),
        300..=399 => (ErrorKind::Protocol, "the vendor redirects, which is not followed; check the endpoint"),
        _ => (ErrorKind::Protocol, "the vendor answered with a status that makes no sense here"),
    }
}

struct Reason {
    code: Option<String>,
    detail: Option<String>,
}

/// The vendor's own words. The shape of ZPA's error bodies is unknown, so all that were seen near it are tried
/// (zpa-scim 9): SCIM's, the management API's, and at last the text itself.
fn reason(response: &Response) -> Reason {
    let text = response.text();
    let text = text.trim_ascii();
    let Ok(tape) = Tape::read(text) else {
        let is_page = text.is_empty() || text.starts_with('<');
        return Reason { code: None, detail: (!is_page).then(|| line(text, 200)) };
    };
    let body = tape.root();
    let word = |name: &str| body.member(name).and_then(Json::text).filter(|word| !word.is_empty());
    let first = |names: [&str; 3]| names.into_iter().find_map(word).map(Cow::into_owned);
    Reason { code: first(["scimType", "id", "exception"]), detail: first(["detail", "reason", "message"]) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use std::fmt::Write as _;
    use std::prelude::v1::*;

    fn answer(method: &str, status: u16, body: &str) -> Result<Response, Error> {
        success(method, Ok(Response { status, headers: Vec::new(), body: body.into() }))
    }

    #[test]
    fn every_status_means_one_thing() {
        let mut ranges: Vec<(u16, u16, String)> = Vec::new();
        for status in 100..600 {
            let kind = answer("GET", status, "").map_or_else(|err| format!("{:?}", err.kind), |_| "success".to_owned());
            match ranges.last_mut() {
                Some((_, last, known)) if *known == kind => *last = status,
                _ => ranges.push((status, status, kind)),
            }
        }
        let mut table = String::new();
        for (first, last, kind) in ranges {
            writeln!(table, "{first}-{last} {kind}").unwrap();
        }
        expect![[r"
            100-199 ErrorKind::Protocol
            200-299 success
            300-399 ErrorKind::Protocol
            400-400 ErrorKind::InvalidInput
            401-401 ErrorKind::Unauthorized
            402-402 ErrorKind::Protocol
            403-403 ErrorKind::Forbidden
            404-404 ErrorKind::NotFound
            405-405 ErrorKind::Unsupported
            406-406 ErrorKind::InvalidInput
            407-407 ErrorKind::Protocol
            408-408 ErrorKind::Unavailable
            409-409 ErrorKind::Conflict
            410-410 ErrorKind::NotFound
            411-411 ErrorKind::InvalidInput
            412-412 ErrorKind::Conflict
            413-417 ErrorKind::InvalidInput
            418-421 ErrorKind::Protocol
            422-422 ErrorKind::InvalidInput
            423-423 ErrorKind::Conflict
            424-424 ErrorKind::Protocol
            425-425 ErrorKind::Unavailable
            426-428 ErrorKind::Protocol
            429-429 ErrorKind::RateLimited
            430-430 ErrorKind::Protocol
            431-431 ErrorKind::InvalidInput
            432-499 ErrorKind::Protocol
            500-500 ErrorKind::Unavailable
            501-501 ErrorKind::Unsupported
            502-599 ErrorKind::Unavailable
        "]]
        .assert_eq(&table);
    }

    #[test]
    fn error_bodies_of_every_shape_are_read() {
        let read = |body| answer("GET", 409, body).map_err(|err| (err.code, err.message)).unwrap_err();
        let what = "the vendor reports a conflict";
        assert_eq!(
            read(
                r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"409","scimType":"uniqueness","detail":"taken"}"#
            ),
            (Some("uniqueness".to_owned()), format!("{what}: taken"))
        );
        assert_eq!(
            read(r#"{"id":"resource.exists","reason":"taken","params":["a"]}"#),
            (Some("resource.exists".to_owned()), format!("{what}: taken"))
        );
        assert_eq!(
            read(include_str!("../../../tests/fixtures/rfc/error.json")),
            (Some("mutability".to_owned()), format!("{what}: Attribute 'id' is readOnly"))
        );
        assert_eq!(read(r#"{"status":409,"detail":7}"#), (None, format!("{what}: 7")));
        assert_eq!(read("taken\r\nby another"), (None, format!("{what}: taken  by another")));
        for body in ["", "<html><body>Conflict</body></html>", "[]", "\"x\"", "{}", "{\"detail\":{}}"] {
            assert_eq!(read(body), (None, what.to_owned()), "{body}");
        }
    }

    #[test]
    fn a_write_that_may_have_arrived_has_an_unknown_effect() {
        let effect = |method, status| answer(method, status, "").unwrap_err().effect;
        assert_eq!(effect("PATCH", 503), Effect::Unknown);
        assert_eq!(effect("PATCH", 409), Effect::None);
        assert_eq!(effect("PATCH", 429), Effect::None);
        assert_eq!(effect("GET", 503), Effect::None);
        let lost = |code: &str, writes| undelivered(&Failure { code: code.to_owned() }, writes).effect;
        assert_eq!(lost("connection-terminated", true), Effect::Unknown);
        assert_eq!(lost("connection-refused", true), Effect::None);
        assert_eq!(lost("connection-terminated", false), Effect::None);
    }
}
