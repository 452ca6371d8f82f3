//! Whether a field already has the value that it should have. What is the same but for case, composition or order is no
//! drift where the field does not care.

use std::collections::BTreeSet;

use portcullis_directory::User;
use serde_json::Value;

use crate::normal::{composed, normal};

/// The value of a field in a user, as in the user's JSON; `None` where there is none.
pub(super) fn current(user: &User, json: &Value, field: &str) -> Option<Value> {
    let extra = || {
        let (_, text) = user.extras.iter().find(|(name, _)| name == field)?;
        serde_json::from_str(text.as_str()).ok()
    };
    let value = json.get(field).cloned().or_else(extra);
    value.filter(|value| !value.is_null() && value.as_array().is_none_or(|rows| !rows.is_empty()))
}

/// Whether the two values of a field mean the same.
pub(super) fn same(field: &str, current: Option<&Value>, wanted: &Value) -> bool {
    let Some(current) = current else { return wanted.is_null() };
    match (current, wanted) {
        (Value::String(current), Value::String(wanted)) if field == "username" => normal(current) == normal(wanted),
        (Value::String(current), Value::String(wanted)) => composed(current) == composed(wanted),
        (Value::Array(current), Value::Array(wanted)) if field == "emails" => addresses(current) == addresses(wanted),
        (Value::Array(current), Value::Array(wanted)) => set(current) == set(wanted),
        (Value::Number(current), Value::Number(wanted)) => current.as_f64() == wanted.as_f64(),
        // A vendor may keep a number or a boolean as a text.
        (Value::String(current), Value::Number(wanted)) => current.trim().parse().ok() == wanted.as_f64(),
        (Value::String(current), Value::Bool(wanted)) => normal(current).parse() == Ok(*wanted),
        (current, wanted) => current == wanted,
    }
}

fn addresses(rows: &[Value]) -> BTreeSet<String> {
    rows.iter().filter_map(|row| row.as_str().or_else(|| row.get("email")?.as_str())).map(normal).collect()
}

fn set(rows: &[Value]) -> BTreeSet<String> {
    rows.iter().map(|row| row.as_str().map_or_else(|| row.to_string(), composed)).collect()
}
