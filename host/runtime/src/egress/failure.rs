//! Every way in which a request can fail, and what the connector is told of it.
//!
//! The connector reads from the code whether anything can have changed at the vendor, so the table below is part of
//! the contract between the two: `connection-refused`, `DNS-error`, `HTTP-request-denied` and
//! `connection-limit-reached` say that nothing was written, every other code that something may have been.

use std::time::Duration;

use portcullis_directory::{Effect, Error, ErrorKind, text};
use wasmtime_wasi_http::Error as WasiError;

/// Why there is no reply. The text is for the caller of the operation and the log, never for the connector.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    /// A check of this crate said no.
    #[error("{0}")]
    Denied(String),
    /// The call has made all the requests that it may make.
    #[error("the call has made all of its {0} requests")]
    Requests(u32),
    /// As many requests of the account wait as may.
    #[error("{0} requests of the account are waiting for their turn, which is as many as may")]
    Busy(usize),
    /// All connections of the runtime were in use for as long as one may take.
    #[error("all {0} connections of this host are in use")]
    Connections(usize),
    /// The pace of the account, or the vendor, would keep it waiting for longer than its call may last.
    #[error("the turn of the request comes in {0:.1?}, which is too late for its call")]
    Late(Duration),
    /// The provider has no token.
    #[error("there is no credential: {0}")]
    Credential(String),
    /// The name has no address.
    #[error("the name `{name}` cannot be resolved: {reason}")]
    Name { name: String, reason: String },
    /// The name has addresses, and every one of them is forbidden.
    #[error("the name `{0}` has no address that may be reached")]
    Address(String),
    /// No connection came about.
    #[error("no connection: {0}")]
    Connection(String),
    /// There was a connection, but no agreement on TLS.
    #[error("no secure connection: {0}")]
    Tls(String),
    /// Connecting took too long.
    #[error("no connection within {0:?}")]
    ConnectTime(Duration),
    /// The pooled connection was closed before the request was written to it.
    #[error("the connection was closed before the request was sent")]
    Unsent,
    /// The connection broke, or what came was not HTTP.
    #[error("the connection broke: {0}")]
    Broken(String),
    /// The reply was not complete in time.
    #[error("no complete reply within {0:?}")]
    Time(Duration),
    /// The replies of the call are too large.
    #[error("the call has received all of its {0} bytes")]
    Size(usize),
    /// The reply is encoded in a way that was not asked for, so that it cannot be searched for the token.
    #[error("the reply has the content encoding `{0}`, which was not asked for")]
    Encoding(String),
}

impl Failure {
    /// The table: what the connector is told.
    pub(crate) fn code(&self) -> WasiError {
        match self {
            Failure::Denied(_) | Failure::Credential(_) | Failure::Address(_) => WasiError::HttpRequestDenied,
            Failure::Requests(_) | Failure::Busy(_) | Failure::Connections(_) | Failure::Late(_) => {
                WasiError::ConnectionLimitReached
            }
            Failure::Name { .. } => WasiError::DnsError { rcode: None, info_code: None },
            Failure::Connection(_) | Failure::Tls(_) | Failure::ConnectTime(_) | Failure::Unsent => {
                WasiError::ConnectionRefused
            }
            Failure::Time(_) => WasiError::HttpResponseTimeout,
            // How much would have been allowed is not the connector's to know.
            Failure::Size(_) => WasiError::HttpResponseBodySize(None),
            Failure::Broken(_) | Failure::Encoding(_) => WasiError::ConnectionTerminated,
        }
    }

    /// Whether it is certain that no byte of the request was written.
    pub(crate) fn is_before_writing(&self) -> bool {
        match self {
            Failure::Denied(_)
            | Failure::Requests(_)
            | Failure::Busy(_)
            | Failure::Connections(_)
            | Failure::Late(_)
            | Failure::Credential(_)
            | Failure::Name { .. }
            | Failure::Address(_)
            | Failure::Connection(_)
            | Failure::Tls(_)
            | Failure::ConnectTime(_)
            | Failure::Unsent => true,
            Failure::Broken(_) | Failure::Time(_) | Failure::Size(_) | Failure::Encoding(_) => false,
        }
    }

    /// The failure as an error, for who sent a write or did not.
    pub(crate) fn error(&self, writes: bool) -> Error {
        let kind = self.kind().unwrap_or(match self {
            Failure::Size(_) | Failure::Encoding(_) => ErrorKind::Protocol,
            _ => ErrorKind::Unavailable,
        });
        let effect = if writes && !self.is_before_writing() { Effect::Unknown } else { Effect::None };
        let message = text::one_line(self.to_string(), text::MESSAGE);
        let error = Error::new(kind, message).with_code(self.word()).with_effect(effect);
        Error { retry_after_ms: self.wait_ms(), ..error }
    }

    /// The kind of error that it is whatever else is known; `None` where a connector may know better.
    pub(crate) fn kind(&self) -> Option<ErrorKind> {
        match self {
            Failure::Credential(_) => Some(ErrorKind::Unauthorized),
            Failure::Denied(_) | Failure::Address(_) => Some(ErrorKind::Forbidden),
            Failure::Late(_) => Some(ErrorKind::RateLimited),
            _ => None,
        }
    }

    /// How long to wait before it is of use to try again, in milliseconds.
    pub(crate) fn wait_ms(&self) -> Option<u32> {
        match self {
            Failure::Late(wait) => Some(u32::try_from(wait.as_millis()).unwrap_or(u32::MAX)),
            _ => None,
        }
    }

    /// The code of an error that this failure explains.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Failure::Denied(_) | Failure::Address(_) => "denied",
            Failure::Requests(_) | Failure::Size(_) => "limit",
            Failure::Busy(_) | Failure::Connections(_) => "busy",
            Failure::Late(_) => "paced",
            Failure::Credential(_) => "credential",
            Failure::Name { .. } => "dns",
            Failure::Connection(_) | Failure::Unsent | Failure::Broken(_) => "connection",
            Failure::Tls(_) => "tls",
            Failure::ConnectTime(_) | Failure::Time(_) => "timeout",
            Failure::Encoding(_) => "encoding",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One of each, with this in every place that holds text or a number.
    fn every(text: &str, number: u32) -> [Failure; 16] {
        let (text, time) = (|| text.to_owned(), Duration::from_secs(number.into()));
        [
            Failure::Denied(text()),
            Failure::Requests(number),
            Failure::Busy(number as usize),
            Failure::Connections(number as usize),
            Failure::Late(time),
            Failure::Credential(text()),
            Failure::Name { name: text(), reason: text() },
            Failure::Address(text()),
            Failure::Connection(text()),
            Failure::Tls(text()),
            Failure::ConnectTime(time),
            Failure::Unsent,
            Failure::Broken(text()),
            Failure::Time(time),
            Failure::Size(number as usize),
            Failure::Encoding(text()),
        ]
    }

    /// The code by its name in `wasi:http`.
    fn name(code: &WasiError) -> &'static str {
        match code {
            WasiError::ConnectionRefused => "connection-refused",
            WasiError::DnsError { .. } => "DNS-error",
            WasiError::HttpRequestDenied => "HTTP-request-denied",
            WasiError::ConnectionLimitReached => "connection-limit-reached",
            WasiError::ConnectionTerminated => "connection-terminated",
            WasiError::HttpResponseBodySize(None) => "HTTP-response-body-size",
            WasiError::HttpResponseTimeout => "HTTP-response-timeout",
            other => panic!("{other} is not in the table"),
        }
    }

    #[test]
    fn a_connector_reads_from_the_code_whether_anything_was_written() {
        for failure in every("", 0) {
            let says_unwritten = portcullis_zpa::http::NEVER_LEFT.contains(&name(&failure.code()));
            assert_eq!(says_unwritten, failure.is_before_writing(), "{failure}");
        }
    }

    #[test]
    fn the_code_tells_a_connector_nothing_else() {
        let told = |text, number| every(text, number).map(|failure| format!("{:?}", failure.code()));
        assert_eq!(told("", 0), told("10.0.0.7 sealed by ops", 7_654_321));
    }
}
