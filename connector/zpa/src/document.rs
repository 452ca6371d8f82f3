//! The body that creates a record: values set at their paths, and the schemas that these belong to.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::attribute::Path;
use crate::change::Edit;
use crate::json::{Json, list, object, quoted};
use crate::mapping::Resource;
use crate::tape::Tape;

/// A value on its way into the document.
struct Part<'a> {
    /// The names that lead to it.
    steps: Vec<&'a str>,
    json: String,
    /// Whether it is one element of a list there.
    is_element: bool,
    /// The path that chose the element, where one did.
    chosen: Option<&'a Path>,
}

/// The body of a record with these values.
pub fn body(resource: Resource, edits: &[Edit<'_>]) -> Vec<u8> {
    let mut schemas = vec![resource.schema()];
    let mut parts = Vec::new();
    for edit in edits {
        // The schema of an extension is listed when something of it is there (RFC 7643 section 3).
        if let Some(schema) = edit.path.schema.as_deref().filter(|schema| !schemas.contains(schema)) {
            schemas.push(schema);
        }
        place(edit, &mut parts);
    }
    let json = list(&schemas.into_iter().map(quoted).collect::<Vec<_>>());
    parts.insert(0, Part { steps: vec!["schemas"], json, is_element: false, chosen: None });
    let parts: Vec<_> = parts.iter().map(|part| (part, part.steps.as_slice())).collect();
    nested(&parts).into_bytes()
}

/// Where the value of an edit goes.
fn place<'a>(edit: &Edit<'a>, parts: &mut Vec<Part<'a>>) {
    let Some(json) = edit.to_scim() else { return };
    let path = edit.path;
    let mut steps: Vec<&str> = path.schema.as_deref().into_iter().collect();
    steps.push(&path.attribute);
    if edit.row.kind.is_list() {
        let Ok(tape) = Tape::read(&json) else { return };
        let element = |element: Json<'_>| {
            let json = element.json().to_owned();
            Part { steps: steps.clone(), json, is_element: true, chosen: None }
        };
        return parts.extend(tape.root().elements().map(element));
    }
    let sub = path.sub.as_deref();
    if let Some(filter) = &path.filter {
        let sub = sub.unwrap_or("value");
        let mut known = parts.iter_mut().filter(|part| part.chosen.is_some_and(|chosen| chosen.is_of_element(path)));
        if let Some(Part { json: element, .. }) = known.next() {
            // Two parts of one element make one element: before the brace that closes it is room for more.
            return element.insert_str(element.len() - 1, &format!(",{}:{json}", quoted(sub)));
        }
        let by = (filter.attribute.as_str(), Some(filter.value.clone()));
        let json = object(&[by, (sub, Some(json))]);
        return parts.push(Part { steps, json, is_element: true, chosen: Some(path) });
    }
    steps.extend(sub);
    parts.push(Part { steps, json, is_element: false, chosen: None });
}

/// The object that these values make, each with what is left of its way.
fn nested(parts: &[(&Part<'_>, &[&str])]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for name in parts.iter().filter_map(|(_, steps)| steps.first()) {
        if !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            names.push(name);
        }
    }
    let mut members = Vec::with_capacity(names.len());
    for name in names {
        let inside = parts.iter().filter_map(|&(part, steps)| {
            let (first, rest) = steps.split_first()?;
            first.eq_ignore_ascii_case(name).then_some((part, rest))
        });
        let inside: Vec<_> = inside.collect();
        let json = match inside.as_slice() {
            [(part, []), ..] if part.is_element => {
                list(&inside.iter().map(|(part, _)| part.json.clone()).collect::<Vec<_>>())
            }
            [(part, []), ..] => part.json.clone(),
            _ => nested(&inside),
        };
        members.push((name, Some(json)));
    }
    object(&members)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change;
    use crate::settings::Settings;
    use crate::wit;
    use expect_test::{Expect, expect};
    use std::prelude::v1::*;

    fn check(settings: &str, changes: Vec<(&str, wit::Value)>, body: &Expect) {
        let mapping = Settings::parse(settings).unwrap().mapping(Resource::User);
        let changes: Vec<_> =
            changes.into_iter().map(|(field, value)| wit::Change { field: field.to_owned(), value }).collect();
        let edits = change::parse(&mapping, &changes).unwrap();
        let bytes = super::body(Resource::User, &edits);
        body.assert_eq(core::str::from_utf8(&bytes).unwrap());
    }

    fn text(text: &str) -> wit::Value {
        wit::Value::Text(text.to_owned())
    }

    fn emails(addresses: &[&str]) -> wit::Value {
        let email = |email: &&str| wit::Email { email: (*email).to_owned(), type_: None, is_primary: None };
        wit::Value::Emails(addresses.iter().map(email).collect())
    }

    #[test]
    fn values_stand_where_the_vendor_has_them() {
        check(
            "{}",
            vec![
                ("username", text("ines@acme.example")),
                ("first_name", text("Ines")),
                ("department", text("Legal")),
                ("status", text("inactive")),
                ("last_name", text("Mo\"reau")),
                ("emails", emails(&["ines@acme.example", "i@acme.example"])),
                ("cost_center", text("CC-12")),
            ],
            &expect![[
                r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"userName":"ines@acme.example","name":{"givenName":"Ines","familyName":"Mo\"reau"},"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"Legal","costCenter":"CC-12"},"active":false,"emails":[{"value":"ines@acme.example"},{"value":"i@acme.example"}]}"#
            ]],
        );
    }

    #[test]
    fn fields_of_the_account_stand_where_it_says() {
        let settings = r#"{"mapping":{"user":{
            "user_type":{"values":{"ZPA User":"user"}},
            "custom.mobile":{"read":"phoneNumbers[type eq \"mobile\"].value","write":"phoneNumbers[type eq \"mobile\"].value"},
            "custom.fax":{"read":"phoneNumbers[type eq \"fax\"].value","write":"phoneNumbers[type eq \"fax\"].value"},
            "custom.badge":{"type":"number","read":"urn:acme:2.0:User:badge.no","write":"urn:acme:2.0:User:badge.no"},
            "custom.remote":{"type":"boolean","read":"remote","write":"remote"},
            "custom.tags":{"type":"texts","read":"tags.value","write":"tags.value"},
            "custom.skills":{"type":"texts","read":"skills","write":"skills"}}}}"#;
        check(
            settings,
            vec![
                ("user_type", text("user")),
                ("custom.mobile", text("1")),
                ("custom.badge", wit::Value::Number(7.0)),
                ("custom.fax", text("2")),
                ("custom.remote", wit::Value::Boolean(true)),
                ("custom.tags", wit::Value::Texts(vec!["a".to_owned()])),
                ("custom.skills", wit::Value::Texts(vec!["b".to_owned(), "c".to_owned()])),
            ],
            &expect![[
                r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:acme:2.0:User"],"userType":"ZPA User","phoneNumbers":[{"type":"mobile","value":"1"},{"type":"fax","value":"2"}],"urn:acme:2.0:User":{"badge":{"no":7}},"remote":true,"tags":[{"value":"a"}],"skills":["b","c"]}"#
            ]],
        );
    }

    #[test]
    fn parts_of_one_element_stand_in_it_together() {
        let settings = r#"{"mapping":{"user":{
            "custom.city":{"read":"addresses","write":"addresses[type eq \"work\"].locality"},
            "custom.home":{"read":"addresses","write":"addresses[type eq \"home\"].locality"},
            "custom.street":{"read":"addresses","write":"Addresses[type eq \"Work\"].streetAddress"}}}}"#;
        check(
            settings,
            vec![("custom.city", text("Lyon")), ("custom.home", text("Metz")), ("custom.street", text("Rue 1"))],
            &expect![[
                r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"addresses":[{"type":"work","locality":"Lyon","streetAddress":"Rue 1"},{"type":"home","locality":"Metz"}]}"#
            ]],
        );
    }

    #[test]
    fn the_addresses_of_a_user_stand_where_the_account_says() {
        let settings =
            r#"{"mapping":{"user":{"emails":{"read":"mails.address","write":"mails.address","clear":"mails"}}}}"#;
        check(
            settings,
            vec![("emails", emails(&["a@b.example"]))],
            &expect![[
                r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"mails":[{"address":"a@b.example"}]}"#
            ]],
        );
    }
}
