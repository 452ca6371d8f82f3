//! How long a walk takes, near and far, pages one after another and side by side:
//! `cargo run --release --workspace --all-features --example walk`.
//!
//! The vendor is the emulator in the same process, so the two share the machine. Of repeated measurements the least is
//! printed, as the one with the least noise of others in it.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a measurement reports, and fails by panic")]

use std::time::{Duration, Instant};

use portcullis_directory::{Outcome, Walk, WalkOptions};
use portcullis_emulator::Options;
use portcullis_runtime::{AccountDirectory, Pace};
use portcullis_tests::House;

const USERS: u32 = 20_000;
const FAR_USERS: u32 = 10_000;

#[tokio::main]
async fn main() {
    let House { directory, .. } = &House::with(Options { users: USERS, record: 0, ..Options::default() }, None).await;
    println!("pace                               {}", directory.pace());
    let mut least = Duration::MAX;
    for _ in 0..3 {
        least = least.min(walk(directory, USERS, 1).await);
    }
    println!("walk of {USERS} users               {:.0} users/s", f64::from(USERS) / least.as_secs_f64());
    let mut least = Duration::MAX;
    for _ in 0..3 {
        least = least.min(walk(directory, USERS, 16).await);
    }
    println!("the same, 16 pages at a time       {:.0} users/s", f64::from(USERS) / least.as_secs_f64());

    // A vendor that is far away; without a fault it would be as near as memory.
    let options =
        || Options { users: FAR_USERS, record: 0, faults: vec!["delay-ms=50".parse().unwrap()], ..Options::default() };
    let House { directory, .. } = &House::with(options(), None).await;
    let alone = walk(directory, FAR_USERS, 1).await;
    println!("walk of {FAR_USERS} users, 50 ms away     {alone:?}");
    let ratio = |beside: Duration| alone.as_secs_f64() / beside.as_secs_f64();
    for concurrency in [4, 8, 16] {
        let beside = walk(directory, FAR_USERS, concurrency).await;
        println!("the same, {concurrency:2} pages at a time       {beside:?}, {:.1} times as fast", ratio(beside));
    }
    let narrow = Pace { concurrency: Pace::default().concurrency, ..Pace::unlimited() };
    let House { directory, .. } = &House::at(narrow, options(), None).await;
    let beside = walk(directory, FAR_USERS, WalkOptions::default().concurrency).await;
    println!(
        "the same, {:2} requests under way     {beside:?}, {:.1} times as fast",
        narrow.concurrency,
        ratio(beside)
    );
}

/// Walks so many users, so many pages at a time, and says how long it took.
async fn walk(directory: &AccountDirectory, users: u32, concurrency: u32) -> Duration {
    let start = Instant::now();
    let mut walk = Walk::users(directory, WalkOptions { concurrency, ..WalkOptions::default() });
    let mut read = 0;
    while let Some(page) = walk.next_page().await.unwrap() {
        read += page.items.len();
    }
    assert_eq!(walk.ending().unwrap().outcome, Outcome::Complete { total: Some(users) });
    assert_eq!(read, users as usize);
    start.elapsed()
}
