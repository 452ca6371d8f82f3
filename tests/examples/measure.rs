//! The figures of the README: `cargo run --release -p portcullis-tests --example measure`.
//!
//! The vendor is the emulator in the same process, so the two share the machine. Of repeated measurements the least is
//! printed, as the one with the least noise of others in it.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a measurement reports, and fails by panic")]

use std::time::{Duration, Instant};

use portcullis_directory::{Directory as _, PageQuery, Walk, WalkOptions};
use portcullis_emulator::{Auth, Emulator, Options};
use portcullis_runtime::{Account, Pace, Runtime, StaticToken};
use portcullis_tests::TOKEN;

const USERS: u32 = 20_000;

#[tokio::main]
async fn main() {
    println!("component                          {} bytes", portcullis_connectors::ZPA.len());
    let start = Instant::now();
    let runtime = Runtime::builder().allow_loopback(true).build().unwrap();
    println!("runtime                            {:?}", start.elapsed());
    let start = Instant::now();
    let connector = runtime.load(portcullis_connectors::ZPA).await.unwrap();
    println!("compile and load the connector     {:?}", start.elapsed());

    let auth = Auth::Token(TOKEN.to_owned());
    let vendor = Emulator::start(Options { users: USERS, auth, record: 0, ..Options::default() }).await.unwrap();
    let account = Account::new(vendor.endpoint()).unwrap().with_pace(Pace::unlimited());
    let directory = connector.directory(account, StaticToken::new(TOKEN).unwrap()).unwrap();
    println!("pace                               {}", directory.pace());
    let page = directory.list_users(PageQuery::default()).await.unwrap();
    let next = page.next_cursor.unwrap();

    let mut least = Duration::MAX;
    for _ in 0..5000 {
        let start = Instant::now();
        directory.page_cursors(&next, 1).await.unwrap();
        least = least.min(start.elapsed());
    }
    println!("fresh instance and page-cursors    {least:?}");

    let mut least = Duration::MAX;
    for _ in 0..300 {
        let start = Instant::now();
        let page = directory.list_users(PageQuery::default()).await.unwrap();
        least = least.min(start.elapsed());
        assert_eq!(page.items.len(), 100);
    }
    println!("fresh instance and a page of 100   {least:?}");

    let mut least = Duration::MAX;
    for _ in 0..3 {
        let start = Instant::now();
        let mut walk = Walk::users(&directory, WalkOptions::default());
        let mut users = 0;
        while let Some(page) = walk.next_page().await.unwrap() {
            users += page.items.len();
        }
        assert_eq!(users, 20_000);
        least = least.min(start.elapsed());
    }
    println!("walk of {USERS} users               {:.0} users/s", f64::from(USERS) / least.as_secs_f64());
}
