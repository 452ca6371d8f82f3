//! A directory as it was read at one time, and how sure it is that nothing is missing.

mod difference;
mod file;
mod take;
#[cfg(test)]
pub(crate) mod tests;

pub use difference::{ChangeKind, Difference, MembershipChange, ObjectChange};
pub(crate) use difference::{group_name, user_name};
pub use file::ReadError;
pub use take::{Rosters, Stage, TakeError, TakeOptions};

use portcullis_directory::{Group, Member, User};
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::target::Target;

/// Users and groups of one directory, read whole, or with what says that they were not.
///
/// Memberships are those of [`User::groups`], plus the [rosters](Roster) of groups that were asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// What it is a snapshot of, and what it may be relied on for.
    pub header: Header,
    /// The users, by id.
    pub users: Vec<User>,
    /// The groups, by id.
    pub groups: Vec<Group>,
    /// Members of groups that were read group by group, by the group's id.
    pub rosters: Vec<Roster>,
}

/// The first line of a saved snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The version of the format: [`Header::VERSION`].
    pub snapshot: u32,
    /// The directory.
    pub target: Target,
    /// When reading began, RFC 3339 in UTC.
    pub taken_at: String,
    /// How the list of users ended.
    pub users: ListEnding,
    /// How the list of groups ended.
    pub groups: ListEnding,
    /// Memberships that users' records and rosters show, each counted once.
    pub memberships: u64,
    /// SHA-256 of the lines behind the header.
    pub content: Digest,
}

impl Snapshot {
    /// The user with this id.
    pub fn user(&self, id: &str) -> Option<&User> {
        let place = self.users.binary_search_by(|user| user.id.as_str().cmp(id)).ok()?;
        self.users.get(place)
    }

    /// The group with this id.
    pub fn group(&self, id: &str) -> Option<&Group> {
        let place = self.groups.binary_search_by(|group| group.id.as_str().cmp(id)).ok()?;
        self.groups.get(place)
    }

    /// The members of the group with this id, where they were read from its own record.
    pub fn roster(&self, group: &str) -> Option<&Roster> {
        let place = self.rosters.binary_search_by(|roster| roster.group.as_str().cmp(group)).ok()?;
        self.rosters.get(place)
    }

    /// Whether every list is whole, those of members that were read included. Absence from what is not proves nothing.
    pub fn is_complete(&self) -> bool {
        let Header { users, groups, .. } = &self.header;
        let rosters = self.rosters.iter().map(|roster| &roster.ending);
        [users, groups].into_iter().chain(rosters).all(ListEnding::is_complete)
    }
}

impl Header {
    /// The version of the format that this crate writes.
    pub const VERSION: u32 = 1;
}

/// How a list ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListEnding {
    /// Rows in the snapshot.
    pub rows: u64,
    /// Rows that the vendor has and that could not be read.
    pub unreadable: u64,
    /// Whether the list changed while it was read. Absence then proves nothing.
    pub moved: bool,
}

impl ListEnding {
    /// Whether every row is there, as far as one reading can tell.
    pub fn is_complete(&self) -> bool {
        !self.moved && self.unreadable == 0
    }
}

/// The members of one group, from the group's own record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roster {
    /// The group's id.
    pub group: String,
    /// Its members, by id.
    pub members: Vec<Member>,
    /// How the list of members ended.
    pub ending: ListEnding,
}
