//! What a saved snapshot promises: it comes back as it was, or not at all.

use expect_test::{Expect, expect};
use portcullis_directory::{GroupReference, Json, Member};
use proptest::prelude::*;

use super::*;
use crate::census::Census;

/// A whole snapshot of these.
pub(crate) fn snapshot(mut users: Vec<User>, mut groups: Vec<Group>) -> Snapshot {
    users.sort_by(|one, other| one.id.cmp(&other.id));
    groups.sort_by(|one, other| one.id.cmp(&other.id));
    let ending = |rows: usize| ListEnding { rows: rows as u64, unreadable: 0, moved: false };
    let header = Header {
        snapshot: Header::VERSION,
        target: Target {
            endpoint: "https://vendor.example/scim/1/2/v2".to_owned(),
            account: None,
            connector: "zpa 0.1.0".to_owned(),
            component: Digest::of(b"component"),
            mapping: Digest::of(b"mapping"),
        },
        taken_at: "2026-01-01T00:00:00Z".to_owned(),
        users: ending(users.len()),
        groups: ending(groups.len()),
        memberships: 0,
        content: Digest::of(b""),
    };
    sealed(Snapshot { header, users, groups, rosters: Vec::new() })
}

/// A roster with these members.
pub(crate) fn roster(group: &str, members: &[&str]) -> Roster {
    let members: Vec<_> = members.iter().map(|id| Member { id: (*id).to_owned(), ..Member::default() }).collect();
    let ending = ListEnding { rows: members.len() as u64, unreadable: 0, moved: false };
    Roster { group: group.to_owned(), members, ending }
}

/// With the sums that belong to what is in it.
fn sealed(mut snapshot: Snapshot) -> Snapshot {
    snapshot.header.memberships = Census::of(&snapshot).len() as u64;
    snapshot.header.content = snapshot.content();
    snapshot
}

pub(crate) fn user(id: &str, groups: &[&str]) -> User {
    let groups = groups.iter().map(|id| GroupReference { id: (*id).to_owned(), name: None }).collect();
    User { id: id.to_owned(), groups, ..User::default() }
}

pub(crate) fn group(id: &str) -> Group {
    Group { id: id.to_owned(), name: Some(format!("Group {id}")), ..Group::default() }
}

fn small() -> Snapshot {
    let mut snapshot = snapshot(vec![user("u2", &[]), user("u1", &["g1"])], vec![group("g1")]);
    snapshot.rosters = vec![roster("g1", &["u1", "u2"])];
    sealed(snapshot)
}

fn written(snapshot: &Snapshot) -> String {
    let mut written = Vec::new();
    snapshot.write(&mut written).unwrap();
    String::from_utf8(written).unwrap()
}

fn read(text: &str) -> Result<Snapshot, ReadError> {
    Snapshot::read(text.as_bytes())
}

#[test]
fn a_snapshot_is_a_header_and_an_object_a_line() {
    expect![[r#"
        {"snapshot":1,"target":{"endpoint":"https://vendor.example/scim/1/2/v2","connector":"zpa 0.1.0","component":"sha256:6985ca1f4daa5a584a28eae043a239cb96689af1337ea13afb63e00c2bf512fa","mapping":"sha256:a6375ee99716acf4635ba3c192f7578a85ad4b479d09174e7d80d01aa91443af"},"taken_at":"2026-01-01T00:00:00Z","users":{"rows":2,"unreadable":0,"moved":false},"groups":{"rows":1,"unreadable":0,"moved":false},"memberships":2,"content":"sha256:61821046acd1ed4937fb1575c6329ee2643d3d8562a911ae6548b941974cb9dd"}
        {"user":{"id":"u1","emails":[],"groups":[{"id":"g1"}]}}
        {"user":{"id":"u2","emails":[],"groups":[]}}
        {"group":{"id":"g1","name":"Group g1"}}
        {"roster":{"group":"g1","members":[{"id":"u1"},{"id":"u2"}],"ending":{"rows":2,"unreadable":0,"moved":false}}}
    "#]]
    .assert_eq(&written(&small()));
}

#[test]
fn an_object_is_found_by_its_id() {
    let snapshot = small();
    assert_eq!(snapshot.user("u2").map(|user| user.id.as_str()), Some("u2"));
    assert_eq!(snapshot.user("u3"), None);
    assert_eq!(snapshot.group("g1"), Some(&group("g1")));
    assert_eq!(snapshot.roster("g1").map(|roster| roster.members.len()), Some(2));
}

#[test]
fn a_list_that_moved_or_hides_a_row_makes_the_snapshot_incomplete() {
    assert!(small().is_complete());
    let spoil: [fn(&mut Snapshot); 4] = [
        |snapshot| snapshot.header.users.moved = true,
        |snapshot| snapshot.header.groups.unreadable = 1,
        |snapshot| snapshot.rosters[0].ending.moved = true,
        |snapshot| snapshot.rosters[0].ending.unreadable = 1,
    ];
    for spoil in spoil {
        let mut snapshot = small();
        spoil(&mut snapshot);
        assert!(!snapshot.is_complete());
    }
}

/// Changes the text of a snapshot and reads it.
fn check(change: impl Fn(&str) -> String, refusal: &Expect) {
    let text = written(&small());
    let changed = change(&text);
    assert_ne!(text, changed);
    refusal.assert_eq(&read(&changed).unwrap_err().to_string());
}

fn without_line(number: usize) -> impl Fn(&str) -> String {
    move |text| text.split_inclusive('\n').enumerate().filter(|(at, _)| *at != number).map(|(_, line)| line).collect()
}

fn swapped(one: usize, other: usize) -> impl Fn(&str) -> String {
    move |text| {
        let mut lines: Vec<_> = text.split_inclusive('\n').collect();
        lines.swap(one, other);
        lines.concat()
    }
}

#[test]
fn a_file_that_was_changed_is_refused_with_its_line() {
    check(|_| String::new(), &expect!["line 1: the file is empty, where a snapshot begins with a header"]);
    check(
        |text| text.replace("\"snapshot\":1", "\"snapshot\":2"),
        &expect!["line 1: the snapshot has version `2`, and this program reads version `1`"],
    );
    check(
        |text| text.replacen('{', "", 1),
        &expect![[
            r#"line 1: it is no header of a snapshot: invalid type: string "snapshot", expected struct Version at line 1 column 10"#
        ]],
    );
    check(
        without_line(0),
        &expect!["line 1: it is no header of a snapshot: missing field `snapshot` at line 1 column 55"],
    );
    check(
        without_line(2),
        &expect!["line 5: the header counts `2` users, and there are `1`; the file was cut or changed"],
    );
    check(without_line(3), &expect!["line 4: the roster is of the group `g1`, which the snapshot lacks"]);
    check(
        without_line(4),
        &expect!["line 5: the header counts `2` memberships, and there are `1`; the file was cut or changed"],
    );
    check(
        swapped(1, 2),
        &expect!["line 3: the id `u1` does not come behind the one before it, as each does in a snapshot, once"],
    );
    check(swapped(1, 3), &expect!["line 3: a user has no place here: users come first, then groups, then rosters"]);
    check(
        |text| text.replace("Group g1", "Group g2"),
        &expect![
            "line 6: the lines behind the header have not the digest `sha256:61821046acd1ed4937fb1575c6329ee2643d3d8562a911ae6548b941974cb9dd` that it gives; the file was changed"
        ],
    );
    check(
        |text| text.replace("\"id\":\"u2\",\"emails\"", "\"id\":\"u1\",\"emails\""),
        &expect!["line 3: the id `u1` does not come behind the one before it, as each does in a snapshot, once"],
    );
    check(
        |text| text.replace("{\"id\":\"u2\"}", "{\"id\":\"u1\"}"),
        &expect!["line 5: the id `u1` does not come behind the one before it, as each does in a snapshot, once"],
    );
    check(
        |text| text.replace("{\"user\":", "{\"person\":"),
        &expect![
            "line 2: it is no line of a snapshot: unknown variant `person`, expected one of `user`, `group`, `roster` at line 1 column 9"
        ],
    );
    check(
        |text| format!("{text}\n"),
        &expect!["line 6: it is no line of a snapshot: EOF while parsing a value at line 2 column 0"],
    );
}

#[test]
fn a_value_of_the_vendor_with_line_breaks_stays_on_its_line() {
    let mut pretty = user("u1", &[]);
    pretty.extras = vec![("badge".to_owned(), Json::from_text("{\r\n  \"n\": 1.50\n}"))];
    let snapshot = snapshot(vec![pretty], vec![]);
    let text = written(&snapshot);
    assert_eq!(text.lines().count(), 2);
    assert_eq!(read(&text).unwrap().header, snapshot.header);
}

fn users() -> impl Strategy<Value = Vec<User>> {
    let name = prop::option::of(".*");
    let user = (name, prop::collection::btree_set("[a-z]{1,3}", 0..5));
    prop::collection::btree_map(".+", user, 0..8).prop_map(|users| {
        users
            .into_iter()
            .map(|(id, (name, groups))| {
                let groups = groups.into_iter().map(|id| GroupReference { id, name: None }).collect();
                User { id, name, groups, ..User::default() }
            })
            .collect()
    })
}

fn groups() -> impl Strategy<Value = Vec<Group>> {
    let of = |id: String| Group { name: Some(id.to_uppercase()), id, ..Group::default() };
    prop::collection::btree_set("[a-z]{1,3}", 0..8).prop_map(move |ids| ids.into_iter().map(of).collect())
}

proptest! {
    #[test]
    fn a_snapshot_comes_back_as_it_was(users in users(), groups in groups(), members in prop::collection::btree_set(".+", 0..5)) {
        let mut taken = snapshot(users, groups);
        let members: Vec<_> = members.iter().map(String::as_str).collect();
        taken.rosters = taken.groups.iter().map(|group| roster(&group.id, &members)).collect();
        let taken = sealed(taken);
        prop_assert_eq!(read(&written(&taken)).unwrap(), taken);
    }

    #[test]
    fn no_byte_behind_the_header_can_be_changed(at in any::<prop::sample::Index>(), to in any::<u8>()) {
        let mut bytes = written(&small()).into_bytes();
        let header = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        let at = header + at.index(bytes.len() - header);
        prop_assume!(bytes[at] != to);
        bytes[at] = to;
        prop_assert!(Snapshot::read(bytes.as_slice()).is_err());
    }

    #[test]
    fn a_snapshot_that_was_cut_is_refused(at in any::<prop::sample::Index>()) {
        let text = written(&small());
        let at = at.index(text.len());
        prop_assert!(read(&text[..at]).is_err());
    }
}
