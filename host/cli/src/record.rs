//! Users, groups and members as rows of text: the fields of each under their unified names, and the columns of its
//! table. Never changes a value.

use std::borrow::Cow;

use portcullis_directory::{Group, Json, Member, User};
use serde::Serialize;

/// What can be printed as a row.
pub(crate) trait Record: Serialize + 'static {
    /// What one is called.
    const NOUN: &'static str;
    /// Every field, in the order of the contract.
    const FIELDS: &'static [Field<Self>];
    /// The columns of a table.
    const COLUMNS: &'static [Column];
}

/// A field as text; empty where it is absent.
#[derive(Debug)]
pub(crate) struct Field<T: ?Sized> {
    /// The unified name.
    pub(crate) name: &'static str,
    /// Its value. Lists are joined by `;`.
    pub(crate) text: for<'a> fn(&'a T) -> Cow<'a, str>,
}

/// A column of a table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    /// The field that it shows.
    pub(crate) field: &'static str,
    /// The narrowest that it may become.
    pub(crate) least: usize,
    /// Where the terminal is too narrow for all, columns of a higher rank have their place first.
    pub(crate) rank: u8,
}

impl Record for User {
    const NOUN: &'static str = "user";
    const FIELDS: &'static [Field<User>] = &[
        Field { name: "id", text: |user| Cow::Borrowed(&user.id) },
        Field { name: "external_id", text: |user| optional(user.external_id.as_ref()) },
        Field { name: "username", text: |user| optional(user.username.as_ref()) },
        Field { name: "name", text: |user| optional(user.name.as_ref()) },
        Field { name: "first_name", text: |user| optional(user.first_name.as_ref()) },
        Field { name: "last_name", text: |user| optional(user.last_name.as_ref()) },
        Field { name: "nick_name", text: |user| optional(user.nick_name.as_ref()) },
        Field { name: "title", text: |user| optional(user.title.as_ref()) },
        Field { name: "user_type", text: |user| optional(user.user_type.as_ref()) },
        Field { name: "status", text: |user| optional(user.status.as_ref()) },
        Field { name: "emails", text: |user| joined(user.emails.iter().map(|email| email.email.as_str())) },
        Field {
            name: "groups",
            text: |user| joined(user.groups.iter().map(|group| group.name.as_ref().unwrap_or(&group.id).as_str())),
        },
        Field { name: "group_ids", text: |user| joined(user.groups.iter().map(|group| group.id.as_str())) },
        Field { name: "department", text: |user| optional(user.department.as_ref()) },
        Field { name: "cost_center", text: |user| optional(user.cost_center.as_ref()) },
        Field { name: "division", text: |user| optional(user.division.as_ref()) },
        Field { name: "organization", text: |user| optional(user.organization.as_ref()) },
        Field { name: "created_at", text: |user| optional(user.created_at.as_ref()) },
        Field { name: "updated_at", text: |user| optional(user.updated_at.as_ref()) },
        Field { name: "extras", text: |user| extras(&user.extras) },
        Field { name: "remote_data", text: |user| json(user.remote_data.as_ref()) },
    ];
    const COLUMNS: &'static [Column] = &[
        Column { field: "id", least: 36, rank: 8 },
        Column { field: "username", least: 14, rank: 9 },
        Column { field: "name", least: 12, rank: 1 },
        Column { field: "status", least: 6, rank: 5 },
        Column { field: "department", least: 8, rank: 3 },
        Column { field: "groups", least: 8, rank: 4 },
    ];
}

impl Record for Group {
    const NOUN: &'static str = "group";
    const FIELDS: &'static [Field<Group>] = &[
        Field { name: "id", text: |group| Cow::Borrowed(&group.id) },
        Field { name: "external_id", text: |group| optional(group.external_id.as_ref()) },
        Field { name: "name", text: |group| optional(group.name.as_ref()) },
        Field { name: "description", text: |group| optional(group.description.as_ref()) },
        Field { name: "group_type", text: |group| optional(group.group_type.as_ref()) },
        Field { name: "created_at", text: |group| optional(group.created_at.as_ref()) },
        Field { name: "updated_at", text: |group| optional(group.updated_at.as_ref()) },
        Field { name: "extras", text: |group| extras(&group.extras) },
        Field { name: "remote_data", text: |group| json(group.remote_data.as_ref()) },
    ];
    const COLUMNS: &'static [Column] = &[
        Column { field: "id", least: 36, rank: 8 },
        Column { field: "name", least: 14, rank: 9 },
        Column { field: "external_id", least: 12, rank: 1 },
        Column { field: "updated_at", least: 20, rank: 2 },
    ];
}

impl Record for Member {
    const NOUN: &'static str = "member";
    const FIELDS: &'static [Field<Member>] = &[
        Field { name: "id", text: |member| Cow::Borrowed(&member.id) },
        Field { name: "type", text: |member| optional(member.r#type.as_ref()) },
        Field { name: "name", text: |member| optional(member.name.as_ref()) },
    ];
    const COLUMNS: &'static [Column] = &[
        Column { field: "id", least: 36, rank: 8 },
        Column { field: "type", least: 5, rank: 1 },
        Column { field: "name", least: 12, rank: 2 },
    ];
}

fn optional(text: Option<&String>) -> Cow<'_, str> {
    Cow::Borrowed(text.map_or("", String::as_str))
}

fn joined<'a>(mut texts: impl Iterator<Item = &'a str>) -> Cow<'a, str> {
    let first = Cow::Borrowed(texts.next().unwrap_or_default());
    texts.fold(first, |joined, text| Cow::Owned(format!("{joined};{text}")))
}

/// The extras as the JSON object that they are in JSON output.
fn extras(extras: &[(String, Json)]) -> Cow<'_, str> {
    if extras.is_empty() {
        return Cow::Borrowed("");
    }
    let members = extras.iter().map(|(name, value)| format!("{}:{value}", serde_json::Value::from(name.as_str())));
    Cow::Owned(format!("{{{}}}", members.collect::<Vec<_>>().join(",")))
}

fn json(json: Option<&Json>) -> Cow<'_, str> {
    Cow::Borrowed(json.map_or("", Json::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<T: Record>() {
        for column in T::COLUMNS {
            assert!(T::FIELDS.iter().any(|field| field.name == column.field), "{}", column.field);
        }
    }

    #[test]
    fn every_column_shows_a_field() {
        check::<User>();
        check::<Group>();
        check::<Member>();
    }

    #[test]
    fn extras_are_one_object() {
        let field = |name: &str, text: &str| (name.to_owned(), Json::from_text(text));
        assert_eq!(extras(&[field("a\"b", "{\"c\": 1}"), field("d", "null")]), r#"{"a\"b":{"c": 1},"d":null}"#);
        assert_eq!(extras(&[]), "");
    }
}
