//! One user or group of a file, in the unified form that `get --output json` prints, as changes.

use std::fmt;

use portcullis_directory::{Change, Value};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value as Json;

use super::form::{self, Form};
use crate::failure::Failure;

/// The changes that the object asks for. A field that nobody can set is refused by its name, and so is one that nobody
/// knows: what is in a file is meant.
pub(crate) fn read(text: &str, form: &Form<'_>, is_new: bool) -> Result<Vec<Change>, Failure> {
    let members: Members = serde_json::from_str(text).map_err(|error| {
        let message = format!("the file does not hold one JSON object: {error}");
        Failure::usage(message, "it takes one object, as `get --output json` prints it")
    })?;
    let mut changes = Vec::new();
    for (name, value) in members.0 {
        match value {
            Json::Object(extras) if name == "extras" => {
                for (name, value) in extras {
                    changes.extend(change(&name, &format!("extras.{name}"), value, form, is_new)?);
                }
            }
            value => changes.extend(change(&name, &name, value, form, is_new)?),
        }
    }
    Ok(changes)
}

fn change(name: &str, shown: &str, value: Json, form: &Form<'_>, is_new: bool) -> Result<Option<Change>, Failure> {
    let Some(field) = form.known(name).filter(|field| field.name == name && field.abilities.writable) else {
        let message = format!("the field `{shown}` of the file cannot be written");
        return Err(Failure::usage(message, format!("remove `{shown}` from the file")));
    };
    let is_empty = matches!(&value, Json::Array(rows) if rows.is_empty());
    if is_new && value.is_null() {
        let message = format!("the field `{shown}` of the file is `null`, and there is nothing to clear yet");
        return Err(Failure::usage(message, format!("remove `{shown}` from the file")));
    }
    if is_new && is_empty {
        return Ok(None);
    }
    let value = if value.is_null() || is_empty { None } else { Some(form::value(field, value)?) };
    if value.is_none() {
        form.clearable(name)?;
    }
    if matches!(&value, Some(Value::Text(text)) if text.is_empty()) {
        let message = format!("the field `{shown}` of the file is empty");
        let hint = if is_new { "remove it" } else { "`null` clears it" };
        return Err(Failure::usage(message, hint));
    }
    Ok(Some(Change { field: field.name.clone(), value }))
}

/// The members of an object in their order, the repeated ones too.
struct Members(Vec<(String, Json)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Members, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("one object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}

#[cfg(test)]
mod tests {
    use portcullis_directory::Email;

    use super::super::Changes;
    use super::super::form::tests::fields;
    use super::*;

    fn read(text: &str, is_new: bool) -> Result<Vec<Change>, String> {
        let fields = fields();
        let mut changes = Changes::new(Form::new("user", &fields));
        changes.read(text, is_new).map(|()| changes.into_changes()).map_err(|failure| failure.to_string())
    }

    fn set(field: &str, value: Value) -> Change {
        Change { field: field.to_owned(), value: Some(value) }
    }

    #[test]
    fn an_object_is_its_fields() {
        let text = r#"{"username":"a@a.example","title":"true","emails":[{"email":"a@a.example","type":"work"},"b@a.example"],
            "status":"active","extras":{"custom.tags":["x"],"custom.badge-number":7},"custom.remote":false}"#;
        let work = Email { email: "a@a.example".to_owned(), r#type: Some("work".to_owned()), is_primary: None };
        let other = Email { email: "b@a.example".to_owned(), ..Email::default() };
        let expected = vec![
            set("username", Value::Text("a@a.example".to_owned())),
            set("title", Value::Text("true".to_owned())),
            set("emails", Value::Emails(vec![work, other])),
            set("status", Value::Text("active".to_owned())),
            set("custom.tags", Value::Texts(vec!["x".to_owned()])),
            set("custom.badge-number", Value::Number(7.0)),
            set("custom.remote", Value::Boolean(false)),
        ];
        let mut read = read(text, true).unwrap();
        // Members of `extras` come in the order of their names.
        let place = |change: &Change| expected.iter().position(|expected| expected.field == change.field);
        read.sort_by_key(place);
        assert_eq!(read, expected);
    }

    #[test]
    fn null_clears_what_is_there_and_only_that() {
        let cleared = |field: &str| vec![Change { field: field.to_owned(), value: None }];
        assert_eq!(read(r#"{"title":null}"#, false), Ok(cleared("title")));
        assert_eq!(read(r#"{"emails":[]}"#, false), Ok(cleared("emails")));
        assert_eq!(read(r#"{"emails":[]}"#, true), Ok(vec![]));
        let refused = "the field `title` of the file is `null`, and there is nothing to clear yet";
        assert_eq!(read(r#"{"title":null}"#, true).unwrap_err(), refused);
        assert_eq!(read(r#"{"username":null}"#, false).unwrap_err(), "the field `username` cannot be cleared");
    }

    #[test]
    fn what_cannot_be_written_is_named() {
        for (text, refused) in [
            (r#"{"id":"7"}"#, "the field `id` of the file cannot be written"),
            (r#"{"groups":[]}"#, "the field `groups` of the file cannot be written"),
            (r#"{"remote_data":null}"#, "the field `remote_data` of the file cannot be written"),
            (r#"{"first-name":"M"}"#, "the field `first-name` of the file cannot be written"),
            (r#"{"extras":{"meta.x":1}}"#, "the field `extras.meta.x` of the file cannot be written"),
            (r#"{"extras":[]}"#, "the field `extras` of the file cannot be written"),
            (r#"{"title":1}"#, "the field `title` of the file is not text"),
            (r#"{"title":""}"#, "the field `title` of the file is empty"),
            (r#"{"emails":["a",{"value":"b"}]}"#, "the field `emails` of the file is not a list of addresses"),
            (r#"{"custom.badge-number":"7"}"#, "the field `custom.badge-number` of the file is not a number"),
            (r#"{"title":"a","title":"b"}"#, "the field `title` is given twice"),
            (
                "[]",
                "the file does not hold one JSON object: invalid type: sequence, expected one object at line 1 column 0",
            ),
            ("{}\n{}", "the file does not hold one JSON object: trailing characters at line 2 column 1"),
            ("", "the file does not hold one JSON object: EOF while parsing a value at line 1 column 0"),
        ] {
            assert_eq!(read(text, false).unwrap_err(), refused, "{text}");
        }
    }
}
