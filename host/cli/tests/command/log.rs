//! The log on standard error.

use serde_json::Value;

use crate::run::{Company, TOKEN, output, tell};

const MARA: &str = "mara.lind@acme.example";

#[test]
fn there_is_no_log_unless_it_is_asked_for() {
    let company = Company::small();
    let listed = output(&mut company.command(&["users", "list"]));
    assert_eq!(String::from_utf8_lossy(&listed.stderr), "");
    let off = output(company.command(&["users", "list"]).env("PORTCULLIS_LOG", "off"));
    assert_eq!(String::from_utf8_lossy(&off.stderr), "");
}

#[test]
fn a_log_tells_calls_and_requests_and_nobodys_name() {
    let company = Company::small();
    let arguments = ["users", "create", "--username", MARA, "--log", "info", "--log-format", "json"];
    let created = output(&mut company.command(&arguments));
    let log = String::from_utf8(created.stderr).unwrap();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let spans: Vec<_> = lines.iter().filter_map(|line| line["span"]["name"].as_str()).collect();
    // What the connector says of its fields is asked before, and its key is the record's.
    assert_eq!(spans, ["call", "request", "call", "write"]);
    assert_eq!(lines[2]["span"]["operation"], "create-user");
    assert_eq!(lines[3]["span"]["audit.id"].as_str().map(str::len), Some(32));
    assert!(!log.contains(MARA) && !log.contains(TOKEN));
}

#[test]
fn a_log_of_lines_is_for_people_and_a_variable_asks_for_it_as_well() {
    let company = Company::small();
    let listed = output(company.command(&["users", "list"]).env("PORTCULLIS_LOG", "info"));
    let log = String::from_utf8(listed.stderr).unwrap();
    assert!(log.contains(" INFO ") && log.contains("operation=\"list-users\""), "{log}");
    let refused = tell(&mut company.command(&["users", "list", "--log", "loud"]));
    assert!(refused.ends_with("exit 2\n"), "{refused}");
}
