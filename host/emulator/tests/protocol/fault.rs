//! Each kind of fault, seen from the other end of the connection.

use std::time::{Duration, Instant, SystemTime};

use crate::wire::{TOKEN, emulator, get, ids, rows, try_get, try_send};
use crate::write::{delete, patch, post, put};
use portcullis_emulator::Emulator;
use serde_json::{Value, json};

async fn with(rule: &str) -> Emulator {
    let fault = rule.parse().unwrap();
    emulator(|options| {
        options.faults = vec![fault];
        options.clock = || SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_764);
    })
    .await
}

#[tokio::test]
async fn a_status_comes_with_each_form_of_retry_after() {
    let seen = async |rule: &str| {
        let answer = get(&with(rule).await, "/Users").await;
        let header = |name| answer.header(name).map(str::to_owned);
        (answer.status, header("retry-after"), header("x-ratelimit-reset"))
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(seen("status=503").await, (503, None, None));
    assert_eq!(seen("status=429 retry-after=13").await, (429, some("13"), None));
    assert_eq!(seen("status=429 retry-after=13s").await, (429, some("13s"), None));
    let date = some("Sun, 06 Nov 1994 08:49:37 GMT");
    assert_eq!(seen("status=503 retry-after=date+13").await, (503, date, None));
    assert_eq!(seen("status=429 x-ratelimit-reset=4").await, (429, None, some("4")));
}

#[tokio::test]
async fn a_status_comes_with_each_shape_of_body() {
    let seen = async |rule: &str| {
        let answer = get(&with(rule).await, "/Users").await;
        (answer.header("content-type").map(str::to_owned), answer.text().to_owned())
    };
    let (kind, body) = seen("status=500").await;
    assert_eq!(kind.as_deref(), Some("application/scim+json"));
    assert_eq!(
        body,
        r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"500","detail":"scripted fault"}"#
    );
    let (kind, body) = seen("status=429 body=management").await;
    assert_eq!(kind.as_deref(), Some("application/json"));
    assert_eq!(
        body,
        r#"{"id":"invalid.toomanyrequests","reason":"scripted fault","exception":"invalid.toomanyrequests"}"#
    );
    assert_eq!(seen("status=500 body=text").await.1, "scripted fault");
    assert_eq!(seen("status=500 body=html").await.0.as_deref(), Some("text/html"));
    assert_eq!(seen("status=500 body=empty").await, (None, String::new()));
}

#[tokio::test]
async fn a_delay_holds_the_first_byte_back() {
    let emulator = with("delay-ms=40 nth=2").await;
    get(&emulator, "/Users").await;
    let asked = Instant::now();
    assert_eq!(get(&emulator, "/Users").await.status, 200);
    assert!(asked.elapsed() >= Duration::from_millis(40));
}

#[tokio::test]
async fn a_truncated_body_is_shorter_than_announced() {
    let answer = get(&with("truncate=40").await, "/Users").await;
    assert_eq!((answer.status, answer.body.len()), (200, 40));
    assert!(answer.is_cut_short());
    let answer = get(&with("truncate=half").await, "/Users").await;
    assert!(answer.is_cut_short() && answer.body.len() > 40);
    let answer = get(&with("truncate=1000000").await, "/Users").await;
    assert!(answer.is_cut_short());
}

#[tokio::test]
async fn a_replaced_body_keeps_status_and_content_type() {
    let answer = get(&with("body=html").await, "/Users").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/scim+json")));
    assert!(answer.text().starts_with("<!DOCTYPE html>"));
    let answer = get(&with("body=empty").await, "/Users").await;
    assert_eq!((answer.status, answer.text()), (200, ""));
    assert_eq!(answer.header("content-length"), Some("0"));
}

#[tokio::test]
async fn a_padded_body_is_the_same_json() {
    let answer = get(&with("pad=1000000").await, "/Users").await;
    assert!(answer.body.len() > 1_000_000);
    assert_eq!(rows(&answer).len(), 10);
}

#[tokio::test]
async fn the_total_can_lie() {
    assert_eq!(get(&with("total=+5").await, "/Users").await.json()["totalResults"], 105);
    assert_eq!(get(&with("total=-5").await, "/Users").await.json()["totalResults"], 95);
    assert_eq!(get(&with("total=3").await, "/Groups").await.json()["totalResults"], 3);
}

#[tokio::test]
async fn a_row_can_be_duplicated_skipped_or_unreadable() {
    let truth = ids(&get(&with("cap=100").await, "/Users").await);
    let doubled = ids(&get(&with("row=duplicate at=2").await, "/Users").await);
    assert_eq!(doubled[..3], [&truth[..2], &truth[1..2]].concat());
    let skipped = ids(&get(&with("row=skip at=2").await, "/Users").await);
    assert_eq!(skipped, [&truth[..1], &truth[2..]].concat());
    let second = async |rule: &str| rows(&get(&with(rule).await, "/Users").await)[1].clone();
    let without_id = second("row=no-id at=2").await;
    assert!(without_id.get("id").is_none() && without_id["userName"].is_string());
    assert_eq!(second("row=number at=2").await, Value::from(42));
    assert_eq!(second("row=null at=2").await, Value::Null);
}

#[tokio::test]
async fn users_leave_once_the_nth_page_was_read() {
    let emulator = with("remove-users=3 nth=1 path=/Users").await;
    let before: Vec<String> = emulator.users().into_iter().map(|user| user.id).collect();
    assert_eq!(ids(&get(&emulator, "/Users").await), before[..10]);
    let second = get(&emulator, "/Users?startIndex=11").await;
    assert_eq!(second.json()["totalResults"], 97);
    assert_eq!(ids(&second), before[13..23], "three rows slipped by unseen");
}

#[tokio::test]
async fn users_arrive_once_the_nth_page_was_read() {
    let emulator = with("add-users=2 nth=1").await;
    let first = ids(&get(&emulator, "/Users").await);
    let second = get(&emulator, "/Users?startIndex=11").await;
    assert_eq!(second.json()["totalResults"], 102);
    assert_eq!(ids(&second)[..2], first[8..], "two rows came twice");
}

#[tokio::test]
async fn the_start_index_can_be_ignored_or_misreported() {
    let ignoring = with("start-index=ignore").await;
    let first = ids(&get(&ignoring, "/Users").await);
    let again = get(&ignoring, "/Users?startIndex=11").await;
    assert_eq!((ids(&again), &again.json()["startIndex"]), (first, &Value::from(1)));
    let lying = with("echo-start-index=7").await;
    let page = get(&lying, "/Users?startIndex=11").await;
    assert_eq!(page.json()["startIndex"], 7);
    assert_eq!(ids(&page)[0], lying.users()[10].id);
}

#[tokio::test]
async fn a_page_can_be_capped_below_the_count() {
    let page = get(&with("cap=7").await, "/Users?count=50").await;
    assert_eq!((rows(&page).len(), &page.json()["itemsPerPage"]), (7, &Value::from(50)));
}

#[tokio::test]
async fn a_list_can_lack_a_member() {
    for member in ["schemas", "startIndex", "totalResults", "itemsPerPage", "Resources"] {
        let page = get(&with(&format!("omit={member}")).await, "/Users").await.json();
        assert_eq!((page.get(member), page.as_object().unwrap().len()), (None, 4));
    }
}

#[tokio::test]
async fn a_redirect_names_its_location() {
    let answer = get(&with("redirect=http://127.0.0.1:9/x code=307").await, "/Users").await;
    assert_eq!((answer.status, answer.header("location")), (307, Some("http://127.0.0.1:9/x")));
}

#[tokio::test]
async fn an_error_can_echo_the_token() {
    let answer = get(&with("echo-token=500").await, "/Users").await;
    let credential = format!("Bearer {TOKEN}");
    assert_eq!(answer.status, 500);
    assert_eq!(answer.header("x-echo-authorization"), Some(credential.as_str()));
    assert!(answer.text().contains(&credential));
}

#[tokio::test]
async fn a_connection_can_be_reset_before_and_after_the_request_is_read() {
    let before = with("reset=before nth=1").await;
    assert!(try_get(&before, "/Users").await.is_err());
    assert_eq!(before.request_count(), 0);
    assert_eq!(get(&before, "/Users").await.status, 200);

    let after = with("reset=after nth=1").await;
    let reset = try_get(&after, "/Users").await.err().unwrap();
    assert_eq!(reset.kind(), std::io::ErrorKind::ConnectionReset);
    assert_eq!(after.exchanges()[0].status, None);
    assert_eq!(get(&after, "/Users").await.status, 200);
}

#[tokio::test]
async fn faults_add_up_and_can_be_ended() {
    let emulator = with("cap=3").await;
    emulator.add_fault("total=+1".parse().unwrap());
    let page = get(&emulator, "/Users").await;
    assert_eq!((rows(&page).len(), &page.json()["totalResults"]), (3, &Value::from(101)));
    assert_eq!(emulator.exchanges()[0].faults, ["cap=3", "total=+1"]);
    emulator.clear_faults();
    assert_eq!(rows(&get(&emulator, "/Users").await).len(), 10);
}

#[tokio::test]
async fn the_answer_to_a_write_can_be_lost_before_and_after_its_effect() {
    let body = r#"{"userName":"new@acme.example"}"#;
    let users = async |rule: &str| {
        let emulator = with(rule).await;
        let lost = try_send(&emulator, "POST", "/Users", body).await;
        assert!(lost.is_err() || lost.is_ok_and(|answer| answer.is_cut_short()), "{rule}");
        let users = emulator.users().len();
        assert_eq!(
            try_send(&emulator, "POST", "/Users", body).await.unwrap().status,
            if users > 100 { 409 } else { 201 }
        );
        users
    };
    assert_eq!(users("reset=before nth=1").await, 100);
    assert_eq!(users("reset=after method=POST nth=1").await, 100);
    assert_eq!(users("reset=applied method=POST nth=1").await, 101);
    assert_eq!(users("truncate=half method=POST nth=1").await, 101);
}

#[tokio::test]
async fn an_error_can_stand_for_a_write_that_had_its_effect_or_none() {
    for (rule, users) in [("status=503 nth=1", 100), ("status=503 effect=applied nth=1", 101)] {
        let emulator = with(rule).await;
        let answer = post(&emulator, "/Users", json!({"userName": "new@acme.example"})).await;
        assert_eq!((answer.status, emulator.users().len()), (503, users), "{rule}");
    }
    let emulator = with("status=502 effect=applied method=DELETE nth=1").await;
    let path = format!("/Users/{}", emulator.users()[0].id);
    assert_eq!((delete(&emulator, &path).await.status, delete(&emulator, &path).await.status), (502, 404));
}

#[tokio::test]
async fn a_write_can_be_answered_and_not_done() {
    let emulator = with("effect=none").await;
    let path = format!("/Users/{}", emulator.users()[0].id);
    let before = get(&emulator, &path).await.json();
    let operations = json!([{"op": "replace", "path": "title", "value": "x"}]);
    assert_eq!(patch(&emulator, &path, operations).await.json(), before);
    assert_eq!(put(&emulator, &path, json!({"title": "x"})).await.json(), before);
    assert_eq!(delete(&emulator, &path).await.status, 204);
    assert_eq!(delete(&emulator, "/Users/5").await.status, 404);
    let group = emulator.directory().groups().next().unwrap();
    let path = format!("/Groups/{}", group.id);
    assert_eq!(patch(&emulator, &path, json!([{"op": "remove", "path": "members"}])).await.status, 204);
    assert_eq!(put(&emulator, &path, json!({"displayName": "x"})).await.json()["displayName"], group.display_name);
    assert_eq!(delete(&emulator, &path).await.status, 204);
    assert_eq!(emulator.directory().groups().next().unwrap(), group);
    let refused = patch(&emulator, &path, json!([{"op": "add", "path": "members", "value": [{"value": "5"}]}])).await;
    assert_eq!(refused.status, 400, "what cannot be done is still refused");
}
