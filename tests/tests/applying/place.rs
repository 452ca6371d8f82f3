//! A directory for a store that no other test has.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use portcullis_reconcile::{Begun, JournalError, Step};
use portcullis_store::{Journal, KeySource, Store};

/// A directory, removed with it.
pub(crate) struct Place(PathBuf);

impl Place {
    pub(crate) fn new() -> Place {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        Place(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("apply-{}-{number}", std::process::id())))
    }

    /// The journal of a plan, opened as another process would.
    pub(crate) async fn journal(&self, plan: &portcullis_reconcile::Plan) -> Journal {
        self.store().await.journal(&plan.target.endpoint, plan.digest.as_str(), 1_780_000_000).await.unwrap()
    }

    /// What counts towards the limits of a day.
    pub(crate) async fn counted(&self, plan: &portcullis_reconcile::Plan) -> BTreeMap<String, u64> {
        self.store().await.count_applied(&plan.target.endpoint, 0).await.unwrap()
    }

    async fn store(&self) -> Store {
        Store::open(&self.0, KeySource::own()).await.unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A journal in a directory of its own.
pub(crate) struct Fresh {
    journal: Journal,
    _place: Place,
}

impl Fresh {
    pub(crate) async fn of(plan: &portcullis_reconcile::Plan) -> Fresh {
        let place = Place::new();
        Fresh { journal: place.journal(plan).await, _place: place }
    }
}

impl portcullis_reconcile::Journal for Fresh {
    async fn begun(&self) -> Result<Begun, JournalError> {
        portcullis_reconcile::Journal::begun(&self.journal).await
    }

    async fn intend(&self, numbers: &[u32]) -> Result<(), JournalError> {
        portcullis_reconcile::Journal::intend(&self.journal, numbers).await
    }

    async fn conclude(&self, steps: &[Step]) -> Result<(), JournalError> {
        portcullis_reconcile::Journal::conclude(&self.journal, steps).await
    }
}
