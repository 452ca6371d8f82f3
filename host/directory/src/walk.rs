//! Reads a whole list page by page, and says what it may be relied on for. Never takes a failed, short, empty or
//! repeated page for the end of a list, never hands an id out twice, and never waits.
//!
//! Paging is stateless with many vendors, so that clients must be prepared for inconsistent pages (RFC 7644 section
//! 3.4.2.4). Hence the rules: a page that is not empty brings a row that this reading had not met, cursors do not go
//! round, and at the end the different rows are as many as the vendor says. A total that changes on the way means that
//! the list moved under the walk, which then reads it once more.

mod ahead;
mod ending;
mod error;
#[cfg(test)]
mod laws;
mod row;
#[cfg(test)]
mod script;
mod tally;
#[cfg(test)]
mod tests;
mod trail;

pub use ending::{Ending, Outcome};
pub use error::WalkError;
pub use row::Row;

use crate::seen::{Pass, SeenIds};
use crate::{Directory, Group, Member, Page, PageQuery, ReadOptions, Unreadable, User};
use ahead::Ahead;
use error::Stop;
use tally::{Tally, Verdict};
use trail::CursorTrail;

/// A walk over a whole list: of [`users`](Walk::users), [`groups`](Walk::groups) or the [`members`](Walk::members) of a
/// group.
///
/// ```
/// use portcullis_directory::{Directory, Walk, WalkError, WalkOptions};
///
/// async fn count(directory: &impl Directory) -> Result<u64, WalkError> {
///     let mut walk = Walk::users(directory, WalkOptions::default());
///     let mut count = 0;
///     while let Some(page) = walk.next_page().await? {
///         count += page.items.len() as u64;
///     }
///     assert!(walk.ending().is_some_and(|ending| ending.rows == count));
///     Ok(count)
/// }
/// ```
///
/// Where the vendor's pages can be jumped to, several are read at the same time, within what
/// [`WalkOptions::concurrency`] allows and the directory's own pace, and handed out in the vendor's order. What a list
/// may be relied on for is the same as if they had been read one after another.
///
/// It keeps at most 16 bytes for each id of a list of a few thousand and more, two pages for each that is read at the
/// same time, and no other row. Ids are told apart by 62 bits of a keyed hash: in a list of a million ids, two are taken
/// for one with a chance of 1 in 9 million. The rows then do not add up to the vendor's total, which is an error; a row
/// is lost over it only where the vendor tells no total or the list moved, so where nothing was certain anyway.
pub struct Walk<'a, D, T> {
    directory: &'a D,
    group_id: String,
    options: WalkOptions,
    seen: SeenIds,
    pass: Pass,
    cursor: Option<String>,
    trail: CursorTrail,
    tally: Tally,
    /// First and last total of the first reading, in the second.
    moved: Option<(u32, u32)>,
    rows_read: u64,
    pages_read: u64,
    /// Different ids that were only met on rows that could not be read.
    unread: u64,
    /// Unreadable rows without an id in this reading.
    nameless: u64,
    /// The most unreadable rows without an id in any reading.
    nameless_most: u64,
    ahead: Ahead<T>,
    state: State,
}

/// How a walk goes about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WalkOptions {
    /// Rows to ask for at a time; `None`, the default, for the largest page that the vendor serves.
    pub size: Option<u32>,
    /// Whether to fill `remote_data`; off by default.
    pub remote_data: bool,
    /// Most pages that a reading of the list may have before the walk gives up; there are at most two readings. 100,000
    /// by default: ten million rows at 100 a page. Empty pages count.
    pub max_pages: u32,
    /// Pages to read at the same time, where the vendor can be asked for a page without the one before it; 1 reads one
    /// after another. 16 by default, which is twice what the pace of an account has under way by itself, so that there is
    /// always a request that can go.
    pub concurrency: u32,
}

impl Default for WalkOptions {
    fn default() -> Self {
        Self { size: None, remote_data: false, max_pages: 100_000, concurrency: 16 }
    }
}

enum State {
    Reading,
    Ended(Ending),
    Failed(WalkError),
}

impl<'a, D: Directory> Walk<'a, D, User> {
    /// A walk over all users.
    pub fn users(directory: &'a D, options: WalkOptions) -> Self {
        Self::new(directory, String::new(), options)
    }
}

impl<'a, D: Directory> Walk<'a, D, Group> {
    /// A walk over all groups.
    pub fn groups(directory: &'a D, options: WalkOptions) -> Self {
        Self::new(directory, String::new(), options)
    }
}

impl<'a, D: Directory> Walk<'a, D, Member> {
    /// A walk over all members of a group.
    pub fn members(directory: &'a D, group_id: impl Into<String>, options: WalkOptions) -> Self {
        Self::new(directory, group_id.into(), options)
    }
}

impl<'a, D: Directory, T: Row> Walk<'a, D, T> {
    fn new(directory: &'a D, group_id: String, options: WalkOptions) -> Self {
        Self {
            directory,
            group_id,
            options,
            seen: SeenIds::new(),
            pass: Pass::First,
            cursor: None,
            trail: CursorTrail::new(),
            tally: Tally::default(),
            moved: None,
            rows_read: 0,
            pages_read: 0,
            unread: 0,
            nameless: 0,
            nameless_most: 0,
            ahead: Ahead::new(),
            state: State::Reading,
        }
    }

    /// The next page, less what was handed out before; `None` once the list has ended, and only then.
    ///
    /// A page may come out empty, and one without a `next_cursor` may be followed by a second reading. Rows that could
    /// not be read are reported once where they have an id; those without one are reported by the second reading again.
    /// After an error every call answers the same error. A call that is dropped before it is done reads the same page
    /// again. Between calls nothing is under way.
    ///
    /// A page that was read beside others and failed is read once more in its turn, alone; only then it is an error.
    pub async fn next_page(&mut self) -> Result<Option<Page<T>>, WalkError> {
        match &self.state {
            State::Reading => {}
            State::Ended(_) => return Ok(None),
            State::Failed(error) => return Err(error.clone()),
        }
        match self.read().await.and_then(|page| self.take(page)) {
            Ok(page) => Ok(Some(page)),
            Err(stop) => {
                let error = stop.after(self.rows_read, self.pages_read);
                self.ahead = Ahead::new();
                self.state = State::Failed(error.clone());
                Err(error)
            }
        }
    }

    /// How the list ended; `None` until [`next_page`](Self::next_page) has handed out its last page, and for ever after
    /// an error.
    pub fn ending(&self) -> Option<Ending> {
        match &self.state {
            State::Ended(ending) => Some(*ending),
            State::Reading | State::Failed(_) => None,
        }
    }

    /// Rows that were handed out so far.
    pub fn rows_read(&self) -> u64 {
        self.rows_read
    }

    /// Pages that were read so far.
    pub fn pages_read(&self) -> u64 {
        self.pages_read
    }

    /// Whether the list moved, so that it is being read, or was read, a second time.
    pub fn is_rereading(&self) -> bool {
        self.pass == Pass::Reread
    }

    async fn read(&mut self) -> Result<Page<T>, Stop> {
        let left = self.options.max_pages.saturating_sub(self.tally.pages);
        if left == 0 {
            return Err(Stop::PageLimit(self.options.max_pages));
        }
        if let Some(page) = self.ahead.next() {
            return Ok(page);
        }
        let query = PageQuery {
            cursor: self.cursor.clone(),
            size: self.options.size,
            options: ReadOptions { remote_data: self.options.remote_data },
        };
        self.ahead.read(self.directory, &self.group_id, &query, left, self.options.concurrency).await;
        match self.ahead.next() {
            Some(page) => Ok(page),
            None => T::page(self.directory, &self.group_id, query).await.map_err(Stop::Page),
        }
    }

    /// Checks a page against those before it, and leaves on it what is new to the caller.
    fn take(&mut self, mut page: Page<T>) -> Result<Page<T>, Stop> {
        if page.items.iter().any(|row| row.id().is_empty()) {
            return Err(Stop::RowWithoutId);
        }
        let length = page.items.len() + page.unreadable.len();
        if self.tally.pages == 0 {
            self.ahead.begin(length, self.options.concurrency);
        }
        let growth = u64::from(self.tally.page(page.total));
        let known = self.tally.rows;
        page.items.retain(|row| self.meet(row));
        page.unreadable.retain(|row| self.meet_unreadable(row));
        // Rows inserted ahead of the walk may push a whole page back; then the total has grown by as much.
        if length as u64 > growth && self.tally.rows == known {
            return Err(Stop::RepeatedPage);
        }
        let outcome = match &page.next_cursor {
            None => self.end_reading()?,
            Some(next) if self.cursor.as_ref() == Some(next) || self.trail.returns(next) => {
                return Err(Stop::CursorLoop);
            }
            Some(next) => {
                self.cursor = Some(next.clone());
                None
            }
        };
        self.rows_read += page.items.len() as u64;
        self.pages_read += 1;
        if let Some(outcome) = outcome {
            self.state = State::Ended(Ending {
                outcome,
                rows: self.rows_read,
                unreadable: self.unread + self.nameless_most,
                pages: self.pages_read,
            });
        }
        Ok(page)
    }

    /// Counts a row, and says whether its id is new to the caller.
    fn meet(&mut self, row: &T) -> bool {
        let sighting = self.seen.meet(row.id(), self.pass, true);
        self.tally.rows += u64::from(sighting.new_in_pass);
        self.unread -= u64::from(sighting.new_to_read && !sighting.new_in_walk);
        sighting.new_to_read
    }

    /// Counts a row that could not be read, and says whether it is news to the caller.
    fn meet_unreadable(&mut self, row: &Unreadable) -> bool {
        let Some(id) = row.id.as_deref().filter(|id| !id.is_empty()) else {
            self.tally.rows += 1;
            self.nameless += 1;
            self.nameless_most = self.nameless_most.max(self.nameless);
            return true;
        };
        let sighting = self.seen.meet(id, self.pass, false);
        self.tally.rows += u64::from(sighting.new_in_pass);
        self.unread += u64::from(sighting.new_in_walk);
        sighting.new_in_walk
    }

    /// What the walk comes to at the end of a reading; `None` when it is to be repeated.
    fn end_reading(&mut self) -> Result<Option<Outcome>, Stop> {
        let tally = std::mem::take(&mut self.tally);
        let verdict = tally.verdict();
        if let Some((first_total, last_total)) = self.moved {
            return Ok(Some(Outcome::Moved {
                first_total,
                last_total: tally.totals.map_or(last_total, |(_, last)| last),
                settled: verdict == Verdict::Whole && tally.totals.is_some(),
            }));
        }
        match verdict {
            Verdict::Whole => Ok(Some(Outcome::Complete { total: tally.totals.map(|(_, last)| last) })),
            Verdict::Miscounted { total } => Err(Stop::WrongCount { rows: tally.rows, total }),
            Verdict::Moved { first, last } => {
                self.moved = Some((first, last));
                self.pass = Pass::Reread;
                self.cursor = None;
                self.trail = CursorTrail::new();
                self.ahead = Ahead::new();
                self.nameless = 0;
                Ok(None)
            }
        }
    }
}
