//! Groups and who is in them. A group that the source does not own is not touched, and a membership that either side
//! shows is one.

use std::collections::BTreeSet;

use portcullis_directory::{Group, User};
use serde_json::Value;

use super::{Work, name_of, name_of_group};
use crate::action::{FieldChange, Operation, Reference};
use crate::census::Evidence;
use crate::normal::{fits, normal};
use crate::plan::{DriftCode, ObjectKind};

impl<'a> Work<'a> {
    /// Puts somebody into the groups that they lack.
    pub(super) fn seat(&mut self, user: &Reference, label: &str, groups: &BTreeSet<String>) {
        if matches!(user, Reference::Id(id) if self.is_confined(id)) {
            return;
        }
        for name in groups {
            let Some(group) = self.group(name) else { continue };
            if let (Reference::Id(group), Reference::Id(user)) = (&group, user) {
                // Where the group's own record was read, it decides.
                let has_roster = self.rosters.contains(group.as_str());
                let seat = self.census.seat(group, user);
                if seat.is_some_and(|seat| !has_roster || seat.evidence != Evidence::User) {
                    continue;
                }
            }
            if let Reference::Id(id) = &group {
                if self.inputs.rules.protected.has_group(id, name) {
                    continue;
                }
                self.need_roster(id);
            }
            if let Reference::Id(id) = user {
                let detail = format!("it is not in `{name}`");
                self.differ(DriftCode::UnderPrivileged, ObjectKind::User, Some(id), label, detail);
            }
            let operation = Operation::AddMember { group, user: user.clone() };
            self.act(format!("{label} in {name}"), operation);
        }
    }

    /// Takes somebody out of the groups that the source owns, but for these.
    pub(super) fn unseat(&mut self, user: &'a User, kept: Option<&BTreeSet<String>>) {
        if self.is_confined(&user.id) {
            return;
        }
        let kept: BTreeSet<_> = kept.into_iter().flatten().map(|name| normal(name)).collect();
        let seats: Vec<_> = self.census.groups(&user.id).map(|seat| seat.group).collect();
        for id in seats {
            let Some(&group) = self.groups.get(id) else { continue };
            let name = name_of_group(group);
            if kept.contains(&normal(name)) || !self.owns(group) {
                continue;
            }
            let detail = format!("it is in `{name}`, which the source does not give it");
            self.differ(DriftCode::OverPrivileged, ObjectKind::User, Some(&user.id), name_of(user), detail);
            if self.may_remove() {
                self.need_roster(id);
                let operation = Operation::RemoveMember { group: id.to_owned(), user: user.id.clone() };
                self.act(format!("{} in {name}", name_of(user)), operation);
            }
        }
    }

    /// What is to be said of the groups of the directory themselves.
    pub(super) fn groups_of_directory(&mut self) {
        for group in &self.inputs.snapshot.groups {
            let name = name_of_group(group);
            if !self.owns(group) {
                let detail = "the source does not own it".to_owned();
                self.differ(DriftCode::Unmanaged, ObjectKind::Group, Some(&group.id), name, detail);
            }
            let dangling: Vec<_> = self
                .census
                .members(&group.id)
                .iter()
                .filter(|seat| !seat.is_group && self.index.id(seat.member).is_none())
                .map(|seat| format!("`{}`", seat.member))
                .collect();
            if !dangling.is_empty() {
                let detail = format!("its members {} are no users of the directory", dangling.join(", "));
                self.differ(DriftCode::DanglingMember, ObjectKind::Group, Some(&group.id), name, detail);
            }
        }
        let twins: Vec<_> = self
            .names
            .iter()
            .filter(|(_, places)| places.len() > 1)
            .map(|(name, places)| (name.clone(), places.clone()))
            .collect();
        for (name, places) in twins {
            let ids: Vec<_> = places
                .iter()
                .filter_map(|place| self.inputs.snapshot.groups.get(*place))
                .map(|group| format!("`{}`", group.id))
                .collect();
            let detail = format!("the groups {} have one name", ids.join(", "));
            self.differ(DriftCode::Duplicate, ObjectKind::Group, None, &name, detail);
        }
    }

    /// The group of this name, made where there is none. None where there are two.
    fn group(&mut self, name: &str) -> Option<Reference> {
        let key = normal(name);
        match self.names.get(&key).map(Vec::as_slice) {
            Some([place]) => self.inputs.snapshot.groups.get(*place).map(|group| Reference::Id(group.id.clone())),
            Some(_) => {
                if self.ambiguous_groups.insert(key) {
                    let detail = "several groups have this name; nobody is put into one".to_owned();
                    self.differ(DriftCode::Ambiguous, ObjectKind::Group, None, name, detail);
                }
                None
            }
            None => {
                if let Some(placeholder) = self.new_groups.get(&key) {
                    return Some(Reference::New(placeholder.clone()));
                }
                let placeholder = format!("group-{}", self.new_groups.len() + 1);
                self.new_groups.insert(key, placeholder.clone());
                self.needs.group_names.insert(name.to_owned());
                let detail = "the source names it, and it is not in the directory".to_owned();
                self.differ(DriftCode::Missing, ObjectKind::Group, None, name, detail);
                let field =
                    FieldChange { field: "name".to_owned(), before: None, after: Some(Value::from(name.trim())) };
                self.act(name, Operation::CreateGroup { group: placeholder.clone(), fields: vec![field] });
                Some(Reference::New(placeholder))
            }
        }
    }

    /// Whether the source owns a group: it names it or the rules do, and it is not protected.
    fn owns(&self, group: &Group) -> bool {
        let name = name_of_group(group);
        let is_named = self.inputs.desired.groups.contains_key(&normal(name))
            || self.inputs.rules.scope.group_ids.contains(&group.id)
            || self.inputs.rules.scope.groups.iter().any(|pattern| fits(pattern, name));
        let is_twin = self.names.get(&normal(name)).is_some_and(|places| places.len() > 1);
        is_named && !is_twin && !self.inputs.rules.protected.has_group(&group.id, name)
    }

    fn need_roster(&mut self, group: &str) {
        if let Some(&record) = self.groups.get(group) {
            self.touch_group(record);
        }
        if !self.rosters.contains(group) {
            self.needs.rosters.insert(group.to_owned());
        }
    }
}
