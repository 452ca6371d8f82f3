//! A pace that several processes of one machine keep together.
//!
//! What one of them learns of a vendor, and what it has used of the rate, holds for all: the state of an account lies in a
//! place outside of this process, and every step is made on what is there, with nobody else in between. Where the place
//! cannot be reached, a process goes on with what it knows itself. How many requests are under way, and who waits, stays
//! each process's own affair.

use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// Where processes meet that ask one vendor for one account; given to
/// [`RuntimeBuilder::shared_pace`](crate::RuntimeBuilder::shared_pace).
///
/// It is asked twice or three times a request, under a lock of the runtime, so it must not take long: a small file and a
/// lock on it rather than a database.
pub trait SharedPace: Send + Sync + 'static {
    /// The time since a moment that is the same for every process. It may jump: what was kept is given up where it went
    /// back by more than a few seconds.
    fn now(&self) -> Duration;

    /// Lets `step` change what is kept for an account, at most a few kilobytes, with nobody else in between; empty where
    /// there is nothing yet. `account` is its endpoint in one spelling. `step` is called once, or not at all where the
    /// answer is an error.
    fn update(&self, account: &str, step: &mut dyn FnMut(&mut Vec<u8>)) -> io::Result<()>;
}

/// The same, to be held by what can be printed.
#[derive(Clone)]
pub(crate) struct Shared(pub(crate) Arc<dyn SharedPace>);

impl fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Shared")
    }
}

/// One account's part in it.
#[derive(Clone, Debug)]
pub(crate) struct Common {
    shared: Shared,
    account: Arc<str>,
    /// What this process goes by among the others.
    pub(crate) me: u64,
}

impl Common {
    pub(crate) fn new(shared: Shared, account: &str) -> Common {
        // Not zero, which is nobody.
        Common { shared, account: account.into(), me: RandomState::new().build_hasher().finish() | 1 }
    }

    /// Changes what is kept, or nothing where it cannot be reached.
    pub(crate) fn update(&self, mut step: impl FnMut(&mut Vec<u8>)) {
        if let Err(error) = self.shared.0.update(&self.account, &mut step) {
            tracing::debug!(%error, "the pace is not shared");
        }
    }
}

/// What the processes say to each other about the requests of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Others {
    /// Who has an urgent request that waits, and how long that counts.
    pub(crate) urgent_by: u64,
    pub(crate) urgent_until: Duration,
    /// Who took the last token.
    pub(crate) last_by: u64,
    /// Who waits for the next one, and until when.
    pub(crate) waiting_by: u64,
    pub(crate) waiting_until: Duration,
}

impl Others {
    /// Whether an urgent request of another process goes before those of this one.
    pub(crate) fn is_urgent(&self, now: Duration, me: u64) -> bool {
        ![NOBODY, me].contains(&self.urgent_by) && now < self.urgent_until
    }

    /// How long who took the last token leaves the next to another who waits for it.
    pub(crate) fn courtesy(&self, now: Duration, me: u64) -> Duration {
        let is_owed = me != NOBODY && self.last_by == me && ![NOBODY, me].contains(&self.waiting_by);
        if is_owed { self.waiting_until.saturating_add(HEAD_START).saturating_sub(now) } else { Duration::ZERO }
    }

    /// This process has a request that waits for so long.
    pub(crate) fn wait(&mut self, now: Duration, me: u64, is_urgent: bool, wait: Duration) {
        let until = now.saturating_add(wait);
        if is_urgent {
            (self.urgent_by, self.urgent_until) = (me, self.urgent_until.max(until.saturating_add(GRACE)));
        }
        let is_over = self.waiting_until.saturating_add(HEAD_START) <= now;
        if is_over || [NOBODY, me, self.last_by].contains(&self.waiting_by) {
            (self.waiting_by, self.waiting_until) = (me, until);
        }
    }

    /// This process took a token, and still has urgent requests or not.
    pub(crate) fn took(&mut self, me: u64, is_still_urgent: bool) {
        self.last_by = me;
        if self.waiting_by == me {
            self.waiting_by = NOBODY;
        }
        if !is_still_urgent {
            self.calm(me);
        }
    }

    /// This process has no urgent request any more.
    pub(crate) fn calm(&mut self, me: u64) {
        if self.urgent_by == me {
            (self.urgent_by, self.urgent_until) = (NOBODY, Duration::ZERO);
        }
    }
}

const NOBODY: u64 = 0;
/// By how much another process may be late for its turn.
const HEAD_START: Duration = Duration::from_millis(10);
/// How long an urgent request counts beyond the moment when it should have gone, so that one of a process that was killed
/// holds nobody up.
const GRACE: Duration = Duration::from_millis(500);

#[cfg(test)]
mod tests;
