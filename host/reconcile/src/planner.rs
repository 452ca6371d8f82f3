//! Compares a snapshot with a source and says what to do. A function of its arguments: nothing is asked for here, and
//! what must be asked for before a plan is good is what [`Draft::needs`] says.
//!
//! What it never does: touch what the source does not own or what is protected, take something away because a list was
//! read badly, or write where it is not certain who somebody is.

pub(crate) mod compare;
mod group;
mod user;

use std::collections::{BTreeMap, BTreeSet};

use portcullis_directory::{Group, User};

use crate::action::{Action, Operation, Reference};
use crate::census::Census;
use crate::desired::{Desired, Person};
use crate::digest::Digest;
use crate::guard::{self, Weights};
use crate::matching::{Index, Links, Match};
use crate::normal::normal;
use crate::plan::{Drift, DriftCode, Link, ObjectKind, Plan, Touched, Warning};
use crate::rules::Rules;
use crate::run::LastRun;
use crate::snapshot::Snapshot;

/// What happens to people whom the source owns and does not name any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Leavers {
    /// They are switched off; on ZPA that may delete them (zpa-scim 10).
    #[default]
    Deactivate,
    /// They are deleted.
    Delete,
    /// They lose their groups that the source owns.
    RemoveGroups,
    /// They are listed, and nothing is done.
    Ignore,
}

/// What a plan is made from.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// The directory as it is.
    pub snapshot: &'a Snapshot,
    /// The directory as it should be.
    pub desired: &'a Desired,
    /// How the source was read and what it owns.
    pub rules: &'a Rules,
    /// Who was matched to whom in earlier runs.
    pub links: &'a Links,
    /// What the last run found.
    pub last: Option<&'a LastRun>,
    /// Actions that were applied in the last 24 hours, by [kind](crate::kinds).
    pub today: &'a BTreeMap<String, u64>,
    /// Users who are in quarantine, and in a few words since when and why. Nobody is put into a group or out of one.
    pub quarantined: &'a BTreeMap<String, String>,
    /// What happens to leavers.
    pub leavers: Leavers,
    /// Whether nothing at all is taken away: an import.
    pub only_add: bool,
}

/// What has to be asked before a plan is good.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Usernames that no user of the snapshot has and that would be made.
    pub usernames: BTreeSet<String>,
    /// Names that no group of the snapshot has and that would be made.
    pub group_names: BTreeSet<String>,
    /// Ids that links name and the snapshot lacks.
    pub ids: BTreeSet<String>,
    /// Groups whose memberships change and whose members were not read from the group's own record.
    pub rosters: BTreeSet<String>,
}

/// A plan before what it relies on is confirmed.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The plan.
    pub plan: Plan,
    /// What has to be asked.
    pub needs: Needs,
}

/// Makes a plan. `made_at` is the time, RFC 3339 in UTC.
pub fn draft(inputs: Inputs<'_>, made_at: &str) -> Draft {
    let mut work = Work::new(inputs);
    work.people();
    work.leave();
    work.groups_of_directory();
    work.finish(made_at)
}

/// A plan in the making.
struct Work<'a> {
    inputs: Inputs<'a>,
    index: Index,
    census: Census<'a>,
    groups: BTreeMap<&'a str, &'a Group>,
    /// Groups whose members were read from their own records.
    rosters: BTreeSet<&'a str>,
    /// Places of groups by what their names are compared by.
    names: BTreeMap<String, Vec<usize>>,
    /// Users that somebody in the source is.
    matched: BTreeMap<usize, &'a Person>,
    operations: Vec<(String, Operation)>,
    new_groups: BTreeMap<String, String>,
    /// Names, as they are compared, that are of several groups and are told of.
    ambiguous_groups: BTreeSet<String>,
    touched: BTreeMap<(ObjectKind, String), Touched>,
    drift: Vec<Drift>,
    warnings: Vec<Warning>,
    links: Vec<Link>,
    needs: Needs,
}

impl<'a> Work<'a> {
    fn new(inputs: Inputs<'a>) -> Work<'a> {
        let mut names: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (place, group) in inputs.snapshot.groups.iter().enumerate() {
            names.entry(normal(group.name.as_deref().unwrap_or_default())).or_default().push(place);
        }
        Work {
            inputs,
            index: Index::of(&inputs.snapshot.users),
            census: Census::of(inputs.snapshot),
            groups: inputs.snapshot.groups.iter().map(|group| (group.id.as_str(), group)).collect(),
            rosters: inputs.snapshot.rosters.iter().map(|roster| roster.group.as_str()).collect(),
            names,
            matched: BTreeMap::new(),
            operations: Vec::new(),
            new_groups: BTreeMap::new(),
            ambiguous_groups: BTreeSet::new(),
            touched: BTreeMap::new(),
            drift: Vec::new(),
            warnings: Vec::new(),
            links: Vec::new(),
            needs: Needs::default(),
        }
    }

    /// Whether something may be taken away: every list was read whole, and it is no import.
    fn may_remove(&self) -> bool {
        self.is_complete() && !self.inputs.only_add
    }

    fn is_complete(&self) -> bool {
        self.inputs.snapshot.is_complete()
    }

    fn user(&self, place: usize) -> Option<&'a User> {
        self.inputs.snapshot.users.get(place)
    }

    fn act(&mut self, label: impl Into<String>, operation: Operation) {
        self.operations.push((label.into(), operation));
    }

    /// Whether the user's memberships are left alone because of a quarantine.
    fn is_confined(&self, user: &str) -> bool {
        self.inputs.quarantined.contains_key(user)
    }

    fn differ(&mut self, code: DriftCode, kind: ObjectKind, id: Option<&str>, name: &str, detail: String) {
        self.drift.push(Drift { code, kind, id: id.map(str::to_owned), name: name.to_owned(), detail });
    }

    fn warn(&mut self, code: &str, message: String) {
        self.warnings.push(Warning { code: code.to_owned(), message });
    }

    fn touch_user(&mut self, user: &User) {
        let touched = Touched {
            kind: ObjectKind::User,
            id: user.id.clone(),
            name: name_of(user).to_owned(),
            digest: Digest::of_user(user),
        };
        self.touched.insert((ObjectKind::User, user.id.clone()), touched);
    }

    fn touch_group(&mut self, group: &Group) {
        let touched = Touched {
            kind: ObjectKind::Group,
            id: group.id.clone(),
            name: name_of_group(group).to_owned(),
            digest: Digest::of_group(group),
        };
        self.touched.insert((ObjectKind::Group, group.id.clone()), touched);
    }

    /// Whoever the source names.
    fn people(&mut self) {
        let mut claims: BTreeMap<usize, Vec<&Person>> = BTreeMap::new();
        let mut found = Vec::new();
        for person in &self.inputs.desired.people {
            let one = self.index.find(person, self.inputs.links);
            if let Match::One(place) = one {
                claims.entry(place).or_default().push(person);
            }
            found.push((person, one));
        }
        for (person, one) in found {
            match one {
                Match::One(place) if claims.get(&place).is_some_and(|people| people.len() > 1) => {
                    let lines: Vec<_> =
                        claims.get(&place).into_iter().flatten().map(|person| person.line.to_string()).collect();
                    let id = self.user(place).map(|user| user.id.clone());
                    self.matched.insert(place, person);
                    let detail =
                        format!("lines {} of the source are all this user; nothing is written", lines.join(", "));
                    self.differ(DriftCode::Duplicate, ObjectKind::User, id.as_deref(), person.label(), detail);
                }
                Match::One(place) => {
                    self.matched.insert(place, person);
                    self.keep(person, place);
                }
                Match::Nobody => self.make(person),
                Match::Several(rule, places) => {
                    // None of them is taken for a leaver either.
                    self.matched.extend(places.iter().map(|place| (*place, person)));
                    let ids: Vec<_> = places
                        .iter()
                        .filter_map(|place| self.user(*place))
                        .map(|user| format!("`{}`", user.id))
                        .collect();
                    let detail = format!("by {rule} it may be any of the users {}; nothing is written", ids.join(", "));
                    self.differ(DriftCode::Ambiguous, ObjectKind::User, None, person.label(), detail);
                }
            }
        }
    }

    fn finish(mut self, made_at: &str) -> Draft {
        let Inputs { snapshot, desired, rules, last, today, .. } = self.inputs;
        // The order of the cases is the order of a plan; within one, that of the names.
        self.operations.sort_by(|(one, a), (other, b)| (a.phase(), one).cmp(&(b.phase(), other)));
        let operations = std::mem::take(&mut self.operations);
        self.warn_of_scope();
        let actions: Vec<_> =
            (1..).zip(operations).map(|(number, (label, operation))| Action { number, label, operation }).collect();
        self.drift.sort_by(|a, b| (a.code, a.kind, &a.name, &a.id).cmp(&(b.code, b.kind, &b.name, &b.id)));
        self.warn_of_groups(&actions);
        self.warn_of_quarantines();
        let group_name = |id: &str| self.groups.get(id).map_or("", |group| name_of_group(group));
        let removals = actions.iter().filter_map(|action| match &action.operation {
            Operation::RemoveMember { group, .. } => Some(group.as_str()),
            _ => None,
        });
        let losing: BTreeSet<_> = removals.collect();
        let additions = actions.iter().filter_map(|action| match &action.operation {
            Operation::AddMember { user: Reference::Id(user), .. } => Some(user.as_str()),
            _ => None,
        });
        let gaining: BTreeSet<_> = additions.collect();
        let weights = Weights {
            limits: &rules.limits,
            source: &desired.source,
            users: snapshot.users.len() as u64,
            members: losing
                .into_iter()
                .map(|id| (id, (self.census.members(id).len() as u64, group_name(id))))
                .collect(),
            groups: gaining
                .into_iter()
                .filter_map(|id| {
                    let user = self.index.id(id).and_then(|place| self.user(place))?;
                    Some((id, (self.census.groups(id).count() as u64, name_of(user))))
                })
                .collect(),
            last,
            today,
            removes: !self.inputs.only_add,
        };
        let trips = guard::weigh(&actions, &weights);
        let mut plan = Plan {
            plan: Plan::VERSION,
            target: snapshot.header.target.clone(),
            source: desired.source.clone(),
            made_at: made_at.to_owned(),
            snapshot: snapshot.header.content.clone(),
            users: snapshot.users.len() as u64,
            is_complete: self.is_complete(),
            is_import: self.inputs.only_add,
            drift: self.drift,
            warnings: self.warnings,
            trips,
            touched: self.touched.into_values().collect(),
            links: self.links,
            actions,
            digest: Digest::of(b""),
        };
        plan.digest = plan.compute_digest();
        Draft { plan, needs: self.needs }
    }

    /// An id that nobody has is misspelt, or of somebody who is gone.
    fn warn_of_scope(&mut self) {
        let scope = &self.inputs.rules.scope;
        let users = scope.user_ids.iter().filter(|id| self.index.id(id).is_none()).map(|id| ("user", id));
        let groups = scope.group_ids.iter().filter(|id| !self.groups.contains_key(id.as_str()));
        let unknown: Vec<_> = users.chain(groups.map(|id| ("group", id))).collect();
        for (kind, id) in unknown {
            self.warn("scope-unknown", format!("the scope lists the {kind} `{id}`, which the directory does not have"));
        }
    }

    /// Whoever is in quarantine is named, whether or not something would have changed.
    fn warn_of_quarantines(&mut self) {
        let Inputs { snapshot, quarantined, .. } = self.inputs;
        for user in &snapshot.users {
            if let Some(why) = quarantined.get(&user.id) {
                let name = name_of(user);
                let message =
                    format!("`{name}` is in quarantine {why}: no membership of theirs is changed until a release");
                self.warn("quarantined", message);
            }
        }
    }

    /// Access rules bind to a numeric group id of one IdP (zpa-scim 10): a group that is made anew, or deleted, leaves
    /// them without anybody.
    fn warn_of_groups(&mut self, actions: &[Action]) {
        for action in actions {
            match &action.operation {
                Operation::CreateGroup { .. } => {
                    let message = format!(
                        "the group `{}` is made: no access rule matches it until somebody adds it to one",
                        action.label
                    );
                    self.warn("group-created", message);
                }
                Operation::DeleteGroup { .. } => {
                    let message = format!(
                        "the group `{}` is deleted: access rules that name it match nobody any more, also when a group of that name is made again",
                        action.label
                    );
                    self.warn("group-deleted", message);
                }
                _ => {}
            }
        }
        let switched_off =
            actions.iter().filter(|action| matches!(action.operation, Operation::DeactivateUser { .. })).count();
        if switched_off > 0 {
            let message = format!(
                "users that are switched off: {switched_off}; some vendors delete them for it, ZPA perhaps among them, so \
                 each counts as a deletion"
            );
            self.warn("deactivation-may-delete", message);
        }
        if self.inputs.snapshot.users.is_empty() && !actions.is_empty() {
            let message = "the directory has no users: if this is a new IdP configuration, its groups get ids of their own, and access rules that name the old ones match nobody".to_owned();
            self.warn("new-directory", message);
        }
    }
}

/// What a user is called.
fn name_of(user: &User) -> &str {
    user.username.as_deref().unwrap_or(&user.id)
}

/// What a group is called.
fn name_of_group(group: &Group) -> &str {
    group.name.as_deref().unwrap_or(&group.id)
}

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;
