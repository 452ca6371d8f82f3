//! The vendor account that a directory handle is bound to.
//!
//! It holds no credential and no permission: those come from the platform and from the operator. So do its pace, its
//! limits and the component that it is pinned to.

use portcullis_directory::text;

use crate::certificate::ClientCertificate;
use crate::digest::Digest;
use crate::error::{Error, Kind};
use crate::limit::Limits;
use crate::origin::Origin;
use crate::pace::Pace;

/// An endpoint, the connector's settings for it, and what the operator says of its calls.
#[derive(Clone, Debug)]
pub struct Account {
    pub(crate) endpoint: String,
    pub(crate) settings: Option<String>,
    pub(crate) origin: Origin,
    pub(crate) pace: Pace,
    pub(crate) limits: Option<Limits>,
    pub(crate) pinned: Option<Digest>,
    pub(crate) label: Option<String>,
    pub(crate) certificate: Option<ClientCertificate>,
}

impl Account {
    /// An account at this base URL: `https` (or `http` to a loopback address), a host, perhaps a port and a path, and
    /// nothing else. Requests of the account go to this host, port and path prefix only.
    ///
    /// Whether the host may be reached at all is the runtime's to say, when the account is bound to a connector.
    pub fn new(endpoint: impl Into<String>) -> Result<Account, Error> {
        let endpoint = endpoint.into();
        match Origin::parse(&endpoint) {
            Ok(origin) => {
                let (pace, certificate) = (Pace::default(), None);
                Ok(Account {
                    endpoint,
                    settings: None,
                    origin,
                    pace,
                    limits: None,
                    pinned: None,
                    label: None,
                    certificate,
                })
            }
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

    /// The same account with limits of its own. Of these and the runtime's the lower holds, limit by limit, so an account
    /// can have less than others and never more; those that are the runtime's alone make no difference. It is the
    /// operator's to say, not the account's owner's.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Account {
        Account { limits: Some(limits), ..self }
    }

    /// The same account, to be bound to the component with this digest and to no other. It is the operator's to say, not
    /// the account's owner's.
    #[must_use]
    pub fn pinned_to(self, digest: Digest) -> Account {
        Account { pinned: Some(digest), ..self }
    }

    /// The same account with what it is called in logs and figures, in place of its host. It is the operator's to say,
    /// and is cut to one line of 100 bytes.
    #[must_use]
    pub fn called(self, label: impl Into<String>) -> Account {
        Account { label: Some(text::one_line(label, text::WORD)), ..self }
    }

    /// The same account with a certificate to show its server where that asks for one, once the server's own was found
    /// good. No other account shows it, and no other server is connected to. It is the operator's to say, not the
    /// account's owner's.
    #[must_use]
    pub fn with_client_certificate(self, certificate: ClientCertificate) -> Account {
        Account { certificate: Some(certificate), ..self }
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
