//! Users: create, replace, patch, delete (zpa-scim.md 3.3, 7, 8).

use serde_json::{Map, Value};

use super::assign::{Operator, assign, assign_all};
use super::patch::Operation;
use super::{Rules, Written, invalid};
use crate::User;
use crate::directory::{At, Directory, Refusal};
use crate::error_body::Problem;
use crate::filter::Path;
use crate::switches::{Deactivation, Duplicate, EmailPair, Put, Recreation, Switches};

pub(super) fn create(
    directory: &mut Directory,
    body: &Map<String, Value>,
    rules: Rules<'_>,
) -> Result<Written, Problem> {
    let now = rules.now;
    let mut user = User { active: true, created: now, last_modified: now, ..User::default() };
    assign_all(&mut user, Operator::Replace, body, false, rules.switches)?;
    if user.user_name.is_empty() {
        return Err(invalid("`userName` is missing"));
    }
    let taken = || Refusal::UserNameTaken(user.user_name.clone());
    if directory.user_slot_named(&user.user_name).is_some() {
        return Err(taken().into());
    }
    check_external_id(directory, &user, rules.switches)?;
    let grave = directory.grave_of_user(&user.user_name).cloned();
    let slot = match (grave, rules.switches.recreation) {
        (Some(_), Recreation::Conflict) => return Err(taken().into()),
        (Some(grave), Recreation::SameId) => directory.insert_user(grave.id, user, At::End)?,
        (Some(grave), Recreation::Restored) => {
            let slot = directory.insert_user(grave.id, user, At::End)?;
            directory.restore_groups(slot, &grave);
            slot
        }
        (None, _) | (_, Recreation::NewId) => {
            let id = directory.new_id();
            directory.insert_user(id, user, At::End)?
        }
    };
    Ok(Written::User(slot))
}

pub(super) fn replace(user: &mut User, body: &Map<String, Value>, rules: Rules<'_>) -> Result<(), Problem> {
    if rules.switches.put_user == Put::Replaces {
        let User { id, user_name, created, last_modified, shape, .. } = std::mem::take(user);
        *user = User { id, user_name, created, last_modified, shape, active: true, ..User::default() };
        if super::body::member(body, "userName").is_none() {
            return Err(invalid("`userName` is missing"));
        }
    }
    assign_all(user, Operator::Replace, body, false, rules.switches)
}

pub(super) fn patch(user: &mut User, operations: &[Operation], rules: Rules<'_>) -> Result<(), Problem> {
    let removal = operations.iter().position(|operation| is_of_emails(operation, Operator::Remove));
    let is_pair = |(place, operation): (usize, &Operation)| {
        removal.is_some_and(|removal| removal < place) && is_of_emails(operation, Operator::Add)
    };
    let has_pair = operations.iter().enumerate().any(is_pair);
    if has_pair && rules.switches.email_pair == EmailPair::Refused {
        return Err(invalid("`emails` are removed and added in one request"));
    }
    for (place, operation) in operations.iter().enumerate() {
        let is_lost = match rules.switches.email_pair {
            EmailPair::RemoveIgnored => has_pair && removal == Some(place),
            EmailPair::AddIgnored => is_pair((place, operation)),
            EmailPair::InOrder | EmailPair::Refused => false,
        };
        match &operation.path {
            _ if is_lost => {}
            Some(path) => assign(user, operation.operator, path, operation.value.as_ref(), rules.switches)?,
            None => assign_all(user, operation.operator, operation.members()?, true, rules.switches)?,
        }
    }
    Ok(())
}

fn is_of_emails(operation: &Operation, operator: Operator) -> bool {
    let is_whole = |path: &Path| operator == Operator::Add || path.values.is_none();
    operation.operator == operator
        && operation
            .path
            .as_ref()
            .is_some_and(|path| path.attribute.name.eq_ignore_ascii_case("emails") && is_whole(path))
}

/// A user that was changed.
pub(super) struct Changed {
    pub(super) written: Written,
    /// It is to be deleted once it was shown.
    pub(super) is_deleted: bool,
}

/// Changes a copy, and puts it in place of the user if nothing refuses.
pub(super) fn change(
    directory: &mut Directory,
    id: &str,
    rules: Rules<'_>,
    change: impl FnOnce(&mut User) -> Result<(), Problem>,
) -> Result<Changed, Problem> {
    let slot = directory.user_slot(id)?;
    let before = directory.user(id).ok_or_else(|| Refusal::NoUser(id.to_owned()))?;
    let mut after = before.clone();
    change(&mut after)?;
    let is_deleted = before.active && !after.active && rules.switches.deactivation == Deactivation::Deletes;
    let is_changed = after != before && !rules.is_void;
    if after.external_id != before.external_id {
        check_external_id(directory, &after, rules.switches)?;
    }
    if is_changed {
        after.last_modified = rules.now;
        directory.change_user(id, after)?;
    }
    Ok(Changed { written: Written::User(slot), is_deleted: is_deleted && is_changed })
}

fn check_external_id(directory: &Directory, user: &User, switches: &Switches) -> Result<(), Problem> {
    match &user.external_id {
        Some(external_id) if switches.duplicate_external_id == Duplicate::Conflict => {
            let others = directory.user_slots_with_external_id(external_id);
            let is_free = others.is_empty();
            let taken = || Problem::new(409, format!("external id `{external_id}` is taken")).of_type("uniqueness");
            is_free.then_some(()).ok_or_else(taken)
        }
        _ => Ok(()),
    }
}

pub(super) fn delete(directory: &mut Directory, id: &str) -> Result<(), Refusal> {
    directory.bury_user(id)
}
