//! What a plan of a large directory costs: `cargo run --release -p portcullis-reconcile --example plan`.
//!
//! The directory and the source are made up in memory: 50,000 users in 10 of 500 groups each, of whom 1 in 50 has left, 1 in
//! 50 is new, 1 in 20 has another title and 1 in 20 another group. Memory is what the process grew by.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a measurement reports, and fails by panic")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Instant;

use portcullis_directory::{Description, Group, GroupReference, User};
use portcullis_reconcile::{
    Desired, Digest, Fields, Header, Inputs, Leavers, Links, ListEnding, Plan, Rules, Snapshot, Target, draft,
};

const USERS: usize = 50_000;
const GROUPS: usize = 500;
const EACH: usize = 10;

fn main() {
    let start = resident();
    let snapshot = snapshot();
    println!(
        "directory: {USERS} users, {GROUPS} groups, {} memberships, {} MB",
        USERS * EACH,
        (resident() - start) / 1024
    );
    let rules = Rules::parse(r#"{"scope": {"usernames": ["*"]}}"#).unwrap();
    let text = source();

    let (before, begun) = (resident(), Instant::now());
    let desired = Desired::from_csv("people.csv", text.as_bytes(), &rules, &fields()).unwrap();
    println!("source of {} MB read      {:?}, {} MB", text.len() / 1_000_000, begun.elapsed(), grown(before));

    let (links, today, quarantined) = (Links::new(), BTreeMap::new(), BTreeMap::new());
    let inputs = Inputs {
        snapshot: &snapshot,
        desired: &desired,
        rules: &rules,
        links: &links,
        last: None,
        today: &today,
        quarantined: &quarantined,
        leavers: Leavers::Deactivate,
        only_add: false,
    };
    let (before, begun) = (resident(), Instant::now());
    let plan = draft(inputs, "2026-01-01T00:00:00Z").plan;
    println!("plan of {} actions     {:?}, {} MB", plan.actions.len(), begun.elapsed(), grown(before));
    println!("  {}", plan.summary());

    let begun = Instant::now();
    let json = serde_json::to_vec(&plan).unwrap();
    println!("as JSON, {} MB             {:?}", json.len() / 1_000_000, begun.elapsed());
    let begun = Instant::now();
    let again: Plan = serde_json::from_slice(&json).unwrap();
    assert_eq!(again.compute_digest(), plan.digest);
    println!("read and checked           {:?}", begun.elapsed());
    let begun = Instant::now();
    println!("as HTML, {} MB             {:?}", plan.to_html().len() / 1_000_000, begun.elapsed());
    println!("memory of all              {} MB", resident() / 1024);
}

fn group(user: usize, number: usize) -> usize {
    (user * 7 + number * 49) % GROUPS
}

fn snapshot() -> Snapshot {
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
        users: ending(USERS),
        groups: ending(GROUPS),
        memberships: (USERS * EACH) as u64,
        content: Digest::of(b"content"),
    };
    let reference = |group: usize| GroupReference { id: format!("g{group:05}"), name: Some(format!("Group {group}")) };
    let users = (0..USERS).map(|at| User {
        id: format!("u{at:08}"),
        external_id: Some(format!("00u{at}")),
        username: Some(format!("person.{at}@acme.example")),
        title: Some("Analyst".to_owned()),
        department: Some(format!("Department {}", at % 40)),
        status: Some("active".to_owned()),
        groups: (0..EACH).map(|number| reference(group(at, number))).collect(),
        ..User::default()
    });
    let groups =
        (0..GROUPS).map(|at| Group { id: format!("g{at:05}"), name: Some(format!("Group {at}")), ..Group::default() });
    Snapshot { header, users: users.collect(), groups: groups.collect(), rosters: Vec::new() }
}

fn source() -> String {
    let mut text = "username,external_id,title,department,status,groups\n".to_owned();
    for at in (0..USERS).filter(|at| at % 50 != 1).chain(USERS..USERS + USERS / 50) {
        let title = if at % 20 == 2 { "Head" } else { "Analyst" };
        let shift = usize::from(at % 20 == 3);
        let groups: Vec<_> = (shift..EACH + shift).map(|number| format!("Group {}", group(at, number))).collect();
        let (department, groups) = (at % 40, groups.join(";"));
        writeln!(text, "person.{at}@acme.example,00u{at},{title},Department {department},active,{groups}").unwrap();
    }
    text
}

fn fields() -> Fields {
    let field = |name: &str, kind: &str| {
        serde_json::json!({"resource": "user", "name": name, "type": kind, "read": [], "source": "made up",
            "abilities": {"readable": true, "writable": true, "clearable": true, "findable": false}})
    };
    let names = ["username", "external_id", "title", "department"].map(|name| field(name, "text"));
    let fields: Vec<_> = names.into_iter().chain([field("status", "status")]).collect();
    let description = serde_json::json!({"name": "zpa", "version": "0.1.0", "vendor": "made up", "fields": fields,
        "operations": [], "settings_schema": {}});
    Fields::of(&serde_json::from_str::<Description>(&description.to_string()).unwrap())
}

fn grown(before: u64) -> u64 {
    resident().saturating_sub(before) / 1024
}

/// Kilobytes that the process has in memory; 0 where the system does not say.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()).and_then(|text| text.parse().ok()).unwrap_or_default()
}
