//! A user or a group. What is the same for both is done once, for either.

use alloc::string::String;
use alloc::vec::Vec;

use crate::json::Json;
use crate::layout::Layout;
use crate::mapping::Resource;
use crate::row::Row;
use crate::unified::Unified;
use crate::wit;
use crate::{group, user};

/// A record of either kind, in the words of the contract.
#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant, reason = "most records are users, which are the larger ones")]
pub enum Record {
    User(wit::User),
    Group(wit::Group),
}

impl Record {
    /// The record that a JSON value is, or why it is none.
    pub fn from_scim(json: Json<'_>, layout: &Layout, remote_data: Option<String>) -> Result<Record, String> {
        let row = Row::decode(json, layout)?;
        match layout.resource {
            Resource::User => user::from_scim(row, layout, remote_data).map(Record::User),
            Resource::Group => group::from_scim(row, layout, remote_data).map(Record::Group),
        }
    }

    /// Its identifier.
    pub fn id(&self) -> &str {
        match self {
            Record::User(user) => &user.id,
            Record::Group(group) => &group.id,
        }
    }

    /// Its external identifier.
    pub fn external_id(&self) -> Option<&str> {
        match self {
            Record::User(user) => user.external_id.as_deref(),
            Record::Group(group) => group.external_id.as_deref(),
        }
    }

    /// What it has in a field that records are found by.
    pub fn keys(&self, field: Unified) -> Vec<&str> {
        let key = match (self, field) {
            (Record::User(user), Unified::Emails) => {
                return user.emails.iter().map(|email| email.email.as_str()).collect();
            }
            (_, Unified::ExternalId) => self.external_id(),
            (Record::User(user), _) => user.username.as_deref(),
            (Record::Group(group), _) => group.name.as_deref(),
        };
        key.into_iter().collect()
    }

    /// The user that it is.
    pub fn user(self) -> Option<wit::User> {
        match self {
            Record::User(user) => Some(user),
            Record::Group(_) => None,
        }
    }

    /// The group that it is.
    pub fn group(self) -> Option<wit::Group> {
        match self {
            Record::Group(group) => Some(group),
            Record::User(_) => None,
        }
    }
}
