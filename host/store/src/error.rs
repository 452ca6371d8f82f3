//! Why the store could not do what it was asked. No message holds a secret, nor a key.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::key::KeyId;
use crate::keyring::KeyringError;

/// A store could not be opened, read or written.
#[derive(Debug)]
pub struct Error(Box<Kind>);

impl Error {
    /// Whether there is no such account.
    pub fn is_not_found(&self) -> bool {
        matches!(*self.0, Kind::NotFound(_))
    }

    /// Whether an account of this name is there already.
    pub fn is_taken(&self) -> bool {
        matches!(*self.0, Kind::Taken(_))
    }

    /// Whether a name or a key was given that is none.
    pub fn is_caller_fault(&self) -> bool {
        matches!(*self.0, Kind::Name | Kind::EmptyToken | Kind::KeyText { .. })
    }

    /// Whether others can read or write what only the owner should; the file or directory, and the mode that it needs.
    pub fn exposed(&self) -> Option<(&Path, u32)> {
        match &*self.0 {
            Kind::Exposed { path, wanted, .. } => Some((path, *wanted)),
            _ => None,
        }
    }

    /// Whether the key that a credential was sealed with is not there.
    pub fn is_key_missing(&self) -> bool {
        matches!(*self.0, Kind::KeyUnknown { .. } | Kind::KeyLost(_) | Kind::KeyGone(_) | Kind::AuditKey(_))
    }

    /// Why the keyring that the key is in is of no use.
    pub fn keyring(&self) -> Option<&KeyringError> {
        match &*self.0 {
            Kind::Keyring(error) => Some(error),
            _ => None,
        }
    }

    /// Why the keyring that the key is to be put into is of no use. Nothing was changed.
    pub fn keyring_unfit(&self) -> Option<&KeyringError> {
        match &*self.0 {
            Kind::KeyringUnfit(error) => Some(error),
            _ => None,
        }
    }

    /// Whether the key is to be moved, and is not the store's own.
    pub fn is_key_foreign(&self) -> bool {
        matches!(*self.0, Kind::KeyForeign)
    }

    /// Whether a credential was changed, or moved to an account that it was not sealed for.
    pub fn is_seal_broken(&self) -> bool {
        matches!(*self.0, Kind::Seal(_))
    }

    /// Whether the audit log, or what the database knows of it, is not as this program left it.
    pub fn is_audit_changed(&self) -> bool {
        matches!(*self.0, Kind::Audit(_) | Kind::AuditUnknown(_) | Kind::AuditEnd | Kind::AuditSeal)
    }

    /// Whether the file is damaged, or no database of this program.
    pub fn is_damaged(&self) -> bool {
        matches!(*self.0, Kind::Damaged { .. })
    }

    /// Whether another process holds the database for longer than was waited.
    pub fn is_busy(&self) -> bool {
        matches!(*self.0, Kind::Busy)
    }

    /// Whether another process is at work on the same: applies a plan to the endpoint, or puts the user into quarantine or
    /// out of it.
    pub fn is_held(&self) -> bool {
        matches!(*self.0, Kind::Applying { .. } | Kind::Quarantining { .. })
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
        Error(Box::new(kind))
    }
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum Kind {
    #[error("a name is 1 to 64 letters, digits, `.`, `_` and `-`, and begins with a letter or a digit")]
    Name,
    #[error("the credential is empty")]
    EmptyToken,
    #[error("there is no account `{0}`")]
    NotFound(String),
    #[error("there is an account `{0}` already")]
    Taken(String),
    #[error("`{}` {reason}", path.display())]
    Place { path: PathBuf, reason: String },
    #[error("`{}` can be read or written by others (mode {mode:o})", path.display())]
    Exposed { path: PathBuf, mode: u32, wanted: u32 },
    #[error("{place} {reason}")]
    KeyText { place: String, reason: &'static str },
    #[error("the credential of `{name}` is sealed with the key {key}, which is not there")]
    KeyUnknown { name: String, key: KeyId },
    #[error("the key file `{}` is gone, and credentials are sealed with what was in it", .0.display())]
    KeyLost(PathBuf),
    #[error("the entry `{0}` of the keyring is gone, and credentials are sealed with what was in it")]
    KeyGone(String),
    #[error("the key is in the keyring of this system, which {0}")]
    Keyring(KeyringError),
    #[error("the key cannot be put into the keyring of this system, which {0}")]
    KeyringUnfit(KeyringError),
    #[error("the key is the operator's, and is not the store's to move")]
    KeyForeign,
    #[error("the credential of `{0}` does not open: it was changed, or sealed for another account")]
    Seal(String),
    #[error("`{}` is damaged, or no database of this program: {reason}", path.display())]
    Damaged { path: PathBuf, reason: String },
    #[error("`{}` was written by a newer version of this program", .0.display())]
    Newer(PathBuf),
    #[error("another process is writing to the database")]
    Busy,
    #[error("{} is applying a plan to `{endpoint}`", named(*process))]
    Applying { endpoint: String, process: Option<u32> },
    #[error("{} is putting the user `{user}` into quarantine, or out of it", named(*process))]
    Quarantining { user: String, process: Option<u32> },
    #[error("the database: {0}")]
    Database(String),
    #[error("the system gives no random bytes")]
    Random,
    #[error("the key of the audit log is sealed with the key {0}, which is not there")]
    AuditKey(KeyId),
    #[error("the key of the audit log does not open: it was changed")]
    AuditSeal,
    #[error("what the database knows of the end of the audit log was changed")]
    AuditEnd,
    #[error("the audit log is not as it was left: {0}")]
    Audit(String),
    #[error("there is an audit log in `{}` of which the database knows nothing", .0.display())]
    AuditUnknown(PathBuf),
    #[error("{0}")]
    AuditNowhere(String),
}

fn named(process: Option<u32>) -> String {
    process.map_or("another process".to_owned(), |id| format!("the process {id}"))
}
