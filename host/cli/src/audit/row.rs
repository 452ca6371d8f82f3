//! A record as a row.

use std::borrow::Cow;

use portcullis_directory::Effect;
use portcullis_store::audit::Record as Audited;
use serde::Serialize;
use serde_json::Value;

use crate::record::{Column, Field, Record};

/// A record of the log, as it is shown.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    sequence: u64,
    time: String,
    /// The program's own id of the write.
    id: String,
    actor: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    endpoint: Option<String>,
    operation: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// `done`, `partly`, `failed`, or `unknown`; `restart` or `recovery` of a line that is about no write.
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    effect: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    request_ids: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

impl From<&Audited> for Row {
    fn from(record: &Audited) -> Row {
        let (intent, outcome) = (&record.intent, record.outcome.as_ref());
        let object = record.object().cloned().unwrap_or_default();
        let error = outcome.and_then(|outcome| outcome.error.as_ref());
        Row {
            sequence: intent.sequence,
            time: intent.time.clone(),
            id: intent.id.clone(),
            actor: intent.actor.as_ref().map(portcullis_store::audit::Actor::shown).unwrap_or_default(),
            account: intent.account.as_ref().and_then(|account| account.name.clone()),
            endpoint: intent.account.as_ref().map(|account| account.endpoint.clone()),
            operation: intent.operation.clone().unwrap_or_default(),
            kind: Some(object.kind).filter(|kind| !kind.is_empty()),
            object: object.id,
            name: object.name,
            outcome: record.outcome_word(),
            effect: record.effect().map(effect),
            error: error.map(ToString::to_string),
            request_ids: outcome.map(|outcome| outcome.request_ids.clone()).unwrap_or_default(),
            request: intent.request.clone(),
            before: intent.before.clone(),
            after: outcome.and_then(|outcome| outcome.after.clone()),
            result: outcome.and_then(|outcome| outcome.result.clone()),
            note: intent.note.clone(),
        }
    }
}

impl Record for Row {
    const NOUN: &'static str = "record";
    const FIELDS: &'static [Field<Row>] = &[
        Field { name: "sequence", text: |row| Cow::Owned(row.sequence.to_string()) },
        Field { name: "time", text: |row| Cow::Borrowed(&row.time) },
        Field { name: "id", text: |row| Cow::Borrowed(&row.id) },
        Field { name: "actor", text: |row| Cow::Borrowed(&row.actor) },
        Field { name: "account", text: |row| optional(row.account.as_ref()) },
        Field { name: "endpoint", text: |row| optional(row.endpoint.as_ref()) },
        Field { name: "operation", text: |row| Cow::Borrowed(&row.operation) },
        Field { name: "kind", text: |row| optional(row.kind.as_ref()) },
        Field { name: "object", text: |row| optional(row.object.as_ref()) },
        Field { name: "name", text: |row| optional(row.name.as_ref()) },
        Field { name: "outcome", text: |row| Cow::Borrowed(row.outcome) },
        Field { name: "effect", text: |row| Cow::Borrowed(row.effect.unwrap_or_default()) },
        Field { name: "error", text: |row| optional(row.error.as_ref()) },
        Field { name: "request_ids", text: |row| Cow::Owned(row.request_ids.join(";")) },
        Field { name: "request", text: |row| json(row.request.as_ref()) },
        Field { name: "before", text: |row| json(row.before.as_ref()) },
        Field { name: "after", text: |row| json(row.after.as_ref()) },
        Field { name: "result", text: |row| json(row.result.as_ref()) },
        Field { name: "note", text: |row| optional(row.note.as_ref()) },
    ];
    const COLUMNS: &'static [Column] = &[
        Column { field: "time", least: 24, rank: 9 },
        Column { field: "actor", least: 10, rank: 7 },
        Column { field: "account", least: 8, rank: 3 },
        Column { field: "operation", least: 14, rank: 8 },
        Column { field: "name", least: 14, rank: 6 },
        Column { field: "object", least: 14, rank: 4 },
        Column { field: "outcome", least: 8, rank: 8 },
        Column { field: "effect", least: 8, rank: 5 },
    ];
}

fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::None => "none",
        Effect::Unknown => "unknown",
        Effect::Applied => "applied",
    }
}

fn optional(text: Option<&String>) -> Cow<'_, str> {
    Cow::Borrowed(text.map_or("", String::as_str))
}

fn json(value: Option<&Value>) -> Cow<'_, str> {
    Cow::Owned(value.map(Value::to_string).unwrap_or_default())
}
