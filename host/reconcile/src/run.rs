//! What the last run found and left, for the next one to compare with.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::action::Reference;
use crate::digest::Digest;
use crate::plan::Plan;
use crate::snapshot::Snapshot;

/// A run that was applied to its end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastRun {
    /// People in the source.
    pub people: u64,
    /// Users in the directory.
    pub users: u64,
    /// The digest of the source.
    pub source: String,
    /// The digest of every matched user, by id, as the run left it.
    pub left: BTreeMap<String, Digest>,
}

impl LastRun {
    /// What a directory looks like once a plan for it has nothing to do: who was matched, and how they are.
    pub fn of(plan: &Plan, snapshot: &Snapshot) -> LastRun {
        let ids = plan.links.iter().filter_map(|link| match &link.user {
            Reference::Id(id) => Some(id),
            Reference::New(_) => None,
        });
        let left = ids.filter_map(|id| Some((id.clone(), Digest::of_user(snapshot.user(id)?)))).collect();
        let users = snapshot.users.len() as u64;
        LastRun { people: plan.source.people, users, source: plan.source.digest.to_string(), left }
    }
}
