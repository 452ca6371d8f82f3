//! Which ids a walk has met, in a few bytes an id. Keeps no id, only keyed hashes of them.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

/// The ids that a walk has met: of each, in which pass it was met last and whether its row was handed out.
///
/// **Memory.** A slot is 8 bytes; shards fill to 4/5 and then grow by a third, one by one, so that a set of a
/// few thousand ids takes at most 16 bytes an id, and a large one 13.4 right after all of it grew and 10 just before.
///
/// **Collisions.** An id is its hash of 62 bits under a key of its own (SipHash, so a vendor cannot make ids collide).
/// Two of `n` ids share one with a chance of about n²/2⁶³: 1 in 9 million for a million ids, 1 in 92 thousand for ten
/// million. The second of the two would then count as a repeat of the first; where the vendor tells the length of the
/// list, the walk ends in an error over it, and the next one has other keys.
pub(crate) struct SeenIds {
    hasher: RandomState,
    shards: Vec<Shard>,
}

/// How a row was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sighting {
    /// For the first time in this pass.
    pub(crate) new_in_pass: bool,
    /// For the first time in the walk.
    pub(crate) new_in_walk: bool,
    /// For the first time in the walk as a row that could be read.
    pub(crate) new_to_read: bool,
}

/// A pass over the list: the first reading, or the one after the list moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pass {
    First,
    Reread,
}

impl Sighting {
    /// What to say where the arithmetic of the table left it, which it cannot: a row twice is better than a row lost.
    fn unheard_of(is_readable: bool) -> Self {
        Self { new_in_pass: true, new_in_walk: true, new_to_read: is_readable }
    }
}

impl SeenIds {
    pub(crate) fn new() -> Self {
        let mut shards = Vec::new();
        shards.resize_with(SHARDS, Shard::default);
        Self { hasher: RandomState::new(), shards }
    }

    /// Notes a row of this id in this pass, and says what is new about it.
    pub(crate) fn meet(&mut self, id: &str, pass: Pass, is_readable: bool) -> Sighting {
        let hash = self.hasher.hash_one(id);
        // A slot of 0 is a free one, so the one hash without a bit set borrows one.
        let key = (hash & KEY).max(KEY & KEY.wrapping_neg());
        let shard = usize::try_from(key >> (u64::BITS - SHARD_BITS)).unwrap_or_default();
        match self.shards.get_mut(shard) {
            Some(shard) => shard.meet(key, pass, is_readable),
            None => Sighting::unheard_of(is_readable),
        }
    }

    /// Allocated bytes.
    #[cfg(test)]
    fn bytes(&self) -> usize {
        let slots: usize = self.shards.iter().map(|shard| shard.slots.capacity()).sum();
        slots * size_of::<u64>() + self.shards.capacity() * size_of::<Shard>() + size_of::<Self>()
    }
}

/// A part of the set with a table of its own: open addressing, linear probing.
#[derive(Default)]
struct Shard {
    slots: Vec<u64>,
    used: usize,
}

impl Shard {
    fn meet(&mut self, key: u64, pass: Pass, is_readable: bool) -> Sighting {
        if (self.used + 1) * 5 > self.slots.len() * 4 {
            self.grow();
        }
        let in_reread = if pass == Pass::Reread { IN_REREAD } else { 0 };
        let was_read = if is_readable { WAS_READ } else { 0 };
        let Some(slot) = self.slot(key) else {
            return Sighting::unheard_of(is_readable);
        };
        let before = *slot;
        *slot = key | in_reread | (before & WAS_READ) | was_read;
        let new_in_walk = before == 0;
        self.used += usize::from(new_in_walk);
        Sighting {
            new_in_pass: new_in_walk || before & IN_REREAD != in_reread,
            new_in_walk,
            new_to_read: is_readable && before & WAS_READ == 0,
        }
    }

    /// The slot that has this key, else the free one where it belongs.
    fn slot(&mut self, key: u64) -> Option<&mut u64> {
        // The key's fraction of its shard, times the slots: no power of two is needed, so growth can be gentle.
        let fraction = u128::from(key << SHARD_BITS);
        let home = (fraction * self.slots.len() as u128) >> u64::BITS;
        let (before, from) = self.slots.split_at_mut_checked(usize::try_from(home).ok()?)?;
        from.iter_mut().chain(before).find(|slot| **slot == 0 || **slot & KEY == key)
    }

    fn grow(&mut self) {
        let old = std::mem::take(&mut self.slots);
        self.slots = vec![0; old.len() + old.len() / 3 + FIRST_SLOTS];
        for entry in old.into_iter().filter(|entry| *entry != 0) {
            if let Some(slot) = self.slot(entry & KEY) {
                *slot = entry;
            }
        }
    }
}

const SHARD_BITS: u32 = 6;
const SHARDS: usize = 1 << SHARD_BITS;
/// Slots that growth adds besides the third, which lifts a shard off the ground.
const FIRST_SLOTS: usize = 4;

/// The bits of a slot that are hash.
const KEY: u64 = !(IN_REREAD | WAS_READ);
/// The row was met last in the re-read.
const IN_REREAD: u64 = 1;
/// The row was met as one that could be read.
const WAS_READ: u64 = 2;

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_id_costs_at_most_16_bytes_at_any_size() {
        let mut seen = SeenIds::new();
        for count in 1..=300_000 {
            seen.meet(&format!("user-{count}"), Pass::First, true);
            if count >= 4000 {
                assert!(seen.bytes() <= 16 * count, "{} bytes for {count} ids", seen.bytes());
            }
        }
    }

    #[test]
    fn ids_that_differ_are_not_confused() {
        let mut seen = SeenIds::new();
        for id in 0..100_000 {
            assert!(seen.meet(&id.to_string(), Pass::First, true).new_in_walk);
        }
        for id in 0..100_000 {
            assert!(!seen.meet(&id.to_string(), Pass::First, true).new_in_walk);
        }
    }

    #[test]
    fn the_hash_of_no_bits_is_a_key_like_any_other() {
        let mut shard = Shard::default();
        for key in [4, 8] {
            assert!(shard.meet(key, Pass::First, false).new_in_walk);
            assert!(!shard.meet(key, Pass::First, false).new_in_walk);
        }
    }

    proptest! {
        #[test]
        fn the_set_agrees_with_a_map(rows in prop::collection::vec((0..400_u16, any::<bool>()), 0..2000), turn in 0..2000_usize) {
            let mut seen = SeenIds::new();
            let mut model: HashMap<u16, (Pass, bool)> = HashMap::new();
            for (place, (id, is_readable)) in rows.into_iter().enumerate() {
                let pass = if place < turn { Pass::First } else { Pass::Reread };
                let before = model.get(&id).copied();
                let was_read = before.is_some_and(|(_, was_read)| was_read);
                model.insert(id, (pass, was_read || is_readable));
                let expected = Sighting {
                    new_in_pass: before.is_none_or(|(last, _)| last != pass),
                    new_in_walk: before.is_none(),
                    new_to_read: is_readable && !was_read,
                };
                prop_assert_eq!(seen.meet(&id.to_string(), pass, is_readable), expected);
            }
        }
    }
}
