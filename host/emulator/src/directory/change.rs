//! What a write makes of a row that is there. Memberships have a module of their own.

use super::{At, Directory, Group, GroupRow, Id, Membership, Refusal, User, UserRow};

impl Directory {
    /// Puts `user` in place of the one of that id, which keeps its id and its groups.
    pub fn change_user(&mut self, id: &str, user: User) -> Result<(), Refusal> {
        let slot = self.user_slot(id)?;
        let hash = self.user_names.hash_folded(&user.user_name);
        if self.user_slot_hashed(hash, &user.user_name).is_some_and(|other| other != slot) {
            return Err(Refusal::UserNameTaken(user.user_name));
        }
        let Some(row) = self.users.row_mut(slot) else {
            return Err(Refusal::NoUser(id.to_owned()));
        };
        let before = self.user_names.hash_folded(&row.user_name);
        let groups = std::mem::take(&mut row.groups);
        *row = UserRow { groups, ..UserRow::from_user(row.id, user, &mut self.words) };
        if before != hash {
            self.user_names.remove(before, slot);
            self.index_user_name(hash, slot);
        }
        Ok(())
    }

    /// Gives the group of that slot another name and external id; its members stay.
    pub(crate) fn change_group(&mut self, slot: u32, display_name: &str, external_id: Option<&str>) {
        let Some(row) = self.groups.row_mut(slot) else {
            return;
        };
        row.external_id = external_id.map(Into::into);
        if *row.display_name != *display_name {
            row.display_name = display_name.into();
            self.groups_by_name.retain(|&other| other != slot);
            let place = self.place_by_name(slot);
            self.groups_by_name.insert(place, slot);
        }
    }

    /// Adds a group with the members of the draft.
    pub(crate) fn found_group(&mut self, id: Id, group: Group, at: At, members: &Membership) -> Result<u32, Refusal> {
        let slot = self.groups.insert(GroupRow::from_group(id, group), at);
        let slot = slot.ok_or_else(|| Refusal::IdTaken(id.to_string()))?;
        let place = self.place_by_name(slot);
        self.groups_by_name.insert(place, slot);
        self.settle(slot, members);
        Ok(slot)
    }

    /// An id that no row has had.
    pub(crate) fn new_id(&mut self) -> Id {
        Id::uuid(self.ids.wide())
    }

    pub(crate) fn touch_group(&mut self, slot: u32, now: u32) {
        if let Some(row) = self.groups.row_mut(slot) {
            row.last_modified = now;
        }
    }

    pub(crate) fn touch_user(&mut self, slot: u32, now: u32) {
        if let Some(row) = self.users.row_mut(slot) {
            row.last_modified = now;
        }
    }

    pub(super) fn index_user_name(&mut self, hash: u64, slot: u32) {
        let users = &self.users;
        self.user_names.insert(hash, slot, |names, slot| {
            let row = users.row(slot);
            row.map_or(0, |row| names.hash_folded(&row.user_name))
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_renamed_user_is_found_under_the_new_name_alone() {
        let mut directory = Directory::empty(1);
        let ann = directory.add_user(User::new("ann@acme.example"), At::End).unwrap();
        directory.add_user(User::new("bob@acme.example"), At::End).unwrap();
        directory.change_user(&ann, User::new("Anna@acme.example")).unwrap();
        assert_eq!(directory.user_named("ann@acme.example"), None);
        assert_eq!(directory.user_named("anna@ACME.example").unwrap().id, ann);
        let taken = directory.change_user(&ann, User::new("BOB@acme.example"));
        assert_eq!(taken, Err(Refusal::UserNameTaken("BOB@acme.example".to_owned())));
        directory.change_user(&ann, User::new("ANNA@acme.example")).unwrap();
        assert_eq!(directory.user_named("anna@acme.example").unwrap().user_name, "ANNA@acme.example");
    }

    #[test]
    fn a_renamed_group_moves_in_the_sorted_list() {
        let mut directory = Directory::empty(1);
        for name in ["a", "b", "c"] {
            directory.add_group(Group::new(name), At::End).unwrap();
        }
        directory.change_group(0, "d", None);
        assert_eq!(directory.groups_by_name(), [1, 2, 0]);
    }
}
