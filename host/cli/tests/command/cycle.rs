//! From one plan to the next: what a plan that was applied leaves for the one after it to be measured by.

use std::fmt::Write as _;

use crate::run::{Company, directory};

/// Forty people, and a source that has them all.
struct Firm {
    company: Company,
    people: Vec<String>,
}

impl Firm {
    fn new() -> Firm {
        let company = Company::of(40, 2, &[]);
        let people = company.emulator.users().into_iter().map(|user| user.user_name).collect();
        Firm { company, people }
    }

    /// The rows of these people, the first of whom has a new title, and somebody new.
    fn source(people: &[String]) -> String {
        let mut text = "username,title\nmara.lind@acme.example,Analyst\n".to_owned();
        for (at, name) in people.iter().enumerate() {
            writeln!(text, "{name},{}", if at == 0 { "Head" } else { "" }).unwrap();
        }
        text
    }

    /// Makes a plan; answers its file and what is told.
    fn plan(&self, source: &str, arguments: &[&str]) -> (String, String) {
        let place = directory();
        let (people, plan) = (place.join("people.csv"), place.join("plan.json"));
        std::fs::write(&people, source).unwrap();
        let (people, plan) = (people.to_str().unwrap(), plan.to_str().unwrap().to_owned());
        let told = self.company.run(&[&["plan", "--desired", people, "--out", &plan], arguments].concat());
        (plan, told)
    }

    fn apply(&self, plan: &str, arguments: &[&str]) {
        let told = self.company.run(&[&["apply", plan, "--yes"], arguments].concat());
        assert!(told.ends_with("exit 0\n"), "{told}");
    }

    /// Changes a user as somebody else would, in a field that the source has not.
    fn change_from_outside(&self, name: &str) {
        self.company.print(&["users", "update", name, "--set", "department=Elsewhere"]);
    }
}

/// What is refused, and why.
fn refusals(told: &str) -> Vec<&str> {
    told.lines().filter_map(|line| line.strip_prefix("refused: ")).collect()
}

/// Whom somebody else changed.
fn changed(told: &str) -> Vec<&str> {
    let named = told.lines().filter_map(|line| line.strip_prefix("warning: changed-out-of-band `"));
    named.filter_map(|rest| rest.split('`').next()).collect()
}

#[test]
fn a_source_that_shrank_since_a_plan_was_applied_is_refused_with_both_numbers() {
    let firm = Firm::new();
    let (plan, _) = firm.plan(&Firm::source(&firm.people), &[]);
    firm.apply(&plan, &[]);
    let (plan, told) = firm.plan(&Firm::source(&firm.people[..20]), &["--leavers", "ignore"]);
    let shrank = "the source has 21 people and had 41 at the last run, and may have shrunk by 20 percent, to 33 \
                  (source-shrank)";
    assert_eq!(refusals(&told), [shrank]);
    let writes = firm.company.writes().len();
    let told = firm.company.run(&["apply", &plan, "--yes"]);
    assert!(told.starts_with(&format!("error: the plan goes beyond its limits: {}", &shrank[..shrank.len() - 16])));
    assert!(told.ends_with("exit 4\n"), "{told}");
    assert_eq!(firm.company.writes().len(), writes);
}

#[test]
fn a_directory_that_shrank_since_a_plan_was_applied_is_refused_with_both_numbers() {
    let firm = Firm::new();
    let source = Firm::source(&firm.people);
    let (plan, _) = firm.plan(&source, &[]);
    firm.apply(&plan, &[]);
    let gone: Vec<_> = firm.company.emulator.users().into_iter().map(|user| user.id).take(15).collect();
    for id in gone {
        firm.company.emulator.remove_user(&id).unwrap();
    }
    let (_, told) = firm.plan(&source, &[]);
    let shrank = "the directory has 26 people and had 41 at the last run, and may have shrunk by 20 percent, to 33 \
                  (directory-shrank)";
    assert_eq!(refusals(&told), [shrank]);
}

#[test]
fn what_somebody_else_changed_since_a_plan_was_applied_is_named_until_a_plan_is_applied_again() {
    let firm = Firm::new();
    let source = Firm::source(&firm.people);
    let (plan, told) = firm.plan(&source, &[]);
    assert!(changed(&told).is_empty(), "{told}");
    firm.apply(&plan, &[]);
    // One whom the plan changed, one whom it made, and one whom it left alone.
    let mut others = [firm.people[0].as_str(), "mara.lind@acme.example", &firm.people[7]];
    for name in others {
        firm.change_from_outside(name);
    }
    others.sort_unstable();
    let told_again = || {
        let (plan, told) = firm.plan(&source, &[]);
        assert_eq!(changed(&told), others, "{told}");
        assert!(told.ends_with("exit 8\n"), "{told}");
        plan
    };
    told_again();
    firm.apply(&told_again(), &[]);
    let (_, told) = firm.plan(&source, &[]);
    assert!(told.ends_with("exit 0\n"), "{told}");
}

#[test]
fn a_plan_that_was_applied_in_part_is_no_measure_until_it_is_done() {
    let firm = Firm::new();
    let (plan, _) = firm.plan(&Firm::source(&firm.people), &[]);
    let fewer = || firm.plan(&Firm::source(&firm.people[..20]), &["--leavers", "ignore"]).1;
    firm.apply(&plan, &["--max-changes", "1"]);
    assert_eq!(refusals(&fewer()), [""; 0]);
    firm.apply(&plan, &["--resume"]);
    assert_eq!(refusals(&fewer()).len(), 1);
}

#[test]
fn an_import_and_a_plan_of_yesterday_are_no_measure() {
    let firm = Firm::new();
    let source = Firm::source(&firm.people);
    let (first, _) = firm.plan(&source, &[]);
    firm.apply(&first, &[]);
    let (import, _) = firm.plan("username,title\nnora.berg@acme.example,Clerk\n", &["--only-add"]);
    firm.apply(&import, &[]);
    let fewer = || firm.plan(&Firm::source(&firm.people[..20]), &["--leavers", "ignore"]);
    let (plan, told) = fewer();
    let digest = hint(&told);
    assert_eq!(refusals(&told).len(), 1, "{told}");
    // Whoever means it makes the smaller source the measure; the plan of before does not come back.
    firm.apply(&plan, &["--override-guards", digest]);
    assert_eq!(refusals(&fewer().1), [""; 0]);
    firm.apply(&first, &[]);
    assert_eq!(refusals(&fewer().1), [""; 0]);
}

#[test]
fn who_was_imported_is_no_leaver_of_the_source_of_everybody() {
    let firm = Firm::new();
    let source = Firm::source(&firm.people);
    let (plan, _) = firm.plan(&source, &[]);
    firm.apply(&plan, &[]);
    let import = "username,title\nnora.berg@acme.example,Clerk\n";
    let (plan, _) = firm.plan(import, &["--only-add"]);
    firm.apply(&plan, &[]);
    assert!(firm.plan(import, &["--only-add"]).1.ends_with("exit 0\n"));
    let (_, told) = firm.plan(&source, &[]);
    assert!(told.contains("Everything is as it should be.") && told.ends_with("exit 0\n"), "{told}");
}

/// The digest that the hint names.
fn hint(told: &str) -> &str {
    let at = told.find("--override-guards ").unwrap() + "--override-guards ".len();
    &told[at..at + "sha256:".len() + 64]
}
