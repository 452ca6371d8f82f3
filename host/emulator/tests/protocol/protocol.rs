//! One test for each row of the table of behaviour that is about requests of any kind, under the row's name.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use crate::behaviour::{plain, switched};
use crate::wire::{Answer, TOKEN, emulator, get, request, send};
use crate::write::{delete, made, patch, post, put};
use portcullis_emulator::{DelayedReads, Emulator, User};
use serde_json::{Value, json};
use tokio::task::JoinSet;

async fn with_header(emulator: &Emulator, method: &str, path: &str, header: &str, body: &str) -> Answer {
    let (target, length) = (format!("/scim/1/111222333444555666/v2{path}"), body.len());
    let headers = format!("authorization: Bearer {TOKEN}\r\n{header}\r\ncontent-length: {length}\r\n\r\n{body}");
    request(emulator, method, &target, &headers).await.unwrap()
}

#[tokio::test]
async fn head_is_get_without_a_body() {
    let emulator = plain().await;
    for path in ["/Users?count=3", "/Users/5", "/Schemas"] {
        let (got, head) = (get(&emulator, path).await, send(&emulator, "HEAD", path, "").await);
        assert_eq!((head.status, head.text()), (got.status, ""), "{path}");
        for name in ["content-type", "content-length"] {
            assert_eq!(head.header(name), got.header(name), "{path}");
        }
    }
}

#[tokio::test]
async fn there_are_no_versions() {
    let absent = plain().await;
    let path = format!("/Users/{}", absent.users()[0].id);
    let row = get(&absent, &path).await;
    assert_eq!((row.header("etag"), row.json()["meta"].get("version")), (None, None));
    let stale = with_header(&absent, "DELETE", &path, "if-match: W/\"stale\"", "").await;
    assert_eq!(stale.status, 204);

    let present = switched(|switches| switches.etag = true).await;
    let row = get(&present, &path).await;
    let version = row.header("etag").unwrap().to_owned();
    assert_eq!(row.json()["meta"]["version"], version);
    let known = with_header(&present, "GET", &path, &format!("if-none-match: {version}"), "").await;
    assert_eq!((known.status, known.text()), (304, ""));
    let change = async |version: &str, title: &str| {
        let body = json!({"title": title}).to_string();
        with_header(&present, "PUT", &path, &format!("if-match: {version}"), &body).await.status
    };
    assert_eq!(change(&version, "x").await, 200);
    assert_eq!(change(&version, "y").await, 412);
    assert_eq!(change("*", "y").await, 200);
    let group = format!("/Groups/{}", present.directory().groups().next().unwrap().id);
    let version = get(&present, &group).await.header("etag").unwrap().to_owned();
    patch(&present, &group, json!([{"op": "remove", "path": "members"}])).await;
    let stale = with_header(&present, "DELETE", &group, &format!("if-match: {version}"), "").await;
    assert_eq!(stale.status, 412);
}

#[tokio::test]
async fn updates_come_as_fast_as_they_like() {
    let answers = async |limit| {
        let emulator = emulator(|options| {
            options.switches.updates_per_second = limit;
            options.clock = || UNIX_EPOCH + Duration::from_secs(1_800_000_005);
        });
        let emulator = emulator.await;
        let path = format!("/Users/{}", emulator.users()[0].id);
        let mut answers = Vec::new();
        for title in ["x", "y", "z"] {
            let answer = put(&emulator, &path, json!({"title": title})).await;
            answers.push((answer.status, answer.header("retry-after").map(str::to_owned)));
        }
        assert_eq!(get(&emulator, &path).await.json()["title"], if limit == 2 { "y" } else { "z" });
        answers
    };
    let done = (200, None);
    assert_eq!(answers(0).await, [done.clone(), done.clone(), done.clone()]);
    assert_eq!(answers(2).await, [done.clone(), done, (429, Some("1s".to_owned()))]);
}

/// What each of the next reads sees of one new user, one change and one deletion.
async fn seen(delay: u32, reads: DelayedReads) -> Vec<[bool; 3]> {
    let emulator = emulator(|options| {
        options.users = 3;
        (options.switches.visibility_delay, options.switches.delayed_reads) = (delay, reads);
    });
    let emulator = emulator.await;
    let users = emulator.users();
    let id = made(&emulator, "/Users", json!({"userName": "new@acme.example"})).await;
    put(&emulator, &format!("/Users/{}", users[0].id), json!({"title": "x"})).await;
    delete(&emulator, &format!("/Users/{}", users[1].id)).await;
    let mut seen = Vec::new();
    for _ in 0..4 {
        let page = get(&emulator, "/Users").await.json();
        let has = |id: &str| page["Resources"].as_array().unwrap().iter().any(|row| row["id"] == id);
        seen.push([has(&id), page["Resources"][0]["title"] == "x", !has(&users[1].id)]);
    }
    seen
}

#[tokio::test]
async fn a_write_is_seen_at_once() {
    let (yes, no) = ([true; 3], [false; 3]);
    assert_eq!(seen(0, DelayedReads::All).await, [yes, yes, yes, yes]);
    assert_eq!(seen(2, DelayedReads::All).await, [no, no, yes, yes]);
    let by_id = async |reads| {
        let emulator = switched(|switches| (switches.visibility_delay, switches.delayed_reads) = (1, reads)).await;
        let created = post(&emulator, "/Users", json!({"userName": "new@acme.example"})).await.json();
        let path = format!("/Users/{}", created["id"].as_str().unwrap());
        let again = post(&emulator, "/Users", json!({"userName": "new@acme.example"})).await.status;
        assert_eq!(again, 409, "writes see writes");
        let (first, second) = (get(&emulator, &path).await, get(&emulator, &path).await);
        assert_eq!(second.json(), created, "and it is the same when it is seen");
        first.status
    };
    assert_eq!(by_id(DelayedReads::All).await, 404);
    assert_eq!(by_id(DelayedReads::Lists).await, 200);
}

#[tokio::test]
async fn what_a_test_changes_itself_is_seen_at_once() {
    let emulator = switched(|switches| switches.visibility_delay = 100).await;
    let late = made(&emulator, "/Users", json!({"userName": "late@acme.example"})).await;
    assert_eq!(get(&emulator, &format!("/Users/{late}")).await.status, 404);
    let id = emulator.add_user(User::new("own@acme.example")).unwrap();
    assert_eq!(get(&emulator, &format!("/Users/{id}")).await.status, 200);
    assert_eq!(get(&emulator, &format!("/Users/{late}")).await.status, 200, "and all that was written before it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_editors_of_one_group_lose_nothing() {
    let emulator = Arc::new(emulator(|options| (options.users, options.groups) = (100, 0)).await);
    let users: Vec<String> = emulator.users().into_iter().map(|user| user.id).collect();
    let (come, leave) = users.split_at(50);
    let members: Value = leave.iter().map(|id| json!({"value": id})).collect();
    let group = made(&emulator, "/Groups", json!({"displayName": "Ops", "members": members})).await;
    let mut editors = JoinSet::new();
    for (come, leave) in come.iter().zip(leave) {
        let operations = json!([
            {"op": "add", "path": "members", "value": [{"value": come}]},
            {"op": "remove", "path": format!("members[value eq \"{leave}\"]")},
        ]);
        let (emulator, path) = (Arc::clone(&emulator), format!("/Groups/{group}"));
        editors.spawn(async move { patch(&emulator, &path, operations).await.status });
    }
    assert_eq!(editors.join_all().await, [204; 50]);
    let mut members = emulator.directory().group(&group).unwrap().members;
    members.sort();
    let mut expected = come.to_vec();
    expected.sort();
    assert_eq!(members, expected);
    assert_eq!(emulator.users().iter().filter(|user| user.groups == [group.clone()]).count(), 50);
}
