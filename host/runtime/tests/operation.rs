//! What a call is named in traces.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use portcullis_directory::{Directory, GroupKey, PageQuery, ReadOptions, UserKey, VendorRequest, WriteOptions};
use portcullis_runtime::{Account, Limits, Runtime, StaticToken};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Keeps the field `operation` of every span.
#[derive(Clone, Default)]
struct Operations(Arc<Mutex<BTreeSet<String>>>);

impl Visit for Operations {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "operation" {
            self.0.lock().unwrap().insert(value.to_owned());
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}

impl Subscriber for Operations {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_span()
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut self.clone());
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &Event<'_>) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn a_call_is_named_as_the_connector_describes_it() {
    let operations = Operations::default();
    let _guard = tracing::subscriber::set_default(operations.clone());
    // Every call fails, which is all the same to its name.
    let runtime = Runtime::builder().limits(Limits { requests: 0, ..Limits::default() }).build().unwrap();
    let connector = runtime.load(portcullis_connectors::ZPA).await.unwrap();
    let account = Account::new("https://vendor.example/v2").unwrap();
    let directory = connector.directory(account, StaticToken::new("open-sesame").unwrap()).unwrap();
    let (page, read, write) = (PageQuery::default, ReadOptions::default(), WriteOptions::default());
    let _ = directory.list_users(page()).await;
    let _ = directory.get_user("1", read).await;
    let _ = directory.find_user(&UserKey::Username("ada".to_owned()), read).await;
    let _ = directory.create_user(&[], write).await;
    let _ = directory.update_user("1", &[], write).await;
    let _ = directory.set_user_active("1", true, write).await;
    let _ = directory.delete_user("1", write).await;
    let _ = directory.list_groups(page()).await;
    let _ = directory.get_group("1", read).await;
    let _ = directory.find_group(&GroupKey::Name("all".to_owned()), read).await;
    let _ = directory.create_group(&[], write).await;
    let _ = directory.update_group("1", &[], write).await;
    let _ = directory.delete_group("1", write).await;
    let _ = directory.list_members("1", page()).await;
    let _ = directory.add_members("1", &[], write).await;
    let _ = directory.remove_members("1", &[], write).await;
    let _ = directory.page_cursors("", 1).await;
    let _ = directory.request(VendorRequest::default()).await;

    // `find-user:username` is one way of `find-user`.
    let described = connector.description().operations.iter();
    let described: BTreeSet<_> =
        described.map(|operation| operation.name.split(':').next().unwrap_or_default().to_owned()).collect();
    assert_eq!(*operations.0.lock().unwrap(), described);
}
