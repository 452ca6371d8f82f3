//! Waiting for one's turn.
//!
//! Whoever is first in a queue watches the clock for all behind, who are woken in their order: there is no task of the
//! pace's own that could end while somebody waits.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::flow::{self, Flow, Ticket};
use super::host::{Host, Verdict};
use super::shared::{Common, Shared};
use super::{Kind, Pace};

/// The accounts of one host and those who wait.
#[derive(Debug)]
pub(crate) struct Turns {
    start: Instant,
    /// Where other processes go by the same paces.
    shared: Option<Shared>,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    host: Host,
    waiting: HashMap<Ticket, Arc<Notify>>,
    last: Ticket,
}

/// One account among those of its host.
#[derive(Debug)]
pub(crate) struct Member {
    turns: Arc<Turns>,
    account: u64,
}

/// Why there is no turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoTurn {
    /// So many wait already.
    Queue(usize),
    /// It comes after this time, which is too late.
    Late(Duration),
}

impl Turns {
    pub(crate) fn new(shared: Option<Shared>) -> Arc<Turns> {
        Arc::new(Turns { start: Instant::now(), shared, inner: Mutex::default() })
    }

    /// An account that goes by this name wherever its pace is shared.
    pub(crate) fn join(self: &Arc<Self>, pace: Pace, name: &str) -> Arc<Member> {
        let common = self.shared.clone().map(|shared| Common::new(shared, name));
        Arc::new(Member { turns: Arc::clone(self), account: self.lock().host.join(pace, common) })
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// By a clock that all who share have.
    fn now(&self) -> Duration {
        self.shared.as_ref().map_or_else(|| self.start.elapsed(), |shared| shared.0.now())
    }
}

impl Member {
    /// The turns of its host.
    #[cfg(test)]
    pub(crate) fn turns(&self) -> &Arc<Turns> {
        &self.turns
    }

    /// Waits for the turn of a request, if it comes by then. What would come too late is told at once.
    pub(crate) async fn turn(self: &Arc<Self>, kind: Kind, is_urgent: bool, by: Instant) -> Result<Turn, NoTurn> {
        let place = Place::take(self, kind, is_urgent)?;
        loop {
            let (now, turn) = place.ask();
            let wait = match turn {
                flow::Turn::Go(was_last) => {
                    return Ok(Turn { member: Arc::clone(self), kind, sent: now, was_last, is_over: false });
                }
                flow::Turn::Wait(wait) | flow::Turn::Behind(wait) => wait,
                flow::Turn::Full => Duration::ZERO,
            };
            let left = by.saturating_duration_since(Instant::now());
            if wait > left || left.is_zero() {
                return Err(NoTurn::Late(wait));
            }
            // Only the first of a queue has a time to wake at; the others are told, or it is too late for them.
            let wake = if matches!(turn, flow::Turn::Wait(_)) { wait } else { left };
            // Either way the next thing to do is to ask again.
            let _ = tokio::time::timeout(wake, place.notify.notified()).await;
        }
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        self.turns.lock().host.part(self.account);
    }
}

/// A place in a queue, given up when it is dropped.
struct Place<'a> {
    member: &'a Member,
    ticket: Ticket,
    kind: Kind,
    is_urgent: bool,
    notify: Arc<Notify>,
}

impl<'a> Place<'a> {
    fn take(member: &'a Member, kind: Kind, is_urgent: bool) -> Result<Place<'a>, NoTurn> {
        let mut inner = member.turns.lock();
        inner.last += 1;
        let (ticket, notify) = (inner.last, Arc::new(Notify::new()));
        if let Some(flow) = inner.host.flow(member.account) {
            flow.enter(ticket, kind, is_urgent).map_err(NoTurn::Queue)?;
        }
        inner.waiting.insert(ticket, Arc::clone(&notify));
        Ok(Place { member, ticket, kind, is_urgent, notify })
    }

    fn ask(&self) -> (Duration, flow::Turn) {
        let mut inner = self.member.turns.lock();
        let now = self.member.turns.now();
        let flow = inner.host.flow(self.member.account);
        let turn = |flow: &mut Flow| flow.turn(now, self.ticket, self.kind, self.is_urgent);
        (now, flow.map_or(flow::Turn::Go(false), |flow| flow.together(now, turn)))
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut inner = self.member.turns.lock();
        inner.waiting.remove(&self.ticket);
        if let Some(flow) = inner.host.flow(self.member.account) {
            flow.leave(self.ticket, self.kind, self.is_urgent);
            if flow.is_falsely_urgent(self.kind) {
                flow.together(self.member.turns.now(), |flow| flow.calm(self.kind));
            }
        }
        inner.wake(self.member.account);
    }
}

impl Inner {
    /// Those whose turn it may be now.
    fn wake(&mut self, account: u64) {
        let Some(flow) = self.host.flow(account) else { return };
        for head in flow.heads() {
            if let Some(notify) = self.waiting.get(&head) {
                notify.notify_one();
            }
        }
    }
}

/// A request that is under way.
#[derive(Debug)]
pub(crate) struct Turn {
    member: Arc<Member>,
    kind: Kind,
    sent: Duration,
    was_last: bool,
    is_over: bool,
}

impl Turn {
    /// The request is over, and this is what the vendor made of it.
    pub(crate) fn end(mut self, verdict: Verdict) {
        self.finish(verdict);
    }

    fn finish(&mut self, verdict: Verdict) {
        if std::mem::replace(&mut self.is_over, true) {
            return;
        }
        let turns = &self.member.turns;
        let mut inner = turns.lock();
        inner.host.finish(turns.now(), self.member.account, self.kind, (self.sent, self.was_last), verdict);
        inner.wake(self.member.account);
    }
}

/// A request that is given up in the middle may have arrived.
impl Drop for Turn {
    fn drop(&mut self) {
        self.finish(Verdict::Silent);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LATER: Duration = Duration::from_mins(1);

    fn later() -> Instant {
        Instant::now() + LATER
    }

    #[tokio::test(start_paused = true)]
    async fn requests_go_in_their_order_and_at_the_rate() {
        let member = Turns::new(None).join(Pace::steady(10), "account");
        let start = Instant::now();
        let requests = (0..5).map(|_| {
            let member = Arc::clone(&member);
            tokio::spawn(async move {
                member.turn(Kind::Read, false, later()).await.unwrap().end(Verdict::Silent);
                start.elapsed().as_millis()
            })
        });
        let mut gone = Vec::new();
        for request in requests.collect::<Vec<_>>() {
            gone.push(request.await.unwrap());
        }
        assert!(gone.iter().zip([0, 100, 200, 300, 400]).all(|(gone, due)| (due..due + 20).contains(gone)), "{gone:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn an_urgent_request_goes_next_and_the_bulk_goes_on() {
        let member = Turns::new(None).join(Pace::steady(2), "account");
        let start = Instant::now();
        let send = |is_urgent| {
            let member = Arc::clone(&member);
            tokio::spawn(async move {
                member.turn(Kind::Write, is_urgent, later()).await.unwrap().end(Verdict::Taken);
                start.elapsed().as_millis()
            })
        };
        let bulk: Vec<_> = (0..20).map(|_| send(false)).collect();
        tokio::time::sleep(Duration::from_millis(1100)).await;
        let urgent = send(true).await.unwrap();
        assert!((1400..1600).contains(&urgent), "{urgent}");
        for request in bulk {
            request.await.unwrap();
        }
        // With what they earned by it, they went a little faster.
        assert!(start.elapsed() < Duration::from_secs(11));
    }

    #[tokio::test(start_paused = true)]
    async fn what_would_come_too_late_is_told_at_once() {
        let member = Turns::new(None).join(Pace::steady(1), "account");
        let first = member.turn(Kind::Read, false, later()).await.unwrap();
        first.end(Verdict::Refused(Some(LATER * 2)));
        let start = Instant::now();
        let late = member.turn(Kind::Read, false, later()).await.unwrap_err();
        assert!(matches!(late, NoTurn::Late(wait) if wait >= LATER * 2), "{late:?}");
        assert!(start.elapsed() < Duration::from_millis(10));
        // Writes were not refused.
        assert!(member.turn(Kind::Write, false, later()).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn who_gives_up_leaves_no_gap() {
        let member = Turns::new(None).join(Pace { concurrency: 1, queue: 2, ..Pace::unlimited() }, "account");
        let under_way = member.turn(Kind::Read, false, later()).await.unwrap();
        let wait = |kind| {
            let member = Arc::clone(&member);
            tokio::spawn(async move { member.turn(kind, false, later()).await.map(drop) })
        };
        let (given_up, patient) = (wait(Kind::Read), wait(Kind::Read));
        tokio::task::yield_now().await;
        assert_eq!(wait(Kind::Write).await.unwrap(), Err(NoTurn::Queue(2)));
        given_up.abort();
        assert!(given_up.await.unwrap_err().is_cancelled());
        drop(under_way);
        assert_eq!(patient.await.unwrap(), Ok(()));
        assert!(member.turns.lock().waiting.is_empty());
    }
}
