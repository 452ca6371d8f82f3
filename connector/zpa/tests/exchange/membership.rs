//! What a change of membership says to the vendor, and what it makes of the answers.

use expect_test::expect;
use portcullis_zpa::error::Error;
use portcullis_zpa::membership::{CHUNK, Change, change};
use portcullis_zpa::wit::{Effect, ErrorKind, MembershipResult, WriteOptions};

use crate::server::{Script, account, account_with};

const PLAIN: WriteOptions = WriteOptions::empty();

fn run(
    script: &mut Script,
    settings: Option<&str>,
    what: Change,
    members: &[&str],
    options: WriteOptions,
) -> Result<MembershipResult, Error> {
    let members: Vec<_> = members.iter().map(|id| (*id).to_owned()).collect();
    change(&account_with(settings), what, "g1", &members, options, &mut |request| script.send(request))
}

fn add(script: &mut Script, members: &[&str], options: WriteOptions) -> Result<MembershipResult, Error> {
    run(script, None, Change::Add, members, options)
}

fn remove(script: &mut Script, members: &[&str], options: WriteOptions) -> Result<MembershipResult, Error> {
    run(script, None, Change::Remove, members, options)
}

fn group(members: &[&str]) -> String {
    let members: Vec<_> = members.iter().map(|id| format!(r#"{{"value":{id:?}}}"#)).collect();
    format!(r#"{{"id":"g1","members":[{}]}}"#, members.join(","))
}

fn failed(result: &MembershipResult) -> Vec<(&str, ErrorKind, Effect)> {
    result.failed.iter().map(|(id, err)| (id.as_str(), err.kind, err.effect)).collect()
}

#[test]
fn add_members_sends_one_operation_a_member_and_nothing_before_it() {
    let mut script = Script::answering(204, "");
    let result = add(&mut script, &["u2", "u1", "u2"], PLAIN).unwrap();
    assert_eq!((result.applied, result.unchanged), (vec!["u1".to_owned(), "u2".to_owned()], vec![]));
    expect![[r#"
        PATCH https://scim1.private.zscaler.com/scim/1/7/v2/Groups/g1
        content-type: application/scim+json

        {"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"add","path":"members","value":[{"value":"u1"}]},{"op":"add","path":"members","value":[{"value":"u2"}]}]}
    "#]].assert_eq(&script.transcript);
}

/// zpa-scim 7: the filter form; never a bare `remove members`, which empties the group.
#[test]
fn remove_members_looks_first_and_then_names_each_member_in_a_path() {
    let mut script = Script::answering(200, &group(&["u\"1", "u2", "u3"])).then(204, "");
    let result = remove(&mut script, &["u\"1", "u9"], PLAIN).unwrap();
    assert_eq!((result.applied, result.unchanged), (vec!["u\"1".to_owned()], vec!["u9".to_owned()]));
    expect![[r#"
        GET https://scim1.private.zscaler.com/scim/1/7/v2/Groups/g1
        PATCH https://scim1.private.zscaler.com/scim/1/7/v2/Groups/g1
        content-type: application/scim+json

        {"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"remove","path":"members[value eq \"u\\\"1\"]"}]}
    "#]].assert_eq(&script.transcript);
}

#[test]
fn the_dialect_of_a_removal_is_a_quirk() {
    let mut script = Script::answering(204, "");
    let settings = Some(r#"{"quirks":{"member-removal":"values"}}"#);
    run(&mut script, settings, Change::Remove, &["u1"], WriteOptions::ALLOW_EMPTY).unwrap();
    expect![[r#"
        PATCH https://scim1.private.zscaler.com/scim/1/7/v2/Groups/g1
        content-type: application/scim+json

        {"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"remove","path":"members","value":[{"value":"u1"}]}]}
    "#]].assert_eq(&script.transcript);
}

#[test]
fn emptying_a_group_needs_leave() {
    let mut script = Script::answering(200, &group(&["u1", "u2"]));
    let err = remove(&mut script, &["u2", "u1", "u9"], PLAIN).unwrap_err();
    assert_eq!((err.kind, err.field.as_deref()), (ErrorKind::InvalidInput, Some("members")));
    assert_eq!(err.message, "`members` are all 2 members of the group; `allow-empty` empties it");
    let mut script = Script::answering(204, "");
    let result = remove(&mut script, &["u1", "u2"], WriteOptions::ALLOW_EMPTY).unwrap();
    assert_eq!(result.applied, ["u1", "u2"]);
}

#[test]
fn with_verify_a_member_that_was_one_is_unchanged() {
    let mut script = Script::answering(200, &group(&["u1"]))
        .then(204, "")
        .then(200, &group(&["u1", "u2"]))
        .then(200, &group(&["u1"]));
    let result = add(&mut script, &["u1", "u2"], WriteOptions::VERIFY).unwrap();
    assert_eq!((result.applied, result.unchanged), (vec!["u2".to_owned()], vec!["u1".to_owned()]));
    // Nothing is left to send, so nothing is looked at again.
    let result = add(&mut script, &["u1"], WriteOptions::VERIFY).unwrap();
    assert_eq!((result.applied, result.unchanged), (vec![], vec!["u1".to_owned()]));
}

/// scim-peers 1: a PATCH that answers with success and changes nothing.
#[test]
fn what_the_vendor_ignored_is_no_success() {
    let mut script = Script::answering(200, &group(&[])).then(204, "").then(200, &group(&["u1"]));
    let result = add(&mut script, &["u1", "u2"], WriteOptions::VERIFY).unwrap();
    assert_eq!(result.applied, ["u1"]);
    assert_eq!(failed(&result), [("u2", ErrorKind::Protocol, Effect::Unknown)]);

    let mut script = Script::answering(200, &group(&["u1", "u2"])).then(204, "").then(200, &group(&["u1", "u2"]));
    let err = remove(&mut script, &["u1"], WriteOptions::VERIFY).unwrap_err();
    assert_eq!((err.kind, err.effect), (ErrorKind::Protocol, Effect::Unknown));
    assert_eq!(err.message, "the vendor accepted the change and did not make it");
}

/// zpa-scim 7: unknown whether `remove members` with a list takes the list into account.
#[test]
fn a_removal_that_empties_the_group_is_told() {
    let mut script = Script::answering(200, &group(&["u1", "u2", "u3"])).then(204, "").then(200, &group(&[]));
    let err = remove(&mut script, &["u1"], WriteOptions::VERIFY).unwrap_err();
    assert_eq!((err.kind, err.effect), (ErrorKind::Protocol, Effect::Applied));
    assert_eq!(
        err.message,
        "2 members of the group are gone that nobody named: look at it before you go on; either somebody else changed it \
         just now, or the vendor takes a change of members for another one, which the quirk `member-removal` can turn"
    );
}

/// zpa-scim 3.2: an array that has become empty is left away; 4: whether one that is not there is empty is not known.
#[test]
fn a_record_without_members_is_taken_for_what_the_change_makes_of_it() {
    let none = r#"{"id":"g1"}"#;
    let mut script = Script::answering(200, none).then(204, "").then(200, &group(&["u1"]));
    assert_eq!(add(&mut script, &["u1"], WriteOptions::VERIFY).unwrap().applied, ["u1"]);
    let mut script = Script::answering(200, none).then(204, "").then(200, none);
    let err = add(&mut script, &["u1"], WriteOptions::VERIFY).unwrap_err();
    assert_eq!((err.code.as_deref(), err.effect), (Some("members-missing"), Effect::Applied));
    let options = WriteOptions::VERIFY | WriteOptions::ALLOW_EMPTY;
    let mut script = Script::answering(200, &group(&["u1"])).then(204, "").then(200, none);
    assert_eq!(remove(&mut script, &["u1"], options).unwrap().applied, ["u1"]);
}

/// zpa-scim 7: a `replace` of the members is a form of its own, and nothing else may come to it.
#[test]
fn whoever_is_gone_without_being_named_is_told() {
    let mut script = Script::answering(200, &group(&["u7", "u8", "u9"])).then(204, "").then(200, &group(&["u1", "u9"]));
    let err = add(&mut script, &["u1"], WriteOptions::VERIFY).unwrap_err();
    assert_eq!((err.kind, err.effect), (ErrorKind::Protocol, Effect::Applied));
    assert!(err.message.starts_with("2 members of the group are gone that nobody named"));
    // Where the vendor did not take the change, it may have been anybody's.
    let mut script = Script::answering(200, &group(&["u7", "u9"])).then(503, "").then(200, &group(&["u9"]));
    let err = add(&mut script, &["u1"], WriteOptions::VERIFY).unwrap_err();
    assert_eq!((err.kind, err.effect), (ErrorKind::Protocol, Effect::Unknown));
}

#[test]
fn a_change_that_was_accepted_and_not_seen_is_a_failure_of_each_member() {
    let mut script = Script::answering(200, &group(&["u1", "u9"])).then(204, "").then(429, "");
    let err = remove(&mut script, &["u1"], WriteOptions::VERIFY).unwrap_err();
    assert_eq!((err.kind, err.effect), (ErrorKind::RateLimited, Effect::Applied));
}

#[test]
fn with_verify_a_lost_answer_is_settled_by_looking() {
    let ids = many(CHUNK + 50);
    let ids: Vec<_> = ids.iter().map(String::as_str).collect();
    let options = WriteOptions::VERIFY | WriteOptions::ALLOW_EMPTY;
    let mut script = Script::answering(200, &group(&ids)).then(204, "").then(503, "").then(200, &group(&[]));
    let result = remove(&mut script, &ids, options).unwrap();
    assert_eq!((result.applied.len(), result.failed.len()), (CHUNK + 50, 0));
    let mut script = Script::answering(200, &group(&["u1", "u2"])).then(503, "").then(200, &group(&["u1"]));
    assert_eq!(remove(&mut script, &["u2"], options).unwrap().applied, ["u2"]);
}

fn many(count: usize) -> Vec<String> {
    (0..count).map(|id| format!("u{id:04}")).collect()
}

#[test]
fn a_later_chunk_that_fails_leaves_what_was_done_in_the_answer() {
    let ids = many(3 * CHUNK);
    let ids: Vec<_> = ids.iter().map(String::as_str).collect();
    // A refusal is about its members, and the next ones are tried.
    let mut script = Script::answering(204, "").then(400, r#"{"detail":"no such user"}"#).then(204, "");
    let result = add(&mut script, &ids, PLAIN).unwrap();
    assert_eq!((result.applied.len(), result.failed.len()), (2 * CHUNK, CHUNK));
    assert_eq!(failed(&result)[0], ("u0100", ErrorKind::InvalidInput, Effect::None));
    // Anything else would meet the next ones, too.
    let mut script = Script::answering(204, "").then(503, "");
    let result = add(&mut script, &ids, PLAIN).unwrap();
    assert_eq!((result.applied.len(), result.failed.len()), (CHUNK, 2 * CHUNK));
    assert_eq!(failed(&result)[0], ("u0100", ErrorKind::Unavailable, Effect::Unknown));
    assert_eq!(failed(&result)[CHUNK], ("u0200", ErrorKind::Unavailable, Effect::None));
    assert_eq!(result.failed[CHUNK].1.message, "it was not sent, as the request before it failed");
}

#[test]
fn it_fails_as_a_whole_only_where_nothing_was_applied() {
    let ids = many(2 * CHUNK);
    let ids: Vec<_> = ids.iter().map(String::as_str).collect();
    let mut script = Script::answering(404, "").then(404, "");
    let err = add(&mut script, &ids, PLAIN).unwrap_err();
    assert_eq!(err.kind, ErrorKind::NotFound);
    assert_eq!(err.message, "there is no group with the id `g1`, or no user with one of the ids of `members`");
    // Of several failures the one that leaves doubt is told.
    let mut script = Script::answering(400, "").then(503, "");
    let err = add(&mut script, &ids, PLAIN).unwrap_err();
    assert_eq!((err.kind, err.effect), (ErrorKind::Unavailable, Effect::Unknown));
}

#[test]
fn what_cannot_be_looked_at_is_not_changed() {
    let from_users = Some(r#"{"quirks":{"group-members":"from-users"}}"#);
    let err = run(&mut Script::default(), from_users, Change::Remove, &["u1"], PLAIN).unwrap_err();
    assert_eq!((err.kind, err.code.as_deref()), (ErrorKind::Unsupported, Some("members-from-users")));
    let mut script = Script::answering(200, r#"{"id":"g1"}"#);
    let err = remove(&mut script, &["u1"], PLAIN).unwrap_err();
    assert_eq!((err.kind, err.code.as_deref()), (ErrorKind::Unsupported, Some("members-missing")));
    let mut script = Script::answering(200, r#"{"id":"g1","members":[{"value":"u1"},{}]}"#);
    let err = remove(&mut script, &["u1"], PLAIN).unwrap_err();
    assert_eq!(err.message, "a member of the group is unreadable: it has no `value`: {}");
}

#[test]
fn no_members_send_nothing_and_an_empty_id_is_refused() {
    let result = add(&mut Script::default(), &[], WriteOptions::VERIFY).unwrap();
    assert_eq!((result.applied.len(), result.unchanged.len(), result.failed.len()), (0, 0, 0));
    let err = add(&mut Script::default(), &["u1", ""], PLAIN).unwrap_err();
    assert_eq!((err.message.as_str(), err.field.as_deref()), ("an id in `members` is empty", Some("members")));
    let err = change(&account(), Change::Add, "", &["u1".to_owned()], PLAIN, &mut |_| panic!("sent")).unwrap_err();
    assert_eq!(err.field.as_deref(), Some("group-id"));
}
