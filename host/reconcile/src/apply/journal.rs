//! What a run writes down before and after each action, and what a later one reads there.

use std::collections::BTreeMap;
use std::time::SystemTime;

use super::outcome::Outcome;
use super::receipt::{Receipt, Step};

/// The actions that were begun, by their numbers, and what came of each; `None` where that is unknown.
pub type Begun = BTreeMap<u32, Option<Outcome>>;

/// The journal could not be read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the journal: {0}")]
pub struct JournalError(pub String);

/// A journal of one plan at one directory. What it was given is kept, whatever happens, once a function has answered.
///
/// An implementation may write `async fn`, as long as its futures are `Send`.
pub trait Journal: Send + Sync {
    /// What is written down.
    fn begun(&self) -> impl Future<Output = Result<Begun, JournalError>> + Send;

    /// These actions are about to be made: their effect is unknown from now on.
    fn intend(&self, numbers: &[u32]) -> impl Future<Output = Result<(), JournalError>> + Send;

    /// That came of them.
    fn conclude(&self, steps: &[Step]) -> impl Future<Output = Result<(), JournalError>> + Send;
}

/// The journal in the store, which is on the disk. It also counts what was applied, for the limits of a day.
impl Journal for portcullis_store::Journal {
    async fn begun(&self) -> Result<Begun, JournalError> {
        let mut begun = Begun::new();
        for entry in self.entries().await.map_err(failed)? {
            let outcome = match entry.outcome {
                None => None,
                Some(text) => Some(serde_json::from_str(&text).map_err(|error| {
                    JournalError(format!("what came of the action {} cannot be read: {error}", entry.number))
                })?),
            };
            begun.insert(entry.number, outcome);
        }
        Ok(begun)
    }

    async fn intend(&self, numbers: &[u32]) -> Result<(), JournalError> {
        portcullis_store::Journal::intend(self, numbers).await.map_err(failed)
    }

    async fn conclude(&self, steps: &[Step]) -> Result<(), JournalError> {
        let text = |step: &Step| {
            let text = serde_json::to_string(&step.outcome).map_err(|error| JournalError(error.to_string()));
            text.map(|text| (step.action.number, text))
        };
        let outcomes = steps.iter().map(text).collect::<Result<Vec<_>, _>>()?;
        let elapsed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let now = i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX);
        portcullis_store::Journal::conclude(self, &outcomes, &Receipt::applied(steps), now).await.map_err(failed)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the form that `map_err` takes")]
fn failed(error: portcullis_store::Error) -> JournalError {
    JournalError(error.to_string())
}

/// No journal: for a dry run, of which nothing is left behind.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoJournal;

impl Journal for NoJournal {
    async fn begun(&self) -> Result<Begun, JournalError> {
        Ok(Begun::new())
    }

    async fn intend(&self, _: &[u32]) -> Result<(), JournalError> {
        Ok(())
    }

    async fn conclude(&self, _: &[Step]) -> Result<(), JournalError> {
        Ok(())
    }
}
