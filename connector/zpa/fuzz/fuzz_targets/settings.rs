//! A text as an account's settings. What is taken gives a mapping by which a record can be written and read back.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis_zpa::attribute::{Path, ValueFilter};
use portcullis_zpa::change::{self, Edit};
use portcullis_zpa::field::Value;
use portcullis_zpa::layout::Layout;
use portcullis_zpa::mapping::{Mapping, Resource, Row};
use portcullis_zpa::settings::EmailReplacement;
use portcullis_zpa::tape::Tape;
use portcullis_zpa::unified::Kind;
use portcullis_zpa::{description, document, field, patch, row, wit};
use portcullis_zpa_fuzz as law;

fuzz_target!(|text: &str| {
    // The field at fault of every refusal of settings is `settings`.
    let account = match law::account(Some(text)) {
        Ok(account) => account,
        Err(err) => {
            law::error(&err);
            assert_eq!((err.kind, err.field.as_deref()), (wit::ErrorKind::InvalidInput, Some("settings")));
            return;
        }
    };
    let description = description::describe(Some(&account));
    let mappings = [Resource::User, Resource::Group].map(|resource| account.settings.mapping(resource));
    assert_eq!(description.fields.len(), mappings.iter().map(|mapping| mapping.rows.len()).sum::<usize>());
    for field in &description.fields {
        for path in field.read.iter().chain(&field.write).chain(&field.clear) {
            assert_eq!(Path::parse(path).unwrap().to_string(), *path);
        }
        assert!(!field.read.is_empty());
    }
    for mapping in &mappings {
        apart(mapping);
        for variant in 0..3 {
            reads_back(mapping, variant);
        }
    }
});

/// No two fields are written or cleared at one place, nor one inside the other.
fn apart(mapping: &Mapping) {
    let places = |row: &Row| {
        // A list is written whole, whatever part of it the path names (RFC 7644 section 3.5.2.3).
        let is_list = matches!(row.kind, Kind::Texts | Kind::Emails);
        let place = |path: &Path| if is_list { path.whole() } else { path.clone() };
        row.write.iter().chain(&row.clear).map(place).collect::<Vec<_>>()
    };
    for (at, row) in mapping.rows.iter().enumerate() {
        for other in &mapping.rows[at + 1..] {
            assert_ne!(row.field, other.field);
            for (a, b) in places(row).iter().flat_map(|a| places(other).into_iter().map(move |b| (a.clone(), b))) {
                assert!(!overlap(&a, &b), "`{}` at `{a}` and `{}` at `{b}`", row.field, other.field);
            }
        }
    }
}

fn overlap(a: &Path, b: &Path) -> bool {
    let same = |a: &Option<String>, b: &Option<String>| match (a, b) {
        (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
        (a, b) => a == b,
    };
    if !same(&a.schema, &b.schema) || !a.attribute.eq_ignore_ascii_case(&b.attribute) {
        return false;
    }
    match (&a.filter, &b.filter) {
        // One attribute cannot be an object and a list.
        (Some(_), None) | (None, Some(_)) => true,
        (Some(a), Some(b)) if exclude(a, b) => false,
        _ => a.sub.is_none() || b.sub.is_none() || same(&a.sub, &b.sub),
    }
}

/// Whether no element can be meant by both.
fn exclude(a: &ValueFilter, b: &ValueFilter) -> bool {
    let text = |filter: &ValueFilter| match serde_json::from_str(&filter.value).unwrap() {
        serde_json::Value::String(text) => text.to_ascii_lowercase(),
        _ => filter.value.to_ascii_lowercase(),
    };
    a.attribute.eq_ignore_ascii_case(&b.attribute) && text(a) != text(b)
}

/// What was written is there, in every field that is read where it is written.
fn reads_back(mapping: &Mapping, variant: usize) {
    let changes: Vec<_> = (0..).zip(&mapping.rows).filter_map(|(place, row)| change(row, place, variant)).collect();
    let edits = match change::parse(mapping, &changes) {
        Ok(edits) => edits,
        Err(err) => {
            law::error(&err);
            // A word of the vendor's that means another of the account's cannot be written.
            assert_eq!(err.kind, wit::ErrorKind::InvalidInput);
            assert!(variant == 2, "{err:?}");
            return;
        }
    };
    patches(&edits);

    let body = document::body(mapping.resource, &edits);
    let body = std::str::from_utf8(&body).unwrap();
    serde_json::from_str::<serde_json::Value>(body).unwrap_or_else(|err| panic!("{err} in {body}"));
    let layout = Layout::new(mapping);
    let tape = Tape::read(body).unwrap();
    let found = row::Row::decode(tape.root(), &layout).unwrap();
    for edit in &edits {
        let field = layout.fields.iter().find(|field| field.field == edit.row.field).unwrap();
        let read = field::read(field, &found, &mut Vec::new());
        assert_eq!(plain(read.as_ref()), plain(edit.value.as_ref()), "`{}` of {body}", edit.row.field);
    }
}

/// A value for a field that can be set and is read first where it is written.
fn change(row: &Row, place: usize, variant: usize) -> Option<wit::Change> {
    let write = row.write.as_ref()?;
    let read = row.read.first()?;
    let text = match variant {
        0 => format!("\u{1}wri\"tten-{place} \\ü😀"),
        // The account's own words, and then the vendor's.
        1 => row.values.get(place % row.values.len().max(1)).map_or("true", |(_, unified)| unified).to_owned(),
        _ => row.values.first().map_or("7", |(vendor, _)| vendor).to_owned(),
    };
    let value = match row.kind {
        Kind::Emails => {
            // The vendor chooses where an address is put, and shows them all (zpa-scim 7).
            let part = |path: &Path| path.sub.as_deref().unwrap_or("value").to_ascii_lowercase();
            if read.filter.is_some() || !read.is_of_attribute(write) || part(read) != part(write) {
                return None;
            }
            let is_more = variant > 0 && !["type", "primary"].contains(&part(read).as_str());
            let email = |at: usize| wit::Email {
                email: format!("{text}{at}"),
                type_: is_more.then(|| "home".to_owned()),
                is_primary: is_more.then_some(at == 0),
            };
            wit::Value::Emails((0..=variant).map(email).collect())
        }
        _ if read != write => return None,
        Kind::Text if text.is_empty() => return None,
        Kind::Text => wit::Value::Text(text),
        Kind::Status => {
            let words: Vec<_> = row.values.iter().map(|(_, word)| word).filter(|word| !word.is_empty()).collect();
            wit::Value::Text((*words.get(variant % words.len().max(1))?).clone())
        }
        Kind::Boolean => wit::Value::Boolean(place % 2 == variant % 2),
        Kind::Number => wit::Value::Number(place as f64 / 8.0 - variant as f64),
        Kind::Texts => wit::Value::Texts((0..=variant).map(|at| format!("{text}{at}")).collect()),
        Kind::References => return None,
    };
    Some(wit::Change { field: row.field.to_string(), value })
}

/// A change of a record is JSON, and each of its operations has a path that is one.
fn patches(edits: &[Edit<'_>]) {
    for emails in [EmailReplacement::RemoveThenAdd, EmailReplacement::Replace] {
        let body: serde_json::Value = serde_json::from_slice(&patch::body(edits, emails)).unwrap();
        let operations = body["Operations"].as_array().unwrap();
        assert!(operations.len() >= edits.len());
        for operation in operations {
            let path = operation["path"].as_str().unwrap();
            assert_eq!(Path::parse(path).unwrap().to_string(), path);
            assert_eq!(operation["op"] == "remove", operation.get("value").is_none());
        }
    }
}

fn plain(value: Option<&Value>) -> String {
    format!("{value:?}")
}
