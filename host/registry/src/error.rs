//! Why something was not pushed or pulled.

use std::fmt;

use crate::digest::Digest;

/// A failed push or pull. Nothing that a registry said was used.
#[derive(Debug)]
pub struct Error(Kind);

impl Error {
    /// Whether the caller gave something that cannot be: no reference, no component.
    pub fn is_caller_fault(&self) -> bool {
        matches!(
            self.0,
            Kind::Reference { .. } | Kind::Digest(_) | Kind::NoTag(_) | Kind::NoComponent(_) | Kind::Credential
        )
    }

    /// Whether there is nothing of that name.
    pub fn is_not_found(&self) -> bool {
        matches!(self.0, Kind::Status { status: 404, .. })
    }

    /// Whether the registry asks for another credential, or for one at all.
    pub fn is_refused(&self) -> bool {
        matches!(self.0, Kind::Status { status: 401 | 403, .. })
    }

    /// Whether it may work later: no connection, no answer in time, or out of order.
    pub fn is_unavailable(&self) -> bool {
        matches!(self.0, Kind::Connection { .. } | Kind::Status { status: 429 | 500.., .. })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl std::error::Error for Error {}

impl From<Kind> for Error {
    fn from(kind: Kind) -> Error {
        Error(kind)
    }
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum Kind {
    #[error("`{text}` names no artifact: {why}")]
    Reference { text: String, why: &'static str },
    #[error("`{0}` is no digest, which is `sha256:` and 64 lower-case hexadecimal digits")]
    Digest(String),
    #[error("`{0}` has no tag to push to")]
    NoTag(String),
    #[error("it is no component: {0}")]
    NoComponent(String),
    #[error(
        "the name or the password for the registry cannot be sent: both are text without control characters, and the name has no `:`"
    )]
    Credential,
    #[error("certificates of this system cannot be used: {0}")]
    Tls(String),
    #[error("`{host}` does not answer: {why}")]
    Connection { host: String, why: String },
    #[error("`{host}` answers {status}{} to {what}", code.as_deref().map(|code| format!(" ({code})")).unwrap_or_default())]
    Status { host: String, status: u16, code: Option<String>, what: &'static str },
    #[error("`{host}` sends somewhere that is not gone to: {why}")]
    Location { host: String, why: &'static str },
    #[error("`{host}` answers what makes no sense: {why}")]
    Answer { host: String, why: String },
    #[error("{what} has the digest {found}, and not {wanted}")]
    Mismatch { what: &'static str, found: Digest, wanted: Digest },
}
