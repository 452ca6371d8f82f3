//! Groups: create, replace, patch, delete (zpa-scim.md 4, 7, 8). Membership is written here alone.

use serde_json::{Map, Value};

use super::assign::{Operator, names_values, string};
use super::members::Draft;
use super::patch::Operation;
use super::{Rules, Written, invalid};
use crate::Group;
use crate::directory::{At, Directory, Membership, Refusal};
use crate::error_body::Problem;
use crate::filter::{AttributePath, Path};
use crate::switches::{Duplicate, Put, Recreation, UnknownAttributes};

pub(super) fn create(
    directory: &mut Directory,
    body: &Map<String, Value>,
    rules: Rules<'_>,
) -> Result<Written, Problem> {
    let mut change = Change::new(directory, None, rules);
    change.assign_all(Operator::Replace, body, false)?;
    let Drafted { head: Head { display_name, external_id }, members } = change.finish();
    let Some(display_name) = display_name else {
        return Err(invalid("`displayName` is missing"));
    };
    check_name(directory, &display_name, None, rules)?;
    let grave = directory.grave_of_group(&display_name).cloned();
    let now = rules.now;
    let group = Group { display_name, external_id, created: now, last_modified: now, ..Group::default() };
    let slot = match (grave, rules.switches.recreation) {
        (Some(_), Recreation::Conflict) => return Err(taken(&group.display_name)),
        (Some(grave), Recreation::SameId) => directory.found_group(grave.id, group, At::End, &members)?,
        (Some(grave), Recreation::Restored) => {
            let slot = directory.found_group(grave.id, group, At::End, &members)?;
            directory.restore_members(slot, &grave);
            slot
        }
        (None, _) | (_, Recreation::NewId) => {
            let id = directory.new_id();
            directory.found_group(id, group, At::End, &members)?
        }
    };
    touch(directory, members.newcomers(), rules);
    Ok(Written::Group(slot))
}

pub(super) fn replace(
    directory: &mut Directory,
    id: &str,
    body: &Map<String, Value>,
    rules: Rules<'_>,
) -> Result<Written, Problem> {
    let slot = directory.group_slot(id)?;
    let mut change = Change::new(directory, Some(slot), rules);
    if rules.switches.put_group == Put::Replaces {
        change.head = Head::default();
        change.members.change.clear();
        if super::body::member(body, "displayName").is_none() {
            return Err(invalid("`displayName` is missing"));
        }
    }
    change.assign_all(Operator::Replace, body, false)?;
    let drafted = change.finish();
    settle(directory, slot, &drafted, rules)
}

pub(super) fn patch(
    directory: &mut Directory,
    id: &str,
    operations: &[Operation],
    rules: Rules<'_>,
) -> Result<Written, Problem> {
    let slot = directory.group_slot(id)?;
    let mut change = Change::new(directory, Some(slot), rules);
    for operation in operations {
        match &operation.path {
            Some(path) => change.assign(operation.operator, path, operation.value.as_ref())?,
            None => change.assign_all(operation.operator, operation.members()?, true)?,
        }
    }
    let drafted = change.finish();
    settle(directory, slot, &drafted, rules)
}

pub(super) fn delete(directory: &mut Directory, id: &str, rules: Rules<'_>) -> Result<(), Refusal> {
    let slot = directory.group_slot(id)?;
    let members = directory.group_at(slot).map(|row| row.members.clone()).unwrap_or_default();
    directory.bury_group(id)?;
    touch(directory, members, rules);
    Ok(())
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Head {
    display_name: Option<String>,
    external_id: Option<String>,
}

/// What a request makes of a group, before any of it is done.
struct Change<'a> {
    head: Head,
    members: Draft<'a>,
    rules: Rules<'a>,
}

impl<'a> Change<'a> {
    fn new(directory: &'a Directory, slot: Option<u32>, rules: Rules<'a>) -> Self {
        let row = slot.and_then(|slot| directory.group_at(slot));
        let head = row.map(|row| Head {
            display_name: Some(row.display_name.to_string()),
            external_id: row.external_id.as_deref().map(str::to_owned),
        });
        let members = Draft::new(directory, slot, rules.switches);
        Self { head: head.unwrap_or_default(), members, rules }
    }

    fn assign_all(&mut self, operator: Operator, object: &Map<String, Value>, has_paths: bool) -> Result<(), Problem> {
        for (key, value) in object {
            let path = if has_paths { Path::parse(key) } else { None };
            let path =
                path.unwrap_or_else(|| Path { attribute: AttributePath::of_member(key), values: None, sub: None });
            self.assign(operator, &path, Some(value))?;
        }
        Ok(())
    }

    fn assign(&mut self, operator: Operator, path: &Path, value: Option<&Value>) -> Result<(), Problem> {
        let (name, sub) = path.attribute.folded();
        let is_plain = path.values.is_none() && sub.is_none() && path.attribute.is_core();
        let is_removal = operator == Operator::Remove || value.is_some_and(Value::is_null);
        let switches = self.rules.switches;
        match name.as_str() {
            "members" if path.attribute.is_core() && names_values(path) => self.members.assign(operator, path, value),
            "displayname" if is_plain => {
                let name = if is_removal { String::new() } else { string("displayName", value, switches)? };
                if name.is_empty() {
                    return Err(invalid("`displayName` is required"));
                }
                self.head.display_name = Some(name);
                Ok(())
            }
            "externalid" if is_plain => {
                self.head.external_id = if is_removal { None } else { Some(string("externalId", value, switches)?) };
                Ok(())
            }
            // The server's own; Okta sends `id` along (zpa-scim.md 7).
            "schemas" | "id" | "meta" if path.attribute.is_core() => Ok(()),
            _ if switches.unknown_attributes == UnknownAttributes::Dropped => Ok(()),
            _ => Err(Problem::new(400, format!("attribute `{name}` is not known")).of_type("invalidPath")),
        }
    }
}

impl Change<'_> {
    /// Ends the loan of the directory, so that the change can be made.
    fn finish(self) -> Drafted {
        Drafted { head: self.head, members: self.members.change }
    }
}

/// A change that nothing refused.
struct Drafted {
    head: Head,
    members: Membership,
}

fn settle(directory: &mut Directory, slot: u32, drafted: &Drafted, rules: Rules<'_>) -> Result<Written, Problem> {
    let before = Change::new(directory, Some(slot), rules).head;
    let Head { display_name, external_id } = &drafted.head;
    let name = display_name.as_deref().unwrap_or_default();
    if before.display_name.as_deref() != Some(name) {
        check_name(directory, name, Some(slot), rules)?;
    }
    if rules.is_void {
        return Ok(Written::Group(slot));
    }
    directory.change_group(slot, name, external_id.as_deref());
    let moved = directory.settle(slot, &drafted.members);
    if !moved.is_empty() || before != drafted.head {
        directory.touch_group(slot, rules.now);
    }
    touch(directory, moved, rules);
    Ok(Written::Group(slot))
}

fn touch(directory: &mut Directory, users: Vec<u32>, rules: Rules<'_>) {
    if rules.switches.membership_touches_user {
        for user in users {
            directory.touch_user(user, rules.now);
        }
    }
}

/// By a scan, and only where the switch wants it: ZPA is not known to mind (zpa-scim.md 8).
fn check_name(directory: &Directory, name: &str, own: Option<u32>, rules: Rules<'_>) -> Result<(), Problem> {
    let is_taken = || directory.group_slots_named(name).into_iter().any(|slot| Some(slot) != own);
    if rules.switches.duplicate_group_name == Duplicate::Conflict && is_taken() {
        return Err(taken(name));
    }
    Ok(())
}

fn taken(name: &str) -> Problem {
    Problem::new(409, format!("group name `{name}` is taken")).of_type("uniqueness")
}
