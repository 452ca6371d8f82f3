//! What the parts cost, each by itself: `cargo bench --workspace --all-features --bench parts`, with part of a name
//! behind `--` for some of them. Whole runs, beside their peers, are those of `tests/bench`.
//!
//! The page is one of 100 users, as the emulator sends it.

#![allow(clippy::unwrap_used, missing_docs, reason = "a measurement fails by panic")]

use std::sync::LazyLock;

use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use portcullis_directory::{Directory as _, PageQuery};
use portcullis_runtime::{CodeKey, Runtime};
use portcullis_tests::{House, page};
use portcullis_zpa::account::Account;
use portcullis_zpa::tape::Tape;
use portcullis_zpa::wit;

fn main() {
    divan::main();
}

/// A vendor on loopback, and what was read from it.
struct Fixture {
    executor: tokio::runtime::Runtime,
    house: House,
    /// The body of its first page.
    page: String,
    next_cursor: String,
}

static FIXTURE: LazyLock<Fixture> = LazyLock::new(|| {
    let executor = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let (house, page, next_cursor) = executor.block_on(async {
        let house = House::new(1000, 40).await;
        let page = String::from_utf8(page::body(&house).await).unwrap();
        let first = house.directory.list_users(PageQuery::default()).await.unwrap();
        (house, page, first.next_cursor.unwrap())
    });
    Fixture { executor, house, page, next_cursor }
});

fn account(settings: Option<&str>) -> wit::Account {
    wit::Account { endpoint: "https://vendor.example/v2".to_owned(), settings: settings.map(str::to_owned) }
}

// The connector's core, natively.

#[divan::bench]
fn page_as_json(bencher: Bencher) {
    let page = &FIXTURE.page;
    assert!(Tape::read(page).is_ok());
    bencher.counter(BytesCount::of_str(page)).bench(|| Tape::read(black_box(page)));
}

#[divan::bench]
fn page_as_users(bencher: Bencher) {
    let account = Account::parse(&account(None)).unwrap();
    let users = || page::natively(&account, FIXTURE.page.as_bytes());
    assert_eq!(users().items.len(), 100);
    bencher.counter(ItemsCount::new(100_u32)).bench(users);
}

#[divan::bench]
fn settings(bencher: Bencher) {
    let account = account(Some(
        r#"{"mapping":{"user":{"title":{"read":"jobTitle"},"custom.badge":{"type":"number","read":"badge"}}},
            "quirks":{"missing-members":"empty"}}"#,
    ));
    assert!(Account::parse(&account).is_ok());
    bencher.bench(|| Account::parse(black_box(&account)));
}

// The host.

/// A fresh instance with every limit on, and next to nothing to do.
#[divan::bench]
fn call(bencher: Bencher) {
    let Fixture { executor, house, next_cursor, .. } = &*FIXTURE;
    bencher.bench_local(|| executor.block_on(house.directory.page_cursors(next_cursor, 1)).unwrap());
}

/// From the emulator, over TCP.
#[divan::bench]
fn page_of_users(bencher: Bencher) {
    let Fixture { executor, house, .. } = &*FIXTURE;
    let page = || executor.block_on(house.directory.list_users(PageQuery::default())).unwrap();
    assert_eq!(page().items.len(), 100);
    bencher.counter(ItemsCount::new(100_u32)).bench_local(page);
}

#[divan::bench(sample_count = 10, sample_size = 1)]
fn load_and_compile(bencher: Bencher) {
    let runtime = Runtime::new().unwrap();
    bencher.bench_local(|| FIXTURE.executor.block_on(runtime.load(portcullis_connectors::ZPA)).unwrap());
}

#[divan::bench]
fn load_compiled(bencher: Bencher) {
    let code = std::env::temp_dir().join(format!("portcullis-parts-{}", std::process::id()));
    let runtime = Runtime::builder().code_cache(&code, CodeKey::new([7; 32])).build().unwrap();
    let load = || FIXTURE.executor.block_on(runtime.load(portcullis_connectors::ZPA)).unwrap();
    load();
    bencher.bench_local(load);
    std::fs::remove_dir_all(code).unwrap();
}
