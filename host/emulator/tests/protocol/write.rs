//! Writes over the wire, each followed by what a reader sees.

use crate::wire::{Answer, emulator, get, send};
use portcullis_emulator::Emulator;
use serde_json::{Value, json};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

pub(crate) async fn post(emulator: &Emulator, path: &str, body: Value) -> Answer {
    send(emulator, "POST", path, &body.to_string()).await
}

pub(crate) async fn put(emulator: &Emulator, path: &str, body: Value) -> Answer {
    send(emulator, "PUT", path, &body.to_string()).await
}

pub(crate) async fn patch(emulator: &Emulator, path: &str, operations: Value) -> Answer {
    let body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations});
    send(emulator, "PATCH", path, &body.to_string()).await
}

pub(crate) async fn delete(emulator: &Emulator, path: &str) -> Answer {
    send(emulator, "DELETE", path, "").await
}

pub(crate) async fn made(emulator: &Emulator, path: &str, body: Value) -> String {
    let answer = post(emulator, path, body).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    answer.json()["id"].as_str().unwrap().to_owned()
}

/// The documented create (zpa-scim.md 3.3), but for the mails.
pub(crate) fn ines() -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
        "externalId": "hr-10442",
        "userName": "ines.moreau@acme.example",
        "active": true,
        "displayName": "Ines Moreau",
        "nickName": "Ines",
        "userType": "ZPA User",
        "name": {"formatted": "Ines Moreau", "familyName": "Moreau", "givenName": "Ines"},
        "emails": [{"value": "ines.moreau@acme.example"}],
        ENTERPRISE: {"department": "Legal", "costCenter": "CC-12", "division": "EU", "organization": "Acme"},
    })
}

#[tokio::test]
async fn a_user_lives_from_its_creation_to_its_deletion() {
    let emulator = emulator(|_| {}).await;
    let created = post(&emulator, "/Users", ines()).await;
    assert_eq!(created.status, 201);
    let mut row = created.json();
    let path = format!("/Users/{}", row["id"].as_str().unwrap());
    assert_eq!(get(&emulator, &path).await.json(), row);
    row.as_object_mut().unwrap().retain(|name, _| name != "id" && name != "meta");
    assert_eq!(row, ines());

    let patched = patch(&emulator, &path, json!([{"op": "replace", "path": "name.familyName", "value": "Roux"}])).await;
    assert_eq!((patched.status, &patched.json()["name"]["familyName"]), (200, &json!("Roux")));
    let put = put(&emulator, &path, json!({"title": "Counsel"})).await;
    assert_eq!((put.status, &put.json()["title"]), (200, &json!("Counsel")));
    assert_eq!(get(&emulator, &path).await.json(), put.json());
    assert_eq!((delete(&emulator, &path).await.status, get(&emulator, &path).await.status), (204, 404));
    assert_eq!(emulator.directory().user_count(), 100);
}

#[tokio::test]
async fn a_group_lives_from_its_creation_to_its_deletion() {
    let emulator = emulator(|options| options.groups = 0).await;
    let users: Vec<String> = emulator.users().into_iter().take(3).map(|user| user.id).collect();
    let members = |ids: &[&String]| ids.iter().map(|id| json!({"value": id})).collect::<Value>();
    let groups_of = async |id: &String| get(&emulator, &format!("/Users/{id}")).await.json()["groups"].clone();
    let body = json!({"displayName": "Ops", "externalId": "g", "members": members(&[&users[0]])});
    let created = post(&emulator, "/Groups", body).await;
    assert_eq!((created.status, &created.json()["members"]), (201, &members(&[&users[0]])));
    let id = created.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/Groups/{id}");
    assert_eq!(get(&emulator, &path).await.json(), created.json());
    assert_eq!(groups_of(&users[0]).await[0]["value"], id);

    let add = json!([{"op": "add", "path": "members", "value": members(&[&users[1], &users[2]])}]);
    let added = patch(&emulator, &path, add).await;
    assert_eq!((added.status, added.text()), (204, ""));
    assert_eq!(get(&emulator, &path).await.json()["members"], members(&users.iter().collect::<Vec<_>>()));
    let one = json!([{"op": "remove", "path": format!("members[value eq \"{}\"]", users[0])}]);
    assert_eq!(patch(&emulator, &path, one).await.status, 204);
    let kept = put(&emulator, &path, json!({"displayName": "Operations"})).await;
    assert_eq!((kept.status, &kept.json()["members"]), (200, &members(&[&users[1], &users[2]])));
    assert_eq!(groups_of(&users[1]).await[0]["display"], "Operations");
    assert_eq!(groups_of(&users[0]).await, Value::Null);
    assert_eq!((delete(&emulator, &path).await.status, get(&emulator, &path).await.status), (204, 404));
    assert_eq!(groups_of(&users[1]).await, Value::Null);
}
