//! Plans: applied, refused, broken off and gone on with.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use expect_test::expect;
use portcullis_directory::Description;
use portcullis_emulator::Options;
use portcullis_reconcile::{Action, Digest, FieldChange, Operation, Plan, Receipt, Reference, Source, Target, Trip};
use serde_json::json;

use crate::run::{Company, directory, output, tell};

/// A company, a plan for it in a file, and a place for what is kept.
struct Office {
    company: Company,
    plan: Plan,
    place: PathBuf,
}

impl Office {
    fn new(faults: &[&str]) -> Office {
        Office::with(faults, Vec::new())
    }

    /// Three people join a new group.
    fn with(faults: &[&str], trips: Vec<Trip>) -> Office {
        let company = Company::start(Options { users: 3, groups: 2, ..Options::default() });
        let description: Description = serde_json::from_str(&company.print(&["describe", "-o", "json"])).unwrap();
        let set =
            |field: &str, value: &str| FieldChange { field: field.to_owned(), before: None, after: Some(json!(value)) };
        let user = |number: u32| format!("user-{number}");
        let mut operations: Vec<_> = (1..4)
            .map(|number| Operation::CreateUser {
                user: user(number),
                fields: vec![set("username", &format!("joiner-{number}@acme.example"))],
            })
            .collect();
        let group = "group-1".to_owned();
        operations.push(Operation::CreateGroup { group: group.clone(), fields: vec![set("name", "Project")] });
        operations.extend((1..4).map(|number| Operation::AddMember {
            group: Reference::New(group.clone()),
            user: Reference::New(user(number)),
        }));
        let label = |number: u32| format!("the label of {number}");
        let actions =
            (1..).zip(operations).map(|(number, operation)| Action { number, label: label(number), operation });
        let component = Digest::of(portcullis_connectors::ZPA);
        let plan = Plan {
            plan: Plan::VERSION,
            target: Target::new(&company.emulator.endpoint(), None, component, &description),
            source: Source { name: "people.csv".to_owned(), digest: Digest::of(b"people"), people: 3, groups: 1 },
            made_at: "2026-06-01T00:00:00Z".to_owned(),
            snapshot: Digest::of(b"snapshot"),
            users: 3,
            is_complete: true,
            is_import: false,
            drift: Vec::new(),
            warnings: Vec::new(),
            trips,
            touched: Vec::new(),
            links: Vec::new(),
            actions: actions.collect(),
            digest: Digest::of(b""),
        };
        let plan = Plan { digest: plan.compute_digest(), ..plan };
        let place = directory();
        std::fs::write(place.join("plan.json"), serde_json::to_vec(&plan).unwrap()).unwrap();
        for fault in faults {
            company.emulator.add_fault(fault.parse().unwrap());
        }
        company.emulator.clear_exchanges();
        Office { company, plan, place }
    }

    fn file(&self, name: &str) -> String {
        self.place.join(name).to_string_lossy().into_owned()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let plan = self.file("plan.json");
        let mut command = self.company.command(&[&["apply", &plan], arguments].concat());
        command.env("PORTCULLIS_DATA_DIR", self.place.join("data"));
        command
    }

    /// All that the command prints but for the receipt, and how it ends.
    fn told(&self, arguments: &[&str]) -> String {
        let mut command = self.command(arguments);
        command.stdout(Stdio::null());
        tell(&mut command).replace(&self.file("plan.json"), "plan.json")
    }

    fn state(&self) -> (usize, Vec<usize>) {
        let vendor = self.company.emulator.directory();
        let joiners = vendor.users().filter(|user| user.user_name.starts_with("joiner-")).count();
        let projects = vendor.groups().filter(|group| group.display_name == "Project");
        (joiners, projects.map(|group| group.members.len()).collect())
    }

    /// A process that waits for the answer to its so many-th write, which is made.
    fn held(&self, write: usize) -> Child {
        let mut command = self.command(&["--yes", "--concurrency", "1"]);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        while self.company.writes().len() < write {
            std::thread::yield_now();
        }
        child
    }
}

#[test]
fn a_plan_is_applied_once() {
    let office = Office::new(&[]);
    let receipts = [office.file("receipt.json"), office.file("receipt.html")];
    expect![[r#"
        warning: this changes ENDPOINT: create-user 3, create-group 1, add-member 3
        note: of 7 actions 7 are done, 0 were so already, 0 were skipped, 0 failed, and 0 are to be tried again
        exit 0
    "#]]
    .assert_eq(
        &office.told(&["--yes", "--receipt", &receipts[0]]).replace(&office.company.emulator.endpoint(), "ENDPOINT"),
    );
    assert_eq!(office.state(), (3, vec![3]));
    // The members go in one request.
    assert_eq!(office.company.writes(), ["POST", "POST", "POST", "POST", "PATCH"]);
    let receipt: Receipt = serde_json::from_slice(&std::fs::read(&receipts[0]).unwrap()).unwrap();
    assert_eq!((receipt.counts.done, &receipt.plan), (7, &office.plan.digest));

    let told = office.told(&["--yes", "--receipt", &receipts[1]]);
    assert!(told.starts_with("note: the plan was applied already, and was done at 20"), "{told}");
    assert!(told.ends_with("exit 0\n"), "{told}");
    assert_eq!(office.company.writes().len(), 5);
    assert!(std::fs::read_to_string(&receipts[1]).unwrap().starts_with("<!doctype html>"));
}

#[test]
fn a_receipt_is_printed_as_it_is_wanted() {
    let office = Office::new(&[]);
    let printed = |format: &str| {
        let printed = output(&mut office.command(&["--yes", "-o", format]));
        String::from_utf8(printed.stdout).unwrap()
    };
    let receipt: Receipt = serde_json::from_str(&printed("json")).unwrap();
    assert!(receipt.is_complete());
    assert!(printed("html").contains("Receipt of an applied plan"));
    let table = printed("table");
    let row = table.lines().nth(7).unwrap();
    assert!(row.starts_with("7       add-member") && row.contains("the label of 7"), "{table}");
}

#[test]
fn nothing_is_sent_without_leave_or_in_a_dry_run() {
    let office = Office::new(&[]);
    expect![[r#"
        error: applying a plan is asked about first, and there is no terminal to ask at; nothing was sent
        hint: `--yes` does it, and `--dry-run` shows what would be sent
        exit 2
    "#]]
    .assert_eq(&office.told(&[]));
    let shown = tell(&mut office.command(&["--dry-run", "-o", "table"]));
    assert_eq!(shown.matches("would send: POST Users").count(), 3, "{shown}");
    assert_eq!(shown.matches("would send: PATCH Groups/").count(), 1, "{shown}");
    assert_eq!(office.company.writes(), [""; 0]);
    assert!(!office.place.join("data").join("portcullis.db").exists());
}

#[test]
fn a_process_that_is_killed_leaves_what_another_one_goes_on_with() {
    for write in 1..=5 {
        let office = Office::new(&[]);
        // The write is made, and its answer comes after an hour.
        let method = if write == 5 { "PATCH" } else { "POST" };
        let nth = if write == 5 { 1 } else { write };
        let rule = format!("delay-ms=3600000 method={method} nth={nth}");
        office.company.emulator.add_fault(rule.parse().unwrap());
        let mut child = office.held(write);
        let told = office.told(&["--yes"]);
        let process = format!("error: the process {} is applying a plan to `", child.id());
        assert!(told.starts_with(&process) && told.ends_with("exit 5\n"), "{told}");
        child.kill().unwrap();
        child.wait().unwrap();
        office.company.emulator.clear_faults();

        let writes = office.company.writes().len();
        let told = office.told(&["--yes"]);
        assert!(told.contains("`--resume` goes on with it; nothing was sent\nexit 4\n"), "{told}");
        assert_eq!(office.company.writes().len(), writes);
        let told = office.told(&["--yes", "--resume"]);
        assert!(told.ends_with("0 failed, and 0 are to be tried again\nexit 0\n"), "{told}");
        assert_eq!(office.state(), (3, vec![3]), "{write}");
        assert_eq!(office.company.writes().len(), 5, "{write}");
    }
}

#[test]
fn a_part_first_leaves_the_rest_for_later() {
    let office = Office::new(&[]);
    let told = office.told(&["--yes", "--max-changes", "2"]);
    let note =
        "note: of 7 actions 2 are done, 0 were so already, 5 were skipped, 0 failed, and 0 are to be tried again\n";
    let hint = "hint: `portcullis apply plan.json --resume` goes on with what is left\nexit 0\n";
    assert!(told.ends_with(&format!("{note}{hint}")), "{told}");
    let told = office.told(&["--yes", "--resume", "--only", "operation:delete-user"]);
    assert!(told.ends_with("exit 3\n"), "{told}");
    let told = office.told(&["--yes", "--resume", "--only", "somebody"]);
    assert!(told.starts_with("error: invalid value 'somebody' for '--only <SELECTOR>'"), "{told}");
    let told = office.told(&["--yes", "--resume"]);
    assert!(told.ends_with("exit 0\n"), "{told}");
    assert_eq!(office.state(), (3, vec![3]));
}

#[test]
fn a_failure_says_which_action_it_was_and_what_to_do() {
    let office = Office::new(&["status=503 retry-after=13 method=POST"]);
    let told = office.told(&["--yes", "--concurrency", "1"]);
    assert!(told.contains("error: 1 of 7 actions are to be tried again: 1 (the label of 1): "), "{told}");
    assert!(told.ends_with("`portcullis apply plan.json --resume` goes on with what is left\nexit 5\n"), "{told}");
    office.company.emulator.clear_faults();
    assert!(office.told(&["--yes", "--resume"]).ends_with("exit 0\n"));
    let office = Office::new(&["status=400 method=POST path=/Groups"]);
    let told = office.told(&["--yes", "--on-error", "continue"]);
    assert!(told.contains("of 7 actions 3 are done, 0 were so already, 3 were skipped, 1 failed"), "{told}");
    assert!(
        told.contains("error: 1 of 7 actions failed: 4 (the label of 4): ") && told.ends_with("exit 1\n"),
        "{told}"
    );
}

#[test]
fn a_plan_that_is_refused_says_why() {
    let trip = Trip {
        guard: "create-count".to_owned(),
        counted: 3,
        limit: 2,
        message: "3 users would be created, and 2 may be".to_owned(),
    };
    let office = Office::with(&[], vec![trip]);
    let told = office.told(&["--yes"]).replace(office.plan.digest.as_str(), "DIGEST");
    expect![[r#"
        error: the plan goes beyond its limits: 3 users would be created, and 2 may be
        hint: look at the plan; where it is meant, `--override-guards DIGEST` applies it all the same; nothing was sent
        exit 4
    "#]]
    .assert_eq(&told);
    let told = office.told(&["--yes", "--override-guards", "sha256:1"]);
    assert!(
        told.starts_with("error: invalid value 'sha256:1' for '--override-guards <DIGEST>': it is no digest"),
        "{told}"
    );
    assert_eq!(office.company.writes(), [""; 0]);
    assert!(office.told(&["--yes", "--override-guards", office.plan.digest.as_str()]).ends_with("exit 0\n"));

    let office = Office::new(&[]);
    for (text, message) in [
        ("{}", "is no plan: missing field `plan` at line 1 column 2"),
        (r#"{"plan":9}"#, "the plan is of version 9, which this program does not apply"),
    ] {
        std::fs::write(office.file("plan.json"), text).unwrap();
        let told = office.told(&["--yes"]);
        assert!(told.contains(message) && told.ends_with("exit 2\n"), "{told}");
    }
}
