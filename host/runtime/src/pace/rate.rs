//! One rate: a bucket of tokens, and what fills it faster or slower.
//!
//! It rises by addition and falls by multiplication. Where it was refused last it goes slowly, so that a limit that
//! stays where it is costs a refusal or two in half a minute; beyond that place it takes the limit for gone.
//!
//! Instants are given as the time since a start that the caller chose.

use std::collections::VecDeque;
use std::time::Duration;

/// The rate of one kind of request of one account.
#[derive(Debug)]
pub(crate) struct Rate {
    per_second: f64,
    at_most: f64,
    burst: f64,
    tokens: f64,
    /// Up to here the bucket is filled; in the future while it is closed.
    filled: Duration,
    /// The rate that was refused last; infinite where none was.
    ceiling: f64,
    /// What the vendor took in the second before it refused this account itself.
    proven: f64,
    /// A second after the rate fell; what was sent before says nothing of what it is now.
    lowered: Option<Duration>,
    /// When this account itself was refused.
    refused: Option<Duration>,
    grown: Duration,
    /// Refusals in a row that did not say how long to wait.
    vague: u32,
    /// When the vendor took the requests of the latest second.
    taken: VecDeque<Duration>,
    /// Where it began, and what it may become by its own account.
    start: f64,
    own_most: f64,
    /// The lowest that any process lets it become, and how long that counts.
    cap: f64,
    cap_until: Duration,
}

/// What several processes know together of a rate.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct State {
    pub(crate) per_second: f64,
    pub(crate) tokens: f64,
    pub(crate) filled: Duration,
    pub(crate) ceiling: f64,
    pub(crate) proven: f64,
    pub(crate) lowered: Option<Duration>,
    pub(crate) refused: Option<Duration>,
    pub(crate) grown: Duration,
    pub(crate) vague: u32,
    pub(crate) taken: VecDeque<Duration>,
    pub(crate) cap: f64,
    pub(crate) cap_until: Duration,
}

impl Rate {
    /// A full bucket; `u32::MAX` is no limit at all.
    pub(crate) fn new(per_second: u32, at_most: u32, burst: u32) -> Rate {
        let is_free = per_second == u32::MAX;
        let (per_second, burst) = (f64::from(per_second.max(1)), f64::from(burst.max(1)));
        let most = f64::from(at_most).max(per_second);
        Rate {
            per_second: if is_free { f64::INFINITY } else { per_second },
            at_most: most,
            burst,
            tokens: burst,
            filled: Duration::ZERO,
            ceiling: f64::INFINITY,
            proven: 0.0,
            lowered: None,
            refused: None,
            grown: Duration::ZERO,
            vague: 0,
            taken: VecDeque::new(),
            start: per_second,
            own_most: most,
            cap: most,
            cap_until: Duration::ZERO,
        }
    }

    /// What others are to know. The lowest rate that any of them is to keep to holds until some seconds after its last
    /// request.
    pub(crate) fn state(&mut self, now: Duration) -> State {
        if self.own_most <= self.cap || self.cap_until <= now {
            (self.cap, self.cap_until) = (self.own_most, now.saturating_add(LEASE));
        }
        State {
            per_second: self.per_second,
            tokens: self.tokens,
            filled: self.filled,
            ceiling: self.ceiling,
            proven: self.proven,
            lowered: self.lowered,
            refused: self.refused,
            grown: self.grown,
            vague: self.vague,
            taken: self.taken.clone(),
            cap: self.cap,
            cap_until: self.cap_until,
        }
    }

    /// Goes on from what others know.
    pub(crate) fn adopt(&mut self, state: State, now: Duration) {
        (self.cap, self.cap_until) = (state.cap, state.cap_until);
        self.at_most = if now < self.cap_until { self.own_most.min(self.cap) } else { self.own_most };
        // Where no limit is known, whoever is to begin faster does.
        let start = if state.ceiling.is_infinite() { self.start } else { LEAST };
        self.per_second = state.per_second.max(start).max(LEAST).min(self.at_most);
        self.filled = state.filled.min(now.saturating_add(LONGEST_WAIT));
        self.ceiling = state.ceiling;
        self.tokens = state.tokens.min(self.room());
        self.proven = state.proven;
        self.lowered = state.lowered;
        self.refused = state.refused;
        self.grown = state.grown;
        self.vague = state.vague;
        self.taken = state.taken;
    }

    pub(crate) fn is_free(&self) -> bool {
        self.per_second.is_infinite()
    }

    pub(crate) fn per_second(&self) -> f64 {
        self.per_second
    }

    /// How long until there is a token for the last of so many requests; zero for now.
    pub(crate) fn wait(&mut self, now: Duration, requests: usize) -> Duration {
        if self.is_free() {
            return Duration::ZERO;
        }
        self.fill(now);
        let closed = self.filled.saturating_sub(now);
        #[expect(clippy::cast_precision_loss, reason = "a queue has far fewer than 2^52 requests")]
        let missing = requests as f64 - self.tokens;
        if missing <= 0.0 {
            return closed;
        }
        // A nanosecond more, for a timer must not fire before there is a whole token.
        let fill = Duration::try_from_secs_f64(missing / self.per_second).unwrap_or(FOR_EVER);
        closed.saturating_add(fill).saturating_add(Duration::from_nanos(1))
    }

    /// Takes a token, and tells whether it was the last one, so that the rate is what held requests up.
    pub(crate) fn take(&mut self, now: Duration) -> bool {
        self.fill(now);
        self.tokens -= 1.0;
        self.tokens < 1.0
    }

    /// A token that was taken and not used.
    pub(crate) fn put_back(&mut self) {
        self.tokens = (self.tokens + 1.0).min(self.room());
    }

    /// The vendor took a request that was sent then; a rate that held nobody up says nothing and does not grow.
    pub(crate) fn taken(&mut self, now: Duration, sent: Duration, was_last: bool) {
        if self.is_free() {
            return;
        }
        self.taken.push_back(now);
        self.forget(now);
        if self.lowered.is_some_and(|lowered| sent < lowered) {
            return;
        }
        self.vague = 0;
        let elapsed = now.saturating_sub(self.grown).min(SECOND).as_secs_f64();
        self.grown = now;
        if was_last {
            self.grow(elapsed);
        }
    }

    /// The vendor refused a request that was sent then and may have said how long to wait. `true` where the rate has to
    /// fall for it, which [`lower`](Self::lower) does: once for all that was sent at the same rate.
    pub(crate) fn refused(&mut self, now: Duration, sent: Duration, wait: Option<Duration>) -> bool {
        if self.is_free() {
            return false;
        }
        let is_news = self.lowered.is_none_or(|lowered| sent >= lowered);
        let wait = wait.unwrap_or_else(|| Duration::from_secs(1 << self.vague.min(5)));
        self.vague = self.vague.saturating_add(u32::from(is_news));
        self.fill(now);
        self.tokens = self.tokens.min(0.0);
        self.filled = self.filled.max(now.saturating_add(wait.min(LONGEST_WAIT)));
        if is_news || !self.was_refused_lately(now) {
            self.forget(now);
            #[expect(clippy::cast_precision_loss, reason = "there are as many as go through in a second")]
            let next = self.taken.len() as f64 + 1.0;
            self.proven = next.max(self.per_second / 2.0);
        }
        self.refused = Some(now);
        if is_news {
            self.per_second = self.per_second.min(self.proven);
        }
        is_news
    }

    /// Falls to a little below this rate, but not because of others below half of what was proven.
    pub(crate) fn lower(&mut self, now: Duration, refused_at: f64) {
        self.ceiling = refused_at;
        self.per_second = (refused_at * DECREASE).max(self.proven / 2.0).max(LEAST).min(self.at_most);
        // Who shares the limit is refused in the same moments, which is the same news.
        self.lowered = Some(now.saturating_add(SECOND));
        self.grown = now;
    }

    /// Whether the vendor refused this account itself not long ago.
    pub(crate) fn was_refused_lately(&self, now: Duration) -> bool {
        self.refused.is_some_and(|refused| now.saturating_sub(refused) < TOGETHER)
    }

    fn grow(&mut self, elapsed: f64) {
        if self.per_second >= self.ceiling {
            self.ceiling = f64::INFINITY;
        }
        let is_near = self.per_second >= self.ceiling * DECREASE;
        let slope = if is_near { self.ceiling * (1.0 - DECREASE) / APPROACH } else { INCREASE };
        self.per_second = (self.per_second + slope * elapsed).min(self.at_most);
    }

    fn fill(&mut self, now: Duration) {
        if now > self.filled {
            let elapsed = now.saturating_sub(self.filled).as_secs_f64();
            self.tokens = (self.tokens + elapsed * self.per_second).min(self.room());
            self.filled = now;
        }
    }

    /// A whole burst, until the vendor has shown a limit.
    fn room(&self) -> f64 {
        self.burst.min((self.ceiling / 4.0).max(1.0))
    }

    fn forget(&mut self, now: Duration) {
        while self.taken.front().is_some_and(|taken| now.saturating_sub(*taken) >= SECOND) {
            self.taken.pop_front();
        }
    }
}

const SECOND: Duration = Duration::from_secs(1);
/// How long the lowest rate of all processes holds after the last request of the one that is to keep to it.
const LEASE: Duration = Duration::from_secs(5);
/// What is left of a rate that was refused.
const DECREASE: f64 = 0.9;
/// By how much a rate grows in a second, where no limit is known to be near.
const INCREASE: f64 = 1.0;
/// Seconds from the fall back to where the rate was refused.
const APPROACH: f64 = 30.0;
/// The slowest that a rate becomes, so that it finds out when it may be faster.
const LEAST: f64 = 0.5;
/// How long a wait is kept, whatever the vendor says: a day, as in the connector.
const LONGEST_WAIT: Duration = Duration::from_hours(24);
const FOR_EVER: Duration = Duration::from_secs(u32::MAX as u64);
/// Refusals of two accounts within this are taken for those of one limit.
const TOGETHER: Duration = Duration::from_mins(2);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn a_burst_goes_at_once_and_the_rest_at_the_rate() {
        let mut rate = Rate::new(10, 10, 3);
        let mut gone = Vec::new();
        let mut now = Duration::ZERO;
        while gone.len() < 5 {
            let wait = rate.wait(now, 1);
            now += wait;
            if wait.is_zero() {
                rate.take(now);
                gone.push(now.as_millis());
            }
        }
        assert_eq!(gone, [0, 0, 0, 100, 200]);
    }

    #[test]
    fn a_refusal_closes_for_as_long_as_the_vendor_says_and_what_follows_does_not_burst() {
        let mut rate = Rate::new(10, 50, 20);
        rate.take(ms(0));
        assert!(rate.refused(ms(10), ms(0), Some(ms(13_000))));
        rate.lower(ms(10), rate.per_second());
        // 4.5 a second: half of ten, and a tenth less.
        assert_eq!(rate.wait(ms(10), 1).as_millis(), 13_222);
        assert_eq!(rate.wait(ms(13_010), 1).as_millis(), 222);
        // Of what was sent before the fall only the wait counts.
        assert!(!rate.refused(ms(900), ms(800), Some(ms(13_120))));
        assert_eq!(rate.wait(ms(14_020), 1).as_millis(), 222);
    }

    #[test]
    fn a_vendor_that_does_not_say_how_long_is_left_alone_for_longer_and_longer() {
        let mut rate = Rate::new(10, 10, 1);
        let mut waits = Vec::new();
        for turn in 0..7 {
            let now = Duration::from_secs(turn * 1000);
            rate.take(now);
            assert!(rate.refused(now, now, None));
            rate.lower(now, rate.per_second());
            waits.push(rate.filled.saturating_sub(now).as_secs());
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 32]);
    }

    #[test]
    fn no_limit_is_no_limit_whatever_the_vendor_says() {
        let mut rate = Rate::new(u32::MAX, u32::MAX, u32::MAX);
        for _ in 0..10_000 {
            rate.take(ms(0));
        }
        assert!(!rate.refused(ms(0), ms(0), Some(ms(5000))));
        assert_eq!(rate.wait(ms(0), 1000), Duration::ZERO);
    }

    /// What happens to a rate next, so many milliseconds later.
    #[derive(Clone, Debug)]
    enum Step {
        Take,
        Taken,
        Refused(Option<u64>),
    }

    fn steps() -> impl Strategy<Value = Vec<(u64, Step)>> {
        let wait = prop::option::of(0_u64..5000);
        let step = prop_oneof![6 => Just(Step::Take), 3 => Just(Step::Taken), 1 => wait.prop_map(Step::Refused)];
        prop::collection::vec((0_u64..400, step), 0..300)
    }

    proptest! {
        #[test]
        fn never_more_than_a_burst_and_the_rate_goes_through_any_window(
            (start, most, burst) in (1_u32..30, 1_u32..60, 1_u32..30),
            steps in steps(),
        ) {
            let mut rate = Rate::new(start, most, burst);
            let most = f64::from(most.max(start));
            let (mut now, mut gone) = (Duration::ZERO, Vec::new());
            for (later, step) in steps {
                now += ms(later);
                match step {
                    // As many as there are.
                    Step::Take => while rate.wait(now, 1).is_zero() {
                        rate.take(now);
                        gone.push(now);
                    },
                    Step::Taken => rate.taken(now, now, true),
                    Step::Refused(wait) => if rate.refused(now, now, wait.map(ms)) {
                        rate.lower(now, rate.per_second());
                    },
                }
                prop_assert!((LEAST..=most).contains(&rate.per_second()), "{}", rate.per_second());
            }
            for (first, from) in gone.iter().enumerate() {
                for (last, to) in gone.iter().enumerate().skip(first) {
                    let allowed = f64::from(burst) + most * to.saturating_sub(*from).as_secs_f64() + 1e-6;
                    let gone = u32::try_from(last - first + 1).unwrap();
                    prop_assert!(f64::from(gone) <= allowed, "{from:?} to {to:?}");
                }
            }
        }

        #[test]
        fn nothing_goes_before_the_vendor_said_that_it_may(wait in 0_u64..100_000, early in 1_u64..100_000) {
            let mut rate = Rate::new(10, 50, 20);
            rate.refused(ms(0), ms(0), Some(ms(wait)));
            rate.lower(ms(0), rate.per_second());
            prop_assert!(rate.wait(ms(wait.saturating_sub(early)), 1) >= ms(wait.min(early)));
        }
    }
}
