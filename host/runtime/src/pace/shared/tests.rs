//! Processes that share a pace: each with turns of its own, all with one place and one clock.

use std::collections::HashMap;
use std::sync::Mutex;

use tokio::time::Instant;

use super::*;
use crate::pace::host::Verdict;
use crate::pace::turn::{Member, NoTurn, Turns};
use crate::pace::{Kind, Pace};

/// A place that lies in memory, and may be out of order.
struct Memory {
    start: Instant,
    kept: Mutex<HashMap<String, Vec<u8>>>,
    is_broken: bool,
}

impl Memory {
    fn shared(is_broken: bool) -> Shared {
        Shared(Arc::new(Memory { start: Instant::now(), kept: Mutex::default(), is_broken }))
    }
}

impl SharedPace for Memory {
    fn now(&self) -> Duration {
        Duration::from_secs(1_780_000_000) + self.start.elapsed()
    }

    fn update(&self, account: &str, step: &mut dyn FnMut(&mut Vec<u8>)) -> io::Result<()> {
        if self.is_broken {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        step(self.kept.lock().unwrap().entry(account.to_owned()).or_default());
        Ok(())
    }
}

/// The account in a process of its own.
fn process(shared: &Shared, pace: Pace) -> Arc<Member> {
    Turns::new(Some(shared.clone())).join(pace, "https://vendor.example/v2")
}

fn later() -> Instant {
    Instant::now() + Duration::from_mins(5)
}

/// Sends requests one after another for so long, and answers how many.
async fn bulk(member: Arc<Member>, time: Duration) -> u32 {
    let (end, mut sent) = (Instant::now() + time, 0);
    while Instant::now() < end {
        member.turn(Kind::Write, false, later()).await.unwrap().end(Verdict::Taken);
        sent += 1;
    }
    sent
}

#[tokio::test(start_paused = true)]
async fn two_processes_keep_to_one_rate_and_have_the_same_of_it() {
    let place = Memory::shared(false);
    let [one, other] = [(); 2].map(|()| bulk(process(&place, Pace::steady(10)), Duration::from_mins(1)));
    let (one, other) = tokio::join!(tokio::spawn(one), tokio::spawn(other));
    let (one, other) = (one.unwrap(), other.unwrap());
    assert!((570..=603).contains(&(one + other)), "{one} {other}");
    assert!(f64::from(one.min(other)) >= 0.8 * f64::from(one.max(other)), "{one} {other}");
}

#[tokio::test(start_paused = true)]
async fn an_urgent_request_waits_for_one_of_other_processes_at_most() {
    let place = Memory::shared(false);
    let sent = Arc::new(Mutex::new(0_u32));
    let others: Vec<_> = (0..4)
        .map(|_| {
            let (member, sent) = (process(&place, Pace::steady(4)), Arc::clone(&sent));
            tokio::spawn(async move {
                loop {
                    member.turn(Kind::Write, false, later()).await.unwrap().end(Verdict::Taken);
                    *sent.lock().unwrap() += 1;
                }
            })
        })
        .collect();
    let own = process(&place, Pace::steady(4));
    for pause in [1010, 1130, 990, 1240, 870] {
        tokio::time::sleep(Duration::from_millis(pause)).await;
        let (before, start) = (*sent.lock().unwrap(), Instant::now());
        own.turn(Kind::Write, true, later()).await.unwrap().end(Verdict::Taken);
        let (between, waited) = (*sent.lock().unwrap() - before, start.elapsed());
        // Four a second: the time of one.
        assert!(between <= 1 && waited <= Duration::from_millis(260), "{between} {waited:?}");
    }
    // None of them stands still for it.
    let before = *sent.lock().unwrap();
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert!((38..=41).contains(&(*sent.lock().unwrap() - before)));
    others.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test(start_paused = true)]
async fn an_urgent_request_that_is_given_up_holds_nobody_up() {
    let place = Memory::shared(false);
    let (own, other) = (process(&place, Pace::steady(1)), process(&place, Pace::steady(1)));
    other.turn(Kind::Write, false, later()).await.unwrap().end(Verdict::Taken);
    let urgent = tokio::spawn(async move { own.turn(Kind::Write, true, later()).await.map(drop) });
    tokio::time::sleep(Duration::from_millis(10)).await;
    urgent.abort();
    assert!(urgent.await.unwrap_err().is_cancelled());
    let start = Instant::now();
    other.turn(Kind::Write, false, later()).await.unwrap().end(Verdict::Taken);
    assert!(start.elapsed() < Duration::from_millis(1010), "{:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn what_the_vendor_asked_of_one_process_another_keeps_though_it_came_later() {
    let place = Memory::shared(false);
    let one = process(&place, Pace::default());
    let wait = Duration::from_mins(30);
    one.turn(Kind::Write, false, later()).await.unwrap().end(Verdict::Refused(Some(wait)));
    drop(one);
    let other = process(&place, Pace::default());
    let late = other.turn(Kind::Write, false, later()).await.unwrap_err();
    assert!(matches!(late, NoTurn::Late(left) if left >= wait), "{late:?}");
    // Reads were not refused, and another account was not either.
    assert!(other.turn(Kind::Read, false, later()).await.is_ok());
    let neighbour = other.turns().join(Pace::default(), "https://vendor.example/v3");
    assert!(neighbour.turn(Kind::Write, false, later()).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn the_lowest_rate_that_a_process_is_to_keep_to_holds_for_all_while_it_is_there() {
    let place = Memory::shared(false);
    let slow = tokio::spawn(bulk(process(&place, Pace::steady(2)), Duration::from_secs(30)));
    let quick = process(&place, Pace::steady(20));
    let beside = bulk(Arc::clone(&quick), Duration::from_secs(30)).await;
    let slow = slow.await.unwrap();
    assert!((55..=63).contains(&(slow + beside)), "{slow} {beside}");
    tokio::time::sleep(LEASE).await;
    let alone = bulk(quick, Duration::from_secs(10)).await;
    assert!((190..=202).contains(&alone), "{alone}");
}

#[tokio::test(start_paused = true)]
async fn where_there_is_no_place_each_keeps_its_own_pace() {
    let place = Memory::shared(true);
    let sent = bulk(process(&place, Pace::steady(10)), Duration::from_secs(10)).await;
    assert!((99..=102).contains(&sent), "{sent}");
}

#[tokio::test(start_paused = true)]
async fn no_limit_is_shared_with_nobody() {
    let place = Memory::shared(false);
    let [limited, free] = [Pace::steady(1), Pace::unlimited()].map(|pace| process(&place, pace));
    limited.turn(Kind::Read, false, later()).await.unwrap().end(Verdict::Refused(Some(Duration::from_mins(1))));
    let start = Instant::now();
    for _ in 0..100 {
        free.turn(Kind::Read, false, later()).await.unwrap().end(Verdict::Taken);
    }
    assert!(start.elapsed() < Duration::from_millis(10));
}

/// More than how long a rate counts for others after its last request.
const LEASE: Duration = Duration::from_secs(6);
