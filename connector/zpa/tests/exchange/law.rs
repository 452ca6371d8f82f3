//! What holds for any user and any mapping, and what a reader that nobody here wrote makes of each request.

use std::collections::BTreeMap;

use portcullis_zpa::account::Account;
use portcullis_zpa::http::{Request, Response};
use portcullis_zpa::mapping::Resource;
use portcullis_zpa::membership::{self, Change as Membership};
use portcullis_zpa::wit::{Change, Email, Value, WriteOptions};
use portcullis_zpa::{create, find, update, wit};
use proptest::prelude::*;
use scim_v2::filter::Filter;
use scim_v2::models::group::Group;
use scim_v2::models::others::PatchOp;
use scim_v2::models::user::User;
use scim_v2::{CreateRequest, Strict};

use crate::server::{account, account_with};

/// Text fields that a user can be given, but for its name.
const TEXTS: [&str; 11] = [
    "external_id",
    "name",
    "first_name",
    "last_name",
    "nick_name",
    "title",
    "user_type",
    "department",
    "cost_center",
    "division",
    "organization",
];

/// Places in a vendor's record where a text can stand, none within another.
const PLACES: [&str; 14] = [
    "externalId",
    "displayName",
    "name.givenName",
    "name.familyName",
    "name.middleName",
    "nickName",
    "title",
    "userType",
    "locale",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter",
    "urn:acme:2.0:User:grade",
    "urn:acme:2.0:User:site.name",
    "phoneNumbers[type eq \"work\"].value",
];

/// An account whose text fields stand at these places.
fn mapped(places: &[&str]) -> Account {
    let custom = ["custom.one", "custom.two", "custom.three"];
    let fields = TEXTS.into_iter().chain(custom).zip(places).map(|(field, place)| {
        let place = serde_json::to_string(place).unwrap();
        format!(r#""{field}":{{"read":{place},"write":{place},"clear":{place}}}"#)
    });
    account_with(Some(&format!(r#"{{"mapping":{{"user":{{{}}}}}}}"#, fields.collect::<Vec<_>>().join(","))))
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-zA-Z0-9 .@-]{1,12}", "\\PC{1,8}", Just("\"\\\n\u{0}".to_owned())]
}

fn change(field: &str, value: Value) -> Change {
    Change { field: field.to_owned(), value }
}

/// A user's fields, any of them absent.
fn changes() -> impl Strategy<Value = Vec<Change>> {
    let texts = proptest::collection::btree_map(proptest::sample::select(&TEXTS[..]), text(), 0..TEXTS.len());
    let emails = proptest::option::of(proptest::collection::vec(
        (text(), proptest::option::of("[a-z]{1,6}"), proptest::option::of(any::<bool>())),
        1..4,
    ));
    (text(), texts, proptest::option::of(any::<bool>()), emails).prop_map(|(username, texts, active, emails)| {
        let mut changes = vec![change("username", Value::Text(username))];
        changes.extend(texts.into_iter().map(|(field, text)| change(field, Value::Text(text))));
        let word = |active| if active { "active" } else { "inactive" };
        changes.extend(active.map(|active| change("status", Value::Text(word(active).to_owned()))));
        let email = |(email, type_, is_primary)| Email { email, type_, is_primary };
        changes.extend(emails.map(|emails| change("emails", Value::Emails(emails.into_iter().map(email).collect()))));
        changes
    })
}

/// Answers a creation with what was sent and an id, and every read after it with the same.
fn echo(request: &Request, stored: &mut String) -> Response {
    if let Some(body) = &request.body {
        let body = String::from_utf8(body.clone()).unwrap();
        *stored = format!(r#"{{"id":"u1",{}"#, body.strip_prefix('{').unwrap());
    }
    Response { status: 201, headers: Vec::new(), body: stored.clone().into_bytes() }
}

/// What a user has in its fields, as the changes that made it.
fn fields(user: &wit::User) -> BTreeMap<String, String> {
    let texts = [
        ("username", &user.username),
        ("external_id", &user.external_id),
        ("name", &user.name),
        ("first_name", &user.first_name),
        ("last_name", &user.last_name),
        ("nick_name", &user.nick_name),
        ("title", &user.title),
        ("user_type", &user.user_type),
        ("status", &user.status),
        ("department", &user.department),
        ("cost_center", &user.cost_center),
        ("division", &user.division),
        ("organization", &user.organization),
    ];
    let texts = texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text.clone()?)));
    let emails = (!user.emails.is_empty()).then(|| ("emails".to_owned(), format!("{:?}", user.emails)));
    texts.chain(emails).collect()
}

fn wanted(changes: &[Change]) -> BTreeMap<String, String> {
    let entry = |change: &Change| {
        let value = match &change.value {
            Value::Text(text) => text.clone(),
            Value::Emails(emails) => format!("{emails:?}"),
            other => panic!("{other:?}"),
        };
        (change.field.clone(), value)
    };
    changes.iter().map(entry).collect()
}

proptest! {
    #[test]
    fn a_user_that_is_written_reads_back_as_itself_under_any_mapping(
        places in Just(PLACES.to_vec()).prop_shuffle(),
        changes in changes(),
        is_standard: bool,
    ) {
        let account = if is_standard { account() } else { mapped(&places) };
        let mut stored = String::new();
        let mut send = |request: &Request| Ok(echo(request, &mut stored));
        let created = create::create(&account, Resource::User, &changes, WriteOptions::VERIFY, &mut send).unwrap();
        let user = created.user().unwrap();
        prop_assert_eq!(fields(&user), wanted(&changes));
        // Of phone numbers a field reads a part at most, so that the whole is kept, too.
        prop_assert!(user.extras.iter().all(|(path, _)| path == "phoneNumbers"), "{:?}", user.extras);
    }

    #[test]
    fn what_is_sent_to_create_is_scim_to_a_reader_that_nobody_here_wrote(changes in changes()) {
        let mut body = String::new();
        let mut send = |request: &Request| {
            body = String::from_utf8(request.body.clone().unwrap()).unwrap();
            Ok(echo(request, &mut String::new()))
        };
        create::create(&account(), Resource::User, &changes, WriteOptions::empty(), &mut send).unwrap();
        let read = serde_json::from_str::<Strict<User<String>, CreateRequest>>(&body);
        // It wants what RFC 7643 section 2.4 wants of any client: one primary address. That is the caller's to keep.
        let primaries = body.matches(r#""primary":true"#).count();
        match read {
            Ok(user) => {
                let user = user.into_valid().into_inner();
                prop_assert_eq!(&user.user_name, &wanted(&changes)["username"]);
            }
            Err(err) => prop_assert!(primaries > 1 || body.contains(r#""userName":" "#), "{err}: {body}"),
        }
    }

    #[test]
    fn every_patch_is_scim_to_a_reader_that_nobody_here_wrote(
        changes in changes(),
        cleared in proptest::sample::subsequence(TEXTS.to_vec(), 0..4),
        members in proptest::collection::vec(text(), 1..5),
        adds: bool,
        replaces: bool,
    ) {
        let settings = format!(
            r#"{{"quirks":{{"email-replacement":"{}"}}}}"#,
            if replaces { "replace" } else { "remove-then-add" }
        );
        let mut changes: Vec<_> =
            changes.into_iter().filter(|change| !cleared.contains(&change.field.as_str())).collect();
        changes.extend(cleared.into_iter().map(|field| change(field, Value::Clear)));
        let mut bodies = Vec::new();
        let mut send = |request: &Request| {
            bodies.push(String::from_utf8(request.body.clone().unwrap()).unwrap());
            Ok(Response { status: 204, ..Response::default() })
        };
        let options = WriteOptions::ALLOW_RENAME | WriteOptions::ALLOW_EMPTY;
        update::update(&account_with(Some(&settings)), Resource::User, "u1", &changes, options, &mut send).unwrap();
        let what = if adds { Membership::Add } else { Membership::Remove };
        membership::change(&account(), what, "g1", &members, options, &mut send).unwrap();
        prop_assert_eq!(bodies.len(), 2);
        for body in bodies {
            let patch = serde_json::from_str::<PatchOp>(&body);
            prop_assert!(patch.is_ok(), "{:?}: {}", patch, body);
            let sent: serde_json::Value = serde_json::from_str(&body).unwrap();
            for operation in sent["Operations"].as_array().unwrap() {
                let op = operation["op"].as_str().unwrap();
                prop_assert!(["add", "remove", "replace"].contains(&op));
                // A removal of all members empties the group (zpa-scim 7).
                prop_assert!(op != "remove" || operation["path"] != "members", "{}", body);
            }
        }
    }

    #[test]
    fn every_filter_is_scim_to_a_reader_that_nobody_here_wrote(key in text()) {
        let mut paths = Vec::new();
        let mut send = |request: &Request| {
            paths.push(request.path.clone());
            Ok(Response { status: 200, headers: Vec::new(), body: br#"{"totalResults":0}"#.to_vec() })
        };
        let username = wit::UserKey::Username(key.clone());
        find::user(&account(), &username, wit::ReadOptions::empty(), &mut send).unwrap();
        let name = wit::GroupKey::Name(key.clone());
        find::group(&account(), &name, wit::ReadOptions::empty(), &mut send).unwrap();
        for (path, attribute) in paths.iter().zip(["userName", "displayName"]) {
            let filter = decoded(path.split_once("&filter=").unwrap().1);
            let value = serde_json::to_string(&key).unwrap();
            prop_assert!(filter.parse::<Filter>().is_ok(), "{}", filter);
            let value: String = serde_json::from_str(&value).unwrap();
            let sent: String = serde_json::from_str(filter.strip_prefix(attribute).unwrap().strip_prefix(" eq ").unwrap()).unwrap();
            prop_assert_eq!(sent, value);
        }
    }
}

#[test]
fn what_is_sent_to_create_a_group_is_scim_to_a_reader_that_nobody_here_wrote() {
    let mut body = String::new();
    let mut send = |request: &Request| {
        body = String::from_utf8(request.body.clone().unwrap()).unwrap();
        Ok(echo(request, &mut String::new()))
    };
    let changes = [("name", "Ops \"EU\""), ("external_id", "g-1")]
        .map(|(field, text)| change(field, Value::Text(text.to_owned())));
    create::create(&account(), Resource::Group, &changes, WriteOptions::empty(), &mut send).unwrap();
    let group = serde_json::from_str::<Strict<Group<String>, CreateRequest>>(&body).unwrap();
    assert_eq!(group.into_valid().into_inner().display_name, "Ops \"EU\"");
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let code: Vec<_> = rest.by_ref().take(2).collect();
                u8::from_str_radix(str::from_utf8(&code).unwrap(), 16).unwrap()
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).unwrap()
}
