//! Accounts that always have something to send, before a vendor with a limit that they do not know.

use std::collections::VecDeque;

use proptest::prelude::*;

use super::super::flow::Turn;
use super::*;

/// A vendor that takes so many requests in each second of its clock, from whomever.
struct Vendor {
    limit: u32,
    second: u64,
    requests: u32,
}

impl Vendor {
    fn answer(&mut self, now: Duration) -> Verdict {
        if now.as_secs() != self.second {
            (self.second, self.requests) = (now.as_secs(), 0);
        }
        self.requests += 1;
        if self.requests > self.limit { Verdict::Refused(Some(Duration::from_secs(1))) } else { Verdict::Taken }
    }
}

/// Requests that were taken and refused after the first so many seconds.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    taken: f64,
    refused: f64,
}

/// Runs accounts of these paces for some minutes, with answers that come so many milliseconds after the request.
fn run(paces: &[Pace], limit: u32, delay: u64, (from, to): (u64, u64)) -> Vec<Tally> {
    let mut host = Host::default();
    let accounts: Vec<_> = paces.iter().map(|pace| host.join(*pace, None)).collect();
    let mut vendor = Vendor { limit, second: 0, requests: 0 };
    let mut tallies = vec![Tally::default(); paces.len()];
    let mut under_way: VecDeque<(Duration, u64, (Duration, bool), Verdict)> = VecDeque::new();
    for account in &accounts {
        host.flow(*account).unwrap().enter(0, Kind::Write, false).unwrap();
    }
    for millisecond in 0..to * 1000 {
        let now = Duration::from_millis(millisecond);
        while under_way.front().is_some_and(|(due, ..)| *due <= now) {
            let (_, account, sent, verdict) = under_way.pop_front().unwrap();
            host.finish(now, account, Kind::Write, sent, verdict);
        }
        for (account, tally) in accounts.iter().zip(&mut tallies) {
            while let Turn::Go(was_last) = host.flow(*account).unwrap().turn(now, 0, Kind::Write, false) {
                let verdict = vendor.answer(now);
                if millisecond >= from * 1000 {
                    match verdict {
                        Verdict::Taken => tally.taken += 1.0,
                        _ => tally.refused += 1.0,
                    }
                }
                under_way.push_back((now + Duration::from_millis(delay), *account, (now, was_last), verdict));
                host.flow(*account).unwrap().enter(0, Kind::Write, false).unwrap();
            }
        }
    }
    tallies
}

fn sum(tallies: &[Tally]) -> Tally {
    let add =
        |sum: Tally, tally: &Tally| Tally { taken: sum.taken + tally.taken, refused: sum.refused + tally.refused };
    tallies.iter().fold(Tally::default(), add)
}

#[test]
fn a_hidden_limit_is_used_and_hardly_ever_met() {
    for limit in [5, 8, 10, 20, 33, 49] {
        for delay in [2, 60, 200] {
            let tally = run(&[Pace::default()], limit, delay, (120, 480))[0];
            let (used, refused) =
                (tally.taken / 360.0 / f64::from(limit), tally.refused / (tally.taken + tally.refused));
            assert!(used >= 0.8, "{limit} {delay}: {used}");
            assert!(refused < 0.02, "{limit} {delay}: {refused}");
        }
    }
}

#[test]
fn a_vendor_without_a_limit_is_sent_fifty_a_second_and_no_more() {
    let tally = run(&[Pace::default()], u32::MAX, 20, (60, 120))[0];
    assert!((2995.0..=3001.0).contains(&tally.taken), "{tally:?}");
}

#[test]
fn accounts_that_share_a_limit_have_equal_parts_of_it_wherever_they_began() {
    let quick = Pace { writes_per_second: 40, ..Pace::default() };
    let slow = Pace { writes_per_second: 2, ..Pace::default() };
    for (paces, limit) in [(vec![Pace::default(); 2], 20), (vec![quick, slow], 20), (vec![quick, slow, slow], 40)] {
        let tallies = run(&paces, limit, 20, (120, 480));
        let most = tallies.iter().map(|tally| tally.taken).fold(0.0, f64::max);
        let least = tallies.iter().map(|tally| tally.taken).fold(f64::MAX, f64::min);
        let all = sum(&tallies);
        assert!(least >= 0.8 * most, "{tallies:?}");
        assert!(all.taken / 360.0 >= 0.8 * f64::from(limit), "{tallies:?}");
        assert!(all.refused < 0.02 * all.taken, "{tallies:?}");
    }
}

#[test]
fn a_neighbour_that_is_always_refused_takes_no_more_than_half() {
    let mut host = Host::default();
    let (steady, noisy) = (host.join(Pace::steady(40), None), host.join(Pace::steady(40), None));
    let at = Duration::from_millis;
    for account in [steady, noisy] {
        for taken in 0..40 {
            host.finish(at(taken), account, Kind::Read, (at(taken), true), Verdict::Taken);
        }
    }
    host.finish(at(50), steady, Kind::Read, (at(50), true), Verdict::Refused(None));
    for turn in 1..50 {
        let now = at(50 + turn * 1500);
        host.finish(now, noisy, Kind::Read, (now, true), Verdict::Refused(None));
    }
    let mut per_second = |account| host.flow(account).unwrap().rate(Kind::Read).per_second();
    // Half of the forty that it had, and of the one that was refused.
    assert_eq!((per_second(steady), per_second(noisy) < 21.0), (20.5, true));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn an_urgent_request_waits_for_one_request_at_most(
        waiting in 0_u64..50,
        per_second in 1_u32..50,
        after in 0_u64..5000,
    ) {
        let mut host = Host::default();
        let account = host.join(Pace { burst: 5, ..Pace::steady(per_second) }, None);
        let flow = host.flow(account).unwrap();
        for ticket in 0..waiting {
            flow.enter(ticket, Kind::Write, false).unwrap();
        }
        let mut now = Duration::ZERO;
        // A bulk run until somebody is to be cut off.
        for ticket in 0..waiting {
            match flow.turn(now, ticket, Kind::Write, false) {
                Turn::Wait(wait) if now + wait <= Duration::from_millis(after) => {
                    now += wait;
                    flow.turn(now, ticket, Kind::Write, false);
                }
                _ => {}
            }
        }
        let now = now.max(Duration::from_millis(after));
        flow.enter(1000, Kind::Write, true).unwrap();
        let one = Duration::from_secs(1) / per_second + Duration::from_micros(1);
        match flow.turn(now, 1000, Kind::Write, true) {
            Turn::Go(_) => {}
            Turn::Wait(wait) => prop_assert!(wait <= one, "{wait:?}"),
            other => prop_assert!(false, "{other:?}"),
        }
    }
}
