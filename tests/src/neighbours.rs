//! Many accounts in one process, each with a vendor of its own, and two neighbours that nobody wants: one whose
//! connector does every kind of harm, and one whose vendor refuses everything.

use std::time::Duration;

use portcullis_directory::{Directory as _, PageQuery, VendorRequest};
use portcullis_emulator::{Auth, Emulator, Options};
use portcullis_runtime::{Account, AccountDirectory, Pace, Runtime, StaticToken};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::HOSTILE;

/// The house of all of them.
pub struct Neighbours {
    flats: Vec<Flat>,
    hostile: AccountDirectory,
    throttled: AccountDirectory,
    _refusing: Emulator,
}

/// An account, the vendor that is its own, and whom it finds there.
struct Flat {
    vendor: Emulator,
    directory: AccountDirectory,
    token: String,
    first: String,
}

/// How the calls of those who behave went.
#[derive(Debug, Default)]
pub struct Report {
    /// From when each was due to its answer, in order.
    pub times: Vec<Duration>,
    /// Those without an answer, or with another account's.
    pub failed: Vec<String>,
}

impl Report {
    /// The time that so many of a hundred calls took at most.
    #[must_use]
    pub fn percentile(&self, percent: usize) -> Duration {
        let at = (self.times.len() * percent).div_ceil(100).saturating_sub(1);
        self.times.get(at).copied().unwrap_or_default()
    }

    /// Both together.
    #[must_use]
    pub fn and(mut self, other: Report) -> Report {
        self.times.extend(other.times);
        self.times.sort_unstable();
        self.failed.extend(other.failed);
        self
    }
}

impl Neighbours {
    /// So many accounts on one runtime, with the limits and the pace that are the defaults.
    ///
    /// # Panics
    ///
    /// When a part does not come up, which is the end of the test.
    #[allow(clippy::unwrap_used, reason = "the harness of tests")]
    pub async fn new(accounts: u32) -> Neighbours {
        let runtime = Runtime::builder().allow_loopback(true).build().unwrap();
        let connector = runtime.load(portcullis_connectors::ZPA).await.unwrap();
        let hostile = runtime.load(HOSTILE).await.unwrap();
        let mut flats = Vec::new();
        for number in 0..accounts {
            let token = format!("token-of-account-{number:06}-and-of-no-other");
            let vendor = vendor(&token, number.into()).await;
            let account = Account::new(vendor.endpoint()).unwrap();
            let directory = connector.directory(account, StaticToken::new(token.clone()).unwrap()).unwrap();
            let first = vendor.users().first().unwrap().id.clone();
            flats.push(Flat { vendor, directory, token, first });
        }
        let refusing = vendor("throttled", 1).await;
        refusing.add_fault("status=429 retry-after=1".parse().unwrap());
        let account = |endpoint: String| Account::new(endpoint).unwrap();
        let throttled = connector.directory(account(refusing.endpoint()), StaticToken::new("throttled").unwrap());
        // Its pace is no bound to what it computes.
        let at = account(refusing.endpoint()).with_pace(Pace::unlimited());
        let hostile = hostile.directory(at, StaticToken::new("throttled").unwrap()).unwrap();
        Neighbours { flats, hostile, throttled: throttled.unwrap(), _refusing: refusing }
    }

    /// Lets the accounts in turn ask for a page, so often in a second, for so long, with those that nobody wants beside
    /// them or without.
    pub async fn live(&self, per_second: u32, time: Duration, is_harmed: bool) -> Report {
        let mut bad = JoinSet::new();
        if is_harmed {
            for number in 0..HARMFUL {
                let (hostile, throttled) = (self.hostile.clone(), self.throttled.clone());
                bad.spawn(async move { harm(&hostile, number).await });
                bad.spawn(async move { ask(&throttled).await });
            }
        }
        let mut clock = interval(Duration::from_secs(1) / per_second);
        clock.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let (start, mut calls, mut report) = (Instant::now(), JoinSet::new(), Report::default());
        for flat in self.flats.iter().cycle() {
            let due = clock.tick().await;
            if start.elapsed() >= time {
                break;
            }
            let (directory, first) = (flat.directory.clone(), flat.first.clone());
            calls.spawn(async move {
                let page = directory.list_users(PageQuery::default()).await;
                let outcome = match page {
                    Ok(page) if page.items.first().is_some_and(|user| user.id == first) => Ok(()),
                    Ok(page) => Err(format!("another account's page: {:?}", page.items.first())),
                    Err(error) => Err(error.to_string()),
                };
                outcome.map(|()| due.elapsed())
            });
        }
        while let Some(call) = calls.join_next().await {
            match call {
                Ok(Ok(time)) => report.times.push(time),
                Ok(Err(failed)) => report.failed.push(failed),
                Err(error) => report.failed.push(error.to_string()),
            }
        }
        bad.shutdown().await;
        report.and(Report::default())
    }

    /// How many requests came to a vendor with another token than its account's, and how many came at all.
    #[must_use]
    pub fn crossed(&self) -> (usize, u64) {
        let (mut crossed, mut all) = (0, 0);
        for Flat { vendor, token, .. } in &self.flats {
            all += vendor.request_count();
            let own = format!("Bearer {token}");
            let is_own = |header: Option<&str>| header == Some(&own);
            crossed += vendor.exchanges().iter().filter(|ask| !is_own(ask.request_header("authorization"))).count();
        }
        (crossed, all)
    }
}

/// Attacks that are under way at the same moment.
const HARMFUL: usize = 64;

#[allow(clippy::unwrap_used, reason = "the harness of tests")]
async fn vendor(token: &str, seed: u64) -> Emulator {
    let auth = Auth::Token(token.to_owned());
    Emulator::start(Options { users: 5, groups: 1, seed, auth, record_body: 0, ..Options::default() }).await.unwrap()
}

/// One attack after the other, for as long as it is let.
async fn harm(hostile: &AccountDirectory, number: usize) {
    const ATTACKS: [(&str, u32); 8] = [
        ("LOOP", 0),
        ("ALLOCATE", 60),
        ("LOOP", 0),
        ("HUGE", 30 << 20),
        ("LOOP", 0),
        ("LEAK", 50_000),
        ("RECURSE", 0),
        ("ERROR", 1 << 20),
    ];
    for (name, size) in ATTACKS.into_iter().cycle().skip(number) {
        let query = vec![("size".to_owned(), size.to_string())];
        let attack = VendorRequest { method: name.to_owned(), query, ..VendorRequest::default() };
        // Whatever becomes of it. Where it is refused at once, others are to be let on.
        let _ = hostile.request(attack).await;
        tokio::task::yield_now().await;
    }
}

/// One page after the other of a vendor that refuses, for as long as it is let, each after the wait that was asked for.
async fn ask(throttled: &AccountDirectory) {
    loop {
        let refused = throttled.list_users(PageQuery::default()).await.err();
        let wait = refused.and_then(|error| error.retry_after_ms).unwrap_or(100);
        tokio::time::sleep(Duration::from_millis(wait.into())).await;
    }
}
