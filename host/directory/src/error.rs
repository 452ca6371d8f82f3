//! A failed call, whoever failed: the caller, the vendor, the connector or the sandbox around it. Never holds a
//! credential, and never spans lines.

use std::fmt;

use serde::{Deserialize, Serialize};

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
    /// The vendor does not know the credential: renew it.
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
    /// A failure that changed nothing, without code, field, status or wait. The message is made one line of at most
    /// 500 bytes.
    pub fn new(kind: ErrorKind, message: impl AsRef<str>) -> Self {
        Self {
            kind,
            code: None,
            message: line(message.as_ref()),
            field: None,
            http_status: None,
            retry_after_ms: None,
            effect: Effect::None,
        }
    }

    /// The same failure with this code.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// The same failure with the field or argument at fault.
    #[must_use]
    pub fn with_field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
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
        Self::new(ErrorKind::Unavailable, message)
            .with_code(TIMEOUT)
            .with_effect(effect)
    }

    /// The connector trapped or broke the contract. `effect` is what the host knows of the requests that it let out.
    pub fn guest_fault(message: impl AsRef<str>, effect: Effect) -> Self {
        Self::new(ErrorKind::Protocol, message)
            .with_code(GUEST_FAULT)
            .with_effect(effect)
    }

    /// The connector met a limit of its sandbox: memory, requests, bytes. `effect` is what the host knows of the
    /// requests that it let out.
    pub fn limit(message: impl AsRef<str>, effect: Effect) -> Self {
        Self::new(ErrorKind::Unavailable, message)
            .with_code(LIMIT)
            .with_effect(effect)
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

/// The text as one line of at most [`LINE_BYTES`], control characters replaced by spaces.
fn line(text: &str) -> String {
    let mut line = String::with_capacity(text.len().min(LINE_BYTES));
    for character in text.chars() {
        if line.len() + character.len_utf8() > LINE_BYTES {
            break;
        }
        line.push(if character.is_control() {
            ' '
        } else {
            character
        });
    }
    line
}

const TIMEOUT: &str = "timeout";
const GUEST_FAULT: &str = "guest-fault";
const LIMIT: &str = "limit";

/// Longest message, as `types.error` of `wit/` has it.
const LINE_BYTES: usize = 500;
