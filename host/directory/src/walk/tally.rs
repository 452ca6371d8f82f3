//! The sums of one reading of a list, and what they say at its end.

/// The sums of one reading of a list.
#[derive(Default)]
pub(super) struct Tally {
    /// Pages that were read.
    pub(super) pages: u32,
    /// Different rows that were met, unreadable ones included.
    pub(super) rows: u64,
    /// The first and the last total that the vendor gave; `None` while it gave none.
    pub(super) totals: Option<(u32, u32)>,
    moved: bool,
}

/// What a reading is worth once its last page is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The rows are as many as the vendor says, or the vendor never said.
    Whole,
    /// The rows are not as many as the vendor says on every page.
    Miscounted { total: u32 },
    /// The vendor's total changed on the way from the first to the last.
    Moved { first: u32, last: u32 },
}

impl Tally {
    /// Counts a page, and says by how many rows the list grew since the page before.
    pub(super) fn page(&mut self, total: Option<u32>) -> u32 {
        self.pages = self.pages.saturating_add(1);
        let Some(total) = total else { return 0 };
        let (first, last) = self.totals.unwrap_or((total, total));
        self.totals = Some((first, total));
        self.moved |= total != last;
        total.saturating_sub(last)
    }

    pub(super) fn verdict(&self) -> Verdict {
        match self.totals {
            Some((first, last)) if self.moved => Verdict::Moved { first, last },
            Some((_, total)) if self.rows != u64::from(total) => Verdict::Miscounted { total },
            Some(_) | None => Verdict::Whole,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(totals: &[Option<u32>], rows: u64, verdict: Verdict) {
        let mut tally = Tally { rows, ..Tally::default() };
        for total in totals {
            tally.page(*total);
        }
        assert_eq!(tally.verdict(), verdict);
    }

    #[test]
    fn a_reading_is_whole_when_its_rows_add_up() {
        check(&[Some(3), Some(3)], 3, Verdict::Whole);
        check(&[Some(3), Some(3)], 2, Verdict::Miscounted { total: 3 });
        check(&[Some(3), Some(3)], 4, Verdict::Miscounted { total: 3 });
    }

    #[test]
    fn a_total_that_changes_and_changes_back_has_moved() {
        check(&[Some(3), Some(4), Some(3)], 3, Verdict::Moved { first: 3, last: 3 });
    }

    #[test]
    fn a_page_without_a_total_says_nothing() {
        check(&[None, None], 3, Verdict::Whole);
        check(&[None, Some(3), None], 3, Verdict::Whole);
        check(&[Some(3), None, Some(4)], 4, Verdict::Moved { first: 3, last: 4 });
    }

    #[test]
    fn growth_is_counted_from_page_to_page() {
        let mut tally = Tally::default();
        let growths = [Some(3), Some(5), None, Some(6), Some(2)].map(|total| tally.page(total));
        assert_eq!(growths, [0, 2, 0, 1, 0]);
    }
}
