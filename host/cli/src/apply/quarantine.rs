//! What of a plan would undo a quarantine that was begun after the plan was made.

use portcullis_reconcile::{Action, Operation, Reference};
use portcullis_store::Store;

use crate::act;

/// The first of these actions that changes a membership of somebody who is in quarantine, in words.
pub(super) async fn conflict(actions: &[&Action], store: &Store, endpoint: &str) -> anyhow::Result<Option<String>> {
    if !actions.iter().any(|action| member(action).is_some()) {
        return Ok(None);
    }
    let known = act::quarantines(store, endpoint).await?;
    let found = actions.iter().find_map(|action| Some((action.number, known.get(member(action)?)?)));
    Ok(found.map(|(number, quarantine)| {
        let name = quarantine.username.as_ref().unwrap_or(&quarantine.user);
        let why = act::quarantine_shown(quarantine);
        format!("the action {number} changes a membership of `{name}`, who is in quarantine {why}")
    }))
}

/// The id of the user whose membership an action changes.
fn member(action: &Action) -> Option<&String> {
    match &action.operation {
        Operation::AddMember { user: Reference::Id(user), .. } | Operation::RemoveMember { user, .. } => Some(user),
        _ => None,
    }
}
