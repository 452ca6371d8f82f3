//! Where the credential of an account comes from.
//!
//! A provider is asked for each request, at the moment of sending, so that a rotated token works at once. Nothing in
//! this crate keeps what it answered.

use std::fmt;
use std::future::{Future, ready};
use std::pin::Pin;

use portcullis_directory::text;

use crate::error::Error;
use crate::secret::Secret;

/// The boxed answer of a [`CredentialProvider`].
pub type Credential<'a> = Pin<Box<dyn Future<Output = Result<Secret, CredentialError>> + Send + 'a>>;

/// The boxed end of [`CredentialProvider::judged`].
pub type Noted<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Gives the bearer token of one account.
pub trait CredentialProvider: Send + Sync + 'static {
    /// The token to send now. Called once a request, after every check has passed; the wait counts towards the time
    /// of the request.
    fn credential(&self) -> Credential<'_>;

    /// What the vendor said of the token of an answered request: `false` after 401, `true` after a success. Any other
    /// answer says nothing of it. For who keeps a record, such as that the account needs another token; a wait of more
    /// than 2 s is cut off.
    fn judged(&self, is_accepted: bool) -> Noted<'_> {
        let _ = is_accepted;
        Box::pin(ready(()))
    }

    /// Whether there is no token at all and requests go out without one. Asked once, when an account is bound.
    ///
    /// An account without a token is for a loopback address, unless the operator
    /// [says otherwise](crate::RuntimeBuilder::allow_anonymous).
    fn is_anonymous(&self) -> bool {
        false
    }
}

/// A token that stays the same.
#[derive(Clone, Debug)]
pub struct StaticToken(Secret);

impl StaticToken {
    /// Takes a token, under the rules of [`Secret::new`].
    pub fn new(token: impl Into<String>) -> Result<StaticToken, Error> {
        Secret::new(token).map(StaticToken)
    }
}

impl From<Secret> for StaticToken {
    fn from(secret: Secret) -> StaticToken {
        StaticToken(secret)
    }
}

impl CredentialProvider for StaticToken {
    fn credential(&self) -> Credential<'_> {
        Box::pin(ready(Ok(self.0.clone())))
    }
}

/// No token: requests go out without an `authorization` header. For a vendor on this machine that asks for none, such as
/// an emulator.
#[derive(Clone, Copy, Debug, Default)]
pub struct Anonymous;

impl CredentialProvider for Anonymous {
    /// There is none, which whoever asks all the same is told.
    fn credential(&self) -> Credential<'_> {
        Box::pin(ready(Err(CredentialError::new("the account has none"))))
    }

    fn is_anonymous(&self) -> bool {
        true
    }
}

/// Why there is no token. The text reaches the caller of the operation: it must not hold a secret.
#[derive(Debug)]
pub struct CredentialError(String);

impl CredentialError {
    /// A reason, as a lower-case fragment; cut to one line of at most 500 bytes.
    pub fn new(reason: impl Into<String>) -> CredentialError {
        CredentialError(text::one_line(reason.into(), text::MESSAGE))
    }
}

impl fmt::Display for CredentialError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for CredentialError {}
