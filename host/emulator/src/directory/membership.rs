//! A change to the members of one group, drafted before it is made.
//! Costs what it changes, not what the group holds, so that one member more in a large group is cheap.

use std::collections::{HashMap, HashSet};

use super::Directory;

/// Who is to leave and who is to join. Nothing happens before [`Directory::settle`].
#[derive(Debug)]
pub(crate) struct Membership {
    /// The slot of the group; `None` for a group that is not there yet.
    group: Option<u32>,
    is_cleared: bool,
    gone: HashSet<u32>,
    /// Newcomers in order of arrival; `None` where one was taken out again.
    fresh: Vec<Option<u32>>,
    places: HashMap<u32, usize>,
}

impl Membership {
    pub(crate) fn of(group: Option<u32>) -> Self {
        let (gone, places) = (HashSet::new(), HashMap::new());
        Self { group, is_cleared: false, gone, fresh: Vec::new(), places }
    }

    pub(crate) fn contains(&self, directory: &Directory, user: u32) -> bool {
        let stays = !self.is_cleared && !self.gone.contains(&user);
        self.places.contains_key(&user) || stays && self.group.is_some_and(|group| directory.is_member(group, user))
    }

    /// Adds a user, behind all others; answers false where it is a member already.
    pub(crate) fn add(&mut self, directory: &Directory, user: u32) -> bool {
        if self.contains(directory, user) {
            return false;
        }
        self.places.insert(user, self.fresh.len());
        self.fresh.push(Some(user));
        true
    }

    /// Takes a user out; answers false where it is no member.
    pub(crate) fn remove(&mut self, directory: &Directory, user: u32) -> bool {
        if !self.contains(directory, user) {
            return false;
        }
        match self.places.remove(&user) {
            Some(place) => {
                if let Some(fresh) = self.fresh.get_mut(place) {
                    *fresh = None;
                }
            }
            None => {
                self.gone.insert(user);
            }
        }
        true
    }

    /// Takes everyone out.
    pub(crate) fn clear(&mut self) {
        *self = Self { is_cleared: true, ..Self::of(self.group) };
    }

    /// Those who are added, in order.
    pub(crate) fn newcomers(&self) -> Vec<u32> {
        self.fresh.iter().copied().flatten().collect()
    }

    fn leaves(&self, user: u32) -> bool {
        self.is_cleared || self.gone.contains(&user)
    }
}

impl Directory {
    pub(crate) fn is_member(&self, group: u32, user: u32) -> bool {
        self.users.row(user).is_some_and(|row| row.groups.contains(&group))
    }

    /// Makes the change of `group` and answers the slots of those who left or joined.
    pub(crate) fn settle(&mut self, group: u32, change: &Membership) -> Vec<u32> {
        let Some(row) = self.groups.row_mut(group) else {
            return Vec::new();
        };
        let mut left = Vec::new();
        if change.is_cleared || !change.gone.is_empty() {
            row.members.retain(|&member| {
                let leaves = change.leaves(member);
                if leaves {
                    left.push(member);
                }
                !leaves
            });
        }
        let fresh = change.newcomers();
        row.members.extend(&fresh);
        // One who left and came back at once has only moved within the group.
        left.retain(|user| !change.places.contains_key(user));
        let joined: Vec<u32> = fresh.into_iter().filter(|&user| !self.is_member(group, user)).collect();
        for &user in &left {
            self.forget_group(user, group);
        }
        for &user in &joined {
            self.remember_group(user, group);
        }
        left.extend(joined);
        left
    }

    pub(super) fn remember_group(&mut self, user: u32, group: u32) {
        if let Some(row) = self.users.row_mut(user) {
            row.groups = row.groups.iter().copied().chain([group]).collect();
        }
    }

    pub(super) fn forget_group(&mut self, user: u32, group: u32) {
        if let Some(row) = self.users.row_mut(user) {
            row.groups = row.groups.iter().copied().filter(|&other| other != group).collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::{At, Group, User};

    fn company(members: u32) -> (Directory, u32) {
        let mut directory = Directory::empty(1);
        let ids: Vec<String> = (0..members)
            .map(|number| directory.add_user(User::new(format!("{number}@acme.example")), At::End).unwrap())
            .collect();
        let group = Group { members: ids, ..Group::new("Ops") };
        let id = directory.add_group(group, At::End).unwrap();
        directory.add_user(User::new("new@acme.example"), At::End).unwrap();
        let slot = directory.group_slot(&id).unwrap();
        (directory, slot)
    }

    fn members(directory: &Directory, group: u32) -> Vec<u32> {
        directory.group_at(group).unwrap().members.clone()
    }

    #[test]
    fn a_draft_changes_nothing_before_it_is_settled() {
        let (mut directory, group) = company(3);
        let mut draft = Membership::of(Some(group));
        assert!(draft.remove(&directory, 1));
        assert!(!draft.remove(&directory, 1));
        assert!(draft.add(&directory, 3));
        assert!(!draft.add(&directory, 3));
        assert_eq!(members(&directory, group), [0, 1, 2]);
        assert_eq!(directory.settle(group, &draft), [1, 3]);
        assert_eq!(members(&directory, group), [0, 2, 3]);
        assert!(!directory.is_member(group, 1) && directory.is_member(group, 3));
    }

    #[test]
    fn one_who_is_cleared_and_added_again_stays_a_member_once() {
        let (mut directory, group) = company(3);
        let mut draft = Membership::of(Some(group));
        draft.clear();
        for user in [2, 3, 0] {
            assert!(draft.add(&directory, user));
        }
        assert!(draft.remove(&directory, 3));
        assert_eq!(directory.settle(group, &draft), [1]);
        assert_eq!(members(&directory, group), [2, 0]);
        assert_eq!(directory.user_at(2).unwrap().groups, Box::from([group]));
    }
}
