//! Pages that are read side by side, ahead of their turn. Never hands out a page that reading one after another would
//! not have asked for, and never lets one that failed here count as a failure of the list.
//!
//! That a page is the right one is known from the page before it: that one brought as many rows as the first page did,
//! which is what the cursors step by, and has a next page. Where it brought another number, the cursors skip rows or
//! repeat them (`page-cursors` in `wit/`), and the reading goes on one page after another.

use std::collections::VecDeque;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesOrdered;

use super::Row;
use crate::{Directory, Page, PageQuery};

/// What one reading of a list has read ahead.
pub(super) struct Ahead<T> {
    /// Pages whose turn comes next, in order; all but the last are full.
    ready: VecDeque<Page<T>>,
    /// Rows of the first page; `None` before it, and where cursors were seen not to lead to the pages behind.
    step: Option<usize>,
    /// Pages to read in the next round.
    window: u32,
}

impl<T: Row> Ahead<T> {
    /// Before the first page of a reading.
    pub(super) fn new() -> Self {
        Self { ready: VecDeque::new(), step: None, window: 0 }
    }

    /// Notes how many rows the first page brought.
    pub(super) fn begin(&mut self, length: usize, concurrency: u32) {
        self.step = Some(length).filter(|length| *length > 0);
        self.window = concurrency;
    }

    /// The page whose turn it is, if it was read.
    pub(super) fn next(&mut self) -> Option<Page<T>> {
        self.ready.pop_front()
    }

    /// Reads the page of this query and those behind it, at most `at_most`, so many at a time. Nothing is under way any
    /// more when it is done: whoever walks may take as long as he likes over a page, or call the directory himself,
    /// and holds up nobody. What is read stays when the call is dropped.
    pub(super) async fn read<D: Directory>(
        &mut self,
        directory: &D,
        list: &str,
        query: &PageQuery,
        at_most: u32,
        concurrency: u32,
    ) {
        let (Some(step), Some(cursor)) = (self.step, &query.cursor) else { return };
        let at_most = self.window.min(at_most);
        self.window = self.window.max(1).saturating_mul(2).min(concurrency.saturating_mul(ROUNDS));
        if at_most < 2 || concurrency < 2 {
            return;
        }
        let cursors = match directory.page_cursors(cursor, at_most).await {
            Ok(cursors) if cursors.first() == Some(cursor) => cursors,
            // The vendor cannot jump, or it is not known how.
            Ok(_) | Err(_) => {
                self.step = None;
                return;
            }
        };
        let mut cursors = cursors.into_iter().take(size(at_most));
        let mut under_way = FuturesOrdered::new();
        loop {
            while under_way.len() < size(concurrency)
                && let Some(cursor) = cursors.next()
            {
                under_way.push_back(T::page(directory, list, PageQuery { cursor: Some(cursor), ..query.clone() }));
            }
            match under_way.next().await {
                None => return,
                Some(Ok(page)) => {
                    let is_full = page.items.len() + page.unreadable.len() == step;
                    let goes_on = page.next_cursor.is_some();
                    self.ready.push_back(page);
                    if !is_full {
                        self.step = None;
                    }
                    if !is_full || !goes_on {
                        return;
                    }
                }
                Some(Err(_)) => {
                    // Too many at once may be why. It is read again when it is its turn, alone.
                    self.window = 1;
                    return;
                }
            }
        }
    }
}

fn size(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// Pages that are kept at most, for each that is under way. One round of them would leave the vendor idle while the last
/// comes in.
const ROUNDS: u32 = 2;
