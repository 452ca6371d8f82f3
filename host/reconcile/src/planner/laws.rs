//! What no plan does, whatever the directory and whatever the source.

use std::fmt::Write as _;

use portcullis_directory::GroupReference;
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;

use super::*;
use crate::action::FieldChange;
use crate::desired::tests::fields;
use crate::snapshot::tests::snapshot;

const TITLES: [Option<&str>; 3] = [None, Some("Analyst"), Some("Head")];
const LEAVERS: [Leavers; 4] = [Leavers::Deactivate, Leavers::Delete, Leavers::RemoveGroups, Leavers::Ignore];

/// Up to ten users `p0`… in some of six groups `G0`…; the group `G5` is protected, and so is the user `p9`.
fn directory() -> impl Strategy<Value = Snapshot> {
    let row = (0..TITLES.len(), any::<bool>(), btree_set(0..6_usize, 0..4));
    (vec(row, 0..10), any::<bool>()).prop_map(|(rows, moved)| {
        let users = (0..).zip(rows).map(|(at, (title, is_on, groups)): (usize, _)| User {
            id: format!("u{at}"),
            username: Some(format!("p{at}")),
            title: TITLES[title].map(str::to_owned),
            status: Some(if is_on { "active" } else { "inactive" }.to_owned()),
            groups: groups.iter().map(|group| GroupReference { id: format!("g{group}"), name: None }).collect(),
            ..User::default()
        });
        let groups =
            (0..6).map(|at| Group { id: format!("g{at}"), name: Some(format!("G{at}")), ..Group::default() }).collect();
        let mut snapshot = snapshot(users.collect(), groups);
        snapshot.header.users.moved = moved;
        snapshot
    })
}

/// Some of twelve people, so that some are new and some have left, in some of the groups `G0` to `G6`.
fn source() -> impl Strategy<Value = String> {
    let row = (0..12_usize, 0..TITLES.len(), any::<bool>(), btree_set(0..7_usize, 0..4));
    vec(row, 0..12).prop_map(|rows| {
        let mut text = "username,title,status,groups\n".to_owned();
        let mut seen = BTreeSet::new();
        for (at, title, is_on, groups) in rows.into_iter().filter(|row| seen.insert(row.0)) {
            let groups: Vec<_> = groups.iter().map(|group| format!("G{group}")).collect();
            let (title, status) = (TITLES[title].unwrap_or(""), if is_on { "active" } else { "inactive" });
            writeln!(text, "P{at},{title},{status},{}", groups.join(";")).unwrap();
        }
        text
    })
}

/// The source owns the users `p0` to `p6` as far as it does not name others, and never `p9` and `G5`.
const RULES: &str = r#"{"scope": {"usernames": ["p0", "p1", "p2", "p3", "p4", "p5", "p6"]},
    "protected": {"users": ["p9"], "groups": ["G5"]}}"#;

fn plan(snapshot: &Snapshot, desired: &Desired, rules: &Rules, leavers: Leavers, only_add: bool) -> Plan {
    let (links, today, quarantined) = (Links::new(), BTreeMap::new(), BTreeMap::new());
    let last = None;
    draft(
        Inputs {
            snapshot,
            desired,
            rules,
            links: &links,
            last,
            today: &today,
            quarantined: &quarantined,
            leavers,
            only_add,
        },
        "2026-01-01T00:00:00Z",
    )
    .plan
}

/// The id of the user that an operation is about, where there is one.
fn user_of(operation: &Operation) -> Option<&str> {
    match operation {
        Operation::ActivateUser { user }
        | Operation::UpdateUser { user, .. }
        | Operation::RemoveMember { user, .. }
        | Operation::DeactivateUser { user }
        | Operation::DeleteUser { user }
        | Operation::AddMember { user: Reference::Id(user), .. } => Some(user),
        _ => None,
    }
}

fn group_of(operation: &Operation) -> Option<&str> {
    match operation {
        Operation::UpdateGroup { group, .. }
        | Operation::RemoveMember { group, .. }
        | Operation::DeleteGroup { group }
        | Operation::AddMember { group: Reference::Id(group), .. } => Some(group),
        _ => None,
    }
}

proptest! {
    #[test]
    fn no_plan_touches_what_is_unmanaged_or_protected(
        snapshot in directory(), text in source(), leavers in 0..LEAVERS.len(), only_add in any::<bool>(),
    ) {
        let rules = Rules::parse(RULES).unwrap();
        let desired = Desired::from_csv("people.csv", text.as_bytes(), &rules, &fields()).unwrap();
        let plan = plan(&snapshot, &desired, &rules, LEAVERS[leavers], only_add);
        let named: BTreeSet<_> = desired.people.iter().map(|person| normal(person.label())).collect();
        for action in &plan.actions {
            if let Some(user) = user_of(&action.operation).and_then(|id| snapshot.user(id)) {
                let name = name_of(user);
                prop_assert!(name != "p9" && (named.contains(name) || ("p0"..="p6").contains(&name)), "{action:?}");
            }
            if let Some(group) = group_of(&action.operation) {
                let name = name_of_group(snapshot.group(group).unwrap());
                prop_assert!(name != "G5" && desired.groups.contains_key(&normal(name)), "{action:?}");
            }
            // A read that is not whole, and an import, take nothing away.
            prop_assert!(!action.operation.is_destructive() || (plan.is_complete && !only_add), "{action:?}");
        }
        let unmanaged = plan.drift.iter().filter(|drift| drift.code == DriftCode::Unmanaged);
        for id in unmanaged.filter_map(|drift| drift.id.as_deref()) {
            prop_assert!(plan.touched.iter().all(|touched| touched.id != id), "{id}");
        }
    }

    #[test]
    fn nothing_depends_on_a_later_action_and_the_digest_holds(snapshot in directory(), text in source()) {
        let desired = Desired::from_csv("people.csv", text.as_bytes(), &Rules::default(), &fields()).unwrap();
        let plan = plan(&snapshot, &desired, &Rules::default(), Leavers::Deactivate, false);
        let mut made = BTreeSet::new();
        for action in &plan.actions {
            match &action.operation {
                Operation::CreateUser { user: new, .. } | Operation::CreateGroup { group: new, .. } => {
                    prop_assert!(made.insert(new.clone()));
                }
                Operation::AddMember { group, user } => {
                    for reference in [group, user] {
                        if let Reference::New(new) = reference {
                            prop_assert!(made.contains(new), "{action:?}");
                        }
                    }
                }
                _ => {}
            }
        }
        let json = serde_json::to_string_pretty(&plan).unwrap();
        let again: Plan = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(&again.compute_digest(), &plan.digest);
        prop_assert_eq!(again, plan);
    }

    #[test]
    fn a_directory_that_is_what_its_source_says_needs_nothing(snapshot in directory()) {
        let rules = Rules::default();
        let desired = Desired::from_snapshot("same", &snapshot, &rules, &fields()).unwrap();
        let plan = plan(&snapshot, &desired, &rules, Leavers::Delete, false);
        prop_assert_eq!(plan.actions, vec![]);
    }

    #[test]
    fn what_the_actions_come_to_is_what_the_source_says(snapshot in directory(), text in source()) {
        let mut snapshot = snapshot;
        snapshot.header.users.moved = false;
        let rules = Rules::parse(r#"{"scope": {"usernames": ["*"]}}"#).unwrap();
        let desired = Desired::from_csv("people.csv", text.as_bytes(), &rules, &fields()).unwrap();
        let first = plan(&snapshot, &desired, &rules, Leavers::Delete, false);
        let after = applied(&snapshot, &first.actions);
        let second = plan(&after, &desired, &rules, Leavers::Delete, false);
        prop_assert_eq!(second.actions, vec![]);
    }
}

/// The directory once the actions are done.
fn applied(before: &Snapshot, actions: &[Action]) -> Snapshot {
    let (mut users, mut groups) = (before.users.clone(), before.groups.clone());
    let set = |user: &mut User, fields: &[FieldChange]| {
        for field in fields {
            let text = field.after.as_ref().and_then(|value| value.as_str()).map(str::to_owned);
            match field.field.as_str() {
                "username" => user.username = text,
                "title" => user.title = text,
                "status" => user.status = text,
                other => panic!("{other}"),
            }
        }
    };
    let id = |reference: &Reference| reference.to_string();
    for action in actions {
        let find = |users: &mut Vec<User>, id: &str| users.iter().position(|user| user.id == id).unwrap();
        match &action.operation {
            Operation::CreateUser { user, fields } => {
                let mut made = User { id: user.clone(), status: Some("active".to_owned()), ..User::default() };
                set(&mut made, fields);
                users.push(made);
            }
            Operation::UpdateUser { user, fields } => {
                let at = find(&mut users, user);
                set(&mut users[at], fields);
            }
            Operation::ActivateUser { user } | Operation::DeactivateUser { user } => {
                let at = find(&mut users, user);
                let is_on = matches!(action.operation, Operation::ActivateUser { .. });
                users[at].status = Some(if is_on { "active" } else { "inactive" }.to_owned());
            }
            Operation::DeleteUser { user } => users.retain(|row| row.id != *user),
            Operation::CreateGroup { group, fields } => {
                let name = fields[0].after.as_ref().and_then(|name| name.as_str()).map(str::to_owned);
                groups.push(Group { id: group.clone(), name, ..Group::default() });
            }
            Operation::AddMember { group, user } => {
                let at = find(&mut users, &id(user));
                users[at].groups.push(GroupReference { id: id(group), name: None });
            }
            Operation::RemoveMember { group, user } => {
                let at = find(&mut users, user);
                users[at].groups.retain(|row| row.id != *group);
            }
            Operation::DeleteGroup { .. } | Operation::UpdateGroup { .. } => panic!("{action:?}"),
        }
    }
    snapshot(users, groups)
}
