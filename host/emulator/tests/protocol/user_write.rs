//! One test for each row of the table of behaviour that is about writing users, under the row's name.

use std::time::{Duration, UNIX_EPOCH};

use crate::behaviour::{plain, switched};
use crate::wire::{TOKEN, emulator, get, request, send};
use crate::write::{delete, ines, made, patch, post, put};
use portcullis_emulator::{
    Deactivation, Duplicate, Effect, EmailPair, EmailReplacement, Emulator, EnterpriseAtRoot, Group, InactiveUsers,
    OverLong, Permission, Put, Recreation, SecondDelete, Switches, UnknownAttributes, User,
};
use serde_json::{Value, json};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const WORK: &str = "emails[type eq \"work\"].value";

/// An emulator with Ines in it, and where she is.
async fn with_ines(change: impl FnOnce(&mut Switches)) -> (Emulator, String) {
    let emulator = switched(change).await;
    let id = made(&emulator, "/Users", ines()).await;
    (emulator, format!("/Users/{id}"))
}

/// What one operation makes of Ines.
async fn patched(change: impl FnOnce(&mut Switches), operations: Value) -> Result<Value, u16> {
    let (emulator, path) = with_ines(change).await;
    let answer = patch(&emulator, &path, operations).await;
    if answer.status == 200 { Ok(answer.json()) } else { Err(answer.status) }
}

fn addresses(row: &Value) -> Vec<&str> {
    let emails = row["emails"].as_array().into_iter().flatten();
    emails.map(|email| email["value"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_created_user_is_answered_with_201_and_a_uuid() {
    let emulator = plain().await;
    let created = post(&emulator, "/Users", json!({"userName": "a@acme.example"})).await;
    let id = created.json()["id"].as_str().unwrap().to_owned();
    assert_eq!((created.status, created.header("content-type")), (201, Some("application/scim+json")));
    assert_eq!((id.len(), id.split('-').count()), (36, 5));
    assert_eq!(emulator.users().last().unwrap().id, id);
}

#[tokio::test]
async fn a_created_resource_has_no_location_header() {
    let location = async |switch| {
        let emulator = switched(|switches| switches.location_header = switch).await;
        let created = post(&emulator, "/Users", json!({"userName": "a@acme.example"})).await;
        (created.header("location").map(str::to_owned), created.json()["meta"]["location"].clone())
    };
    assert_eq!(location(false).await.0, None);
    let (header, body) = location(true).await;
    assert_eq!(Value::from(header), body);
}

#[tokio::test]
async fn the_documented_user_is_created_as_documented() {
    let mut sent = ines();
    for name in ["costCenter", "division", "organization"] {
        let value = sent[ENTERPRISE].as_object_mut().unwrap().remove(name).unwrap();
        sent[name] = value;
    }
    let created = async |switch| {
        let emulator = switched(|switches| switches.enterprise_at_root = switch).await;
        post(&emulator, "/Users", sent.clone()).await.json()
    };
    let mut row = created(EnterpriseAtRoot::Moved).await;
    row.as_object_mut().unwrap().retain(|name, _| name != "id" && name != "meta");
    assert_eq!(row, ines());
    assert_eq!(created(EnterpriseAtRoot::Unknown).await[ENTERPRISE], json!({"department": "Legal"}));
}

#[tokio::test]
async fn groups_in_a_user_write_are_ignored() {
    let emulator = plain().await;
    let group = emulator.directory().groups().next().unwrap();
    let groups = json!([{"value": group.id}]);
    let created = post(&emulator, "/Users", json!({"userName": "a@acme.example", "groups": groups})).await;
    assert_eq!((created.status, created.json().get("groups")), (201, None));
    let path = format!("/Users/{}", created.json()["id"].as_str().unwrap());
    assert_eq!(put(&emulator, &path, json!({"groups": groups})).await.json(), created.json());
    let add = json!([{"op": "add", "path": "groups", "value": groups}]);
    assert_eq!(patch(&emulator, &path, add).await.json(), created.json());
}

#[tokio::test]
async fn a_user_name_is_required() {
    let emulator = plain().await;
    for body in [json!({}), json!({"userName": " "}), json!({"userName": null}), json!({"userName": 5})] {
        assert_eq!(post(&emulator, "/Users", body.clone()).await.status, 400, "{body}");
    }
    assert_eq!(emulator.directory().user_count(), 100);
    let refused = patched(|_| {}, json!([{"op": "remove", "path": "userName"}])).await;
    assert_eq!(refused, Err(400));
}

#[tokio::test]
async fn a_taken_user_name_is_a_conflict() {
    let (emulator, path) = with_ines(|_| {}).await;
    let taken = emulator.users()[0].user_name.to_uppercase();
    let refused = post(&emulator, "/Users", json!({"userName": taken})).await;
    let detail = format!("user name `{taken}` is taken");
    assert_eq!((refused.status, &refused.json()["scimType"]), (409, &json!("uniqueness")));
    assert_eq!(refused.json()["detail"], detail);
    let change = json!([{"op": "replace", "path": "userName", "value": taken}]);
    assert_eq!(patch(&emulator, &path, change).await.status, 409);
    assert_eq!(put(&emulator, &path, json!({"userName": taken})).await.status, 409);
    assert_eq!(emulator.users().len(), 101);
    let (untyped, _) = with_ines(|switches| switches.conflict_type = false).await;
    let refused = post(&untyped, "/Users", ines()).await;
    assert_eq!((refused.status, refused.json().get("scimType")), (409, None));
}

#[tokio::test]
async fn a_user_without_active_is_active() {
    let created = post(&plain().await, "/Users", json!({"userName": "a@acme.example"})).await;
    assert_eq!(created.json()["active"], json!(true));
}

#[tokio::test]
async fn active_is_accepted_as_text() {
    let active = async |switch, value: Value| {
        let replace = json!([{"op": "replace", "path": "active", "value": value}]);
        patched(|switches| switches.active_as_text = switch, replace).await.map(|row| row["active"].clone())
    };
    for text in ["False", "false", "FALSE"] {
        assert_eq!(active(true, json!(text)).await, Ok(json!(false)));
        assert_eq!(active(false, json!(text)).await, Err(400));
    }
    assert_eq!(active(true, json!("no")).await, Err(400));
    assert_eq!(active(true, json!(0)).await, Err(400));
    assert_eq!(active(false, json!(false)).await, Ok(json!(false)));
}

#[tokio::test]
async fn active_cannot_be_removed() {
    assert_eq!(patched(|_| {}, json!([{"op": "remove", "path": "active"}])).await, Err(400));
    let left = patched(|_| {}, json!([{"op": "replace", "path": "active", "value": null}])).await;
    assert_eq!(left.unwrap()["active"], json!(true));
}

#[tokio::test]
async fn unknown_attributes_are_dropped() {
    let phone = json!({"userName": "a@acme.example", "phoneNumbers": [{"value": "1"}], "name": {"middleName": "X"}});
    let answers = async |switch| {
        let (emulator, path) = with_ines(|switches| switches.unknown_attributes = switch).await;
        let created = post(&emulator, "/Users", phone.clone()).await;
        let mut statuses = vec![created.status];
        let unknown = [
            "phoneNumbers",
            "phoneNumbers[type eq \"work\"].value",
            "emails.type",
            "emails[type eq \"work\"].primary",
            "name.middleName",
            "urn:x:y:z",
        ];
        for path_in in unknown {
            let answer = patch(&emulator, &path, json!([{"op": "add", "path": path_in, "value": "1"}])).await;
            statuses.push(answer.status);
        }
        let club = format!("/Groups/{}", emulator.directory().groups().next().unwrap().id);
        let before = get(&emulator, &club).await.json();
        let display = json!([{"op": "remove", "path": "members.display"}]);
        let is_done = patch(&emulator, &club, display).await.status == 204;
        assert_eq!((is_done, get(&emulator, &club).await.json()), (switch == UnknownAttributes::Dropped, before));
        assert_eq!(addresses(&get(&emulator, &path).await.json()), ["ines.moreau@acme.example"]);
        let group = post(&emulator, "/Groups", json!({"displayName": "G", "colour": "red"})).await;
        statuses.push(group.status);
        statuses
    };
    assert_eq!(answers(UnknownAttributes::Dropped).await, [201, 200, 200, 200, 200, 200, 200, 201]);
    assert_eq!(answers(UnknownAttributes::Refused).await, [400; 8]);
    let created = post(&plain().await, "/Users", phone.clone()).await.json();
    let names: Vec<&String> = created.as_object().unwrap().keys().collect();
    assert_eq!(names, ["active", "id", "meta", "schemas", "userName"]);
}

#[tokio::test]
async fn a_long_value_is_kept() {
    let title = "é".repeat(10_000);
    let replace = json!([{"op": "replace", "path": "title", "value": title}]);
    let kept = patched(|_| {}, replace.clone()).await;
    assert_eq!(kept.unwrap()["title"], title);
    let cut = |switches: &mut Switches| (switches.longest_value, switches.over_long) = (99, OverLong::Truncated);
    assert_eq!(patched(cut, replace.clone()).await.unwrap()["title"], "é".repeat(99));
    assert_eq!(patched(|switches| switches.longest_value = 99, replace).await, Err(400));
    let exact = json!([{"op": "replace", "path": "title", "value": "é".repeat(99)}]);
    assert_eq!(patched(|switches| switches.longest_value = 99, exact).await.unwrap()["title"], "é".repeat(99));
}

#[tokio::test]
async fn two_users_may_share_an_external_id() {
    let status = async |switch| {
        let (emulator, path) = with_ines(|switches| switches.duplicate_external_id = switch).await;
        let twin = json!({"userName": "twin@acme.example", "externalId": "HR-10442"});
        let again = put(&emulator, &path, ines()).await.status;
        (post(&emulator, "/Users", twin).await.status, again)
    };
    assert_eq!(status(Duplicate::Allowed).await, (201, 200));
    assert_eq!(status(Duplicate::Conflict).await, (409, 200));
}

#[tokio::test]
async fn either_content_type_is_accepted() {
    let emulator = plain().await;
    for (number, kind) in ["application/json", "application/scim+json", "text/plain"].into_iter().enumerate() {
        let body = json!({"userName": format!("{number}@acme.example")}).to_string();
        let length = body.len();
        let headers =
            format!("authorization: Bearer {TOKEN}\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n{body}");
        let target = "/scim/1/111222333444555666/v2/Users";
        assert_eq!(request(&emulator, "POST", target, &headers).await.unwrap().status, 201, "{kind}");
    }
}

#[tokio::test]
async fn a_body_that_is_no_request_is_refused() {
    let emulator = plain().await;
    for body in ["", "{", "[]", "5", "null", "\u{feff}{}", "{\"userName\":\"a\"} x"] {
        let refused = send(&emulator, "POST", "/Users", body).await;
        assert_eq!((refused.status, &refused.json()["scimType"]), (400, &json!("invalidSyntax")), "{body}");
    }
    let odd = [
        json!({"title": 5}),
        json!({"name": "Ines"}),
        json!({"emails": 5}),
        json!({"emails": [{"type": "work"}]}),
        json!({ENTERPRISE: []}),
        json!({"active": "maybe"}),
    ];
    for mut body in odd {
        body["userName"] = json!("a@acme.example");
        let refused = post(&emulator, "/Users", body.clone()).await;
        assert_eq!((refused.status, &refused.json()["scimType"]), (400, &json!("invalidValue")), "{body}");
    }
    assert_eq!(emulator.directory().user_count(), 100);
}

#[tokio::test]
async fn put_on_a_user_merges() {
    let row = async |switch, body: Value| {
        let (emulator, path) = with_ines(|switches| switches.put_user = switch).await;
        let answer = put(&emulator, &path, body).await;
        let mut row = answer.json();
        row.as_object_mut().unwrap().retain(|name, _| name != "id" && name != "meta");
        (answer.status, row)
    };
    let mut changed = ines();
    changed["externalId"] = json!("new");
    assert_eq!(row(Put::Merges, json!({"externalId": "new"})).await, (200, changed));
    let bare = json!({
        "schemas": ines()["schemas"], "userName": "ines.moreau@acme.example", "active": true, "externalId": "new"
    });
    let sent = json!({"userName": "ines.moreau@acme.example", "externalId": "new"});
    assert_eq!(row(Put::Replaces, sent).await, (200, bare));
    assert_eq!(row(Put::Replaces, json!({"externalId": "new"})).await.0, 400);
}

#[tokio::test]
async fn put_keeps_created_and_bumps_last_modified() {
    let emulator = emulator(|options| options.clock = || UNIX_EPOCH + Duration::from_secs(1_800_000_005)).await;
    let path = format!("/Users/{}", emulator.users()[0].id);
    let before = get(&emulator, &path).await.json();
    let after = put(&emulator, &path, json!({"title": "Counsel for ever"})).await.json();
    assert_eq!(after["meta"]["created"], before["meta"]["created"]);
    assert_eq!(after["meta"]["lastModified"], "2027-01-15T08:00:05Z");
    let created = post(&emulator, "/Users", json!({"userName": "a@acme.example"})).await.json();
    assert_eq!(created["meta"]["created"], "2027-01-15T08:00:05Z");
    assert_eq!(created["meta"]["lastModified"], "2027-01-15T08:00:05Z");
}

#[tokio::test]
async fn a_write_that_changes_nothing_leaves_last_modified() {
    let emulator = plain().await;
    let user = emulator.users()[0].clone();
    let path = format!("/Users/{}", user.id);
    let before = get(&emulator, &path).await.json();
    assert_eq!(put(&emulator, &path, json!({"userName": user.user_name})).await.json(), before);
    let replace = json!([{"op": "replace", "path": "userName", "value": user.user_name}]);
    assert_eq!(patch(&emulator, &path, replace).await.json(), before);
}

#[tokio::test]
async fn a_user_name_can_be_changed() {
    let (emulator, path) = with_ines(|_| {}).await;
    let replace = json!([{"op": "replace", "path": "userName", "value": "ines.roux@acme.example"}]);
    assert_eq!(patch(&emulator, &path, replace.clone()).await.json()["userName"], "ines.roux@acme.example");
    assert_eq!(post(&emulator, "/Users", ines()).await.status, 201, "the old name is free");
    let (fixed, path) = with_ines(|switches| switches.user_name_change = Permission::Refused).await;
    let refused = patch(&fixed, &path, replace).await;
    assert_eq!((refused.status, &refused.json()["scimType"]), (400, &json!("mutability")));
    assert_eq!(put(&fixed, &path, ines()).await.status, 200, "the same name is no change");
}

#[tokio::test]
async fn patching_a_user_answers_with_it() {
    let (emulator, path) = with_ines(|_| {}).await;
    let answer = patch(&emulator, &path, json!([{"op": "replace", "path": "name.familyName", "value": "Roux"}])).await;
    assert_eq!((answer.status, &answer.json()["name"]["familyName"]), (200, &json!("Roux")));
    assert_eq!(get(&emulator, &path).await.json(), answer.json());
    assert_eq!(patch(&emulator, "/Users/5", json!([])).await.status, 404);
}

#[tokio::test]
async fn add_appends_a_work_address() {
    let row = patched(|_| {}, json!([{"op": "add", "path": WORK, "value": "i@acme.example"}])).await.unwrap();
    assert_eq!(row["emails"], json!([{"value": "ines.moreau@acme.example"}, {"value": "i@acme.example"}]));
}

#[tokio::test]
async fn an_address_that_is_there_is_not_added_again() {
    for (path, value) in [
        (WORK, json!("ines.moreau@acme.example")),
        ("emails", json!([{"value": "ines.moreau@acme.example", "type": "work"}])),
    ] {
        let row = patched(|_| {}, json!([{"op": "add", "path": path, "value": value}])).await.unwrap();
        assert_eq!(addresses(&row), ["ines.moreau@acme.example"]);
    }
}

#[tokio::test]
async fn remove_emails_removes_all_and_the_key() {
    let row = patched(|_| {}, json!([{"op": "remove", "path": "emails"}])).await.unwrap();
    assert_eq!(row.get("emails"), None);
    let one = json!([
        {"op": "add", "path": WORK, "value": "i@acme.example"},
        {"op": "remove", "path": "emails[value eq \"ines.moreau@acme.example\"]"},
    ]);
    assert_eq!(addresses(&patched(|_| {}, one).await.unwrap()), ["i@acme.example"]);
}

#[tokio::test]
async fn replacing_the_work_address_leaves_it_alone() {
    let row = async |switch| {
        let operations = json!([
            {"op": "add", "path": WORK, "value": "second@acme.example"},
            {"op": "replace", "path": WORK, "value": "i@acme.example"},
        ]);
        patched(|switches| switches.email_replacement = switch, operations).await
    };
    assert_eq!(addresses(&row(EmailReplacement::All).await.unwrap()), ["i@acme.example"]);
    assert_eq!(addresses(&row(EmailReplacement::First).await.unwrap()), ["i@acme.example", "second@acme.example"]);
    let all = ["ines.moreau@acme.example", "second@acme.example", "i@acme.example"];
    assert_eq!(addresses(&row(EmailReplacement::Appends).await.unwrap()), all);
    assert_eq!(row(EmailReplacement::Refused).await, Err(400));
}

#[tokio::test]
async fn removing_and_adding_addresses_in_one_patch_replaces_them() {
    let row = async |switch| {
        let operations = json!([
            {"op": "remove", "path": "emails"},
            {"op": "add", "path": WORK, "value": "i@acme.example"},
        ]);
        patched(|switches| switches.email_pair = switch, operations).await
    };
    assert_eq!(addresses(&row(EmailPair::InOrder).await.unwrap()), ["i@acme.example"]);
    let both = ["ines.moreau@acme.example", "i@acme.example"];
    assert_eq!(addresses(&row(EmailPair::RemoveIgnored).await.unwrap()), both);
    assert_eq!(row(EmailPair::AddIgnored).await.unwrap().get("emails"), None);
    assert_eq!(row(EmailPair::Refused).await, Err(400));
    let alone = json!([{"op": "remove", "path": "emails"}]);
    for switch in [EmailPair::RemoveIgnored, EmailPair::AddIgnored, EmailPair::Refused] {
        let row = patched(|switches| switches.email_pair = switch, alone.clone()).await.unwrap();
        assert_eq!(row.get("emails"), None, "{switch:?}");
    }
}

#[tokio::test]
async fn operators_may_be_capitalised() {
    let status = async |switch| {
        let replace = json!([{"op": "Replace", "path": "title", "value": "x"}]);
        patched(|switches| switches.capital_operators = switch, replace).await.map(|row| row["title"].clone())
    };
    assert_eq!(status(true).await, Ok(json!("x")));
    assert_eq!(status(false).await, Err(400));
}

#[tokio::test]
async fn an_operation_may_lack_a_path() {
    let operation = json!([{"op": "replace", "value": {"active": false, "name": {"givenName": "I"}, "title": null}}]);
    let row = patched(|_| {}, operation.clone()).await.unwrap();
    assert_eq!((&row["active"], &row["name"]["givenName"]), (&json!(false), &json!("I")));
    assert_eq!(row["name"]["familyName"], "Moreau");
    assert_eq!(patched(|switches| switches.patch_without_path = false, operation).await, Err(400));
    assert_eq!(patched(|_| {}, json!([{"op": "replace", "value": "x"}])).await, Err(400));
}

/// The column of Okta in zpa-scim.md 7; its group requests are those of the tests of groups.
#[tokio::test]
async fn the_dialect_of_okta_is_understood() {
    let (emulator, path) = with_ines(|_| {}).await;
    let off = patch(&emulator, &path, json!([{"op": "replace", "value": {"active": false}}])).await;
    assert_eq!(off.json()["active"], json!(false));
    let mut whole = ines();
    whole["displayName"] = json!("Ines Roux");
    let mut row = put(&emulator, &path, whole.clone()).await.json();
    row.as_object_mut().unwrap().retain(|name, _| name != "id" && name != "meta");
    assert_eq!(row, whole);

    let user = path.strip_prefix("/Users/").unwrap();
    let group = made(&emulator, "/Groups", json!({"displayName": "Ops", "members": []})).await;
    let group = format!("/Groups/{group}");
    let members = async || get(&emulator, &group).await.json()["members"].clone();
    let add = json!([{"op": "add", "path": "members", "value": [{"value": user, "display": "Ines"}]}]);
    assert_eq!(patch(&emulator, &group, add).await.status, 204);
    assert_eq!(members().await, json!([{"value": user}]));
    let remove = json!([{"op": "remove", "path": format!("members[value eq \"{user}\"]")}]);
    assert_eq!(patch(&emulator, &group, remove).await.status, 204);
    assert_eq!(members().await, Value::Null);
    let rename =
        json!([{"op": "replace", "value": {"id": group.strip_prefix("/Groups/"), "displayName": "Operations"}}]);
    assert_eq!(patch(&emulator, &group, rename).await.status, 204);
    assert_eq!(get(&emulator, &group).await.json()["displayName"], "Operations");
    let push = json!([{"op": "replace", "path": "members", "value": [{"value": user}]}]);
    assert_eq!(patch(&emulator, &group, push).await.status, 204);
    assert_eq!(members().await, json!([{"value": user}]));
}

/// The two columns of Entra in zpa-scim.md 7.
#[tokio::test]
async fn both_dialects_of_entra_are_understood() {
    let row = patched(
        |_| {},
        json!([
            {"op": "Replace", "path": "active", "value": "False"},
            {"op": "Replace", "path": "displayName", "value": "I"},
            {"op": "Replace", "path": format!("{ENTERPRISE}:department"), "value": "Finance"},
            {"op": "Replace", "path": WORK, "value": "i@acme.example"},
        ]),
    );
    let row = row.await.unwrap();
    assert_eq!((&row["active"], &row["displayName"]), (&json!(false), &json!("I")));
    assert_eq!((&row[ENTERPRISE]["department"], addresses(&row)), (&json!("Finance"), vec!["i@acme.example"]));

    let dotted = json!({
        "name.givenName": "I", WORK: "i@acme.example", format!("{ENTERPRISE}:department"): "Finance", "active": false
    });
    let row = patched(|_| {}, json!([{"op": "replace", "value": dotted}])).await.unwrap();
    assert_eq!((&row["active"], &row["name"]["givenName"]), (&json!(false), &json!("I")));
    assert_eq!((&row[ENTERPRISE]["department"], addresses(&row)), (&json!("Finance"), vec!["i@acme.example"]));

    let (emulator, path) = with_ines(|_| {}).await;
    let user = path.strip_prefix("/Users/").unwrap();
    let group = format!("/Groups/{}", made(&emulator, "/Groups", json!({"displayName": "Ops"})).await);
    let members = async || get(&emulator, &group).await.json()["members"].clone();
    let add = json!([{"op": "Add", "path": "members", "value": [{"$ref": null, "value": user}]}]);
    assert_eq!(patch(&emulator, &group, add).await.status, 204);
    assert_eq!(members().await, json!([{"value": user}]));
    let remove = json!([{"op": "Remove", "path": "members", "value": [{"value": user}]}]);
    assert_eq!(patch(&emulator, &group, remove).await.status, 204);
    assert_eq!(members().await, Value::Null);
    let rename = json!([{"op": "Replace", "path": "displayName", "value": "Operations"}]);
    assert_eq!(patch(&emulator, &group, rename).await.status, 204);
    assert_eq!(get(&emulator, &group).await.json()["displayName"], "Operations");
}

#[tokio::test]
async fn a_whole_resource_is_no_patch() {
    let (emulator, path) = with_ines(|_| {}).await;
    let refused = send(&emulator, "PATCH", &path, &ines().to_string()).await;
    assert_eq!((refused.status, &refused.json()["detail"]), (400, &json!("`Operations` is not a list")));
}

#[tokio::test]
async fn a_patch_is_done_whole_or_not_at_all() {
    let (emulator, path) = with_ines(|_| {}).await;
    let before = get(&emulator, &path).await.json();
    let operations = json!([
        {"op": "replace", "path": "title", "value": "x"},
        {"op": "replace", "path": "active", "value": "maybe"},
    ]);
    assert_eq!(patch(&emulator, &path, operations).await.status, 400);
    assert_eq!(get(&emulator, &path).await.json(), before);
}

#[tokio::test]
async fn an_accepted_patch_has_its_effect() {
    let (emulator, path) = with_ines(|switches| switches.patch_effect = Effect::Ignored).await;
    let before = get(&emulator, &path).await.json();
    let replace = json!([{"op": "replace", "path": "title", "value": "x"}]);
    let answer = patch(&emulator, &path, replace.clone()).await;
    assert_eq!((answer.status, answer.json()), (200, before.clone()));
    assert_eq!(get(&emulator, &path).await.json(), before);
    assert_eq!(put(&emulator, &path, json!({"title": "x"})).await.json()["title"], "x", "PUT is no PATCH");
    assert_eq!(patched(|_| {}, replace).await.unwrap()["title"], "x");
}

#[tokio::test]
async fn deactivation_keeps_the_user() {
    let status = async |switch, body: Value| {
        let (emulator, path) = with_ines(|switches| switches.deactivation = switch).await;
        let answer = put(&emulator, &path, body).await;
        assert_eq!(answer.status, 200);
        (answer.json()["active"].clone(), get(&emulator, &path).await.status)
    };
    assert_eq!(status(Deactivation::Keeps, json!({"active": false})).await, (json!(false), 200));
    assert_eq!(status(Deactivation::Deletes, json!({"active": false})).await, (json!(false), 404));
    assert_eq!(status(Deactivation::Deletes, json!({"title": "x"})).await, (json!(true), 200));
    let (emulator, path) = with_ines(|switches| switches.deactivation = Deactivation::Deletes).await;
    let off = json!([{"op": "replace", "path": "active", "value": false}]);
    assert_eq!(patch(&emulator, &path, off).await.status, 200);
    assert_eq!(get(&emulator, &path).await.status, 404);
}

#[tokio::test]
async fn inactive_users_are_listed() {
    let seen = async |switch| {
        let (emulator, path) = with_ines(|switches| switches.inactive_users = switch).await;
        let active = emulator.users().iter().filter(|user| user.active).count() as u64;
        put(&emulator, &path, json!({"active": false})).await;
        let total = get(&emulator, "/Users?count=1").await.json()["totalResults"].as_u64().unwrap();
        let filter = "/Users?filter=userName%20eq%20%22ines.moreau@acme.example%22";
        let found = get(&emulator, filter).await.json()["totalResults"].clone();
        let on = put(&emulator, &path, json!({"active": true})).await.status;
        put(&emulator, &path, json!({"active": false})).await;
        (total + 1 == active, found, get(&emulator, &path).await.status, on)
    };
    assert_eq!(seen(InactiveUsers::Listed).await, (false, json!(1), 200, 200));
    assert_eq!(seen(InactiveUsers::Unlisted).await, (true, json!(0), 200, 200));
    assert_eq!(seen(InactiveUsers::Hidden).await, (true, json!(0), 404, 200));
}

#[tokio::test]
async fn a_deleted_user_is_in_no_group() {
    let emulator = plain().await;
    let user = emulator.users().into_iter().find(|user| !user.groups.is_empty()).unwrap();
    let answer = delete(&emulator, &format!("/Users/{}", user.id)).await;
    assert_eq!((answer.status, answer.text()), (204, ""));
    let holds = |group: &Group| group.members.contains(&user.id);
    assert!(!emulator.directory().groups().any(|group| holds(&group)));
}

#[tokio::test]
async fn deleting_again_is_not_found() {
    let statuses = async |switch| {
        let (emulator, path) = with_ines(|switches| switches.second_delete = switch).await;
        let first = delete(&emulator, &path).await.status;
        (first, delete(&emulator, &path).await.status, delete(&emulator, "/Groups/5").await.status)
    };
    assert_eq!(statuses(SecondDelete::NotFound).await, (204, 404, 404));
    assert_eq!(statuses(SecondDelete::NoContent).await, (204, 204, 204));
    assert_eq!(statuses(SecondDelete::ServerError).await, (204, 500, 500));
}

#[tokio::test]
async fn creating_again_gives_a_new_id() {
    let again = async |switch| {
        let emulator = switched(|switches| switches.recreation = switch).await;
        let user = made(&emulator, "/Users", ines()).await;
        let body = json!({"displayName": "Ops", "members": [{"value": user}]});
        let group = made(&emulator, "/Groups", body).await;
        delete(&emulator, &format!("/Users/{user}")).await;
        let created = post(&emulator, "/Users", ines()).await;
        if created.status != 201 {
            return Err(created.status);
        }
        let is_same = created.json()["id"] == user;
        let has_group = created.json()["groups"][0]["value"] == group;
        delete(&emulator, &format!("/Groups/{group}")).await;
        let created = post(&emulator, "/Groups", json!({"displayName": "OPS"})).await.json();
        Ok((is_same, has_group, created["id"] == group, created["members"].is_array()))
    };
    assert_eq!(again(Recreation::NewId).await, Ok((false, false, false, false)));
    assert_eq!(again(Recreation::SameId).await, Ok((true, false, true, false)));
    assert_eq!(again(Recreation::Restored).await, Ok((true, true, true, true)));
    assert_eq!(again(Recreation::Conflict).await, Err(409));
}

#[tokio::test]
async fn what_a_test_removes_itself_was_never_deleted() {
    let emulator = switched(|switches| switches.recreation = Recreation::Conflict).await;
    let id = emulator.add_user(User::new("a@acme.example")).unwrap();
    emulator.remove_user(&id).unwrap();
    assert_eq!(post(&emulator, "/Users", json!({"userName": "a@acme.example"})).await.status, 201);
}
