//! Which rows a page has: paging (zpa-scim.md 5), and the faults that change a page.
//! Works on slots; never writes JSON.

use crate::error_body::Problem;
use crate::fault::{Kind, ListMember, RowFault, Total};
use crate::query::Query;
use crate::switches::{AtZero, OverMaximum, PastTheEnd, Switches};

/// The most rows of a page (zpa-scim.md 5, CONFIRMED for users, INFERRED for groups).
pub(crate) const MAXIMUM_COUNT: usize = 100;

/// What a request asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    /// Counted from 1.
    pub(crate) start: usize,
    pub(crate) count: usize,
}

impl Window {
    pub(crate) fn of(query: &Query, switches: &Switches) -> Result<Self, Problem> {
        let start = match integer(query, "startIndex")? {
            Some(start) if start < 1 => match switches.start_index_zero {
                AtZero::IsOne => 1,
                AtZero::Refused => return Err(invalid(format!("startIndex `{start}` is below 1"))),
            },
            start => start.unwrap_or(1),
        };
        let count = match integer(query, "count")? {
            None => usize::try_from(switches.default_count).unwrap_or(usize::MAX),
            // A negative count is zero (RFC 7644 3.4.2.4).
            Some(count) => usize::try_from(count.max(0)).unwrap_or(usize::MAX),
        };
        if count > MAXIMUM_COUNT && switches.count_above_maximum == OverMaximum::Refused {
            return Err(invalid(format!("count `{count}` is above {MAXIMUM_COUNT}")));
        }
        Ok(Self { start: usize::try_from(start).unwrap_or(usize::MAX), count: count.min(MAXIMUM_COUNT) })
    }
}

fn integer(query: &Query, name: &str) -> Result<Option<i64>, Problem> {
    let value = query.value(name).map(|value| {
        let refusal = || invalid(format!("{name} `{value}` is not an integer"));
        value.parse().map_err(|_| refusal())
    });
    value.transpose()
}

fn invalid(detail: String) -> Problem {
    Problem::new(400, detail).of_type("invalidValue")
}

/// A page as it will be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) start_index: u64,
    pub(crate) total: u64,
    pub(crate) asked: u64,
    pub(crate) rows: Vec<Row>,
    pub(crate) omitted: Vec<ListMember>,
}

/// A place in a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Row {
    Whole(u32),
    WithoutId(u32),
    Number,
    Null,
}

/// The rows that match, in order; those of a descending sort are read from the end.
pub(crate) struct Selection<'a> {
    pub(crate) slots: &'a [u32],
    pub(crate) is_reversed: bool,
}

impl Selection<'_> {
    fn slot(&self, index: usize) -> Option<u32> {
        let index = if self.is_reversed { self.slots.len().checked_sub(index + 1)? } else { index };
        self.slots.get(index).copied()
    }
}

impl Page {
    /// Cuts the window out of what matches. The work is in the rows of the page, not in those of the directory.
    pub(crate) fn cut(selection: &Selection<'_>, window: Window, past_the_end: PastTheEnd, damage: &[Kind]) -> Self {
        let total = selection.slots.len();
        let is_past = window.start > total && past_the_end == PastTheEnd::FirstPage;
        let start = if is_past || damage.contains(&Kind::IgnoreStartIndex) { 1 } else { window.start };
        let caps = damage.iter().filter_map(|kind| match kind {
            Kind::Cap(cap) => usize::try_from(*cap).ok(),
            _ => None,
        });
        let count = caps.fold(window.count, usize::min);
        let first = (start - 1).min(total);
        let last = first.saturating_add(count).min(total);
        let slots = (first..last).filter_map(|index| selection.slot(index));
        let mut page = Self {
            start_index: wide(start),
            total: wide(total),
            asked: wide(window.count),
            rows: slots.map(Row::Whole).collect(),
            omitted: Vec::new(),
        };
        for kind in damage {
            page.suffer(kind);
        }
        page
    }

    fn suffer(&mut self, kind: &Kind) {
        match *kind {
            Kind::Total(Total::More(rows)) => self.total += u64::from(rows),
            Kind::Total(Total::Fewer(rows)) => self.total = self.total.saturating_sub(rows.into()),
            Kind::Total(Total::Exactly(rows)) => self.total = rows.into(),
            Kind::EchoStartIndex(index) => self.start_index = index.into(),
            Kind::Omit(member) => self.omitted.push(member),
            Kind::Row { damage, at } => self.spoil(damage, at),
            _ => {}
        }
    }

    fn spoil(&mut self, damage: RowFault, at: u32) {
        let Some(last) = self.rows.len().checked_sub(1) else {
            return;
        };
        let place = usize::try_from(at).unwrap_or(usize::MAX).saturating_sub(1).min(last);
        let Some(row) = self.rows.get_mut(place) else {
            return;
        };
        match damage {
            RowFault::Duplicate => {
                let twin = *row;
                self.rows.insert(place, twin);
            }
            RowFault::Skip => {
                self.rows.remove(place);
            }
            RowFault::NoId => {
                if let Row::Whole(slot) = *row {
                    *row = Row::WithoutId(slot);
                }
            }
            RowFault::Number => *row = Row::Number,
            RowFault::Null => *row = Row::Null,
        }
    }
}

fn wide(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn page(total: u32, start: usize, count: usize, rules: &[&str]) -> Page {
        let slots: Vec<u32> = (0..total).collect();
        let selection = Selection { slots: &slots, is_reversed: false };
        let damage: Vec<Kind> = rules.iter().map(|rule| rule.parse::<crate::Fault>().unwrap().kind).collect();
        Page::cut(&selection, Window { start, count }, PastTheEnd::Empty, &damage)
    }

    fn slots(page: &Page) -> Vec<u32> {
        let slots = page.rows.iter().filter_map(|row| match row {
            Row::Whole(slot) => Some(*slot),
            _ => None,
        });
        slots.collect()
    }

    proptest! {
        #[test]
        fn any_page_size_walks_to_every_row_once(total in 0..300_u32, count in 1..=100_usize) {
            let mut seen = Vec::new();
            loop {
                let rows = slots(&page(total, seen.len() + 1, count, &[]));
                if rows.is_empty() {
                    break;
                }
                seen.extend(rows);
            }
            prop_assert!(seen.into_iter().eq(0..total));
        }
    }

    #[test]
    fn items_per_page_echoes_the_size_and_not_the_rows() {
        let page = page(3, 1, 10, &[]);
        assert_eq!((page.asked, page.rows.len(), page.total), (10, 3, 3));
    }

    #[test]
    fn a_descending_page_is_read_from_the_end() {
        let selection = Selection { slots: &[0, 1, 2, 3, 4], is_reversed: true };
        let page = Page::cut(&selection, Window { start: 2, count: 2 }, PastTheEnd::Empty, &[]);
        assert_eq!(slots(&page), [3, 2]);
    }

    #[test]
    fn faults_change_a_page_and_no_more_than_they_say() {
        assert_eq!(slots(&page(9, 4, 3, &["start-index=ignore"])), [0, 1, 2]);
        assert_eq!(page(9, 4, 3, &["start-index=ignore"]).start_index, 1);
        assert_eq!(page(9, 4, 3, &["echo-start-index=9"]).start_index, 9);
        assert_eq!(slots(&page(9, 4, 3, &["cap=2"])), [3, 4]);
        assert_eq!(page(9, 4, 3, &["cap=0"]).rows, []);
        assert_eq!(slots(&page(9, 4, 3, &["row=duplicate at=2"])), [3, 4, 4, 5]);
        assert_eq!(slots(&page(9, 4, 3, &["row=skip at=9"])), [3, 4]);
        assert_eq!(page(9, 4, 3, &["total=+5"]).total, 14);
        assert_eq!(page(9, 4, 3, &["total=-50"]).total, 0);
        assert_eq!(page(9, 4, 3, &["row=no-id"]).rows[0], Row::WithoutId(3));
        assert_eq!(page(0, 1, 3, &["row=null"]).rows, []);
    }
}
