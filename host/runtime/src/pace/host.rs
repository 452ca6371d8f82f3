//! The accounts of one host, and how they share what it bears.
//!
//! An account that is refused goes slower. Where several are, they are taken to share a limit and go on at the rate that
//! they have on average: whoever came first or asks most has no more of it than the others.

use std::collections::BTreeMap;
use std::time::Duration;

use super::flow::Flow;
use super::shared::Common;
use super::{Kind, Pace};

/// The accounts of a host by the number that they were given.
#[derive(Debug, Default)]
pub(crate) struct Host {
    flows: BTreeMap<u64, Flow>,
    last: u64,
}

/// What the vendor made of a request, as far as the pace goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It was taken.
    Taken,
    /// It was put off, until after this time where the vendor said so.
    Refused(Option<Duration>),
    /// There was no answer, which says nothing.
    Silent,
    /// It never left.
    Unsent,
}

impl Host {
    pub(crate) fn join(&mut self, pace: Pace, common: Option<Common>) -> u64 {
        self.last += 1;
        let flow = match common {
            Some(common) => Flow::shared(pace, common),
            None => Flow::new(pace),
        };
        self.flows.insert(self.last, flow);
        self.last
    }

    pub(crate) fn part(&mut self, account: u64) {
        self.flows.remove(&account);
    }

    pub(crate) fn flow(&mut self, account: u64) -> Option<&mut Flow> {
        self.flows.get_mut(&account)
    }

    /// A request is over that was sent then, and took the last token or not.
    pub(crate) fn finish(
        &mut self,
        now: Duration,
        account: u64,
        kind: Kind,
        (sent, was_last): (Duration, bool),
        verdict: Verdict,
    ) {
        let Some(flow) = self.flow(account) else { return };
        flow.finish();
        let must_fall = match verdict {
            // There is nothing to tell.
            Verdict::Silent => false,
            Verdict::Taken | Verdict::Refused(_) | Verdict::Unsent => flow.together(now, |flow| {
                let rate = flow.rate(kind);
                match verdict {
                    Verdict::Taken => rate.taken(now, sent, was_last),
                    Verdict::Refused(wait) => return rate.refused(now, sent, wait),
                    Verdict::Unsent => rate.put_back(),
                    Verdict::Silent => {}
                }
                false
            }),
        };
        if must_fall {
            self.lower(now, kind);
        }
    }

    /// Brings all that were refused lately to one rate, a little below their average.
    fn lower(&mut self, now: Duration, kind: Kind) {
        let mut refused: Vec<_> = self.flows.values_mut().collect();
        refused.retain_mut(|flow| flow.rate(kind).was_refused_lately(now));
        let count = u32::try_from(refused.len()).unwrap_or(u32::MAX).max(1);
        let share = refused.iter_mut().map(|flow| flow.rate(kind).per_second()).sum::<f64>() / f64::from(count);
        for flow in refused {
            // One after the other, for two processes must not wait for each other.
            flow.together(now, |flow| flow.rate(kind).lower(now, share));
        }
    }
}

#[cfg(test)]
mod tests;
