//! A whole directory read over the wire, page after page, and compared with the truth.

use crate::wire::{TOKEN, emulator, get, ids, request, rows};
use portcullis_emulator::{Auth, Emulator, Options};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Advances by what arrived and stops on an empty page.
async fn walk(emulator: &Emulator, resource: &str, count: usize) -> Vec<Value> {
    let mut seen: Vec<Value> = Vec::new();
    loop {
        let path = format!("/{resource}?startIndex={}&count={count}", seen.len() + 1);
        let page = rows(&get(emulator, &path).await);
        if page.is_empty() {
            return seen;
        }
        seen.extend(page);
    }
}

#[tokio::test]
async fn any_page_size_walks_to_every_user_once() {
    let emulator = emulator(|options| options.users = 137).await;
    let truth: Vec<String> = emulator.users().into_iter().map(|user| user.id).collect();
    for count in [7, 10, 99, 100, 1000] {
        let seen = walk(&emulator, "Users", count).await;
        let seen: Vec<&str> = seen.iter().map(|row| row["id"].as_str().unwrap()).collect();
        assert_eq!(seen, truth, "count={count}");
    }
}

#[tokio::test]
async fn every_value_on_the_wire_is_the_truth() {
    let emulator = emulator(|options| options.users = 400).await;
    let seen = walk(&emulator, "Users", 100).await;
    for (row, user) in seen.iter().zip(emulator.users()) {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let extension = &row["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"];
        let texts = |list: &str| -> Vec<String> {
            let items = row[list].as_array().into_iter().flatten();
            items.map(|item| item["value"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(text(&row["externalId"]), user.external_id);
        assert_eq!(text(&row["userName"]), Some(user.user_name));
        assert_eq!(row["active"].to_string().trim_matches('"'), user.active.to_string());
        assert_eq!(text(&row["displayName"]), user.display_name);
        assert_eq!(text(&row["nickName"]), user.nick_name);
        assert_eq!(text(&row["title"]), user.title);
        assert_eq!(text(&row["userType"]), user.user_type);
        assert_eq!(text(&row["name"]["formatted"]), user.formatted_name);
        assert_eq!(text(&row["name"]["givenName"]), user.given_name);
        assert_eq!(text(&row["name"]["familyName"]), user.family_name);
        assert_eq!(text(&extension["department"]), user.department);
        assert_eq!(text(&extension["costCenter"]), user.cost_center);
        assert_eq!(text(&extension["division"]), user.division);
        assert_eq!(text(&extension["organization"]), user.organization);
        assert_eq!(texts("emails"), user.emails);
        assert_eq!(texts("groups"), user.groups);
    }
    assert_eq!(seen.len(), 400);
}

#[tokio::test]
async fn memberships_agree_from_both_sides() {
    let emulator = emulator(|options| options.users = 300).await;
    let users = walk(&emulator, "Users", 100).await;
    for group in walk(&emulator, "Groups", 100).await {
        let id = group["id"].as_str().unwrap();
        let from_group = get(&emulator, &format!("/Groups/{id}")).await.json();
        let members = from_group["members"].as_array().cloned().unwrap_or_default();
        let members: Vec<&Value> = members.iter().map(|member| &member["value"]).collect();
        let holds = |user: &&Value| {
            let groups = user["groups"].as_array().into_iter().flatten();
            groups.map(|group| &group["value"]).any(|value| value == id)
        };
        let from_users: Vec<&Value> = users.iter().filter(holds).map(|user| &user["id"]).collect();
        assert_eq!(members, from_users);
    }
}

#[tokio::test]
async fn the_same_seed_is_the_same_bytes() {
    let pages = async |seed: u64| {
        let emulator = emulator(|options| options.seed = seed).await;
        let users = get(&emulator, "/Users?count=100").await.body;
        let groups = get(&emulator, "/Groups?count=100").await.body;
        [users, groups]
    };
    assert_eq!(pages(7).await, pages(7).await);
    assert_ne!(pages(7).await, pages(8).await);
}

#[tokio::test]
async fn a_change_mid_run_is_seen_by_the_next_request() {
    let emulator = emulator(|options| options.users = 3).await;
    let first = emulator.users()[0].id.clone();
    emulator.remove_user(&first).unwrap();
    let fresh = emulator.add_user(portcullis_emulator::User::new("new@acme.example")).unwrap();
    assert_eq!(get(&emulator, &format!("/Users/{first}")).await.status, 404);
    let page = get(&emulator, "/Users").await;
    assert_eq!(ids(&page).last(), Some(&fresh));
    assert_eq!(page.json()["totalResults"], 3);
}

#[tokio::test]
async fn every_exchange_is_recorded_up_to_the_limit() {
    let emulator = emulator(|options| (options.record, options.record_body) = (2, 20)).await;
    for count in 1..=3 {
        get(&emulator, &format!("/Users?count={count}")).await;
    }
    let exchanges = emulator.exchanges();
    let last = exchanges.last().unwrap();
    assert_eq!((exchanges.len(), emulator.request_count(), last.number), (2, 3, 3));
    assert_eq!(last.target, "/scim/1/111222333444555666/v2/Users?count=3");
    assert_eq!(last.request_header("authorization"), Some(format!("Bearer {TOKEN}").as_str()));
    assert!(!format!("{last:?}").contains(TOKEN), "a credential is not printed");
    assert_eq!((last.status, last.response_body.len()), (Some(200), 20));
    assert!(last.response_length > 20);
    emulator.clear_exchanges();
    assert_eq!((emulator.exchanges().len(), emulator.request_count()), (0, 0));
}

#[tokio::test]
async fn nothing_is_kept_when_nothing_is_to_be_recorded() {
    let emulator = emulator(|options| options.record = 0).await;
    get(&emulator, "/Users").await;
    assert_eq!((emulator.exchanges().len(), emulator.request_count()), (0, 1));
}

#[tokio::test]
async fn without_auth_everyone_may_read() {
    let options = Options { auth: Auth::None, ..Options::default() };
    let emulator = Emulator::start(options).await.unwrap();
    let answer = request(&emulator, "GET", "/scim/1/111222333444555666/v2/Users", "").await;
    assert_eq!(answer.unwrap().status, 200);
}

#[tokio::test]
async fn a_port_is_free_again_after_shutdown_and_after_drop() {
    let first = emulator(|_| {}).await;
    let (address, endpoint) = (first.address(), first.endpoint());
    assert_eq!(endpoint, format!("http://{address}/scim/1/111222333444555666/v2"));
    first.shutdown().await;
    let second = emulator(|options| options.port = address.port()).await;
    get(&second, "/Users").await;
    assert_eq!(second.address(), address);
}

#[tokio::test]
async fn idle_connections_do_not_hold_a_shutdown_up() {
    let emulator = emulator(|_| {}).await;
    let silent = TcpStream::connect(emulator.address()).await.unwrap();
    let mut idle = TcpStream::connect(emulator.address()).await.unwrap();
    idle.write_all(b"GET / HTTP/1.1\r\nhost: emulator\r\n\r\n").await.unwrap();
    let mut beginning = [0; 12];
    idle.read_exact(&mut beginning).await.unwrap();
    assert_eq!(&beginning, b"HTTP/1.1 401");
    emulator.shutdown().await;
    drop((silent, idle));
}
