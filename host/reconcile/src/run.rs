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

#[cfg(test)]
mod tests {
    use portcullis_directory::Effect;

    use super::*;
    use crate::action::Action;
    use crate::apply::{Outcome, Verdict};
    use crate::plan::{Link, Source};
    use crate::snapshot::tests::snapshot;

    fn digest(text: &str) -> Digest {
        Digest::of(text.as_bytes())
    }

    /// A plan for ten users, of whom the source has three, with these actions.
    fn plan(operations: Vec<Operation>) -> Plan {
        let link = |id: &str| Link {
            key: format!("key of {id}"),
            user: Reference::Id(id.to_owned()),
            digest: Some(digest(&format!("{id} before"))),
        };
        let actions = (1..).zip(operations);
        Plan {
            plan: Plan::VERSION,
            target: snapshot(vec![], vec![]).header.target,
            source: Source { name: "people.csv".to_owned(), digest: digest("people"), people: 4, groups: 0 },
            made_at: "2026-01-01T00:00:00Z".to_owned(),
            snapshot: digest("snapshot"),
            users: 10,
            is_complete: true,
            is_import: false,
            drift: vec![],
            warnings: vec![],
            trips: vec![],
            touched: vec![],
            links: ["a", "b", "c"].map(link).into(),
            actions: actions.map(|(number, operation)| Action { number, label: String::new(), operation }).collect(),
            digest: digest("plan"),
        }
    }

    fn steps(plan: &Plan, after: &[(Verdict, Option<&str>)]) -> Vec<Step> {
        let outcome = |(result, after): &(Verdict, Option<&str>)| Outcome {
            result: *result,
            effect: Effect::Applied,
            id: Some("made".to_owned()),
            before: None,
            after: after.map(digest),
            is_settled: false,
            reason: None,
            error: None,
        };
        let step = |(action, after): (&Action, _)| Step { action: action.clone(), outcome: outcome(after) };
        plan.actions.iter().zip(after).map(step).collect()
    }

    fn operations() -> Vec<Operation> {
        vec![
            Operation::CreateUser { user: "user-1".to_owned(), fields: vec![] },
            Operation::ActivateUser { user: "a".to_owned() },
            Operation::UpdateUser { user: "a".to_owned(), fields: vec![] },
            Operation::UpdateUser { user: "b".to_owned(), fields: vec![] },
            Operation::DeactivateUser { user: "leaver".to_owned() },
            Operation::DeleteUser { user: "other".to_owned() },
        ]
    }

    #[test]
    fn a_run_leaves_everybody_as_they_were_seen_last_and_nobody_who_was_not_seen() {
        let plan = plan(operations());
        let done = |after| (Verdict::Done, after);
        let seen = [Some("made"), Some("a on"), Some("a new"), None, Some("off"), None].map(done);
        let run = LastRun::after(&plan, &steps(&plan, &seen)).unwrap();
        let left = [("a", "a new"), ("c", "c before"), ("made", "made")];
        let left = left.map(|(id, text)| (id.to_owned(), digest(text))).into();
        // One was made, one deleted, and one switched off, who may be gone.
        assert_eq!(run, LastRun { people: 4, users: 9, source: digest("people").to_string(), left });
    }

    #[test]
    fn what_is_no_whole_run_of_a_whole_source_leaves_nothing() {
        let plan = plan(operations());
        let done = steps(&plan, &[(Verdict::Done, None); 6]);
        assert!(LastRun::after(&plan, &done).is_some());
        assert_eq!(LastRun::after(&plan, &[]), None);
        for verdict in [Verdict::Skipped, Verdict::Failed, Verdict::ToRetry] {
            let mut steps = done.clone();
            steps[5].outcome.result = verdict;
            assert_eq!(LastRun::after(&plan, &steps), None);
        }
        assert_eq!(LastRun::after(&Plan { is_import: true, ..plan.clone() }, &done), None);
        assert_eq!(LastRun::after(&Plan { is_complete: false, ..plan }, &done), None);
    }
}
