//! `onboard`: one command that makes somebody whole, may be repeated, and changes nobody else.

use std::process::Stdio;
use std::thread;

use expect_test::expect;
use portcullis_emulator::{At, Group};
use serde_json::Value;

use crate::run::{Company, output, tell};

const MARA: &str = "mara.lind@acme.example";
const OLIVER: &str = "oliver.conti@acme.example";
const ONBOARD: [&str; 11] = [
    "onboard",
    "--username",
    MARA,
    "--external-id",
    "hr-7",
    "--title",
    "Analyst",
    "--group",
    "Ops",
    "--group",
    "Finance EU",
];

/// What it prints as JSON, and how it ends.
fn report(company: &Company, arguments: &[&str]) -> (Value, Option<i32>) {
    let output = output(&mut company.command(&[arguments, &["-o", "json"]].concat()));
    let printed = serde_json::from_slice(&output.stdout);
    assert!(printed.is_ok(), "{}", String::from_utf8_lossy(&output.stderr));
    (printed.unwrap(), output.status.code())
}

/// The names of the groups that a user is in, in truth.
fn groups(company: &Company, username: &str) -> Vec<String> {
    let directory = company.emulator.directory();
    let Some(user) = directory.users().find(|user| user.user_name == username) else { return Vec::new() };
    let groups = directory.groups().filter(|group| group.members.contains(&user.id));
    let mut names: Vec<_> = groups.map(|group| group.display_name).collect();
    names.sort();
    names
}

/// The records of a username, as title and external id.
fn records(company: &Company, username: &str) -> Vec<(Option<String>, Option<String>)> {
    let users = company.emulator.users().into_iter().filter(|user| user.user_name == username);
    users.map(|user| (user.title, user.external_id)).collect()
}

fn whole() -> Vec<(Option<String>, Option<String>)> {
    vec![(Some("Analyst".to_owned()), Some("hr-7".to_owned()))]
}

#[test]
fn somebody_new_is_made_and_put_into_groups_and_the_same_call_again_writes_nothing() {
    let company = Company::small();
    let (made, code) = report(&company, &ONBOARD);
    assert_eq!((code, &made["origin"], &made["is_proven"]), (Some(0), &"created".into(), &true.into()), "{made}");
    assert_eq!(
        (&made["state"], company.writes()),
        (&"active".into(), ["POST", "PATCH", "PATCH"].map(str::to_owned).to_vec())
    );
    let shown: Vec<_> = made["memberships"].as_array().unwrap().iter().map(|change| &change["shown_by"]).collect();
    assert_eq!(shown, ["group-record", "group-record"]);
    assert_eq!(
        (records(&company, MARA), groups(&company, MARA)),
        (whole(), vec!["Finance EU".to_owned(), "Ops".to_owned()])
    );

    let (again, code) = report(&company, &ONBOARD);
    assert_eq!((code, &again["origin"], &again["user"]), (Some(0), &"adopted".into(), &made["user"]), "{again}");
    assert_eq!((again["written"].as_array().unwrap().len(), company.writes().len()), (0, 3), "{again}");
}

#[test]
fn a_manager_reads_what_is_proven_and_what_is_not() {
    let company = Company::small();
    let told = tell(&mut company.command(&[&ONBOARD[..], &["-o", "table"]].concat()));
    let id = company.emulator.users().into_iter().find(|user| user.user_name == MARA).unwrap().id;
    expect![[r#"
        ONBOARDED: mara.lind@acme.example (ID)
          record    made, and read by its id
          groups    in 2 of 2: Ops, Finance EU; 2 of 2 seen in the group's own record
        NOT PROVEN by anything above
          - that the groups reach anything: access rules decide that, and a tenant may have SCIM-based policy switched off
          - how soon ZPA acts on it: Zscaler gives no number
          - that it stays so: the identity provider may take away what it does not know of
        note: the vendor cannot search users by external id (`no-filter`); reading the list, at most 1000000 users
        exit 0
    "#]].assert_eq(&told.replace(&id, "ID"));
}

#[test]
fn a_record_that_is_there_is_adopted_and_only_what_differs_is_written() {
    let company = Company::small();
    let before: Vec<_> = company.emulator.users().into_iter().filter(|user| user.user_name != OLIVER).collect();
    company.print(&["users", "update", OLIVER, "--clear", "external_id"]);
    company.emulator.clear_exchanges();
    let onboard = [
        "onboard",
        "--username",
        "Oliver.Conti@ACME.example",
        "--external-id",
        "hr-9",
        "--title",
        "Head",
        "--group",
        "Ops",
    ];
    let (adopted, code) = report(&company, &onboard);
    assert_eq!((code, &adopted["origin"]), (Some(0), &"adopted".into()), "{adopted}");
    let mut written: Vec<_> =
        adopted["written"].as_array().unwrap().iter().map(|field| field.as_str().unwrap()).collect();
    written.sort_unstable();
    assert_eq!(written, ["external_id", "title"]);
    assert_eq!(records(&company, OLIVER), [(Some("Head".to_owned()), Some("hr-9".to_owned()))]);
    // A user was changed, and no group: the membership was there.
    assert_eq!(company.writes(), ["PATCH"]);
    let after: Vec<_> = company.emulator.users().into_iter().filter(|user| user.user_name != OLIVER).collect();
    assert_eq!(format!("{before:?}"), format!("{after:?}"));
}

#[test]
fn somebody_elses_record_is_named_and_left_alone() {
    let company = Company::small();
    company.print(&["users", "update", OLIVER, "--set", "external_id=hr-1"]);
    let twin = Group::new("Ops".to_owned());
    company.emulator.directory_mut().add_group(twin, At::End).unwrap();
    let switched_off = "oliver.mueller@acme.example";
    company.print(&["users", "deactivate", switched_off, "--yes"]);
    let confined = "tanya+smith@acme.example";
    company.print(&["quarantine", confined, "--group", "Finance EU", "--yes"]);
    let (writes, users) = (company.writes(), company.emulator.users());
    for (arguments, told, exit) in [
        (&["--username", OLIVER, "--external-id", "hr-2"][..], "the external id `hr-1`: it is somebody else's", 4),
        (&["--username", MARA, "--external-id", "hr-1"], "has the external id `hr-1`; nothing was written", 4),
        (&["--username", switched_off], "is switched off; nothing was written", 4),
        (&["--username", confined], "is in quarantine since ", 4),
        (&["--username", MARA, "--group", "Ops"], "`Ops` means 2 groups", 4),
        (&["--username", MARA, "--group", "Lab"], "no group has the id or name `Lab`", 3),
        (&["--title", "Analyst"], "a user needs a username", 2),
        (&["--username", MARA, "--set", "status=inactive"], "nobody is taken on switched off", 2),
    ] {
        let printed = tell(&mut company.command(&[&["onboard"], arguments].concat()));
        assert!(printed.contains(told) && printed.ends_with(&format!("exit {exit}\n")), "{printed}");
    }
    assert_eq!((company.writes(), format!("{:?}", company.emulator.users())), (writes, format!("{users:?}")));
    // Where it is said, who is switched off is switched on.
    let (on, code) = report(&company, &["onboard", "--username", switched_off, "--set", "status=active"]);
    assert_eq!((code, &on["state"]), (Some(0), &"active".into()), "{on}");
}

#[test]
fn an_answer_that_is_lost_and_a_conflict_are_settled_by_reading() {
    for (fault, origin) in [
        ("reset=applied", "created"),
        ("status=409 effect=applied", "adopted"),
        ("status=503 effect=applied", "created"),
    ] {
        let company = Company::with_faults(&[&format!("{fault} method=POST nth=1")]);
        let (report, code) = report(&company, &ONBOARD);
        assert_eq!((code, &report["origin"]), (Some(0), &origin.into()), "{fault} {report}");
        assert_eq!((records(&company, MARA), groups(&company, MARA).len()), (whole(), 2), "{fault}");
    }
    // A conflict with nobody to be seen is no success.
    let company = Company::with_faults(&["status=409 method=POST"]);
    let told = tell(&mut company.command(&ONBOARD));
    assert!(told.ends_with("exit 4\n"), "{told}");
    assert_eq!(company.writes(), ["POST"]);
}

#[test]
fn a_vendor_that_asks_to_wait_is_asked_again() {
    let company = Company::with_faults(&["status=429 method=POST times=2", "status=429 method=PATCH times=2"]);
    let (report, code) = report(&company, &ONBOARD);
    assert_eq!((code, groups(&company, MARA).len()), (Some(0), 2), "{report}");
}

#[test]
fn a_vendor_that_only_says_yes_is_found_out() {
    let company = Company::with_faults(&["effect=none method=PATCH path=/Groups"]);
    let (report, code) = report(&company, &ONBOARD);
    assert_eq!((code, &report["is_proven"]), (Some(1), &false.into()), "{report}");
    assert!(report["not_done"].to_string().contains("the user is not known to be in the group `Ops`"), "{report}");
}

#[test]
fn a_process_that_is_killed_at_any_write_goes_on_by_the_same_call() {
    for fault in ["delay-ms=600000", "reset=after"] {
        for writes in 1..=3 {
            let company = Company::small();
            let (method, nth) = if writes == 1 { ("POST", 1) } else { ("PATCH", writes - 1) };
            company.emulator.add_fault(format!("{fault} method={method} nth={nth} times=9").parse().unwrap());
            let mut command = company.command(&ONBOARD);
            let mut running = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            while company.writes().len() < writes {
                thread::yield_now();
            }
            running.kill().unwrap();
            running.wait().unwrap();
            company.emulator.clear_faults();
            let (report, code) = report(&company, &ONBOARD);
            assert_eq!((code, records(&company, MARA)), (Some(0), whole()), "{fault} {writes} {report}");
            assert_eq!(groups(&company, MARA), ["Finance EU", "Ops"], "{fault} {writes}");
        }
    }
}

#[test]
fn a_dry_run_writes_to_nothing() {
    let company = Company::small();
    let told = tell(&mut company.command(&[&ONBOARD[..], &["--dry-run", "-o", "ndjson"]].concat()));
    let requests = told.lines().filter(|line| line.starts_with('{'));
    let methods: Vec<_> = requests.map(|line| line.split('"').nth(3).unwrap_or_default()).collect();
    assert_eq!(methods, ["POST", "PATCH", "PATCH"], "{told}");
    assert!(told.ends_with("exit 0\n"), "{told}");
    let adopt = ["onboard", "--username", OLIVER, "--title", "Head", "--dry-run", "-o", "ndjson"];
    let told = tell(&mut company.command(&adopt));
    assert!(told.starts_with(r#"{"method":"PATCH","path":"Users/"#) && told.ends_with("exit 0\n"), "{told}");
    assert_eq!((company.writes(), records(&company, MARA)), (vec![], vec![]));
}
