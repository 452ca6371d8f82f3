//! Why a walk broke off, and how far it had come. Never looks like the end of a list.

use crate::{Error, ErrorKind};

/// A walk that broke off. The rows it had handed out are a part of the list, of which nothing follows for the rest.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{error}; rows read: {rows_read}, pages read: {pages_read}")]
pub struct WalkError {
    /// What went wrong: the failure of a page as it came, or what the walk found wrong with the list.
    pub error: Error,
    /// Rows that were handed out before.
    pub rows_read: u64,
    /// Pages that were read before.
    pub pages_read: u64,
    blame: Blame,
}

/// What broke a walk off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Blame {
    Page,
    List,
    Limit,
}

impl WalkError {
    /// Whether a page could not be read, so that the same walk may do better later.
    pub fn is_page_failure(&self) -> bool {
        self.blame == Blame::Page
    }

    /// Whether the pages contradict one another or themselves: one repeats another, the cursors go round, or the rows
    /// are not as many as the vendor says.
    pub fn is_inconsistent(&self) -> bool {
        self.blame == Blame::List
    }

    /// Whether the list has more pages than [`WalkOptions::max_pages`](crate::WalkOptions::max_pages) allows.
    pub fn is_page_limit(&self) -> bool {
        self.blame == Blame::Limit
    }
}

/// What stops a walk, before it is known how far the walk had come.
pub(super) enum Stop {
    /// A page failed.
    Page(Error),
    /// A page that is not empty brings no row that this reading had not met.
    RepeatedPage,
    /// The cursors go round.
    CursorLoop,
    /// A row has an empty id.
    RowWithoutId,
    /// The vendor's total stood still, and the different rows are not as many.
    WrongCount { rows: u64, total: u32 },
    /// There are more pages than this.
    PageLimit(u32),
}

impl Stop {
    pub(super) fn after(self, rows_read: u64, pages_read: u64) -> WalkError {
        let blame = match &self {
            Self::Page(_) => Blame::Page,
            Self::RepeatedPage | Self::CursorLoop | Self::RowWithoutId | Self::WrongCount { .. } => Blame::List,
            Self::PageLimit(_) => Blame::Limit,
        };
        WalkError { error: self.into_error(), rows_read, pages_read, blame }
    }

    fn into_error(self) -> Error {
        let (code, message) = match self {
            Self::Page(error) => return error,
            Self::RepeatedPage => ("repeated-page", "a page brought no row that was not on an earlier one".to_owned()),
            Self::CursorLoop => ("cursor-loop", "the pages of the list lead back to an earlier one".to_owned()),
            Self::RowWithoutId => ("row-without-id", "a row of the list has an empty id".to_owned()),
            Self::WrongCount { rows, total } => {
                ("wrong-count", format!("the list has `{rows}` different rows where the vendor counts `{total}`"))
            }
            Self::PageLimit(limit) => ("page-limit", format!("the list has more than `{limit}` pages")),
        };
        Error::new(ErrorKind::Protocol, message).with_code(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(stop: Stop, is_blamed: fn(&WalkError) -> bool, display: &str) {
        let error = stop.after(200, 2);
        assert_eq!(error.to_string(), format!("{display}; rows read: 200, pages read: 2"));
        assert!(is_blamed(&error));
        let blames = [error.is_page_failure(), error.is_inconsistent(), error.is_page_limit()];
        assert_eq!(blames.iter().filter(|is_so| **is_so).count(), 1);
    }

    #[test]
    fn a_walk_says_why_and_where_it_broke_off() {
        check(
            Stop::Page(Error::timeout("no answer within `30s`", crate::Effect::None)),
            WalkError::is_page_failure,
            "no answer within `30s` (`timeout`)",
        );
        check(
            Stop::RepeatedPage,
            WalkError::is_inconsistent,
            "a page brought no row that was not on an earlier one (`repeated-page`)",
        );
        check(
            Stop::CursorLoop,
            WalkError::is_inconsistent,
            "the pages of the list lead back to an earlier one (`cursor-loop`)",
        );
        check(Stop::RowWithoutId, WalkError::is_inconsistent, "a row of the list has an empty id (`row-without-id`)");
        check(
            Stop::WrongCount { rows: 249, total: 250 },
            WalkError::is_inconsistent,
            "the list has `249` different rows where the vendor counts `250` (`wrong-count`)",
        );
        check(Stop::PageLimit(100), WalkError::is_page_limit, "the list has more than `100` pages (`page-limit`)");
    }
}
