//! `vendor probe`: it finds out how the emulator is set, and leaves nothing behind.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use expect_test::expect;
use portcullis_emulator::{Options, Switches};

use crate::run::{Company, TOKEN, directory, output, tell};

/// A company whose server behaves so.
fn company(turned: &[&str]) -> Company {
    let mut switches = Switches::zpa();
    for turn in turned {
        switches.turn(&turn.parse().unwrap()).unwrap();
    }
    Company::start(Options { users: 130, groups: 12, switches, ..Options::default() })
}

/// A probe of it, with a place of its own for what it remembers.
fn probe(company: &Company, state: &Path, arguments: &[&str]) -> Command {
    let mut command = company.command(&[&["vendor", "probe", "--rate", "50"], arguments].concat());
    // The key of compiled code is state, too, so that the code goes along with it.
    command.env("XDG_STATE_HOME", state).env("XDG_CACHE_HOME", state);
    command
}

/// What was found, by name.
fn found(company: &Company, arguments: &[&str]) -> BTreeMap<String, String> {
    let output = output(&mut probe(company, &directory(), arguments));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let findings: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).unwrap();
    let text = |finding: &serde_json::Value, name: &str| finding[name].as_str().unwrap().to_owned();
    findings.iter().map(|finding| (text(finding, "name"), text(finding, "found"))).collect()
}

fn check_found(turned: &[&str], arguments: &[&str]) {
    let company = company(turned);
    let before = (company.emulator.users(), company.emulator.directory().groups().collect::<Vec<_>>());
    let found = found(&company, arguments);
    let turned = turned.iter().filter(|turn| !turn.starts_with("longest-value="));
    let wrong = turned.filter_map(|turn| {
        let (name, value) = turn.split_once('=').unwrap();
        let found = found.get(name).map(String::as_str);
        (found != Some(value)).then(|| format!("{turn}, found {found:?}"))
    });
    assert_eq!(wrong.collect::<Vec<_>>(), [""; 0]);
    let after = (company.emulator.users(), company.emulator.directory().groups().collect::<Vec<_>>());
    assert!(before == after, "the directory is another one");
}

/// The lines of a table of findings, without those of `-o csv` that are as assumed.
fn told(company: &Company, arguments: &[&str]) -> String {
    let told = tell(&mut probe(company, &directory(), &[&["-o", "csv"], arguments].concat()));
    told.replace(&company.emulator.address().to_string(), "ADDRESS")
}

#[test]
fn each_finding_stands_beside_what_is_assumed() {
    expect![[r#"
        name,assumed,found,differs,asks,section
        discovery,off,off,,whether the pages that describe the server are served,2
        error-body,scim,scim,,the form of an error,9
        default-page,10,10,,rows of a page when `count` is not said,5
        count-above-maximum,clamped,clamped,,what `count=101` does,5
        start-index-zero,is-one,is-one,,what `startIndex=0` does,5
        past-the-end,empty,empty,,what a page behind the last row has,5
        empty-resources,omitted,omitted,,`Resources` of a page without rows,5
        items-per-page,page-size,page-size,,what `itemsPerPage` counts,5
        active,mixed,mixed,,how `active` is written,3.4
        extension-urn,always,always,,when `schemas` names the enterprise extension,3.2
        locations,vendor,vendor,,whose URLs the records have,"1, 3.2"
        members-in-list,off,off,,whether the list of groups has members,4
        etag,off,off,,whether records have versions,8
        members-of-full-group,on,on,,whether a group with members shows them,4
        members-in-group,omitted-when-empty,unclear: no group is certain to be empty,,when a group has `members`,4
        projection,members,members,,which attributes can be left out,6
        group-sort,on,on,,whether `sortBy=displayName` sorts groups,5
        user-name-filter,on,on,,whether `userName eq` finds users,6
        external-id-filter,off,off,,whether `externalId eq` finds users,6
        id-filter,off,off,,whether `id eq` finds users,6
        email-filter,off,off,,whether `emails.value eq` finds users,6
        display-name-filter,on,on,,whether `displayName eq` finds groups,6
        member-filter,off,off,,whether `members.value eq` finds groups,6
        active-filter,off,off,,whether `active eq` finds users,6
        last-modified-filter,off,off,,whether `meta.lastModified` can be filtered by,6
        unknown-filter,refused,refused,,what a filter does that is not one of these,6
        exit 0
    "#]]
    .assert_eq(&told(&company(&[]), &[]));
}

#[test]
fn reading_finds_what_is_as_assumed() {
    check_found(ASSUMED_IN_READING, &[]);
}

#[test]
fn reading_finds_what_is_otherwise() {
    check_found(
        &[
            "discovery=on",
            "error-body=management",
            "count-above-maximum=refused",
            "start-index-zero=refused",
            "past-the-end=first-page",
            "empty-resources=present",
            "items-per-page=rows",
            "active=boolean",
            "extension-urn=when-present",
            "locations=own",
            "etag=on",
            "user-name-filter=off",
            "display-name-filter=off",
            "external-id-filter=on",
            "id-filter=on",
            "email-filter=on",
            "active-filter=on",
            "last-modified-filter=on",
            "member-filter=on",
            "unknown-filter=matches-nothing",
            "projection=every",
            "members-in-list=on",
        ],
        &[],
    );
}

#[test]
fn reading_tells_the_other_forms_apart() {
    check_found(&["error-body=html", "active=text", "unknown-filter=evaluated"], &[]);
    check_found(&["error-body=text", "members-in-group=omitted-always"], &[]);
    check_found(&["error-body=empty", "unknown-filter=ignored"], &[]);
}

#[test]
fn a_filter_that_is_dropped_is_not_taken_for_one_that_filters() {
    let company = company(&["user-name-filter=off", "unknown-filter=ignored"]);
    let found = found(&company, &[]);
    assert_eq!(found["user-name-filter"], "ignored");
    assert_eq!(found["external-id-filter"], "ignored");
    assert_eq!(found["active-filter"], "ignored");
    assert_eq!(found["display-name-filter"], "on");
}

#[test]
fn writing_finds_what_is_as_assumed() {
    check_found(&[ASSUMED_IN_READING, ASSUMED_IN_WRITING].concat(), WRITES);
}

#[test]
fn writing_finds_what_is_otherwise() {
    check_found(
        &[
            "location-header=on",
            "conflict-type=off",
            "duplicate-external-id=conflict",
            "unknown-attributes=refused",
            "longest-value=500",
            "over-long=truncated",
            "capital-operators=off",
            "patch-without-path=off",
            "active-as-text=off",
            "email-replacement=first",
            "email-pair=remove-ignored",
            "put-user=replaces",
            "user-name-change=refused",
            "deactivation=deletes",
            "group-patch-answer=body",
            "duplicate-group-name=conflict",
            "duplicate-member=conflict",
            "absent-member=not-found",
            "unknown-member=not-found",
            "listed-removal=empties",
            "second-delete=no-content",
            "recreation=same-id",
            "members-in-group=present",
        ],
        WRITES,
    );
}

#[test]
fn writing_tells_second_ways_apart() {
    check_found(
        &[
            "enterprise-at-root=unknown",
            "longest-value=500",
            "over-long=refused",
            "email-replacement=appends",
            "email-pair=add-ignored",
            "inactive-users=unlisted",
            "duplicate-member=refused",
            "absent-member=refused",
            "unknown-member=ignored",
            "filtered-removal=ignored",
            "second-delete=server-error",
            "recreation=restored",
            "put-group=replaces",
        ],
        WRITES,
    );
}

#[test]
fn writing_tells_third_ways_apart() {
    check_found(
        &[
            "email-replacement=refused",
            "email-pair=refused",
            "inactive-users=hidden",
            "filtered-removal=empties",
            "listed-removal=refused",
            "recreation=conflict",
            "members-in-group=omitted-always",
        ],
        WRITES,
    );
    check_found(&["filtered-removal=refused", "listed-removal=ignored"], WRITES);
}

#[test]
fn a_patch_that_does_nothing_is_not_taken_for_one_that_does() {
    check_found(&["patch-effect=ignored"], WRITES);
}

#[test]
fn writes_that_are_seen_late_are_found_out() {
    // And once they are, what was written is not taken for ignored.
    check_found(&[&["visibility-delay=3", "delayed-reads=all"], ASSUMED_IN_WRITING].concat(), WRITES);
    check_found(&[&["visibility-delay=2", "delayed-reads=lists"], ASSUMED_IN_WRITING].concat(), WRITES);
}

#[test]
fn where_nobody_is_nothing_is_said_of_them() {
    let found = found(&Company::of(0, 0, &[]), &[]);
    let told: Vec<_> = found.iter().filter(|(_, found)| !found.starts_with("unclear: ")).collect();
    expect![[r#"[("count-above-maximum", "clamped"), ("discovery", "off"), ("empty-resources", "omitted"), ("error-body", "scim"), ("items-per-page", "page-size"), ("past-the-end", "empty"), ("start-index-zero", "is-one")]"#]].assert_eq(&format!("{told:?}"));
}

#[test]
fn a_server_that_makes_no_sense_is_not_understood() {
    expect![[r#"
        error: the vendor does not list users: HTTP status 500
        hint: without that nothing can be found out
        exit 5
    "#]]
    .assert_eq(&told(&Company::with_faults(&["status=500 body=html"]), &[]));
    expect![[r#"
        error: the vendor's list of users is no list of SCIM
        hint: check the endpoint; `portcullis vendor GET Users` shows what is there
        exit 7
    "#]]
    .assert_eq(&told(&Company::with_faults(&["body=html"]), &[]));
}

#[test]
fn only_what_the_probe_made_is_written_to() {
    let company = Company::start(Options { users: 130, groups: 12, record: 10_000, ..Options::default() });
    found(&company, WRITES);
    let exchanges = company.emulator.exchanges();
    let mut own: Vec<String> = Vec::new();
    let mut changes = 0;
    for exchange in exchanges.iter().filter(|exchange| exchange.method != "GET") {
        let path = exchange.target.split_once("/v2/").unwrap().1.to_owned();
        if exchange.method == "POST" {
            assert!(exchange.request_body.windows(17).any(|text| text == b"portcullis-probe-"), "{exchange:?}");
            let made: serde_json::Value = serde_json::from_slice(&exchange.response_body).unwrap_or_default();
            own.extend(made["id"].as_str().map(|id| format!("{path}/{id}")));
        } else {
            assert!(own.contains(&path), "{} {path}", exchange.method);
            changes += 1;
        }
    }
    assert!(own.len() > 10 && changes > 30, "{own:?} {changes}");
}

#[test]
fn no_more_is_sent_than_the_rate_allows() {
    let company = company(&[]);
    let start = Instant::now();
    found(&company, &[]);
    let least = Duration::from_millis(20) * u32::try_from(company.emulator.request_count() - 1).unwrap();
    assert!(start.elapsed() >= least);
}

#[test]
fn nothing_is_written_without_leave() {
    let company = company(&[]);
    expect![[r#"
        error: making users and groups is asked about first, and there is no terminal to ask at; nothing was sent
        hint: `--yes` does it; without `--with-writes` a probe only reads
        exit 2
    "#]]
    .assert_eq(&told(&company, &["--with-writes"]));
    assert_eq!(company.emulator.request_count(), 0);
}

#[test]
fn a_probe_that_cannot_remember_makes_nothing() {
    let company = company(&[]);
    let mut probe = probe(&company, Path::new("not/absolute"), WRITES);
    expect![[r#"
        warning: this makes users and groups named `portcullis-probe-…` at http://ADDRESS/scim/1/111222333444555666/v2, changes them and removes them, with at most 50 requests a second; the access of nobody else is touched
        error: there is no place to remember what is made, so nothing is made
        hint: `--state` names a directory for it
        exit 2
    "#]].assert_eq(&tell(&mut probe).replace(&company.emulator.address().to_string(), "ADDRESS"));
    assert!(company.emulator.exchanges().iter().all(|exchange| exchange.method == "GET"));
}

#[test]
fn a_wrong_token_ends_it() {
    let company = company(&[]);
    let mut probe = probe(&company, &directory(), &[]);
    expect![[r#"
        error: the vendor does not know the token
        hint: check that `--token-env` or `--token-file` names the token of this endpoint
        exit 4
    "#]]
    .assert_eq(&tell(probe.env("PORTCULLIS_TOKEN", TOKEN.to_uppercase())));
    assert_eq!(company.emulator.request_count(), 1);
}

#[test]
fn the_vendor_is_waited_for_where_it_asks() {
    let company = company(&[]);
    company.emulator.add_fault("status=429 retry-after=0s path=/Groups times=3".parse().unwrap());
    found(&company, &[]);
    let company = Company::with_faults(&["status=429 retry-after=0s path=/Users nth=1 times=5"]);
    expect![[r#"
        error: the vendor asks for fewer requests
        hint: repeat later, with a lower `--rate`
        exit 5
    "#]]
    .assert_eq(&told(&company, &[]));
}

#[test]
fn what_was_made_without_an_answer_is_removed_all_the_same() {
    let company = company(&[]);
    company.emulator.add_fault("reset=applied method=POST path=/Users nth=3".parse().unwrap());
    let before = company.emulator.users();
    expect![[r#"
        warning: this makes users and groups named `portcullis-probe-…` at http://ADDRESS/scim/1/111222333444555666/v2, changes them and removes them, with at most 50 requests a second; the access of nobody else is touched
        error: the connection broke: Connection reset by peer (`connection`)
        hint: check that `--endpoint` is right and its server is up, then repeat
        exit 5
    "#]].assert_eq(&told(&company, WRITES));
    assert!(before == company.emulator.users());
    let made = company.emulator.exchanges().iter().filter(|exchange| exchange.method == "POST").count();
    assert_eq!(made, 3);
}

/// Starts a probe, and waits until it has made so many objects.
fn started(company: &Company, state: &Path, made: usize) -> Child {
    let mut running = probe(company, state, WRITES).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let posts = || company.emulator.exchanges().iter().filter(|exchange| exchange.method == "POST").count();
    while posts() < made {
        assert_eq!(running.try_wait().unwrap(), None);
        std::thread::yield_now();
    }
    running
}

#[cfg(unix)]
#[test]
fn an_interrupted_probe_removes_what_it_made() {
    let (company, state) = (company(&[]), directory());
    let before = company.emulator.users();
    let mut running = started(&company, &state, 4);
    rustix::process::kill_process(rustix::process::Pid::from_child(&running), rustix::process::Signal::INT).unwrap();
    assert_eq!(running.wait().unwrap().code(), Some(1));
    assert!(before == company.emulator.users());
    assert_eq!(std::fs::read_dir(state.join("portcullis/probe")).unwrap().count(), 0);
}

#[test]
fn what_a_killed_probe_left_is_removed_by_the_next_one() {
    let (company, state) = (company(&[]), directory());
    let before = company.emulator.users();
    let mut running = started(&company, &state, 4);
    running.kill().unwrap();
    running.wait().unwrap();
    assert!(before != company.emulator.users());
    let reading = output(&mut probe(&company, &state, &[]));
    let said = String::from_utf8(reading.stderr).unwrap();
    assert!(said.starts_with("warning: an earlier probe was cut off"), "{said}");
    assert!(before != company.emulator.users());
    expect![[r#"
        note: nothing is left of a probe that was cut off
        exit 0
    "#]]
    .assert_eq(&tell(&mut probe(&company, &state, &["--cleanup"])));
    assert!(before == company.emulator.users());
    assert_eq!(std::fs::read_dir(state.join("portcullis/probe")).unwrap().count(), 0);
}

#[test]
fn a_probe_that_still_runs_keeps_what_it_made() {
    let (company, state) = (company(&[]), directory());
    let mut running = started(&company, &state, 4);
    let told = tell(&mut probe(&company, &state, &["--cleanup"]));
    expect![[r#"
        note: nothing is left of a probe that was cut off
        exit 0
    "#]]
    .assert_eq(&told);
    assert!(running.wait().unwrap().success());
    assert_eq!(std::fs::read_dir(state.join("portcullis/probe")).unwrap().count(), 0);
}

/// A company where a probe was cut off once it had made a user, and the state that remembers it by its id.
fn cut_off() -> (Company, PathBuf) {
    let (company, state) = (Company::small(), directory());
    let name = "portcullis-probe-0000000000000000-1@acme.example";
    let created = company.print(&["users", "create", "--username", name]);
    let created: serde_json::Value = serde_json::from_str(&created).unwrap();
    let ledger = serde_json::json!({
        "endpoint": company.emulator.endpoint(),
        "run": "0000000000000000",
        "objects": [{"kind": "user", "name": name, "id": created["id"]}],
    });
    std::fs::create_dir_all(state.join("portcullis/probe")).unwrap();
    std::fs::write(state.join("portcullis/probe/0000000000000000.json"), ledger.to_string()).unwrap();
    (company, state)
}

#[test]
fn what_a_failing_vendor_did_not_remove_is_not_forgotten() {
    let (company, state) = cut_off();
    for fault in ["status=503 method=DELETE", "status=503 method=GET path=/Users/"] {
        company.emulator.add_fault(fault.parse().unwrap());
    }
    expect![[r#"
        warning: not removed: Users `portcullis-probe-0000000000000000-1@acme.example`: HTTP status 503
        error: 1 object of the probe is left at the vendor
        hint: `portcullis vendor probe --cleanup` tries again
        exit 1
    "#]]
    .assert_eq(&tell(&mut probe(&company, &state, &["--cleanup"])));
    company.emulator.clear_faults();
    assert_eq!(company.emulator.users().len(), 4);
    expect![[r#"
        note: nothing is left of a probe that was cut off
        exit 0
    "#]]
    .assert_eq(&tell(&mut probe(&company, &state, &["--cleanup"])));
    assert_eq!(company.emulator.users().len(), 3);
    assert_eq!(std::fs::read_dir(state.join("portcullis/probe")).unwrap().count(), 0);
}

#[test]
fn what_is_gone_by_a_read_needs_no_deletion() {
    let (company, state) = cut_off();
    for fault in ["status=503 method=DELETE", "status=410 method=GET path=/Users/"] {
        company.emulator.add_fault(fault.parse().unwrap());
    }
    expect![[r#"
        note: nothing is left of a probe that was cut off
        exit 0
    "#]]
    .assert_eq(&tell(&mut probe(&company, &state, &["--cleanup"])));
}

#[test]
fn what_a_probe_leaves_is_told_beside_why_it_failed() {
    let (company, state) = (company(&[]), directory());
    for fault in ["reset=applied method=POST path=/Users nth=3", "status=503 method=DELETE"] {
        company.emulator.add_fault(fault.parse().unwrap());
    }
    let told = tell(&mut probe(&company, &state, WRITES));
    let told: Vec<_> = told.lines().skip(1).filter(|line| !line.starts_with("warning: not removed: ")).collect();
    expect![[r#"
        error: the connection broke: Connection reset by peer (`connection`)
        error: 2 objects of the probe are left at the vendor
        hint: `portcullis vendor probe --cleanup` tries again
        exit 1"#]]
    .assert_eq(&told.join("\n"));
    assert_eq!(company.emulator.users().len(), 132);
    company.emulator.clear_faults();
    tell(&mut probe(&company, &state, &["--cleanup"]));
    assert_eq!(company.emulator.users().len(), 130);
}

#[test]
fn what_a_failing_vendor_made_all_the_same_is_removed() {
    for status in [500, 503, 408, 425] {
        for nth in [1, 3] {
            let company = company(&[]);
            let fault = format!("status={status} effect=applied method=POST path=/Users nth={nth}");
            company.emulator.add_fault(fault.parse().unwrap());
            let state = directory();
            tell(&mut probe(&company, &state, WRITES));
            assert_eq!(company.emulator.users().len(), 130, "{fault}");
            assert_eq!(std::fs::read_dir(state.join("portcullis/probe")).unwrap().count(), 0, "{fault}");
        }
    }
}

#[test]
fn it_is_not_said_that_nothing_was_made_where_that_is_not_known() {
    let company = company(&[]);
    company.emulator.add_fault("status=503 effect=applied method=POST path=/Users nth=1".parse().unwrap());
    let told = told(&company, WRITES);
    let (name, told) = told.split_once("vendor made `").and_then(|(_, told)| told.split_once('`')).unwrap();
    assert!(name.starts_with("portcullis-probe-"), "{name}");
    expect![[r#"
        : HTTP status 503
        hint: the probe needs it; begin again later
        exit 5
    "#]]
    .assert_eq(told);
}

#[test]
fn a_profile_has_the_quirks_that_were_found() {
    let company = company(&["external-id-filter=on", "filtered-removal=ignored", "email-pair=refused"]);
    let (settings, file) = (directory().join("settings.json"), directory().join("profile.json"));
    std::fs::write(&settings, r#"{"quirks": {"email-filter": true, "sort-groups": false}}"#).unwrap();
    let arguments = ["--profile", file.to_str().unwrap(), "--settings", settings.to_str().unwrap()];
    found(&company, &arguments);
    let profile = std::fs::read_to_string(&file).unwrap();
    expect![[r#"
        {
          "quirks": {
            "email-filter": false,
            "external-id-filter": true,
            "group-members": "by-id",
            "group-name-filter": true,
            "missing-members": "empty",
            "sort-groups": true,
            "username-filter": true
          }
        }
    "#]]
    .assert_eq(&profile);
    let external_id = company.emulator.users().into_iter().find_map(|user| user.external_id).unwrap();
    company.print(&["users", "find", "--external-id", &external_id, "--settings", file.to_str().unwrap()]);
    let again = told(&company, &["--profile", file.to_str().unwrap()]);
    expect![[r#"
        error: `FILE` is there already
        hint: give another file, or the one that `--settings` names
        exit 2
    "#]]
    .assert_eq(&again.replace(file.to_str().unwrap(), "FILE"));
}

/// The quirks of the profile of a probe during which the vendor fails so.
fn quirks_under(fault: &str, arguments: &[&str]) -> serde_json::Map<String, serde_json::Value> {
    let (company, file) = (company(&[]), directory().join("profile.json"));
    company.emulator.add_fault(fault.parse().unwrap());
    found(&company, &[arguments, &["--profile", file.to_str().unwrap()]].concat());
    let profile: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    profile["quirks"].as_object().unwrap().clone()
}

/// Probes under each of these faults, many at once for a probe mostly waits. No quirk is another one than without the
/// fault; how many are missing is the answer.
fn check_quirks_under(faults: &[String], arguments: &[&str]) -> Vec<usize> {
    let whole = &quirks_under("delay-ms=0", arguments);
    let missing = |fault: &String| {
        let quirks = quirks_under(fault, arguments);
        for (quirk, value) in &quirks {
            assert_eq!(Some(value), whole.get(quirk), "{fault}: {quirk}");
        }
        whole.len() - quirks.len()
    };
    let probed = |part: &[String]| {
        std::thread::scope(|scope| {
            let probes: Vec<_> = part.iter().map(|fault| scope.spawn(|| missing(fault))).collect();
            probes.into_iter().map(|probe| probe.join().unwrap()).collect::<Vec<_>>()
        })
    };
    faults.chunks(16).flat_map(probed).collect()
}

#[test]
fn one_failed_read_leaves_no_wrong_quirk() {
    let company = company(&[]);
    found(&company, &[]);
    let reads = company.emulator.request_count();
    assert!(reads > 20, "{reads}");
    for failure in ["status=500", "status=403", "body=html"] {
        // Without the first, the list of users, nothing is found out at all.
        let faults: Vec<_> = (2..=reads).map(|nth| format!("{failure} nth={nth}")).collect();
        let missing = check_quirks_under(&faults, &[]);
        // The list of groups, one with members, two reads for each of two filters, and two for the order of groups.
        assert!(missing.iter().filter(|missing| **missing > 0).count() >= 8, "{failure}: {missing:?}");
    }
}

#[test]
fn one_failed_answer_among_writes_leaves_no_wrong_quirk() {
    let failing = [
        "status=503 method=PATCH path=/Groups/",
        "status=403 method=PATCH path=/Users/",
        "status=503 method=GET path=/Users/",
    ];
    for failing in failing {
        let faults: Vec<_> = (3..=34).map(|nth| format!("{failing} nth={nth}")).collect();
        let missing = check_quirks_under(&faults, WRITES);
        assert!(missing.contains(&1), "{failing}: {missing:?}");
    }
}

#[test]
fn what_a_failed_read_leaves_open_is_told() {
    let company = company(&[]);
    company.emulator.add_fault("status=500 method=GET path=/Groups/".parse().unwrap());
    let found = found(&company, WRITES);
    assert_eq!(found["members-of-full-group"], "unclear: HTTP status 500");
    assert_eq!(found["members-in-group"], "unclear: HTTP status 500");
    // The first read of the group that the probe made fails, so nothing is known of what was done to it.
    assert_eq!(found["filtered-removal"], "unclear: HTTP status 500");
    assert_eq!(found["put-user"], "merges");
}

const WRITES: &[&str] = &["--with-writes", "--yes"];

const ASSUMED_IN_READING: &[&str] = &[
    "discovery=off",
    "error-body=scim",
    "count-above-maximum=clamped",
    "start-index-zero=is-one",
    "past-the-end=empty",
    "empty-resources=omitted",
    "items-per-page=page-size",
    "active=mixed",
    "extension-urn=always",
    "locations=vendor",
    "etag=off",
    "user-name-filter=on",
    "display-name-filter=on",
    "external-id-filter=off",
    "id-filter=off",
    "email-filter=off",
    "active-filter=off",
    "last-modified-filter=off",
    "member-filter=off",
    "unknown-filter=refused",
    "projection=members",
    "members-in-list=off",
];

const ASSUMED_IN_WRITING: &[&str] = &[
    "location-header=off",
    "conflict-type=on",
    "duplicate-external-id=allowed",
    "unknown-attributes=dropped",
    "enterprise-at-root=moved",
    "capital-operators=on",
    "patch-without-path=on",
    "active-as-text=on",
    "email-replacement=all",
    "email-pair=in-order",
    "put-user=merges",
    "user-name-change=allowed",
    "deactivation=keeps",
    "inactive-users=listed",
    "group-patch-answer=no-content",
    "duplicate-group-name=allowed",
    "put-group=merges",
    "duplicate-member=tolerated",
    "absent-member=tolerated",
    "unknown-member=refused",
    "filtered-removal=removes",
    "listed-removal=removes",
    "second-delete=not-found",
    "recreation=new-id",
    "patch-effect=applied",
    "members-in-group=omitted-when-empty",
];
