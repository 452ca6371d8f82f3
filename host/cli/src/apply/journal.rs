//! The journal in the store, which also counts what was applied for the limits of a day.

use std::collections::HashMap;

use portcullis_reconcile::{Action, Begun, Journal, JournalError, Outcome, Plan, Receipt, Step};
use portcullis_store::{Error, Journal as StoreJournal, Store};

use super::quarantine;
use crate::accounts;

/// A journal that counts.
pub(super) struct Counting<'a> {
    journal: StoreJournal,
    store: &'a Store,
    endpoint: &'a str,
    actions: HashMap<u32, &'a Action>,
}

impl<'a> Counting<'a> {
    pub(super) fn new(journal: StoreJournal, store: &'a Store, plan: &'a Plan) -> Counting<'a> {
        let actions = plan.actions.iter().map(|action| (action.number, action)).collect();
        Counting { journal, store, endpoint: &plan.target.endpoint, actions }
    }

    /// Nothing of the plan is left.
    pub(super) async fn end(&self, now: i64) -> Result<(), Error> {
        self.journal.end(now).await
    }
}

impl Journal for Counting<'_> {
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

    async fn conclude(&self, outcomes: &[(u32, Outcome)]) -> Result<(), JournalError> {
        Journal::conclude(&self.journal, outcomes).await?;
        let steps: Vec<_> = outcomes
            .iter()
            .filter_map(|(number, outcome)| {
                let action = (*self.actions.get(number)?).clone();
                Some(Step { action, outcome: outcome.clone() })
            })
            .collect();
        for (kind, count) in Receipt::applied(&steps) {
            let counted = self.store.record_applied(self.endpoint, kind, count, accounts::now()).await;
            counted.map_err(|error| JournalError(error.to_string()))?;
        }
        Ok(())
    }
}
