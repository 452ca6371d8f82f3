//! What is to be done to a directory, and why: a document that a person reviews and that is then applied as it is.

mod page;
mod summary;

use serde::{Deserialize, Serialize};

use crate::action::{Action, Reference};
use crate::digest::Digest;
use crate::target::Target;

/// A plan. What is applied is this document and nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The version of the format: [`Plan::VERSION`].
    pub plan: u32,
    /// The directory that it is for.
    pub target: Target,
    /// What the directory should be like.
    pub source: Source,
    /// When it was made, RFC 3339 in UTC.
    pub made_at: String,
    /// The content of the snapshot that it was made from.
    pub snapshot: Digest,
    /// Users in the directory as it was.
    pub users: u64,
    /// Whether every list that it was made from was read whole; where not, nothing in it takes anything away.
    pub is_complete: bool,
    /// Whether it takes nothing away because nobody wanted it to.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_import: bool,
    /// What is different from what should be, also what no action mends.
    pub drift: Vec<Drift>,
    /// What a person should know before applying it.
    pub warnings: Vec<Warning>,
    /// Limits that it goes beyond. It is not applied where there is one, unless its digest is named.
    pub trips: Vec<Trip>,
    /// The objects that its actions touch, as they were.
    pub touched: Vec<Touched>,
    /// Who in the source is who in the directory, to be kept once the actions are done.
    #[serde(default)]
    pub links: Vec<Link>,
    /// What is done, in order.
    pub actions: Vec<Action>,
    /// SHA-256 of all of the above.
    pub digest: Digest,
}

impl Plan {
    /// The version of the format that this crate writes.
    pub const VERSION: u32 = 1;

    /// The digest of everything but the digest.
    pub fn compute_digest(&self) -> Digest {
        Digest::of_json(&Plan { digest: Digest::of(b""), ..self.clone() })
    }
}

/// Somebody in a source, and the user that they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// What the source calls them by.
    pub key: String,
    /// The user.
    pub user: Reference,
    /// [`Digest::of_user`] of the user as it was; of one that is made there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
}

/// What a directory should be like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Where it was read from, for a person.
    pub name: String,
    /// SHA-256 of it and of the rules that it was read by.
    pub digest: Digest,
    /// People in it.
    pub people: u64,
    /// Groups in it.
    pub groups: u64,
}

/// One difference between what is and what should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// Of which class.
    pub code: DriftCode,
    /// The kind of object.
    pub kind: ObjectKind,
    /// The object's id, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The object's name, for a person.
    pub name: String,
    /// What is different, in one line.
    pub detail: String,
}

/// Classes of drift. The codes are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DriftCode {
    /// It should be there and is not.
    Missing,
    /// It is there, is managed, and should not be.
    Orphaned,
    /// A field has another value.
    AttributeDrift,
    /// A user lacks a group.
    UnderPrivileged,
    /// A user has a group too many.
    OverPrivileged,
    /// Two objects that should be one.
    Duplicate,
    /// It may be one of several; nothing is written.
    Ambiguous,
    /// It is there, and this source does not own it; it is never touched.
    Unmanaged,
    /// A group has a member that is no user.
    DanglingMember,
    /// It is not as the last run left it, though the source did not change.
    ChangedOutOfBand,
}

/// The kind of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ObjectKind {
    /// A user.
    User,
    /// A group.
    Group,
}

/// What a person should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// A stable code, such as `group-created`.
    pub code: String,
    /// One line.
    pub message: String,
}

/// A limit that a plan goes beyond.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trip {
    /// The limit's stable code, such as `delete-user-count`.
    pub guard: String,
    /// What was counted.
    pub counted: u64,
    /// What it may be.
    pub limit: u64,
    /// Which number met which limit, in one line.
    pub message: String,
}

/// An object that an action touches, as it was when the plan was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Touched {
    /// The kind of object.
    pub kind: ObjectKind,
    /// Its id.
    pub id: String,
    /// Its name, for a person.
    pub name: String,
    /// [`Digest::of_user`] or [`Digest::of_group`] of it.
    pub digest: Digest,
}
