//! What a write sets and clears. Never a whole object: a field that is not named is left as it is.

use serde_json::Value as Json;

use crate::Email;

/// One field to set or to clear.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The field: a unified name (`first_name`) or `custom.<name>`.
    pub field: String,
    /// The new value; `None` clears the field.
    pub value: Option<Value>,
}

/// A value of a field in a change.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Text; also for dates.
    Text(String),
    /// True or false.
    Boolean(bool),
    /// A number.
    Number(f64),
    /// A list of texts.
    Texts(Vec<String>),
    /// A list of e-mail addresses: exactly the wanted ones.
    Emails(Vec<Email>),
}

impl Value {
    /// The value that a field has in the unified JSON of an object; `None` for `null`, for an object, for a list of other
    /// things than texts, and for a number beyond the range of `f64`. The addresses of `emails` are texts or objects.
    pub fn from_json(field: &str, json: Json) -> Option<Value> {
        match json {
            Json::String(text) => Some(Value::Text(text)),
            Json::Bool(value) => Some(Value::Boolean(value)),
            Json::Number(number) => number.as_f64().filter(|number| number.is_finite()).map(Value::Number),
            Json::Array(rows) if field == "emails" => {
                rows.into_iter().map(email).collect::<Option<_>>().map(Value::Emails)
            }
            Json::Array(rows) => {
                let text = |json| if let Json::String(text) = json { Some(text) } else { None };
                rows.into_iter().map(text).collect::<Option<_>>().map(Value::Texts)
            }
            Json::Null | Json::Object(_) => None,
        }
    }
}

fn email(json: Json) -> Option<Email> {
    match json {
        Json::String(email) => Some(Email { email, ..Email::default() }),
        json => serde_json::from_value(json).ok(),
    }
}
