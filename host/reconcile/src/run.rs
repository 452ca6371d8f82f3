//! What the last run found and left, for the next one to compare with.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::action::{Operation, Reference};
use crate::apply::Step;
use crate::digest::Digest;
use crate::plan::Plan;

/// A run that was applied to its end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastRun {
    /// People in the source.
    pub people: u64,
    /// Users that the directory has at the least.
    pub users: u64,
    /// The digest of the source.
    pub source: String,
    /// The digest of every matched user, by id, as the run left it. Nobody is in it who was changed and not seen
    /// afterwards.
    pub left: BTreeMap<String, Digest>,
}

impl LastRun {
    /// What a plan leaves, given what came of its actions. `None` where that is nothing to measure the next run by:
    /// something is left to be done, the directory was not certainly read whole, or the plan is an import, whose source
    /// is not everybody.
    pub fn after(plan: &Plan, steps: &[Step]) -> Option<LastRun> {
        let is_done = steps.len() == plan.actions.len() && steps.iter().all(|step| step.outcome.is_good());
        if !is_done || !plan.is_complete || plan.is_import {
            return None;
        }
        let mut users = plan.users;
        let mut left: BTreeMap<String, Option<Digest>> = BTreeMap::new();
        for link in &plan.links {
            if let Reference::Id(id) = &link.user {
                left.insert(id.clone(), link.digest.clone());
            }
        }
        for Step { action, outcome } in steps {
            match &action.operation {
                Operation::CreateUser { .. } => {
                    users += 1;
                    left.extend(outcome.id.clone().map(|id| (id, outcome.after.clone())));
                }
                Operation::ActivateUser { user } | Operation::UpdateUser { user, .. } => {
                    left.insert(user.clone(), outcome.after.clone());
                }
                // Whoever was switched off may be gone (zpa-scim 10).
                Operation::DeactivateUser { user } | Operation::DeleteUser { user } => {
                    users = users.saturating_sub(1);
                    left.entry(user.clone()).and_modify(|digest| digest.clone_from(&outcome.after));
                }
                Operation::CreateGroup { .. }
                | Operation::UpdateGroup { .. }
                | Operation::DeleteGroup { .. }
                | Operation::AddMember { .. }
                | Operation::RemoveMember { .. } => {}
            }
        }
        let left = left.into_iter().filter_map(|(id, digest)| Some((id, digest?))).collect();
        Some(LastRun { people: plan.source.people, users, source: plan.source.digest.to_string(), left })
    }
}
