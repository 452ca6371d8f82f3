//! The fields that a write can set, as the connector describes them, and values in the type that each has.

use portcullis_directory::{Email, Field, Value};
use serde_json::Value as Json;

use crate::failure::Failure;

/// The fields of users or of groups.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form<'a> {
    noun: &'static str,
    fields: &'a [Field],
}

impl<'a> Form<'a> {
    /// The fields of this kind of object: `user` or `group`.
    pub(crate) fn new(noun: &'static str, fields: &'a [Field]) -> Form<'a> {
        Form { noun, fields }
    }

    /// A field that can be set. A unified name may be spelled as its flag is.
    pub(crate) fn field(&self, name: &str) -> Result<&'a Field, Failure> {
        let field = self.known(name).ok_or_else(|| self.unknown(name))?;
        if field.abilities.writable {
            return Ok(field);
        }
        let message = format!("the field `{}` is the vendor's to set", field.name);
        Err(Failure::usage(message, "leave it out; `portcullis describe` tells which fields can be written"))
    }

    /// A field that can be cleared.
    pub(crate) fn clearable(&self, name: &str) -> Result<&'a Field, Failure> {
        let field = self.field(name)?;
        if field.abilities.clearable {
            return Ok(field);
        }
        let message = format!("the field `{}` cannot be cleared", field.name);
        Err(Failure::usage(message, "`portcullis describe` tells which fields can be cleared"))
    }

    /// What was typed, in the type of the field.
    pub(crate) fn typed(&self, name: &str, texts: &[&str]) -> Result<Value, Failure> {
        let field = self.field(name)?;
        if texts.iter().any(|text| text.is_empty()) {
            let message = format!("the field `{}` is set to nothing", field.name);
            return Err(Failure::usage(message, format!("`update` with `--clear {}` clears it", field.name)));
        }
        let owned = || texts.iter().map(|text| (*text).to_owned());
        match field.r#type.as_str() {
            "emails" => return Ok(Value::Emails(owned().map(address).collect())),
            "texts" => return Ok(Value::Texts(owned().collect())),
            _ => {}
        }
        let [text] = texts else {
            let message =
                format!("the field `{}` is one {} and is given {} values", field.name, one(field), texts.len());
            return Err(Failure::usage(message, "only fields that are lists are repeated"));
        };
        let wrong = |expected: &str| {
            let message = format!("the field `{}` is a {}, which `{text}` is not", field.name, field.r#type);
            Failure::usage(message, format!("it takes {expected}"))
        };
        match field.r#type.as_str() {
            "boolean" => text.parse().map(Value::Boolean).map_err(|_| wrong("`true` or `false`")),
            "number" => match text.parse::<f64>() {
                Ok(number) if number.is_finite() => Ok(Value::Number(number)),
                _ => Err(wrong("a number such as `12.5`")),
            },
            _ => Ok(Value::Text((*text).to_owned())),
        }
    }

    /// The field of this name, whatever can be done with it.
    pub(crate) fn known(&self, name: &str) -> Option<&'a Field> {
        let mut fields = self.fields.iter().filter(|field| field.resource == self.noun);
        let unified = name.replace('-', "_");
        let is_flag = |field: &&Field| field.name == unified && !field.name.contains('.');
        fields.clone().find(|field| field.name == name).or_else(|| fields.find(is_flag))
    }

    /// What to tell of a name that no field has.
    pub(crate) fn unknown(&self, name: &str) -> Failure {
        let fields = self.fields.iter().filter(|field| field.resource == self.noun && field.abilities.writable);
        let names: Vec<_> = fields.map(|field| field.name.as_str()).collect();
        let message = format!("a {} has no field `{name}`", self.noun);
        Failure::usage(message, format!("fields that can be written: {}", names.join(", ")))
    }
}

/// A value of a file, in the type of the field. `null` is none of its business.
pub(crate) fn value(field: &Field, json: Json) -> Result<Value, Failure> {
    let value = match (field.r#type.as_str(), json) {
        ("emails", Json::Array(rows)) => rows.into_iter().map(email).collect::<Option<_>>().map(Value::Emails),
        ("texts", Json::Array(rows)) => rows.into_iter().map(text).collect::<Option<_>>().map(Value::Texts),
        ("boolean", Json::Bool(value)) => Some(Value::Boolean(value)),
        ("number", Json::Number(number)) => number.as_f64().map(Value::Number),
        ("emails" | "texts" | "boolean" | "number", _) => None,
        (_, json) => text(json).map(Value::Text),
    };
    value.ok_or_else(|| {
        let message = format!("the field `{}` of the file is not {}", field.name, expected(field));
        Failure::usage(message, "write it as `get --output json` does")
    })
}

fn one(field: &Field) -> &str {
    if field.r#type == "status" { "text" } else { &field.r#type }
}

fn expected(field: &Field) -> &'static str {
    match field.r#type.as_str() {
        "emails" => "a list of addresses",
        "texts" => "a list of texts",
        "boolean" => "`true` or `false`",
        "number" => "a number",
        _ => "text",
    }
}

fn text(json: Json) -> Option<String> {
    if let Json::String(text) = json { Some(text) } else { None }
}

fn address(email: String) -> Email {
    Email { email, ..Email::default() }
}

/// An address alone, or as an object of the unified form with nothing else in it.
fn email(json: Json) -> Option<Email> {
    match json {
        Json::String(email) => Some(address(email)),
        Json::Object(members) if members.keys().all(|name| ["email", "type", "is_primary"].contains(&&**name)) => {
            serde_json::from_value(Json::Object(members)).ok()
        }
        _ => None,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use portcullis_directory::FieldAbilities;

    use super::*;

    /// Some fields of each type.
    pub(crate) fn fields() -> Vec<Field> {
        let field = |name: &str, r#type: &str, writable, clearable| Field {
            resource: "user".to_owned(),
            name: name.to_owned(),
            r#type: r#type.to_owned(),
            abilities: FieldAbilities { readable: true, writable, clearable, findable: false },
            ..Field::default()
        };
        vec![
            field("id", "text", false, false),
            field("username", "text", true, false),
            field("title", "text", true, true),
            field("first_name", "text", true, true),
            field("status", "status", true, false),
            field("emails", "emails", true, true),
            field("groups", "references", false, false),
            field("custom.badge-number", "number", true, true),
            field("custom.remote", "boolean", true, true),
            field("custom.tags", "texts", true, true),
        ]
    }

    fn typed(name: &str, texts: &[&str]) -> Result<Value, String> {
        Form::new("user", &fields()).typed(name, texts).map_err(|failure| failure.to_string())
    }

    #[test]
    fn text_takes_the_type_of_its_field() {
        assert_eq!(typed("title", &["true"]), Ok(Value::Text("true".to_owned())));
        assert_eq!(typed("first-name", &["Mara"]), Ok(Value::Text("Mara".to_owned())));
        assert_eq!(typed("custom.remote", &["true"]), Ok(Value::Boolean(true)));
        assert_eq!(typed("custom.badge-number", &["12.5"]), Ok(Value::Number(12.5)));
        assert_eq!(typed("custom.tags", &["a", "b"]), Ok(Value::Texts(vec!["a".to_owned(), "b".to_owned()])));
        let refused = |name, texts: &[&str], expected: &str| assert_eq!(typed(name, texts).unwrap_err(), expected);
        refused("custom.remote", &["yes"], "the field `custom.remote` is a boolean, which `yes` is not");
        refused("custom.badge-number", &["NaN"], "the field `custom.badge-number` is a number, which `NaN` is not");
        refused("title", &[""], "the field `title` is set to nothing");
        refused("status", &["a", "b"], "the field `status` is one text and is given 2 values");
        refused("groups", &["a"], "the field `groups` is the vendor's to set");
        refused("shoe_size", &["42"], "a user has no field `shoe_size`");
        refused("custom.badge_number", &["1"], "a user has no field `custom.badge_number`");
    }

    #[test]
    fn what_cannot_be_cleared_is_not() {
        let fields = fields();
        let form = Form::new("user", &fields);
        assert_eq!(form.clearable("first-name").unwrap().name, "first_name");
        assert_eq!(form.clearable("username").unwrap_err().to_string(), "the field `username` cannot be cleared");
        assert_eq!(form.clearable("id").unwrap_err().to_string(), "the field `id` is the vendor's to set");
    }
}
