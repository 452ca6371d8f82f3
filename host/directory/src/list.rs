//! The envelope that a list travels in as JSON. Never says that a list is whole when it may not be.

use serde::{Deserialize, Serialize};

use crate::{Page, Unreadable};

/// A list in the JSON envelope that clients of a unified API know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct List<T> {
    /// The rows.
    pub result: Vec<T>,
    /// Where the next page starts; `null` at the end of the list.
    pub next_cursor: Option<String>,
    /// Where the page before starts; `null` where there is none to go back to.
    pub prev_cursor: Option<String>,
    /// How many rows `result` has.
    pub result_count: usize,
    /// Whether rows are missing that should be here: some could not be read, or the list moved while it was read.
    pub is_partial_response: bool,
    /// Rows that could not be read; left out when there is none.
    #[serde(default = "Vec::new", skip_serializing_if = "Vec::is_empty")]
    pub unreadable: Vec<Unreadable>,
    /// How many rows the vendor says the whole list has; left out where it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u32>,
}

impl<T> From<Page<T>> for List<T> {
    /// One page, partial when a row of it could not be read.
    fn from(page: Page<T>) -> Self {
        Self {
            result_count: page.items.len(),
            is_partial_response: !page.unreadable.is_empty(),
            result: page.items,
            next_cursor: page.next_cursor,
            prev_cursor: page.prev_cursor,
            unreadable: page.unreadable,
            total: page.total,
        }
    }
}
