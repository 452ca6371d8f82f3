//! Why a plan is not applied at all. Nothing was written then.

use std::fmt;

use portcullis_directory::Error;
use serde::Serialize;

use super::journal::JournalError;
use crate::digest::Digest;
use crate::plan::{ObjectKind, Trip};

/// A plan was refused before the first write.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// It is of a version that this crate does not know.
    #[error("the plan is of version {0}, which this program does not apply")]
    Version(u32),
    /// Its digest is not that of its content.
    #[error("the plan was changed after it was made: its digest is `{named}`, and its content has `{found}`")]
    Digest {
        /// The digest that it names.
        named: Digest,
        /// The digest that it has.
        found: Digest,
    },
    /// It contradicts itself.
    #[error("the plan makes no sense: {0}")]
    Malformed(String),
    /// It was made for another directory, or through something else.
    #[error("the plan was made for another {what}: `{planned}`, and this is `{found}`")]
    Target {
        /// `endpoint`, `connector` or `mapping`.
        what: &'static str,
        /// That of the plan.
        planned: String,
        /// The one that is there.
        found: String,
    },
    /// It takes something away, and was made from lists that may not be whole.
    #[error("the action {number} takes something away, and the plan was made from lists that were not read whole")]
    Incomplete {
        /// The first such action.
        number: u32,
    },
    /// It goes beyond its limits, and its digest was not named.
    #[error("the plan goes beyond its limits: {}", trips(.0))]
    Guards(Vec<Trip>),
    /// Another digest than the plan's was named to override its limits.
    #[error("limits are overridden for the plan `{named}`, and this is `{found}`")]
    OtherOverride {
        /// The digest that was named.
        named: Digest,
        /// The plan's.
        found: Digest,
    },
    /// No action is chosen.
    #[error("no action of the plan that is left matches what was chosen")]
    NothingChosen,
    /// Objects changed since the plan was made.
    #[error("the plan is stale: {}", changes(.0))]
    Stale(Vec<Change>),
    /// An object could not be read, so that it is not known whether it changed.
    #[error("{object} could not be read: {error}")]
    Unread {
        /// The object, in words.
        object: String,
        /// Why.
        error: Error,
    },
    /// The journal could not be read or written.
    #[error("{0}")]
    Journal(JournalError),
}

/// A change of an object since the plan was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The kind of object.
    pub kind: ObjectKind,
    /// Its id.
    pub id: String,
    /// Its name in the plan.
    pub name: String,
    /// The field, where the plan knows what it was; nothing where the object is gone or a field changed that the plan does
    /// not.
    pub field: Option<String>,
    /// What is different, in half a sentence.
    pub detail: String,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Change { kind, id, name, detail, .. } = self;
        write!(f, "the {} `{name}` (`{id}`) {detail}", noun(*kind))
    }
}

pub(super) fn noun(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::User => "user",
        ObjectKind::Group => "group",
    }
}

fn trips(trips: &[Trip]) -> String {
    trips.iter().map(|trip| trip.message.as_str()).collect::<Vec<_>>().join("; ")
}

/// As many as a person reads.
fn changes(changes: &[Change]) -> String {
    let mut text = changes.iter().take(SHOWN).map(Change::to_string).collect::<Vec<_>>().join("; ");
    if let Some(more) = changes.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        text = format!("{text}; and {more} more");
    }
    text
}

const SHOWN: usize = 5;
