//! `offboard` and `restore`: the order of what is sent, what is proven, and what is told where it is not.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread;

use serde_json::Value;

use crate::run::{Company, directory, output, tell};

/// Whom everything here is about: a member of `Ops`.
const WHO: &str = "oliver.conti@acme.example";

/// A place for undo files that no other test has.
fn place() -> PathBuf {
    directory().join("undo")
}

fn offboard<'a>(place: &'a Path, more: &[&'a str]) -> Vec<&'a str> {
    [&["offboard", WHO, "--yes", "--undo-dir", place.to_str().unwrap()], more].concat()
}

/// What it prints as JSON, and how it ends.
fn report(company: &Company, arguments: &[&str]) -> (Value, Option<i32>) {
    let output = output(&mut company.command(&[arguments, &["-o", "json"]].concat()));
    let printed = serde_json::from_slice(&output.stdout);
    assert!(printed.is_ok(), "{}", String::from_utf8_lossy(&output.stderr));
    (printed.unwrap(), output.status.code())
}

fn is_active(company: &Company) -> Option<bool> {
    company.emulator.users().into_iter().find(|user| user.user_name == WHO).map(|user| user.active)
}

/// The names of the groups that the user is in, in truth.
fn groups(company: &Company, id: &str) -> Vec<String> {
    let directory = company.emulator.directory();
    let groups = directory.groups().filter(|group| group.members.iter().any(|member| member == id));
    groups.map(|group| group.display_name).collect()
}

fn id(company: &Company) -> String {
    company.emulator.users().into_iter().find(|user| user.user_name == WHO).unwrap().id
}

/// The requests that arrived, without their ids.
fn requests(company: &Company) -> Vec<String> {
    let exchanges = company.emulator.exchanges();
    let shown = exchanges.iter().map(|exchange| {
        let path = exchange.target.split("/v2/").last().unwrap_or_default();
        let collection = path.split(['/', '?']).next().unwrap_or_default();
        let is_one = path.contains('/');
        format!("{} {collection}{}", exchange.method, if is_one { "/id" } else { "" })
    });
    shown.collect()
}

fn undo_files(place: &PathBuf) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(place) else { return Vec::new() };
    entries.map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn a_user_is_switched_off_and_seen_to_be_so_before_any_group_is_touched() {
    let (company, place) = (Company::small(), place());
    let id = id(&company);
    let before = groups(&company, &id);
    assert!(!before.is_empty());
    let (report, code) = report(&company, &offboard(&place, &[]));
    assert_eq!(code, Some(0));
    let sent = requests(&company);
    // By its username, by its id, the write, and the proof.
    assert_eq!(sent[..4], ["GET Users", "GET Users/id", "PATCH Users/id", "GET Users/id"], "{sent:?}");
    assert!(sent[4..].iter().all(|request| !request.starts_with("PATCH Users")));
    assert_eq!((is_active(&company), groups(&company, &id)), (Some(false), vec![]));
    let person = &report["people"][0];
    assert_eq!((&person["result"], &person["cut_off"]["state"]), (&"cut-off".into(), &"inactive".into()));
    assert_eq!(person["cut_off"]["is_proven"], true);
    assert_eq!(person["memberships"].as_array().unwrap().len(), before.len());
    let codes: Vec<_> = report["not_proven"].as_array().unwrap().iter().map(|caveat| &caveat["code"]).collect();
    assert_eq!(codes, ["sessions", "browser-access", "policy", "identity-provider"]);
}

#[cfg(unix)]
#[test]
fn the_undo_file_is_for_its_owner_alone_and_without_one_nothing_is_written() {
    use std::os::unix::fs::PermissionsExt;

    let (company, place) = (Company::small(), place());
    report(&company, &offboard(&place, &[]));
    let files = undo_files(&place);
    assert_eq!(files.len(), 1);
    assert_eq!(fs::metadata(&files[0]).unwrap().permissions().mode() & 0o777, 0o600);

    let company = Company::small();
    let file = directory().join("file");
    fs::write(&file, "").unwrap();
    let told = tell(&mut company.command(&offboard(&file, &[])));
    assert!(told.contains("nothing was sent") && told.ends_with("exit 2\n"), "{told}");
    assert_eq!(company.emulator.request_count(), 0);
}

#[test]
fn an_analyst_reads_what_is_proven_and_what_is_not() {
    let (company, place) = (Company::small(), place());
    let told = tell(&mut company.command(&offboard(&place, &["-o", "table"])));
    let lines: Vec<_> = told.lines().collect();
    assert!(lines[0].starts_with("CUT OFF: oliver.conti@acme.example ("), "{told}");
    assert!(lines[1].starts_with("  proven    the user is inactive; read by id "), "{told}");
    assert!(told.contains("NOT PROVEN by anything above") && told.ends_with("exit 0\n"), "{told}");
    assert!(!told.contains("NOT DONE"), "{told}");
}

#[test]
fn without_a_yes_and_a_terminal_nothing_is_sent() {
    let company = Company::small();
    let told = tell(&mut company.command(&["offboard", WHO]));
    assert!(told.contains("is asked about first") && told.ends_with("exit 2\n"), "{told}");
    assert_eq!(company.emulator.request_count(), 0);
}

#[test]
fn a_dry_run_writes_to_nothing() {
    let (company, place) = (Company::small(), place());
    let told = tell(&mut company.command(&offboard(&place, &["--dry-run", "-o", "ndjson"])));
    assert!(told.lines().next().unwrap().starts_with(r#"{"method":"PATCH","path":"Users/"#), "{told}");
    assert!(told.contains(r#""path":"Groups/"#) && told.ends_with("exit 0\n"), "{told}");
    let told = tell(&mut company.command(&offboard(&place, &["nobody@acme.example", "--dry-run", "-o", "ndjson"])));
    assert!(told.contains("error: 1 of 2 users cannot be told") && told.ends_with("exit 3\n"), "{told}");
    assert_eq!((company.writes(), undo_files(&place)), (vec![], vec![]));
}

#[test]
fn an_answer_that_is_lost_is_settled_by_reading() {
    let (company, place) = (Company::small(), place());
    company.emulator.add_fault("reset=applied method=PATCH nth=1".parse().unwrap());
    let (report, code) = report(&company, &offboard(&place, &[]));
    assert_eq!((code, &report["people"][0]["result"]), (Some(0), &"cut-off".into()));
    // Once for the user: what is seen to be done is not done again.
    assert_eq!(requests(&company).iter().filter(|request| *request == "PATCH Users/id").count(), 1);
}

#[test]
fn a_vendor_that_asks_to_wait_is_asked_again() {
    let (company, place) = (Company::small(), place());
    company.emulator.add_fault("status=429 method=PATCH times=3".parse().unwrap());
    let (_, code) = report(&company, &offboard(&place, &[]));
    assert_eq!((code, is_active(&company)), (Some(0), Some(false)));
}

#[test]
fn a_vendor_that_is_down_is_told_in_plain_words() {
    let (company, place) = (Company::small(), place());
    company.emulator.add_fault("status=503 method=PATCH".parse().unwrap());
    let (report, code) = report(&company, &offboard(&place, &[]));
    let person = &report["people"][0];
    assert_eq!((code, &person["result"]), (Some(5), &"not-cut-off".into()));
    let told = person["not_done"].to_string();
    assert!(told.contains("the user is NOT cut off and may still get in"), "{told}");
    assert!(told.contains("groups: none was tried"), "{told}");
    assert_eq!(is_active(&company), Some(true));
}

#[test]
fn a_vendor_that_only_says_yes_is_found_out_and_groups_are_taken_all_the_same() {
    let (company, place) = (Company::small(), place());
    let id = id(&company);
    company.emulator.add_fault("effect=none method=PATCH path=/Users".parse().unwrap());
    let (report, code) = report(&company, &offboard(&place, &[]));
    assert_eq!((code, &report["people"][0]["result"]), (Some(7), &"not-cut-off".into()));
    assert_eq!((is_active(&company), groups(&company, &id)), (Some(true), vec![]));
}

#[test]
fn where_switching_off_deletes_gone_is_proof_and_a_second_run_says_the_same() {
    let (company, place) = (Company::turned(&["deactivation=deletes"]), place());
    for is_second in [false, true] {
        let (report, code) = report(&company, &offboard(&place, &[]));
        let person = &report["people"][0];
        assert_eq!((code, &person["cut_off"]["state"]), (Some(0), &"gone".into()));
        assert_eq!(person["cut_off"]["was_already"], is_second);
    }
    let files = undo_files(&place);
    assert_eq!((files.len(), is_active(&company)), (1, None));
    let told = tell(&mut company.command(&["restore", files[0].to_str().unwrap()]));
    assert!(told.contains("what was deleted cannot be put back") && told.ends_with("exit 3\n"), "{told}");
}

#[test]
fn deletion_is_proven_by_the_users_absence() {
    let (company, place) = (Company::small(), place());
    let (report, code) = report(&company, &offboard(&place, &["--delete"]));
    assert_eq!((code, &report["people"][0]["cut_off"]["state"]), (Some(0), &"gone".into()));
    assert_eq!(is_active(&company), None);
}

#[test]
fn whom_nobody_knows_keeps_nobody_else_in() {
    let (company, place) = (Company::small(), place());
    let (report, code) = report(&company, &offboard(&place, &["nobody@acme.example"]));
    let people = report["people"].as_array().unwrap();
    let results: Vec<_> = people.iter().map(|person| person["result"].as_str().unwrap()).collect();
    assert_eq!((code, results), (Some(3), vec!["cut-off", "nobody-named"]));
    assert_eq!(is_active(&company), Some(false));
}

#[test]
fn every_group_is_looked_into_where_that_is_asked_for() {
    let (company, place) = (Company::of(30, 6, &[]), place());
    let user = company.emulator.users().into_iter().find(|user| !groups(&company, &user.id).is_empty()).unwrap();
    let named = format!("id:{}", user.id);
    // Without it, a group without members does not show that it has none, which is told and costs the code.
    let settings = directory().join("settings.json");
    fs::write(&settings, r#"{"quirks":{"missing-members":"empty"}}"#).unwrap();
    let arguments = ["offboard", &named, "--yes", "--every-group", "--undo-dir", place.to_str().unwrap()];
    let arguments = [&arguments[..], &["--settings", settings.to_str().unwrap()]].concat();
    let (_, code) = report(&company, &arguments);
    assert_eq!((code, groups(&company, &user.id)), (Some(0), vec![]));
    // Every group was looked into.
    let looked = requests(&company).iter().filter(|request| *request == "GET Groups/id").count();
    assert!(looked >= 6, "{looked}");
}

#[test]
fn a_run_that_was_killed_in_between_is_gone_on_with_and_undone_as_one() {
    let (company, place) = (Company::small(), place());
    let id = id(&company);
    let before = groups(&company, &id);
    company.emulator.add_fault("delay-ms=600000 method=PATCH path=/Groups".parse().unwrap());
    let mut command = company.command(&offboard(&place, &[]));
    let mut running = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while is_active(&company) != Some(false) {
        thread::yield_now();
    }
    running.kill().unwrap();
    running.wait().unwrap();
    company.emulator.clear_faults();
    assert_eq!(undo_files(&place).len(), 1);

    let (report, code) = report(&company, &offboard(&place, &[]));
    assert_eq!((code, &report["people"][0]["cut_off"]["was_already"]), (Some(0), &true.into()));
    assert_eq!((groups(&company, &id), undo_files(&place).len()), (vec![], 1));

    let file = undo_files(&place).remove(0);
    let told = tell(&mut company.command(&["restore", file.to_str().unwrap(), "-o", "table"]));
    assert!(told.starts_with("RESTORED: ") && told.ends_with("exit 0\n"), "{told}");
    assert_eq!((is_active(&company), groups(&company, &id)), (Some(true), before));
    // What was put back is not taken for an offboarding that broke off.
    assert!(fs::read_to_string(&file).unwrap().contains("restored_at"));
}

#[test]
fn a_group_that_is_gone_cannot_be_put_back_and_another_directory_is_left_alone() {
    let (company, place) = (Company::small(), place());
    report(&company, &offboard(&place, &[]));
    let file = undo_files(&place).remove(0);
    let other = Company::small();
    let told = tell(&mut other.command(&["restore", file.to_str().unwrap()]));
    assert!(told.contains("the undo file is of ") && told.ends_with("exit 2\n"), "{told}");
    assert_eq!(other.emulator.request_count(), 0);
    company.print(&["groups", "delete", "Ops", "--yes"]);
    let (report, code) = report(&company, &["restore", file.to_str().unwrap()]);
    assert_eq!((code, &report["is_active_as_before"]), (Some(1), &true.into()));
    assert!(report["not_done"].to_string().contains("the group `Ops` is gone"), "{report}");
}

/// Watches, lets the identity provider make the user anew meanwhile, and answers what came of it.
fn watched(more: &[&str]) -> (Company, String) {
    let (company, place) = (Company::small(), place());
    let user = company.emulator.users().into_iter().find(|user| user.user_name == WHO).unwrap();
    let arguments = offboard(&place, &[&["--watch", "4s", "--every", "1s", "-o", "ndjson"], more].concat());
    let mut command = company.command(&arguments);
    let running = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while is_active(&company) != Some(false) || !groups(&company, &user.id).is_empty() {
        thread::yield_now();
    }
    company.emulator.remove_user(&user.id).unwrap();
    company.emulator.add_user(portcullis_emulator::User { id: String::new(), ..user }).unwrap();
    let output = running.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    (company, format!("{told}exit {}\n", output.status.code().unwrap()))
}

#[test]
fn who_is_made_anew_during_the_watch_is_cut_off_again() {
    let (company, told) = watched(&[]);
    assert!(told.contains("warning: BACK at ") && told.ends_with("exit 0\n"), "{told}");
    assert_eq!(is_active(&company), Some(false));
}

#[test]
fn an_alarm_is_raised_in_place_of_a_write_where_that_is_asked_for() {
    let (company, told) = watched(&["--alarm-only"]);
    assert!(
        told.contains("error: somebody is back; nothing was done about it") && told.ends_with("exit 1\n"),
        "{told}"
    );
    assert_eq!(is_active(&company), Some(true));
}
