//! A point of a curve, measured in a process of its own.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use portcullis_directory::{Directory as _, PageQuery, Walk, WalkOptions};
use portcullis_runtime::{Account, Anonymous, Pace};
use serde_json::{Value, json};

use crate::block_on;
use crate::contender::{own_memory, own_peak};
use crate::walk::connector;

/// Calls that are under way at the same moment, of all accounts together.
const UNDER_WAY: usize = 64;

/// What a process measures.
#[derive(Clone)]
pub(super) enum Point {
    /// Walks over the whole list, one after another.
    Walk { endpoint: String, concurrency: u32, pacing: Pacing },
    /// One-page calls of so many accounts by turns.
    Accounts { endpoint: String, accounts: u32 },
}

#[derive(Clone, Copy)]
pub(super) enum Pacing {
    /// All that a pace does is done, and nothing waits for it.
    High,
    /// So many requests a second, with the burst of every account: what a timer oversleeps is caught up with.
    Held(u32),
}

/// What came of it.
#[derive(Clone, Copy)]
pub(super) struct Outcome {
    /// Users or calls a second.
    pub(super) rate: f64,
    /// Memory before the first request, in bytes.
    pub(super) rest: f64,
    /// The most memory that the process ever had.
    pub(super) peak: f64,
}

impl Outcome {
    pub(super) fn better(self, other: Outcome) -> Outcome {
        let Outcome { rate, rest, peak } = self;
        Outcome { rate: rate.max(other.rate), rest: rest.min(other.rest), peak: peak.min(other.peak) }
    }
}

impl Pacing {
    pub(super) fn pace(self) -> Pace {
        match self {
            Pacing::High => Pace { concurrency: 1_000, queue: 10_000, burst: 1_000_000, ..Pace::steady(1_000_000) },
            Pacing::Held(per_second) => Pace {
                concurrency: 1_000,
                reads_per_second: per_second,
                at_most_per_second: per_second,
                ..Pace::default()
            },
        }
    }

    fn argument(self) -> String {
        match self {
            Pacing::High => "high".to_owned(),
            Pacing::Held(per_second) => per_second.to_string(),
        }
    }

    fn parse(argument: &str) -> Pacing {
        argument.parse().map_or(Pacing::High, Pacing::Held)
    }
}

impl Point {
    /// Starts the process and reads what it tells.
    pub(super) fn measure(&self, seconds: f64) -> Outcome {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["point", &seconds.to_string()]);
        match self {
            Point::Walk { endpoint, concurrency, pacing } => {
                command.args(["walk", endpoint, &concurrency.to_string(), &pacing.argument()])
            }
            Point::Accounts { endpoint, accounts } => command.args(["accounts", endpoint, &accounts.to_string()]),
        };
        let output = command.output().unwrap();
        assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
        let told: Value = serde_json::from_slice(&output.stdout).unwrap();
        let figure = |name: &str| told[name].as_f64().unwrap();
        eprintln!("{command:?}: {told}");
        Outcome { rate: figure("rate"), rest: figure("rest"), peak: figure("peak") }
    }
}

/// The process: `point SECONDS walk ENDPOINT CONCURRENCY PACING` or `point SECONDS accounts ENDPOINT ACCOUNTS`. It goes
/// on for as long at least.
pub(crate) fn run(arguments: &[String]) {
    let time = Duration::from_secs_f64(arguments[0].parse().unwrap());
    let endpoint = &arguments[2];
    let number = arguments[3].parse().unwrap();
    block_on(async {
        match arguments[1].as_str() {
            "walk" => walk(endpoint, number, Pacing::parse(&arguments[4]), time).await,
            _ => accounts(endpoint, number, time).await,
        }
    });
}

async fn walk(endpoint: &str, concurrency: u32, pacing: Pacing, time: Duration) {
    let account = Account::new(endpoint).unwrap().with_pace(pacing.pace());
    let directory = connector().await.directory(account, Anonymous).unwrap();
    let rest = own_memory();
    let start = Instant::now();
    let mut users = 0;
    while start.elapsed() < time {
        let mut walk = Walk::users(&directory, WalkOptions { concurrency, ..WalkOptions::default() });
        while let Some(page) = walk.next_page().await.unwrap() {
            users += page.items.len();
        }
    }
    tell(users, start, rest);
}

async fn accounts(endpoint: &str, number: u32, time: Duration) {
    let connector = connector().await;
    let account = || {
        let account = Account::new(endpoint).unwrap().with_pace(Pacing::High.pace());
        connector.directory(account, Anonymous).unwrap()
    };
    let accounts: Arc<Vec<_>> = Arc::new((0..number).map(|_| account()).collect());
    let rest = own_memory();
    let next = Arc::new(AtomicUsize::new(0));
    // Every account is called before the time begins, and the connections are there that stay.
    let warm = accounts.len().max(1_000);
    let rounds = [(warm, Duration::ZERO), (0, time)];
    let (mut calls, mut start) = (0, Instant::now());
    for (least, time) in rounds {
        start = Instant::now();
        let first = next.load(Ordering::Relaxed);
        let workers: Vec<_> = (0..UNDER_WAY)
            .map(|_| {
                let (accounts, next) = (Arc::clone(&accounts), Arc::clone(&next));
                tokio::spawn(async move {
                    let mut calls = 0;
                    while start.elapsed() < time || next.load(Ordering::Relaxed) < first + least {
                        // A stride that comes past every account before it comes past one again.
                        let call = next.fetch_add(1, Ordering::Relaxed).wrapping_mul(7919);
                        let page = accounts[call % accounts.len()].list_users(PageQuery::default()).await.unwrap();
                        assert_eq!(page.items.len(), 50);
                        calls += 1;
                    }
                    calls
                })
            })
            .collect();
        calls = 0;
        for worker in workers {
            calls += worker.await.unwrap();
        }
    }
    tell(calls, start, rest);
}

fn tell(count: usize, start: Instant, rest: u64) {
    let rate = count as f64 / start.elapsed().as_secs_f64();
    println!("{}", json!({"rate": rate, "rest": rest, "peak": own_peak()}));
}
