//! The state of the emulated tenant: users, groups and who belongs where.
//! Owns every rule that a write must keep (unique user names, memberships both ways); knows neither HTTP nor JSON.

mod change;
mod generation;
mod grave;
mod group;
mod id;
mod index;
mod lookup;
mod membership;
mod name;
mod random;
mod snapshot;
mod table;
mod user;
mod word;

use self::grave::Graves;
pub use self::group::Group;
pub(crate) use self::group::GroupRow;
pub(crate) use self::id::Id;
pub(crate) use self::membership::Membership;
pub use self::snapshot::LoadError;
pub use self::table::At;
pub(crate) use self::table::Row;
pub(crate) use self::user::UserRow;
pub use self::user::{Shape, User};
pub(crate) use self::word::Word;

use self::index::{Index, folded};
use self::random::Random;
use self::table::Table;
use self::word::Words;

/// Users and groups in list order.
#[derive(Clone, Debug)]
pub struct Directory {
    users: Table<UserRow>,
    user_names: Index,
    groups: Table<GroupRow>,
    /// Slots of groups sorted by folded display name, ties in order of arrival.
    groups_by_name: Vec<u32>,
    words: Words,
    graves: Graves,
    /// Where the ids of added rows come from.
    ids: Random,
}

/// Why the directory refuses a change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Another user has that name, in whatever case (zpa-scim.md 3.1).
    #[error("user name `{0}` is taken")]
    UserNameTaken(String),
    /// Another row has that id.
    #[error("id `{0}` is taken")]
    IdTaken(String),
    /// Neither a UUID in lower case nor a decimal number.
    #[error("id `{0}` is neither a lower-case UUID nor a decimal number")]
    IdUnreadable(String),
    /// No such group.
    #[error("no group has id `{0}`")]
    NoGroup(String),
    /// No such user.
    #[error("no user has id `{0}`")]
    NoUser(String),
}

/// What is in a directory, for a reader's result to be compared with.
impl Directory {
    /// Every user in list order.
    pub fn users(&self) -> impl Iterator<Item = User> {
        self.users.rows().map(|row| self.to_user(row))
    }

    /// Every group in list order, with its members.
    pub fn groups(&self) -> impl Iterator<Item = Group> {
        self.groups.rows().map(|row| self.to_group(row))
    }

    /// How many users there are.
    pub fn user_count(&self) -> usize {
        self.users.order().len()
    }

    /// How many groups there are.
    pub fn group_count(&self) -> usize {
        self.groups.order().len()
    }

    /// The user of that id.
    pub fn user(&self, id: &str) -> Option<User> {
        self.user_row(id).map(|row| self.to_user(row))
    }

    /// The group of that id.
    pub fn group(&self, id: &str) -> Option<Group> {
        self.group_row(id).map(|row| self.to_group(row))
    }

    /// The user of that name, in whatever case.
    pub fn user_named(&self, user_name: &str) -> Option<User> {
        let row = self.users.row(self.user_slot_named(user_name)?)?;
        Some(self.to_user(row))
    }

    fn to_user(&self, row: &UserRow) -> User {
        let groups = row.groups.iter().filter_map(|&slot| self.groups.row(slot));
        row.to_user(&self.words, groups.map(|row| row.id.to_string()).collect())
    }

    fn to_group(&self, row: &GroupRow) -> Group {
        let members = self.members(row).map(|user| user.id.to_string());
        row.to_group(members.collect())
    }
}

/// Changes, by the rules of the tenant and not of the wire.
impl Directory {
    /// A directory without anyone. `seed` decides the ids of what is added.
    pub fn empty(seed: u64) -> Self {
        Self {
            users: Table::default(),
            user_names: Index::default(),
            groups: Table::default(),
            groups_by_name: Vec::new(),
            words: Words::default(),
            graves: Graves::default(),
            ids: Random::of_row(seed, 3, 0),
        }
    }

    /// Adds a user and answers its id.
    pub fn add_user(&mut self, user: User, at: At) -> Result<String, Refusal> {
        let id = self.id_for(&user.id)?;
        self.insert_user(id, user, at)?;
        Ok(id.to_string())
    }

    /// Adds a user under an id that is already read; the one in `user` goes unread.
    pub(crate) fn insert_user(&mut self, id: Id, user: User, at: At) -> Result<u32, Refusal> {
        let hash = self.user_names.hash_folded(&user.user_name);
        if self.user_slot_hashed(hash, &user.user_name).is_some() {
            return Err(Refusal::UserNameTaken(user.user_name));
        }
        let row = UserRow::from_user(id, user, &mut self.words);
        let slot = self.users.insert(row, at);
        let slot = slot.ok_or_else(|| Refusal::IdTaken(id.to_string()))?;
        self.index_user_name(hash, slot);
        Ok(slot)
    }

    /// Removes a user, from its groups as well, and answers what it was.
    pub fn remove_user(&mut self, id: &str) -> Result<User, Refusal> {
        let slot = self.user_slot(id)?;
        let user = self.users.row(slot).map(|row| self.to_user(row));
        if let Some(row) = self.users.remove(slot) {
            let hash = self.user_names.hash_folded(&row.user_name);
            self.user_names.remove(hash, slot);
            for &group in &row.groups {
                if let Some(group) = self.groups.row_mut(group) {
                    group.members.retain(|&member| member != slot);
                }
            }
        }
        user.ok_or_else(|| Refusal::NoUser(id.to_owned()))
    }

    /// Adds a group with its members and answers its id.
    pub fn add_group(&mut self, group: Group, at: At) -> Result<String, Refusal> {
        let id = self.id_for(&group.id)?;
        let mut members = Membership::of(None);
        for member in &group.members {
            let user = self.user_slot(member)?;
            members.add(self, user);
        }
        self.found_group(id, group, at, &members)?;
        Ok(id.to_string())
    }

    /// Removes a group, from its members as well, and answers what it was.
    pub fn remove_group(&mut self, id: &str) -> Result<Group, Refusal> {
        let slot = self.group_slot(id)?;
        let group = self.groups.row(slot).map(|row| self.to_group(row));
        self.groups_by_name.retain(|&other| other != slot);
        if let Some(row) = self.groups.remove(slot) {
            for user in row.members {
                self.forget_group(user, slot);
            }
        }
        group.ok_or_else(|| Refusal::NoGroup(id.to_owned()))
    }

    /// Makes a user a member; answers false where it was one.
    pub fn add_member(&mut self, group: &str, user: &str) -> Result<bool, Refusal> {
        let (group, user) = (self.group_slot(group)?, self.user_slot(user)?);
        Ok(self.join(group, user))
    }

    /// Ends a membership; answers false where there was none.
    pub fn remove_member(&mut self, group: &str, user: &str) -> Result<bool, Refusal> {
        let (group, user) = (self.group_slot(group)?, self.user_slot(user)?);
        let mut change = Membership::of(Some(group));
        change.remove(self, user);
        Ok(!self.settle(group, &change).is_empty())
    }

    fn join(&mut self, group: u32, user: u32) -> bool {
        let mut change = Membership::of(Some(group));
        change.add(self, user);
        !self.settle(group, &change).is_empty()
    }

    fn id_for(&mut self, text: &str) -> Result<Id, Refusal> {
        if text.is_empty() {
            return Ok(self.new_id());
        }
        text.parse().map_err(|()| Refusal::IdUnreadable(text.to_owned()))
    }

    fn place_by_name(&self, slot: u32) -> usize {
        let name = |slot| self.groups.row(slot).map_or("", |row| row.display_name.as_ref());
        let new = name(slot);
        self.groups_by_name.partition_point(|&other| folded(name(other)).le(folded(new)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_membership_is_seen_from_both_sides_and_ends_with_either() {
        let mut directory = Directory::empty(1);
        let ann = directory.add_user(User::new("ann@acme.example"), At::End).unwrap();
        let bob = directory.add_user(User::new("bob@acme.example"), At::End).unwrap();
        let ops = Group { members: vec![ann.clone(), bob.clone()], ..Group::new("Ops") };
        let ops = directory.add_group(ops, At::End).unwrap();
        assert_eq!(directory.add_member(&ops, &ann), Ok(false));
        assert_eq!(directory.user(&ann).unwrap().groups, std::slice::from_ref(&ops));
        directory.remove_user(&ann).unwrap();
        assert_eq!(directory.group(&ops).unwrap().members, std::slice::from_ref(&bob));
        assert_eq!(directory.remove_member(&ops, &bob), Ok(true));
        assert_eq!(directory.remove_member(&ops, &bob), Ok(false));
        assert_eq!(directory.user(&bob).unwrap().groups, [""; 0]);
    }

    #[test]
    fn a_user_name_is_taken_in_every_case() {
        let mut directory = Directory::empty(1);
        directory.add_user(User::new("Zoë@acme.example"), At::End).unwrap();
        let refused = directory.add_user(User::new("ZOË@ACME.example"), At::End);
        assert_eq!(refused.unwrap_err().to_string(), "user name `ZOË@ACME.example` is taken");
        assert!(directory.user_named("zoë@acme.example").is_some());
    }

    #[test]
    fn groups_are_kept_sorted_by_name_without_regard_to_case() {
        let mut directory = Directory::empty(1);
        for name in ["beta", "Alpha", "Gamma", "alpha"] {
            directory.add_group(Group::new(name), At::End).unwrap();
        }
        let sorted = directory.groups_by_name().iter().map(|&slot| &*directory.group_at(slot).unwrap().display_name);
        assert_eq!(sorted.collect::<Vec<_>>(), ["Alpha", "alpha", "beta", "Gamma"]);
    }
}
