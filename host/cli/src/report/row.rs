//! Rows of reports.

use std::borrow::Cow;

use portcullis_reconcile::ObjectKind;
use portcullis_reconcile::report::{AccessRow, Finding};

use crate::record::{Column, Field, Record};

impl Record for AccessRow {
    const NOUN: &'static str = "membership";
    const FIELDS: &'static [Field<AccessRow>] = &[
        Field { name: "group_id", text: |row| optional(row.group_id.as_ref()) },
        Field { name: "group", text: |row| optional(row.group.as_ref()) },
        Field { name: "user_id", text: |row| optional(row.user_id.as_ref()) },
        Field { name: "username", text: |row| optional(row.username.as_ref()) },
        Field { name: "name", text: |row| optional(row.name.as_ref()) },
        Field { name: "status", text: |row| optional(row.status.as_ref()) },
        Field { name: "external_id", text: |row| optional(row.external_id.as_ref()) },
        Field { name: "department", text: |row| optional(row.department.as_ref()) },
        Field { name: "shown_by", text: |row| Cow::Borrowed(row.shown_by.unwrap_or_default()) },
        Field {
            name: "findings",
            text: |row| Cow::Owned(row.findings.iter().map(|code| code.code()).collect::<Vec<_>>().join(";")),
        },
    ];
    const COLUMNS: &'static [Column] = &[];
}

impl Record for Finding {
    const NOUN: &'static str = "finding";
    const FIELDS: &'static [Field<Finding>] = &[
        Field { name: "finding", text: |row| Cow::Borrowed(row.code.code()) },
        Field {
            name: "kind",
            text: |row| {
                Cow::Borrowed(match row.kind {
                    ObjectKind::User => "user",
                    ObjectKind::Group => "group",
                })
            },
        },
        Field { name: "id", text: |row| Cow::Borrowed(&row.id) },
        Field { name: "name", text: |row| Cow::Borrowed(&row.name) },
        Field { name: "about_it", text: |row| Cow::Borrowed(&row.detail) },
    ];
    const COLUMNS: &'static [Column] = &[
        Column { field: "finding", least: 12, rank: 8 },
        Column { field: "kind", least: 5, rank: 3 },
        Column { field: "name", least: 14, rank: 9 },
        Column { field: "about_it", least: 12, rank: 4 },
        Column { field: "id", least: 36, rank: 1 },
    ];
}

fn optional(text: Option<&String>) -> Cow<'_, str> {
    Cow::Borrowed(text.map_or("", String::as_str))
}
