//! One group: as tests see it ([`Group`]) and as it is kept ([`GroupRow`]).
//! Membership is written here alone (zpa-scim.md 4).

use super::id::Id;
use super::table::Row;
use super::user::Shape;

/// A group as the directory knows it: the truth that a reader's result is compared with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is the SCIM attribute of that name")]
pub struct Group {
    /// UUID or decimal number; empty in a new group, which is then given one.
    pub id: String,
    /// Not unique (zpa-scim.md 4).
    pub external_id: Option<String>,
    pub display_name: String,
    /// Ids of users.
    pub members: Vec<String>,
    /// Seconds after the epoch.
    pub created: u32,
    /// Seconds after the epoch.
    pub last_modified: u32,
    pub shape: Shape,
}

impl Group {
    /// A group without members, made on 2026-01-01.
    pub fn new(display_name: impl Into<String>) -> Self {
        Self {
            display_name: display_name.into(),
            created: 1_767_225_600,
            last_modified: 1_767_225_600,
            ..Self::default()
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct GroupRow {
    pub(crate) id: Id,
    pub(crate) external_id: Option<Box<str>>,
    pub(crate) display_name: Box<str>,
    /// Slots of users.
    pub(crate) members: Vec<u32>,
    pub(crate) created: u32,
    pub(crate) last_modified: u32,
    pub(crate) shape: Shape,
}

impl Row for GroupRow {
    fn id(&self) -> Id {
        self.id
    }
}

impl GroupRow {
    pub(crate) fn from_group(id: Id, group: Group) -> Self {
        Self {
            id,
            external_id: group.external_id.map(Into::into),
            display_name: group.display_name.into(),
            members: Vec::new(),
            created: group.created,
            last_modified: group.last_modified,
            shape: group.shape,
        }
    }

    pub(crate) fn to_group(&self, members: Vec<String>) -> Group {
        Group {
            id: self.id.to_string(),
            external_id: self.external_id.as_deref().map(str::to_owned),
            display_name: self.display_name.to_string(),
            members,
            created: self.created,
            last_modified: self.last_modified,
            shape: self.shape,
        }
    }
}
