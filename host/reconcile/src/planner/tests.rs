//! Every class of drift, and what no plan does.

use portcullis_directory::GroupReference;

use super::*;
use crate::desired::tests::fields;
use crate::snapshot::tests::{roster, snapshot};

fn user(id: &str, username: &str, groups: &[&str]) -> User {
    User {
        id: id.to_owned(),
        username: Some(username.to_owned()),
        status: Some("active".to_owned()),
        groups: groups.iter().map(|id| GroupReference { id: (*id).to_owned(), name: None }).collect(),
        ..User::default()
    }
}

fn group(id: &str, name: &str) -> Group {
    Group { id: id.to_owned(), name: Some(name.to_owned()), ..Group::default() }
}

/// A case: a directory, a source, and what differs from the usual.
struct Case {
    snapshot: Snapshot,
    csv: &'static str,
    rules: &'static str,
    links: Vec<(&'static str, &'static str)>,
    last: Option<LastRun>,
    quarantined: Vec<(&'static str, &'static str)>,
    leavers: Leavers,
    only_add: bool,
}

impl Case {
    fn new(users: Vec<User>, groups: Vec<Group>, csv: &'static str) -> Case {
        let snapshot = snapshot(users, groups);
        Case {
            snapshot,
            csv,
            rules: "{}",
            links: vec![],
            last: None,
            quarantined: vec![],
            leavers: Leavers::default(),
            only_add: false,
        }
    }

    fn draft(&self) -> Draft {
        let rules = Rules::parse(self.rules).unwrap();
        let desired = Desired::from_csv("people.csv", self.csv.as_bytes(), &rules, &fields()).unwrap();
        let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        let (links, quarantined) =
            (self.links.iter().map(owned).collect(), self.quarantined.iter().map(owned).collect());
        let inputs = Inputs {
            snapshot: &self.snapshot,
            desired: &desired,
            rules: &rules,
            links: &links,
            last: self.last.as_ref(),
            today: &BTreeMap::new(),
            quarantined: &quarantined,
            leavers: self.leavers,
            only_add: self.only_add,
        };
        draft(inputs, "2026-01-01T00:00:00Z")
    }

    fn actions(&self) -> Vec<String> {
        let plan = self.draft().plan;
        plan.actions.iter().map(|action| format!("{} {}", action.operation.name(), action.label)).collect()
    }

    fn drift(&self) -> Vec<String> {
        let code = |drift: &Drift| serde_json::to_value(drift.code).unwrap().as_str().unwrap().to_owned();
        self.draft()
            .plan
            .drift
            .iter()
            .map(|drift| format!("{} {}: {}", code(drift), drift.name, drift.detail))
            .collect()
    }

    fn trips(&self) -> Vec<String> {
        self.draft().plan.trips.into_iter().map(|trip| trip.guard).collect()
    }
}

fn two() -> Vec<User> {
    vec![user("1", "mara", &["7"]), user("2", "olli", &["7", "8"])]
}

fn groups() -> Vec<Group> {
    vec![group("7", "Ops"), group("8", "VPN")]
}

#[test]
fn a_directory_that_is_right_needs_nothing() {
    let case = Case::new(two(), groups(), "username,groups\nMARA,ops\nolli,Ops;vpn\n");
    assert_eq!((case.actions(), case.drift()), (vec![], vec![]));
}

#[test]
fn what_is_missing_is_made_before_it_is_used() {
    let case = Case::new(two(), groups(), "username,groups\nmara,Ops\nolli,Ops;VPN\nnora,Ops;Lab\n");
    let wanted = ["create-user nora", "create-group Lab", "add-member nora in Lab", "add-member nora in Ops"];
    assert_eq!(case.actions(), wanted);
    let draft = case.draft();
    assert_eq!(draft.needs.usernames.into_iter().collect::<Vec<_>>(), ["nora"]);
    assert_eq!(draft.needs.group_names.into_iter().collect::<Vec<_>>(), ["Lab"]);
    assert_eq!(draft.needs.rosters.into_iter().collect::<Vec<_>>(), ["7"]);
    assert_eq!(draft.plan.warnings[0].code, "group-created");
    assert_eq!(draft.plan.digest, draft.plan.compute_digest());
}

#[test]
fn attributes_and_groups_that_differ_are_mended() {
    let mut case = Case::new(two(), groups(), "username,title,groups\nmara,Analyst,VPN\nolli,,Ops;VPN\n");
    let mended = ["update-user mara", "add-member mara in VPN", "remove-member mara in Ops"];
    assert_eq!(case.actions(), mended);
    assert_eq!(
        case.drift(),
        [
            "attribute-drift mara: title is nothing and should be `\"Analyst\"`",
            "under-privileged mara: it is not in `VPN`",
            "over-privileged mara: it is in `Ops`, which the source does not give it"
        ]
    );
    case.only_add = true;
    assert_eq!(case.actions(), ["update-user mara", "add-member mara in VPN"]);
}

#[test]
fn who_left_is_switched_off_when_the_source_owns_them_and_only_then() {
    let mut case = Case::new(two(), vec![], "username\nmara\nnora\n");
    assert_eq!(case.drift()[1], "unmanaged olli: the source does not own it");
    assert_eq!(case.actions(), ["create-user nora"]);
    case.links = vec![("olli", "2")];
    assert_eq!(case.actions(), ["create-user nora", "deactivate-user olli"]);
    assert_eq!(case.drift()[1], "orphaned olli: it is not in the source any more");
    case.links = vec![];
    case.rules = r#"{"scope": {"usernames": ["o*"]}}"#;
    case.leavers = Leavers::Delete;
    assert_eq!(case.actions(), ["create-user nora", "delete-user olli"]);
    case.rules = r#"{"scope": {"usernames": ["*"]}, "protected": {"users": ["OLLI"]}}"#;
    assert_eq!(case.actions(), ["create-user nora"]);
}

#[test]
fn a_list_of_ids_says_what_the_source_owns() {
    let others = || vec![group("7", "Ops"), group("8", "VPN"), group("9", "Lab")];
    let mut case =
        Case::new([two(), vec![user("3", "nora", &["8", "9"])]].concat(), others(), "username,groups\nmara,\n");
    // It names no group, so it owns none, and nobody but Mara.
    assert_eq!(case.actions(), Vec::<String>::new());
    case.rules = r#"{"scope": {"user_ids": ["2"], "group_ids": ["7"]}}"#;
    assert_eq!(case.actions(), ["remove-member mara in Ops", "deactivate-user olli"]);
    case.leavers = Leavers::RemoveGroups;
    assert_eq!(case.actions(), ["remove-member mara in Ops", "remove-member olli in Ops"]);
    // A list is beside the other ways, and what is protected stays so.
    case.leavers = Leavers::Deactivate;
    case.rules = r#"{"scope": {"user_ids": ["2"], "usernames": ["no*"]}, "protected": {"users": ["2"]}}"#;
    assert_eq!(case.actions(), ["deactivate-user nora"]);
    assert_eq!(case.drift()[1], "unmanaged olli: it is protected");
}

#[test]
fn an_id_in_the_scope_that_nobody_has_is_told() {
    let mut case = Case::new(two(), groups(), "username\nmara\nolli\n");
    case.rules = r#"{"scope": {"user_ids": ["1", "mara"], "group_ids": ["8", "VPN"]}}"#;
    let warnings: Vec<_> = case.draft().plan.warnings.into_iter().map(|warning| warning.message).collect();
    assert_eq!(
        warnings,
        [
            "the scope lists the user `mara`, which the directory does not have",
            "the scope lists the group `VPN`, which the directory does not have"
        ]
    );
}

#[test]
fn nothing_is_taken_away_on_the_word_of_a_list_that_moved() {
    let mut case = Case::new(two(), groups(), "username,title,groups\nmara,Analyst,VPN\n");
    case.links = vec![("olli", "2")];
    case.snapshot.header.users.moved = true;
    assert_eq!(case.actions(), ["update-user mara", "add-member mara in VPN"]);
    assert!(!case.draft().plan.is_complete);
}

#[test]
fn who_may_be_two_is_left_alone() {
    let twin = User { external_id: Some("00u1".to_owned()), ..user("3", "third", &[]) };
    let case = Case::new([two(), vec![twin]].concat(), vec![], "username,external_id,title\nmara,00u1,Analyst\n");
    assert_eq!(case.drift()[0], "ambiguous mara: by username it may be any of the users `3`, `1`; nothing is written");
    assert_eq!(case.actions(), Vec::<String>::new());
}

#[test]
fn two_rows_for_one_user_and_two_groups_of_one_name_are_duplicates() {
    let one = User { external_id: Some("00u1".to_owned()), ..user("1", "mara", &[]) };
    let twins = vec![group("7", "Ops"), group("8", "OPS")];
    let case = Case::new(vec![one], twins, "username,external_id,groups\nmara,,Ops\nm.lind,00u1,\n");
    let duplicates: Vec<_> = case.drift().into_iter().filter(|drift| drift.starts_with("duplicate")).collect();
    assert_eq!(duplicates.len(), 3, "{duplicates:?}");
    assert_eq!(case.actions(), Vec::<String>::new());
}

#[test]
fn a_member_that_is_no_user_dangles() {
    let mut case = Case::new(two(), groups(), "username\nmara\nolli\n");
    case.snapshot.rosters = vec![roster("7", &["1", "2", "ghost"])];
    assert!(
        case.drift().contains(&"dangling-member Ops: its members `ghost` are no users of the directory".to_owned())
    );
}

#[test]
fn what_somebody_else_changed_since_the_last_run_is_said() {
    let mut case = Case::new(two(), vec![], "username\nmara\nolli\n");
    let source = case.draft().plan.source.digest.to_string();
    let left = BTreeMap::from([("1".to_owned(), Digest::of(b"before")), ("2".to_owned(), Digest::of_user(&two()[1]))]);
    case.last = Some(LastRun { people: 2, users: 2, source, left });
    assert_eq!(case.drift(), ["changed-out-of-band mara: it was changed since the last run, and the source was not"]);
}

#[test]
fn where_the_groups_own_record_was_read_it_decides() {
    let mut case = Case::new(two(), groups(), "username,groups\nmara,Ops\nolli,Ops;VPN\n");
    case.snapshot.rosters = vec![roster("7", &["2"]), roster("8", &["1", "2"])];
    assert_eq!(case.actions(), ["add-member mara in Ops", "remove-member mara in VPN"]);
    assert!(case.draft().needs.rosters.is_empty());
}

#[test]
fn each_guard_trips_at_its_number_and_not_before() {
    let people = || (0..40).map(|at| user(&at.to_string(), &format!("p{at}"), &["7"])).collect::<Vec<_>>();
    let mut case = Case::new(people(), groups(), "username\np0\np1\n");
    case.rules = r#"{"scope": {"usernames": ["*"]}}"#;
    assert_eq!(case.trips(), ["deactivate-count", "leavers-share"]);
    case.leavers = Leavers::Delete;
    assert_eq!(case.trips(), ["deactivate-count", "delete-count", "delete-day", "leavers-share"]);
    case.leavers = Leavers::RemoveGroups;
    case.rules = r#"{"scope": {"usernames": ["*"], "groups": ["Ops"]}}"#;
    assert_eq!(case.trips(), ["group-share"]);
    case.csv = "username\nx\n";
    assert_eq!(case.trips(), ["last-member", "source-empty"]);
    case.rules = r#"{"limits": {"create": 0}}"#;
    case.csv = "username\nx\np1\n";
    assert_eq!(case.trips(), ["create-count", "create-day"]);
    case.rules = r#"{"limits": {"update": 0, "member_add": 0, "groups_per_user": 1, "member_remove": 0}}"#;
    case.csv = "username,title,groups\np0,x,VPN\np1,,VPN;Ops\np2,,Ops\n";
    assert_eq!(
        case.trips(),
        [
            "update-count",
            "update-day",
            "member-add-count",
            "member-add-day",
            "member-remove-count",
            "member-remove-day",
            "groups-per-user",
            "groups-per-user"
        ]
    );
    case.rules = "{}";
    case.csv = "username\np0\np1\n";
    case.last = Some(LastRun { people: 4, users: 60, ..LastRun::default() });
    assert_eq!(case.trips(), ["source-shrank", "directory-shrank"]);
    case.last = Some(LastRun { people: 2, users: 50, ..LastRun::default() });
    assert_eq!(case.trips(), Vec::<String>::new());
}

#[test]
fn the_memberships_of_whoever_is_in_quarantine_are_left_alone_and_the_plan_names_them() {
    let csv = "username,title,groups\nmara,Analyst,VPN\nolli,,Ops\n";
    let mut case = Case::new(two(), groups(), csv);
    case.quarantined = vec![("1", "since 2026-01-01T00:00:00Z"), ("gone", "since long ago")];
    assert_eq!(case.actions(), ["update-user mara", "remove-member olli in VPN"]);
    let warnings: Vec<_> = case.draft().plan.warnings.into_iter().map(|warning| warning.message).collect();
    let named =
        "`mara` is in quarantine since 2026-01-01T00:00:00Z: no membership of theirs is changed until a release";
    assert_eq!(warnings, [named]);
    // Whoever leaves is switched off all the same; the groups are not touched.
    case.csv = "username,groups\nolli,Ops;VPN\n";
    case.rules = r#"{"scope": {"usernames": ["*"]}, "limits": {"leavers_percent": 100}}"#;
    assert_eq!(case.actions(), ["deactivate-user mara"]);
    case.leavers = Leavers::RemoveGroups;
    assert_eq!(case.actions(), Vec::<String>::new());
}
