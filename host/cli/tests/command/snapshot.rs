//! `snapshot`: a directory in a file, and what changed since.

use std::path::PathBuf;
use std::process::Command;

use expect_test::expect;
use portcullis_emulator::Options;

use crate::run::{Company, bare, directory, tell};

fn taken(company: &Company, name: &str, arguments: &[&str]) -> (PathBuf, String) {
    let file = directory().join(name);
    let arguments = [&["snapshot", "take", "--out", file.to_str().unwrap()], arguments].concat();
    let told = company.run(&arguments);
    (file, told)
}

fn diff(before: &PathBuf, after: &PathBuf, arguments: &[&str]) -> Command {
    let mut command = bare(&["snapshot", "diff"]);
    command.args([before, after]).args(arguments);
    command
}

/// A line without the time of day and what depends on the build of the component.
fn timeless(told: &str) -> String {
    let line = |line: &str| match line.split_whitespace().next() {
        Some(word @ ("taken" | "content")) => format!("{word} …\n"),
        _ => format!("{line}\n"),
    };
    told.lines().map(line).collect::<Vec<_>>().concat()
}

#[test]
fn a_snapshot_is_taken_and_shown() {
    let company = Company::small();
    let (file, told) = taken(&company, "a.ndjson", &["--rosters", "all", "-o", "table"]);
    expect![[r#"
        taken …
        endpoint     http://ADDRESS/scim/1/111222333444555666/v2
        connector    zpa 0.1.0
        users        3, all
        groups       2, all
        memberships  3, from users' records and the rosters of 2 groups
        content …
        exit 0
    "#]]
    .assert_eq(&timeless(&told));
    let file = file.to_str().unwrap();
    assert_eq!(
        tell(&mut bare(&["snapshot", "show", file, "-o", "table"])),
        told.replace("ADDRESS", &company.emulator.address().to_string())
    );
    expect![[r#"
        group_id,group,member_id,member,status,shown_by
        8935b08d-2796-43e2-b859-ad5c63ccdb90,Finance EU,313ccaa6-ef13-4b85-8b02-f39600e482ff,tanya+smith@acme.example,active,both
        bf3fb73c-bda3-4686-8889-0d5b4ac42fb5,Ops,313ccaa6-ef13-4b85-8b02-f39600e482ff,tanya+smith@acme.example,active,both
        bf3fb73c-bda3-4686-8889-0d5b4ac42fb5,Ops,7fdcf65d-817c-4a9a-8fda-741b104115aa,oliver.conti@acme.example,active,both
        exit 0
    "#]].assert_eq(&tell(&mut bare(&["snapshot", "show", file, "--list", "memberships", "-o", "csv"])));
    let users = tell(&mut bare(&["snapshot", "show", file, "--list", "users", "-o", "csv"]));
    assert_eq!(users.lines().count(), 5, "{users}");
}

#[test]
fn a_group_whose_members_are_not_told_has_no_roster() {
    let company = Company::small();
    company.print(&["groups", "create", "--name", "Nobody"]);
    let (_, told) = taken(&company, "a.ndjson", &["--rosters", "all", "-o", "table"]);
    expect![[r#"
        taken …
        endpoint     http://ADDRESS/scim/1/111222333444555666/v2
        connector    zpa 0.1.0
        users        3, all
        groups       3, all
        memberships  3, from users' records and the rosters of 2 groups
        content …
        note: the own records of 1 groups do not tell their members; what users' records show has to do there
        exit 0
    "#]]
    .assert_eq(&timeless(&told));
    let told = company.run(&["snapshot", "take", "--roster", "Nobody"]);
    assert!(told.starts_with("error: the members of the group `Nobody`: "), "{told}");
    assert!(told.ends_with("exit 4\n"), "{told}");
}

#[cfg(unix)]
#[test]
fn a_list_of_people_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (file, _) = taken(&Company::small(), "a.ndjson", &[]);
    assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn without_a_file_the_snapshot_is_printed_and_can_be_read() {
    let company = Company::small();
    let printed = company.print(&["snapshot", "take"]);
    let file = directory().join("printed.ndjson");
    std::fs::write(&file, &printed).unwrap();
    let told = tell(&mut bare(&["snapshot", "show", file.to_str().unwrap(), "--list", "groups", "-o", "ndjson"]));
    assert_eq!(told.lines().count(), 3, "{told}");
    let (again, _) = taken(&company, "again.ndjson", &[]);
    expect![[r#"
        note: nothing changed
        exit 0
    "#]]
    .assert_eq(&tell(&mut diff(&file, &again, &["-o", "table"])));
}

#[test]
fn what_changed_is_told_and_exits_with_eight() {
    let company = Company::small();
    let (before, _) = taken(&company, "before.ndjson", &[]);
    company.print(&["users", "update", "oliver.conti@acme.example", "--set", "title=Head"]);
    company.print(&["users", "create", "--username", "mara.lind@acme.example"]);
    company.print(&["users", "delete", "oliver.mueller@acme.example", "--yes"]);
    company.print(&["groups", "add-member", "Finance EU", "oliver.conti@acme.example"]);
    let (after, _) = taken(&company, "after.ndjson", &[]);
    let told = tell(diff(&before, &after, &["-o", "table"]).env("COLUMNS", "120"));
    expect![[r#"
        CHANGE   KIND        NAME                        GROUP       FIELD  BEFORE   AFTER  ID
        removed  user        oliver.mueller@acme.examp…                                     200014
        added    user        mara.lind@acme.example                                         7682dacc-e083-422c-b5fa-9f71e2c590bc
        changed  user        oliver.conti@acme.example               title  Manager  Head   7fdcf65d-817c-4a9a-8fda-741b104115aa
        added    membership  oliver.conti@acme.example   Finance EU                         7fdcf65d-817c-4a9a-8fda-741b104115aa
        exit 8
    "#]].assert_eq(&told);
    let json = tell(&mut diff(&before, &after, &["-o", "json"]));
    let (document, _) = json.split_once("exit 8").unwrap();
    let document: serde_json::Value = serde_json::from_str(document).unwrap();
    assert_eq!((&document["is_partial_response"], &document["result_count"]), (&false.into(), &4.into()));
}

#[test]
fn a_list_that_breaks_off_leaves_no_file_and_no_line() {
    let faults = &["status=503 path=/Groups"];
    let company = Company::with_faults(faults);
    let (file, told) = taken(&company, "a.ndjson", &[]);
    assert!(!file.exists());
    expect![[r#"
        error: the list of groups: the vendor is out of order: scripted fault (HTTP status 503)
        hint: wait a while and repeat
        exit 5
    "#]]
    .assert_eq(&told);
    expect![[r#"
        error: the list of groups: the vendor is out of order: scripted fault (HTTP status 503)
        hint: wait a while and repeat
        exit 5
    "#]]
    .assert_eq(&company.run(&["snapshot", "take"]));
}

#[test]
fn a_failed_reading_leaves_the_snapshot_of_before() {
    let (file, _) = taken(&Company::small(), "a.ndjson", &[]);
    let before = std::fs::read(&file).unwrap();
    let broken = Company::with_faults(&["status=503"]);
    broken.run(&["snapshot", "take", "--out", file.to_str().unwrap()]);
    assert_eq!(std::fs::read(&file).unwrap(), before);
}

#[test]
fn a_list_that_moves_is_kept_and_marked() {
    let company = Company::of(150, 2, &["remove-users=1 at=front nth=1"]);
    let (file, told) = taken(&company, "a.ndjson", &["-o", "table"]);
    expect![[r#"
        taken …
        endpoint     http://ADDRESS/scim/1/111222333444555666/v2
        connector    zpa 0.1.0
        users        150, not certainly all
        groups       2, all
        memberships  147, from users' records
        content …
        warning: the list of users changed while it was read; absence proves nothing
        exit 6
    "#]]
    .assert_eq(&timeless(&told));
    assert!(tell(&mut bare(&["snapshot", "show", file.to_str().unwrap()])).ends_with("exit 6\n"));
}

#[test]
fn a_file_that_was_changed_is_refused() {
    let (file, _) = taken(&Company::small(), "a.ndjson", &[]);
    let text = std::fs::read_to_string(&file).unwrap().replacen("Oliver", "Olivia", 1);
    std::fs::write(&file, text).unwrap();
    let told = tell(&mut bare(&["snapshot", "show", file.to_str().unwrap()]));
    let told = told.replace(file.to_str().unwrap(), "FILE");
    let (start, rest) = told.split_once("sha256:").unwrap();
    expect![[r#"
        error: `FILE` is no snapshot to rely on: line 7: the lines behind the header have not the digest `…` that it gives; the file was changed
        hint: nothing was concluded from it; `portcullis snapshot take` makes another
        exit 2
    "#]].assert_eq(&format!("{start}…{}", &rest[64..]));
    expect![[r#"
        error: the snapshot cannot be read from `/nowhere/a.ndjson`: No such file or directory
        hint: `portcullis snapshot take --out FILE` makes one
        exit 2
    "#]]
    .assert_eq(&tell(&mut bare(&["snapshot", "show", "/nowhere/a.ndjson"])));
}

#[test]
fn snapshots_of_two_directories_are_not_compared() {
    let company =
        |idp: &str| Company::start(Options { users: 2, groups: 1, idp: idp.to_owned(), ..Options::default() });
    let (one, _) = taken(&company("1"), "one.ndjson", &[]);
    let (other, _) = taken(&company("2"), "other.ndjson", &[]);
    let told = tell(&mut diff(&one, &other, &[]));
    assert!(told.starts_with("error: the snapshots are of two directories, `http://127.0.0.1:"), "{told}");
    assert!(told.ends_with("exit 2\n"), "{told}");
}
