//! From a vendor and a source to a plan, as the command makes one.

use std::collections::BTreeMap;

use portcullis_directory::{Directory as _, WalkOptions};
use portcullis_reconcile::{
    ConfirmError, Desired, Digest, Draft, Fields, Inputs, Leavers, Links, Question, Rules, Snapshot, TakeError,
    TakeOptions, Target,
};
use portcullis_tests::House;

/// What is wanted.
pub(crate) struct Order<'a> {
    /// CSV or NDJSON.
    pub(crate) text: &'a str,
    pub(crate) rules: &'a Rules,
    /// Who was who in earlier runs.
    pub(crate) links: &'a [(&'a str, &'a str)],
    pub(crate) leavers: Leavers,
}

/// Reads the directory, so many pages at a time.
pub(crate) async fn take(house: &House, concurrency: u32) -> Result<Snapshot, TakeError> {
    let options = TakeOptions { walk: walk(concurrency), ..TakeOptions::default() };
    Snapshot::take(&house.directory, target(house).await, "2026-01-01T00:00:00Z".to_owned(), &options, |_| {}).await
}

/// Makes the plan.
pub(crate) async fn confirm(
    house: &House,
    snapshot: &mut Snapshot,
    order: &Order<'_>,
    progress: impl FnMut(Question),
) -> Result<Draft, ConfirmError> {
    let fields = Fields::of(&house.directory.describe().await.unwrap());
    let read = if order.text.starts_with('{') { Desired::from_ndjson } else { Desired::from_csv };
    let desired = read("people", order.text.as_bytes(), order.rules, &fields).unwrap();
    let links: Links = order.links.iter().map(|(key, id)| ((*key).to_owned(), (*id).to_owned())).collect();
    let today = BTreeMap::new();
    let make = |snapshot: &Snapshot| {
        let (desired, rules, links, today) = (&desired, order.rules, &links, &today);
        let leavers = order.leavers;
        let quarantined = &BTreeMap::new();
        let inputs =
            Inputs { snapshot, desired, rules, links, last: None, today, quarantined, leavers, only_add: false };
        portcullis_reconcile::draft(inputs, "2026-01-01T00:00:00Z")
    };
    portcullis_reconcile::confirm(&house.directory, snapshot, walk(8), make, progress).await
}

/// The directory as it is reached.
pub(crate) async fn target(house: &House) -> Target {
    let description = house.directory.describe().await.unwrap();
    Target::new(&house.vendor.endpoint(), None, Digest::of(portcullis_connectors::ZPA), &description)
}

fn walk(concurrency: u32) -> WalkOptions {
    WalkOptions { concurrency, ..WalkOptions::default() }
}

/// A tenant that was seen to send the members of a group.
pub(crate) const SETTLED: &str = r#"{"quirks":{"missing-members":"empty"}}"#;
