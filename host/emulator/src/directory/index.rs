//! A hash index of row slots: five bytes a row or so, because the keys stay in the rows.
//! Never owns a row and never compares keys itself.

use std::hash::{BuildHasher, Hash, Hasher as _, RandomState};

use hashbrown::HashTable;

/// Slots by a key that the caller can compute from a slot.
#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    slots: HashTable<u32>,
    hasher: RandomState,
}

impl Index {
    /// Makes room in an index that is still empty.
    pub(crate) fn reserve(&mut self, slots: usize) {
        if self.slots.is_empty() {
            self.slots = HashTable::with_capacity(slots);
        }
    }

    pub(crate) fn hash(&self, key: impl Hash) -> u64 {
        self.hasher.hash_one(key)
    }

    /// Hashes text without regard to case (`caseSensitive: false`, zpa-scim.md 3.1).
    pub(crate) fn hash_folded(&self, text: &str) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        for letter in folded(text) {
            hasher.write_u32(letter.into());
        }
        hasher.finish()
    }

    /// `hash_of` gives the hash of a slot that is already in the index, for when the table grows.
    pub(crate) fn insert(&mut self, hash: u64, slot: u32, hash_of: impl Fn(&Self, u32) -> u64) {
        let mut slots = std::mem::take(&mut self.slots);
        slots.insert_unique(hash, slot, |&slot| hash_of(self, slot));
        self.slots = slots;
    }

    pub(crate) fn find(&self, hash: u64, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        self.slots.find(hash, |&slot| is_it(slot)).copied()
    }

    pub(crate) fn remove(&mut self, hash: u64, slot: u32) {
        if let Ok(entry) = self.slots.find_entry(hash, |&other| other == slot) {
            entry.remove();
        }
    }
}

/// Equality without regard to case.
pub(crate) fn same_folded(left: &str, right: &str) -> bool {
    left == right || folded(left).eq(folded(right))
}

pub(crate) fn folded(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_found_by_its_key_until_it_is_removed() {
        let keys: Vec<String> = (0..1000).map(|number| format!("Key {number}")).collect();
        let mut index = Index::default();
        for (slot, key) in (0_u32..).zip(&keys) {
            let hash = index.hash_folded(key);
            index.insert(hash, slot, |index, slot| index.hash_folded(&keys[slot as usize]));
        }
        let hash = index.hash_folded("kEY 500");
        let is_it = |slot: u32| same_folded(&keys[slot as usize], "kEY 500");
        assert_eq!(index.find(hash, is_it), Some(500));
        index.remove(hash, 500);
        assert_eq!(index.find(hash, is_it), None);
    }
}
