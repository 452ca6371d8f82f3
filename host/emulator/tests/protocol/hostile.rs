//! What nobody should send: every request has an answer, and one that is refused has changed nothing.

use crate::wire::{emulator, try_send};
use portcullis_emulator::{Emulator, Switches};
use proptest::prelude::*;
use serde_json::{Value, json};

/// JSON of any shape, out of the words that mean something.
fn value() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec![
        "add",
        "Remove",
        "replace",
        "members",
        "emails",
        "emails[type eq \"work\"].value",
        "members[value eq \"1\"]",
        "members[not (value pr)]",
        "name.givenName",
        "name",
        "active",
        "userName",
        "displayName",
        "False",
        "",
        "a[",
        "[",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        word.prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        let key = prop::sample::select(vec![
            "op",
            "path",
            "value",
            "Operations",
            "members",
            "emails",
            "name",
            "givenName",
            "active",
            "userName",
            "displayName",
            "externalId",
            "schemas",
            "id",
            "department",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        ]);
        let object = prop::collection::vec((key, inner.clone()), 0..5).prop_map(|members| {
            Value::Object(members.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
        });
        prop_oneof![prop::collection::vec(inner, 0..4).prop_map(Value::from), object]
    })
}

/// A PATCH of one operation, or anything else.
fn body() -> impl Strategy<Value = String> {
    let operator = prop::sample::select(vec!["add", "replace", "remove"]);
    let operation = (operator, prop::option::of(value()), value()).prop_map(|(operator, path, value)| {
        let mut operation = json!({"op": operator, "value": value});
        if let Some(path) = path {
            operation["path"] = path;
        }
        json!({"Operations": [operation]}).to_string()
    });
    prop_oneof![operation, value().prop_map(|value| value.to_string()), any::<String>()]
}

fn state(emulator: &Emulator) -> Vec<u8> {
    let mut out = Vec::new();
    emulator.directory().save(&mut out).unwrap();
    out
}

async fn check(requests: &[(&str, &str, String)], switches: Switches) {
    let emulator = emulator(|options| {
        (options.users, options.groups, options.switches) = (3, 2, switches);
    });
    let emulator = emulator.await;
    for (method, path, body) in requests {
        let id = match *path {
            "/Users/" => emulator.users().first().map(|user| user.id.clone()),
            "/Groups/" => emulator.directory().groups().next().map(|group| group.id),
            _ => None,
        };
        let before = state(&emulator);
        let path = format!("{path}{}", id.unwrap_or_default());
        let answer = try_send(&emulator, method, &path, body).await.unwrap();
        assert_ne!(answer.status, 500, "{method} {path} {body}");
        if answer.status >= 400 {
            assert!(state(&emulator) == before, "{method} {path} {body}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_request_is_answered_and_a_refused_one_changes_nothing(
        requests in prop::collection::vec((
            prop::sample::select(vec!["POST", "PUT", "PATCH", "DELETE"]),
            prop::sample::select(vec!["/Users", "/Groups", "/Users/", "/Groups/"]),
            body(),
        ), 1..20),
        is_strict in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let switches = if is_strict { Switches::strict() } else { Switches::zpa() };
        runtime.block_on(check(&requests, switches));
    }
}
