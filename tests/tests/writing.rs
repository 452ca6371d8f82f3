//! Writes through the sandboxed connector, held against what the vendor then has.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "functions of tests fail by panic")]

use std::collections::BTreeSet;

use portcullis_directory::{
    Directory as _, Effect, ErrorKind, MembershipResult, PageQuery, ReadOptions, UserKey, WriteOptions,
};
use portcullis_emulator::{Options, Switches};
use portcullis_tests::House;
use portcullis_tests::scenario::{self, VERIFY, clear, emails, set};

/// An account that has seen its vendor send the members of a group that has some.
const SETTLED: Option<&str> = Some(r#"{"quirks":{"missing-members":"empty"}}"#);

const PLAIN: WriteOptions = WriteOptions { verify: false, allow_rename: false, allow_empty: false };

/// A vendor with one switch turned.
async fn house(switch: &str) -> House {
    let mut switches = Switches::zpa();
    if !switch.is_empty() {
        switches.turn(&switch.parse().unwrap()).unwrap();
    }
    House::with(Options { users: 6, groups: 2, switches, ..Options::default() }, SETTLED).await
}

#[tokio::test]
async fn a_life_in_the_directory() {
    scenario::live(&house("").await.directory).await;
}

#[tokio::test]
async fn a_life_in_the_directory_on_a_server_that_keeps_to_the_rfc() {
    let options = Options { users: 0, groups: 0, switches: Switches::strict(), ..Options::default() };
    scenario::live(&House::with(options, SETTLED).await.directory).await;
}

/// zpa-scim 10: the vendor's pages disagree.
#[tokio::test]
async fn switching_off_may_be_deleting() {
    let house = house("deactivation=deletes").await;
    let id = house.vendor.users()[0].id.clone();
    assert_eq!(house.directory.set_user_active(&id, false, VERIFY).await, Ok(None));
    let err = house.directory.set_user_active(&id, true, VERIFY).await.unwrap_err();
    assert_eq!(err.kind, ErrorKind::NotFound);
    let message = format!("there is no user with the id `{id}`; if switching off deleted the user, create it anew");
    assert_eq!(err.message, message);
}

/// scim-peers 1: accepted, and nothing changed.
#[tokio::test]
async fn what_the_vendor_ignores_fails_verification() {
    let house = house("patch-effect=ignored").await;
    let id = house.vendor.users()[0].id.clone();
    let err = house.directory.update_user(&id, &[set("title", "Head of Nothing")], VERIFY).await.unwrap_err();
    assert_eq!((err.kind, err.effect, err.field.as_deref()), (ErrorKind::Protocol, Effect::Applied, Some("title")));
    let group = house.vendor.directory().groups().next().unwrap().id;
    let stranger = stranger(&house, &group).await;
    let err = house.directory.add_members(&group, &[stranger], VERIFY).await.unwrap_err();
    assert_eq!(err.message, "the vendor accepted the change and did not make it");
}

/// zpa-scim 7: how the pair of a removal and an addition works together is not known.
#[tokio::test]
async fn addresses_become_exactly_the_wanted_ones_or_an_error() {
    for switch in ["email-pair=in-order", "email-pair=remove-ignored", "email-pair=add-ignored"] {
        for quirk in ["remove-then-add", "replace"] {
            let settings = format!(r#"{{"quirks":{{"email-replacement":"{quirk}"}}}}"#);
            let mut switches = Switches::zpa();
            switches.turn(&switch.parse().unwrap()).unwrap();
            let options = Options { users: 3, groups: 0, switches, ..Options::default() };
            let house = House::with(options, Some(&settings)).await;
            let id = house.vendor.users()[0].id.clone();
            for wanted in [&["one@acme.example"][..], &["a@acme.example", "b@acme.example"]] {
                let updated = house.directory.update_user(&id, &[emails(wanted)], PLAIN).await;
                if quirk == "remove-then-add" && switch != "email-pair=in-order" {
                    let err = updated.unwrap_err();
                    assert_eq!((err.kind, err.effect), (ErrorKind::Protocol, Effect::Applied), "{switch}");
                    assert_eq!(err.message, "the vendor accepted the change of `emails` and did not make it");
                    continue;
                }
                let user = house.directory.get_user(&id, ReadOptions::default()).await.unwrap();
                let found: Vec<_> = user.emails.iter().map(|email| email.email.as_str()).collect();
                assert_eq!(found, wanted, "{switch} {quirk}");
            }
        }
    }
}

/// zpa-scim 7: whether `remove members` takes a list of values into account is not known.
#[tokio::test]
async fn a_removal_that_would_wipe_a_group_is_never_sent_by_default() {
    let house = house("listed-removal=empties").await;
    let group = house.vendor.directory().groups().next().unwrap().id;
    let before = members(&house, &group).await;
    assert!(before.len() > 1);
    let leaver = [before.first().unwrap().clone()];
    let result = house.directory.remove_members(&group, &leaver, VERIFY).await.unwrap();
    assert_eq!(result.applied, leaver);
    let mut left = before;
    left.remove(&leaver[0]);
    assert_eq!(members(&house, &group).await, left);
    for exchange in house.vendor.exchanges() {
        let body = String::from_utf8(exchange.request_body.to_vec()).unwrap();
        assert!(!body.contains(r#""path":"members","value""#), "{body}");
    }
}

/// zpa-scim 8: 409 for a name that is taken.
#[tokio::test]
async fn a_lost_answer_to_a_create_is_settled_by_looking_the_name_up() {
    let house = house("").await;
    house.vendor.add_fault("reset=applied method=POST".parse().unwrap());
    let joiner = [set("username", "joiner@acme.example"), set("external_id", "hr-1")];
    let err = house.directory.create_user(&joiner, PLAIN).await.unwrap_err();
    assert_eq!((err.kind, err.effect), (ErrorKind::Unavailable, Effect::Unknown));
    house.vendor.clear_faults();
    let key = UserKey::Username("joiner@acme.example".to_owned());
    let found = house.directory.find_user(&key, ReadOptions::default()).await.unwrap();
    assert_eq!(found.len(), 1);
    let err = house.directory.create_user(&joiner, PLAIN).await.unwrap_err();
    let message = format!(
        "`joiner@acme.example` is taken by the user with the id `{}`, which has the same external id, so it may be the \
         one you mean",
        found[0].id
    );
    assert_eq!((err.kind, err.message), (ErrorKind::Conflict, message));
}

#[tokio::test]
async fn a_rename_needs_leave_and_keeps_the_id() {
    let house = house("").await;
    let id = house.vendor.users()[0].id.clone();
    let rename = [set("username", "new.name@acme.example")];
    house.vendor.clear_exchanges();
    let err = house.directory.update_user(&id, &rename, PLAIN).await.unwrap_err();
    assert_eq!((err.kind, err.field.as_deref()), (ErrorKind::InvalidInput, Some("username")));
    assert_eq!(house.vendor.request_count(), 0);
    let user = house.directory.update_user(&id, &rename, WriteOptions { allow_rename: true, ..VERIFY }).await.unwrap();
    assert_eq!(user.unwrap().username.as_deref(), Some("new.name@acme.example"));
}

/// A change of one member does not depend on how many there are, and editors do not undo each other's work.
#[tokio::test]
async fn many_editors_of_a_large_group_lose_nothing() {
    const MEMBERS: usize = 5_000;
    const EDITORS: usize = 40;
    let options = Options { users: u32::try_from(MEMBERS + EDITORS).unwrap(), groups: 0, ..Options::default() };
    let house = House::with(options, SETTLED).await;
    let users: Vec<_> = house.vendor.users().into_iter().map(|user| user.id).collect();
    let group = house.directory.create_group(&[set("name", "Everyone")], PLAIN).await.unwrap().id;
    let (there, joiners) = users.split_at(MEMBERS);
    let result = house.directory.add_members(&group, there, PLAIN).await.unwrap();
    assert_eq!(result.applied.len(), MEMBERS);

    house.vendor.clear_exchanges();
    let edits: Vec<_> = (0..EDITORS)
        .map(|editor| {
            let directory = house.directory.clone();
            let (group, leaver, joiner) = (group.clone(), [there[editor].clone()], [joiners[editor].clone()]);
            tokio::spawn(async move {
                let options = WriteOptions { allow_empty: true, ..PLAIN };
                let added = directory.add_members(&group, &joiner, PLAIN).await.unwrap();
                assert_eq!(added, MembershipResult { applied: joiner.to_vec(), ..MembershipResult::default() });
                let removed = directory.remove_members(&group, &leaver, options).await.unwrap();
                assert_eq!(removed, MembershipResult { applied: leaver.to_vec(), ..MembershipResult::default() });
            })
        })
        .collect();
    for edit in edits {
        edit.await.unwrap();
    }
    assert_eq!(house.vendor.request_count(), 2 * EDITORS as u64);
    for exchange in house.vendor.exchanges() {
        let sent = exchange.request_body.len();
        assert!(sent < 250, "{sent} bytes for one member");
    }
    let wanted: BTreeSet<_> = there[EDITORS..].iter().chain(&joiners[..EDITORS]).cloned().collect();
    assert_eq!(members(&house, &group).await, wanted);
}

#[tokio::test]
async fn a_member_that_the_vendor_refuses_fails_its_own_request_only() {
    let house = house("").await;
    let group = house.directory.create_group(&[set("name", "Mixed")], PLAIN).await.unwrap().id;
    let known: Vec<_> = house.vendor.users().into_iter().map(|user| user.id).collect();
    let mut wanted: Vec<String> = (0..100).map(|id| format!("0-nobody-{id}")).collect();
    wanted.extend(known.iter().cloned());
    let result = house.directory.add_members(&group, &wanted, PLAIN).await.unwrap();
    assert_eq!(result.applied.iter().collect::<BTreeSet<_>>(), known.iter().collect::<BTreeSet<_>>());
    assert_eq!(result.failed.len(), 100);
    assert!(result.failed.iter().all(|failed| failed.error.effect == Effect::None));
}

#[tokio::test]
async fn a_field_of_the_account_is_written_and_read_where_it_says() {
    let settings = r#"{"mapping":{"user":{
        "user_type":{"values":{"ZPA User":"user"}},
        "custom.alias":{"read":"nickName","write":"nickName","clear":"nickName"},
        "nick_name":{"write":null,"clear":null}}}}"#;
    let house = House::with(Options { users: 1, groups: 0, ..Options::default() }, Some(settings)).await;
    let changes = [set("username", "a@acme.example"), set("user_type", "user"), set("custom.alias", "Al")];
    let user = house.directory.create_user(&changes, VERIFY).await.unwrap();
    assert_eq!((user.user_type.as_deref(), user.nick_name.as_deref()), (Some("user"), Some("Al")));
    assert_eq!(user.extras[0].0, "custom.alias");
    let stored = house.vendor.directory().user(&user.id).unwrap();
    assert_eq!(stored.user_type.as_deref(), Some("ZPA User"));
    let user = house.directory.update_user(&user.id, &[clear("custom.alias")], VERIFY).await.unwrap().unwrap();
    assert_eq!((user.nick_name, user.extras.len()), (None, 0));
    let err = house.directory.update_user(&user.id, &[set("nick_name", "x")], VERIFY).await.unwrap_err();
    assert_eq!(err.message, "`nick_name` cannot be set; the vendor keeps it");
}

async fn members(house: &House, group: &str) -> BTreeSet<String> {
    let page = house.directory.list_members(group, PageQuery::default()).await.unwrap();
    assert!(page.next_cursor.is_none());
    page.items.into_iter().map(|member| member.id).collect()
}

/// A user that is not in the group.
async fn stranger(house: &House, group: &str) -> String {
    let members = members(house, group).await;
    house.vendor.users().into_iter().map(|user| user.id).find(|id| !members.contains(id)).unwrap()
}
