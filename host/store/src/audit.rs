//! The audit log: a record of every write to a directory, made before the write and completed after it, in a file whose
//! lines are chained with a key.
//!
//! [`Audited`] puts the record around any [`Directory`](portcullis_directory::Directory); [`Auditor`] keeps the file and
//! answers for it. The rule is deny by default: what cannot be recorded is not sent. First an intent is written and
//! forced to the disk, then the write is made, then what came of it is written. An intent without an outcome is a write
//! of which nobody knows what became.
//!
//! Each line of `audit.jsonl` has a number, the MAC (HMAC-SHA-256) of the line before it, and a MAC of its own. The
//! number, MAC and place of the last line stand in the database, under a MAC as well. So [`Auditor::read`] finds a line
//! that was edited, removed, moved or added, a tail that was cut, a file that was replaced, and a database that was put
//! back; it names the line.
//!
//! It cannot prove:
//!
//! - that whoever has the key wrote the truth. With the key everything can be written anew. The store's own key lies
//!   beside the database or in a keyring of the user who runs this program, and so proves nothing against him; a key
//!   from elsewhere ([`KeySource`](crate::KeySource)) does, against whoever does not have it.
//! - that file and database were not both put back to the same earlier state. An [anchor](Anchor) that was kept
//!   elsewhere does.
//! - that nothing was written without a record: by another program, with the same token, or where the operator turned
//!   the record off.
//! - that the clock was right.
//!
//! The key of the chain is random and is sealed with the store's key, so that a rotation of that one leaves the chain as
//! it is.

mod actor;
mod audited;
mod auditor;
mod chain;
mod end;
mod entry;
mod file;
mod filter;
mod keeping;
mod known;
pub mod ocsf;
mod record;
mod request;
#[cfg(test)]
mod tests;
mod verification;

pub use actor::Actor;
pub use audited::{Audited, Seen, Witness};
pub use auditor::Auditor;
pub use entry::{AuditedAccount, Entry, Event, Object, Outcome};
pub use filter::{Filter, Instant};
pub use keeping::Keeping;
pub use record::{Record, Records};
pub use verification::{Anchor, Finding, Verification};
