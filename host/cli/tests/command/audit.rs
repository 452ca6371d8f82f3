//! The record of every write: the binary, its log and the emulator.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use expect_test::expect;
use serde_json::Value;

use crate::run::{Company, TOKEN, bare, directory, output, tell, tell_with};

const MARA: &str = "mara.lind@acme.example";

/// The records of a company's commands, as `audit show` has them.
fn records(company: &Company, arguments: &[&str]) -> Vec<Value> {
    serde_json::from_str(&company.print(&[&["audit", "show", "-o", "json"], arguments].concat())).unwrap()
}

fn log(company: &Company) -> PathBuf {
    company.data.join("audit.jsonl")
}

fn create(company: &Company) -> String {
    let made: Value = serde_json::from_str(&company.print(&["users", "create", "--username", MARA])).unwrap();
    made["id"].as_str().unwrap().to_owned()
}

/// The parts of a record that are the same in every run.
fn told(record: &Value) -> String {
    let parts = ["operation", "kind", "name", "outcome", "effect"];
    parts.map(|part| record[part].as_str().unwrap_or("-").to_owned()).join(" ")
}

#[test]
fn every_write_is_recorded_with_who_asked_and_what_came_of_it() {
    let company = Company::small();
    let id = create(&company);
    company.print(&["users", "update", MARA, "--set", "title=Boss", "--actor", "OPS-17"]);
    company.print(&["groups", "add-member", "Ops", MARA]);
    company.print(&["users", "deactivate", MARA, "--yes"]);
    company.print(&["vendor", "DELETE", &format!("Users/{id}"), "--yes"]);
    let records = records(&company, &[]);
    let lines: Vec<_> = records.iter().map(told).collect();
    assert_eq!(
        lines,
        [
            "create-user user mara.lind@acme.example done applied",
            "update-user user mara.lind@acme.example done applied",
            "add-members group Ops done applied",
            "set-user-active user mara.lind@acme.example done applied",
            "request vendor - done applied",
        ]
    );
    let [made, updated, added, switched, deleted] = &records[..] else { panic!("{records:?}") };
    assert_eq!((&made["object"], &made["after"]["username"]), (&Value::from(id.as_str()), &Value::from(MARA)));
    assert_eq!(made["endpoint"], company.emulator.endpoint());
    assert_eq!(made["request"]["changes"][0]["value"], MARA);
    assert!(made["time"].as_str().is_some_and(|time| time.len() == 24 && time.ends_with('Z')));
    assert_eq!((&updated["before"]["title"], &updated["after"]["title"]), (&Value::Null, &Value::from("Boss")));
    assert!(updated["actor"].as_str().unwrap().ends_with("(OPS-17)"));
    assert_eq!(
        (&added["request"]["members"][0]["username"], &added["result"]["applied"][0]),
        (&Value::from(MARA), &Value::from(id.as_str()))
    );
    assert_eq!(
        (&switched["request"]["active"], &switched["before"]["status"]),
        (&Value::from(false), &Value::from("active"))
    );
    assert_eq!(deleted["object"], format!("Users/{id}"));
    assert_eq!(
        (&deleted["request"]["method"], &deleted["result"]["http_status"]),
        (&Value::from("DELETE"), &Value::from(204))
    );
    // An intent and an outcome each, and the token in none of them.
    let text = fs::read_to_string(log(&company)).unwrap();
    assert_eq!(text.lines().count(), 10);
    assert!(!text.contains(TOKEN));
}

#[test]
fn what_reads_and_what_is_rehearsed_leaves_no_record() {
    let company = Company::small();
    company.print(&["users", "list", "--all"]);
    company.print(&["vendor", "GET", "Users?count=1"]);
    company.print(&["users", "create", "--username", MARA, "--dry-run"]);
    company.print(&["vendor", "POST", "Users", "--data", "{}", "--dry-run"]);
    assert!(!company.data.exists());
    company.check(
        &["audit", "show", "-o", "table"],
        &expect![[r#"
        note: no write is recorded that is asked for
        exit 0
    "#]],
    );
}

#[test]
fn a_program_that_calls_or_works_is_recorded_as_well() {
    let company = Company::small();
    let request =
        format!(r#"{{"jsonrpc":"2.0","id":1,"method":"create-user","params":{{"changes":{{"username":"{MARA}"}}}}}}"#);
    let told = tell_with(&format!("{request}\n"), &mut company.command(&["worker"]));
    let answer: Value = serde_json::from_str(told.lines().next().unwrap()).unwrap();
    let id = answer["result"]["id"].as_str().unwrap();
    tell_with(&format!(r#"{{"id":"{id}"}}"#), &mut company.command(&["call", "delete-user"]));
    let records: Vec<_> = records(&company, &[]).iter().map(|record| record["operation"].clone()).collect();
    assert_eq!(records, ["create-user", "delete-user"]);
}

#[test]
fn what_cannot_be_recorded_is_not_sent() {
    let company = Company::small();
    create(&company);
    let text = fs::read_to_string(log(&company)).unwrap();
    fs::write(log(&company), text.lines().next().unwrap()).unwrap();
    let writes = company.writes();
    company.check(&["users", "activate", MARA], &expect![[r#"
        error: the write was not sent, because it cannot be recorded: the audit log is not as it was left: its end is cut off (`audit`)
        hint: `portcullis audit verify` tells what is wrong with the audit log, and `--data-dir` is where it is; `PORTCULLIS_AUDIT=off` writes without a record
        exit 4
    "#]]);
    // Nor is there a write where there is no place for a log.
    let mut homeless = company.command(&["users", "activate", MARA]);
    expect![[r#"
        error: the write was not sent, because it cannot be recorded: there is no directory for the audit log (`audit`)
        hint: `portcullis audit verify` tells what is wrong with the audit log, and `--data-dir` is where it is; `PORTCULLIS_AUDIT=off` writes without a record
        exit 4
    "#]].assert_eq(&tell(homeless.env_remove("XDG_DATA_HOME")));
    assert_eq!(company.writes(), writes);
    assert!(company.run(&["users", "get", MARA]).ends_with("exit 0\n"));
}

#[test]
fn the_operator_may_turn_the_record_off_and_no_other_word_does() {
    let company = Company::small();
    let mut off = company.command(&["users", "create", "--username", MARA]);
    assert_eq!(output(off.env("PORTCULLIS_AUDIT", "off")).status.code(), Some(0));
    assert!(!company.data.exists());
    let mut other = company.command(&["users", "delete", MARA, "--yes"]);
    expect![[r#"
        error: PORTCULLIS_AUDIT is neither `on` nor `off`
        hint: unset it, or set it to one of them
        exit 2
    "#]]
    .assert_eq(&tell(other.env("PORTCULLIS_AUDIT", "0")));
    assert_eq!(company.writes(), ["POST"]);
}

#[test]
fn processes_at_the_same_time_make_one_chain() {
    let company = Company::small();
    let running: Vec<_> = (0..4)
        .map(|number| {
            let name = format!("user-{number}@acme.example");
            let mut command = company.command(&["users", "create", "--username", &name, "-o", "ndjson"]);
            command.stdout(std::process::Stdio::null()).spawn().unwrap()
        })
        .collect();
    for mut process in running {
        assert!(process.wait().unwrap().success());
    }
    let verdict: Value = serde_json::from_str(&company.print(&["audit", "verify"])).unwrap();
    assert_eq!((&verdict["is_sound"], &verdict["lines"], &verdict["unfinished"]), (&true.into(), &8.into(), &0.into()));
}

#[test]
fn a_check_names_the_line_that_was_edited_and_says_what_it_cannot_prove() {
    let company = Company::small();
    create(&company);
    let told = company.run(&["audit", "verify", "-o", "table"]);
    let anchor = told.lines().find_map(|line| line.strip_prefix("anchor: ")).unwrap().to_owned();
    expect![[r#"
        2 lines are as they were written, and none is missing
        anchor: ANCHOR
        note: this proves nothing against whoever has the key, nor that something was not written without a record; that log and database were not both put back to an earlier state, an anchor that is kept elsewhere proves (`--anchor`)
        exit 0
    "#]].assert_eq(&told.replace(&anchor, "ANCHOR"));
    assert!(company.run(&["audit", "verify", "--anchor", &anchor]).ends_with("exit 0\n"));
    let other = anchor.replace("2:", "9:");
    assert!(
        company.run(&["audit", "verify", "--anchor", &other]).contains("record 9 is not there as the anchor has it")
    );
    let text = fs::read_to_string(log(&company)).unwrap();
    fs::write(log(&company), text.replacen(MARA, "eve.lind@acme.example", 1)).unwrap();
    for command in [
        &["audit", "verify", "-o", "table"][..],
        &["audit", "show", "-o", "csv"],
        &["audit", "export", "--format", "ocsf"],
    ] {
        let told = company.run(command);
        let finding = "error: the audit log is not as it was written: line 1 is not as it was written\n";
        assert!(told.contains(finding) && told.ends_with("exit 1\n"), "{told}");
    }
    let restarted = company.run(&["audit", "restart", "--reason", "line 1 was edited"]);
    assert!(restarted.ends_with("exit 0\n"), "{restarted}");
    assert!(company.run(&["audit", "verify"]).ends_with("exit 0\n"));
    assert!(company.data.join("audit.2.jsonl").exists());
}

#[test]
fn records_are_found_by_time_account_object_and_who_asked() {
    let company = Company::small();
    let id = create(&company);
    company.print(&["groups", "add-member", "Ops", MARA, "--actor", "OPS-17"]);
    let count = |arguments: &[&str]| records(&company, arguments).len();
    assert_eq!((count(&["--object", &id]), count(&["--object", "MARA.lind@acme.example"])), (2, 2));
    assert_eq!((count(&["--object", "ops"]), count(&["--actor", "ops-17"])), (1, 1));
    assert_eq!((count(&["--since", "2020-01-01"]), count(&["--until", "2020-01-01"])), (2, 0));
    assert_eq!((count(&["--account", &company.emulator.endpoint()]), count(&["--account", "acme"])), (2, 0));
}

#[test]
fn a_write_of_which_nobody_knows_what_became_is_recorded_as_that() {
    let company = Company::with_faults(&["reset=applied method=POST nth=1"]);
    company.run(&["users", "create", "--username", MARA]);
    let record = &records(&company, &[])[0];
    assert_eq!(told(record), "create-user user mara.lind@acme.example failed unknown");
    assert!(record["error"].is_string());
    // So is one whose process was stopped: its outcome is not there.
    let text = fs::read_to_string(log(&company)).unwrap();
    assert_eq!(text.lines().count(), 2);
}

/// Between what it wrote down first and the answer of the vendor, which has done the write.
#[cfg(unix)]
#[test]
fn a_process_that_is_killed_in_the_middle_of_a_write_leaves_it_unknown_and_the_next_one_goes_on() {
    use std::os::unix::process::ExitStatusExt as _;

    let company = Company::with_faults(&["delay-ms=600000 method=POST nth=1"]);
    let mut create = company.command(&["users", "create", "--username", MARA]);
    let mut running = create.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while company.writes().is_empty() {
        assert_eq!(running.try_wait().unwrap(), None);
        std::thread::yield_now();
    }
    running.kill().unwrap();
    assert_eq!(running.wait().unwrap().signal(), Some(9));

    let anchor = |told: &str| {
        told.lines().filter(|line| !line.starts_with("anchor: ")).map(|line| line.to_owned() + "\n").collect::<String>()
    };
    expect![[r#"
        1 lines are as they were written, and none is missing
        note: writes of which it is not known what became, or that are under way: 1
        note: this proves nothing against whoever has the key, nor that something was not written without a record; that log and database were not both put back to an earlier state, an anchor that is kept elsewhere proves (`--anchor`)
        exit 0
    "#]].assert_eq(&anchor(&company.run(&["audit", "verify", "--output", "csv"])));
    assert_eq!(told(&records(&company, &[])[0]), "create-user user mara.lind@acme.example unknown unknown");
    company.print(&["users", "update", MARA, "--set", "title=Boss"]);
    let lines: Vec<_> = records(&company, &[]).iter().map(told).collect();
    assert_eq!(
        lines,
        [
            "create-user user mara.lind@acme.example unknown unknown",
            "update-user user mara.lind@acme.example done applied",
        ]
    );
    expect![[r#"
        3 lines are as they were written, and none is missing
        note: writes of which it is not known what became, or that are under way: 1
        note: this proves nothing against whoever has the key, nor that something was not written without a record; that log and database were not both put back to an earlier state, an anchor that is kept elsewhere proves (`--anchor`)
        exit 0
    "#]].assert_eq(&anchor(&company.run(&["audit", "verify", "--output", "csv"])));
}

#[test]
fn what_is_done_to_accounts_is_recorded_and_no_token_is() {
    let company = Company::small();
    let endpoint = company.emulator.endpoint();
    let token = ["--token-env", "PORTCULLIS_TOKEN"];
    company.print(&[&["account", "add", "acme", "--endpoint", &endpoint, "--actor", "OPS-17"], &token[..]].concat());
    company.print(&[&["account", "rotate", "acme"], &token[..]].concat());
    company.print(&["account", "remove", "acme", "--yes"]);
    let records = records(&company, &[]);
    let lines: Vec<_> = records.iter().map(told).collect();
    assert_eq!(
        lines,
        [
            "add-account account acme done none",
            "rotate-account account acme done none",
            "remove-account account acme done none",
        ]
    );
    assert_eq!((&records[0]["account"], &records[0]["endpoint"]), (&"acme".into(), &endpoint.into()));
    assert!(records[0]["actor"].as_str().is_some_and(|actor| actor.ends_with("(OPS-17)")));
    assert_eq!(records[1]["request"], serde_json::json!({"credential": "token"}));
    assert!(!fs::read_to_string(log(&company)).unwrap().contains(TOKEN));
    assert!(company.run(&["audit", "verify"]).ends_with("exit 0\n"));
    let events = company.print(&["audit", "export", "--format", "ocsf"]);
    let types: Vec<Value> = events.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let types: Vec<_> = types.iter().map(|event: &Value| event["type_name"].as_str().unwrap()).collect();
    assert_eq!(types, ["Create", "Update", "Delete"].map(|name| format!("Entity Management: {name}")));
}

#[test]
fn what_cannot_be_recorded_is_not_done_to_an_account() {
    let company = Company::small();
    let endpoint = company.emulator.endpoint();
    company.print(&["account", "add", "acme", "--endpoint", &endpoint, "--token-env", "PORTCULLIS_TOKEN"]);
    let text = fs::read_to_string(log(&company)).unwrap();
    fs::write(log(&company), text.replace("add-account", "rotate-account")).unwrap();
    let refused = company.run(&["account", "remove", "acme", "--yes"]);
    let refused = refused.replace(&*company.data.to_string_lossy(), "DATA");
    expect![[r#"
        warning: this forgets `acme` at http://ADDRESS/scim/1/111222333444555666/v2 and its token, for good
        error: the audit log is not as it was left: its last line is another one
        hint: `portcullis audit verify` tells what is wrong; keep copies of log and database, find out who can write to them, and then `portcullis audit restart` puts the log aside
        exit 1
    "#]].assert_eq(&refused.replace(&endpoint, "ENDPOINT"));
    assert!(company.print(&["account", "list"]).contains("acme"));
    let mut off = company.command(&["account", "remove", "acme", "--yes"]);
    assert_eq!(output(off.env("PORTCULLIS_AUDIT", "off")).status.code(), Some(0));
}

#[test]
fn records_are_exported_for_a_spreadsheet_without_formulas() {
    let company = Company::small();
    company.print(&["groups", "create", "--name", "=1+1"]);
    let csv = company.print(&["audit", "export", "--format", "csv"]);
    let mut lines = csv.lines();
    assert_eq!(
        lines.next(),
        Some(
            "sequence,time,id,actor,account,endpoint,operation,kind,object,name,outcome,effect,error,request_ids,request,before,after,result,note"
        )
    );
    assert!(lines.next().unwrap().contains(",'=1+1,done,applied,"), "{csv}");
}

#[test]
fn records_are_exported_as_events_of_the_security_schema() {
    let company = Company::small();
    let id = create(&company);
    company.print(&["groups", "add-member", "Ops", MARA]);
    company.print(&["users", "deactivate", MARA, "--yes"]);
    company.print(&["vendor", "DELETE", &format!("Users/{id}"), "--yes"]);
    company.run(&["vendor", "DELETE", "Users/nope", "--yes"]);
    let printed = company.print(&["audit", "export", "--format", "ocsf"]);
    let events: Vec<Value> = printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let shown = |event: &Value| format!("{} {} {}", event["type_uid"], event["type_name"], event["status"]);
    assert_eq!(
        events.iter().map(shown).collect::<Vec<_>>(),
        [
            r#"300101 "Account Change: Create" "Success""#,
            r#"300603 "Group Management: Add User" "Success""#,
            r#"300105 "Account Change: Disable" "Success""#,
            r#"300404 "Entity Management: Delete" "Success""#,
            r#"300404 "Entity Management: Delete" "Failure""#,
        ]
    );
    let event = &events[1];
    assert_eq!(
        (&event["group"]["name"], &event["user"]["name"], &event["user"]["uid"]),
        (&"Ops".into(), &MARA.into(), &id.into())
    );
    assert_eq!(
        (&event["metadata"]["version"], &event["category_uid"], &event["class_uid"]),
        (&"1.5.0".into(), &3.into(), &3006.into())
    );
    assert!(event["time"].as_i64().unwrap() > 1_500_000_000_000);
}

#[test]
fn an_account_that_is_kept_is_recorded_by_its_name() {
    let company = Company::small();
    let endpoint = company.emulator.endpoint();
    let add = ["account", "add", "acme", "--endpoint", &endpoint, "--token-stdin"];
    tell_with(TOKEN, bare(&add).env("PORTCULLIS_DATA_DIR", &company.data));
    let mut create = bare(&["users", "create", "--username", MARA, "--account", "acme"]);
    assert_eq!(output(create.env("PORTCULLIS_DATA_DIR", &company.data)).status.code(), Some(0));
    assert_eq!(records(&company, &["--account", "ACME"])[0]["account"], "acme");
    let mut rotate = bare(&["account", "rotate-key"]);
    assert_eq!(output(rotate.env("PORTCULLIS_DATA_DIR", &company.data)).status.code(), Some(0));
    assert!(company.run(&["audit", "verify"]).ends_with("exit 0\n"));
}

/// A server that answers one request, with an id.
fn server() -> (String, std::thread::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}/v2", listener.local_addr().unwrap());
    let answer = std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let mut request = [0; 4096];
        let _ = connection.read(&mut request).unwrap();
        let answer = "HTTP/1.1 200 OK\r\nx-request-id: req-7\r\ncontent-length: 2\r\n\r\n{}";
        connection.write_all(answer.as_bytes()).unwrap();
    });
    (endpoint, answer)
}

#[test]
fn the_id_that_the_vendor_gave_the_request_is_recorded() {
    let (endpoint, answer) = server();
    let data = directory().join("data");
    let mut post = bare(&["vendor", "POST", "Users", "--yes", "--data", "{}", "--endpoint", &endpoint, "--no-token"]);
    assert_eq!(output(post.env("PORTCULLIS_DATA_DIR", &data)).status.code(), Some(0));
    answer.join().unwrap();
    let shown = shown(&data);
    assert_eq!((&shown[0]["request_ids"][0], shown[0]["id"].as_str().unwrap().len()), (&"req-7".into(), 32));
}

fn shown(data: &Path) -> Vec<Value> {
    let mut show = bare(&["audit", "show", "-o", "json"]);
    serde_json::from_slice(&output(show.env("PORTCULLIS_DATA_DIR", data)).stdout).unwrap()
}

/// The records of what acts on one person now: each of its writes, and who asked.
#[test]
fn each_write_of_what_acts_on_one_person_is_recorded() {
    let company = Company::small();
    company.print(&["groups", "create", "--name", "Quarantine"]);
    let (tanya, oliver, undo) = ("tanya+smith@acme.example", "oliver.conti@acme.example", directory());
    let name = |id: &str| {
        let directory = company.emulator.directory();
        let groups = directory.groups().map(|group| (group.id, group.display_name));
        let mut known = groups.chain(directory.users().map(|user| (user.id, user.user_name)));
        known.find(|(known, _)| known == id).unwrap().1
    };
    let recorded = |command: &[&str]| {
        let before = records(&company, &[]).len();
        company.print(&[command, &["--actor", "OPS-17"]].concat());
        let new = records(&company, &[]).split_off(before);
        let told = |record: &Value| {
            assert!(record["actor"].as_str().unwrap().ends_with("(OPS-17)"), "{record}");
            let part = |part: &str| record[part].as_str().unwrap().to_owned();
            format!("{} {} {} {}", part("operation"), name(&part("object")), part("outcome"), part("effect"))
        };
        let mut lines: Vec<_> = new.iter().map(told).collect();
        // Which of two groups comes first is the vendor's to say.
        lines.sort();
        lines
    };
    let onboarded = recorded(&["onboard", "--username", MARA, "--group", "Ops"]);
    assert_eq!(onboarded, ["add-members Ops done applied", &format!("create-user {MARA} done applied")]);
    let quarantined = recorded(&["quarantine", tanya, "--group", "Quarantine", "--yes"]);
    assert_eq!(
        quarantined,
        [
            "add-members Quarantine done applied",
            "remove-members Finance EU done applied",
            "remove-members Ops done applied"
        ]
    );
    let mut released = recorded(&["release", tanya]);
    let back = ["add-members Finance EU done applied", "add-members Ops done applied"];
    assert_eq!(released.drain(..2).collect::<Vec<_>>(), back);
    assert!(released.iter().all(|line| line.starts_with("remove-members Quarantine ")), "{released:?}");
    assert!(!released.is_empty());
    let cut = recorded(&["offboard", oliver, "--yes", "--undo-dir", undo.to_str().unwrap()]);
    let switched = format!("set-user-active {oliver} done applied");
    assert_eq!(cut, ["remove-members Ops done applied", &switched]);
    let file = fs::read_dir(&undo).unwrap().next().unwrap().unwrap().path();
    let restored = recorded(&["restore", file.to_str().unwrap()]);
    assert_eq!(restored, ["add-members Ops done applied", &switched]);
    // What only reads, and what is rehearsed, leaves none.
    for command in [&["quarantine", "list"][..], &["quarantine", tanya, "--group", "Quarantine", "--dry-run"]] {
        assert_eq!(recorded(command), Vec::<String>::new());
    }
}
