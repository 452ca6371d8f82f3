//! What takes minutes to show that it does not happen: `cargo test --workspace --all-features --test
//! endurance -- --nocapture --test-threads 1`.
//!
//! `PORTCULLIS_SOAK_CALLS` is how many calls the soak makes, a million where it is not set.

#![allow(
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measurement reports, and fails by panic"
)]

use std::time::{Duration, Instant};

use portcullis_directory::{Directory as _, PageQuery};
use portcullis_emulator::{Auth, Emulator, Options};
use portcullis_runtime::{Account, Limits, Pace, Runtime, StaticToken};
use portcullis_tests::TOKEN;
use portcullis_tests::neighbours::{Neighbours, Report};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn among_a_thousand_accounts_a_hostile_and_a_throttled_one_keep_no_other_from_its_answers() {
    let house = Neighbours::new(1000).await;
    // Connections are made and pages of memory touched for the first time.
    house.live(PER_SECOND, Duration::from_secs(6), false).await;
    // By turns, so that what else the machine does falls on both.
    let (mut without, mut with) = (Report::default(), Report::default());
    for _ in 0..10 {
        without = without.and(house.live(PER_SECOND, Duration::from_secs(3), false).await);
        with = with.and(house.live(PER_SECOND, Duration::from_secs(3), true).await);
    }
    for percent in [50, 90, 99] {
        let (alone, beside) = (without.percentile(percent), with.percentile(percent));
        let ratio = beside.as_secs_f64() / alone.as_secs_f64();
        println!("p{percent}: {alone:.1?} alone, {beside:.1?} beside them, {ratio:.2} times");
        assert!(ratio < 2.0, "p{percent}");
    }
    let (crossed, all) = house.crossed();
    println!("{all} requests, {crossed} with another account's token");
    assert_eq!((without.failed, with.failed), (Vec::new(), Vec::new()));
    assert_eq!(crossed, 0);
    assert!(with.times.len() > 2500);
}

/// Calls of those who behave, all accounts together.
const PER_SECOND: u32 = 100;

/// One call in so many is a page of users over TCP; the others are computed in a fresh instance.
const PAGES: u64 = 20;
const WORKERS: u64 = 4;
const CHECKPOINTS: u64 = 10;

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_million_calls_leave_no_memory_descriptor_or_slot_behind() {
    let calls = std::env::var("PORTCULLIS_SOAK_CALLS").map_or(1_000_000, |calls| calls.parse().unwrap());
    let auth = Auth::Token(TOKEN.to_owned());
    let vendor =
        Emulator::start(Options { users: 10, groups: 1, record: 0, auth, ..Options::default() }).await.unwrap();
    // As few slots as there are calls at once: one that is not given back would be missed.
    let limits = Limits { concurrent_calls: 4, ..Limits::default() };
    let runtime = Runtime::builder().allow_loopback(true).limits(limits).build().unwrap();
    let connector = runtime.load(portcullis_connectors::ZPA).await.unwrap();
    let account = Account::new(vendor.endpoint()).unwrap().with_pace(Pace::unlimited());
    let directory = connector.directory(account, StaticToken::new(TOKEN).unwrap()).unwrap();
    let page = directory.list_users(PageQuery { size: Some(5), ..PageQuery::default() }).await.unwrap();
    let cursor = page.next_cursor.unwrap();
    let mut seen = Vec::new();
    for checkpoint in 0..=CHECKPOINTS {
        // The first round fills the pools and is not compared with.
        let start = Instant::now();
        let workers = (0..WORKERS).map(|_| {
            let (directory, cursor) = (directory.clone(), cursor.clone());
            tokio::spawn(async move {
                for number in 0..calls / CHECKPOINTS / WORKERS {
                    if number % PAGES == 0 {
                        assert_eq!(directory.list_users(PageQuery::default()).await.unwrap().items.len(), 10);
                    } else {
                        assert_eq!(directory.page_cursors(&cursor, 1).await.unwrap().len(), 1);
                    }
                }
            })
        });
        for worker in workers.collect::<Vec<_>>() {
            worker.await.unwrap();
        }
        let (memory, descriptors) = (resident(), descriptors());
        let rate = (calls / CHECKPOINTS) as f64 / start.elapsed().as_secs_f64();
        println!("{checkpoint}: {memory} KiB resident, {descriptors} descriptors, {rate:.0} calls/s");
        seen.push((memory, descriptors));
    }
    let (first, last) = (&seen[1], seen.last().unwrap());
    let grown = |pick: fn(&(u64, u64)) -> u64| pick(last).saturating_sub(pick(first));
    println!("grown by {} KiB and {} descriptors in {} calls", grown(|at| at.0), grown(|at| at.1), calls - calls / 10);
    // Two megabytes are noise of the allocator; a leak of 16 bytes a call would be fourteen.
    assert!(grown(|at| at.0) < 2048, "{seen:?}");
    assert!(grown(|at| at.1) <= WORKERS, "{seen:?}");
}

/// Memory that the process holds, in KiB.
#[cfg(target_os = "linux")]
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Files and sockets that the process has open.
#[cfg(target_os = "linux")]
fn descriptors() -> u64 {
    std::fs::read_dir("/proc/self/fd").unwrap().count() as u64
}
