//! `report access`: by what it prints and writes.

use std::path::PathBuf;

use expect_test::expect;
use portcullis_emulator::{At, User};

use crate::run::{Company, bare, directory, tell};

fn file(name: &str) -> (PathBuf, String) {
    let file = directory().join(name);
    let text = file.to_str().unwrap().to_owned();
    (file, text)
}

#[test]
fn the_csv_has_everybody_and_every_group() {
    Company::small().check(&["report", "access", "--output", "csv"], &expect![[r#"
        group_id,group,user_id,username,name,status,external_id,department,shown_by,findings
        8935b08d-2796-43e2-b859-ad5c63ccdb90,Finance EU,313ccaa6-ef13-4b85-8b02-f39600e482ff,tanya+smith@acme.example,"Smith, Tanya",active,00uea5f57301,"IT, Infrastructure",user,
        bf3fb73c-bda3-4686-8889-0d5b4ac42fb5,Ops,313ccaa6-ef13-4b85-8b02-f39600e482ff,tanya+smith@acme.example,"Smith, Tanya",active,00uea5f57301,"IT, Infrastructure",user,
        bf3fb73c-bda3-4686-8889-0d5b4ac42fb5,Ops,7fdcf65d-817c-4a9a-8fda-741b104115aa,oliver.conti@acme.example,Oliver Conti,active,00u93fbc4930,Procurement,user,
        ,,200014,oliver.mueller@acme.example,Oliver Müller,active,legacy-2,Engineering,,orphaned-account
        exit 0
    "#]]);
}

#[test]
fn a_terminal_has_the_numbers_and_the_findings() {
    let company = Company::small();
    company.print(&["users", "create", "--username", "mara.lind@acme.example"]);
    company.check(
        &["report", "access", "--output", "table"],
        &expect![[r#"
        4 users, 2 groups, 3 memberships
        0 inactive users in a group, 2 active users in no group

        FINDING           KIND  NAME                         ABOUT IT         ID
        orphaned-account  user  mara.lind@acme.example       made 2026-05-28  7682dacc-e083-422c-b5fa-9f71e2c590bc
        orphaned-account  user  oliver.mueller@acme.example  made 2021-01-27  200014
        without-owner     user  mara.lind@acme.example       in 0 groups      7682dacc-e083-422c-b5fa-9f71e2c590bc
        exit 0
    "#]],
    );
}

#[test]
fn a_cell_of_a_report_is_never_a_formula() {
    let company = Company::of(0, 0, &[]);
    let user = User { display_name: Some("=cmd|' /C calc'!A0".to_owned()), ..User::new("@SUM(A1)") };
    company.emulator.directory_mut().add_user(user, At::End).unwrap();
    let printed = company.print(&["report", "access", "--output", "csv"]);
    let row = printed.lines().nth(1).unwrap();
    assert!(row.contains(",'@SUM(A1),'=cmd|' /C calc'!A0,"), "{row}");
}

#[test]
fn the_page_is_written_for_its_owner_and_carries_the_digest_of_its_data() {
    let company = Company::small();
    let ((_, snapshot), (page, page_name)) = (file("a.ndjson"), file("access.html"));
    company.print(&["snapshot", "take", "--out", &snapshot]);
    let arguments = ["report", "access", "--snapshot", &snapshot, "--output", "html", "--out", &page_name];
    let told = tell(&mut bare(&arguments)).replace(&page_name, "FILE");
    expect![[r#"
        note: `FILE` has 3 users, 2 groups, 3 memberships; findings: 1
        exit 0
    "#]]
    .assert_eq(&told);
    let html = std::fs::read_to_string(&page).unwrap();
    let header = std::fs::read_to_string(&snapshot).unwrap();
    let header: serde_json::Value = serde_json::from_str(header.lines().next().unwrap()).unwrap();
    assert!(html.contains(header["content"].as_str().unwrap()));
    assert!(html.starts_with("<!doctype html>") && html.contains("oliver.conti@acme.example"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&page).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn what_changed_since_a_snapshot_is_in_the_report() {
    let company = Company::small();
    let (_, before) = file("before.ndjson");
    company.print(&["snapshot", "take", "--out", &before]);
    company.print(&["groups", "add-member", "Finance EU", "oliver.conti@acme.example"]);
    let report: serde_json::Value =
        serde_json::from_str(&company.print(&["report", "access", "--since", &before])).unwrap();
    assert_eq!(report["changes"]["memberships"][0]["group_name"], "Finance EU");
    assert_eq!(report["changes"]["memberships"].as_array().map(Vec::len), Some(1));
    assert!(company.print(&["report", "access", "--since", &before, "-o", "html"]).contains("added to Finance EU"));
}

#[test]
fn a_directory_that_moved_makes_a_report_that_says_so() {
    let moving = || Company::of(150, 2, &["remove-users=1 at=front nth=1"]);
    let told = moving().run(&["report", "access"]);
    let (document, rest) = told.split_once("\n}\n").unwrap();
    let report: serde_json::Value = serde_json::from_str(&format!("{document}}}")).unwrap();
    assert_eq!(report["is_partial_response"], true);
    expect![[r#"
        warning: the list of users changed while it was read; absence proves nothing
        exit 6
    "#]]
    .assert_eq(rest);
    assert!(moving().run(&["report", "access", "-o", "html"]).contains("Not everything could be read"));
}

#[test]
fn a_reading_that_breaks_off_makes_no_report() {
    let (page, name) = file("access.html");
    let told =
        Company::with_faults(&["status=503 path=/Groups"]).run(&["report", "access", "-o", "html", "--out", &name]);
    assert!(!page.exists());
    expect![[r#"
        error: the list of groups: the vendor is out of order: scripted fault (HTTP status 503)
        hint: wait a while and repeat
        exit 5
    "#]]
    .assert_eq(&told);
}
