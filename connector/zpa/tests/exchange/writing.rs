//! What every writing function of the contract says to the vendor, and what comes of it.

use expect_test::{Expect, expect};
use portcullis_zpa::account::Account;
use portcullis_zpa::error::{Error, LONGEST_MESSAGE};
use portcullis_zpa::http::{Failure, Response};
use portcullis_zpa::mapping::Resource;
use portcullis_zpa::record::Record;
use portcullis_zpa::wit::{Change, Effect, Email, ErrorKind, Value, WriteOptions};
use portcullis_zpa::{create, delete, update};

use crate::server::{Script, account, account_with};

const PLAIN: WriteOptions = WriteOptions::empty();
const VERIFY: WriteOptions = WriteOptions::VERIFY;

fn set(field: &str, value: &str) -> Change {
    Change { field: field.to_owned(), value: Value::Text(value.to_owned()) }
}

fn clear(field: &str) -> Change {
    Change { field: field.to_owned(), value: Value::Clear }
}

fn emails(addresses: &[(&str, Option<&str>)]) -> Change {
    let email = |&(email, type_): &(&str, Option<&str>)| Email {
        email: email.to_owned(),
        type_: type_.map(str::to_owned),
        is_primary: None,
    };
    Change { field: "emails".to_owned(), value: Value::Emails(addresses.iter().map(email).collect()) }
}

fn create_user(script: &mut Script, changes: &[Change], options: WriteOptions) -> Result<Record, Error> {
    create::create(&account(), Resource::User, changes, options, &mut |request| script.send(request))
}

fn update_user(
    script: &mut Script,
    account: &Account,
    changes: &[Change],
    options: WriteOptions,
) -> Result<Option<Record>, Error> {
    update::update(account, Resource::User, "u1", changes, options, &mut |request| script.send(request))
}

/// Nothing may be sent, and the refusal reads so.
fn refused(result: Result<impl Sized, Error>, field: &str, message: &str) {
    let err = result.map(drop).unwrap_err();
    assert_eq!((err.kind, err.field.as_deref(), err.message.as_str()), (ErrorKind::InvalidInput, Some(field), message));
    assert_eq!(err.effect, Effect::None);
}

fn check(script: &Script, transcript: &Expect) {
    transcript.assert_eq(&script.transcript);
}

/// zpa-scim 3.3: enterprise attributes are written in the extension, addresses without a type. 3.4: `active` leaves as a
/// boolean.
#[test]
fn create_user_posts_what_it_was_given_and_nothing_else() {
    let answer = r#"{"id":"u1","userName":"ines@acme.example","active":true}"#;
    let mut script = Script::answering(201, answer);
    let changes = [
        set("username", "ines@acme.example"),
        set("external_id", "hr-10442"),
        set("first_name", "Ines"),
        set("last_name", "Moreau"),
        set("status", "active"),
        emails(&[("ines@acme.example", None)]),
        set("department", "Legal"),
    ];
    let created = create_user(&mut script, &changes, PLAIN).unwrap();
    assert_eq!(created.id(), "u1");
    check(
        &script,
        &expect![[r#"
        POST https://scim1.private.zscaler.com/scim/1/7/v2/Users
        content-type: application/scim+json

        {"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"userName":"ines@acme.example","externalId":"hr-10442","name":{"givenName":"Ines","familyName":"Moreau"},"active":true,"emails":[{"value":"ines@acme.example"}],"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"Legal"}}
    "#]],
    );
}

#[test]
fn create_user_needs_a_username_and_clears_nothing() {
    let mut script = Script::default();
    refused(create_user(&mut script, &[set("name", "Ines")], PLAIN), "username", "a user needs `username`");
    let changes = [set("username", "a@b.example"), clear("title")];
    refused(
        create_user(&mut script, &changes, PLAIN),
        "title",
        "`title` is cleared, though there is nothing yet to clear",
    );
}

/// zpa-scim 8: 409 for a taken name; 4: external ids are not unique, so they only confirm.
#[test]
fn a_taken_name_is_told_with_who_has_it() {
    let taken = |theirs: &str, ours: Option<&str>| {
        let list =
            format!(r#"{{"totalResults":1,"Resources":[{{"id":"u7","userName":"Ines@acme.example"{theirs}}}]}}"#);
        let mut script = Script::answering(409, r#"{"scimType":"uniqueness","detail":"taken"}"#).then(200, &list);
        let mut changes = vec![set("username", "ines@acme.example")];
        changes.extend(ours.map(|id| set("external_id", id)));
        let err = create_user(&mut script, &changes, PLAIN).unwrap_err();
        assert_eq!((err.kind, err.http_status, err.effect), (ErrorKind::Conflict, Some(409), Effect::None));
        assert_eq!((err.code.as_deref(), err.field.as_deref()), (Some("uniqueness"), Some("username")));
        err.message
    };
    let who = "`ines@acme.example` is taken by the user with the id `u7`, which has";
    assert_eq!(
        taken(r#","externalId":"hr-1""#, Some("hr-1")),
        format!("{who} the same external id, so it may be the one you mean")
    );
    assert_eq!(
        taken(r#","externalId":"hr-2""#, Some("hr-1")),
        format!("{who} another external id, so it is somebody else")
    );
    assert_eq!(taken("", Some("hr-1")), format!("{who} no external id, so look before you take it for yours"));
    assert_eq!(
        taken(r#","externalId":"hr-1""#, None),
        format!("{who} perhaps been made by somebody else, so look before you take it for yours")
    );
}

#[test]
fn a_conflict_that_cannot_be_looked_into_is_told_as_it_is() {
    let mut script = Script::answering(409, r#"{"detail":"taken"}"#).then(500, "");
    let err = create_user(&mut script, &[set("username", "a@b.example")], PLAIN).unwrap_err();
    assert_eq!((err.kind, err.message.as_str()), (ErrorKind::Conflict, "the vendor reports a conflict: taken"));
}

/// zpa-scim 9; the caller settles it by looking the username up.
#[test]
fn a_lost_answer_to_a_create_leaves_its_effect_unknown() {
    let lost = |code: &str| {
        let mut send = |_: &_| Err(Failure { code: code.to_owned() });
        let changes = [set("username", "a@b.example")];
        create::create(&account(), Resource::User, &changes, PLAIN, &mut send).map(drop).unwrap_err()
    };
    assert_eq!(lost("connection-terminated").effect, Effect::Unknown);
    assert_eq!(lost("HTTP-response-timeout").effect, Effect::Unknown);
    assert_eq!(lost("connection-refused").effect, Effect::None);
    assert_eq!(lost("HTTP-request-denied").effect, Effect::None);
}

/// scim-peers 1: a 201 without an `id` in its body, or without a body.
#[test]
fn a_creation_that_is_not_shown_is_looked_up() {
    for body in ["", r#"{"userName":"a@b.example"}"#, r#"{"id":"resource.exists","reason":"no"}"#] {
        let list = r#"{"totalResults":1,"Resources":[{"id":"u9","userName":"a@b.example"}]}"#;
        let mut script = Script::answering(201, body).then(200, list);
        let created = create_user(&mut script, &[set("username", "a@b.example")], PLAIN).unwrap();
        assert_eq!(created.id(), "u9");
        let mut script = Script::answering(201, body).then(200, r#"{"totalResults":0}"#);
        let err = create_user(&mut script, &[set("username", "a@b.example")], PLAIN).unwrap_err();
        assert_eq!((err.kind, err.effect), (ErrorKind::Protocol, Effect::Applied));
    }
}

/// zpa-scim 8: a name of a group is not its own, so that one found by it may be an older one.
#[test]
fn a_group_that_is_not_shown_is_told_by_its_external_id() {
    let list = r#"{"totalResults":1,"Resources":[{"id":"g9","displayName":"Ops","externalId":"g-1"}]}"#;
    let create = |changes: &[Change]| {
        let mut script = Script::answering(201, "").then(200, list);
        create::create(&account(), Resource::Group, changes, PLAIN, &mut |request| script.send(request))
    };
    assert_eq!(create(&[set("name", "Ops"), set("external_id", "g-1")]).unwrap().id(), "g9");
    for changes in [vec![set("name", "Ops")], vec![set("name", "Ops"), set("external_id", "g-2")]] {
        let err = create(&changes).unwrap_err();
        assert_eq!((err.kind, err.effect), (ErrorKind::Protocol, Effect::Applied));
    }
}

#[test]
fn another_user_than_the_one_to_be_made_is_not_taken_for_it() {
    let mut script =
        Script::answering(201, r#"{"id":"u9","userName":"else@b.example"}"#).then(200, r#"{"totalResults":0}"#);
    let err = create_user(&mut script, &[set("username", "a@b.example")], PLAIN).unwrap_err();
    assert_eq!((err.kind, err.effect), (ErrorKind::Protocol, Effect::Applied));
    assert_eq!(err.message, "the vendor answered with another record than it was to make");
}

/// A sign-in page or a proxy answers anything with 200.
#[test]
fn a_success_that_is_no_scim_is_no_write() {
    for body in ["<!doctype html>", "OK", "[]"] {
        let said = |result: Result<(), Error>| {
            let err = result.unwrap_err();
            assert_eq!((err.kind, err.effect, err.http_status), (ErrorKind::Protocol, Effect::Unknown, Some(200)));
        };
        let script = || Script::answering(200, body);
        said(create_user(&mut script(), &[set("username", "a@b.example")], PLAIN).map(drop));
        said(update_user(&mut script(), &account(), &[set("title", "Head")], PLAIN).map(drop));
        said(delete(&mut script(), Resource::User, PLAIN));
    }
}

#[test]
fn create_group_posts_its_name() {
    let mut script = Script::answering(201, r#"{"id":"g1","displayName":"Ops"}"#)
        .then(200, r#"{"id":"g1","displayName":"Ops","externalId":"x"}"#);
    let changes = [set("name", "Ops"), set("external_id", "x")];
    let created =
        create::create(&account(), Resource::Group, &changes, VERIFY, &mut |request| script.send(request)).unwrap();
    assert_eq!(created.external_id(), Some("x"));
    check(
        &script,
        &expect![[r#"
        POST https://scim1.private.zscaler.com/scim/1/7/v2/Groups
        content-type: application/scim+json

        {"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Ops","externalId":"x"}
        GET https://scim1.private.zscaler.com/scim/1/7/v2/Groups/g1
    "#]],
    );
}

/// zpa-scim 7: lower-case ops, explicit paths; `remove` of an attribute clears it.
#[test]
fn update_user_sends_all_changes_as_one_patch() {
    let mut script = Script::answering(200, r#"{"id":"u1","title":"Head"}"#);
    let changes = [
        set("title", "Head"),
        clear("nick_name"),
        set("first_name", "In\"es"),
        clear("department"),
        set("cost_center", "CC-1"),
        set("status", "inactive"),
        clear("emails"),
    ];
    let shown = update_user(&mut script, &account(), &changes, PLAIN).unwrap().unwrap();
    assert_eq!(shown.id(), "u1");
    check(
        &script,
        &expect![[r#"
        PATCH https://scim1.private.zscaler.com/scim/1/7/v2/Users/u1
        content-type: application/scim+json

        {"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"title","value":"Head"},{"op":"remove","path":"nickName"},{"op":"replace","path":"name.givenName","value":"In\"es"},{"op":"remove","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"},{"op":"replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter","value":"CC-1"},{"op":"replace","path":"active","value":false},{"op":"remove","path":"emails"}]}
    "#]],
    );
}

#[test]
fn every_clearable_field_is_cleared_by_a_removal() {
    let mapping = account().settings.mapping(Resource::User);
    let clearable: Vec<_> = mapping.rows.iter().filter(|row| row.clear.is_some()).collect();
    let names: Vec<_> = clearable.iter().map(|row| row.field.to_string()).collect();
    expect!["external_id name first_name last_name nick_name title user_type emails department cost_center division organization"].assert_eq(&names.join(" "));
    for name in names {
        let mut script = Script::answering(204, "").then(200, r#"{"id":"u1","userName":"a@b.example"}"#);
        let shown = update_user(&mut script, &account(), &[clear(&name)], VERIFY).unwrap();
        assert!(shown.is_some(), "{name}");
    }
}

#[test]
fn an_update_without_changes_sends_nothing() {
    let mut script = Script::default();
    assert!(update_user(&mut script, &account(), &[], VERIFY).unwrap().is_none());
}

/// zpa-scim 3.3: the vendor ignores groups in a write of a user without a word.
#[test]
fn what_the_vendor_will_not_take_is_refused_before_sending() {
    let mut script = Script::default();
    let groups = Change { field: "groups".to_owned(), value: Value::Texts(vec!["g1".to_owned()]) };
    let message = "`groups` cannot be set on a user; `add-members` and `remove-members` change a group";
    refused(update_user(&mut script, &account(), &[groups], PLAIN), "groups", message);
    refused(
        update_user(&mut script, &account(), &[set("id", "x")], PLAIN),
        "id",
        "`id` cannot be set; the vendor keeps it",
    );
}

/// zpa-scim 8: the vendor deletes what it keeps under the old name.
#[test]
fn a_rename_needs_leave() {
    let mut script = Script::answering(200, r#"{"id":"u1","userName":"new@b.example"}"#);
    let rename = [set("username", "new@b.example")];
    let message = "a change of `username` needs `allow-rename`: the vendor deletes what it keeps under the old name and \
                   cuts the user off until the next sign-in";
    refused(update_user(&mut script, &account(), &rename, PLAIN), "username", message);
    update_user(&mut script, &account(), &rename, WriteOptions::ALLOW_RENAME).unwrap().unwrap();
    check(
        &script,
        &expect![[r#"
        PATCH https://scim1.private.zscaler.com/scim/1/7/v2/Users/u1
        content-type: application/scim+json

        {"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"userName","value":"new@b.example"}]}
    "#]],
    );
}

/// zpa-scim 7: an addition to the work address appends, a removal clears; the pair replaces.
#[test]
fn addresses_are_replaced_by_a_removal_and_an_addition() {
    let shown = r#"{"id":"u1","emails":[{"value":"NEW@b.example"}]}"#;
    let two = r#"{"id":"u1","emails":[{"value":"b@b.example"},{"value":"a@b.example"}]}"#;
    let mut script = Script::answering(200, shown).then(200, two).then(200, two);
    update_user(&mut script, &account(), &[emails(&[("new@b.example", None)])], PLAIN).unwrap();
    let both = [emails(&[("a@b.example", Some("work")), ("b@b.example", None)])];
    update_user(&mut script, &account(), &both, PLAIN).unwrap();
    let account = account_with(Some(r#"{"quirks":{"email-replacement":"replace"}}"#));
    update_user(&mut script, &account, &both, PLAIN).unwrap();
    check(
        &script,
        &expect![[r#"
        PATCH https://scim1.private.zscaler.com/scim/1/7/v2/Users/u1
        content-type: application/scim+json

        {"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"remove","path":"emails"},{"op":"add","path":"emails[type eq \"work\"].value","value":"new@b.example"}]}
        PATCH https://scim1.private.zscaler.com/scim/1/7/v2/Users/u1
        content-type: application/scim+json

        {"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"remove","path":"emails"},{"op":"add","path":"emails","value":[{"value":"a@b.example","type":"work"},{"value":"b@b.example"}]}]}
        PATCH https://scim1.private.zscaler.com/scim/1/7/v2/Users/u1
        content-type: application/scim+json

        {"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"emails","value":[{"value":"a@b.example","type":"work"},{"value":"b@b.example"}]}]}
    "#]],
    );
}

#[test]
fn an_address_that_stays_after_a_replacement_is_an_error() {
    let shown = r#"{"id":"u1","emails":[{"value":"old@b.example"},{"value":"new@b.example"}]}"#;
    let mut script = Script::answering(200, shown);
    let err = update_user(&mut script, &account(), &[emails(&[("new@b.example", None)])], PLAIN).unwrap_err();
    assert_eq!((err.kind, err.effect, err.field.as_deref()), (ErrorKind::Protocol, Effect::Applied, Some("emails")));
    assert_eq!(err.message, "the vendor accepted the change of `emails` and did not make it");
}

/// scim-peers 1: PATCH answers with success, and nothing changed.
#[test]
fn a_change_that_the_vendor_ignored_fails_verification() {
    for answer in [(200, r#"{"id":"u1","title":"Head"}"#), (204, "")] {
        let mut script = Script::answering(answer.0, answer.1).then(200, r#"{"id":"u1","title":"Clerk"}"#);
        let err = update_user(&mut script, &account(), &[set("title", "Head")], VERIFY).unwrap_err();
        assert_eq!((err.kind, err.effect, err.field.as_deref()), (ErrorKind::Protocol, Effect::Applied, Some("title")));
    }
    let mut script = Script::answering(204, "").then(404, "");
    let err = update_user(&mut script, &account(), &[set("title", "Head")], VERIFY).unwrap_err();
    assert_eq!(err.message, "the vendor accepted the change, and the record is gone");
}

/// zpa-scim 2: a PATCH of a group answers 204.
#[test]
fn update_group_renames_it() {
    let mut script = Script::answering(204, "");
    let shown = update::update(&account(), Resource::Group, "g1", &[set("name", "Ops EU")], PLAIN, &mut |request| {
        script.send(request)
    });
    assert!(shown.unwrap().is_none());
    check(
        &script,
        &expect![[r#"
        PATCH https://scim1.private.zscaler.com/scim/1/7/v2/Groups/g1
        content-type: application/scim+json

        {"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"displayName","value":"Ops EU"}]}
    "#]],
    );
}

/// zpa-scim 3.4 and 10.
#[test]
fn set_user_active_sends_a_boolean() {
    let mut script = Script::answering(200, r#"{"id":"u1","active":"False"}"#).then(204, "");
    for active in [false, true] {
        update::set_active(&account(), "u1", active, PLAIN, &mut |request| script.send(request)).unwrap();
    }
    check(
        &script,
        &expect![[r#"
        PATCH https://scim1.private.zscaler.com/scim/1/7/v2/Users/u1
        content-type: application/scim+json

        {"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"active","value":false}]}
        PATCH https://scim1.private.zscaler.com/scim/1/7/v2/Users/u1
        content-type: application/scim+json

        {"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"active","value":true}]}
    "#]],
    );
}

#[test]
fn a_user_that_is_gone_after_being_switched_off_was_switched_off() {
    let mut script = Script::answering(204, "").then(404, "");
    let shown = update::set_active(&account(), "u1", false, VERIFY, &mut |request| script.send(request)).unwrap();
    assert!(shown.is_none());
    let mut script = Script::answering(404, "");
    let err = update::set_active(&account(), "u1", true, PLAIN, &mut |request| script.send(request)).unwrap_err();
    assert_eq!(err.kind, ErrorKind::NotFound);
    let advice = "; if switching off deleted the user, create it anew";
    assert_eq!(err.message, format!("there is no user with the id `u1`{advice}"));
    // The advice counts towards the longest message.
    let (mut script, id) = (Script::answering(404, ""), "u".repeat(600));
    let err = update::set_active(&account(), &id, true, PLAIN, &mut |request| script.send(request)).unwrap_err();
    assert_eq!(err.message.len(), LONGEST_MESSAGE);
    assert!(err.message.ends_with(&format!("u…{advice}")));
}

#[test]
fn a_status_that_the_account_does_not_write_is_not_set() {
    let account = account_with(Some(r#"{"mapping":{"user":{"status":{"write":null}}}}"#));
    let err = update::set_active(&account, "u1", false, PLAIN, &mut |_| panic!("sent")).unwrap_err();
    assert_eq!((err.kind, err.code.as_deref()), (ErrorKind::Unsupported, Some("no-status")));
    assert_eq!(err.message, "the account's mapping gives `status` no path to write");
}

#[test]
fn verification_keeps_upper_and_lower_case_apart_where_they_are() {
    let shown = r#"{"id":"u1","externalId":"abc","userName":"ANN@b.example"}"#;
    let mut script = Script::answering(204, "").then(200, shown).then(204, "").then(200, shown);
    let err = update_user(&mut script, &account(), &[set("external_id", "ABC")], VERIFY).unwrap_err();
    assert_eq!(err.field.as_deref(), Some("external_id"));
    let options = VERIFY | WriteOptions::ALLOW_RENAME;
    update_user(&mut script, &account(), &[set("username", "ann@b.example")], options).unwrap();
}

#[test]
fn another_record_than_the_changed_one_is_refused() {
    let mut script = Script::answering(200, r#"{"id":"u2"}"#);
    let err = update_user(&mut script, &account(), &[set("title", "Head")], PLAIN).unwrap_err();
    assert_eq!((err.kind, err.effect), (ErrorKind::Protocol, Effect::Applied));
    assert_eq!(err.message, "asked for the id `u1`, the vendor answered with the id `u2`");
}

fn delete(script: &mut Script, resource: Resource, options: WriteOptions) -> Result<(), Error> {
    delete::delete(&account(), resource, "1", options, &mut |request| script.send(request))
}

/// zpa-scim 2: 204; scim-peers 1: or 200 with a body.
#[test]
fn delete_user_and_delete_group_ask_once() {
    let mut script = Script::answering(204, "").then(200, r#"{"id":"1"}"#);
    delete(&mut script, Resource::User, PLAIN).unwrap();
    delete(&mut script, Resource::Group, PLAIN).unwrap();
    check(
        &script,
        &expect![[r#"
        DELETE https://scim1.private.zscaler.com/scim/1/7/v2/Users/1
        DELETE https://scim1.private.zscaler.com/scim/1/7/v2/Groups/1
    "#]],
    );
}

#[test]
fn what_is_gone_is_deleted_where_the_vendor_has_a_directory_at_all() {
    let mut script = Script::answering(404, "").then(200, r#"{"totalResults":0}"#);
    delete(&mut script, Resource::User, PLAIN).unwrap();
    check(
        &script,
        &expect![[r#"
        DELETE https://scim1.private.zscaler.com/scim/1/7/v2/Users/1
        GET https://scim1.private.zscaler.com/scim/1/7/v2/Users?startIndex=1&count=1
    "#]],
    );
    // A wrong endpoint finds nothing either, and nobody would have been deleted there.
    let mut script = Script::answering(404, "<html>").then(200, "<!doctype html>");
    let err = delete(&mut script, Resource::User, PLAIN).unwrap_err();
    assert_eq!((err.kind, err.effect), (ErrorKind::Protocol, Effect::None));
    let mut script = Script::answering(404, "").then(404, "");
    let err = delete(&mut script, Resource::User, PLAIN).unwrap_err();
    assert_eq!((err.kind, err.field.as_deref()), (ErrorKind::InvalidInput, Some("endpoint")));
}

/// scim-peers 1: 204, and the object is still readable.
#[test]
fn a_deletion_that_the_vendor_ignored_fails_verification() {
    let mut script = Script::answering(204, "").then(404, "");
    delete(&mut script, Resource::Group, VERIFY).unwrap();
    let mut script = Script::answering(204, "").then(200, r#"{"id":"1"}"#);
    let err = delete(&mut script, Resource::Group, VERIFY).unwrap_err();
    assert_eq!((err.kind, err.effect), (ErrorKind::Protocol, Effect::Applied));
    assert_eq!(err.message, "the vendor accepted the deletion, and the record is still there");
}

#[test]
fn a_write_that_the_vendor_refuses_keeps_its_words_and_its_effect() {
    let answer = |status, body: &str| {
        let mut script = Script::answering(status, body);
        let err = update_user(&mut script, &account(), &[set("title", "Head")], PLAIN).unwrap_err();
        (err.kind, err.message, err.effect)
    };
    assert_eq!(answer(404, ""), (ErrorKind::NotFound, "there is no user with the id `u1`".to_owned(), Effect::None));
    assert_eq!(
        answer(400, r#"{"detail":"no such path"}"#),
        (ErrorKind::InvalidInput, "the vendor refused the request: no such path".to_owned(), Effect::None)
    );
    assert_eq!(answer(503, "").2, Effect::Unknown);
    let mut send = |_: &_| Ok(Response { status: 200, headers: Vec::new(), body: b"{}".to_vec() });
    let err = update::update(&account(), Resource::User, "u1", &[set("title", "x")], PLAIN, &mut send).unwrap_err();
    assert_eq!((err.kind, err.effect), (ErrorKind::Protocol, Effect::Applied));
}
