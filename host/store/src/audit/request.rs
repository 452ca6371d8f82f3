//! What a write asks for, as JSON for its record. A member called `password` is left out, whoever sent it.

use portcullis_directory::{Change, Email, Value as Field, VendorRequest, WriteOptions};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::key::push_hex;

/// Fields that are set and cleared.
pub(crate) fn changes(changes: &[Change], options: WriteOptions) -> Value {
    let changes: Vec<_> = changes.iter().map(change).collect();
    with_options(json!({ "changes": changes }), options)
}

/// Whether a user is to be active.
pub(crate) fn active(active: bool, options: WriteOptions) -> Value {
    with_options(json!({ "active": active }), options)
}

/// Nothing but that it is done.
pub(crate) fn nothing(options: WriteOptions) -> Option<Value> {
    let value = with_options(json!({}), options);
    if value == json!({}) { None } else { Some(value) }
}

/// Members that are added or removed, with their usernames where these are known.
pub(crate) fn members<'a>(
    members: &[String],
    username: impl Fn(&str) -> Option<&'a str>,
    options: WriteOptions,
) -> Value {
    let member = |id: &String| match username(id) {
        Some(username) => json!({ "id": id, "username": username }),
        None => json!({ "id": id }),
    };
    let members: Vec<_> = members.iter().map(member).collect();
    with_options(json!({ "members": members }), options)
}

/// A request to the vendor's own API, its headers left out.
pub(crate) fn vendor(request: &VendorRequest) -> Value {
    let mut asked = Map::new();
    asked.insert("method".to_owned(), json!(request.method));
    asked.insert("path".to_owned(), json!(request.path));
    if !request.query.is_empty() {
        asked.insert("query".to_owned(), json!(request.query));
    }
    if let Some(bytes) = &request.body {
        asked.insert("body_bytes".to_owned(), json!(bytes.len()));
        asked.insert("body_sha256".to_owned(), json!(digest(bytes)));
        if let Some(body) = body(bytes) {
            asked.insert("body".to_owned(), body);
        }
    }
    Value::Object(asked)
}

/// A body of JSON that is not too long for a record.
pub(crate) fn body(bytes: &[u8]) -> Option<Value> {
    if bytes.is_empty() || bytes.len() > LONGEST {
        return None;
    }
    let mut body = serde_json::from_slice(bytes).ok()?;
    redact(&mut body);
    Some(body)
}

fn redact(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                if name.to_ascii_lowercase().ends_with("password") {
                    *value = json!("[redacted]");
                } else {
                    redact(value);
                }
            }
        }
        Value::Array(rows) => rows.iter_mut().for_each(redact),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn change(Change { field, value }: &Change) -> Value {
    let mut change = json!({ "field": field, "value": value.as_ref().map_or(Value::Null, of_field) });
    if field.to_ascii_lowercase().ends_with("password") {
        change = json!({ "field": field, "value": "[redacted]" });
    }
    change
}

fn of_field(value: &Field) -> Value {
    match value {
        Field::Text(text) => json!(text),
        Field::Boolean(value) => json!(value),
        Field::Number(number) => json!(number),
        Field::Texts(texts) => json!(texts),
        Field::Emails(emails) => {
            let emails: Vec<&Email> = emails.iter().collect();
            serde_json::to_value(emails).unwrap_or(Value::Null)
        }
    }
}

fn with_options(mut value: Value, options: WriteOptions) -> Value {
    let WriteOptions { verify, allow_rename, allow_empty } = options;
    let named = [("verify", verify), ("allow-rename", allow_rename), ("allow-empty", allow_empty)];
    let named: Vec<_> = named.into_iter().filter(|(_, is_set)| *is_set).map(|(name, _)| name).collect();
    if let (Value::Object(members), false) = (&mut value, named.is_empty()) {
        members.insert("options".to_owned(), json!(named));
    }
    value
}

fn digest(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        push_hex(&mut text, byte);
    }
    text
}

/// Bytes of a body that is kept whole.
const LONGEST: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_kept_without_its_passwords() {
        let request = VendorRequest {
            method: "POST".to_owned(),
            path: "Users".to_owned(),
            body: Some(br#"{"userName":"m","newPassword":"x","a":[{"password":"y"}]}"#.to_vec()),
            ..VendorRequest::default()
        };
        let asked = vendor(&request);
        let body = json!({"userName": "m", "newPassword": "[redacted]", "a": [{"password": "[redacted]"}]});
        assert_eq!((&asked["body"], &asked["body_bytes"]), (&body, &json!(57)));
        assert_eq!(asked["body_sha256"].as_str().unwrap().len(), 64);
        let long = VendorRequest { body: Some(vec![b'1'; LONGEST + 1]), ..request };
        assert_eq!(vendor(&long).get("body"), None);
    }

    #[test]
    fn what_is_asked_for_is_told_field_by_field() {
        let set = Change { field: "title".to_owned(), value: Some(Field::Text("Boss".to_owned())) };
        let clear = Change { field: "department".to_owned(), value: None };
        let options = WriteOptions { verify: true, ..WriteOptions::default() };
        assert_eq!(
            changes(&[set, clear], options),
            json!({
                "changes": [{"field": "title", "value": "Boss"}, {"field": "department", "value": null}],
                "options": ["verify"],
            })
        );
        assert_eq!(nothing(WriteOptions::default()), None);
    }
}
