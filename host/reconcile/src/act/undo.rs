//! What somebody was before they were cut off, written down before the first write.

use portcullis_directory::User;
use serde::{Deserialize, Serialize};

use super::cut_off::{State, state};
use super::group::GroupName;

/// Enough to put somebody back. It holds personal data, and no credential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undo {
    /// The version of the format: [`Undo::VERSION`].
    pub undo: u32,
    /// The endpoint of the directory. What was taken away in one is not put back in another.
    pub endpoint: String,
    /// The name that the account is kept under, for a person; never compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// When it was written, RFC 3339 in UTC.
    pub made_at: String,
    /// When it was put back, likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restored_at: Option<String>,
    /// Whether the user was active.
    pub was_active: bool,
    /// The groups that the user was in.
    pub groups: Vec<GroupName>,
    /// The user's record, the vendor's own included.
    pub user: User,
}

impl Undo {
    /// The version of the format that this crate writes.
    pub const VERSION: u32 = 1;

    /// Of a user as it was read.
    pub fn new(endpoint: &str, account: Option<&str>, made_at: String, user: User) -> Undo {
        Undo {
            undo: Undo::VERSION,
            endpoint: endpoint.to_owned(),
            account: account.map(str::to_owned),
            made_at,
            restored_at: None,
            // A record that does not say is taken for one of an active user.
            was_active: !matches!(state(&user), State::Inactive | State::Gone),
            groups: user.groups.iter().map(GroupName::from).collect(),
            user,
        }
    }

    /// Whether it is of an earlier run that broke off, or was complete, and of which this user is what was left: who is
    /// active again is a new case.
    pub fn is_of(&self, user: &User, endpoint: &str) -> bool {
        self.is_open_for(&user.id, endpoint) && matches!(state(user), State::Inactive | State::Gone)
    }

    /// Whether it is of this id at this endpoint, and was not put back.
    pub fn is_open_for(&self, id: &str, endpoint: &str) -> bool {
        self.user.id == id && self.endpoint == endpoint && self.restored_at.is_none()
    }

    /// Takes groups in that it lacks; whether there were any.
    pub fn extend(&mut self, groups: impl IntoIterator<Item = GroupName>) -> bool {
        let before = self.groups.len();
        for group in groups {
            if !self.groups.contains(&group) {
                self.groups.push(group);
            }
        }
        self.groups.len() > before
    }
}
