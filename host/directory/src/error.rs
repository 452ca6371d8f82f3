//! A failed call, whoever failed: the caller, the vendor, the connector or the sandbox around it. Never holds a
//! credential, and never spans lines.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::text::{MESSAGE, one_line};

/// A failed call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Error {
    /// What the caller does next.
    pub kind: ErrorKind,
    /// The vendor's code, such as SCIM's `uniqueness`, or a finer code of the connector or the host; an open set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// One line for a person, at most 500 bytes, without control characters, never with a credential.
    pub message: String,
    /// The unified field or the argument that was at fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The HTTP status of the vendor's answer, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
    /// How long the vendor asks the caller to wait, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u32>,
    /// What was changed at the vendor.
    pub effect: Effect,
}

/// What kind of failure it was. The kinds differ in what the caller does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorKind {
    /// The call itself is wrong: mend the argument that the message names. Nothing was sent.
    InvalidInput,
    /// The vendor does not know the credential: check that it is the one of this endpoint.
    Unauthorized,
    /// The credential may not do this, or the endpoint is switched off: ask an administrator.
    Forbidden,
    /// There is no such object.
    NotFound,
    /// The object is in the way of another one, or the answer is ambiguous: look, then decide.
    Conflict,
    /// Too many requests: wait for `retry_after_ms`, or a while, and repeat.
    RateLimited,
    /// This vendor or connector cannot do it, or not in this account; the message says what can be done instead.
    Unsupported,
    /// The vendor could not be reached or is out of order: repeat later.
    Unavailable,
    /// The vendor answered something that does not make sense, so nothing may be concluded from it.
    Protocol,
}

/// What a failed call changed at the vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Nothing. A read never changes anything.
    None,
    /// Perhaps: the request may have arrived, the answer did not. Look before repeating.
    Unknown,
    /// Something was changed before the failure.
    Applied,
}

impl Error {
    /// A failure that changed nothing, without code, field, status or wait.
    ///
    /// Message, code and field are often someone else's text: each is made one line of at most 500 bytes.
    pub fn new(kind: ErrorKind, message: impl AsRef<str>) -> Self {
        Self {
            kind,
            code: None,
            message: one_line(message.as_ref(), MESSAGE),
            field: None,
            http_status: None,
            retry_after_ms: None,
            effect: Effect::None,
        }
    }

    /// The same failure with this code.
    #[must_use]
    pub fn with_code(mut self, code: impl AsRef<str>) -> Self {
        self.code = Some(one_line(code.as_ref(), MESSAGE));
        self
    }

    /// The same failure with the field or argument at fault.
    #[must_use]
    pub fn with_field(mut self, field: impl AsRef<str>) -> Self {
        self.field = Some(one_line(field.as_ref(), MESSAGE));
        self
    }

    /// The same failure with this effect.
    #[must_use]
    pub fn with_effect(mut self, effect: Effect) -> Self {
        self.effect = effect;
        self
    }

    /// The connector did not answer in time. `effect` is what the host knows of the requests that it let out.
    pub fn timeout(message: impl AsRef<str>, effect: Effect) -> Self {
        Self::new(ErrorKind::Unavailable, message).with_code(TIMEOUT).with_effect(effect)
    }

    /// The connector trapped or broke the contract. `effect` is what the host knows of the requests that it let out.
    pub fn guest_fault(message: impl AsRef<str>, effect: Effect) -> Self {
        Self::new(ErrorKind::Protocol, message).with_code(GUEST_FAULT).with_effect(effect)
    }

    /// The connector met a limit of its sandbox: memory, requests, bytes. `effect` is what the host knows of the
    /// requests that it let out.
    pub fn limit(message: impl AsRef<str>, effect: Effect) -> Self {
        Self::new(ErrorKind::Unavailable, message).with_code(LIMIT).with_effect(effect)
    }

    /// There is no room for the call: as many run and wait as may. Nothing was done of it.
    pub fn busy(message: impl AsRef<str>) -> Self {
        Self::new(ErrorKind::Unavailable, message).with_code(BUSY)
    }

    /// The host is being shut down, so that the call was not begun, or was stopped. `effect` is what the host knows of the
    /// requests that it let out.
    pub fn shutdown(message: impl AsRef<str>, effect: Effect) -> Self {
        Self::new(ErrorKind::Unavailable, message).with_code(SHUTDOWN).with_effect(effect)
    }

    /// Whether the connector did not answer in time.
    pub fn is_timeout(&self) -> bool {
        self.code.as_deref() == Some(TIMEOUT)
    }

    /// Whether the connector trapped or broke the contract.
    pub fn is_guest_fault(&self) -> bool {
        self.code.as_deref() == Some(GUEST_FAULT)
    }

    /// Whether the connector met a limit of its sandbox.
    pub fn is_limit(&self) -> bool {
        self.code.as_deref() == Some(LIMIT)
    }

    /// Whether there was no room, so that the call is to be repeated later: as many calls, or requests of the account,
    /// ran and waited as may.
    pub fn is_busy(&self) -> bool {
        self.code.as_deref() == Some(BUSY)
    }

    /// Whether the host is being shut down.
    pub fn is_shutdown(&self) -> bool {
        self.code.as_deref() == Some(SHUTDOWN)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match (&self.code, self.http_status) {
            (Some(code), Some(status)) => write!(f, " (`{code}`, HTTP status {status})"),
            (Some(code), None) => write!(f, " (`{code}`)"),
            (None, Some(status)) => write!(f, " (HTTP status {status})"),
            (None, None) => Ok(()),
        }
    }
}

impl std::error::Error for Error {}

impl ErrorKind {
    /// The kind's name in the contract and in JSON, such as `not-found`.
    pub fn name(self) -> &'static str {
        match self {
            Self::InvalidInput => "invalid-input",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not-found",
            Self::Conflict => "conflict",
            Self::RateLimited => "rate-limited",
            Self::Unsupported => "unsupported",
            Self::Unavailable => "unavailable",
            Self::Protocol => "protocol",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

const TIMEOUT: &str = "timeout";
const GUEST_FAULT: &str = "guest-fault";
const LIMIT: &str = "limit";
const BUSY: &str = "busy";
const SHUTDOWN: &str = "shutdown";

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    use super::*;

    const KINDS: [ErrorKind; 9] = [
        ErrorKind::InvalidInput,
        ErrorKind::Unauthorized,
        ErrorKind::Forbidden,
        ErrorKind::NotFound,
        ErrorKind::Conflict,
        ErrorKind::RateLimited,
        ErrorKind::Unsupported,
        ErrorKind::Unavailable,
        ErrorKind::Protocol,
    ];

    fn check(error: &Error, display: &Expect, json: &Expect) {
        display.assert_eq(&error.to_string());
        let written = serde_json::to_string(error).unwrap();
        json.assert_eq(&written);
        assert_eq!(&serde_json::from_str::<Error>(&written).unwrap(), error);
    }

    #[test]
    fn an_error_says_its_message_its_code_and_its_status() {
        let plain = Error::new(ErrorKind::NotFound, "there is no user `7`");
        check(
            &plain,
            &expect!["there is no user `7`"],
            &expect![[r#"{"kind":"not-found","message":"there is no user `7`","effect":"none"}"#]],
        );
        let coded = plain.clone().with_code("no-such-user");
        check(
            &coded,
            &expect!["there is no user `7` (`no-such-user`)"],
            &expect![[
                r#"{"kind":"not-found","code":"no-such-user","message":"there is no user `7`","effect":"none"}"#
            ]],
        );
        let refused = Error { http_status: Some(404), ..plain };
        check(
            &refused,
            &expect!["there is no user `7` (HTTP status 404)"],
            &expect![[r#"{"kind":"not-found","message":"there is no user `7`","http_status":404,"effect":"none"}"#]],
        );
        let full = Error {
            kind: ErrorKind::Conflict,
            code: Some("uniqueness".to_owned()),
            message: "the username `ada` is taken".to_owned(),
            field: Some("username".to_owned()),
            http_status: Some(409),
            retry_after_ms: Some(1500),
            effect: Effect::Unknown,
        };
        check(
            &full,
            &expect!["the username `ada` is taken (`uniqueness`, HTTP status 409)"],
            &expect![[
                r#"{"kind":"conflict","code":"uniqueness","message":"the username `ada` is taken","field":"username","http_status":409,"retry_after_ms":1500,"effect":"unknown"}"#
            ]],
        );
    }

    #[test]
    fn the_sandbox_fails_in_the_same_type() {
        let timeout = Error::timeout("no answer within `30s`", Effect::Unknown);
        assert!(timeout.is_timeout() && !timeout.is_guest_fault() && !timeout.is_limit());
        check(
            &timeout,
            &expect!["no answer within `30s` (`timeout`)"],
            &expect![[
                r#"{"kind":"unavailable","code":"timeout","message":"no answer within `30s`","effect":"unknown"}"#
            ]],
        );
        let fault = Error::guest_fault("the connector trapped", Effect::None);
        assert!(fault.is_guest_fault() && !fault.is_timeout() && !fault.is_limit());
        check(
            &fault,
            &expect!["the connector trapped (`guest-fault`)"],
            &expect![[r#"{"kind":"protocol","code":"guest-fault","message":"the connector trapped","effect":"none"}"#]],
        );
        let limit = Error::limit("more than `64` requests in one call", Effect::Applied);
        assert!(limit.is_limit() && !limit.is_timeout() && !limit.is_guest_fault());
        check(
            &limit,
            &expect!["more than `64` requests in one call (`limit`)"],
            &expect![[
                r#"{"kind":"unavailable","code":"limit","message":"more than `64` requests in one call","effect":"applied"}"#
            ]],
        );
    }

    #[test]
    fn a_call_that_there_is_no_room_for_has_done_nothing() {
        let busy = Error::busy("no room");
        assert!(busy.is_busy() && !busy.is_limit() && !busy.is_shutdown());
        assert_eq!((busy.kind, busy.effect), (ErrorKind::Unavailable, Effect::None));
    }

    #[test]
    fn a_kind_has_the_same_name_everywhere() {
        for kind in KINDS {
            assert_eq!(serde_json::to_string(&kind).unwrap(), format!("\"{kind}\""));
        }
    }

    #[test]
    fn a_message_stays_one_line() {
        let error = Error::new(ErrorKind::Protocol, "bad\r\nlevel\u{1b}[31m");
        assert_eq!(error.message, "bad  level [31m");
        // The rule of every text that leaves the sandbox, so that no reader depends on who made the error.
        let error = Error::new(ErrorKind::Protocol, "x".repeat(501)).with_code("a\u{202e}b").with_field("c\u{2028}d");
        assert_eq!(error.message, "x".repeat(497) + "…");
        assert_eq!((error.code.as_deref(), error.field.as_deref()), (Some("a b"), Some("c d")));
    }

    proptest! {
        #[test]
        fn a_message_is_bounded(message in "(?s).{0,600}") {
            let error = Error::new(ErrorKind::Protocol, &message);
            prop_assert!(error.message.len() <= 500);
            prop_assert!(!error.message.contains(char::is_control));
            if message.len() <= 500 {
                prop_assert_eq!(error.message.chars().count(), message.chars().count());
            }
        }
    }
}
