//! Accounts in one database file: where each vendor account is, what it may use, and its credential, sealed; the
//! [journal](Journal) of each plan that is applied; [who is in quarantine](QuarantineRecord); and beside it the [audit log](audit) of every write.
//!
//! [`Store`] is opened on a directory that only its owner can read. A credential that is rotated is in force at the next
//! call, in every process that has the store open, and so is a key: one that is not known is looked for where the keys
//! are.
//!
//! A credential is sealed by XChaCha20-Poly1305 under a [key](KeySource) that is not in the database. Bound into the seal
//! are the account's id, name and endpoint and the kind of the credential: a database that somebody else wrote to can
//! lose a credential, but not send it elsewhere, swap it with that of another account, or plant a command.
//! What is not bound are settings, limits, the digest of the component and times.
//!
//! Beside the database lie the [paces](PaceFiles) that processes share, which are no secret and may be deleted.
//!
//! Nothing in this crate prints, reads a clock, knows a vendor, or runs a program; nor an environment variable, but for
//! where the bus of the session is, which the [keyring of the system](keyring::system) asks.

#![warn(missing_docs)]

mod account;
pub mod audit;
mod credential;
mod error;
pub mod instant;
mod journal;
mod key;
mod key_file;
mod key_source;
pub mod keyring;
mod link;
mod lock;
mod pace;
mod place;
mod quarantine;
mod rotation;
mod schema;
mod seal;
mod store;
#[cfg(test)]
mod tests;

pub use account::{Account, AccountName, Check, NewAccount};
pub use credential::{Credential, Token};
pub use error::Error;
pub use journal::{Journal, JournalEntry};
pub use key::{KeyId, Keys};
pub use key_source::{KeyPlace, KeySource, NewKey, OwnKey};
pub use keyring::{Keyring, KeyringError};
pub use pace::PaceFiles;
pub use place::check_private;
pub use quarantine::QuarantineRecord;
pub use rotation::Rotation;
pub use store::Store;
