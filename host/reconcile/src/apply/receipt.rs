//! What a run did: the document that is kept of it.

mod page;

use std::collections::BTreeMap;

use portcullis_directory::Effect;
use serde::{Deserialize, Serialize};

use super::outcome::{Outcome, Verdict};
use crate::action::Action;
use crate::digest::Digest;
use crate::guard::kinds;
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
    /// Who in the source is who in the directory, of those that the plan knows and that are there.
    #[serde(default)]
    pub links: Vec<KnownLink>,
}

/// Somebody in a source, and the id of the user that they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownLink {
    /// What the source calls them by.
    pub key: String,
    /// The user's id.
    pub user: String,
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
            links: Vec::new(),
        }
    }

    /// The same with these links.
    pub(super) fn linking(self, links: Vec<KnownLink>) -> Receipt {
        Receipt { links, ..self }
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

    /// How many of these actions changed something, by the kinds that limits of a day are counted by.
    pub fn applied<'a>(steps: impl IntoIterator<Item = &'a Step>) -> BTreeMap<&'static str, u32> {
        let mut applied = BTreeMap::new();
        for step in steps.into_iter().filter(|step| step.outcome.effect == Effect::Applied) {
            for kind in kinds(&step.action.operation) {
                *applied.entry(kind).or_default() += 1;
            }
        }
        applied
    }

    /// The receipt as one HTML file for people.
    pub fn to_html(&self) -> String {
        page::page(self)
    }
}
