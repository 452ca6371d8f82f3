//! The changes of a write: each a field that can be set or cleared, and a value of its type. Whatever is wrong with one
//! is said before anything is sent.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::attribute::Path;
use crate::error::{Error, invalid_input};
use crate::field::Value;
use crate::json::{list, object, quoted};
use crate::mapping::{Mapping, Row};
use crate::unified::{Kind, Unified};
use crate::wit;

/// A change that can be made.
#[derive(Debug)]
pub struct Edit<'a> {
    /// The field.
    pub row: &'a Row,
    /// Where it is written, or what is removed to clear it.
    pub path: &'a Path,
    /// What it becomes; `None` clears it.
    pub value: Option<Value>,
}

/// The changes as edits.
pub fn parse<'a>(mapping: &'a Mapping, changes: &[wit::Change]) -> Result<Vec<Edit<'a>>, Error> {
    let mut edits: Vec<Edit<'a>> = Vec::with_capacity(changes.len());
    for wit::Change { field, value } in changes {
        let edit = edit(mapping, field, value).map_err(|why| invalid_input(field, &format!("`{field}` {why}")))?;
        if edits.iter().any(|known| known.row.field == edit.row.field) {
            return Err(invalid_input(field, &format!("`{field}` is given twice")));
        }
        edits.push(edit);
    }
    Ok(edits)
}

fn edit<'a>(mapping: &'a Mapping, field: &str, value: &wit::Value) -> Result<Edit<'a>, String> {
    let Some(row) = mapping.named(field) else {
        return Err(format!("is no field of a {}; `describe` lists them", mapping.resource.name()));
    };
    let Some(write) = &row.write else {
        return Err(if row.field.is(Unified::Groups) {
            // The vendor ignores them without a word (zpa-scim 3.3).
            "cannot be set on a user; `add-members` and `remove-members` change a group".to_owned()
        } else {
            "cannot be set; the vendor keeps it".to_owned()
        });
    };
    if matches!(value, wit::Value::Clear) {
        let clear = row.clear.as_ref().ok_or("cannot be cleared")?;
        return Ok(Edit { row, path: clear, value: None });
    }
    Ok(Edit { row, path: write, value: Some(typed(row, value)?) })
}

/// The value, where it is one of the field's type.
fn typed(row: &Row, value: &wit::Value) -> Result<Value, String> {
    let empty = || Err("is empty; `clear` takes it away".to_owned());
    Ok(match (row.kind, value) {
        (Kind::Text | Kind::Status, wit::Value::Text(text)) if text.is_empty() => return empty(),
        (Kind::Texts, wit::Value::Texts(texts)) if texts.is_empty() => return empty(),
        (Kind::Emails, wit::Value::Emails(emails)) if emails.is_empty() => return empty(),
        (Kind::Text, wit::Value::Text(text)) => match shown_as(row, text) {
            Some(other) => return Err(format!("is `{text}`, which is the vendor's word for `{other}`")),
            None => Value::Text(text.clone()),
        },
        (Kind::Status, wit::Value::Text(text)) if row.values.iter().any(|(_, word)| word == text) => {
            Value::Text(text.clone())
        }
        (Kind::Status, wit::Value::Text(text)) => {
            return Err(format!("is `{text}`, which is neither `active` nor `inactive`"));
        }
        (Kind::Boolean, wit::Value::Boolean(value)) => Value::Boolean(*value),
        (Kind::Number, wit::Value::Number(number)) => {
            Value::Number(number_json(*number).ok_or("has more digits than a number keeps")?)
        }
        (Kind::Texts, wit::Value::Texts(texts)) => Value::Texts(texts.clone()),
        (Kind::Emails, wit::Value::Emails(emails)) => {
            if emails.iter().any(|email| email.email.is_empty()) {
                return Err("has an empty address".to_owned());
            }
            Value::Emails(emails.clone())
        }
        _ => return Err(format!("takes a value of type `{}`", type_name(row.kind))),
    })
}

/// What a text comes back as, where it is the vendor's word for another.
fn shown_as<'a>(row: &'a Row, text: &str) -> Option<&'a str> {
    if row.values.iter().any(|(_, unified)| unified == text) {
        return None;
    }
    let vendor = row.values.iter().find(|(vendor, _)| vendor.eq_ignore_ascii_case(text));
    vendor.map(|(_, unified)| unified.as_str())
}

/// The type of a change that a field takes.
fn type_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Status => Kind::Text.name(),
        kind => kind.name(),
    }
}

/// The shortest decimal that reads back as this number; `None` where it takes more than 15 digits, or more than nine
/// after the point. A whole number of that size and a power of ten are exact, and so is the rounding of their quotient.
fn number_json(number: f64) -> Option<String> {
    const EXACT: f64 = 1e15;
    let mut scale = 1.0;
    for places in 0..=9_usize {
        let scaled = number * scale;
        if scaled.abs() > EXACT || scaled.is_nan() {
            return None;
        }
        #[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "below 2^53 in size")]
        let (whole, back) = {
            let whole = (scaled + if scaled < 0.0 { -0.5 } else { 0.5 }) as i64;
            (whole, whole as f64 / scale)
        };
        #[allow(clippy::float_cmp, reason = "it must read back as itself")]
        if back == number {
            let mut digits = whole.unsigned_abs().to_string();
            while digits.len() <= places {
                digits.insert(0, '0');
            }
            if places > 0 {
                digits.insert(digits.len() - places, '.');
            }
            if whole < 0 {
                digits.insert(0, '-');
            }
            return Some(digits);
        }
        scale *= 10.0;
    }
    None
}

impl Edit<'_> {
    /// The value as the vendor takes it, in JSON; `None` to clear. Of a list that is written part by part, such as
    /// `tags.value`, each element is an object.
    pub fn to_scim(&self) -> Option<String> {
        let value = self.value.as_ref()?;
        Some(match value {
            // A boolean to the vendor (zpa-scim 3.4).
            Value::Text(text) if self.row.kind == Kind::Status => Value::Boolean(text == "active").json(),
            Value::Text(text) => {
                let vendor = self.row.values.iter().find(|(_, unified)| unified == text);
                quoted(vendor.map_or(text, |(vendor, _)| vendor))
            }
            Value::Texts(texts) => match &self.path.sub {
                Some(sub) => {
                    let part = |text: &String| object(&[(sub.as_str(), Some(quoted(text)))]);
                    list(&texts.iter().map(part).collect::<Vec<_>>())
                }
                None => value.json(),
            },
            Value::Emails(emails) => {
                let address = self.path.sub.as_deref().unwrap_or("value");
                list(&emails.iter().map(|element| email(element, address)).collect::<Vec<_>>())
            }
            value => value.json(),
        })
    }
}

/// An address, with what the caller said of it and nothing else (zpa-scim 3.3).
fn email(email: &wit::Email, address: &str) -> String {
    let type_ = email.type_.as_deref().map(quoted);
    let primary = email.is_primary.map(|primary| Value::Boolean(primary).json());
    object(&[(address, Some(quoted(&email.email))), ("type", type_), ("primary", primary)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::Resource;
    use crate::settings::Settings;
    use proptest::prelude::*;
    use std::prelude::v1::*;
    use std::vec;

    fn refused(resource: Resource, changes: Vec<(&str, wit::Value)>) -> (Option<String>, String) {
        let mapping = Settings::default().mapping(resource);
        let changes: Vec<_> =
            changes.into_iter().map(|(field, value)| wit::Change { field: field.to_owned(), value }).collect();
        let err = parse(&mapping, &changes).unwrap_err();
        (err.field, err.message)
    }

    #[test]
    fn a_change_that_cannot_be_is_refused_with_its_field() {
        let text = |text: &str| wit::Value::Text(text.to_owned());
        let users = |changes| {
            let (field, message) = refused(Resource::User, changes);
            assert!(message.starts_with(&format!("`{}`", field.unwrap())));
            message
        };
        assert_eq!(users(vec![("titel", text("x"))]), "`titel` is no field of a user; `describe` lists them");
        assert_eq!(users(vec![("title", text("x")), ("title", text("y"))]), "`title` is given twice");
        assert_eq!(users(vec![("id", text("x"))]), "`id` cannot be set; the vendor keeps it");
        assert_eq!(
            users(vec![("groups", wit::Value::Texts(vec!["g".to_owned()]))]),
            "`groups` cannot be set on a user; `add-members` and `remove-members` change a group"
        );
        assert_eq!(users(vec![("username", wit::Value::Clear)]), "`username` cannot be cleared");
        assert_eq!(users(vec![("title", wit::Value::Boolean(true))]), "`title` takes a value of type `text`");
        assert_eq!(users(vec![("emails", text("a@b"))]), "`emails` takes a value of type `emails`");
        assert_eq!(users(vec![("title", text(""))]), "`title` is empty; `clear` takes it away");
        assert_eq!(users(vec![("emails", wit::Value::Emails(vec![]))]), "`emails` is empty; `clear` takes it away");
        assert_eq!(users(vec![("status", text("on"))]), "`status` is `on`, which is neither `active` nor `inactive`");
        let (_, message) = refused(Resource::Group, vec![("title", text("x"))]);
        assert_eq!(message, "`title` is no field of a group; `describe` lists them");
    }

    #[test]
    fn the_vendors_word_for_another_is_refused() {
        let settings = r#"{"mapping":{"user":{"user_type":{"values":{"ZPA User":"user","user":"guest"}}}}}"#;
        let mapping = Settings::parse(settings).unwrap().mapping(Resource::User);
        let change = |text: &str| {
            let change = wit::Change { field: "user_type".to_owned(), value: wit::Value::Text(text.to_owned()) };
            let edits = parse(&mapping, &[change]).map_err(|err| err.message)?;
            Ok::<_, String>(edits[0].to_scim().unwrap())
        };
        assert_eq!(change("user"), Ok("\"ZPA User\"".to_owned()));
        assert_eq!(change("contractor"), Ok("\"contractor\"".to_owned()));
        assert_eq!(
            change("zpa user"),
            Err("`user_type` is `zpa user`, which is the vendor's word for `user`".to_owned())
        );
    }

    #[test]
    fn a_number_is_written_as_people_write_it() {
        let json = |number| number_json(number).unwrap();
        assert_eq!([json(7.0), json(-0.05), json(1.5), json(0.0)], ["7", "-0.05", "1.5", "0"]);
        assert_eq!(json(999_999_999_999_999.0), "999999999999999");
        for number in [f64::NAN, f64::INFINITY, 1e16, 0.1 + 0.2, 1e-12] {
            assert_eq!(number_json(number), None, "{number}");
        }
    }

    proptest! {
        #[test]
        fn a_number_reads_back_as_itself(number in prop_oneof![
            any::<f64>(),
            any::<i32>().prop_map(|n| f64::from(n) / 1000.0),
            any::<i32>().prop_map(f64::from),
        ]) {
            if let Some(json) = number_json(number) {
                let read = serde_json::from_str::<f64>(&json).unwrap();
                prop_assert!(read.to_bits() == number.to_bits() || number == 0.0, "{json} is not {number}");
            } else {
                prop_assert!(number.abs() > 1e5 || number.fract() != 0.0);
            }
        }
    }
}
