//! Whether a row matches a filter: on the row's JSON, so that one reading serves every attribute.
//! Text has no case, as the metadata says of every attribute (zpa-scim.md 3.1), but for `id`.

use std::cmp::Ordering;

use serde_json::Value;

use super::{AttributePath, Filter, Operator};

impl Filter {
    pub(crate) fn matches(&self, row: &Value) -> bool {
        match self {
            Self::And(parts) => parts.iter().all(|part| part.matches(row)),
            Self::Or(parts) => parts.iter().any(|part| part.matches(row)),
            Self::Not(part) => !part.matches(row),
            Self::Present(path) => values(path, row).into_iter().any(is_present),
            Self::Compare(path, Operator::NotEqual, wanted) => !any_equal(path, row, wanted),
            Self::Compare(path, Operator::Equal, wanted) => any_equal(path, row, wanted),
            Self::Compare(path, operator, wanted) => {
                values(path, row).into_iter().any(|value| stands(value, *operator, wanted))
            }
            Self::Values(path, inner) => values(path, row).into_iter().any(|value| inner.matches(value)),
        }
    }
}

/// What a path leads to in a row: nothing, a value, or each value of a list.
pub(super) fn values<'a>(path: &AttributePath, row: &'a Value) -> Vec<&'a Value> {
    let root = match &path.urn {
        Some(urn) if !path.is_core() => member(row, urn),
        _ => Some(row),
    };
    let mut found: Vec<&Value> = root.and_then(|root| member(root, &path.name)).into_iter().flat_map(each).collect();
    if let Some(sub) = &path.sub {
        found = found.into_iter().filter_map(|value| member(value, sub)).collect();
    }
    found
}

fn each(value: &Value) -> Vec<&Value> {
    value.as_array().map_or_else(|| vec![value], |values| values.iter().collect())
}

fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let members = value.as_object()?;
    let found = members.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value)
}

fn is_present(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Object(members) => !members.is_empty(),
        _ => true,
    }
}

fn any_equal(path: &AttributePath, row: &Value, wanted: &Value) -> bool {
    let found = values(path, row);
    if wanted.is_null() {
        return !found.into_iter().any(is_present);
    }
    let is_exact = path.name.eq_ignore_ascii_case("id");
    found
        .into_iter()
        .map(simple)
        .any(|value| if is_exact { value == wanted } else { order(value, wanted) == Some(Ordering::Equal) })
}

/// The value itself, or the `value` of a complex one (RFC 7644 3.4.2.2).
fn simple(value: &Value) -> &Value {
    member(value, "value").unwrap_or(value)
}

fn stands(value: &Value, operator: Operator, wanted: &Value) -> bool {
    let value = simple(value);
    let texts =
        value.as_str().zip(wanted.as_str()).map(|(value, wanted)| (value.to_lowercase(), wanted.to_lowercase()));
    let with_texts = |holds: fn(&str, &str) -> bool| texts.as_ref().is_some_and(|(value, wanted)| holds(value, wanted));
    match operator {
        Operator::Contains => with_texts(|value, wanted| value.contains(wanted)),
        Operator::StartsWith => with_texts(|value, wanted| value.starts_with(wanted)),
        Operator::EndsWith => with_texts(|value, wanted| value.ends_with(wanted)),
        Operator::Greater => order(value, wanted).is_some_and(Ordering::is_gt),
        Operator::GreaterOrEqual => order(value, wanted).is_some_and(Ordering::is_ge),
        Operator::Less => order(value, wanted).is_some_and(Ordering::is_lt),
        Operator::LessOrEqual => order(value, wanted).is_some_and(Ordering::is_le),
        Operator::Equal | Operator::NotEqual => false,
    }
}

/// Instants are texts of one length, so they are in order as texts. `active` may be text (zpa-scim.md 3.4).
fn order(value: &Value, wanted: &Value) -> Option<Ordering> {
    match (value, wanted) {
        (Value::String(value), Value::String(wanted)) => Some(value.to_lowercase().cmp(&wanted.to_lowercase())),
        (Value::Bool(value), Value::Bool(wanted)) => (value == wanted).then_some(Ordering::Equal),
        (Value::String(value), Value::Bool(wanted)) => (*value == wanted.to_string()).then_some(Ordering::Equal),
        (Value::Number(value), Value::Number(wanted)) => value.as_f64()?.partial_cmp(&wanted.as_f64()?),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_row_matches_by_every_operator() {
        let row = json!({
            "id": "Ab", "userName": "Mara@acme.example", "active": "true", "meta": {"created": "2024-02-11T08:30:05Z"},
            "emails": [{"value": "m@acme.example"}, {"value": "x@b.example", "type": "home"}], "title": "",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "Legal"},
        });
        let matches = |text: &str| Filter::parse(text).unwrap().matches(&row);
        for text in [
            "username eq \"MARA@acme.example\"",
            "id eq \"Ab\"",
            "active eq true",
            "emails co \"B.EX\"",
            "title ne \"a\"",
            "emails.value sw \"m@\"",
            "emails[type eq \"home\" and value ew \"example\"]",
            "nickName eq null",
            "meta.created gt \"2024-01-01T00:00:00Z\"",
            "meta.created le \"2024-02-11T08:30:05Z\"",
            "emails pr",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user:department eq \"legal\"",
            "not (title pr)",
            "userName sw \"x\" or userName pr and active ne false",
        ] {
            assert!(matches(text), "{text}");
        }
        for text in [
            "id eq \"ab\"",
            "active eq false",
            "emails eq \"nobody\"",
            "emails[type eq \"home\" and value sw \"m\"]",
            "meta.created lt \"2024-01-01T00:00:00Z\"",
            "userName gt 5",
            "groups pr",
            "userName eq null",
            "x eq \"y\"",
            "department eq \"Legal\"",
            "userName ge true",
        ] {
            assert!(!matches(text), "{text}");
        }
    }
}
