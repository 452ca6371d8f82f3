//! Memberships and changes as rows.

use std::borrow::Cow;

use portcullis_reconcile::{
    Difference, Evidence, FieldChange, MembershipChange, ObjectChange, ObjectKind, Seat, Snapshot,
};
use serde::Serialize;
use serde_json::Value;

use crate::record::{Column, Field, Record};

/// Who is in which group.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Membership {
    group_id: String,
    group: Option<String>,
    member_id: String,
    member: Option<String>,
    status: Option<String>,
    /// `user`, `roster` or `both`.
    shown_by: &'static str,
}

impl Membership {
    /// With the names that the snapshot has for both.
    pub(super) fn new(seat: &Seat<'_>, snapshot: &Snapshot) -> Membership {
        let user = snapshot.user(seat.member);
        let name = |user: &portcullis_directory::User| user.username.clone().or_else(|| user.name.clone());
        Membership {
            group_id: seat.group.to_owned(),
            group: snapshot.group(seat.group).and_then(|group| group.name.clone()),
            member_id: seat.member.to_owned(),
            member: user.and_then(name),
            status: user.and_then(|user| user.status.clone()),
            shown_by: match seat.evidence {
                Evidence::User => "user",
                Evidence::Roster => "roster",
                Evidence::Both => "both",
            },
        }
    }
}

impl Record for Membership {
    const NOUN: &'static str = "membership";
    const FIELDS: &'static [Field<Membership>] = &[
        Field { name: "group_id", text: |row| Cow::Borrowed(&row.group_id) },
        Field { name: "group", text: |row| optional(row.group.as_ref()) },
        Field { name: "member_id", text: |row| Cow::Borrowed(&row.member_id) },
        Field { name: "member", text: |row| optional(row.member.as_ref()) },
        Field { name: "status", text: |row| optional(row.status.as_ref()) },
        Field { name: "shown_by", text: |row| Cow::Borrowed(row.shown_by) },
    ];
    const COLUMNS: &'static [Column] = &[
        Column { field: "group", least: 14, rank: 8 },
        Column { field: "member", least: 14, rank: 9 },
        Column { field: "member_id", least: 36, rank: 2 },
        Column { field: "status", least: 6, rank: 3 },
        Column { field: "shown_by", least: 6, rank: 1 },
    ];
}

/// One change: an object or a membership that came or went, or a field that has another value.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Change {
    /// `added`, `removed` or `changed`.
    #[serde(rename = "change")]
    what: &'static str,
    /// `user`, `group` or `membership`.
    kind: &'static str,
    id: String,
    name: String,
    /// The group of a membership.
    #[serde(skip_serializing_if = "Option::is_none")]
    group_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Value>,
}

impl Change {
    /// All of a difference.
    pub(super) fn all(difference: Difference) -> Vec<Change> {
        let objects = difference.objects.into_iter().flat_map(Change::of_object);
        objects.chain(difference.memberships.into_iter().map(Change::of_membership)).collect()
    }

    fn of_object(object: ObjectChange) -> Vec<Change> {
        let ObjectChange { kind, id, name, change, fields } = object;
        let kind = match kind {
            ObjectKind::User => "user",
            ObjectKind::Group => "group",
        };
        let change = Change {
            what: change.word(),
            kind,
            id,
            name,
            group_id: None,
            group: None,
            field: None,
            before: None,
            after: None,
        };
        if fields.is_empty() {
            return vec![change];
        }
        let of = |field: FieldChange| Change {
            field: Some(field.field),
            before: field.before,
            after: field.after,
            ..change.clone()
        };
        fields.into_iter().map(of).collect()
    }

    fn of_membership(membership: MembershipChange) -> Change {
        let MembershipChange { group, group_name, member, member_name, change } = membership;
        Change {
            what: change.word(),
            kind: "membership",
            id: member,
            name: member_name,
            group_id: Some(group),
            group: Some(group_name),
            field: None,
            before: None,
            after: None,
        }
    }
}

impl Record for Change {
    const NOUN: &'static str = "change";
    const FIELDS: &'static [Field<Change>] = &[
        Field { name: "change", text: |row| Cow::Borrowed(row.what) },
        Field { name: "kind", text: |row| Cow::Borrowed(row.kind) },
        Field { name: "id", text: |row| Cow::Borrowed(&row.id) },
        Field { name: "name", text: |row| Cow::Borrowed(&row.name) },
        Field { name: "group_id", text: |row| optional(row.group_id.as_ref()) },
        Field { name: "group", text: |row| optional(row.group.as_ref()) },
        Field { name: "field", text: |row| optional(row.field.as_ref()) },
        Field { name: "before", text: |row| value(row.before.as_ref()) },
        Field { name: "after", text: |row| value(row.after.as_ref()) },
    ];
    const COLUMNS: &'static [Column] = &[
        Column { field: "change", least: 7, rank: 9 },
        Column { field: "kind", least: 10, rank: 8 },
        Column { field: "name", least: 14, rank: 7 },
        Column { field: "group", least: 8, rank: 6 },
        Column { field: "field", least: 8, rank: 5 },
        Column { field: "before", least: 8, rank: 3 },
        Column { field: "after", least: 8, rank: 4 },
        Column { field: "id", least: 36, rank: 1 },
    ];
}

fn optional(text: Option<&String>) -> Cow<'_, str> {
    Cow::Borrowed(text.map_or("", String::as_str))
}

/// A text as it is, any other value as JSON.
fn value(value: Option<&Value>) -> Cow<'_, str> {
    match value {
        None => Cow::Borrowed(""),
        Some(Value::String(text)) => Cow::Borrowed(text),
        Some(other) => Cow::Owned(other.to_string()),
    }
}
