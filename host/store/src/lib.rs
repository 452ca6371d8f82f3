//! Accounts in one database file: where each vendor account is, what it may use, and its credential, sealed; the
//! [journal](Journal) of each plan that is applied; and beside it the [audit log](audit) of every write.
//!
//! [`Store`] is opened on a directory that only its owner can read. It keeps no key in memory between two calls, so that
//! a credential or a key that is rotated is in force at the next one, in every process that has the store open.
//!
//! A credential is sealed by XChaCha20-Poly1305 under a [key](KeySource) that is not in the database. Bound into the seal
//! are the account's id, name and endpoint and the kind of the credential: a database that somebody else wrote to can
//! lose a credential, but not send it elsewhere, swap it with that of another account, or plant a command.
//! What is not bound are settings, limits, the digest of the component and times.
//!
//! Beside the database lie the [paces](PaceFiles) that processes share, which are no secret and may be deleted.
//!
//! Nothing in this crate prints, reads an environment variable or a clock, knows a vendor, or runs a program.

#![warn(missing_docs)]

mod account;
pub mod audit;
mod credential;
mod error;
pub mod instant;
mod journal;
mod key;
mod key_file;
mod link;
mod pace;
mod place;
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
pub use key_file::KeySource;
pub use pace::PaceFiles;
pub use place::check_private;
pub use rotation::Rotation;
pub use store::Store;
