//! Reading a directory end to end: the shipped component, in the runtime, over TCP, from the emulator.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "functions of tests fail by panic")]

use std::collections::BTreeSet;

use portcullis_directory::{
    Directory as _, Effect, ErrorKind, GroupKey, Outcome, PageQuery, ReadOptions, Support, UserKey, VendorRequest,
    Walk, WalkOptions,
};
use portcullis_emulator::{Options, Switches};
use portcullis_runtime::{Account, Pace, StaticToken};
use portcullis_tests::{House, TOKEN};

#[tokio::test]
async fn a_walk_brings_every_user_once_with_all_that_the_vendor_knows() {
    let house = House::new(1234, 12).await;
    let mut walk = Walk::users(&house.directory, WalkOptions::default());
    let mut read = Vec::new();
    while let Some(page) = walk.next_page().await.unwrap() {
        assert!(page.unreadable.is_empty());
        read.extend(page.items);
    }
    assert_eq!(walk.ending().unwrap().outcome, Outcome::Complete { total: Some(1234) });
    assert_eq!(house.vendor.request_count(), 13);

    let truth = house.vendor.users();
    assert_eq!(read.len(), truth.len());
    for (read, truth) in read.iter().zip(&truth) {
        assert_eq!(read.id, truth.id);
        assert_eq!(read.external_id, truth.external_id);
        assert_eq!(read.username.as_deref(), Some(truth.user_name.as_str()));
        assert_eq!(read.status.as_deref(), Some(if truth.active { "active" } else { "inactive" }));
        assert_eq!(read.first_name, truth.given_name);
        assert_eq!(read.last_name, truth.family_name);
        assert_eq!(read.name, truth.display_name.clone().or_else(|| truth.formatted_name.clone()));
        assert_eq!(read.nick_name, truth.nick_name);
        assert_eq!(read.title, truth.title);
        assert_eq!(read.user_type, truth.user_type);
        assert_eq!(read.department, truth.department);
        assert_eq!(read.cost_center, truth.cost_center);
        assert_eq!(read.division, truth.division);
        assert_eq!(read.organization, truth.organization);
        assert_eq!(read.emails.iter().map(|email| email.email.clone()).collect::<Vec<_>>(), truth.emails);
        assert_eq!(read.groups.iter().map(|group| group.id.clone()).collect::<Vec<_>>(), truth.groups);
        // A second name is kept where it is another one.
        let formatted = truth.formatted_name.as_ref().filter(|name| read.name.as_ref() != Some(name));
        let extras: Vec<_> = read.extras.iter().map(|(path, json)| (path.as_str(), json.as_str().to_owned())).collect();
        let expected = formatted.map(|name| ("name.formatted", serde_json::to_string(name).unwrap()));
        assert_eq!(extras, Vec::from_iter(expected));
    }
}

#[tokio::test]
async fn groups_and_their_members_agree_with_the_users_groups() {
    let house = House::new(300, 7).await;
    let mut walk = Walk::groups(&house.directory, WalkOptions::default());
    let mut groups = Vec::new();
    while let Some(page) = walk.next_page().await.unwrap() {
        groups.extend(page.items);
    }
    assert_eq!(groups.len(), 7);
    let names: Vec<_> = groups.iter().map(|group| group.name.clone().unwrap()).collect();
    assert!(names.is_sorted_by_key(|name| name.to_lowercase()), "{names:?}");

    let by_id = Directories::new(&house, r#"{"quirks":{"missing-members":"empty"}}"#);
    let from_users = Directories::new(&house, r#"{"quirks":{"group-members":"from-users"}}"#);
    let mut members = 0;
    for group in &groups {
        let direct = by_id.members(&group.id).await;
        assert_eq!(direct, from_users.members(&group.id).await);
        members += direct.len();
    }
    assert_eq!(members, house.vendor.users().iter().map(|user| user.groups.len()).sum::<usize>());
}

/// An account of the house's vendor with other settings.
struct Directories(portcullis_runtime::AccountDirectory);

impl Directories {
    fn new(house: &House, settings: &str) -> Self {
        let account =
            Account::new(house.vendor.endpoint()).unwrap().with_settings(settings).with_pace(Pace::unlimited());
        Self(house.connector.directory(account, StaticToken::new(TOKEN).unwrap()).unwrap())
    }

    async fn members(&self, group: &str) -> BTreeSet<String> {
        let mut walk = Walk::members(&self.0, group, WalkOptions::default());
        let mut members = BTreeSet::new();
        while let Some(page) = walk.next_page().await.unwrap() {
            members.extend(page.items.into_iter().map(|member| member.id));
        }
        members
    }
}

#[tokio::test]
async fn one_user_is_got_by_id_and_found_by_username_in_any_case() {
    let house = House::new(50, 3).await;
    for truth in house.vendor.users() {
        let got = house.directory.get_user(&truth.id, ReadOptions::default()).await.unwrap();
        assert_eq!(got.username.as_deref(), Some(truth.user_name.as_str()));
        let key = UserKey::Username(truth.user_name.to_ascii_uppercase());
        let found = house.directory.find_user(&key, ReadOptions::default()).await.unwrap();
        assert_eq!(found, [got]);
    }
}

#[tokio::test]
async fn a_group_is_found_by_its_name_whatever_is_in_it() {
    let house = House::new(10, 20).await;
    let groups: Vec<_> = house.vendor.directory().groups().collect();
    for truth in groups {
        let key = GroupKey::Name(truth.display_name.clone());
        let found = house.directory.find_group(&key, ReadOptions::default()).await.unwrap();
        assert!(found.iter().any(|group| group.id == truth.id), "{}", truth.display_name);
        let got = house.directory.get_group(&truth.id, ReadOptions::default()).await.unwrap();
        assert_eq!(got.name.as_deref(), Some(truth.display_name.as_str()));
    }
}

#[tokio::test]
async fn a_key_that_the_vendor_cannot_filter_by_is_unsupported_until_the_account_says_otherwise() {
    let switches = Switches { external_id_filter: true, ..Switches::default() };
    let house = House::with(Options { users: 20, switches, ..Options::default() }, None).await;
    let id = house.vendor.users().into_iter().find_map(|user| user.external_id).unwrap();
    let key = UserKey::ExternalId(id.clone());
    let err = house.directory.find_user(&key, ReadOptions::default()).await.unwrap_err();
    assert_eq!((err.kind, err.code.as_deref()), (ErrorKind::Unsupported, Some("no-filter")));
    assert_eq!(house.vendor.request_count(), 0);

    let told = Directories::new(&house, r#"{"quirks":{"external-id-filter":true}}"#);
    let found = told.0.find_user(&key, ReadOptions::default()).await.unwrap();
    assert!(!found.is_empty() && found.iter().all(|user| user.external_id.as_ref() == Some(&id)));
}

#[tokio::test]
async fn remote_data_is_the_vendors_own_json_byte_for_byte() {
    let house = House::new(5, 2).await;
    let id = house.vendor.users()[0].id.clone();
    let user = house.directory.get_user(&id, ReadOptions { remote_data: true }).await.unwrap();
    let sent = house.vendor.exchanges().pop().unwrap().response_body;
    assert_eq!(user.remote_data.unwrap().as_str().as_bytes(), sent);
}

#[tokio::test]
async fn an_unknown_id_is_not_found_and_an_unknown_name_finds_nobody() {
    let house = House::new(5, 2).await;
    let err = house.directory.get_user("nobody", ReadOptions::default()).await.unwrap_err();
    assert_eq!((err.kind, err.http_status, err.effect), (ErrorKind::NotFound, Some(404), Effect::None));
    assert_eq!(err.message, "there is no user with the id `nobody`");
    let key = UserKey::Username("nobody@acme.example".to_owned());
    assert_eq!(house.directory.find_user(&key, ReadOptions::default()).await.unwrap(), []);
}

#[tokio::test]
async fn a_key_that_the_vendor_cannot_filter_by_says_so_and_so_does_the_description() {
    let house = House::new(1, 1).await;
    let description = house.directory.describe().await.unwrap();
    let unsupported = description.operations.iter().filter(|operation| operation.support == Support::Unsupported);
    let unsupported: Vec<_> = unsupported.map(|operation| operation.name.as_str()).collect();
    assert_eq!(unsupported, ["find-user:external-id", "find-user:email", "find-group:external-id"]);
    for key in [UserKey::ExternalId("x".to_owned()), UserKey::Email("a@acme.example".to_owned())] {
        let err = house.directory.find_user(&key, ReadOptions::default()).await.unwrap_err();
        assert_eq!((err.kind, err.effect), (ErrorKind::Unsupported, Effect::None));
    }
    assert_eq!(house.vendor.request_count(), 0);
}

/// scim-peers 1: a filter that silently matches nothing, and one that the server ignores or refuses.
#[tokio::test]
async fn a_filter_that_does_not_filter_is_a_quirk_and_never_a_stranger() {
    let key = UserKey::Username("nobody@acme.example".to_owned());
    for (switch, found) in [
        ("unknown-filter=matches-nothing", Ok(Vec::new())),
        ("unknown-filter=ignored", Err(ErrorKind::Unsupported)),
        ("unknown-filter=refused", Err(ErrorKind::Unsupported)),
    ] {
        let mut switches = Switches::zpa();
        switches.user_name_filter = false;
        switches.turn(&switch.parse().unwrap()).unwrap();
        let options = Options { users: 5, groups: 0, switches, ..Options::default() };
        let house = House::with(options.clone(), None).await;
        let answer = house.directory.find_user(&key, ReadOptions::default()).await;
        assert_eq!(answer.map_err(|err| err.kind), found, "{switch}");
        // An account that was seen to match nothing asks no more.
        let house = House::with(options, Some(r#"{"quirks":{"username-filter":false}}"#)).await;
        let err = house.directory.find_user(&key, ReadOptions::default()).await.unwrap_err();
        assert_eq!((err.kind, err.code.as_deref()), (ErrorKind::Unsupported, Some("no-filter")));
        assert_eq!(house.vendor.request_count(), 0);
    }
}

#[tokio::test]
async fn the_vendors_own_api_answers_through_the_same_sandbox() {
    let house = House::new(5, 2).await;
    let request = VendorRequest {
        method: "GET".to_owned(),
        path: "Users".to_owned(),
        query: vec![("count".to_owned(), "1".to_owned())],
        ..VendorRequest::default()
    };
    let reply = house.directory.request(request).await.unwrap();
    let body: serde_json::Value = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!((reply.status, &body["totalResults"]), (200, &serde_json::json!(5)));
    assert_eq!(body["Resources"].as_array().unwrap().len(), 1);

    let refused = VendorRequest { method: "POST".to_owned(), path: "Users".to_owned(), ..VendorRequest::default() };
    assert_eq!(house.directory.request(refused).await.unwrap().status, 400, "it has no body");
}

#[tokio::test]
async fn cursors_go_forward_and_back_and_belong_to_their_account_and_list() {
    let house = House::new(250, 2).await;
    let page = |cursor: Option<String>| {
        let query = PageQuery { cursor, size: Some(100), ..PageQuery::default() };
        house.directory.list_users(query)
    };
    let first = page(None).await.unwrap();
    let second = page(first.next_cursor.clone()).await.unwrap();
    assert_eq!(page(second.prev_cursor.clone()).await.unwrap().items, first.items);
    let next = first.next_cursor.unwrap();
    let ahead = house.directory.page_cursors(&next, 10).await.unwrap();
    assert_eq!((ahead.len(), &ahead[0]), (2, &next));
    let last = page(second.next_cursor).await.unwrap();
    assert_eq!((page(Some(ahead[1].clone())).await.unwrap().items, last.items.len()), (last.items, 50));

    let other = House::new(250, 2).await;
    let query = PageQuery { cursor: Some(next.clone()), ..PageQuery::default() };
    for err in [
        other.directory.list_users(query.clone()).await.unwrap_err(),
        house.directory.list_groups(query).await.unwrap_err(),
    ] {
        assert_eq!((err.kind, err.field.as_deref()), (ErrorKind::InvalidInput, Some("cursor")));
    }
    assert_eq!(other.vendor.request_count(), 0);
}

#[tokio::test]
async fn many_tasks_share_one_directory_without_mixing_answers() {
    let house = House::new(400, 2).await;
    let mut calls = tokio::task::JoinSet::new();
    for user in house.vendor.users() {
        let directory = house.directory.clone();
        calls.spawn(async move {
            let got = directory.get_user(&user.id, ReadOptions::default()).await.unwrap();
            assert_eq!(got.id, user.id);
        });
    }
    assert_eq!(calls.join_all().await.len(), 400);
}
