//! The vendor account that a directory handle is bound to.
//!
//! It holds no credential and no permission: those come from the platform and from the operator. So does its pace.

use portcullis_directory::text;

use crate::error::{Error, Kind};
use crate::origin::Origin;
use crate::pace::Pace;

/// An endpoint, the connector's settings for it, and its pace.
#[derive(Clone, Debug)]
pub struct Account {
    pub(crate) endpoint: String,
    pub(crate) settings: Option<String>,
    pub(crate) origin: Origin,
    pub(crate) pace: Pace,
}

impl Account {
    /// An account at this base URL: `https` (or `http` to a loopback address), a host, perhaps a port and a path, and
    /// nothing else. Requests of the account go to this host, port and path prefix only.
    ///
    /// Whether the host may be reached at all is the runtime's to say, when the account is bound to a connector.
    pub fn new(endpoint: impl Into<String>) -> Result<Account, Error> {
        let endpoint = endpoint.into();
        match Origin::parse(&endpoint) {
            Ok(origin) => Ok(Account { endpoint, settings: None, origin, pace: Pace::default() }),
            Err(reason) => Err(refused(endpoint, reason)),
        }
    }

    /// The same account with settings: a JSON object, valid against the connector's `settings_schema`. The connector
    /// checks it at each call.
    #[must_use]
    pub fn with_settings(self, json: impl Into<String>) -> Account {
        Account { settings: Some(json.into()), ..self }
    }

    /// The same account at another pace than [`Pace::default`]. It is the operator's to say, not the account's owner's.
    #[must_use]
    pub fn with_pace(self, pace: Pace) -> Account {
        Account { pace, ..self }
    }

    /// The endpoint as it was given.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    pub(crate) fn refused(&self, reason: &'static str) -> Error {
        refused(self.endpoint.clone(), reason)
    }
}

/// An endpoint may hold a password where it should not, so what comes before an `@` is not repeated.
fn refused(endpoint: String, reason: &'static str) -> Error {
    let endpoint = match endpoint.rsplit_once('@') {
        Some((_, rest)) => format!("…@{rest}"),
        None => endpoint,
    };
    Kind::Endpoint { endpoint: text::one_line(endpoint, text::MESSAGE), reason }.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Blame;

    #[test]
    fn an_endpoint_that_is_no_base_url_is_refused_with_its_text() {
        let error = Account::new("ftp://example.com").unwrap_err();
        assert_eq!(error.to_string(), "the endpoint `ftp://example.com` is neither `https` nor `http`");
        assert_eq!((error.blame(), error.is_endpoint_refused()), (Blame::Caller, true));
    }

    #[test]
    fn a_password_in_an_endpoint_is_not_repeated() {
        let error = Account::new("https://admin:hunter22@example.com/v2").unwrap_err();
        assert_eq!(error.to_string(), "the endpoint `…@example.com/v2` holds a user name or a password");
    }
}
