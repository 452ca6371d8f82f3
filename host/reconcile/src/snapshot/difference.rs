//! What changed from one snapshot to another, field by field. Never says that something is gone which may only not have
//! been seen: whoever shows a difference asks both snapshots whether they are complete.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use portcullis_directory::{Group, User};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Snapshot;
use crate::action::FieldChange;
use crate::census::{Census, Evidence, Seat};
use crate::plan::ObjectKind;

/// What changed from one snapshot to another of the same directory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// Users and then groups, by id.
    pub objects: Vec<ObjectChange>,
    /// Memberships, by group and then by member.
    pub memberships: Vec<MembershipChange>,
}

/// An object that came, went or has other values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectChange {
    /// Of which kind it is.
    pub kind: ObjectKind,
    /// Its id.
    pub id: String,
    /// Its name, for a person; the newer one.
    pub name: String,
    /// What became of it.
    pub change: ChangeKind,
    /// The fields that have another value; none of what came or went.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldChange>,
}

/// A membership that came or went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MembershipChange {
    /// The id of the group.
    pub group: String,
    /// The name of the group, for a person.
    pub group_name: String,
    /// The id of the member.
    pub member: String,
    /// The name of the member, for a person.
    pub member_name: String,
    /// Whether it came or went.
    pub change: ChangeKind,
}

/// What became of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// It is in the second snapshot alone.
    Added,
    /// It is in the first snapshot alone.
    Removed,
    /// It has other values.
    Changed,
}

impl ChangeKind {
    /// The word that JSON has for it.
    pub fn word(self) -> &'static str {
        match self {
            ChangeKind::Added => "added",
            ChangeKind::Removed => "removed",
            ChangeKind::Changed => "changed",
        }
    }
}

impl Difference {
    /// From one snapshot to another. Times that the vendor keeps and the vendor's own JSON are left out, as they are
    /// from [digests](crate::Digest::of_user): whether a membership changes them is unknown (zpa-scim 13).
    ///
    /// A membership that only a roster shows counts where both snapshots have a roster of that group.
    pub fn between(before: &Snapshot, after: &Snapshot) -> Difference {
        let mut objects = Vec::new();
        for pair in pairs(&before.users, &after.users, |user| user.id.as_str()) {
            objects.extend(compare(ObjectKind::User, pair, |user| (&user.id, user_name(user))));
        }
        for pair in pairs(&before.groups, &after.groups, |group| group.id.as_str()) {
            objects.extend(compare(ObjectKind::Group, pair, |group| (&group.id, group_name(group))));
        }
        Difference { objects, memberships: memberships(before, after) }
    }

    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty() && self.memberships.is_empty()
    }
}

/// What a person calls a user: the username, the name to show, or the id.
pub(crate) fn user_name(user: &User) -> &str {
    let name = user.username.as_deref().filter(|name| !name.is_empty()).or(user.name.as_deref());
    name.filter(|name| !name.is_empty()).unwrap_or(&user.id)
}

/// What a person calls a group: its name, or the id.
pub(crate) fn group_name(group: &Group) -> &str {
    group.name.as_deref().filter(|name| !name.is_empty()).unwrap_or(&group.id)
}

/// Two sorted lists side by side: what is in both, and what is in one alone.
fn pairs<'a, T, K: Ord>(
    before: &'a [T],
    after: &'a [T],
    key: impl Fn(&'a T) -> K,
) -> impl Iterator<Item = (Option<&'a T>, Option<&'a T>)> {
    let (mut before, mut after) = (before.iter().peekable(), after.iter().peekable());
    std::iter::from_fn(move || {
        let order = match (before.peek(), after.peek()) {
            (None, None) => return None,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(one), Some(other)) => key(one).cmp(&key(other)),
        };
        let one = if order.is_le() { before.next() } else { None };
        let other = if order.is_ge() { after.next() } else { None };
        Some((one, other))
    })
}

fn compare<'a, T: Serialize + PartialEq>(
    kind: ObjectKind,
    pair: (Option<&'a T>, Option<&'a T>),
    identity: impl Fn(&'a T) -> (&'a String, &'a str),
) -> Option<ObjectChange> {
    let (change, fields) = match pair {
        (Some(before), Some(after)) if before == after => return None,
        (Some(before), Some(after)) => (ChangeKind::Changed, field_changes(before, after)),
        (Some(_), None) => (ChangeKind::Removed, Vec::new()),
        (None, _) => (ChangeKind::Added, Vec::new()),
    };
    if change == ChangeKind::Changed && fields.is_empty() {
        return None;
    }
    let (id, name) = identity(pair.1.or(pair.0)?);
    Some(ObjectChange { kind, id: id.clone(), name: name.to_owned(), change, fields })
}

fn field_changes(before: &impl Serialize, after: &impl Serialize) -> Vec<FieldChange> {
    let (mut before, after) = (fields(before), fields(after));
    let mut changes: Vec<_> = after
        .into_iter()
        .filter_map(|(field, value)| {
            let before = before.remove(&field);
            (before.as_ref() != Some(&value)).then_some(FieldChange { field, before, after: Some(value) })
        })
        .collect();
    changes.extend(before.into_iter().map(|(field, value)| FieldChange { field, before: Some(value), after: None }));
    changes.sort_by(|one, other| one.field.cmp(&other.field));
    changes
}

/// The fields that count; extras as fields of their own, under `extras.`.
fn fields(object: &impl Serialize) -> BTreeMap<String, Value> {
    // An object of this crate cannot fail to be written.
    let Ok(Value::Object(members)) = serde_json::to_value(object) else { return BTreeMap::new() };
    let mut fields = BTreeMap::new();
    for (name, value) in members {
        match (name.as_str(), value) {
            ("id" | "groups" | "created_at" | "updated_at" | "remote_data", _) => {}
            ("extras", Value::Object(extras)) => {
                fields.extend(extras.into_iter().map(|(name, value)| (format!("extras.{name}"), value)));
            }
            // What is absent in one may be an empty list in the other.
            ("emails", Value::Array(emails)) if emails.is_empty() => {}
            (_, value) => drop(fields.insert(name, value)),
        }
    }
    fields
}

fn memberships(before: &Snapshot, after: &Snapshot) -> Vec<MembershipChange> {
    let counts = |seat: &Seat<'_>| seat.evidence != Evidence::Roster || both_have_a_roster(before, after, seat.group);
    let (one, other) = (Census::of(before), Census::of(after));
    let one: Vec<_> = one.seats().iter().copied().filter(counts).collect();
    let other: Vec<_> = other.seats().iter().copied().filter(counts).collect();
    pairs(&one, &other, |seat| (seat.group, seat.member))
        .filter_map(|pair| {
            let (seat, change) = match pair {
                (Some(seat), None) => (seat, ChangeKind::Removed),
                (None, Some(seat)) => (seat, ChangeKind::Added),
                _ => return None,
            };
            let group = after.group(seat.group).or_else(|| before.group(seat.group));
            let user = after.user(seat.member).or_else(|| before.user(seat.member));
            Some(MembershipChange {
                group: seat.group.to_owned(),
                group_name: group.map_or(seat.group, group_name).to_owned(),
                member: seat.member.to_owned(),
                member_name: user.map_or(seat.member, user_name).to_owned(),
                change,
            })
        })
        .collect()
}

fn both_have_a_roster(before: &Snapshot, after: &Snapshot, group: &str) -> bool {
    before.roster(group).is_some() && after.roster(group).is_some()
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use portcullis_directory::{Email, Json};

    use super::*;
    use crate::snapshot::tests::{group, roster, snapshot, user};

    fn check(before: &Snapshot, after: &Snapshot, expected: &Expect) {
        let difference = Difference::between(before, after);
        let objects = difference.objects.iter().map(|change| serde_json::to_string(change).unwrap());
        let memberships = difference.memberships.iter().map(|change| serde_json::to_string(change).unwrap());
        expected.assert_eq(&objects.chain(memberships).collect::<Vec<_>>().join("\n"));
    }

    #[test]
    fn every_change_is_told_field_by_field() {
        let before = snapshot(
            vec![
                User { title: Some("Analyst".to_owned()), nick_name: Some("Mo".to_owned()), ..user("u1", &["g1"]) },
                user("u2", &["g1"]),
            ],
            vec![group("g1"), group("g2")],
        );
        let changed = User {
            title: Some("Head".to_owned()),
            emails: vec![Email { email: "m@acme.example".to_owned(), ..Email::default() }],
            extras: vec![("badge".to_owned(), Json::from_text("7"))],
            updated_at: Some("2026-01-02T00:00:00Z".to_owned()),
            ..user("u1", &["g2"])
        };
        let renamed = Group { name: Some("Other".to_owned()), ..group("g1") };
        let after = snapshot(vec![changed, user("u3", &[])], vec![renamed, group("g2")]);
        check(
            &before,
            &after,
            &expect![[r#"
            {"kind":"user","id":"u1","name":"u1","change":"changed","fields":[{"field":"emails","after":[{"email":"m@acme.example"}]},{"field":"extras.badge","after":7},{"field":"nick_name","before":"Mo"},{"field":"title","before":"Analyst","after":"Head"}]}
            {"kind":"user","id":"u2","name":"u2","change":"removed"}
            {"kind":"user","id":"u3","name":"u3","change":"added"}
            {"kind":"group","id":"g1","name":"Other","change":"changed","fields":[{"field":"name","before":"Group g1","after":"Other"}]}
            {"group":"g1","group_name":"Other","member":"u1","member_name":"u1","change":"removed"}
            {"group":"g1","group_name":"Other","member":"u2","member_name":"u2","change":"removed"}
            {"group":"g2","group_name":"Group g2","member":"u1","member_name":"u1","change":"added"}"#]],
        );
    }

    #[test]
    fn what_the_vendor_keeps_about_a_record_is_no_change() {
        let touched = User { updated_at: Some("2026-01-02T00:00:00Z".to_owned()), ..user("u1", &[]) };
        let (before, after) = (snapshot(vec![user("u1", &[])], vec![]), snapshot(vec![touched], vec![]));
        assert!(Difference::between(&before, &after).is_empty());
    }

    #[test]
    fn a_roster_that_only_one_snapshot_has_is_no_change() {
        let before = snapshot(vec![user("u1", &[])], vec![group("g1")]);
        let mut after = before.clone();
        after.rosters = vec![roster("g1", &["u1"])];
        assert!(Difference::between(&before, &after).is_empty());
        let mut empty = before.clone();
        empty.rosters = vec![roster("g1", &[])];
        check(
            &empty,
            &after,
            &expect![[r#"{"group":"g1","group_name":"Group g1","member":"u1","member_name":"u1","change":"added"}"#]],
        );
    }
}
