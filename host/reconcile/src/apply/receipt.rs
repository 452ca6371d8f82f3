//! What a run did: the document that is kept of it.

mod page;

use portcullis_directory::Effect;
use serde::{Deserialize, Serialize};

use super::outcome::{Outcome, Verdict};
use crate::action::{Action, Operation};
use crate::digest::Digest;
use crate::plan::{Plan, Source, Trip};
use crate::target::Target;

/// What came of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The version of the format: [`Receipt::VERSION`].
    pub receipt: u32,
    /// The plan that was applied.
    pub plan: Digest,
    /// The directory.
    pub target: Target,
    /// What the plan was made from.
    pub source: Source,
    /// When the run began, RFC 3339 in UTC.
    pub started_at: String,
    /// When it ended.
    pub ended_at: String,
    /// Whether nothing was sent, and the outcomes are made up.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_dry_run: bool,
    /// Whether earlier runs had begun the plan; what they did is in the receipt as well.
    pub is_resumed: bool,
    /// Limits that the plan goes beyond, and that were overridden by naming it.
    pub overridden: Vec<Trip>,
    /// Why the run ended before it came through; nothing where it did come through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub halted: Option<String>,
    /// How many actions came to which end.
    pub counts: Counts,
    /// Every action of the plan.
    pub actions: Vec<Step>,
}

/// How many actions came to which end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Were made.
    pub done: u64,
    /// Were so already.
    pub unchanged: u64,
    /// Were not tried.
    pub skipped: u64,
    /// Were refused, or met what the plan does not say.
    pub failed: u64,
    /// Are to be tried again.
    pub to_retry: u64,
}

/// An action and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The action.
    #[serde(flatten)]
    pub action: Action,
    /// What came of it.
    pub outcome: Outcome,
}

impl Step {
    pub(super) fn new(action: &Action, outcome: Outcome) -> Step {
        Step { action: action.clone(), outcome }
    }
}

impl Receipt {
    /// The version of the format that this crate writes.
    pub const VERSION: u32 = 1;

    pub(super) fn new(
        plan: &Plan,
        is_overridden: bool,
        is_resumed: bool,
        halted: Option<String>,
        actions: Vec<Step>,
    ) -> Receipt {
        let mut counts = Counts::default();
        for step in &actions {
            *match step.outcome.result {
                Verdict::Done => &mut counts.done,
                Verdict::Unchanged => &mut counts.unchanged,
                Verdict::Skipped => &mut counts.skipped,
                Verdict::Failed => &mut counts.failed,
                Verdict::ToRetry => &mut counts.to_retry,
            } += 1;
        }
        Receipt {
            receipt: Receipt::VERSION,
            plan: plan.digest.clone(),
            target: plan.target.clone(),
            source: plan.source.clone(),
            started_at: String::new(),
            ended_at: String::new(),
            is_dry_run: false,
            is_resumed,
            overridden: if is_overridden { plan.trips.clone() } else { Vec::new() },
            halted,
            counts,
            actions,
        }
    }

    /// The same for a run between these instants, RFC 3339 in UTC.
    #[must_use]
    pub fn between(self, started_at: String, ended_at: String) -> Receipt {
        Receipt { started_at, ended_at, ..self }
    }

    /// The same for a dry run: what was made up has changed nothing.
    #[must_use]
    pub fn of_dry_run(mut self) -> Receipt {
        self.is_dry_run = true;
        for step in &mut self.actions {
            step.outcome.effect = Effect::None;
        }
        self
    }

    /// Whether nothing of the plan is left to be done.
    pub fn is_complete(&self) -> bool {
        let Counts { done, unchanged, .. } = self.counts;
        done + unchanged == self.actions.len() as u64
    }

    /// How many actions of each kind changed something, by the names of the kinds; what limits of a day are counted by.
    pub fn applied(&self) -> Vec<(&'static str, u64)> {
        let mut applied: Vec<(&'static str, u64)> = Vec::new();
        for step in self.actions.iter().filter(|step| step.outcome.effect == Effect::Applied) {
            let name = Operation::name(&step.action.operation);
            match applied.iter_mut().find(|(known, _)| *known == name) {
                Some((_, count)) => *count += 1,
                None => applied.push((name, 1)),
            }
        }
        applied
    }

    /// The receipt as one HTML file for people.
    pub fn to_html(&self) -> String {
        page::page(self)
    }
}
