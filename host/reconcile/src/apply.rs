//! Applying a plan: that plan and nothing else, each action written down before and after it is made.
//!
//! [`apply`] first looks at everything that may speak against the plan, reads every object that it changes, and refuses
//! all of it or none. Then it goes through the actions in the order of the cases of [`Operation`], those of one case side
//! by side. What a broken connection or a crash leaves unknown is settled by reading and never by guessing: an action
//! that a [`Journal`] calls begun is looked for before it is made again.
//!
//! It never writes to an object that is not as the plan says, never makes an object twice, and never rewrites a list of
//! members. It keeps no time and never waits.

mod check;
mod choice;
mod field;
mod journal;
mod membership;
mod outcome;
mod perform;
mod receipt;
mod refusal;
mod run;
mod settle;
mod stale;

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, Ordering};

use portcullis_directory::Directory;

pub use choice::{Choice, Selector, SelectorError};
pub use journal::{Begun, Journal, JournalError, NoJournal};
pub use outcome::{Outcome, Verdict};
pub use receipt::{Counts, KnownLink, Receipt, Step};
pub use refusal::{Change, Refusal};

use crate::digest::Digest;
use crate::plan::Plan;
use crate::target::Target;

/// How a plan is applied.
#[derive(Clone, Debug)]
pub struct ApplyOptions {
    /// Which of its actions are made.
    pub choice: Choice,
    /// Whether an action that fails ends the run. What is under way by then is finished.
    pub stops_on_error: bool,
    /// Whether each write is read back and compared.
    pub verify: bool,
    /// The digest of the plan, from whoever applies it although it goes beyond its limits.
    pub override_guards: Option<Digest>,
    /// Calls that are under way at the same time.
    pub concurrency: NonZeroUsize,
}

impl Default for ApplyOptions {
    fn default() -> Self {
        ApplyOptions {
            choice: Choice::default(),
            stops_on_error: true,
            verify: false,
            override_guards: None,
            concurrency: NonZeroUsize::MIN.saturating_add(3),
        }
    }
}

/// What whoever started a run hears and says while it goes on.
pub trait Observer: Sync {
    /// So many of the objects that the plan touches are compared, of how many.
    fn compared(&self, _objects: usize, _of: usize) {}

    /// So many actions are to be made.
    fn begins(&self, _actions: usize) {}

    /// An action came to its end.
    fn settled(&self, _step: &Step) {}

    /// Whether nothing more is to be begun.
    fn wants_to_stop(&self) -> bool {
        false
    }
}

/// Nobody listens, and the flag stops the run.
impl Observer for AtomicBool {
    fn wants_to_stop(&self) -> bool {
        self.load(Ordering::Relaxed)
    }
}

/// Looks for everything in a plan itself that speaks against applying it to this target. Sends nothing.
pub fn check(plan: &Plan, target: &Target, override_guards: Option<&Digest>) -> Result<(), Refusal> {
    check::check(plan, target, override_guards)
}

/// Applies a plan to a directory, or refuses it before the first write. `target` is the directory as it is reached now.
///
/// A journal that knows actions of this plan makes it go on where it broke off.
pub async fn apply<D: Directory, J: Journal>(
    plan: &Plan,
    target: &Target,
    directory: &D,
    journal: &J,
    options: &ApplyOptions,
    observer: &impl Observer,
) -> Result<Receipt, Refusal> {
    check::check(plan, target, options.override_guards.as_ref())?;
    let begun = journal.begun().await.map_err(Refusal::Journal)?;
    let run = run::Run::new(plan, directory, journal, options, begun);
    let chosen = run.choose(&options.choice)?;
    stale::check(&run, &chosen, observer).await?;
    Ok(run.perform(&chosen, observer).await)
}
