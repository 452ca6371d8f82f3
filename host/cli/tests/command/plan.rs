//! `plan` and `link`: from a file of people to a plan that somebody can read, and nothing sent.

use std::path::PathBuf;

use expect_test::expect;
use portcullis_reconcile::Plan;

use crate::run::{Company, directory};

/// What the small company is.
const RIGHT: &str = "username,groups\n\
                     tanya+smith@acme.example,Finance EU;Ops\n\
                     oliver.conti@acme.example,Ops\n\
                     oliver.mueller@acme.example,\n";

fn file(name: &str, text: &str) -> PathBuf {
    let file = directory().join(name);
    std::fs::write(&file, text).unwrap();
    file
}

fn plan(company: &Company, source: &str, arguments: &[&str]) -> String {
    let source = file("people.csv", source);
    let arguments = [&["plan", "--desired", source.to_str().unwrap()], arguments].concat();
    let told = company.run(&arguments);
    assert_eq!(company.writes(), Vec::<String>::new());
    told
}

/// Without what differs from run to run and from build to build.
fn timeless(told: &str) -> String {
    let line = |line: &str| match line.split_whitespace().next() {
        Some(word @ ("plan" | "made")) => format!("{word} …\n"),
        _ => match line.split_once("sha256:") {
            Some((before, after)) => format!("{before}sha256:…{}\n", after.get(64..).unwrap_or_default()),
            None => format!("{line}\n"),
        },
    };
    told.lines().map(line).collect::<Vec<_>>().concat()
}

#[test]
fn people_in_a_file_become_a_plan_and_nothing_is_sent() {
    let source = "username,first_name,title,groups\n\
                  tanya+smith@acme.example,,,Finance EU;Ops\n\
                  Oliver.Conti@acme.example,,Head,Finance EU;Lab\n\
                  mara.lind@acme.example,Mara,Analyst,Ops;Lab\n";
    let told = plan(&Company::small(), source, &["-o", "table"]);
    expect![[r#"
        plan …
        made …
        for     http://ADDRESS/scim/1/111222333444555666/v2
        source  people.csv, 3 people, 3 groups

        The plan would make 1 user, change 1 user, make 1 group, add 4 memberships and take away 1 membership. 1 of its 8 actions take something away.

             2  missing             should be there and is not
             1  attribute-drift     a field has another value
             2  under-privileged    a user lacks a group
             1  over-privileged     a user has a group too many
             1  unmanaged           not owned by the source, or protected; never touched

        NUMBER  ACTION         ABOUT                                    CHANGES
        1       create-user    mara.lind@acme.example                   first_name: Mara; title: Analyst; username: mara.lind@acme.example
        2       update-user    oliver.conti@acme.example                title: Manager → Head
        3       create-group   Lab                                      name: Lab
        4       add-member     mara.lind@acme.example in Lab
        5       add-member     mara.lind@acme.example in Ops
        6       add-member     oliver.conti@acme.example in Finance EU
        7       add-member     oliver.conti@acme.example in Lab
        8       remove-member  oliver.conti@acme.example in Ops
        warning: the group `Lab` is made: no access rule matches it until somebody adds it to one
        exit 8
    "#]].assert_eq(&timeless(&told));
}

#[test]
fn a_plan_is_a_file_that_holds_its_own_digest_and_a_page_that_shows_it() {
    let company = Company::small();
    let out = directory().join("plan.json");
    let source = "username,title\noliver.conti@acme.example,<script>alert(1)</script>\nx@acme.example,\n";
    let told = plan(&company, source, &["--out", out.to_str().unwrap(), "--output", "html"]);
    assert!(told.ends_with("exit 8\n"), "{told}");
    let written: Plan = serde_json::from_slice(&std::fs::read(&out).unwrap()).unwrap();
    assert_eq!(written.compute_digest(), written.digest);
    assert!(told.contains(written.digest.as_str()) && !told.contains("<script"));
    #[cfg(unix)]
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&out).unwrap().permissions()) & 0o777, 0o600);
}

#[test]
fn a_directory_that_is_right_is_remembered_and_who_leaves_afterwards_is_known() {
    let company = Company::small();
    assert!(plan(&company, RIGHT, &["-o", "table"]).ends_with("exit 0\n"));
    assert_eq!(company.print(&["link", "list", "-o", "ndjson"]).lines().count(), 3);
    let left = "username,groups\ntanya+smith@acme.example,Finance EU;Ops\noliver.conti@acme.example,Ops\n";
    expect![[r#"
        plan …
        made …
        for     http://ADDRESS/scim/1/111222333444555666/v2
        source  people.csv, 2 people, 2 groups

        The plan would switch off 1 user. 1 of its 1 actions take something away.

             1  orphaned            is there, is owned by the source, and should not be

        NUMBER  ACTION           ABOUT
        1       deactivate-user  oliver.mueller@acme.example
        warning: users that are switched off: 1; some vendors delete them for it, ZPA perhaps among them, so each counts as a deletion
        exit 8
    "#]].assert_eq(&timeless(&plan(&company, left, &["-o", "table"])));
    // An import takes nothing away, and another policy takes less.
    assert!(!plan(&company, left, &["--only-add"]).contains("deactivate-user"));
    assert!(!plan(&company, left, &["--leavers", "ignore"]).contains("deactivate-user"));
    assert!(plan(&company, left, &["--leavers", "delete"]).contains("delete-user"));
}

#[test]
fn what_somebody_else_changed_is_told_apart() {
    let company = Company::small();
    plan(&company, RIGHT, &[]);
    company.print(&["users", "update", "oliver.conti@acme.example", "--set", "department=Elsewhere"]);
    let source = file("people.csv", RIGHT);
    let told = company.run(&["plan", "--desired", source.to_str().unwrap(), "-o", "table"]);
    let warning = "warning: changed-out-of-band `oliver.conti@acme.example`: it was changed since the last run, and the \
                   source was not\nexit 8\n";
    assert!(told.ends_with(warning), "{told}");
}

#[test]
fn an_emptied_source_is_refused() {
    let rules = file("rules.json", r#"{"scope": {"usernames": ["*"]}}"#);
    let arguments = ["-o", "table", "--mapping", rules.to_str().unwrap()];
    expect![[r#"
        plan …
        made …
        for     http://ADDRESS/scim/1/111222333444555666/v2
        source  people.csv, 0 people, 0 groups

        The plan would switch off 3 users. 3 of its 3 actions take something away. It goes beyond limits and is refused as it stands: 2.

             3  orphaned            is there, is owned by the source, and should not be
             2  unmanaged           not owned by the source, or protected; never touched

        NUMBER  ACTION           ABOUT
        1       deactivate-user  oliver.conti@acme.example
        2       deactivate-user  oliver.mueller@acme.example
        3       deactivate-user  tanya+smith@acme.example
        warning: users that are switched off: 3; some vendors delete them for it, ZPA perhaps among them, so each counts as a deletion
        refused: 3 of 3 users would be switched off or deleted, and 5 percent, 1, are allowed (leavers-share)
        refused: the source has 0 people; an emptied source is refused (source-empty)
        hint: look for what is wrong with the source first; who has looked and means it applies the plan with `--override-guards sha256:…`, or raises the limit in the rules
        exit 8
    "#]].assert_eq(&timeless(&plan(&Company::small(), "username\n", &arguments)));
}

#[test]
fn from_a_list_that_moved_nothing_is_taken_away_and_nobody_is_made_twice() {
    let company = Company::of(150, 2, &["remove-users=1 at=front nth=1"]);
    let people: Vec<_> = company.emulator.users().into_iter().map(|user| user.user_name).collect();
    // One is deleted after it was read, and its place in the list costs another: nobody of the two is made anew.
    let source = format!("username\n{}\n", people[..120].join("\n"));
    let rules = file("rules.json", r#"{"scope": {"usernames": ["*"]}}"#);
    let told = plan(&company, &source, &["-o", "table", "--mapping", rules.to_str().unwrap()]);
    assert!(told.ends_with("exit 6\n"), "{told}");
    for operation in ["deactivate-user", "delete-user", "remove-member"] {
        assert!(!told.contains(operation), "{told}");
    }
    assert!(!told.contains("create-user"), "{told}");
}

#[test]
fn a_list_that_breaks_off_leaves_no_plan() {
    let company = Company::with_faults(&["status=503 path=/Groups"]);
    let out = directory().join("plan.json");
    let told = plan(&company, RIGHT, &["--out", out.to_str().unwrap()]);
    assert!(told.ends_with("exit 5\n") && !out.exists(), "{told}");
}

#[test]
fn a_source_that_is_wrong_is_refused_by_line_and_name() {
    let company = Company::small();
    let told = plan(&company, "username,shoe\nmara,42\n", &[]);
    assert!(told.contains("line 1: the column `shoe` is no field that can be written"), "{told}");
    assert!(told.ends_with("exit 2\n"), "{told}");
    let rules = file("rules.json", r#"{"protectd": {}}"#);
    let told = plan(&company, RIGHT, &["--mapping", rules.to_str().unwrap()]);
    assert!(told.contains("unknown field `protectd`") && told.ends_with("exit 2\n"), "{told}");
}

#[test]
fn a_snapshot_serves_in_place_of_a_reading_and_as_a_source() {
    let company = Company::small();
    let taken = directory().join("taken.ndjson");
    company.print(&["snapshot", "take", "--out", taken.to_str().unwrap()]);
    let taken = taken.to_str().unwrap();
    assert!(plan(&company, RIGHT, &["--snapshot", taken, "-o", "table"]).ends_with("exit 0\n"));
    let told = company.run(&["plan", "--desired", taken, "-o", "table"]);
    assert!(told.ends_with("exit 0\n"), "{told}");
    // Into another, new directory: everybody is made, and it is said that no rule knows the groups.
    let other = Company::of(0, 0, &[]);
    let told = other.run(&["plan", "--desired", taken, "-o", "table", "--only-add"]);
    assert_eq!((told.matches("create-user").count(), told.matches("create-group").count()), (3, 2), "{told}");
    assert!(told.contains("if this is a new IdP configuration"), "{told}");
    let told = plan(&other, RIGHT, &["--snapshot", taken]);
    assert!(told.starts_with("error: the snapshot was taken with another endpoint"), "{told}");
    assert!(told.ends_with("exit 2\n"), "{told}");
}

#[test]
fn links_are_adopted_listed_and_broken() {
    let company = Company::small();
    expect![[r#"
        note: `hr-7` is the user `200014`
        exit 0
        error: the user `200014` is linked to `hr-7`
        hint: `portcullis link break hr-7` forgets that link first
        exit 4
        key,id
        hr-7,200014
        exit 0
        note: the link of `hr-7` is forgotten
        exit 0
        error: there is no link of `hr-7`
        hint: `portcullis link list` tells those that there are
        exit 3
        key,id
        note: there are no links for this directory
        exit 0
    "#]]
    .assert_eq(
        &[
            company.run(&["link", "adopt", "HR-7", "oliver.mueller@acme.example"]),
            company.run(&["link", "adopt", "hr-8", "oliver.mueller@acme.example"]),
            company.run(&["link", "list", "-o", "csv"]),
            company.run(&["link", "break", "hr-7"]),
            company.run(&["link", "break", "hr-7"]),
            company.run(&["link", "list", "-o", "csv"]),
        ]
        .concat(),
    );
}
