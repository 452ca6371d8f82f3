//! The value of one field in a decoded row. What is found and cannot be used goes to the extras, never away.

use alloc::borrow::{Cow, ToOwned};
use alloc::string::String;
use alloc::vec::Vec;

use crate::attribute::ValueFilter;
use crate::json::Json;
use crate::layout::{Field, Read};
use crate::mapping::Kind;
use crate::row::Row;
use crate::wit;

/// A value of a field.
#[derive(Debug)]
pub enum Value {
    Text(String),
    Emails(Vec<wit::Email>),
    References(Vec<wit::GroupReference>),
}

/// Pairs of vendor path and JSON text.
pub type Extras = Vec<(String, String)>;

/// All that the layout did not know.
pub fn rest(row: Row<'_>, extras: &mut Extras) {
    extras.extend(row.rest.into_iter().map(|(path, value)| (path, value.json().to_owned())));
}

/// Reads a field: the first of its places that has a usable value wins. A place that has another value, or one that
/// is not of the field's type, goes to `extras`.
pub fn read(field: &Field, row: &Row<'_>, extras: &mut Extras) -> Option<Value> {
    let mut winner = None;
    for read in &field.reads {
        let Some(&Some(json)) = row.slots.get(read.slot) else {
            continue;
        };
        let found = match field.kind {
            Kind::Text | Kind::Status => one(json, read),
            Kind::Emails | Kind::References => Some(json),
        };
        let Some(found) = found.filter(|found| !found.is_empty()) else {
            continue;
        };
        let value = match field.kind {
            Kind::Text | Kind::Status => text(found, field).map(Value::Text),
            Kind::Emails => emails(found, read).map(Value::Emails),
            Kind::References => references(found, read).map(Value::References),
        };
        match (value, &winner) {
            (Some(value), None) => winner = Some(value),
            (Some(Value::Text(text)), Some(Value::Text(first))) if text == *first => {}
            _ => extras.push((read.path.clone(), found.json().to_owned())),
        }
    }
    winner
}

/// The single value that a place means: of a multi-valued attribute, the first element that its filter lets through.
fn one<'a>(json: Json<'a>, read: &Read) -> Option<Json<'a>> {
    let whole = read.sub.is_none() && read.filter.is_none();
    let element = if whole { json } else { chosen(json, read.filter.as_ref()).next()? };
    match &read.sub {
        Some(sub) => element.member(sub),
        None => Some(element),
    }
}

fn chosen<'a>(json: Json<'a>, filter: Option<&ValueFilter>) -> impl Iterator<Item = Json<'a>> {
    json.elements().filter(move |element| match filter {
        None => true,
        Some(filter) => element.member(&filter.attribute).is_some_and(|found| same(found, &filter.value)),
    })
}

/// Compares with a value of a filter, which is JSON text; texts without regard to case.
fn same(found: Json<'_>, wanted: &str) -> bool {
    let wanted = Json::parse(wanted).ok().and_then(Json::text);
    found.text().zip(wanted).is_some_and(|(found, wanted)| found.eq_ignore_ascii_case(&wanted))
}

fn text(json: Json<'_>, field: &Field) -> Option<String> {
    let text = match (field.kind, json.boolean()) {
        (Kind::Status, Some(value)) => Cow::Borrowed(if value { "true" } else { "false" }),
        _ => json.text()?,
    };
    let mapped = field.values.iter().find(|(vendor, _)| vendor.eq_ignore_ascii_case(&text));
    Some(mapped.map_or_else(|| text.into_owned(), |(_, unified)| unified.clone()))
}

/// Addresses, or `None` where an element has none or has more than an address can carry.
fn emails(json: Json<'_>, read: &Read) -> Option<Vec<wit::Email>> {
    let address = read.sub.as_deref().unwrap_or("value");
    let mut emails = Vec::new();
    for element in chosen(json, read.filter.as_ref()) {
        let mut email = wit::Email { email: String::new(), type_: None, is_primary: None };
        if element.other_than_object().is_some() {
            email.email = element.text()?.into_owned();
        }
        for (key, value) in element.members() {
            match &*key {
                key if key.eq_ignore_ascii_case(address) => email.email = value.text()?.into_owned(),
                key if key.eq_ignore_ascii_case("type") => email.type_ = value.text().map(Cow::into_owned),
                key if key.eq_ignore_ascii_case("primary") => email.is_primary = value.boolean(),
                key if key.eq_ignore_ascii_case("display") => {}
                _ => return None,
            }
        }
        if email.email.is_empty() {
            return None;
        }
        emails.push(email);
    }
    Some(emails)
}

/// References by `value` and `display`; their URLs are never followed (zpa-scim 13).
fn references(json: Json<'_>, read: &Read) -> Option<Vec<wit::GroupReference>> {
    let id = read.sub.as_deref().unwrap_or("value");
    let mut references = Vec::new();
    for element in chosen(json, read.filter.as_ref()) {
        let text = |name: &str| element.member(name).and_then(Json::text).map(Cow::into_owned);
        let id = if element.other_than_object().is_some() { element.text().map(Cow::into_owned) } else { text(id) };
        references.push(wit::GroupReference { id: id?, name: text("display") });
    }
    Some(references)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::Layout;
    use crate::mapping::{Mapping, Resource};
    use crate::settings::Quirks;
    use crate::user;
    use std::prelude::v1::*;
    use std::vec;

    fn user(text: &str) -> wit::User {
        let layout = Layout::new(&Mapping::standard(Resource::User, &Quirks::default()));
        let row = Row::decode(Json::parse(text).unwrap(), &layout).unwrap();
        user::from_scim(row, &layout, None).unwrap()
    }

    fn extras(text: &str) -> Vec<(String, String)> {
        user(text).extras
    }

    #[test]
    fn the_first_place_with_a_value_wins_and_another_value_is_kept() {
        let user = user(r#"{"id":"1","displayName":"Mara","name":{"formatted":"Mara Lind"}}"#);
        assert_eq!(user.name.as_deref(), Some("Mara"));
        assert_eq!(user.extras, [("name.formatted".to_owned(), "\"Mara Lind\"".to_owned())]);
        assert_eq!(extras(r#"{"id":"1","displayName":"Mara","name":{"formatted":"Mara"}}"#), []);
    }

    #[test]
    fn a_value_that_is_not_of_its_fields_type_is_kept() {
        let kept = |path: &str, json: &str| vec![(path.to_owned(), json.to_owned())];
        assert_eq!(extras(r#"{"id":"1","title":["a","b"]}"#), kept("title", r#"["a","b"]"#));
        assert_eq!(extras(r#"{"id":"1","name":"Mara"}"#), kept("name", "\"Mara\""));
        assert_eq!(extras(r#"{"id":"1","name":{"middleName":"J"}}"#), kept("name.middleName", "\"J\""));
        assert_eq!(extras(r#"{"id":"1","emails":[{"type":"work"}]}"#), kept("emails", r#"[{"type":"work"}]"#));
        let pager = r#"[{"value":"a@b.example","pager":1}]"#;
        assert_eq!(extras(&format!(r#"{{"id":"1","emails":{pager}}}"#)), kept("emails", pager));
        assert_eq!(extras(r#"{"id":"1","meta":{"etag":"x","location":"http://y"}}"#), kept("meta.etag", "\"x\""));
    }

    #[test]
    fn active_is_a_boolean_or_a_text_and_any_other_word_is_kept() {
        let status = |json: &str| user(&format!(r#"{{"id":"1","active":{json}}}"#)).status;
        for json in ["true", "\"true\"", "\"True\""] {
            assert_eq!(status(json).as_deref(), Some("active"));
        }
        for json in ["false", "\"False\""] {
            assert_eq!(status(json).as_deref(), Some("inactive"));
        }
        assert_eq!(status("\"suspended\"").as_deref(), Some("suspended"));
        assert_eq!(status("null"), None);
    }

    #[test]
    fn emails_are_a_list_an_object_or_a_text() {
        let emails = |json: &str| {
            let emails = user(&format!(r#"{{"id":"1","emails":{json}}}"#)).emails;
            emails.into_iter().map(|email| (email.email, email.type_, email.is_primary)).collect::<Vec<_>>()
        };
        let plain = vec![("a@b.example".to_owned(), None, None)];
        assert_eq!(emails(r#"[{"value":"a@b.example"}]"#), plain);
        assert_eq!(emails(r#"{"value":"a@b.example"}"#), plain);
        assert_eq!(emails(r#""a@b.example""#), plain);
        assert_eq!(
            emails(r#"[{"Value":"a@b.example","type":"work","primary":"true"}]"#),
            [("a@b.example".to_owned(), Some("work".to_owned()), Some(true))]
        );
        assert_eq!(emails("null"), []);
    }
}
