//! Which rows a list is about: all, those of a filter, in which order (zpa-scim.md 5, 6).
//! Decides what ZPA can filter by; never cuts pages.

use std::borrow::Cow;

use serde_json::Value;

use crate::directory::Directory;
use crate::error_body::Problem;
use crate::filter::{Filter, Operator};
use crate::page::Selection;
use crate::query::Query;
use crate::route::Resource;
use crate::switches::{InactiveUsers, UnknownFilter};
use crate::wire::Wire;

/// The slots of the rows, to be read from the end where the order is a descending one.
pub(crate) struct Chosen<'a> {
    slots: Cow<'a, [u32]>,
    is_reversed: bool,
}

impl<'a> Chosen<'a> {
    pub(crate) fn by(wire: Wire<'a>, resource: Resource, query: &Query) -> Result<Self, Problem> {
        let filtered = match query.value("filter") {
            Some(filter) => filtered(wire, resource, filter)?,
            None => None,
        };
        let mut chosen = match filtered {
            Some(slots) => Self { slots: Cow::Owned(slots), is_reversed: false },
            None => Self::every(wire.directory, resource, query),
        };
        if resource == Resource::Users && wire.switches.inactive_users != InactiveUsers::Listed {
            let is_active = |slot: &u32| wire.directory.user_at(*slot).is_some_and(|user| user.active);
            chosen.slots = chosen.slots.iter().copied().filter(is_active).collect();
        }
        Ok(chosen)
    }

    /// Groups sort by `displayName` (zpa-scim.md 6); any other `sortBy` is UNKNOWN and changes nothing.
    fn every(directory: &'a Directory, resource: Resource, query: &Query) -> Self {
        let is_sorted = query.value("sortBy").is_some_and(|by| by.eq_ignore_ascii_case("displayName"));
        match resource {
            Resource::Users => Self { slots: directory.user_order().into(), is_reversed: false },
            Resource::Groups if is_sorted => {
                let order = query.value("sortOrder");
                let is_reversed = order.is_some_and(|order| order.eq_ignore_ascii_case("descending"));
                Self { slots: directory.groups_by_name().into(), is_reversed }
            }
            Resource::Groups => Self { slots: directory.group_order().into(), is_reversed: false },
        }
    }

    pub(crate) fn selection(&self) -> Selection<'_> {
        Selection { slots: &self.slots, is_reversed: self.is_reversed }
    }
}

/// The slots that a filter lets through; `None` for all of them.
fn filtered(wire: Wire<'_>, resource: Resource, text: &str) -> Result<Option<Vec<u32>>, Problem> {
    let filter = Filter::parse(text);
    if let Some(slots) = filter.as_ref().and_then(|filter| known(wire, resource, filter)) {
        return Ok(Some(slots));
    }
    match (wire.switches.unknown_filter, filter) {
        (UnknownFilter::Ignored, _) => Ok(None),
        (UnknownFilter::MatchesNothing, _) => Ok(Some(Vec::new())),
        (UnknownFilter::Evaluated, Some(filter)) => Ok(Some(scan(wire, resource, &filter))),
        (UnknownFilter::Refused | UnknownFilter::Evaluated, _) => {
            Err(Problem::new(400, format!("filter `{text}` is not supported")).of_type("invalidFilter"))
        }
    }
}

/// What a filter that is switched on lets through.
fn known(wire: Wire<'_>, resource: Resource, filter: &Filter) -> Option<Vec<u32>> {
    let Filter::Compare(path, operator, value) = filter else {
        return None;
    };
    if !path.is_core() {
        return None;
    }
    let (directory, switches) = (wire.directory, wire.switches);
    let (name, sub) = path.folded();
    let attribute = (resource, name.as_str(), sub.as_deref());
    if let (Operator::Equal, Value::String(text)) = (operator, value) {
        match attribute {
            (Resource::Users, "username", None) if switches.user_name_filter => {
                return Some(directory.user_slot_named(text).into_iter().collect());
            }
            (Resource::Groups, "displayname", None) if switches.display_name_filter => {
                return Some(directory.group_slots_named(text));
            }
            (Resource::Users, "externalid", None) if switches.external_id_filter => {
                return Some(directory.user_slots_with_external_id(text));
            }
            (Resource::Groups, "externalid", None) if switches.external_id_filter => {
                return Some(directory.group_slots_with_external_id(text));
            }
            (Resource::Users, "id", None) if switches.id_filter => {
                return Some(directory.user_slot(text).into_iter().collect());
            }
            (Resource::Groups, "id", None) if switches.id_filter => {
                return Some(directory.group_slot(text).into_iter().collect());
            }
            _ => {}
        }
    }
    let is_on = match attribute {
        (Resource::Users, "emails", None | Some("value")) => switches.email_filter && *operator == Operator::Equal,
        (Resource::Users, "active", None) => switches.active_filter && *operator == Operator::Equal,
        (Resource::Groups, "members", None | Some("value")) => switches.member_filter && *operator == Operator::Equal,
        (_, "meta", Some("lastmodified")) => switches.last_modified_filter,
        _ => false,
    };
    is_on.then(|| scan(wire, resource, filter))
}

/// Reads every row: for filters that no index serves.
fn scan(wire: Wire<'_>, resource: Resource, filter: &Filter) -> Vec<u32> {
    let mut out = Vec::new();
    let mut matches = |write: &mut dyn FnMut(&mut Vec<u8>)| {
        out.clear();
        write(&mut out);
        serde_json::from_slice(&out).is_ok_and(|row: Value| filter.matches(&row))
    };
    match resource {
        Resource::Users => {
            let rows =
                wire.directory.user_order().iter().filter_map(|&slot| Some((slot, wire.directory.user_at(slot)?)));
            let found = rows.filter(|(_, user)| matches(&mut |out| wire.user(out, user, true)));
            found.map(|(slot, _)| slot).collect()
        }
        Resource::Groups => {
            let rows =
                wire.directory.group_order().iter().filter_map(|&slot| Some((slot, wire.directory.group_at(slot)?)));
            let found = rows.filter(|(_, group)| matches(&mut |out| wire.group(out, group, true)));
            found.map(|(slot, _)| slot).collect()
        }
    }
}
