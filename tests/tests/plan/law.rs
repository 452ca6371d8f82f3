//! What holds of any directory and any source, from the reading to the last write.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::atomic::AtomicBool;

use portcullis_emulator::{At, Directory, Emulator, Group as VendorGroup, Options, User as VendorUser};
use portcullis_reconcile::{ApplyOptions, Leavers, NoJournal, Plan, Refusal, Rules, apply};
use portcullis_tests::House;
use portcullis_tests::damage::WRITES;
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use proptest::sample::subsequence;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};

use crate::applying::{Fresh, Place, state};
use crate::office::{self, Order, SETTLED};

const TITLES: [&str; 3] = ["", "Analyst", "Head"];
const LEAVERS: [Leavers; 4] = [Leavers::Deactivate, Leavers::Delete, Leavers::RemoveGroups, Leavers::Ignore];
const USERS: usize = 10;
const GROUPS: usize = 5;

/// A title, whether it is switched on, and groups, of the person or user of a number.
type Row = (usize, usize, bool, BTreeSet<usize>);

/// Some of these people, each once, in some of these groups.
fn rows(people: usize, groups: usize) -> impl Strategy<Value = Vec<Row>> {
    let row = (0..people, 0..TITLES.len(), any::<bool>(), btree_set(0..groups, 0..4));
    vec(row, 0..people).prop_map(|rows| {
        let mut seen = BTreeSet::new();
        rows.into_iter().filter(|row| seen.insert(row.0)).collect()
    })
}

fn name(at: usize) -> String {
    format!("p{at}@acme.example")
}

/// Users and the groups `G0` to `G4` of a vendor.
async fn house(rows: &[Row]) -> House {
    let house = House::with(Options { users: 0, groups: 0, record: 10_000, ..Options::default() }, Some(SETTLED)).await;
    let mut members = vec![Vec::new(); GROUPS];
    for (at, title, is_on, groups) in rows {
        let title = Some(TITLES[*title].to_owned()).filter(|title| !title.is_empty());
        let id = house.vendor.add_user(VendorUser { title, active: *is_on, ..VendorUser::new(name(*at)) }).unwrap();
        for group in groups {
            members[*group].push(id.clone());
        }
    }
    for (at, members) in members.into_iter().enumerate() {
        let group = VendorGroup { members, ..VendorGroup::new(format!("G{at}")) };
        house.vendor.directory_mut().add_group(group, At::End).unwrap();
    }
    house
}

/// What a source says of these people; a title that is not there says nothing.
fn source(rows: &[Row]) -> String {
    let mut text = "username,title,status,groups\n".to_owned();
    for (at, title, is_on, groups) in rows {
        let groups: Vec<_> = groups.iter().map(|group| format!("G{group}")).collect();
        let status = if *is_on { "active" } else { "inactive" };
        writeln!(text, "{},{},{status},{}", name(*at), TITLES[*title], groups.join(";")).unwrap();
    }
    text
}

/// Beside those whom it names, the source owns the users `p0` to `p5`, and never `p8` and `G3`.
fn rules(limits: &str) -> Rules {
    let owned: Vec<_> = (0..6).map(name).collect();
    let text = serde_json::json!({
        "scope": {"usernames": owned},
        "protected": {"users": [name(8)], "groups": ["G3"]},
        "limits": serde_json::from_str::<serde_json::Value>(limits).unwrap(),
    });
    Rules::parse(&text.to_string()).unwrap()
}

async fn plan(house: &House, text: &str, rules: &Rules, leavers: Leavers) -> Plan {
    let mut snapshot = office::take(house, 8).await.unwrap();
    let order = Order { text, rules, links: &[], leavers };
    office::confirm(house, &mut snapshot, &order, |_| {}).await.unwrap().plan
}

fn writes(vendor: &Emulator) -> usize {
    vendor.exchanges().iter().filter(|exchange| exchange.method != "GET").count()
}

/// What a plan for this source has no business with: who is protected, who is not owned, and each membership of theirs
/// or of a group that is protected or that nobody names.
fn others(directory: &Directory, there: &BTreeSet<String>, named: &[Row]) -> Vec<String> {
    let is_named = |user: &str| named.iter().any(|row| name(row.0) == user);
    let is_alien = |user: &str| user == name(8) || !(is_named(user) || (0..6).any(|at| name(at) == user));
    let mut lines = Vec::new();
    for user in directory.users().filter(|user| is_alien(&user.user_name)) {
        lines.push(format!("{user:?}"));
    }
    for group in directory.groups() {
        let of = group.display_name.strip_prefix('G').and_then(|at| at.parse::<usize>().ok());
        let is_named = named.iter().any(|row| of.is_some_and(|of| row.3.contains(&of)));
        let is_alien_group = group.display_name == "G3" || !is_named;
        for id in &group.members {
            let user = directory.user(id).unwrap().user_name;
            // Whoever was deleted, as the source wants it, is in no group any more.
            if there.contains(&user) && (is_alien(&user) || is_alien_group) {
                lines.push(format!("{user} in {}", group.display_name));
            }
        }
    }
    lines.sort();
    lines
}

/// Runs a law on cases that are the same in every run.
fn hold<S: Strategy>(cases: u32, strategy: &S, law: &impl AsyncFn(S::Value) -> Result<(), TestCaseError>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    runner.run(strategy, |value| runtime.block_on(law(value))).unwrap();
}

#[test]
fn a_plan_that_was_applied_leaves_nothing_to_plan_and_nobody_else_changed() {
    let free = rules(r#"{"leavers_percent": 100, "group_percent": 100}"#);
    hold(40, &(rows(USERS, GROUPS), rows(USERS + 2, GROUPS + 1), 0..LEAVERS.len()), &async |(
        before,
        wanted,
        leavers,
    )| {
        let house = house(&before).await;
        let (vendor, leavers, text) = (&house.vendor, LEAVERS[leavers], source(&wanted));
        let plan = plan(&house, &text, &free, leavers).await;
        prop_assert!(plan.is_complete);
        prop_assert_eq!(writes(vendor), 0);
        let start = state(vendor);
        let target = office::target(&house).await;
        // The last member of a group is under no limit that a number could raise.
        let override_guards = (!plan.trips.is_empty()).then(|| plan.digest.clone());
        let options = ApplyOptions { override_guards, ..ApplyOptions::default() };
        let nobody = AtomicBool::new(false);

        let (dry, requests) = house.directory.dry_run();
        let rehearsed = apply(&plan, &target, &dry, &NoJournal, &options, &nobody).await;
        prop_assert!(rehearsed.unwrap().is_complete());
        prop_assert_eq!(requests.requests().is_empty(), plan.actions.is_empty());
        prop_assert_eq!((writes(vendor), state(vendor)), (0, start));

        let place = Place::new();
        let names = || vendor.users().into_iter().map(|user| user.user_name).collect::<BTreeSet<_>>();
        let earlier = vendor.directory().clone();
        let run = async || {
            let journal = place.journal(&plan).await;
            apply(&plan, &target, &house.directory, &journal, &options, &nobody).await.unwrap()
        };
        let receipt = run().await;
        prop_assert!(receipt.is_complete(), "{:#?}", receipt);
        let there = names();
        prop_assert_eq!(others(&vendor.directory(), &there, &wanted), others(&earlier, &there, &wanted));

        let (made, end) = (writes(vendor), state(vendor));
        let again = run().await;
        prop_assert_eq!(again.counts, receipt.counts);
        prop_assert_eq!((writes(vendor), state(vendor)), (made, end));

        let second = self::plan(&house, &text, &free, leavers).await;
        prop_assert_eq!(second.actions, vec![]);
        Ok(())
    });
}

#[test]
fn a_plan_comes_to_the_same_end_whatever_goes_wrong_while_it_is_applied() {
    let free = rules(r#"{"leavers_percent": 100, "group_percent": 100}"#);
    let disturbed = std::cell::Cell::new(0);
    let faults = subsequence(WRITES.to_vec(), 1..4);
    let cases = (rows(USERS, GROUPS), rows(USERS + 2, GROUPS + 1), 0..LEAVERS.len(), faults);
    hold(40, &cases, &async |(before, wanted, leavers, faults)| {
        let house = house(&before).await;
        let (vendor, leavers, text) = (&house.vendor, LEAVERS[leavers], source(&wanted));
        let plan = plan(&house, &text, &free, leavers).await;
        let (target, earlier) = (office::target(&house).await, vendor.directory().clone());
        let override_guards = (!plan.trips.is_empty()).then(|| plan.digest.clone());
        let options = ApplyOptions { override_guards, ..ApplyOptions::default() };
        for fault in &faults {
            vendor.add_fault(fault.parse().unwrap());
        }
        let (place, mut runs) = (Place::new(), 0);
        loop {
            let journal = place.journal(&plan).await;
            runs += 1;
            match apply(&plan, &target, &house.directory, &journal, &options, &AtomicBool::new(false)).await {
                Ok(receipt) if receipt.is_complete() => break,
                Ok(receipt) => prop_assert_eq!(receipt.counts.failed, 0, "{:#?}", receipt),
                Err(refusal) => prop_assert!(matches!(refusal, Refusal::Unread { .. }), "{}", refusal),
            }
            prop_assert!(runs < 8, "{:?}", faults);
        }
        disturbed.set(disturbed.get() + usize::from(vendor.exchanges().iter().any(|one| !one.faults.is_empty())));
        vendor.clear_faults();
        let there = vendor.users().into_iter().map(|user| user.user_name).collect();
        prop_assert_eq!(others(&vendor.directory(), &there, &wanted), others(&earlier, &there, &wanted));
        prop_assert_eq!(self::plan(&house, &text, &free, leavers).await.actions, vec![]);
        Ok(())
    });
    assert!(disturbed.get() >= 20, "{}", disturbed.get());
}

#[test]
fn a_plan_that_goes_beyond_a_limit_sends_no_write() {
    let strict = rules(r#"{"create": 1, "update": 1, "leavers_percent": 0, "member_add": 2, "member_remove": 1}"#);
    let refused = std::cell::Cell::new(0);
    hold(24, &(rows(USERS, GROUPS), rows(USERS + 2, GROUPS + 1), 0..LEAVERS.len()), &async |(
        before,
        wanted,
        leavers,
    )| {
        let house = house(&before).await;
        let plan = plan(&house, &source(&wanted), &strict, LEAVERS[leavers]).await;
        let target = office::target(&house).await;
        let (start, options) = (state(&house.vendor), ApplyOptions::default());
        let nobody = AtomicBool::new(false);
        let journal = Fresh::of(&plan).await;
        let applied = apply(&plan, &target, &house.directory, &journal, &options, &nobody).await;
        if plan.trips.is_empty() {
            prop_assert!(applied.is_ok());
            return Ok(());
        }
        prop_assert!(matches!(applied, Err(Refusal::Guards(trips)) if trips == plan.trips));
        prop_assert_eq!((writes(&house.vendor), state(&house.vendor)), (0, start));
        refused.set(refused.get() + 1);
        Ok(())
    });
    assert!(refused.get() >= 8, "{}", refused.get());
}
