//! One page of a list and the question that brings it. Never a whole list: that is a `Walk`.

use serde::{Deserialize, Serialize};

use crate::ReadOptions;

/// One page of users, groups or members.
///
/// The list ends on the page without a `next_cursor`, and only there: an empty page may have one, a short page usually
/// has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// Rows in the vendor's order; neither sorted nor free of repeats across pages.
    pub items: Vec<T>,
    /// Rows that could not be read.
    pub unreadable: Vec<Unreadable>,
    /// Where the next page starts; `None` at the end of the list.
    pub next_cursor: Option<String>,
    /// Where the page before starts; `None` at the beginning, or where the vendor cannot go back.
    pub prev_cursor: Option<String>,
    /// How many rows the vendor says the whole list has; `None` where it does not say.
    pub total: Option<u32>,
}

/// A row of a page that could not be read. It is reported and not skipped: whoever compares lists must know.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unreadable {
    /// The row's identifier, where at least that could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Place of the row on its page, from 0.
    pub position: u32,
    /// What was wrong with it, in one line.
    pub reason: String,
}

/// Which page to read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PageQuery {
    /// `None` for the first page, later a cursor of a page of the same account, function and size.
    pub cursor: Option<String>,
    /// How many rows to ask for; `None` for the largest page that the vendor serves. It may bring fewer.
    pub size: Option<u32>,
    /// What the page brings besides the unified fields. Members have no more than those.
    pub options: ReadOptions,
}
