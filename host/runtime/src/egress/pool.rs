//! The connections of a runtime: how many there are at once, and those that wait for another request.
//!
//! A connection belongs to one account from its first byte to its last, so nothing that a server ties to it is another
//! account's. What accounts share is the number of them: where all are in use, requests wait in the order in which they
//! came, urgent ones first, and where some are idle, the one that was used the longest ago makes room, whosever it is.
//! A connection counts until its socket is closed. Nothing here resolves, connects or looks at a request.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::http1::SendRequest;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::failure::Failure;

/// Connections that urgent requests alone may use, where there are enough for that.
const RESERVED: usize = 8;
/// Below the time after which servers and load balancers usually close an idle connection.
pub(crate) const IDLE_TIME: Duration = Duration::from_secs(20);

/// The connections of a runtime.
pub(crate) struct Pool {
    at_most: usize,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    /// Those that are being made, are in use, are idle, or are being closed.
    open: usize,
    /// By account, and then by when they became idle.
    idle: BTreeMap<(u64, u64), Idle>,
    /// The accounts of these, by when they became idle.
    order: BTreeMap<u64, u64>,
    urgent: VecDeque<Waiter>,
    waiting: VecDeque<Waiter>,
    /// The last number that was given out, to an account, one who waits, or an idle connection.
    last: u64,
}

struct Idle {
    connection: Connection,
    since: Instant,
}

struct Waiter {
    ticket: u64,
    account: u64,
    go: oneshot::Sender<Granted>,
}

/// What a request gets.
#[derive(Debug)]
enum Granted {
    /// A connection of its account.
    Connection(Connection),
    /// The right to make one.
    Slot,
}

/// The use of a connection. It is closed when this is dropped.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) sender: SendRequest<Full<Bytes>>,
    /// Tells the task of the connection, by being dropped, that nobody uses it any more.
    pub(crate) _held: oneshot::Sender<()>,
}

/// The connections of one account. The idle ones are closed when it is dropped.
#[derive(Debug)]
pub(crate) struct Party {
    pool: Arc<Pool>,
    account: u64,
}

/// One connection, from before it is made until its socket is closed.
#[derive(Debug)]
pub(crate) struct Slot {
    /// Not the party, which is to end although one of its connections is open.
    pool: Arc<Pool>,
    account: u64,
}

/// What a request is sent on.
#[derive(Debug)]
pub(crate) enum Way {
    /// A connection that was used before, and may be closed without anybody having noticed.
    Used(Connection),
    /// One that is to be made.
    New(Slot),
}

impl Pool {
    /// At most so many at once, and at least one.
    pub(crate) fn new(at_most: u32) -> Arc<Pool> {
        let at_most = usize::try_from(at_most).unwrap_or(usize::MAX).max(1);
        Arc::new(Pool { at_most, inner: Mutex::default() })
    }

    /// An account that has none yet.
    pub(crate) fn join(self: &Arc<Self>) -> Arc<Party> {
        let account = self.lock().number();
        Arc::new(Party { pool: Arc::clone(self), account })
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many may be in use by requests that are not urgent.
    fn share(&self) -> usize {
        if self.at_most > 2 * RESERVED { self.at_most - RESERVED } else { self.at_most }
    }
}

impl Party {
    /// A connection, or the right to make one, if there is either within this time.
    pub(crate) async fn way(&self, is_urgent: bool, patience: Duration) -> Result<Way, Failure> {
        match self.idle() {
            Some(connection) => Ok(Way::Used(connection)),
            None => self.new_way(is_urgent, patience).await,
        }
    }

    /// The same, without a look at the connections that are idle.
    pub(crate) async fn new_way(&self, is_urgent: bool, patience: Duration) -> Result<Way, Failure> {
        let Some(mut wait) = self.enter(is_urgent) else { return Ok(Way::New(self.slot())) };
        match tokio::time::timeout(patience, &mut wait.go).await {
            Ok(Ok(Granted::Connection(connection))) => Ok(Way::Used(connection)),
            Ok(Ok(Granted::Slot)) => Ok(Way::New(self.slot())),
            Ok(Err(_)) | Err(_) => Err(Failure::Connections(self.pool.at_most)),
        }
    }

    /// Keeps a connection for another request of the account, or hands it to one that waits already.
    pub(crate) fn give_back(&self, connection: Connection) {
        let mut inner = self.pool.lock();
        let unused = inner.give_back(self.account, connection);
        drop(inner);
        drop(unused);
    }

    /// The connection that was used last, so that the others may come of age.
    fn idle(&self) -> Option<Connection> {
        let mut closed = Vec::new();
        let mut inner = self.pool.lock();
        let found = loop {
            let Some(idle) = inner.latest(self.account) else { break None };
            if idle.since.elapsed() < IDLE_TIME && !idle.connection.sender.is_closed() {
                break Some(idle.connection);
            }
            closed.push(idle);
        };
        drop(inner);
        found
    }

    /// A place in the queue; `None` where there is a slot at once, which is taken then.
    fn enter(&self, is_urgent: bool) -> Option<Wait<'_>> {
        let mut inner = self.pool.lock();
        if !inner.is_awaited(is_urgent) && inner.take(&self.pool, is_urgent) {
            return None;
        }
        let (sender, go) = oneshot::channel();
        let waiter = Waiter { ticket: inner.number(), account: self.account, go: sender };
        let ticket = waiter.ticket;
        if is_urgent {
            inner.urgent.push_back(waiter);
        } else {
            inner.waiting.push_back(waiter);
        }
        // Room is made for each who waits, which takes until a socket is closed.
        let is_hopeful = is_urgent || inner.in_use() < self.pool.share();
        let oldest = if is_hopeful && inner.open >= self.pool.at_most { inner.oldest() } else { None };
        drop(inner);
        drop(oldest);
        Some(Wait { party: self, ticket, go })
    }

    fn slot(&self) -> Slot {
        Slot { pool: Arc::clone(&self.pool), account: self.account }
    }
}

impl Drop for Party {
    fn drop(&mut self) {
        let mut inner = self.pool.lock();
        let idle: Vec<_> = std::iter::from_fn(|| inner.latest(self.account)).collect();
        drop(inner);
        drop(idle);
    }
}

impl Slot {
    /// Closes what has been idle for too long, whosever it is.
    pub(crate) fn expire(&self) {
        let mut inner = self.pool.lock();
        let mut expired = Vec::new();
        while inner.oldest_since().is_some_and(|since| since.elapsed() >= IDLE_TIME) {
            expired.extend(inner.oldest());
        }
        drop(inner);
        drop(expired);
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut inner = self.pool.lock();
        inner.open -= 1;
        // The connection of this slot, where it was idle when the server closed it.
        let closed = inner.closed(self.account);
        inner.grant(&self.pool);
        drop(inner);
        drop(closed);
    }
}

/// A place in the queue, given up when it is dropped.
struct Wait<'a> {
    party: &'a Party,
    ticket: u64,
    go: oneshot::Receiver<Granted>,
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        let mut inner = self.party.pool.lock();
        inner.urgent.retain(|waiter| waiter.ticket != self.ticket);
        inner.waiting.retain(|waiter| waiter.ticket != self.ticket);
        // It was granted just when the request was given up.
        let unused = match self.go.try_recv() {
            Ok(Granted::Connection(connection)) => inner.give_back(self.party.account, connection),
            Ok(Granted::Slot) => {
                inner.open -= 1;
                inner.grant(&self.party.pool);
                None
            }
            Err(_) => None,
        };
        drop(inner);
        drop(unused);
    }
}

impl Inner {
    fn number(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    /// Whether somebody waits who goes first.
    fn is_awaited(&self, is_urgent: bool) -> bool {
        !self.urgent.is_empty() || !is_urgent && !self.waiting.is_empty()
    }

    fn in_use(&self) -> usize {
        self.open.saturating_sub(self.idle.len())
    }

    /// Takes a slot, where there is one.
    fn take(&mut self, pool: &Pool, is_urgent: bool) -> bool {
        let is_free = self.open < pool.at_most && (is_urgent || self.in_use() < pool.share());
        self.open += usize::from(is_free);
        is_free
    }

    /// Lets those go for whom there is room.
    fn grant(&mut self, pool: &Pool) {
        loop {
            let is_urgent = !self.urgent.is_empty();
            if !is_urgent && self.waiting.is_empty() || !self.take(pool, is_urgent) {
                return;
            }
            let waiter = if is_urgent { self.urgent.pop_front() } else { self.waiting.pop_front() };
            // Who does not wait any more takes nothing.
            if waiter.is_none_or(|waiter| waiter.go.send(Granted::Slot).is_err()) {
                self.open -= 1;
            }
        }
    }

    /// Keeps a connection, or returns it to be closed, so that whoever is first gets a slot.
    fn give_back(&mut self, account: u64, connection: Connection) -> Option<Connection> {
        // Its slot may be gone already.
        if connection.sender.is_closed() {
            return Some(connection);
        }
        let queue = if self.urgent.is_empty() { &mut self.waiting } else { &mut self.urgent };
        match queue.front() {
            Some(first) if first.account == account => {
                match queue.pop_front()?.go.send(Granted::Connection(connection)) {
                    Err(Granted::Connection(connection)) => self.give_back(account, connection),
                    Ok(()) | Err(Granted::Slot) => None,
                }
            }
            Some(_) => Some(connection),
            None => {
                let stamp = self.number();
                self.order.insert(stamp, account);
                self.idle.insert((account, stamp), Idle { connection, since: Instant::now() });
                None
            }
        }
    }

    fn latest(&mut self, account: u64) -> Option<Idle> {
        let key = self.idle.range((account, 0)..=(account, u64::MAX)).next_back().map(|(key, _)| *key)?;
        self.remove(key)
    }

    fn oldest(&mut self) -> Option<Idle> {
        let (stamp, account) = self.order.first_key_value()?;
        self.remove((*account, *stamp))
    }

    fn oldest_since(&self) -> Option<Instant> {
        let (stamp, account) = self.order.first_key_value()?;
        self.idle.get(&(*account, *stamp)).map(|idle| idle.since)
    }

    /// The idle ones of an account that nobody can use any more.
    fn closed(&mut self, account: u64) -> Vec<Idle> {
        let of_account = self.idle.range((account, 0)..=(account, u64::MAX));
        let closed = of_account.filter(|(_, idle)| idle.connection.sender.is_closed()).map(|(key, _)| *key);
        closed.collect::<Vec<_>>().into_iter().filter_map(|key| self.remove(key)).collect()
    }

    fn remove(&mut self, key: (u64, u64)) -> Option<Idle> {
        self.order.remove(&key.1);
        self.idle.remove(&key)
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Pool").field("at_most", &self.at_most).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
