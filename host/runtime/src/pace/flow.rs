//! The requests of one account: those that wait, those that are under way, and whose turn it is.
//!
//! An urgent request goes before every other, and never waits for one that is under way.

use std::collections::VecDeque;
use std::time::Duration;

use super::rate::{Rate, State};
use super::record::Record;
use super::shared::{Common, Others};
use super::{Kind, Pace};

/// A place in the queue.
pub(crate) type Ticket = u64;

/// What a request that waits has to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Go; the rate has no token left where this is `true`.
    Go(bool),
    /// Ask again after this.
    Wait(Duration),
    /// Others go before, and will take this long.
    Behind(Duration),
    /// As many are under way as may be.
    Full,
}

/// The queues and rates of one account.
#[derive(Debug)]
pub(crate) struct Flow {
    concurrency: usize,
    queue: usize,
    under_way: usize,
    reads: Lane,
    writes: Lane,
    /// Where other processes go by the same rates.
    common: Option<Common>,
}

/// The requests of one kind.
#[derive(Debug)]
struct Lane {
    rate: Rate,
    urgent: VecDeque<Ticket>,
    others: VecDeque<Ticket>,
    abroad: Others,
}

impl Flow {
    pub(crate) fn new(pace: Pace) -> Flow {
        let lane = |per_second| Lane {
            rate: Rate::new(per_second, pace.at_most_per_second, pace.burst),
            urgent: VecDeque::new(),
            others: VecDeque::new(),
            abroad: Others::default(),
        };
        let size = |bound| usize::try_from(bound).unwrap_or(usize::MAX);
        Flow {
            concurrency: size(pace.concurrency).max(1),
            queue: size(pace.queue).max(1),
            under_way: 0,
            reads: lane(pace.reads_per_second),
            writes: lane(pace.writes_per_second),
            common: None,
        }
    }

    /// The same, together with other processes, unless nothing is limited.
    pub(crate) fn shared(pace: Pace, common: Common) -> Flow {
        let flow = Flow::new(pace);
        let is_free = flow.reads.rate.is_free() || flow.writes.rate.is_free();
        Flow { common: Some(common).filter(|_| !is_free), ..flow }
    }

    /// Does this on what all processes know, with none of them in between, and lets them know what came of it.
    pub(crate) fn together<T>(&mut self, now: Duration, mut step: impl FnMut(&mut Flow) -> T) -> T {
        let Some(common) = self.common.clone() else { return step(self) };
        let mut answer = None;
        common.update(|bytes| {
            if let Some(Record { lanes: [reads, writes], .. }) = Record::read(bytes, now) {
                self.reads.adopt(reads, now);
                self.writes.adopt(writes, now);
            }
            if answer.is_none() {
                answer = Some(step(self));
            }
            Record { written: now, lanes: [self.reads.state(now), self.writes.state(now)] }.write(bytes);
        });
        answer.unwrap_or_else(|| step(self))
    }

    fn me(&self) -> u64 {
        self.common.as_ref().map_or(0, |common| common.me)
    }

    /// Puts a request at the end of its queue, or says how long the queue is that has no room.
    pub(crate) fn enter(&mut self, ticket: Ticket, kind: Kind, is_urgent: bool) -> Result<(), usize> {
        let at_most = self.queue;
        let waiting = |lane: &Lane| lane.queue(is_urgent).len();
        if waiting(&self.reads) + waiting(&self.writes) >= at_most {
            return Err(at_most);
        }
        self.lane(kind).queue_mut(is_urgent).push_back(ticket);
        Ok(())
    }

    /// Whose turn it is, asked by one who waits. One who may go is under way from then on.
    pub(crate) fn turn(&mut self, now: Duration, ticket: Ticket, kind: Kind, is_urgent: bool) -> Turn {
        let room = self.concurrency.saturating_add(usize::from(is_urgent));
        let is_full = self.under_way >= room;
        let me = self.me();
        let lane = self.lane(kind);
        let ahead = if is_urgent { 0 } else { lane.urgent.len() };
        let place = lane.queue(is_urgent).iter().position(|other| *other == ticket).unwrap_or_default() + ahead;
        // An urgent one of another process goes before, without a place in this queue.
        let abroad = usize::from(!is_urgent && lane.abroad.is_urgent(now, me));
        let mut wait = lane.rate.wait(now, place + abroad + 1);
        if place > 0 {
            return Turn::Behind(wait);
        }
        if wait.is_zero() && !is_urgent && !lane.rate.wait(now, 2).is_zero() {
            wait = lane.abroad.courtesy(now, me);
        }
        if !wait.is_zero() {
            lane.abroad.wait(now, me, is_urgent, wait);
            return Turn::Wait(wait);
        }
        if is_full {
            return Turn::Full;
        }
        lane.queue_mut(is_urgent).pop_front();
        let was_last = lane.rate.take(now);
        lane.abroad.took(me, !lane.urgent.is_empty());
        self.under_way += 1;
        Turn::Go(was_last)
    }

    /// One who waited does so no more.
    pub(crate) fn leave(&mut self, ticket: Ticket, kind: Kind, is_urgent: bool) {
        self.lane(kind).queue_mut(is_urgent).retain(|other| *other != ticket);
    }

    /// Whether this process has told others of an urgent request that is there no more.
    pub(crate) fn is_falsely_urgent(&self, kind: Kind) -> bool {
        let lane = match kind {
            Kind::Read => &self.reads,
            Kind::Write => &self.writes,
        };
        self.common.is_some() && lane.urgent.is_empty() && lane.abroad.urgent_by == self.me()
    }

    /// Tells others that there is no urgent request any more.
    pub(crate) fn calm(&mut self, kind: Kind) {
        let me = self.me();
        self.lane(kind).abroad.calm(me);
    }

    /// A request is over.
    pub(crate) fn finish(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
    }

    pub(crate) fn rate(&mut self, kind: Kind) -> &mut Rate {
        &mut self.lane(kind).rate
    }

    /// The first of each queue: whose turn it may be.
    pub(crate) fn heads(&self) -> impl Iterator<Item = Ticket> {
        let lanes = [&self.reads, &self.writes];
        lanes.into_iter().flat_map(|lane| [lane.urgent.front(), lane.others.front()]).flatten().copied()
    }

    fn lane(&mut self, kind: Kind) -> &mut Lane {
        match kind {
            Kind::Read => &mut self.reads,
            Kind::Write => &mut self.writes,
        }
    }
}

impl Lane {
    fn adopt(&mut self, (state, others): (State, Others), now: Duration) {
        self.rate.adopt(state, now);
        self.abroad = others;
    }

    fn state(&mut self, now: Duration) -> (State, Others) {
        (self.rate.state(now), self.abroad)
    }

    fn queue(&self, is_urgent: bool) -> &VecDeque<Ticket> {
        if is_urgent { &self.urgent } else { &self.others }
    }

    fn queue_mut(&mut self, is_urgent: bool) -> &mut VecDeque<Ticket> {
        if is_urgent { &mut self.urgent } else { &mut self.others }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Duration = Duration::ZERO;

    fn flow() -> Flow {
        Flow::new(Pace { concurrency: 2, queue: 3, ..Pace::steady(10) })
    }

    #[test]
    fn an_urgent_request_goes_before_a_whole_queue() {
        let mut flow = flow();
        for ticket in 0..3 {
            flow.enter(ticket, Kind::Write, false).unwrap();
        }
        assert_eq!(flow.turn(NOW, 0, Kind::Write, false), Turn::Go(true));
        flow.enter(9, Kind::Write, true).unwrap();
        assert!(matches!(flow.turn(NOW, 1, Kind::Write, false), Turn::Behind(_)));
        let Turn::Wait(wait) = flow.turn(NOW, 9, Kind::Write, true) else { panic!("it goes next") };
        // One request at ten a second.
        assert_eq!(wait.as_millis(), 100);
        assert_eq!(flow.turn(wait, 9, Kind::Write, true), Turn::Go(true));
    }

    #[test]
    fn an_urgent_request_does_not_wait_for_one_that_is_under_way() {
        let mut flow = Flow::new(Pace { concurrency: 1, ..Pace::unlimited() });
        flow.enter(0, Kind::Read, false).unwrap();
        assert_eq!(flow.turn(NOW, 0, Kind::Read, false), Turn::Go(false));
        flow.enter(1, Kind::Write, false).unwrap();
        assert_eq!(flow.turn(NOW, 1, Kind::Write, false), Turn::Full);
        flow.enter(2, Kind::Write, true).unwrap();
        assert_eq!(flow.turn(NOW, 2, Kind::Write, true), Turn::Go(false));
        flow.finish();
        assert_eq!(flow.turn(NOW, 1, Kind::Write, false), Turn::Full);
        flow.finish();
        assert_eq!(flow.turn(NOW, 1, Kind::Write, false), Turn::Go(false));
    }

    #[test]
    fn a_queue_has_a_bound_and_the_urgent_have_their_own() {
        let mut flow = flow();
        for ticket in 0..3 {
            flow.enter(ticket, if ticket == 0 { Kind::Read } else { Kind::Write }, false).unwrap();
        }
        assert_eq!(flow.enter(3, Kind::Write, false), Err(3));
        assert_eq!(flow.enter(4, Kind::Write, true), Ok(()));
        flow.leave(1, Kind::Write, false);
        assert_eq!(flow.enter(3, Kind::Write, false), Ok(()));
    }

    #[test]
    fn reads_and_writes_do_not_wait_for_each_other() {
        let mut flow = flow();
        flow.enter(0, Kind::Read, false).unwrap();
        flow.enter(1, Kind::Write, false).unwrap();
        flow.rate(Kind::Write).refused(NOW, NOW, Some(Duration::from_mins(1)));
        assert!(matches!(flow.turn(NOW, 1, Kind::Write, false), Turn::Wait(_)));
        assert_eq!(flow.turn(NOW, 0, Kind::Read, false), Turn::Go(true));
        assert_eq!(flow.heads().collect::<Vec<_>>(), [1]);
    }
}
