//! What in a plan itself speaks against applying it. Reads nothing but the plan.

use std::collections::{HashMap, HashSet};

use super::choice::{group, user};
use super::refusal::Refusal;
use crate::action::{Operation, Reference};
use crate::digest::Digest;
use crate::plan::{ObjectKind, Plan};
use crate::target::Target;

/// Refuses a plan that was changed, that is for another target, that makes no sense, that takes away what it cannot know
/// to be superfluous, or that goes beyond its limits.
pub(super) fn check(plan: &Plan, target: &Target, override_guards: Option<&Digest>) -> Result<(), Refusal> {
    if plan.plan != Plan::VERSION {
        return Err(Refusal::Version(plan.plan));
    }
    let found = plan.compute_digest();
    if found != plan.digest {
        return Err(Refusal::Digest { named: plan.digest.clone(), found });
    }
    if let Some(what) = plan.target.difference(target) {
        let (planned, found) = match what {
            "endpoint" => (plan.target.endpoint.clone(), target.endpoint.clone()),
            "connector" => (plan.target.component.to_string(), target.component.to_string()),
            _ => (plan.target.mapping.to_string(), target.mapping.to_string()),
        };
        return Err(Refusal::Target { what, planned, found });
    }
    check_sense(plan).map_err(Refusal::Malformed)?;
    if let Some(action) = plan.actions.iter().find(|action| !plan.is_complete && action.operation.is_destructive()) {
        return Err(Refusal::Incomplete { number: action.number });
    }
    match override_guards {
        Some(named) if *named != plan.digest => {
            Err(Refusal::OtherOverride { named: named.clone(), found: plan.digest.clone() })
        }
        None if !plan.trips.is_empty() => Err(Refusal::Guards(plan.trips.clone())),
        _ => Ok(()),
    }
}

/// Whether every action has its number and its place, is the only one of its kind, and is about something that is known.
fn check_sense(plan: &Plan) -> Result<(), String> {
    let touched: HashSet<_> = plan.touched.iter().map(|touched| (touched.kind, touched.id.as_str())).collect();
    let mut made: HashMap<&str, ObjectKind> = HashMap::new();
    let mut seen = HashSet::new();
    let mut phase = 0;
    for (place, action) in (1..).zip(&plan.actions) {
        let (number, operation) = (action.number, &action.operation);
        if number != place {
            return Err(format!("the action at place {place} has the number {number}"));
        }
        if operation.phase() < phase {
            return Err(format!("the action {number} comes too late: `{}`", operation.name()));
        }
        phase = operation.phase();
        if !seen.insert((phase, user(operation), group(operation))) {
            return Err(format!("the action {number} is there twice"));
        }
        let known = |reference: &Reference, kind: ObjectKind| match reference {
            Reference::Id(_) => Ok(()),
            Reference::New(name) if made.get(name.as_str()) == Some(&kind) => Ok(()),
            Reference::New(name) => Err(format!("the action {number} is about `{name}`, which no action makes")),
        };
        let changes = match operation {
            Operation::CreateUser { user, .. } => {
                check_new(number, made.insert(user, ObjectKind::User))?;
                continue;
            }
            Operation::CreateGroup { group, .. } => {
                check_new(number, made.insert(group, ObjectKind::Group))?;
                continue;
            }
            Operation::AddMember { group, user } => {
                known(group, ObjectKind::Group)?;
                known(user, ObjectKind::User)?;
                continue;
            }
            Operation::RemoveMember { .. } => continue,
            Operation::ActivateUser { user }
            | Operation::UpdateUser { user, .. }
            | Operation::DeactivateUser { user }
            | Operation::DeleteUser { user } => (ObjectKind::User, user.as_str()),
            Operation::UpdateGroup { group, .. } | Operation::DeleteGroup { group } => {
                (ObjectKind::Group, group.as_str())
            }
        };
        if !touched.contains(&changes) {
            return Err(format!("the action {number} changes `{}`, and the plan does not say how it was", changes.1));
        }
    }
    Ok(())
}

fn check_new(number: u32, before: Option<ObjectKind>) -> Result<(), String> {
    match before {
        Some(_) => Err(format!("the action {number} makes what another one makes")),
        None => Ok(()),
    }
}
