//! What is remembered of the deleted, for creating them again (zpa-scim.md 8).

use std::collections::HashMap;

use super::index::folded;
use super::{Directory, Id, Refusal, Row};

/// A user or a group that was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Grave {
    pub(crate) id: Id,
    /// The groups of a user, the members of a group.
    pub(crate) linked: Vec<Id>,
}

/// The last of each name, which has no case.
#[derive(Clone, Debug, Default)]
pub(crate) struct Graves {
    users: HashMap<String, Grave>,
    groups: HashMap<String, Grave>,
}

impl Graves {
    /// By name.
    pub(super) fn users(&self) -> impl Iterator<Item = (&str, &Grave)> {
        self.users.iter().map(|(name, grave)| (name.as_str(), grave))
    }

    pub(super) fn groups(&self) -> impl Iterator<Item = (&str, &Grave)> {
        self.groups.iter().map(|(name, grave)| (name.as_str(), grave))
    }

    pub(super) fn remember_user(&mut self, name: &str, grave: Grave) {
        self.users.insert(key(name), grave);
    }

    pub(super) fn remember_group(&mut self, name: &str, grave: Grave) {
        self.groups.insert(key(name), grave);
    }
}

impl Directory {
    /// Removes a user and remembers it.
    pub(crate) fn bury_user(&mut self, id: &str) -> Result<(), Refusal> {
        let slot = self.user_slot(id)?;
        if let Some(row) = self.users.row(slot) {
            let linked = row.groups.iter().filter_map(|&group| self.groups.row(group).map(Row::id)).collect();
            self.graves.remember_user(&row.user_name, Grave { id: row.id, linked });
        }
        self.remove_user(id).map(drop)
    }

    /// Removes a group and remembers it.
    pub(crate) fn bury_group(&mut self, id: &str) -> Result<(), Refusal> {
        let slot = self.group_slot(id)?;
        if let Some(row) = self.groups.row(slot) {
            let linked = self.members(row).map(Row::id).collect();
            self.graves.remember_group(&row.display_name, Grave { id: row.id, linked });
        }
        self.remove_group(id).map(drop)
    }

    /// A deleted user of that name whose id is still free.
    pub(crate) fn grave_of_user(&self, user_name: &str) -> Option<&Grave> {
        self.graves.users.get(&key(user_name)).filter(|grave| self.users.slot(grave.id).is_none())
    }

    /// A deleted group of that name whose id is still free.
    pub(crate) fn grave_of_group(&self, display_name: &str) -> Option<&Grave> {
        self.graves.groups.get(&key(display_name)).filter(|grave| self.groups.slot(grave.id).is_none())
    }

    /// Makes a user a member of those of its former groups that are still there.
    pub(crate) fn restore_groups(&mut self, user: u32, grave: &Grave) {
        for &group in &grave.linked {
            if let Some(group) = self.groups.slot(group) {
                self.join(group, user);
            }
        }
    }

    /// Gives a group those of its former members that are still there.
    pub(crate) fn restore_members(&mut self, group: u32, grave: &Grave) {
        for &user in &grave.linked {
            if let Some(user) = self.users.slot(user) {
                self.join(group, user);
            }
        }
    }
}

fn key(name: &str) -> String {
    folded(name).collect()
}
