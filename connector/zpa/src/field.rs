//! The value of one field in a decoded row. What is found and cannot be used goes to the extras, never away.

use alloc::borrow::{Cow, ToOwned};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::attribute::ValueFilter;
use crate::json::{Json, list, quoted};
use crate::layout::{Field, Layout, Read};
use crate::row::Row;
use crate::tape::Tape;
use crate::unified::Kind;
use crate::wit;

/// A value of a field.
#[derive(Clone, Debug)]
pub enum Value {
    Text(String),
    Boolean(bool),
    /// A number, as JSON writes it.
    Number(String),
    Texts(Vec<String>),
    Emails(Vec<wit::Email>),
    References(Vec<wit::GroupReference>),
}

/// Pairs of vendor path and JSON text.
pub type Extras = Vec<(String, String)>;

impl Value {
    /// The value as JSON text. A list of records has no such form: no field of an account's own is one.
    pub fn json(&self) -> String {
        match self {
            Value::Text(text) => quoted(text),
            Value::Boolean(value) => value.to_string(),
            Value::Number(number) => number.clone(),
            Value::Texts(texts) => list(&texts.iter().map(|text| quoted(text)).collect::<Vec<_>>()),
            Value::Emails(_) | Value::References(_) => "null".to_owned(),
        }
    }
}

/// All that no field read: what the layout does not know, and what fields read only parts of.
pub fn rest(row: Row<'_>, layout: &Layout, extras: &mut Extras) {
    for (slot, value) in layout.slots.iter().zip(row.slots) {
        if let Some(value) = value.filter(|value| slot.is_partial && !value.is_empty()) {
            extras.push((slot.path.clone(), value.json().to_owned()));
        }
    }
    extras.extend(row.rest.into_iter().map(|(path, value)| (path, value.json().to_owned())));
}

/// Reads a field: the first of its places that has a usable value wins. A place that has another value, or one that
/// is not wholly of the field's type, goes to `extras`.
pub fn read(field: &Field, row: &Row<'_>, extras: &mut Extras) -> Option<Value> {
    let mut winner = None;
    for read in &field.reads {
        let Some(&Some(json)) = row.slots.get(read.slot) else {
            continue;
        };
        let found = if field.kind.is_list() { Some(json) } else { one(json, read) };
        let Some(found) = found.filter(|found| !found.is_empty()) else {
            continue;
        };
        let (value, is_whole) = value(found, field, read);
        let is_kept = match (value, &winner) {
            (Some(value), None) if !read.is_echo => {
                winner = Some(value);
                is_whole
            }
            (Some(Value::Text(text)), Some(Value::Text(first))) => text == *first,
            _ => false,
        };
        if !is_kept {
            extras.push((read.path.clone(), found.json().to_owned()));
        }
    }
    winner
}

/// What a value means to a field, and whether that is all there is to it.
fn value(found: Json<'_>, field: &Field, read: &Read) -> (Option<Value>, bool) {
    let single = |value: Option<Value>| (value, true);
    match field.kind {
        Kind::Text | Kind::Status => single(text(found, field).map(Value::Text)),
        Kind::Boolean => single(found.boolean().map(Value::Boolean)),
        Kind::Number => single(number(found).map(Value::Number)),
        Kind::Texts => {
            let (texts, is_whole) = texts(found, read);
            ((!texts.is_empty()).then_some(Value::Texts(texts)), is_whole)
        }
        Kind::Emails => {
            let (emails, is_whole) = emails(found, read);
            ((!emails.is_empty()).then_some(Value::Emails(emails)), is_whole)
        }
        Kind::References => {
            let (references, is_whole) = references(found, read);
            ((!references.is_empty()).then_some(Value::References(references)), is_whole)
        }
    }
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
    let Ok(wanted) = Tape::read(wanted) else { return false };
    found.text().zip(wanted.root().text()).is_some_and(|(found, wanted)| found.eq_ignore_ascii_case(&wanted))
}

fn text(json: Json<'_>, field: &Field) -> Option<String> {
    let value = if field.kind == Kind::Status { json.boolean() } else { None };
    let text = match value {
        Some(value) => Cow::Borrowed(if value { "true" } else { "false" }),
        None => json.text()?,
    };
    let mapped = field.values.iter().find(|(vendor, _)| vendor.eq_ignore_ascii_case(&text));
    Some(mapped.map_or_else(|| text.into_owned(), |(_, unified)| unified.clone()))
}

/// A number, also where it was written as text.
fn number(json: Json<'_>) -> Option<String> {
    let text = json.text()?;
    let tape = Tape::read(&text).ok()?;
    let number = tape.root();
    (number.other_than_object() == Some("a number")).then(|| number.json().to_owned())
}

/// Single values, or one part of each element.
fn texts(json: Json<'_>, read: &Read) -> (Vec<String>, bool) {
    let mut is_whole = true;
    let mut texts = Vec::new();
    for element in chosen(json, read.filter.as_ref()) {
        let found = match &read.sub {
            Some(sub) if element.other_than_object().is_none() => element.member(sub),
            _ => Some(element),
        };
        match found.and_then(Json::text) {
            Some(text) => texts.push(text.into_owned()),
            None => is_whole = false,
        }
        // Of an object only the part is read.
        is_whole &= read.sub.is_none() || element.values().count() < 2;
    }
    (texts, is_whole)
}

/// Addresses. What an address cannot carry, or has none, is not wholly read.
fn emails(json: Json<'_>, read: &Read) -> (Vec<wit::Email>, bool) {
    let address = read.sub.as_deref().unwrap_or("value");
    let mut emails = Vec::with_capacity(json.elements().count());
    let mut is_whole = true;
    for element in chosen(json, read.filter.as_ref()) {
        let (mut email, mut type_, mut is_primary) = (lone(element), None, None);
        for value in element.values() {
            let is_read = if value.is_named(address) {
                fill(&mut email, owned(value))
            } else if value.is_named("type") {
                fill(&mut type_, owned(value))
            } else if value.is_named("primary") {
                fill(&mut is_primary, value.boolean())
            } else {
                false
            };
            is_whole &= is_read || value.is_null();
        }
        match email.filter(|email| !email.is_empty()) {
            Some(email) => emails.push(wit::Email { email, type_, is_primary }),
            None => is_whole = false,
        }
    }
    (emails, is_whole)
}

/// References by `value` and `display`; their URLs are never followed, nor kept (zpa-scim 13).
fn references(json: Json<'_>, read: &Read) -> (Vec<wit::GroupReference>, bool) {
    let identifier = read.sub.as_deref().unwrap_or("value");
    let mut references = Vec::with_capacity(json.elements().count());
    let mut is_whole = true;
    for element in chosen(json, read.filter.as_ref()) {
        let (mut id, mut name) = (lone(element), None);
        for value in element.values() {
            let is_read = if value.is_named(identifier) {
                fill(&mut id, owned(value))
            } else if value.is_named("display") {
                fill(&mut name, owned(value))
            } else {
                value.is_named("$ref")
            };
            is_whole &= is_read || value.is_null();
        }
        match id.filter(|id| !id.is_empty()) {
            Some(id) => references.push(wit::GroupReference { id, name }),
            None => is_whole = false,
        }
    }
    (references, is_whole)
}

/// An element that is a single value and no object.
fn lone(element: Json<'_>) -> Option<String> {
    element.other_than_object().and_then(|_| owned(element))
}

fn owned(json: Json<'_>) -> Option<String> {
    json.text().map(Cow::into_owned)
}

/// Puts a value where it belongs, and says whether that is all there is to it: what comes twice is not wholly read.
fn fill<T>(place: &mut Option<T>, value: Option<T>) -> bool {
    let is_first = place.is_none();
    *place = value;
    is_first && place.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::Layout;
    use crate::mapping::{Mapping, Resource};
    use crate::settings::{Quirks, Settings};
    use crate::user;
    use std::prelude::v1::*;
    use std::vec;

    fn user(text: &str) -> wit::User {
        let layout = Layout::new(&Mapping::standard(Resource::User, &Quirks::default()));
        let tape = Tape::read(text).unwrap();
        let row = Row::decode(tape.root(), &layout).unwrap();
        user::from_scim(row, &layout, None).unwrap()
    }

    fn extras(text: &str) -> Vec<(String, String)> {
        user(text).extras
    }

    #[test]
    fn the_first_place_with_a_value_wins_and_another_value_is_kept() {
        let enterprise = r#""urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"IT"}"#;
        let user = user(&format!(r#"{{"id":"1","department":"Legal",{enterprise}}}"#));
        assert_eq!(user.department.as_deref(), Some("IT"));
        assert_eq!(user.extras, [("department".to_owned(), "\"Legal\"".to_owned())]);
        assert_eq!(extras(&format!(r#"{{"id":"1","department":"IT",{enterprise}}}"#)), []);
    }

    #[test]
    fn a_name_that_is_said_again_is_shown_once_and_another_one_is_kept() {
        let user = user(r#"{"id":"1","displayName":"Mara","name":{"formatted":"Mara"}}"#);
        assert_eq!((user.name.as_deref(), user.extras), (Some("Mara"), vec![]));
        let kept = [("name.formatted".to_owned(), "\"Mara Lind\"".to_owned())];
        assert_eq!(extras(r#"{"id":"1","displayName":"Mara","name":{"formatted":"Mara Lind"}}"#), kept);
        assert_eq!(extras(r#"{"id":"1","name":{"formatted":"Mara Lind"}}"#), kept);
    }

    #[test]
    fn a_value_that_is_not_of_its_fields_type_is_kept() {
        let kept = |path: &str, json: &str| vec![(path.to_owned(), json.to_owned())];
        assert_eq!(extras(r#"{"id":"1","title":["a","b"]}"#), kept("title", r#"["a","b"]"#));
        assert_eq!(extras(r#"{"id":"1","name":"Mara"}"#), kept("name", "\"Mara\""));
        assert_eq!(extras(r#"{"id":"1","name":{"middleName":"J"}}"#), kept("name.middleName", "\"J\""));
        assert_eq!(extras(r#"{"id":"1","emails":[{"type":"work"}]}"#), kept("emails", r#"[{"type":"work"}]"#));
        assert_eq!(extras(r#"{"id":"1","meta":{"etag":"x","location":"http://y"}}"#), kept("meta.etag", "\"x\""));
    }

    #[test]
    fn a_list_that_is_not_wholly_read_is_kept_as_well() {
        for whole in [
            r#"[{"value":"a@b.example","display":"Ann"}]"#,
            r#"[{"value":"a@b.example","type":7,"primary":"yes"},{"type":"work"}]"#,
            r#"[{"value":"a@b.example"},null]"#,
            r#"[{"value":"x@b.example","value":"a@b.example"}]"#,
            r#"[{"value":"a@b.example","type":"home","type":"work"}]"#,
        ] {
            let user = user(&format!(r#"{{"id":"1","emails":{whole}}}"#));
            assert_eq!(user.emails[0].email, "a@b.example");
            assert_eq!(user.extras, [("emails".to_owned(), whole.to_owned())]);
        }
        let whole = r#"[{"value":"g1","type":"direct"},{"display":"Ops"},{"value":"g2","$ref":"https://x"}]"#;
        let user = user(&format!(r#"{{"id":"1","groups":{whole}}}"#));
        assert_eq!(user.groups.iter().map(|group| group.id.as_str()).collect::<Vec<_>>(), ["g1", "g2"]);
        assert_eq!(user.extras, [("groups".to_owned(), whole.to_owned())]);
    }

    #[test]
    fn a_name_that_comes_twice_loses_neither_value() {
        let user = user(r#"{"id":"1","title":"a","title":"b","locale":"x","locale":"y"}"#);
        assert_eq!(user.title.as_deref(), Some("b"));
        let kept = [("title", "\"a\""), ("locale", "\"x\""), ("locale", "\"y\"")];
        assert_eq!(user.extras, kept.map(|(path, json)| (path.to_owned(), json.to_owned())));
    }

    #[test]
    fn fields_of_the_account_are_read_by_their_type() {
        let settings = r#"{"mapping":{"user":{
            "custom.badge":{"type":"number","read":"urn:acme:2.0:User:badge"},
            "custom.remote":{"type":"boolean","read":"urn:acme:2.0:User:remote"},
            "custom.phone":{"read":"phoneNumbers[type eq \"mobile\"].value"},
            "custom.tags":{"type":"texts","read":"tags.value"},
            "user_type":{"values":{"ZPA User":"user"}}}}}"#;
        let mapping = Settings::parse(settings).unwrap().mapping(Resource::User);
        let layout = Layout::new(&mapping);
        let text = r#"{"id":"1","urn:acme:2.0:User":{"badge":"1.50","remote":"TRUE","desk":4},"userType":"zpa user",
            "phoneNumbers":[{"type":"work","value":"1"},{"type":"Mobile","value":"2"}],"tags":["a",{"value":"b"}]}"#;
        let tape = Tape::read(text).unwrap();
        let row = Row::decode(tape.root(), &layout).unwrap();
        let user = user::from_scim(row, &layout, None).unwrap();
        assert_eq!(user.user_type.as_deref(), Some("user"));
        let extras: Vec<_> = user.extras.iter().map(|(name, json)| (name.as_str(), json.as_str())).collect();
        assert_eq!(
            extras,
            [
                ("custom.badge", "1.50"),
                ("custom.remote", "true"),
                ("custom.phone", "\"2\""),
                ("custom.tags", r#"["a","b"]"#),
                // The rest of what was read only in part.
                ("phoneNumbers", r#"[{"type":"work","value":"1"},{"type":"Mobile","value":"2"}]"#),
                ("urn:acme:2.0:User:desk", "4"),
            ]
        );
    }

    #[test]
    fn fields_of_one_extension_are_read_however_its_name_is_spelt() {
        let settings = r#"{"mapping":{"user":{
            "custom.desk":{"read":"urn:acme:2.0:User:desk"},
            "custom.floor":{"read":"URN:ACME:2.0:User:desk.floor"}}}}"#;
        let layout = Layout::new(&Settings::parse(settings).unwrap().mapping(Resource::User));
        let text = r#"{"id":"1","urn:acme:2.0:User":{"desk":{"floor":"3"}}}"#;
        let tape = Tape::read(text).unwrap();
        let user = user::from_scim(Row::decode(tape.root(), &layout).unwrap(), &layout, None).unwrap();
        assert_eq!(user.extras[0], ("custom.floor".to_owned(), "\"3\"".to_owned()));
    }

    #[test]
    fn a_number_in_a_text_is_the_number_alone() {
        let settings = r#"{"mapping":{"user":{"custom.badge":{"type":"number","read":"badge"}}}}"#;
        let layout = Layout::new(&Settings::parse(settings).unwrap().mapping(Resource::User));
        let text = "{\"id\":\"1\",\"badge\":\"\u{feff} 7 \"}";
        let tape = Tape::read(text).unwrap();
        let user = user::from_scim(Row::decode(tape.root(), &layout).unwrap(), &layout, None).unwrap();
        assert_eq!(user.extras, [("custom.badge".to_owned(), "7".to_owned())]);
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
