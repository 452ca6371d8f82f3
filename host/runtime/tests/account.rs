//! The built-in connector against the emulated vendor, through the public surface of the crate.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may panic")]

use std::future::ready;

use portcullis_directory::{Directory, Effect, ErrorKind, PageQuery, VendorRequest, WriteOptions};
use portcullis_emulator::{Auth, Emulator, Options};
use portcullis_runtime::{
    Account, AccountDirectory, Credential, CredentialError, CredentialProvider, Limits, Runtime, StaticToken,
};

const TOKEN: &str = "open-sesame-open-sesame";

async fn vendor() -> Emulator {
    let auth = Auth::Token(TOKEN.to_owned());
    Emulator::start(Options { users: 120, auth, ..Options::default() }).await.unwrap()
}

async fn bound(vendor: &Emulator, limits: Limits, credentials: impl CredentialProvider) -> AccountDirectory {
    let limits = Limits { concurrent_calls: 16, ..limits };
    let runtime = Runtime::builder().allow_loopback(true).limits(limits).build().unwrap();
    let connector = runtime.load(portcullis_connectors::ZPA).await.unwrap();
    connector.directory(Account::new(vendor.endpoint()).unwrap(), credentials).unwrap()
}

#[tokio::test]
async fn a_page_is_read_with_the_token_on_the_wire() {
    let vendor = vendor().await;
    let directory = bound(&vendor, Limits::default(), StaticToken::new(TOKEN).unwrap()).await;
    let page = directory.list_users(PageQuery::default()).await.unwrap();
    assert_eq!((page.items.len(), page.total), (100, Some(120)));
    let exchanges = vendor.exchanges();
    assert_eq!(exchanges.len(), 1);
    assert_eq!(exchanges[0].request_header("authorization"), Some(format!("Bearer {TOKEN}").as_str()));
}

#[tokio::test]
async fn many_tasks_share_one_handle() {
    let vendor = vendor().await;
    let directory = bound(&vendor, Limits::default(), StaticToken::new(TOKEN).unwrap()).await;
    let tasks = (0..16).map(|_| {
        let directory = directory.clone();
        tokio::spawn(async move { directory.list_users(PageQuery::default()).await.map(|page| page.items.len()) })
    });
    for task in tasks.collect::<Vec<_>>() {
        assert_eq!(task.await.unwrap(), Ok(100));
    }
}

#[tokio::test]
async fn a_missing_credential_is_said_in_the_providers_words() {
    struct Sealed;
    impl CredentialProvider for Sealed {
        fn credential(&self) -> Credential<'_> {
            Box::pin(ready(Err(CredentialError::new("the vault is sealed"))))
        }
    }
    let vendor = vendor().await;
    let directory = bound(&vendor, Limits::default(), Sealed).await;
    let error = directory.list_users(PageQuery::default()).await.unwrap_err();
    assert_eq!(error.message, "there is no credential: the vault is sealed");
    assert_eq!((error.kind, error.code.as_deref()), (ErrorKind::Unauthorized, Some("credential")));
    assert_eq!(vendor.request_count(), 0);
}

#[tokio::test]
async fn a_page_beyond_the_bound_is_an_error_with_the_hosts_reason() {
    let vendor = vendor().await;
    let limits = Limits { reply_bytes: 1000, ..Limits::default() };
    let directory = bound(&vendor, limits, StaticToken::new(TOKEN).unwrap()).await;
    let error = directory.list_users(PageQuery::default()).await.unwrap_err();
    assert_eq!(error.message, "the call has received all of its 1000 bytes");
    assert!(error.is_limit());
}

#[tokio::test]
async fn what_a_dead_vendor_leaves_undone_is_known() {
    let vendor = vendor().await;
    let directory = bound(&vendor, Limits::default(), StaticToken::new(TOKEN).unwrap()).await;
    vendor.shutdown().await;
    let error = directory.delete_user("301188", WriteOptions::default()).await.unwrap_err();
    assert_eq!(error.effect, Effect::None);
}

#[tokio::test]
async fn the_description_is_there_without_an_account() {
    let runtime = Runtime::builder().limits(Limits { concurrent_calls: 1, ..Limits::default() }).build().unwrap();
    let connector = runtime.load(portcullis_connectors::ZPA).await.unwrap();
    assert_eq!(connector.description().name, "zpa");
}

#[tokio::test]
async fn a_write_that_is_denied_while_its_body_is_written_is_forbidden_and_changed_nothing() {
    let vendor = vendor().await;
    let limits = Limits { request_bytes: 10_000, ..Limits::default() };
    let directory = bound(&vendor, limits, StaticToken::new(TOKEN).unwrap()).await;
    let write = |header: &str, bytes| VendorRequest {
        method: "POST".to_owned(),
        path: "Users".to_owned(),
        headers: vec![(header.to_owned(), "x".to_owned())],
        body: Some(vec![b' '; bytes]),
        ..VendorRequest::default()
    };
    for (request, message) in [
        (write("accept", 100_000), "the call has sent all of its 10000 bytes"),
        (write("x-forwarded-for", 100_000), "the request sets the header `x-forwarded-for`, which is not allowed"),
        (write("x-forwarded-for", 1), "the request sets the header `x-forwarded-for`, which is not allowed"),
    ] {
        let error = directory.request(request).await.unwrap_err();
        assert_eq!(error.message, message);
        assert_eq!((error.kind, error.code.as_deref()), (ErrorKind::Forbidden, Some("denied")));
        assert_eq!(error.effect, Effect::None);
    }
    assert_eq!(vendor.request_count(), 0);
}
