//! Rows of one resource in list order, found by id.
//! A slot names one row for ever: it is not given out again, so memberships may hold slots.

use super::id::Id;
use super::index::Index;

/// What a table must know of its rows.
pub(crate) trait Row {
    fn id(&self) -> Id;
}

/// Where in the list a new row goes. The default order of ZPA is undocumented (zpa-scim.md 5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum At {
    /// Before every other row: each later row moves one place on, under the feet of a reader.
    Front,
    /// After every other row.
    #[default]
    End,
}

#[derive(Clone, Debug)]
pub(crate) struct Table<R> {
    rows: Vec<Option<R>>,
    order: Vec<u32>,
    ids: Index,
}

impl<R> Default for Table<R> {
    fn default() -> Self {
        Self { rows: Vec::new(), order: Vec::new(), ids: Index::default() }
    }
}

impl<R: Row> Table<R> {
    pub(crate) fn reserve(&mut self, rows: u32) {
        let rows = usize::try_from(rows).unwrap_or_default();
        self.rows.reserve_exact(rows);
        self.order.reserve_exact(rows);
        self.ids.reserve(rows);
    }

    /// The slots in list order.
    pub(crate) fn order(&self) -> &[u32] {
        &self.order
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = &R> {
        self.order.iter().filter_map(|&slot| self.row(slot))
    }

    pub(crate) fn row(&self, slot: u32) -> Option<&R> {
        row(&self.rows, slot)
    }

    pub(crate) fn row_mut(&mut self, slot: u32) -> Option<&mut R> {
        let slot = usize::try_from(slot).ok()?;
        self.rows.get_mut(slot)?.as_mut()
    }

    pub(crate) fn slot(&self, id: Id) -> Option<u32> {
        let hash = self.ids.hash(id);
        let is_it = |slot| self.row(slot).is_some_and(|row| row.id() == id);
        self.ids.find(hash, is_it)
    }

    /// The slot of the new row; `None` where its id is taken.
    pub(crate) fn insert(&mut self, new: R, at: At) -> Option<u32> {
        let id = new.id();
        let slot = u32::try_from(self.rows.len()).ok()?;
        if self.slot(id).is_some() {
            return None;
        }
        self.rows.push(Some(new));
        let rows = &self.rows;
        let hash = self.ids.hash(id);
        self.ids.insert(hash, slot, |ids, slot| row(rows, slot).map_or(0, |row| ids.hash(row.id())));
        match at {
            At::Front => self.order.insert(0, slot),
            At::End => self.order.push(slot),
        }
        Some(slot)
    }

    pub(crate) fn remove(&mut self, slot: u32) -> Option<R> {
        let index = usize::try_from(slot).ok()?;
        let gone = self.rows.get_mut(index)?.take()?;
        self.ids.remove(self.ids.hash(gone.id()), slot);
        if let Some(place) = self.order.iter().position(|&other| other == slot) {
            self.order.remove(place);
        }
        Some(gone)
    }
}

fn row<R>(rows: &[Option<R>], slot: u32) -> Option<&R> {
    rows.get(usize::try_from(slot).ok()?)?.as_ref()
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Row for u64 {
        fn id(&self) -> Id {
            Id::number(*self)
        }
    }

    #[test]
    fn rows_keep_their_order_and_slots_are_not_given_out_again() {
        let mut table = Table::default();
        for number in 1..=5_000_u64 {
            table.insert(number, At::End).unwrap();
        }
        let first = table.slot(Id::number(1)).unwrap();
        assert_eq!(table.remove(first), Some(1));
        assert_eq!(table.remove(first), None);
        assert_ne!(table.insert(1, At::Front), Some(first));
        assert_eq!(table.insert(2, At::Front), None, "the id is taken");
        assert!(table.rows().copied().eq(1..=5_000));
        assert!((1..=5_000).all(|id| table.slot(Id::number(id)).is_some()));
    }
}
