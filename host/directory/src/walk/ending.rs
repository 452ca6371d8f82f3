//! How a walk ended, once every page was read. Never more certain than the vendor's answers allow.

use std::fmt;

/// How a walk ended. A walk that did not read every page has no ending but an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ending {
    /// Whether the list stood still.
    pub outcome: Outcome,
    /// Rows that were handed out, each id once.
    pub rows: u64,
    /// Rows that the vendor has and that could not be read.
    pub unreadable: u64,
    /// Pages that were read, those of a re-read included.
    pub pages: u64,
}

/// Whether the list stood still while it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The different ids that were read are as many as the vendor said, on every page, that there are.
    ///
    /// Vendors give no snapshot. One row made and one deleted at the same time can leave the total as it was and hide a
    /// third row, so before something is deleted for being absent, ask for it or see it absent a second time
    /// (RFC 7644 section 3.4.2.4: results across pages may be inconsistent).
    Complete {
        /// Length of the list; `None` where the vendor never said one. The list then ended where its cursors did, and
        /// nothing confirms it.
        total: Option<u32>,
    },
    /// The vendor's total changed while the pages were read, so the list was read a second time from the start. Every
    /// row of either reading was handed out: some may be gone by now, others may never have been seen. Absence proves
    /// nothing.
    Moved {
        /// The total that the first page gave.
        first_total: u32,
        /// The total that the last page gave.
        last_total: u32,
        /// Whether the second reading on its own was complete: the list stood still, and every row of it was seen. Rows
        /// that only the first reading saw were handed out nevertheless.
        settled: bool,
    },
}

impl Ending {
    /// Whether rows may be missing, or be there that are gone: the list moved, or some rows could not be read.
    pub fn is_partial(&self) -> bool {
        self.has_moved() || self.unreadable > 0
    }

    /// Whether the list moved.
    pub fn has_moved(&self) -> bool {
        matches!(self.outcome, Outcome::Moved { .. })
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.outcome {
            Outcome::Complete { total: Some(_) } => f.write_str("complete")?,
            Outcome::Complete { total: None } => {
                f.write_str("complete as far as the vendor tells")?;
            }
            Outcome::Moved { first_total, last_total, settled } => {
                let then = if settled { "then settled" } else { "did not settle" };
                write!(f, "moved while it was read, from {first_total} rows to {last_total}, and {then}")?;
            }
        }
        write!(f, "; rows: {}", self.rows)?;
        match self.unreadable {
            0 => Ok(()),
            unreadable => write!(f, ", unreadable: {unreadable}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(outcome: Outcome, unreadable: u64, is_partial: bool, display: &str) {
        let ending = Ending { outcome, rows: 12, unreadable, pages: 2 };
        assert_eq!(ending.is_partial(), is_partial);
        assert_eq!(ending.to_string(), display);
    }

    #[test]
    fn an_ending_says_what_is_certain() {
        let complete = |total| Outcome::Complete { total };
        check(complete(Some(12)), 0, false, "complete; rows: 12");
        check(complete(Some(13)), 1, true, "complete; rows: 12, unreadable: 1");
        check(complete(None), 0, false, "complete as far as the vendor tells; rows: 12");
        let moved = |settled| Outcome::Moved { first_total: 11, last_total: 12, settled };
        check(moved(true), 0, true, "moved while it was read, from 11 rows to 12, and then settled; rows: 12");
        check(
            moved(false),
            2,
            true,
            "moved while it was read, from 11 rows to 12, and did not settle; rows: 12, unreadable: 2",
        );
    }
}
