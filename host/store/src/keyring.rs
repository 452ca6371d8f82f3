//! Keyrings of the system, as far as a store needs one: texts under names. Which key is where, and in what order it is
//! written, is the business of [`KeySource`](crate::KeySource).

#[cfg(all(feature = "keyring", any(windows, target_os = "macos")))]
mod native;
#[cfg(all(feature = "keyring", unix, not(target_os = "macos")))]
mod secret_service;

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use portcullis_directory::text::one_line;
use zeroize::Zeroizing;

/// A keyring. It asks nobody for anything, and each call has an end: one that is locked, or does not answer, is an error.
pub trait Keyring: fmt::Debug + Send + Sync {
    /// The text of an entry; `None` where there is no such entry, or no such any more.
    fn get<'a>(&'a self, entry: &'a str) -> Answer<'a, Option<Zeroizing<String>>>;

    /// Makes the entry, or puts another text into it. It is kept, whatever happens to the power, when this returns.
    fn set<'a>(&'a self, entry: &'a str, text: &'a str) -> Answer<'a, ()>;

    /// Takes the entry away, where it is there.
    fn remove<'a>(&'a self, entry: &'a str) -> Answer<'a, ()>;
}

/// What a keyring answers with.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, KeyringError>> + Send + 'a>>;

/// Why a keyring is of no use. It reads on from "the keyring".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyringError {
    /// There is none, for this reason.
    #[error("is not there ({0})")]
    Absent(String),
    /// It is locked, and nobody is asked to unlock it.
    #[error("is locked")]
    Locked,
    /// It did not answer in time.
    #[error("does not answer")]
    Silent,
    /// It answers with this error.
    #[error("fails ({0})")]
    Failed(String),
    /// This program was built without the feature `keyring`.
    #[error("this program is built without")]
    NotBuilt,
    /// The operator wants none to be used.
    #[error("this program is told not to use")]
    Off,
}

impl KeyringError {
    /// For this reason, on one line.
    pub(crate) fn failed(reason: impl fmt::Display) -> KeyringError {
        KeyringError::Failed(one_line(reason.to_string(), REASON))
    }

    #[cfg_attr(not(feature = "keyring"), expect(dead_code, reason = "of the keyrings that are not built"))]
    pub(crate) fn absent(reason: impl fmt::Display) -> KeyringError {
        KeyringError::Absent(one_line(reason.to_string(), REASON))
    }
}

/// The keyring of this system: the Secret Service of the session bus, the login keychain (macOS) or the Credential Manager
/// (Windows). Entries are of the service `portcullis`; their name is the user's there.
pub fn system() -> Arc<dyn Keyring> {
    #[cfg(all(feature = "keyring", unix, not(target_os = "macos")))]
    return Arc::new(secret_service::SecretService);
    #[cfg(all(feature = "keyring", any(windows, target_os = "macos")))]
    return Arc::new(native::Native);
    #[cfg(not(all(feature = "keyring", any(windows, unix))))]
    Arc::new(NoKeyring(KeyringError::NotBuilt))
}

/// No keyring, for this reason.
#[derive(Debug)]
pub struct NoKeyring(pub KeyringError);

impl Keyring for NoKeyring {
    fn get<'a>(&'a self, _: &'a str) -> Answer<'a, Option<Zeroizing<String>>> {
        Box::pin(async { Err(self.0.clone()) })
    }

    fn set<'a>(&'a self, _: &'a str, _: &'a str) -> Answer<'a, ()> {
        Box::pin(async { Err(self.0.clone()) })
    }

    fn remove<'a>(&'a self, _: &'a str) -> Answer<'a, ()> {
        Box::pin(async { Err(self.0.clone()) })
    }
}

/// Entries of this program.
#[cfg(feature = "keyring")]
const SERVICE: &str = "portcullis";
/// How long a keyring is waited for. One that is started by the question needs a part of it; whoever holds the database
/// meanwhile is waited for longer.
#[cfg(feature = "keyring")]
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(3);
/// Bytes of a reason.
const REASON: usize = 200;
