//! What every reading function of the contract says to the vendor, and what comes of it.

use expect_test::expect;
use portcullis_zpa::mapping::Resource;
use portcullis_zpa::record::Record;
use portcullis_zpa::vendor::{self, VendorRequest};
use portcullis_zpa::{find, get, list, member, wit};

use crate::server::{Script, account, account_with};

const NO_OPTIONS: wit::ReadOptions = wit::ReadOptions::empty();

#[test]
fn list_users_asks_for_the_largest_page_and_goes_on_by_what_it_received() {
    let body = |start: u32, id: u32| {
        let resources: Vec<_> = (id..id + 2).map(|id| format!(r#"{{"id":"{id}"}}"#)).collect();
        let resources = resources.join(",");
        format!(r#"{{"totalResults":5,"startIndex":{start},"itemsPerPage":100,"Resources":[{resources}]}}"#)
    };
    let mut script = Script::answering(200, &body(1, 10)).then(200, &body(3, 20)).then(200, &body(1, 10));
    let mut page = |cursor: Option<String>, size| -> list::Page<Record> {
        list::list(&account(), Resource::User, cursor.as_deref(), size, NO_OPTIONS, &mut |request| script.send(request))
            .unwrap()
    };
    let first = page(None, None);
    assert_eq!((first.prev_cursor, first.total), (None, Some(5)));
    let second = page(first.next_cursor, Some(100));
    page(second.prev_cursor, None);
    expect![[r#"
        GET https://scim1.private.zscaler.com/scim/1/7/v2/Users?startIndex=1&count=100
        GET https://scim1.private.zscaler.com/scim/1/7/v2/Users?startIndex=3&count=100
        GET https://scim1.private.zscaler.com/scim/1/7/v2/Users?startIndex=1&count=100
    "#]]
    .assert_eq(&script.transcript);
}

#[test]
fn list_groups_asks_for_a_steady_order_unless_the_account_says_no() {
    let empty = r#"{"totalResults":0}"#;
    let mut script = Script::answering(200, empty).then(200, empty);
    for settings in [None, Some(r#"{"quirks":{"sort-groups":false}}"#)] {
        let page = list::list(&account_with(settings), Resource::Group, None, Some(7), NO_OPTIONS, &mut |request| {
            script.send(request)
        })
        .unwrap();
        assert_eq!((page.items.len(), page.next_cursor, page.total), (0, None, Some(0)));
    }
    expect![[r#"
        GET https://scim1.private.zscaler.com/scim/1/7/v2/Groups?startIndex=1&count=7&sortBy=displayName&sortOrder=ascending
        GET https://scim1.private.zscaler.com/scim/1/7/v2/Groups?startIndex=1&count=7
    "#]].assert_eq(&script.transcript);
}

#[test]
fn get_user_and_get_group_escape_the_id() {
    let mut script = Script::answering(200, r#"{"id":"a b@c%d"}"#).then(200, r#"{"id":"67979"}"#);
    let user =
        get::get(&account(), Resource::User, "a b@c%d", NO_OPTIONS, &mut |request| script.send(request)).unwrap();
    assert_eq!(user.id(), "a b@c%d");
    let options = wit::ReadOptions::REMOTE_DATA;
    let group = get::get(&account(), Resource::Group, "67979", options, &mut |request| script.send(request)).unwrap();
    assert_eq!(group.group().unwrap().remote_data.as_deref(), Some(r#"{"id":"67979"}"#));
    expect![[r#"
        GET https://scim1.private.zscaler.com/scim/1/7/v2/Users/a%20b%40c%25d
        GET https://scim1.private.zscaler.com/scim/1/7/v2/Groups/67979
    "#]]
    .assert_eq(&script.transcript);
}

#[test]
fn another_record_than_the_one_asked_for_is_refused() {
    let mut script = Script::answering(200, r#"{"id":"2"}"#);
    let err = get::get(&account(), Resource::User, "1", NO_OPTIONS, &mut |request| script.send(request)).unwrap_err();
    assert_eq!(err.kind, wit::ErrorKind::Protocol);
    assert_eq!(err.message, "asked for the id `1`, the vendor answered with the id `2`");
}

#[test]
fn find_asks_with_an_escaped_filter() {
    let all = Some(r#"{"quirks":{"external-id-filter":true,"email-filter":true}}"#);
    let none = r#"{"totalResults":0,"Resources":[]}"#;
    let mut script = (0..5).fold(Script::default(), |script, _| script.then(200, none));
    for key in [
        wit::UserKey::Username("o\"neil+\\@x".to_owned()),
        wit::UserKey::ExternalId("zoë\t1".to_owned()),
        wit::UserKey::Email("a@b.example".to_owned()),
    ] {
        let found = find::user(&account_with(all), &key, NO_OPTIONS, &mut |request| script.send(request));
        assert!(found.unwrap().is_empty());
    }
    for key in [wit::GroupKey::Name("R&D, EU".to_owned()), wit::GroupKey::ExternalId("g 1".to_owned())] {
        let found = find::group(&account_with(all), &key, NO_OPTIONS, &mut |request| script.send(request));
        assert!(found.unwrap().is_empty());
    }
    expect![[r#"
        GET https://scim1.private.zscaler.com/scim/1/7/v2/Users?startIndex=1&count=100&filter=userName%20eq%20%22o%5C%22neil%2B%5C%5C%40x%22
        GET https://scim1.private.zscaler.com/scim/1/7/v2/Users?startIndex=1&count=100&filter=externalId%20eq%20%22zo%C3%AB%5Cu00091%22
        GET https://scim1.private.zscaler.com/scim/1/7/v2/Users?startIndex=1&count=100&filter=emails.value%20eq%20%22a%40b.example%22
        GET https://scim1.private.zscaler.com/scim/1/7/v2/Groups?startIndex=1&count=100&filter=displayName%20eq%20%22R%26D%2C%20EU%22
        GET https://scim1.private.zscaler.com/scim/1/7/v2/Groups?startIndex=1&count=100&filter=externalId%20eq%20%22g%201%22
    "#]].assert_eq(&script.transcript);
}

#[test]
fn find_believes_no_row_that_it_has_not_compared() {
    let find = |body: &str| {
        let mut script = Script::answering(200, body);
        let key = wit::UserKey::Username("ann@x".to_owned());
        let found = find::user(&account(), &key, NO_OPTIONS, &mut |request| script.send(request));
        found
            .map(|users| users.iter().map(|user| user.id().to_owned()).collect::<Vec<_>>())
            .map_err(|err| (err.code, err.message))
    };
    assert_eq!(find(r#"{"totalResults":1,"Resources":[{"id":"1","userName":"Ann@X"}]}"#), Ok(vec!["1".to_owned()]));
    assert_eq!(
        find(r#"{"totalResults":2,"Resources":[{"id":"1","userName":"ann@x"},{"id":"2","userName":"bob@x"}]}"#),
        Err((
            Some("filter-ignored".to_owned()),
            "the vendor answers the filter by `username` with others too; list the users and compare".to_owned()
        ))
    );
    assert_eq!(
        find(r#"{"totalResults":2,"Resources":[{"id":"1","userName":"ann@x"}]}"#),
        Err((None, "2 users have this `username`, more than one page holds".to_owned()))
    );
    assert_eq!(find(r#"{"totalResults":1}"#), Err((None, "the vendor sent no rows, though it counts 1".to_owned())));
    assert_eq!(
        find(r#"{"totalResults":1,"Resources":[7]}"#),
        Err((None, "a user that the vendor found is unreadable: it is a number and not an object".to_owned()))
    );
}

#[test]
fn an_external_id_is_compared_with_its_case() {
    let body = r#"{"totalResults":2,"Resources":[{"id":"1","externalId":"a1"},{"id":"2","externalId":"A1"}]}"#;
    let mut script = Script::answering(200, body);
    let account = account_with(Some(r#"{"quirks":{"external-id-filter":true}}"#));
    let key = wit::UserKey::ExternalId("A1".to_owned());
    let found = find::user(&account, &key, NO_OPTIONS, &mut |request| script.send(request)).unwrap();
    assert_eq!(found.iter().map(Record::id).collect::<Vec<_>>(), ["2"]);
}

#[test]
fn find_sends_nothing_where_the_vendor_is_not_known_to_filter() {
    let key = wit::UserKey::ExternalId("A1".to_owned());
    let err = find::user(&account(), &key, NO_OPTIONS, &mut |_| panic!("sent")).unwrap_err();
    assert_eq!(err.kind, wit::ErrorKind::Unsupported);
    assert_eq!(err.message, "the vendor is not known to filter users by `external_id`; list them and compare");
}

#[test]
fn a_filter_that_the_vendor_refuses_is_unsupported() {
    let mut script = Script::answering(400, r#"{"scimType":"invalidFilter","detail":"no"}"#);
    let key = wit::GroupKey::Name("Ops".to_owned());
    let err = find::group(&account(), &key, NO_OPTIONS, &mut |request| script.send(request)).unwrap_err();
    assert_eq!((err.kind, err.code.as_deref()), (wit::ErrorKind::Unsupported, Some("filter-refused")));
}

#[test]
fn list_members_reads_the_group_or_the_users_as_the_account_says() {
    let from_users = Some(r#"{"quirks":{"group-members":"from-users"}}"#);
    let page =
        r#"{"totalResults":3,"Resources":[{"id":"1","displayName":"Ann","groups":[{"value":"g 1"}]},{"id":"2"}]}"#;
    let mut script = Script::answering(200, r#"{"id":"g 1","members":[{"value":"1"},{}]}"#)
        .then(200, r#"{"id":"g 1"}"#)
        .then(200, page);

    let by_id = member::list(&account(), "g 1", None, None, &mut |request| script.send(request)).unwrap();
    assert_eq!(by_id.items.iter().map(|member| member.id.as_str()).collect::<Vec<_>>(), ["1"]);
    assert_eq!(by_id.unreadable[0].reason, "it has no `value`: {}");
    let account = account_with(from_users);
    let among = member::list(&account, "g 1", None, None, &mut |request| script.send(request)).unwrap();
    assert_eq!(among.items.iter().map(|member| member.name.as_deref()).collect::<Vec<_>>(), [Some("Ann")]);
    assert_eq!(among.total, None);
    // A cursor of one group is no cursor of another.
    let cursor = among.next_cursor.unwrap();
    let err = member::list(&account, "g 2", Some(&cursor), None, &mut |_| panic!("sent")).unwrap_err();
    assert_eq!(err.field.as_deref(), Some("cursor"));
    expect![[r#"
        GET https://scim1.private.zscaler.com/scim/1/7/v2/Groups/g%201
        GET https://scim1.private.zscaler.com/scim/1/7/v2/Groups/g%201
        GET https://scim1.private.zscaler.com/scim/1/7/v2/Users?startIndex=1&count=100
    "#]]
    .assert_eq(&script.transcript);
}

#[test]
fn what_is_unreadable_among_the_users_of_a_group_stands_in_its_own_place() {
    let account = account_with(Some(r#"{"quirks":{"group-members":"from-users"}}"#));
    let page = r#"{"totalResults":4,"Resources":[7,{"id":"1"},{},{"id":"2","groups":[{"display":"Ops"}]}]}"#;
    let mut script = Script::answering(200, r#"{"id":"g"}"#).then(200, page);
    let page = member::list(&account, "g", None, None, &mut |request| script.send(request)).unwrap();
    let unreadable: Vec<_> = page.unreadable.iter().map(|row| (row.position, row.id.as_deref())).collect();
    assert_eq!(unreadable, [(0, None), (2, None), (3, Some("2"))]);
}

#[test]
fn members_read_from_the_users_do_not_outlive_a_change_of_the_users() {
    let account = account_with(Some(r#"{"quirks":{"group-members":"from-users"}}"#));
    let page = |total: u32, id: u32| format!(r#"{{"totalResults":{total},"Resources":[{{"id":"{id}"}}]}}"#);
    let mut script =
        Script::answering(200, r#"{"id":"g"}"#).then(200, &page(3, 1)).then(200, &page(2, 2)).then(404, "");
    let first = member::list(&account, "g", None, Some(1), &mut |request| script.send(request)).unwrap();
    let cursor = first.next_cursor.unwrap();
    let err = member::list(&account, "g", Some(&cursor), None, &mut |request| script.send(request)).unwrap_err();
    assert_eq!(err.kind, wit::ErrorKind::Conflict);
    assert_eq!(err.message, "the users changed from 3 to 2 while the members were read; start again");
    let err = member::list(&account, "g", None, None, &mut |request| script.send(request)).unwrap_err();
    assert_eq!((err.kind, err.message.as_str()), (wit::ErrorKind::NotFound, "there is no group with the id `g`"));
}

#[test]
fn a_group_without_members_is_empty_only_where_the_account_says_so() {
    let members = |settings| {
        let mut script = Script::answering(200, r#"{"id":"g"}"#);
        member::list(&account_with(settings), "g", None, None, &mut |request| script.send(request))
    };
    let err = members(None).unwrap_err();
    assert_eq!((err.kind, err.code.as_deref()), (wit::ErrorKind::Unsupported, Some("members-missing")));
    let page = members(Some(r#"{"quirks":{"missing-members":"empty"}}"#)).unwrap();
    assert_eq!((page.items.len(), page.total), (0, Some(0)));
}

#[test]
fn page_cursors_sends_nothing() {
    let mut script = Script::answering(200, r#"{"totalResults":5,"Resources":[{"id":"1"},{"id":"2"}]}"#);
    let page =
        list::list(&account(), Resource::User, None, None, NO_OPTIONS, &mut |request| script.send(request)).unwrap();
    let next = page.next_cursor.unwrap();
    script.transcript.clear();
    let ahead = list::cursors_ahead(&account(), &next, 10).unwrap();
    assert_eq!(ahead.len(), 2);
    assert_eq!(ahead[0], next);
    expect![[""]].assert_eq(&script.transcript);
}

#[test]
fn vendor_request_passes_the_answer_on_whatever_its_status() {
    let mut script = Script::answering(409, "taken");
    let wanted = VendorRequest {
        method: "POST".to_owned(),
        path: "Users".to_owned(),
        query: vec![("a b".to_owned(), "c&d".to_owned())],
        headers: vec![("If-Match".to_owned(), "W/\"1\"".to_owned())],
        body: Some(b"{}".to_vec()),
    };
    let reply = vendor::request(&account(), wanted, &mut |request| script.send(request)).unwrap();
    assert_eq!((reply.status, reply.body.as_slice()), (409, b"taken".as_slice()));
    expect![[r#"
        POST https://scim1.private.zscaler.com/scim/1/7/v2/Users?a%20b=c%26d
        if-match: W/"1"
        content-type: application/scim+json

        {}
    "#]]
    .assert_eq(&script.transcript);
}

#[test]
fn a_collection_that_is_not_there_is_a_wrong_endpoint() {
    let mut script = Script::answering(404, "");
    let err = list::list(&account(), Resource::User, None, None, NO_OPTIONS, &mut |request| script.send(request))
        .unwrap_err();
    assert_eq!((err.kind, err.field.as_deref()), (wit::ErrorKind::InvalidInput, Some("endpoint")));
    assert_eq!(err.http_status, Some(404));
}
