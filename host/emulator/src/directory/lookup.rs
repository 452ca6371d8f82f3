//! What the wire asks of a directory: rows by slot, slots by id, name and external id.
//! Never changes anything.

use super::index::same_folded;
use super::{At, Directory, GroupRow, Refusal, UserRow, Word};

impl Directory {
    pub(crate) fn user_order(&self) -> &[u32] {
        self.users.order()
    }

    pub(crate) fn group_order(&self) -> &[u32] {
        self.groups.order()
    }

    pub(crate) fn groups_by_name(&self) -> &[u32] {
        &self.groups_by_name
    }

    pub(crate) fn user_at(&self, slot: u32) -> Option<&UserRow> {
        self.users.row(slot)
    }

    pub(crate) fn group_at(&self, slot: u32) -> Option<&GroupRow> {
        self.groups.row(slot)
    }

    pub(crate) fn user_row(&self, id: &str) -> Option<&UserRow> {
        self.users.row(self.user_slot(id).ok()?)
    }

    pub(crate) fn group_row(&self, id: &str) -> Option<&GroupRow> {
        self.groups.row(self.group_slot(id).ok()?)
    }

    pub(crate) fn word(&self, word: Option<Word>) -> Option<&str> {
        self.words.text(word)
    }

    /// The ids of the users at one end of the list.
    pub(crate) fn user_ids_at(&self, end: At, users: usize) -> Vec<String> {
        let order = self.users.order();
        let users = users.min(order.len());
        let slots = match end {
            At::Front => order.get(..users),
            At::End => order.get(order.len() - users..),
        };
        let rows = slots.unwrap_or_default().iter().filter_map(|&slot| self.users.row(slot));
        rows.map(|row| row.id.to_string()).collect()
    }

    pub(crate) fn members(&self, group: &GroupRow) -> impl Iterator<Item = &UserRow> {
        group.members.iter().filter_map(|&slot| self.users.row(slot))
    }

    pub(crate) fn user_slot_named(&self, user_name: &str) -> Option<u32> {
        self.user_slot_hashed(self.user_names.hash_folded(user_name), user_name)
    }

    pub(super) fn user_slot_hashed(&self, hash: u64, user_name: &str) -> Option<u32> {
        self.user_names.find(hash, |slot| {
            let row = self.users.row(slot);
            row.is_some_and(|row| same_folded(&row.user_name, user_name))
        })
    }

    /// Slots of users with that external id, by a scan: nothing says that it is unique.
    pub(crate) fn user_slots_with_external_id(&self, external_id: &str) -> Vec<u32> {
        let has_it = |row: &UserRow| has(row.external_id.as_deref(), external_id);
        let slots = self.users.order().iter().copied();
        slots.filter(|&slot| self.users.row(slot).is_some_and(has_it)).collect()
    }

    pub(crate) fn group_slots_with_external_id(&self, external_id: &str) -> Vec<u32> {
        self.group_slots(|row| has(row.external_id.as_deref(), external_id))
    }

    pub(crate) fn group_slots_named(&self, display_name: &str) -> Vec<u32> {
        self.group_slots(|row| same_folded(&row.display_name, display_name))
    }

    fn group_slots(&self, is_it: impl Fn(&GroupRow) -> bool) -> Vec<u32> {
        let slots = self.groups.order().iter().copied();
        slots.filter(|&slot| self.groups.row(slot).is_some_and(&is_it)).collect()
    }

    pub(crate) fn user_slot(&self, id: &str) -> Result<u32, Refusal> {
        let slot = id.parse().ok().and_then(|id| self.users.slot(id));
        slot.ok_or_else(|| Refusal::NoUser(id.to_owned()))
    }

    pub(crate) fn group_slot(&self, id: &str) -> Result<u32, Refusal> {
        let slot = id.parse().ok().and_then(|id| self.groups.slot(id));
        slot.ok_or_else(|| Refusal::NoGroup(id.to_owned()))
    }
}

fn has(value: Option<&str>, wanted: &str) -> bool {
    value.is_some_and(|value| same_folded(value, wanted))
}
