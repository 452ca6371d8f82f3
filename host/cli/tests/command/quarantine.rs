//! `quarantine` and `release`: the order of what is sent, what is written down, what is given back, and what is told where
//! something is not done.

use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Stdio};
use std::thread;

use expect_test::expect;
use portcullis_emulator::{At, Group, Options};
use serde_json::{Value, json};

use crate::run::{Company, directory, output, tell};

/// Whom everything here is about: a member of `Finance EU`, `Ops` and `VPN`.
const WHO: &str = "tanya+smith@acme.example";
const BEFORE: [&str; 3] = ["Finance EU", "Ops", "VPN"];
const QUARANTINE: [&str; 5] = ["quarantine", WHO, "--group", "Quarantine", "--yes"];

/// The small company, with a group more that the user is in, one that nobody is in, and a restricted one.
fn company() -> Company {
    with(Options::default())
}

fn with(options: Options) -> Company {
    let company = Company::start(Options { users: 3, groups: 2, ..options });
    let (who, other) = (id(&company), user(&company, "oliver.conti@acme.example"));
    let finance = group(&company, "Finance EU").id;
    company.emulator.directory_mut().add_member(&finance, &other).unwrap();
    for (name, members) in [("VPN", vec![who, other]), ("Lab", vec![]), ("Quarantine", vec![])] {
        let group = Group { members, ..Group::new(name.to_owned()) };
        company.emulator.directory_mut().add_group(group, At::End).unwrap();
    }
    assert_eq!(groups(&company), BEFORE);
    company
}

fn user(company: &Company, username: &str) -> String {
    company.emulator.users().into_iter().find(|user| user.user_name == username).unwrap().id
}

fn id(company: &Company) -> String {
    user(company, WHO)
}

fn group(company: &Company, name: &str) -> Group {
    company.emulator.directory().groups().find(|group| group.display_name == name).unwrap()
}

/// The names of the groups that the user is in, in truth.
fn groups(company: &Company) -> Vec<String> {
    let id = id(company);
    let directory = company.emulator.directory();
    let groups = directory.groups().filter(|group| group.members.contains(&id));
    let mut names: Vec<_> = groups.map(|group| group.display_name).collect();
    names.sort();
    names
}

/// Somebody else puts the user into a group.
fn join(company: &Company, name: &str) {
    let (group, user) = (group(company, name).id, id(company));
    company.emulator.directory_mut().add_member(&group, &user).unwrap();
}

/// The names of the groups that were written to, in order, each once in a row.
fn written(company: &Company) -> Vec<String> {
    let exchanges = company.emulator.exchanges();
    let directory = company.emulator.directory();
    let name =
        |target: &str| directory.groups().find(|group| target.ends_with(&group.id)).map(|group| group.display_name);
    let writes = exchanges.iter().filter(|exchange| exchange.method != "GET");
    let mut names: Vec<_> = writes.map(|exchange| name(&exchange.target).unwrap_or_default()).collect();
    names.dedup();
    names
}

/// What it prints as JSON, and how it ends.
fn report(company: &Company, arguments: &[&str]) -> (Value, Option<i32>) {
    let output = output(&mut company.command(&[arguments, &["-o", "json"]].concat()));
    let printed = serde_json::from_slice(&output.stdout);
    assert!(printed.is_ok(), "{}", String::from_utf8_lossy(&output.stderr));
    (printed.unwrap(), output.status.code())
}

fn list(company: &Company) -> Vec<Value> {
    report(company, &["quarantine", "list"]).0.as_array().unwrap().clone()
}

fn names(groups: &Value) -> Vec<&str> {
    let mut names: Vec<_> = groups.as_array().unwrap().iter().map(|group| group["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    names
}

fn confine(company: &Company) {
    let (report, code) = report(company, &QUARANTINE);
    assert_eq!((code, &report["people"][0]["result"]), (Some(0), &"confined".into()), "{report}");
}

/// Without what differs from run to run.
fn timeless(told: &str) -> String {
    let mut told = told.to_owned();
    for (before, after) in
        [("since ", "Z by "), ("field record ", " after the start"), ("record; ", " after the start")]
    {
        let Some((first, rest)) = told.split_once(before) else { continue };
        let Some((time, last)) = rest.split_once(after) else { continue };
        if time.len() < 25 {
            let by = if before == "since " { last.split_once('\n').map_or("", |(_, last)| last) } else { last };
            let cut = if before == "since " { "Z by …\n" } else { after };
            told = format!("{first}{before}…{cut}{by}");
        }
    }
    told
}

#[test]
fn somebody_is_in_the_restricted_group_before_they_leave_another_and_each_step_is_seen() {
    let company = company();
    let (report, code) = report(&company, &[&QUARANTINE[..], &["--reason", "stolen laptop"]].concat());
    assert_eq!((code, groups(&company)), (Some(0), vec!["Quarantine".to_owned()]));
    let written = written(&company);
    assert_eq!((written[0].as_str(), written.len()), ("Quarantine", 4));
    let person = &report["people"][0];
    assert_eq!((&person["result"], &person["entered"]["shown_by"]), (&"confined".into(), &"group-record".into()));
    assert!(person["after_ms"].is_number(), "{person}");
    let left = person["left"].as_array().unwrap();
    assert!(left.iter().all(|change| change["shown_by"] == "group-record" && change["outcome"] == "done"), "{person}");
    let codes: Vec<_> = report["not_proven"].as_array().unwrap().iter().map(|caveat| &caveat["code"]).collect();
    assert_eq!(codes, ["policy", "sessions", "identity-provider"]);
    let [known] = &list(&company)[..] else { panic!("one is listed") };
    assert_eq!(names(&known["taken"]), BEFORE);
    assert_eq!(
        (&known["username"], &known["reason"], &known["is_complete"], &known["group"]["name"]),
        (&WHO.into(), &"stolen laptop".into(), &true.into(), &"Quarantine".into())
    );
    // The same call again sends no write.
    let writes = company.writes();
    confine(&company);
    let other = list(&company);
    assert_eq!((company.writes().len(), &other[0]), (writes.len(), known));
}

#[test]
fn an_analyst_reads_what_is_proven_and_what_is_not() {
    let company = company();
    let told = tell(&mut company.command(&[&QUARANTINE[..], &["--keep", "VPN", "-o", "table"]].concat()));
    expect![[r#"
        CONFINED: tanya+smith@acme.example (ID)
          proven    in `Quarantine`, out of 2 others: Ops, Finance EU; 3 of 3 seen in the group's own record; … after the start
          written   since …Z by …
          kept      VPN
          undo      portcullis release id:ID
        NOT PROVEN by anything above
          - that the restricted group reaches less: access rules decide that, a tenant may have SCIM-based policy switched off, and rules for everybody or by SAML attributes apply all the same
          - sessions that are open: Zscaler does not say whether and how soon a change of groups ends them; `offboard` switches the user off
          - that it stays so: the identity provider may put the user back into groups on its next cycle (Entra ID: about 40 minutes); change it there too, and use `--watch`
        warning: this puts the user ID (tanya+smith@acme.example, Smith, Tanya) into the group `Quarantine`, and out of: Ops, Finance EU
        exit 0
    "#]].assert_eq(&timeless(&told.replace(&id(&company), "ID")));
    let told = tell(&mut company.command(&["quarantine", "list", "-o", "csv"]));
    assert_eq!(told.lines().count(), 3, "{told}");
    assert!(told.contains(",Ops;Finance EU,VPN,") || told.contains(",Finance EU;Ops,VPN,"), "{told}");
    let told = tell(&mut company.command(&["release", WHO, "-o", "table"]));
    expect![[r#"
        RELEASED: tanya+smith@acme.example (ID)
          groups    2 of 2 of before: Ops, Finance EU; 2 of 2 seen in the group's own record
          left      Quarantine; 1 of 1 seen in the group's own record
        NOT PROVEN by anything above
          - that the groups reach anything: access rules decide that, and a tenant may have SCIM-based policy switched off
          - how soon ZPA acts on it: Zscaler gives no number
          - that it stays so: the identity provider may take away what it does not know of
        exit 0
    "#]].assert_eq(&timeless(&told.replace(&id(&company), "ID")));
    assert!(tell(&mut company.command(&["quarantine", "list"])).contains("nobody is in quarantine"));
}

#[test]
fn exactly_the_groups_of_before_are_given_back_and_what_came_since_is_named() {
    let company = company();
    confine(&company);
    // Somebody else puts the user into a group: the same call takes that away, and remembers who did not.
    join(&company, "Lab");
    let (again, code) = report(&company, &QUARANTINE);
    assert_eq!((code, names(&again["people"][0]["quarantine"]["appeared"])), (Some(0), vec!["Lab"]));
    assert_eq!(groups(&company), ["Quarantine"]);
    company.print(&["groups", "create", "--name", "Late"]);
    join(&company, "Late");
    let (released, code) = report(&company, &["release", WHO]);
    assert_eq!((code, &released["is_over"]), (Some(0), &true.into()), "{released}");
    assert_eq!(groups(&company), ["Finance EU", "Late", "Ops", "VPN"]);
    let since = released["added_since"].as_array().unwrap();
    let since: Vec<_> = since.iter().map(|newcomer| json!([newcomer["group"]["name"], newcomer["is_in"]])).collect();
    assert_eq!(since, [json!(["Lab", false]), json!(["Late", true])]);
    assert_eq!(list(&company), Vec::<Value>::new());
    let told = tell(&mut company.command(&["release", WHO]));
    assert!(told.contains("is in no quarantine that is kept here") && told.ends_with("exit 3\n"), "{told}");
}

#[test]
fn the_way_back_is_the_groups_of_before_first() {
    let company = company();
    confine(&company);
    company.emulator.clear_exchanges();
    assert_eq!(report(&company, &["release", &id(&company)]).1, Some(0));
    let written = written(&company);
    assert_eq!((written.last().map(String::as_str), written.len()), (Some("Quarantine"), 4), "{written:?}");
    assert_eq!(groups(&company), BEFORE);
}

#[test]
fn who_was_in_the_restricted_group_before_stays_in_it() {
    let company = company();
    join(&company, "Quarantine");
    confine(&company);
    let (released, code) = report(&company, &["release", WHO]);
    assert_eq!((code, &released["was_member"]), (Some(0), &true.into()), "{released}");
    assert_eq!(groups(&company), ["Finance EU", "Ops", "Quarantine", "VPN"]);
}

#[test]
fn a_quarantine_is_gone_on_with_and_not_turned_into_another() {
    let company = company();
    let told = tell(&mut company.command(&[&QUARANTINE[..], &["--keep", "VPN"]].concat()));
    assert!(told.ends_with("exit 0\n"), "{told}");
    assert_eq!(groups(&company), ["Quarantine", "VPN"]);
    let writes = company.writes();
    // Without a word on groups it is the one that there is.
    assert_eq!(report(&company, &["quarantine", WHO, "--yes"]).1, Some(0));
    for (more, what) in [
        (&["--group", "Lab"][..], "in the group `Quarantine`"),
        (&["--keep", "Ops"], "with other groups kept"),
        (&["--keep", "Ops", "--keep", "VPN"], "with other groups kept"),
    ] {
        let told = tell(&mut company.command(&[&["quarantine", WHO, "--yes"], more].concat()));
        let refused = format!("is in quarantine already, {what}; nothing was written\n");
        assert!(told.contains(&refused) && told.ends_with("exit 4\n"), "{told}");
    }
    assert_eq!(company.writes(), writes);
}

#[test]
fn a_restricted_group_has_to_be_there_and_to_be_one() {
    let company = company();
    company.check(&["quarantine", WHO, "--group", "Jail", "--yes"], &expect![[r#"
        error: no group has the id or name `Jail`
        hint: name another, or make it: `portcullis groups create --name Jail`. A new group is in no access rule; what it may reach is for its rules to say. Nothing was written
        exit 3
    "#]]);
    company.check(
        &["quarantine", WHO, "--yes"],
        &expect![[r#"
        error: no restricted group is named
        hint: `--group GROUP` or PORTCULLIS_QUARANTINE_GROUP names it; nothing was written
        exit 2
    "#]],
    );
    let twin = Group::new("Quarantine".to_owned());
    company.emulator.directory_mut().add_group(twin, At::End).unwrap();
    let told = company.run(&QUARANTINE);
    assert!(told.contains("error: `Quarantine` means 2 groups; nothing was written") && told.ends_with("exit 4\n"));
    assert_eq!((company.writes(), list(&company)), (vec![], vec![]));
    // A variable names it as well, and does not get in the way of the list.
    let named = group(&company, "Lab").id;
    let mut command = company.command(&["quarantine", WHO, "--yes", "-o", "ndjson"]);
    let told = tell(command.env("PORTCULLIS_QUARANTINE_GROUP", &named));
    assert!(told.ends_with("exit 0\n"), "{told}");
    let mut command = company.command(&["quarantine", "list", "-o", "ndjson"]);
    assert_eq!(tell(command.env("PORTCULLIS_QUARANTINE_GROUP", &named)).lines().count(), 2);
    assert_eq!(groups(&company), ["Lab"]);
}

#[test]
fn without_a_yes_and_a_terminal_nothing_is_sent_and_what_cannot_be_written_down_is_not_done() {
    let company = company();
    let told = tell(&mut company.command(&QUARANTINE[..4]));
    assert!(told.contains("is asked about first") && told.ends_with("exit 2\n"), "{told}");
    let file = directory().join("file");
    std::fs::write(&file, "").unwrap();
    let told = tell(&mut company.command(&[&QUARANTINE[..], &["--data-dir", file.to_str().unwrap()]].concat()));
    assert!(told.contains("error: ") && !told.ends_with("exit 0\n"), "{told}");
    assert_eq!(company.emulator.request_count(), 0);
}

#[test]
fn a_dry_run_writes_to_nothing() {
    let company = company();
    let told = tell(&mut company.command(&[&QUARANTINE[..4], &["--dry-run", "-o", "ndjson"]].concat()));
    assert_eq!(told.lines().count(), 5, "{told}");
    assert!(told.lines().next().unwrap().contains(&group(&company, "Quarantine").id), "{told}");
    assert_eq!((company.writes(), list(&company)), (vec![], vec![]));
    confine(&company);
    let (writes, known) = (company.writes(), list(&company));
    let told = tell(&mut company.command(&["release", WHO, "--dry-run", "-o", "ndjson"]));
    assert_eq!(told.lines().count(), 5, "{told}");
    assert!(told.lines().nth(3).unwrap().contains(&group(&company, "Quarantine").id), "{told}");
    assert_eq!((company.writes(), list(&company)), (writes, known));
}

/// Starts a command, ends the process once the vendor has seen so many writes, and lets the vendor answer again.
fn kill_at(company: &Company, arguments: &[&str], writes: usize, fault: &str) {
    company.emulator.clear_exchanges();
    company.emulator.add_fault(format!("{fault} method=PATCH nth={writes} times=9").parse().unwrap());
    let mut running = start(company, arguments);
    while company.writes().len() < writes {
        thread::yield_now();
    }
    running.kill().unwrap();
    running.wait().unwrap();
    company.emulator.clear_faults();
}

fn start(company: &Company, arguments: &[&str]) -> Child {
    let mut command = company.command(arguments);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// A process that is ended at each write, before the vendor does it and after, goes on by the same call to the same end.
#[test]
fn a_process_that_is_killed_at_any_write_goes_on_by_the_same_call() {
    let release = ["release", WHO];
    let is_somewhere = |company: &Company| {
        let groups = groups(company);
        // In the restricted one, or in all of before.
        groups.contains(&"Quarantine".to_owned()) || groups == BEFORE
    };
    for fault in ["delay-ms=600000", "reset=after"] {
        for writes in 1..=4 {
            let company = company();
            kill_at(&company, &QUARANTINE, writes, fault);
            assert!(is_somewhere(&company), "{fault} {writes}");
            let known = list(&company);
            assert_eq!((known.len(), &known[0]["is_complete"]), (1, &false.into()), "{fault} {writes}");
            confine(&company);
            assert_eq!(groups(&company), ["Quarantine"], "{fault} {writes}");
            assert_eq!(names(&list(&company)[0]["taken"]), BEFORE);

            kill_at(&company, &release, writes, fault);
            assert!(is_somewhere(&company), "{fault} {writes}");
            let (released, code) = report(&company, &release);
            assert_eq!((code, groups(&company)), (Some(0), BEFORE.map(str::to_owned).to_vec()), "{released}");
            assert_eq!(list(&company), Vec::<Value>::new());
        }
    }
}

#[test]
fn who_is_half_confined_can_be_released() {
    let company = company();
    kill_at(&company, &QUARANTINE, 3, "delay-ms=600000");
    assert_eq!(groups(&company).len(), 2);
    assert_eq!(report(&company, &["release", WHO]).1, Some(0));
    assert_eq!(groups(&company), BEFORE);
}

#[test]
fn an_answer_that_is_lost_is_settled_by_reading() {
    for nth in 1..=4 {
        let company = company();
        let fault = format!("reset=applied method=PATCH nth={nth}");
        company.emulator.add_fault(fault.parse().unwrap());
        confine(&company);
        assert_eq!(groups(&company), ["Quarantine"]);
        // What is seen to be done is not done again.
        assert_eq!(company.writes().len(), 4, "{nth}");
        company.emulator.clear_faults();
        company.emulator.add_fault(fault.parse().unwrap());
        assert_eq!(report(&company, &["release", WHO]).1, Some(0));
        assert_eq!(groups(&company), BEFORE);
    }
}

#[test]
fn a_vendor_that_shows_a_write_late_is_waited_for() {
    let mut options = Options::default();
    options.switches.turn(&"visibility-delay=3".parse().unwrap()).unwrap();
    let company = with(options);
    confine(&company);
    assert_eq!(groups(&company), ["Quarantine"]);
    assert_eq!(report(&company, &["release", WHO]).1, Some(0));
    assert_eq!(groups(&company), BEFORE);
}

#[test]
fn where_groups_do_not_show_their_members_the_users_own_record_is_the_witness() {
    let company = company();
    let settings = directory().join("settings.json");
    std::fs::write(&settings, r#"{"quirks":{"group-members":"from-users"}}"#).unwrap();
    let settings = ["--settings", settings.to_str().unwrap()];
    let (confined, code) = report(&company, &[&QUARANTINE[..], &settings].concat());
    let person = &confined["people"][0];
    assert_eq!((code, &person["entered"]["shown_by"]), (Some(0), &"user-record".into()), "{person}");
    assert_eq!(groups(&company), ["Quarantine"]);
    assert_eq!(report(&company, &[&["release", WHO][..], &settings].concat()).1, Some(0));
    assert_eq!(groups(&company), BEFORE);
}

#[test]
fn where_the_restricted_group_cannot_be_entered_no_other_is_left() {
    for (fault, code) in [("status=503", 5), ("status=403", 4), ("effect=none", 7)] {
        let company = company();
        let path = format!("/Groups/{}", group(&company, "Quarantine").id);
        company.emulator.add_fault(format!("{fault} method=PATCH path={path}").parse().unwrap());
        let (report, ended) = report(&company, &QUARANTINE);
        let person = &report["people"][0];
        assert_eq!((ended, &person["result"]), (Some(code), &"not-confined".into()), "{report}");
        assert!(person["not_done"].to_string().contains("no other group was touched"), "{person}");
        assert_eq!(groups(&company), BEFORE);
        assert_eq!(list(&company)[0]["is_complete"], false);
    }
}

#[test]
fn a_group_that_cannot_be_left_is_told_and_so_is_one_that_cannot_be_given_back() {
    let company = company();
    let path = format!("/Groups/{}", group(&company, "Ops").id);
    company.emulator.add_fault(format!("status=403 method=PATCH path={path}").parse().unwrap());
    let (confined, code) = report(&company, &QUARANTINE);
    let person = &confined["people"][0];
    assert_eq!((code, &person["result"]), (Some(1), &"confined-groups-left".into()), "{person}");
    assert!(person["not_done"].to_string().contains("the user may still be in the group `Ops`"), "{person}");
    assert_eq!(groups(&company), ["Ops", "Quarantine"]);
    company.emulator.clear_faults();
    confine(&company);
    company.emulator.add_fault(format!("status=403 method=PATCH path={path}").parse().unwrap());
    let (released, code) = report(&company, &["release", WHO]);
    assert_eq!((code, &released["is_over"]), (Some(1), &false.into()), "{released}");
    assert!(released["not_done"].to_string().contains("the user stays in the group `Quarantine`"), "{released}");
    assert_eq!(groups(&company), ["Finance EU", "Quarantine", "VPN"]);
    company.emulator.clear_faults();
    assert_eq!(report(&company, &["release", WHO]).1, Some(0));
    assert_eq!(groups(&company), BEFORE);
}

#[test]
fn a_group_that_is_gone_is_told_and_nobody_is_left_without_one() {
    let company = company();
    confine(&company);
    company.print(&["groups", "delete", "Ops", "--yes"]);
    let (released, code) = report(&company, &["release", WHO]);
    assert_eq!((code, &released["is_over"]), (Some(1), &true.into()), "{released}");
    assert_eq!(released["not_done"], json!(["the group `Ops` is gone and cannot be given back"]));
    assert_eq!(groups(&company), ["Finance EU", "VPN"]);

    // Where all of them are gone, the restricted one is better than none.
    confine(&company);
    company.print(&["groups", "delete", "Finance EU", "--yes"]);
    company.print(&["groups", "delete", "VPN", "--yes"]);
    let (released, code) = report(&company, &["release", WHO]);
    assert_eq!((code, &released["is_stranded"], list(&company).len()), (Some(1), &true.into(), 1), "{released}");
    assert_eq!(groups(&company), ["Quarantine"]);
    company.print(&["groups", "add-member", "Lab", WHO]);
    let (released, code) = report(&company, &["release", WHO]);
    assert_eq!((code, &released["is_over"], list(&company).len()), (Some(1), &true.into(), 0), "{released}");
    assert_eq!(groups(&company), ["Lab"]);
}

#[test]
fn who_is_deleted_in_quarantine_is_forgotten_by_the_release() {
    let company = company();
    confine(&company);
    company.print(&["users", "delete", WHO, "--yes"]);
    let writes = company.writes();
    company.check(
        &["release", WHO],
        &expect![[r#"
        error: the user `tanya+smith@acme.example` is gone, and what was deleted cannot be let back; nothing was written
        hint: the groups were: Ops, Finance EU, VPN. The quarantine is forgotten
        exit 3
    "#]],
    );
    assert_eq!((company.writes(), list(&company)), (writes, vec![]));
}

#[test]
fn who_is_cut_off_and_confined_then_is_not_restored_into_the_groups_of_before() {
    let (company, undo) = (company(), directory());
    company.print(&["offboard", WHO, "--yes", "--undo-dir", undo.to_str().unwrap()]);
    confine(&company);
    let file = std::fs::read_dir(&undo).unwrap().next().unwrap().unwrap().path();
    let (file, writes) = (file.to_str().unwrap(), company.writes());
    let told = tell(&mut company.command(&["restore", file]));
    assert!(told.contains("error: the user is in quarantine since ") && told.ends_with("exit 4\n"), "{told}");
    assert_eq!(company.writes(), writes);
    // Of no group before, and so of none after.
    assert_eq!(report(&company, &["release", WHO]).1, Some(0));
    assert_eq!(groups(&company), [""; 0]);
    company.print(&["restore", file]);
    assert_eq!(groups(&company), BEFORE);
}

#[test]
fn two_processes_do_not_work_on_one_user() {
    let company = company();
    company.emulator.add_fault("delay-ms=600000 method=PATCH nth=1".parse().unwrap());
    let mut running = start(&company, &QUARANTINE);
    while company.writes().is_empty() {
        thread::yield_now();
    }
    for arguments in [&["release", WHO][..], &QUARANTINE] {
        let told = tell(&mut company.command(arguments));
        let held =
            format!("error: the process {} is putting the user `{}` into quarantine", running.id(), id(&company));
        assert!(told.starts_with(&held) && told.ends_with("exit 5\n"), "{told}");
    }
    running.kill().unwrap();
    running.wait().unwrap();
    assert_eq!(report(&company, &["release", WHO]).1, Some(0));
    assert_eq!(groups(&company), BEFORE);
}

#[test]
fn every_group_is_looked_into_before_the_first_write_where_that_is_asked_for() {
    let company = company();
    // Every group has to show that it has no member.
    let settings = directory().join("settings.json");
    std::fs::write(&settings, r#"{"quirks":{"missing-members":"empty"}}"#).unwrap();
    let more = ["--every-group", "--settings", settings.to_str().unwrap()];
    assert_eq!(report(&company, &[&QUARANTINE[..], &more].concat()).1, Some(0));
    let exchanges = company.emulator.exchanges();
    let first = exchanges.iter().position(|exchange| exchange.method != "GET").unwrap();
    let (lab, before) = (group(&company, "Lab").id, &exchanges[..first]);
    assert!(before.iter().any(|exchange| exchange.target.ends_with(&lab)));
    // Without the setting, nobody can look into an empty group, which is told and costs the code.
    assert_eq!(report(&company, &["release", WHO]).1, Some(0));
    let (confined, code) = report(&company, &[&QUARANTINE[..], &["--every-group"]].concat());
    let person = &confined["people"][0];
    assert_eq!((code, &person["result"]), (Some(1), &"confined".into()), "{person}");
    assert!(person["not_done"].to_string().contains("2 groups do not show their members"), "{person}");
    assert_eq!(groups(&company), ["Quarantine"]);
}

/// A file of people that says of everybody what they are in.
fn people(company: &Company, more: &str) -> String {
    let groups = |username: &str| {
        let id = user(company, username);
        let directory = company.emulator.directory();
        let names = directory.groups().filter(|group| group.members.contains(&id)).map(|group| group.display_name);
        names.collect::<Vec<_>>().join(";")
    };
    let other = "oliver.conti@acme.example";
    let file = directory().join("people.csv");
    let text = format!("username,title,groups\n{WHO},Head,{}\n{other},,{}{more}\n", BEFORE.join(";"), groups(other));
    std::fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

#[test]
fn a_plan_names_who_is_in_quarantine_and_leaves_their_groups_alone() {
    let company = company();
    confine(&company);
    let source = people(&company, "");
    let told = company.run(&["plan", "--desired", &source, "-o", "table"]);
    let action = |line: &&str| line.starts_with(|first: char| first.is_ascii_digit());
    let actions: Vec<_> = told.lines().filter(action).map(|line| line.split_whitespace().nth(1).unwrap()).collect();
    assert_eq!(actions, ["update-user"], "{told}");
    let warning = format!("warning: `{WHO}` is in quarantine since ");
    assert!(told.contains(&warning) && told.contains("no membership of theirs is changed until a release\n"), "{told}");
    // Nothing else differs once the release is over.
    assert_eq!(report(&company, &["release", WHO]).1, Some(0));
    let told = company.run(&["plan", "--desired", &source, "-o", "table"]);
    assert!(!told.contains("warning"), "{told}");
}

#[test]
fn a_plan_that_was_made_before_the_quarantine_is_refused_also_in_the_middle() {
    let company = company();
    let source = people(&company, ";Lab");
    let before = std::fs::read_to_string(&source).unwrap().replace("Finance EU;Ops;VPN", "Finance EU;Ops;VPN;Lab");
    std::fs::write(&source, before).unwrap();
    let plan = directory().join("plan.json");
    let plan = plan.to_str().unwrap();
    company.run(&["plan", "--desired", &source, "--out", plan]);
    let refusal = format!("changes a membership of `{WHO}`, who is in quarantine since ");

    // It was asked about when nobody was in quarantine, and answered when somebody was.
    let (mut person, program) = crate::terminal::terminal(200);
    let mut command = company.command(&["apply", plan, "--concurrency", "1"]);
    command.stdin(program.try_clone().unwrap()).stdout(Stdio::null()).stderr(program);
    let mut running = command.spawn().unwrap();
    drop(command);
    let asked = until(&mut person, "[y/N]");
    assert!(asked.contains("Apply it?"), "{asked}");
    confine(&company);
    person.write_all(b"y\n").unwrap();
    let told = until(&mut person, "\u{0}");
    assert_eq!(running.wait().unwrap().code(), Some(1), "{told}");
    assert!(told.contains(&refusal), "{told}");
    assert_eq!(groups(&company), ["Quarantine"]);

    // And it is not gone on with.
    let told = tell(&mut company.command(&["apply", plan, "--yes", "--resume"]));
    assert!(told.contains(&refusal) && told.ends_with("exit 4\n"), "{told}");
    assert_eq!(groups(&company), ["Quarantine"]);
}

/// What a program shows up to a text, or to its end.
fn until(person: &mut File, text: &str) -> String {
    let (mut told, mut byte) = (String::new(), [0]);
    while !told.ends_with(text) && matches!(person.read(&mut byte), Ok(1)) {
        told.push(char::from(byte[0]));
    }
    told
}

#[test]
fn who_is_put_back_during_the_watch_is_confined_again_and_a_release_ends_the_watch() {
    let company = company();
    let mut command = company.command(&[&QUARANTINE[..], &["--watch", "10m", "--every", "1s", "-o", "json"]].concat());
    let running = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let wait_for = |wanted: &[&str]| {
        while groups(&company) != wanted {
            thread::yield_now();
        }
    };
    wait_for(&["Quarantine"]);
    // Once the first round is over.
    while list(&company).first().is_none_or(|known| known["is_complete"] != true) {}
    join(&company, "Lab");
    wait_for(&["Quarantine"]);
    // It may still be busy with that.
    while report_code(&company, &["release", WHO]) == Some(5) {}
    let output = running.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(told.contains("warning: BACK at ") && told.contains("the quarantine was ended by somebody else"), "{told}");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&report["watch"]["is_released"], &report["watch"]["returned"][0]["is_confined_again"]),
        (&true.into(), &true.into())
    );
    assert_eq!(groups(&company), BEFORE);
}

fn report_code(company: &Company, arguments: &[&str]) -> Option<i32> {
    output(&mut company.command(arguments)).status.code()
}

#[test]
fn an_alarm_is_raised_in_place_of_a_write_where_that_is_asked_for() {
    let company = company();
    let watch = ["--watch", "10m", "--every", "1s", "--alarm-only"];
    let mut command = company.command(&[&QUARANTINE[..], &watch].concat());
    let running = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    while list(&company).first().is_none_or(|known| known["is_complete"] != true) {}
    join(&company, "Lab");
    let output = running.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("somebody is back; nothing was done about it"), "{told}");
    assert_eq!(groups(&company), ["Lab", "Quarantine"]);
}
