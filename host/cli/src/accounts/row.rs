//! What is shown of an account. There is no token in it, and no place for one.

use std::borrow::Cow;
use std::collections::BTreeMap;

use portcullis_directory::Json;
use portcullis_store::{Account, KeyPlace, instant};
use serde::Serialize;

use crate::account;
use crate::keyring;
use crate::record::{Column, Field, Record};

/// An account as a row.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    name: String,
    endpoint: String,
    /// `token`, `command` or `none`.
    credential: String,
    /// Where the key is that opens it: `file`, `keyring` or `operator`.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settings: Option<Json>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    limits: BTreeMap<String, u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    component: Option<String>,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    rotated_at: Option<String>,
    /// Since when the vendor refuses the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    needs_reauth_since: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checked_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    check: Option<String>,
}

impl Row {
    pub(super) fn new(account: &Account, key: Option<KeyPlace>) -> Row {
        Row {
            name: account.name.to_string(),
            endpoint: account.endpoint.clone(),
            credential: account.credential_kind.clone(),
            key: key.filter(|_| account.credential_kind != "none").map(keyring::word),
            settings: account.settings.as_deref().map(Json::from_text),
            limits: account.limits.clone(),
            component: account.component.clone(),
            created_at: instant::shown(account.created),
            rotated_at: account.rotated.map(instant::shown),
            needs_reauth_since: account.needs_reauth.map(instant::shown),
            checked_at: account.checked.as_ref().map(|check| instant::shown(check.at)),
            check: account.checked.as_ref().map(|check| check.outcome.clone()),
        }
    }
}

impl Record for Row {
    const NOUN: &'static str = "account";
    const FIELDS: &'static [Field<Row>] = &[
        Field { name: "name", text: |row| Cow::Borrowed(&row.name) },
        Field { name: "host", text: |row| Cow::Owned(account::host(&row.endpoint)) },
        Field { name: "endpoint", text: |row| Cow::Borrowed(&row.endpoint) },
        Field { name: "credential", text: |row| Cow::Borrowed(&row.credential) },
        Field { name: "key", text: |row| Cow::Borrowed(row.key.unwrap_or_default()) },
        Field { name: "settings", text: |row| Cow::Borrowed(row.settings.as_ref().map_or("", Json::as_str)) },
        Field { name: "limits", text: limits },
        Field { name: "component", text: |row| optional(row.component.as_ref()) },
        Field { name: "created_at", text: |row| Cow::Borrowed(&row.created_at) },
        Field { name: "rotated_at", text: |row| optional(row.rotated_at.as_ref()) },
        Field { name: "needs_reauth_since", text: |row| optional(row.needs_reauth_since.as_ref()) },
        Field { name: "checked_at", text: |row| optional(row.checked_at.as_ref()) },
        Field { name: "check", text: |row| optional(row.check.as_ref()) },
    ];
    const COLUMNS: &'static [Column] = &[
        Column { field: "name", least: 12, rank: 9 },
        Column { field: "host", least: 14, rank: 8 },
        Column { field: "created_at", least: 20, rank: 4 },
        Column { field: "checked_at", least: 20, rank: 6 },
        Column { field: "check", least: 12, rank: 7 },
        Column { field: "needs_reauth_since", least: 20, rank: 8 },
    ];
}

fn optional(text: Option<&String>) -> Cow<'_, str> {
    Cow::Borrowed(text.map_or("", String::as_str))
}

fn limits(row: &Row) -> Cow<'_, str> {
    let limits: Vec<_> = row.limits.iter().map(|(name, number)| format!("{name}={number}")).collect();
    Cow::Owned(limits.join(";"))
}
