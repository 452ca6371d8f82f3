//! What a vendor with limits sees of the host, in minutes that the clock of the tests makes of moments.

#![allow(
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "functions of tests fail by panic"
)]

use std::io;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};

use portcullis_directory::{Directory as _, Effect, Error, ErrorKind, PageQuery, Reply, VendorRequest, WriteOptions};
use portcullis_emulator::{Exchange, Options};
use portcullis_runtime::{Account, AccountDirectory, Pace, Runtime, SharedPace, StaticToken};
use portcullis_store::PaceFiles;
use portcullis_tests::{House, TOKEN};
use tokio::time::Instant;

/// The vendor's clock is that of the tests, too.
fn clock() -> SystemTime {
    static START: OnceLock<Instant> = OnceLock::new();
    let elapsed = Instant::now().saturating_duration_since(*START.get_or_init(Instant::now));
    SystemTime::UNIX_EPOCH + Duration::from_hours(500_000) + elapsed
}

/// A vendor that takes so many updates a second and does not say so.
async fn house(limit: u32) -> House {
    let mut options = Options { users: 20, groups: 2, record: 100_000, record_body: 0, clock, ..Options::default() };
    options.switches.updates_per_second = limit;
    House::at(Pace::default(), options, None).await
}

fn update(house: &House) -> VendorRequest {
    let body = br#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations":[{"op":"replace","path":"title","value":"Counsel"}]}"#;
    VendorRequest {
        method: "PATCH".to_owned(),
        path: format!("Users/{}", house.vendor.users()[0].id),
        headers: vec![("content-type".to_owned(), "application/scim+json".to_owned())],
        body: Some(body.to_vec()),
        ..VendorRequest::default()
    }
}

/// Sends updates side by side for as long, and answers how many were done. Those that find no turn try again.
async fn bulk(directory: AccountDirectory, request: VendorRequest, time: Duration) -> u32 {
    let end = Instant::now() + time;
    let workers = (0..4).map(|_| {
        let (directory, request) = (directory.clone(), request.clone());
        tokio::spawn(async move {
            let mut done = 0;
            while Instant::now() < end {
                if directory.request(request.clone()).await.is_ok_and(|reply| reply.status == 200) {
                    done += 1;
                }
            }
            done
        })
    });
    let mut done = 0;
    for worker in workers.collect::<Vec<_>>() {
        done += worker.await.unwrap();
    }
    done
}

/// The part of the vendor's answers that refused.
fn refused(exchanges: &[Exchange]) -> f64 {
    let refused = exchanges.iter().filter(|exchange| exchange.status == Some(429)).count();
    f64::from(u32::try_from(refused).unwrap()) / f64::from(u32::try_from(exchanges.len()).unwrap())
}

const WARM_UP: Duration = Duration::from_secs(45);
const MEASURED: Duration = Duration::from_secs(90);

#[tokio::test(start_paused = true)]
async fn a_hidden_limit_is_used_and_hardly_ever_met() {
    for limit in [8, 20] {
        let house = house(limit).await;
        bulk(house.directory.clone(), update(&house), WARM_UP).await;
        house.vendor.clear_exchanges();
        let done = bulk(house.directory.clone(), update(&house), MEASURED).await;
        let used = f64::from(done) / MEASURED.as_secs_f64() / f64::from(limit);
        let refused = refused(&house.vendor.exchanges());
        println!("limit {limit}: {:.1} % used, {:.2} % refused", used * 100.0, refused * 100.0);
        assert!(used >= 0.8, "{limit}: {used}");
        assert!(refused < 0.02, "{limit}: {refused}");
    }
}

#[tokio::test(start_paused = true)]
async fn two_accounts_of_a_host_share_its_limit_fairly() {
    let house = house(20).await;
    let account = Account::new(house.vendor.endpoint()).unwrap();
    // It began earlier and faster.
    let quick = account.clone().with_pace(Pace { writes_per_second: 30, ..Pace::default() });
    let bound = |account| house.connector.directory(account, StaticToken::new(TOKEN).unwrap()).unwrap();
    let (quick, slow) = (bound(quick), bound(account));
    bulk(quick.clone(), update(&house), Duration::from_secs(5)).await;
    tokio::join!(bulk(quick.clone(), update(&house), WARM_UP), bulk(slow.clone(), update(&house), WARM_UP));
    house.vendor.clear_exchanges();
    let (quick, slow) = tokio::join!(bulk(quick, update(&house), MEASURED), bulk(slow, update(&house), MEASURED));
    let (most, least) = (f64::from(quick.max(slow)), f64::from(quick.min(slow)));
    let used = (most + least) / MEASURED.as_secs_f64() / 20.0;
    let refused = refused(&house.vendor.exchanges());
    println!("{quick} and {slow}: {:.1} % used, {:.2} % refused", used * 100.0, refused * 100.0);
    assert!(least >= 0.8 * most && used >= 0.8 && refused < 0.02, "{quick} {slow} {used} {refused}");
}

/// The files of the store, by the clock of the tests.
struct Meeting(PaceFiles);

impl SharedPace for Meeting {
    fn now(&self) -> Duration {
        clock().duration_since(SystemTime::UNIX_EPOCH).unwrap()
    }

    fn update(&self, account: &str, step: &mut dyn FnMut(&mut Vec<u8>)) -> io::Result<()> {
        self.0.update(account, step)
    }
}

/// Runtimes that have nothing in common but files, as processes have.
#[tokio::test(start_paused = true)]
async fn processes_that_share_an_account_use_its_hidden_limit_together_and_hardly_ever_meet_it() {
    let place = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("pace-{}", std::process::id()));
    let house = house(20).await;
    let process = async || {
        let builder = Runtime::builder().allow_loopback(true).shared_pace(Meeting(PaceFiles::new(&place)));
        let connector = builder.build().unwrap().load(portcullis_connectors::ZPA).await.unwrap();
        let account = Account::new(house.vendor.endpoint()).unwrap();
        connector.directory(account, StaticToken::new(TOKEN).unwrap()).unwrap()
    };
    let (one, other) = (process().await, process().await);
    tokio::join!(bulk(one.clone(), update(&house), WARM_UP), bulk(other.clone(), update(&house), WARM_UP));
    house.vendor.clear_exchanges();
    let (one, other) = tokio::join!(bulk(one, update(&house), MEASURED), bulk(other, update(&house), MEASURED));
    let used = f64::from(one + other) / MEASURED.as_secs_f64() / 20.0;
    let refused = refused(&house.vendor.exchanges());
    println!("{one} and {other}: {:.1} % used, {:.2} % refused", used * 100.0, refused * 100.0);
    assert!(one > 0 && other > 0 && used >= 0.8 && refused < 0.02, "{one} {other} {used} {refused}");
    std::fs::remove_dir_all(place).unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_urgent_call_waits_for_one_request_at_most() {
    let house = Arc::new(house(0).await);
    let bulk: Vec<_> = (0..60)
        .map(|_| {
            let (directory, request) = (house.directory.clone(), update(&house));
            tokio::spawn(async move { directory.request(request).await.map(|reply| reply.status) })
        })
        .collect();
    // The burst is gone, and forty wait.
    tokio::time::sleep(Duration::from_millis(500)).await;
    let (before, start) = (house.vendor.request_count(), Instant::now());
    let leaver = house.vendor.users()[1].id.clone();
    house.directory.urgent().set_user_active(&leaver, false, WriteOptions::default()).await.unwrap();
    let (between, waited) = (house.vendor.request_count() - before - 1, start.elapsed());
    println!("waited {waited:?} and for {between} requests");
    // Five a second: the time of one.
    assert!(between <= 1 && waited <= Duration::from_millis(210), "{between} {waited:?}");
    for request in bulk {
        assert_eq!(request.await.unwrap(), Ok(200));
    }
}

/// A house where this goes wrong, at the usual pace.
async fn faulty(rules: &[&str]) -> House {
    let faults = rules.iter().map(|rule| rule.parse().unwrap()).collect();
    House::at(Pace::default(), Options { users: 20, groups: 2, faults, ..Options::default() }, None).await
}

async fn send(house: &House, method: &str) -> Result<Reply, Error> {
    let (method, path) = (method.to_owned(), format!("Users/{}", house.vendor.users()[0].id));
    let body = Some(b"{}".to_vec()).filter(|_| method != "GET" && method != "DELETE");
    house.directory.request(VendorRequest { method, path, body, ..VendorRequest::default() }).await
}

#[tokio::test(start_paused = true)]
async fn a_vendor_that_asks_to_wait_is_waited_for_in_every_form() {
    for form in ["retry-after=7", "retry-after=7s", "retry-after=date+7", "x-ratelimit-reset=7"] {
        for method in ["GET", "PATCH"] {
            let house = faulty(&[&format!("status=429 {form} times=2")]).await;
            let start = Instant::now();
            let reply = send(&house, method).await.unwrap();
            let waited = start.elapsed();
            assert!((Duration::from_secs(14)..Duration::from_secs(16)).contains(&waited), "{form} {waited:?}");
            let tries = reply.headers.iter().find(|(name, _)| name == "x-portcullis-tries");
            assert_eq!(tries.map(|(_, value)| value.as_str()), Some("3"), "{form} {method}");
            assert_eq!(house.vendor.request_count(), 3);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_beyond_the_budget_ends_at_once_with_the_vendors_answer() {
    let house = faulty(&["status=429 retry-after=3600"]).await;
    let start = Instant::now();
    let err = house.directory.list_users(PageQuery::default()).await.unwrap_err();
    assert_eq!((err.kind, err.http_status), (ErrorKind::RateLimited, Some(429)));
    assert_eq!(err.retry_after_ms, Some(3_600_000));
    // Nor is the next one sent before.
    let err = house.directory.list_users(PageQuery::default()).await.unwrap_err();
    assert_eq!((err.kind, err.code.as_deref(), err.effect), (ErrorKind::RateLimited, Some("paced"), Effect::None));
    assert!(err.retry_after_ms.is_some_and(|wait| wait >= 3_599_000), "{err:?}");
    assert!(start.elapsed() < Duration::from_secs(1));
    assert_eq!(house.vendor.request_count(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_may_have_been_done_is_sent_again_only_where_twice_is_once() {
    for fault in ["status=503 times=1", "reset=after times=1"] {
        for (method, requests) in [("GET", 2), ("DELETE", 2), ("PATCH", 1)] {
            let house = faulty(&[fault]).await;
            let done = send(&house, method).await.map(|reply| reply.status);
            assert_eq!(house.vendor.request_count(), requests, "{fault} {method}: {done:?}");
            match (method, fault.starts_with("reset")) {
                ("PATCH", true) => assert_eq!(done.unwrap_err().effect, Effect::Unknown),
                ("PATCH", false) => assert_eq!(done, Ok(503)),
                _ => assert!(done.is_ok_and(|status| status < 300)),
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_says_how_often_it_was_tried() {
    let house = faulty(&["status=502 body=empty"]).await;
    let err = house.directory.list_users(PageQuery::default()).await.unwrap_err();
    assert_eq!(err.message, "after 4 tries: the vendor is out of order");
    assert_eq!((err.http_status, house.vendor.request_count()), (Some(502), 4));
}

#[tokio::test(start_paused = true)]
async fn what_finds_no_room_to_wait_is_told_so_at_once() {
    let pace = Pace { concurrency: 1, queue: 2, ..Pace::steady(1) };
    let house = House::at(pace, Options { users: 20, groups: 2, ..Options::default() }, None).await;
    let calls: Vec<_> = (0..6)
        .map(|_| {
            let directory = house.directory.clone();
            tokio::spawn(async move { directory.list_users(PageQuery::default()).await.map(drop) })
        })
        .collect();
    let mut busy = Vec::new();
    for call in calls {
        busy.extend(call.await.unwrap().err());
    }
    let message = "2 requests of the account are waiting for their turn, which is as many as may";
    assert!(!busy.is_empty());
    for err in busy {
        assert_eq!((err.kind, err.code.as_deref()), (ErrorKind::Unavailable, Some("busy")));
        assert_eq!((err.message.as_str(), err.effect), (message, Effect::None));
    }
}
