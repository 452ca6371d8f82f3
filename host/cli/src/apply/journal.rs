//! The journal in the store, which begins nothing that a quarantine forbids.

use std::collections::HashMap;

use portcullis_reconcile::{Action, Begun, Journal, JournalError, Plan, Step};
use portcullis_store::{Error, Journal as StoreJournal, Store};

use super::quarantine;

/// A journal that looks at who is in quarantine.
pub(super) struct Guarded<'a> {
    journal: StoreJournal,
    store: &'a Store,
    endpoint: &'a str,
    actions: HashMap<u32, &'a Action>,
}

impl<'a> Guarded<'a> {
    pub(super) fn new(journal: StoreJournal, store: &'a Store, plan: &'a Plan) -> Guarded<'a> {
        let actions = plan.actions.iter().map(|action| (action.number, action)).collect();
        Guarded { journal, store, endpoint: &plan.target.endpoint, actions }
    }

    /// Nothing of the plan is left.
    pub(super) async fn end(&self, now: i64) -> Result<(), Error> {
        self.journal.end(now).await
    }
}

impl Journal for Guarded<'_> {
    async fn begun(&self) -> Result<Begun, JournalError> {
        self.journal.begun().await
    }

    async fn intend(&self, numbers: &[u32]) -> Result<(), JournalError> {
        // Somebody may have been put into quarantine since the run began.
        let actions: Vec<_> = numbers.iter().filter_map(|number| self.actions.get(number).copied()).collect();
        let conflict = quarantine::conflict(&actions, self.store, self.endpoint).await;
        if let Some(what) = conflict.map_err(|error| JournalError(format!("{error:#}")))? {
            return Err(JournalError(format!("{what}; it was not begun")));
        }
        Journal::intend(&self.journal, numbers).await
    }

    async fn conclude(&self, steps: &[Step]) -> Result<(), JournalError> {
        Journal::conclude(&self.journal, steps).await
    }
}
