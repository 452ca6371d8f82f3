//! No fault of the vendor makes a plan that takes away what its source does not, or that makes somebody twice.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use portcullis_emulator::{Emulator, Options};
use portcullis_reconcile::{Leavers, Operation, Plan, Reference, Rules};
use portcullis_tests::House;
use portcullis_tests::damage::READS;

use crate::office::{self, Order, SETTLED};

/// A line for everybody but this one, in the groups that they are in.
fn source(vendor: &Emulator, but: &str) -> String {
    let directory = vendor.directory();
    let names: BTreeMap<_, _> = directory.groups().map(|group| (group.id, group.display_name)).collect();
    let mut text = String::new();
    for user in directory.users().filter(|user| user.id != but) {
        let groups: Vec<_> = user.groups.iter().map(|id| names[id].as_str()).collect();
        writeln!(text, "{}", serde_json::json!({"username": user.user_name, "groups": groups})).unwrap();
    }
    text
}

/// What the plan does that is not the one thing that there is to do.
fn mistakes(plan: &Plan, vendor: &Emulator, leaver: &str) -> Vec<String> {
    let there: BTreeSet<_> = vendor.users().into_iter().map(|user| user.user_name).collect();
    let is_right = |operation: &Operation| match operation {
        Operation::DeleteUser { user } => user == leaver && plan.is_complete,
        // Some faults delete people while they are read.
        Operation::CreateUser { fields, .. } => {
            let name = fields.iter().find(|field| field.field == "username").and_then(|field| field.after.as_ref());
            name.and_then(|name| name.as_str()).is_some_and(|name| !there.contains(name))
        }
        Operation::AddMember { user: Reference::Id(user), .. } => vendor.directory().user(user).is_none(),
        Operation::AddMember { user: Reference::New(_), .. } => true,
        _ => false,
    };
    let wrong = plan.actions.iter().filter(|action| !is_right(&action.operation));
    wrong.map(|action| format!("{} {}", action.operation.name(), action.label)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_fault_of_the_vendor_plans_what_the_source_does_not_say() {
    let rules = r#"{"scope": {"usernames": ["*"]}, "limits": {"leavers_percent": 100, "delete": 1000}}"#;
    let rules = Rules::parse(rules).unwrap();
    let (mut plans, mut removals) = (0, 0);
    for rule in READS {
        for concurrency in [1, 8] {
            let options = Options { users: 450, groups: 30, ..Options::default() };
            let house = House::with(options, Some(SETTLED)).await;
            let leaver = house.vendor.users()[200].id.clone();
            let text = source(&house.vendor, &leaver);
            house.vendor.add_fault(rule.parse().unwrap());
            let Ok(mut snapshot) = office::take(&house, concurrency).await else { continue };
            let order = Order { text: &text, rules: &rules, links: &[], leavers: Leavers::Delete };
            let Ok(draft) = office::confirm(&house, &mut snapshot, &order, |_| {}).await else { continue };
            let wrong = mistakes(&draft.plan, &house.vendor, &leaver);
            assert!(wrong.is_empty(), "{rule}, {concurrency} at a time: {wrong:?}");
            plans += 1;
            removals += usize::from(!draft.plan.actions.is_empty() && draft.plan.is_complete);
        }
    }
    // Some faults are harmless, and some leave a plan that takes nothing away: the law is not empty.
    assert!(plans >= 10 && removals >= 4 && removals < plans, "{plans} plans, {removals} that take away");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_fault_while_a_plan_asks_makes_somebody_twice_or_takes_away_what_is_wanted() {
    let rules = Rules::parse(r#"{"scope": {"usernames": ["*"]}}"#).unwrap();
    let mut plans = 0;
    for rule in READS {
        let options = Options { users: 150, groups: 6, ..Options::default() };
        let house = House::with(options, Some(SETTLED)).await;
        let leaver = house.vendor.users()[70].id.clone();
        let text = source(&house.vendor, &leaver);
        let mut snapshot = office::take(&house, 8).await.unwrap();
        // Of what was read, two users and a group are forgotten, so that the plan has something to ask for.
        snapshot.users.truncate(148);
        snapshot.groups.truncate(5);
        house.vendor.add_fault(rule.parse().unwrap());
        let order = Order { text: &text, rules: &rules, links: &[], leavers: Leavers::Delete };
        let Ok(draft) = office::confirm(&house, &mut snapshot, &order, |_| {}).await else { continue };
        let wrong = mistakes(&draft.plan, &house.vendor, &leaver);
        assert!(wrong.is_empty(), "{rule}: {wrong:?}");
        plans += 1;
    }
    assert!(plans >= 5, "{plans}");
}
