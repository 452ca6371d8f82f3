//! A group as people speak of it.

use std::fmt;

use portcullis_directory::{Group, GroupReference};
use serde::{Deserialize, Serialize};

/// A group by its id, and by its name where one is known. Two are the same when their ids are.
#[derive(Clone, Debug, Eq, Serialize, Deserialize)]
pub struct GroupName {
    /// The group's id.
    pub id: String,
    /// Its name at the time, for a person; never compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl PartialEq for GroupName {
    fn eq(&self, other: &GroupName) -> bool {
        self.id == other.id
    }
}

impl From<&GroupReference> for GroupName {
    fn from(group: &GroupReference) -> GroupName {
        GroupName { id: group.id.clone(), name: group.name.clone() }
    }
}

impl From<&Group> for GroupName {
    fn from(group: &Group) -> GroupName {
        GroupName { id: group.id.clone(), name: group.name.clone() }
    }
}

impl fmt::Display for GroupName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name.as_ref().unwrap_or(&self.id))
    }
}
