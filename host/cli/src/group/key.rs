//! What groups are found by.

use clap::Args;
use portcullis_directory::{Group, GroupKey};

use crate::finding::{Sought, is_same};

/// What to find groups by.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Key {
    /// The group's name, without regard to case
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The id that an identity provider gave the group, byte for byte
    #[arg(long, value_name = "X")]
    external_id: Option<String>,
}

impl From<&Key> for GroupKey {
    fn from(key: &Key) -> GroupKey {
        match (&key.name, &key.external_id) {
            (Some(name), _) => GroupKey::Name(name.clone()),
            (None, external_id) => GroupKey::ExternalId(external_id.clone().unwrap_or_default()),
        }
    }
}

/// The key in words.
pub(crate) fn sought(key: &GroupKey) -> Sought<'_> {
    match key {
        GroupKey::Name(name) => Sought { field: "name", value: name },
        GroupKey::ExternalId(id) => Sought { field: "external id", value: id },
    }
}

/// Whether a group has this key.
pub(crate) fn has(group: &Group, key: &GroupKey) -> bool {
    match key {
        GroupKey::Name(name) => group.name.as_deref().is_some_and(|known| is_same(known, name)),
        GroupKey::ExternalId(id) => group.external_id.as_ref() == Some(id),
    }
}
