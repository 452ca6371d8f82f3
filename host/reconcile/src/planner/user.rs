//! People: those who are there, those who are not, and those who are not in the source any more.

use std::collections::{BTreeMap, BTreeSet};

use portcullis_directory::User;
use serde_json::Value;

use super::{Leavers, Work, compare, name_of};
use crate::action::{FieldChange, Operation, Reference};
use crate::desired::Person;
use crate::digest::Digest;
use crate::normal::normal;
use crate::plan::{DriftCode, Link, ObjectKind};
use crate::rules;

impl<'a> Work<'a> {
    /// Somebody who is there: fields, on and off, groups.
    pub(super) fn keep(&mut self, person: &'a Person, place: usize) {
        let Some(user) = self.user(place) else { return };
        let digest = Digest::of_user(user);
        self.see_change_from_outside(user, &digest);
        self.links.push(Link { key: person.key(), user: Reference::Id(user.id.clone()), digest: Some(digest) });
        if self.inputs.rules.protected.has_user(&user.id, name_of(user)) {
            return;
        }
        let json = serde_json::to_value(user).unwrap_or_default();
        let mut fields = Vec::new();
        for (field, wanted) in &person.fields {
            let current = compare::current(user, &json, field);
            if compare::same(field, current.as_ref(), wanted) {
                continue;
            }
            let shown =
                |value: Option<&Value>| value.map_or_else(|| "nothing".to_owned(), |value| format!("`{value}`"));
            let detail = format!(
                "{field} is {} and should be {}",
                shown(current.as_ref()),
                shown(Some(wanted).filter(|value| !value.is_null()))
            );
            self.differ(DriftCode::AttributeDrift, ObjectKind::User, Some(&user.id), name_of(user), detail);
            if field == "status" {
                self.switch(user, wanted);
            } else if field == "username" && !self.inputs.rules.allow_rename {
                let message = format!(
                    "`{}` is not renamed to {wanted}: set `allow_rename` in the rules where the vendor can do it",
                    name_of(user)
                );
                self.warn("not-renamed", message);
            } else if wanted.is_null() && self.inputs.only_add {
                // An import takes nothing away.
            } else {
                let after = Some(wanted.clone()).filter(|value| !value.is_null());
                fields.push(FieldChange { field: field.clone(), before: current, after });
            }
        }
        if !fields.is_empty() {
            self.touch_user(user);
            self.act(name_of(user), Operation::UpdateUser { user: user.id.clone(), fields });
        }
        if let Some(groups) = &person.groups {
            self.seat(&Reference::Id(user.id.clone()), name_of(user), groups);
            self.unseat(user, Some(groups));
        }
    }

    /// Somebody who is not there.
    pub(super) fn make(&mut self, person: &'a Person) {
        if let Some(id) = self.inputs.links.get(&person.key()) {
            self.needs.ids.insert(id.clone());
        }
        let label = person.label();
        self.needs.usernames.insert(label.to_owned());
        self.differ(
            DriftCode::Missing,
            ObjectKind::User,
            None,
            label,
            "it is in the source and not in the directory".to_owned(),
        );
        if self.inputs.rules.protected.has_user("", label) {
            return;
        }
        let placeholder = format!("user-{}", person.line);
        let given = person.fields.iter().filter(|(_, value)| !value.is_null());
        let fields =
            given.map(|(field, value)| FieldChange { field: field.clone(), before: None, after: Some(value.clone()) });
        let operation = Operation::CreateUser { user: placeholder.clone(), fields: fields.collect() };
        self.act(label, operation);
        self.links.push(Link { key: person.key(), user: Reference::New(placeholder.clone()), digest: None });
        if let Some(groups) = &person.groups {
            self.seat(&Reference::New(placeholder), label, groups);
        }
    }

    /// Everybody whom the source does not name.
    pub(super) fn leave(&mut self) {
        // People whom the source once named.
        let people: BTreeSet<_> = self.inputs.desired.people.iter().map(Person::key).collect();
        let left: BTreeSet<_> =
            self.inputs.links.iter().filter(|(key, _)| !people.contains(*key)).map(|(_, id)| id.as_str()).collect();
        for (place, user) in self.inputs.snapshot.users.iter().enumerate() {
            if self.matched.contains_key(&place) {
                continue;
            }
            let name = name_of(user);
            // The source of an import is not everybody, so that nobody is missing from it.
            let is_owned = !self.inputs.only_add && (left.contains(user.id.as_str()) || self.is_in_scope(user));
            if !is_owned || self.inputs.rules.protected.has_user(&user.id, name) {
                let why = if is_owned { "it is protected" } else { "the source does not own it" };
                self.differ(DriftCode::Unmanaged, ObjectKind::User, Some(&user.id), name, why.to_owned());
                continue;
            }
            let is_off = user.status.as_deref() == Some("inactive");
            if is_off && matches!(self.inputs.leavers, Leavers::Deactivate) {
                continue;
            }
            let detail = "it is not in the source any more".to_owned();
            self.differ(DriftCode::Orphaned, ObjectKind::User, Some(&user.id), name, detail);
            if !self.may_remove() {
                continue;
            }
            match self.inputs.leavers {
                Leavers::Deactivate => {
                    self.touch_user(user);
                    self.act(name, Operation::DeactivateUser { user: user.id.clone() });
                }
                Leavers::Delete => {
                    self.touch_user(user);
                    self.act(name, Operation::DeleteUser { user: user.id.clone() });
                }
                Leavers::RemoveGroups => self.unseat(user, None),
                Leavers::Ignore => {}
            }
        }
    }

    fn switch(&mut self, user: &User, wanted: &Value) {
        let id = user.id.clone();
        if wanted.as_str() == Some("active") {
            self.touch_user(user);
            self.act(name_of(user), Operation::ActivateUser { user: id });
        } else if self.may_remove() {
            self.touch_user(user);
            self.act(name_of(user), Operation::DeactivateUser { user: id });
        }
    }

    /// Whether the rules say that the source owns this user.
    fn is_in_scope(&self, user: &User) -> bool {
        let scope = &self.inputs.rules.scope;
        if scope.user_ids.contains(&user.id)
            || scope.usernames.iter().any(|pattern| crate::normal::fits(pattern, name_of(user)))
        {
            return true;
        }
        if !scope.fields.is_empty() {
            let json = serde_json::to_value(user).unwrap_or_default();
            let fields: BTreeMap<_, _> = scope
                .fields
                .keys()
                .filter_map(|field| Some((field.clone(), compare::current(user, &json, field)?)))
                .collect();
            if rules::have(&fields, &scope.fields) {
                return true;
            }
        }
        let names = scope.members_of.iter().filter_map(|name| self.names.get(&normal(name))).flatten();
        let groups = names.filter_map(|place| self.inputs.snapshot.groups.get(*place));
        groups.into_iter().any(|group| self.census.seat(&group.id, &user.id).is_some())
    }

    /// Somebody changed the user since the last run, and it was not the source.
    fn see_change_from_outside(&mut self, user: &User, digest: &Digest) {
        let Some(last) = self.inputs.last.filter(|last| last.source == self.inputs.desired.source.digest.as_str())
        else {
            return;
        };
        if last.left.get(&user.id).is_some_and(|left| left != digest) {
            let detail = "it was changed since the last run, and the source was not".to_owned();
            self.differ(DriftCode::ChangedOutOfBand, ObjectKind::User, Some(&user.id), name_of(user), detail);
        }
    }
}
