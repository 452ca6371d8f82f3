//! What is left of one call for the next.

use portcullis_directory::{Directory as _, ErrorKind, PageQuery};
use portcullis_emulator::{Auth, Emulator, Options};
use portcullis_runtime::StaticToken;
use portcullis_tests::{House, TOKEN};

use crate::attack::{account, connector, naive};
use crate::naive::Naive;

#[tokio::test]
async fn a_connector_remembers_nothing_of_another_accounts_call() {
    let (first, second) = ("http://127.0.0.1:9/first", "http://127.0.0.1:9/second");
    let connector = connector().await;
    let bound = |endpoint| connector.directory(account(endpoint), StaticToken::new(TOKEN).unwrap()).unwrap();
    let query = |cursor: &str| PageQuery { cursor: Some(cursor.to_owned()), ..PageQuery::default() };
    // The connector keeps what it is given, and gives out what it finds.
    for directory in [bound(first), bound(second)] {
        assert_eq!(directory.list_users(query("a-cursor")).await.unwrap().next_cursor, None);
    }

    let mut naive = naive(first).await;
    assert_eq!(naive.next_cursor(Some("a-cursor")).await, None);
    let mut naive = naive.at(second);
    assert_eq!(naive.next_cursor(Some("")).await.as_deref(), Some("http://127.0.0.1:9/first a-cursor"));
}

#[tokio::test]
async fn an_instance_that_is_kept_for_many_calls_is_as_large_after_each_as_after_the_first() {
    let options = Options { users: 150, groups: 10, auth: Auth::None, ..Options::default() };
    let vendor = Emulator::start(options).await.unwrap();
    let mut naive = Naive::load(portcullis_connectors::ZPA, &vendor.endpoint()).await.unwrap();
    let cursor = naive.next_cursor(None).await.unwrap();
    let memory = naive.memory();
    assert!(memory >= 1 << 17, "{memory}");
    for _ in 0..50 {
        assert_eq!(naive.next_cursor(Some(&cursor)).await, None);
        assert_eq!(naive.next_cursor(None).await.as_ref(), Some(&cursor));
    }
    assert_eq!(naive.memory(), memory);
}

#[tokio::test]
async fn a_cursor_of_one_account_is_refused_in_another() {
    let (mine, other) = (House::new(150, 1).await, House::new(150, 1).await);
    let page = mine.directory.list_users(PageQuery::default()).await.unwrap();
    let query = PageQuery { cursor: page.next_cursor, ..PageQuery::default() };
    other.vendor.clear_exchanges();
    let error = other.directory.list_users(query.clone()).await.unwrap_err();
    assert_eq!((error.kind, other.vendor.exchanges().len()), (ErrorKind::InvalidInput, 0), "{error}");
    assert_eq!(mine.directory.list_users(query).await.unwrap().items.len(), 50);
    // That is the connector's promise and not the host's, so a naive host with this connector keeps it, too.
}
