//! A source as JSON, an object a line in the form of a user; and a snapshot, which is that, too.

use std::collections::{BTreeMap, BTreeSet};

use portcullis_directory::Value as FieldValue;
use serde_json::{Map, Value};

use super::{Fields, GROUPS, Person, SourceError, groups, status};
use crate::census::Census;
use crate::rules::Rules;
use crate::snapshot::Snapshot;

pub(super) fn read(text: &[u8], rules: &Rules, fields: &Fields) -> Result<Vec<Person>, SourceError> {
    let mut people = Vec::new();
    for (line, text) in (1..).zip(text.split(|byte| *byte == b'\n')) {
        if text.trim_ascii().is_empty() {
            continue;
        }
        let wrong = |reason: String| SourceError { line, reason };
        let json: Value = serde_json::from_slice(text).map_err(|error| wrong(format!("it is no JSON: {error}")))?;
        let Value::Object(object) = json else { return Err(wrong("it is no JSON object".to_owned())) };
        people.push(person(line, object, rules, fields, false).map_err(wrong)?);
    }
    Ok(people)
}

/// The users of a snapshot with their groups by name; fields that cannot be written here are left behind.
pub(super) fn of_snapshot(snapshot: &Snapshot, rules: &Rules, fields: &Fields) -> Result<Vec<Person>, SourceError> {
    let census = Census::of(snapshot);
    let names: BTreeMap<_, _> =
        snapshot.groups.iter().map(|group| (group.id.as_str(), group.name.as_deref().unwrap_or(&group.id))).collect();
    // The header is the first line of a saved snapshot.
    (2..)
        .zip(&snapshot.users)
        .map(|(line, user)| {
            let wrong = |reason: String| SourceError { line, reason };
            let json = serde_json::to_value(user).map_err(|error| wrong(error.to_string()))?;
            let Value::Object(mut object) = json else { return Err(wrong("it is no JSON object".to_owned())) };
            let seats = census.groups(&user.id).filter_map(|seat| names.get(seat.group));
            object.insert(GROUPS.to_owned(), seats.map(|name| Value::from(*name)).collect());
            person(line, object, rules, fields, true).map_err(wrong)
        })
        .collect()
}

fn person(
    line: u64,
    object: Map<String, Value>,
    rules: &Rules,
    fields: &Fields,
    is_lenient: bool,
) -> Result<Person, String> {
    let (mut values, mut named, mut held) = (BTreeMap::new(), None, Vec::new());
    for (member, value) in object {
        if rules.roles.as_ref().is_some_and(|roles| roles.column == member) {
            held = texts(&value).ok_or_else(|| format!("`{member}` is neither a text nor a list of texts"))?;
            continue;
        }
        let field = match rules.columns.get(&member) {
            Some(None) => continue,
            Some(Some(field)) => field.clone(),
            None => member,
        };
        if field == GROUPS {
            let list = texts(&value).ok_or_else(|| format!("`{GROUPS}` is no list of names"))?;
            named = Some(list.into_iter().collect::<BTreeSet<_>>());
            continue;
        }
        let Some(kind) = fields.kind(&field) else {
            if is_lenient {
                continue;
            }
            return Err(format!("the field `{field}` cannot be written"));
        };
        let value = match value {
            Value::String(text) if kind == "status" => match status(&text) {
                Err(_) if is_lenient => continue,
                status => status?,
            },
            value if value.is_null() || FieldValue::from_json(&field, value.clone()).is_some() => value,
            _ => return Err(format!("`{field}` has a value that no field can have")),
        };
        let is_empty_list = value.as_array().is_some_and(Vec::is_empty);
        if !(is_lenient && (value.is_null() || is_empty_list)) {
            values.insert(field, value);
        }
    }
    let groups = groups(named, &held, &values, rules)?;
    Ok(Person { line, fields: values, groups })
}

/// A text, or texts and objects with a `name`.
fn texts(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::String(text) => Some(vec![text.clone()]),
        Value::Null => Some(Vec::new()),
        Value::Array(rows) => rows
            .iter()
            .map(|row| row.as_str().or_else(|| row.get("name").and_then(Value::as_str)).map(str::to_owned))
            .collect(),
        _ => None,
    }
}
