//! Fields of a plan against fields of an object: what a change sends, and whether an object is as it says.

use portcullis_directory::{Change, Error, ErrorKind, Group, User, Value as FieldValue};
use serde_json::Value;

use crate::action::FieldChange;

/// How an object stands to a change of fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Every field has the value that it gets.
    After,
    /// No field has another value than before the change or after it.
    Between,
    /// This field has neither.
    Other(String),
}

/// What a directory is asked for.
pub(super) fn changes(fields: &[FieldChange]) -> Result<Vec<Change>, Error> {
    let change = |field: &FieldChange| {
        let value = match &field.after {
            None => None,
            Some(json) => Some(FieldValue::from_json(&field.field, json.clone()).ok_or_else(|| {
                let message = format!("the plan gives `{}` a value that no field has", field.field);
                Error::new(ErrorKind::InvalidInput, message).with_field(&field.field)
            })?),
        };
        Ok(Change { field: field.field.clone(), value })
    };
    fields.iter().map(change).collect()
}

/// An object in unified fields.
pub(super) struct Object(Value);

impl Object {
    pub(super) fn of_user(user: &User) -> Object {
        Object(serde_json::to_value(user).unwrap_or_default())
    }

    pub(super) fn of_group(group: &Group) -> Object {
        Object(serde_json::to_value(group).unwrap_or_default())
    }

    fn field(&self, name: &str) -> Option<&Value> {
        self.0.get(name).or_else(|| self.0.get("extras")?.get(name))
    }

    /// How it stands to a change.
    pub(super) fn standing(&self, fields: &[FieldChange]) -> Standing {
        let mut standing = Standing::After;
        for FieldChange { field, before, after } in fields {
            let found = self.field(field);
            if is_same(field, found, after.as_ref()) {
                continue;
            }
            if !is_same(field, found, before.as_ref()) {
                return Standing::Other(field.clone());
            }
            standing = Standing::Between;
        }
        standing
    }

    /// The first field that is not as it was before a change, and what is different.
    pub(super) fn changed_field(&self, fields: &[FieldChange]) -> Option<(String, String)> {
        let changed =
            fields.iter().find(|change| !is_same(&change.field, self.field(&change.field), change.before.as_ref()))?;
        let shown = |value: Option<&Value>| value.map_or("nothing".to_owned(), |value| format!("`{value}`"));
        let (before, found) = (shown(changed.before.as_ref()), shown(self.field(&changed.field)));
        Some((changed.field.clone(), format!("changed in `{}`, from {before} to {found}", changed.field)))
    }
}

/// Whether two values of a field mean the same. Vendors write user names and addresses in other letters, and add to
/// addresses what they are for (RFC 7643 section 4.1.1 has user names compared without regard to case).
fn is_same(field: &str, one: Option<&Value>, other: Option<&Value>) -> bool {
    let is_there = |value: &&Value| match value {
        Value::Null => false,
        Value::Array(rows) => !rows.is_empty(),
        _ => true,
    };
    match (one.filter(is_there), other.filter(is_there)) {
        (None, None) => true,
        (Some(one), Some(other)) => match field {
            "emails" => addresses(one) == addresses(other),
            "username" => lower(one) == lower(other),
            _ => one == other || one.as_f64().is_some_and(|number| other.as_f64() == Some(number)),
        },
        _ => false,
    }
}

fn lower(value: &Value) -> Option<String> {
    value.as_str().map(str::to_ascii_lowercase)
}

fn addresses(value: &Value) -> Vec<Option<String>> {
    let address = |row: &Value| lower(row.get("email").unwrap_or(row));
    let mut addresses: Vec<_> = value.as_array().into_iter().flatten().map(address).collect();
    addresses.sort();
    addresses
}

#[cfg(test)]
mod tests {
    use portcullis_directory::{Email, Json};
    use serde_json::json;

    use super::*;

    fn change(field: &str, before: Value, after: Value) -> FieldChange {
        let value = |value: Value| Some(value).filter(|value| !value.is_null());
        FieldChange { field: field.to_owned(), before: value(before), after: value(after) }
    }

    fn user() -> Object {
        Object::of_user(&User {
            id: "7".to_owned(),
            username: Some("Mara@acme.example".to_owned()),
            title: Some("Analyst".to_owned()),
            emails: vec![Email {
                email: "Mara@acme.example".to_owned(),
                r#type: Some("work".to_owned()),
                is_primary: None,
            }],
            extras: vec![("custom.badge".to_owned(), Json::from_text("7"))],
            ..User::default()
        })
    }

    #[test]
    fn an_object_is_before_a_change_or_behind_it_or_elsewhere() {
        let after = [
            change("title", json!("Clerk"), json!("Analyst")),
            change("username", Value::Null, json!("mara@acme.example")),
            change("emails", Value::Null, json!(["mara@acme.example"])),
            change("custom.badge", Value::Null, json!(7.0)),
            change("department", json!("Legal"), Value::Null),
        ];
        assert_eq!(user().standing(&after), Standing::After);
        let before = change("title", json!("Analyst"), json!("Head"));
        assert_eq!(user().standing(std::slice::from_ref(&before)), Standing::Between);
        assert_eq!(user().changed_field(&[before]), None);
        let other = change("title", json!("Clerk"), json!("Head"));
        assert_eq!(user().standing(std::slice::from_ref(&other)), Standing::Other("title".to_owned()));
        let told = user().changed_field(&[other]).unwrap().1;
        assert_eq!(told, "changed in `title`, from `\"Clerk\"` to `\"Analyst\"`");
    }

    #[test]
    fn a_value_that_no_field_has_is_refused() {
        let error = changes(&[change("title", Value::Null, json!({"a": 1}))]).unwrap_err();
        assert_eq!(error.message, "the plan gives `title` a value that no field has");
        assert_eq!(changes(&[change("title", json!("a"), Value::Null)]).unwrap()[0].value, None);
    }
}
