//! How many calls run at once, and who goes next when one ends.
//!
//! Nobody waits without a bound: a call runs, or waits for a bounded time in a queue of bounded length, or is refused at
//! once. Accounts with calls that wait take turns, and none has more than its share, of what runs and of what waits.
//! Nothing here knows what a call does.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use portcullis_directory::{Effect, Error};
use tokio::sync::{Notify, oneshot, watch};

use crate::limit::Limits;

/// Urgent calls that may run on top of all others.
pub(crate) const RESERVED: u32 = 8;

/// The room for calls of a runtime.
#[derive(Debug)]
pub(crate) struct Room {
    inner: Mutex<Inner>,
    /// Becomes `true` when every call is to stop.
    stop: watch::Sender<bool>,
    /// Told when the last call of a closed room is over.
    empty: Notify,
}

/// Whose call it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caller {
    /// As given by [`Room::newcomer`].
    pub(crate) account: u64,
    /// How many calls of the account may run, and how many may wait.
    pub(crate) share: usize,
    /// How long it waits.
    pub(crate) patience: Duration,
    pub(crate) is_urgent: bool,
}

impl Caller {
    pub(crate) fn new(account: u64, limits: &Limits, is_urgent: bool) -> Caller {
        Caller { account, share: size(limits.calls_per_account), patience: limits.queue_time, is_urgent }
    }
}

#[derive(Debug)]
struct Inner {
    at_once: usize,
    queue: usize,
    /// Calls that run, whoever's.
    running: usize,
    /// Calls that wait and are not urgent.
    waiting: usize,
    urgent: VecDeque<Waiter>,
    /// Those accounts only that have a call which runs or waits.
    accounts: HashMap<u64, Account>,
    /// Accounts whose next call may run as soon as there is room, each once, in the order of their turns.
    turns: VecDeque<u64>,
    /// The last number that was given out, to an account or to one who waits.
    last: u64,
    is_closed: bool,
}

#[derive(Debug, Default)]
struct Account {
    share: usize,
    running: usize,
    waiting: VecDeque<Waiter>,
    has_turn: bool,
}

#[derive(Debug)]
struct Waiter {
    ticket: u64,
    go: oneshot::Sender<()>,
}

impl Room {
    pub(crate) fn new(limits: &Limits) -> Arc<Room> {
        let inner = Inner {
            at_once: size(limits.concurrent_calls),
            queue: size(limits.queued_calls),
            running: 0,
            waiting: 0,
            urgent: VecDeque::new(),
            accounts: HashMap::new(),
            turns: VecDeque::new(),
            last: 0,
            is_closed: false,
        };
        Arc::new(Room { inner: Mutex::new(inner), stop: watch::Sender::new(false), empty: Notify::new() })
    }

    /// A number for an account that no other has.
    pub(crate) fn newcomer(&self) -> u64 {
        self.lock().number()
    }

    /// A place among the calls that run, at once or after a wait.
    pub(crate) async fn enter(self: &Arc<Self>, caller: Caller) -> Result<Place, Error> {
        let place = || Place { room: Arc::clone(self), caller };
        let Some(mut wait) = self.take(caller)? else { return Ok(place()) };
        match tokio::time::timeout(caller.patience, &mut wait.go).await {
            Ok(Ok(())) => Ok(place()),
            Ok(Err(_)) => Err(closed()),
            Err(_) => Err(Error::busy(format!("there was no room for the call within {:?}", caller.patience))),
        }
    }

    /// Ends when calls are to stop.
    pub(crate) async fn stopped(&self) {
        // The sender lives as long as `self`, so there is no error.
        let _ = self.stop.subscribe().wait_for(|stop| *stop).await;
    }

    /// Refuses new calls and those that wait, lets those that run go on for this long, and then stops them. Tells how
    /// many had to be stopped.
    pub(crate) async fn close(&self, time: Duration) -> usize {
        self.lock().close();
        if tokio::time::timeout(time, self.emptied()).await.is_ok() {
            return 0;
        }
        let stopped = self.lock().running;
        self.stop.send_replace(true);
        // A call whose future nobody polls never ends, so this has a bound, too.
        let _ = tokio::time::timeout(GRACE, self.emptied()).await;
        stopped
    }

    async fn emptied(&self) {
        loop {
            let told = self.empty.notified();
            if self.lock().running == 0 {
                return;
            }
            told.await;
        }
    }

    /// `None` is a place at once.
    fn take(&self, caller: Caller) -> Result<Option<Wait<'_>>, Error> {
        let mut inner = self.lock();
        if inner.is_closed {
            return Err(closed());
        }
        let Some((ticket, go)) = inner.take(caller).map_err(Error::busy)? else { return Ok(None) };
        Ok(Some(Wait { room: self, caller, ticket, go }))
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place among the calls that run, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    room: Arc<Room>,
    caller: Caller,
}

impl Place {
    pub(crate) fn room(&self) -> &Arc<Room> {
        &self.room
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut inner = self.room.lock();
        inner.leave(self.caller);
        if inner.is_closed && inner.running == 0 {
            self.room.empty.notify_waiters();
        }
    }
}

/// A place in a queue, given up when it is dropped.
struct Wait<'a> {
    room: &'a Room,
    caller: Caller,
    ticket: u64,
    go: oneshot::Receiver<()>,
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        let mut inner = self.room.lock();
        // Nobody else sends without the lock. What was sent and not received is a place that nobody took.
        if self.go.try_recv().is_ok() {
            inner.leave(self.caller);
        } else {
            inner.give_up(self.caller, self.ticket);
        }
    }
}

impl Inner {
    fn number(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    /// `None` is a place at once, otherwise one in a queue with what tells of a place, or why there is neither.
    fn take(&mut self, caller: Caller) -> Result<Option<(u64, oneshot::Receiver<()>)>, String> {
        if caller.is_urgent {
            return self.take_urgent();
        }
        let (share, has_room) = (caller.share.max(1), self.running < self.at_once);
        let (queue, waiting) = (self.queue, self.waiting);
        let account = self.accounts.entry(caller.account).or_default();
        account.share = share;
        if has_room && account.running < share {
            account.running += 1;
            self.running += 1;
            return Ok(None);
        }
        let refusal = if waiting >= queue {
            format!("there is no room for the call, and {waiting} others wait for some, which is as many as may")
        } else if account.waiting.len() >= share {
            format!("{share} calls of the account run and {share} wait, which is as many as may")
        } else {
            let (ticket, waiter, go) = self.waiter();
            self.waiting += 1;
            if let Some(account) = self.accounts.get_mut(&caller.account) {
                account.waiting.push_back(waiter);
            }
            self.offer(caller.account);
            return Ok(Some((ticket, go)));
        };
        self.forget(caller.account);
        Err(refusal)
    }

    fn take_urgent(&mut self) -> Result<Option<(u64, oneshot::Receiver<()>)>, String> {
        if self.running < self.at_once.saturating_add(size(RESERVED)) {
            self.running += 1;
            return Ok(None);
        }
        if self.urgent.len() >= self.queue {
            let waiting = self.urgent.len();
            return Err(format!("there is no room, and {waiting} urgent calls wait for some, which is as many as may"));
        }
        let (ticket, waiter, go) = self.waiter();
        self.urgent.push_back(waiter);
        Ok(Some((ticket, go)))
    }

    fn waiter(&mut self) -> (u64, Waiter, oneshot::Receiver<()>) {
        let ticket = self.number();
        let (go, gone) = oneshot::channel();
        (ticket, Waiter { ticket, go }, gone)
    }

    /// A call that ran is over.
    fn leave(&mut self, caller: Caller) {
        self.running = self.running.saturating_sub(1);
        if !caller.is_urgent {
            if let Some(account) = self.accounts.get_mut(&caller.account) {
                account.running = account.running.saturating_sub(1);
            }
            self.offer(caller.account);
            self.forget(caller.account);
        }
        self.fill();
    }

    /// One who waited does so no more.
    fn give_up(&mut self, caller: Caller, ticket: u64) {
        self.urgent.retain(|waiter| waiter.ticket != ticket);
        if let Some(account) = self.accounts.get_mut(&caller.account) {
            let before = account.waiting.len();
            account.waiting.retain(|waiter| waiter.ticket != ticket);
            self.waiting -= before - account.waiting.len();
            if account.has_turn && account.waiting.is_empty() {
                account.has_turn = false;
                self.turns.retain(|number| *number != caller.account);
            }
        }
        self.forget(caller.account);
    }

    /// Gives the account a turn, if it can use one and has none.
    fn offer(&mut self, number: u64) {
        let Some(account) = self.accounts.get_mut(&number) else { return };
        if !account.has_turn && !account.waiting.is_empty() && account.running < account.share {
            account.has_turn = true;
            self.turns.push_back(number);
        }
    }

    /// Lets go on whoever there is room for.
    fn fill(&mut self) {
        while self.running < self.at_once.saturating_add(size(RESERVED)) {
            let Some(waiter) = self.urgent.pop_front() else { break };
            self.running += 1;
            waiter.go();
        }
        while self.running < self.at_once {
            let Some(number) = self.turns.pop_front() else { break };
            let Some(account) = self.accounts.get_mut(&number) else { continue };
            account.has_turn = false;
            let Some(waiter) = account.waiting.pop_front() else { continue };
            account.running += 1;
            self.waiting -= 1;
            self.running += 1;
            waiter.go();
            self.offer(number);
        }
    }

    /// An account without calls takes no memory.
    fn forget(&mut self, number: u64) {
        if self.accounts.get(&number).is_some_and(|account| account.running == 0 && account.waiting.is_empty()) {
            self.accounts.remove(&number);
        }
    }

    /// Those who wait learn of it by losing who could let them go on.
    fn close(&mut self) {
        self.is_closed = true;
        self.urgent.clear();
        self.turns.clear();
        self.waiting = 0;
        for account in self.accounts.values_mut() {
            account.waiting.clear();
        }
        self.accounts.retain(|_, account| account.running > 0);
    }
}

impl Waiter {
    fn go(self) {
        // Who waits leaves the queue before it drops the other end.
        let _ = self.go.send(());
    }
}

fn closed() -> Error {
    Error::shutdown("the runtime is shutting down", Effect::None)
}

fn size(bound: u32) -> usize {
    usize::try_from(bound).unwrap_or(usize::MAX)
}

/// How long calls that are stopped have to end, which takes them one poll.
const GRACE: Duration = Duration::from_secs(1);

#[cfg(test)]
mod tests;
