//! Whether a field already has the value that it should have. What is the same but for case, composition or order is no
//! drift where the field does not care.

use std::collections::BTreeSet;

use portcullis_directory::User;
use serde_json::Value;

use crate::normal::{composed, normal};

/// The value of a field in a user, as in the user's JSON; `None` where there is none.
pub(crate) fn current(user: &User, json: &Value, field: &str) -> Option<Value> {
    let extra = || {
        let (_, text) = user.extras.iter().find(|(name, _)| name == field)?;
        serde_json::from_str(text.as_str()).ok()
    };
    let value = json.get(field).cloned().or_else(extra);
    value.filter(|value| !value.is_null() && value.as_array().is_none_or(|rows| !rows.is_empty()))
}

/// Whether the two values of a field mean the same.
pub(crate) fn same(field: &str, current: Option<&Value>, wanted: &Value) -> bool {
    let Some(current) = current else { return is_nothing(wanted) };
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

/// No value, in any of the ways in which a source may say so.
fn is_nothing(wanted: &Value) -> bool {
    match wanted {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(rows) => rows.is_empty(),
        _ => false,
    }
}

fn addresses(rows: &[Value]) -> BTreeSet<String> {
    rows.iter().filter_map(|row| row.as_str().or_else(|| row.get("email")?.as_str())).map(normal).collect()
}

fn set(rows: &[Value]) -> BTreeSet<String> {
    rows.iter().map(|row| row.as_str().map_or_else(|| row.to_string(), composed)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_says_nothing_in_other_words_is_no_drift() {
        for wanted in [json!(null), json!(""), json!("  "), json!([])] {
            assert!(same("title", None, &wanted), "{wanted}");
        }
        assert!(!same("title", None, &json!("Analyst")));
        assert!(!same("title", Some(&json!("Analyst")), &json!(null)));
        assert!(same("title", Some(&json!("Ana\u{308}")), &json!(" An\u{e4}")));
        assert!(!same("title", Some(&json!("analyst")), &json!("Analyst")));
    }
}
