//! What a snapshot and a report of a large directory cost:
//! `cargo run --release -p portcullis-tests --example report [DIRECTORY]`, which leaves the files there where one is named.
//!
//! The vendor is the emulator in the same process, so the two share the machine, and memory is what the process grew by.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a measurement reports, and fails by panic")]

use std::path::PathBuf;
use std::time::Instant;

use portcullis_directory::Directory as _;
use portcullis_emulator::Options;
use portcullis_reconcile::report::AccessReport;
use portcullis_reconcile::{Digest, Snapshot, TakeOptions, Target};
use portcullis_tests::House;

const USERS: u32 = 50_000;
const GROUPS: u32 = 500;

#[tokio::main]
async fn main() {
    let options = Options { users: USERS, groups: GROUPS, record: 0, ..Options::default() };
    let House { vendor, directory, .. } = &House::with(options, None).await;
    let description = directory.describe().await.unwrap();
    let component = Digest::from_hex(&directory.component().to_string()).unwrap();
    let target = Target::new(&vendor.endpoint(), None, component, &description);

    let before = resident();
    let start = Instant::now();
    let time = "2026-01-01T00:00:00Z".to_owned();
    let taken = Snapshot::take(directory, target, time, &TakeOptions::default(), |_| {}).await.unwrap();
    let memberships = taken.header.memberships;
    println!("snapshot of {USERS} users, {GROUPS} groups, {memberships} memberships   {:?}", start.elapsed());
    println!("memory of it                       {} MB", resident().saturating_sub(before) / 1024);

    let start = Instant::now();
    let mut file = Vec::new();
    taken.write(&mut file).unwrap();
    println!("written, {} MB                     {:?}", file.len() / 1_000_000, start.elapsed());
    drop(taken);
    let start = Instant::now();
    let taken = Snapshot::read(file.as_slice()).unwrap();
    println!("read and checked                   {:?}", start.elapsed());

    let start = Instant::now();
    let report = AccessReport::new(&taken, Some(&taken));
    println!("access report, {} findings      {:?}", report.findings.len(), start.elapsed());
    let start = Instant::now();
    let html = report.to_html();
    println!("as HTML, {} KB                   {:?}", html.len() / 1000, start.elapsed());
    let start = Instant::now();
    let json = serde_json::to_vec(&report).unwrap();
    println!("as JSON, {} KB                  {:?}", json.len() / 1000, start.elapsed());
    println!("memory of all                      {} MB", resident().saturating_sub(before) / 1024);
    if let Some(place) = std::env::args_os().nth(1).map(PathBuf::from) {
        std::fs::write(place.join("access.html"), html).unwrap();
        std::fs::write(place.join("access.json"), json).unwrap();
        std::fs::write(place.join("snapshot.ndjson"), file).unwrap();
    }
}

/// Kilobytes that the process has in memory; 0 where the system does not say.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()).and_then(|text| text.parse().ok()).unwrap_or_default()
}
