//! A snapshot of the vendor's directory is the directory, or says that it is not, or is none.

#![allow(clippy::panic, clippy::unwrap_used, reason = "functions of tests fail by panic")]

use std::collections::BTreeSet;

use portcullis_directory::{Directory as _, WalkOptions};
use portcullis_emulator::Options;
use portcullis_reconcile::{Census, Digest, Evidence, Rosters, Snapshot, Stage, TakeError, TakeOptions, Target};
use portcullis_tests::House;
use portcullis_tests::damage::READS;

async fn take(house: &House, options: &TakeOptions) -> Result<Snapshot, TakeError> {
    let description = house.directory.describe().await.unwrap();
    let component = Digest::from_hex(&house.directory.component().to_string()).unwrap();
    let target = Target::new(&house.vendor.endpoint(), None, component, &description);
    Snapshot::take(&house.directory, target, "2026-01-01T00:00:00Z".to_owned(), options, |_| {}).await
}

async fn house(users: u32, groups: u32, rules: &[&str]) -> House {
    let faults = rules.iter().map(|rule| rule.parse().unwrap()).collect();
    let settings = r#"{"quirks":{"missing-members":"empty"}}"#;
    House::with(Options { users, groups, faults, ..Options::default() }, Some(settings)).await
}

/// Who is in which group, as the vendor has it.
fn truth(house: &House) -> BTreeSet<(String, String)> {
    let mut pairs = BTreeSet::new();
    for group in house.vendor.directory().groups() {
        pairs.extend(group.members.into_iter().map(|user| (group.id.clone(), user)));
    }
    pairs
}

#[tokio::test]
async fn a_snapshot_has_every_user_group_and_membership() {
    let house = house(950, 40, &[]).await;
    for (rosters, evidence) in [(Rosters::None, Evidence::User), (Rosters::All, Evidence::Both)] {
        let taken = take(&house, &TakeOptions { rosters, ..TakeOptions::default() }).await.unwrap();
        assert!(taken.is_complete());
        let users: BTreeSet<_> = house.vendor.users().into_iter().map(|user| user.id).collect();
        assert!(taken.users.iter().map(|user| &user.id).eq(&users));
        let groups: BTreeSet<_> = house.vendor.directory().groups().map(|group| group.id).collect();
        assert!(taken.groups.iter().map(|group| &group.id).eq(&groups));
        let census = Census::of(&taken);
        let pairs: BTreeSet<_> =
            census.seats().iter().map(|seat| (seat.group.to_owned(), seat.member.to_owned())).collect();
        assert_eq!(pairs, truth(&house));
        assert!(census.seats().iter().all(|seat| seat.evidence == evidence));
        assert_eq!(taken.header.memberships, pairs.len() as u64);
        let mut written = Vec::new();
        taken.write(&mut written).unwrap();
        assert_eq!(Snapshot::read(written.as_slice()).unwrap(), taken);
    }
}

#[tokio::test]
async fn the_rosters_that_are_asked_for_are_read_and_no_others() {
    let house = house(50, 6, &[]).await;
    let wanted = house.vendor.directory().groups().map(|group| group.id).take(2).collect::<BTreeSet<_>>();
    let before = house.vendor.request_count();
    let taken = take(&house, &TakeOptions { rosters: Rosters::Of(wanted.clone()), ..TakeOptions::default() }).await;
    assert!(taken.unwrap().rosters.iter().map(|roster| &roster.group).eq(&wanted));
    assert_eq!(house.vendor.request_count() - before, 4);
}

#[tokio::test]
async fn no_fault_of_the_vendor_gives_a_snapshot_that_only_looks_whole() {
    for rule in READS {
        for concurrency in [1, 8] {
            let house = house(450, 30, &[rule]).await;
            let walk = WalkOptions { concurrency, ..WalkOptions::default() };
            let options = TakeOptions { walk, rosters: Rosters::All };
            let Ok(taken) = take(&house, &options).await else { continue };
            if !taken.is_complete() {
                continue;
            }
            // What claims to be whole has everybody who was there all the time, and nobody else.
            let users: BTreeSet<_> = house.vendor.users().into_iter().map(|user| user.id).collect();
            assert!(taken.users.iter().map(|user| &user.id).eq(&users), "{rule}, {concurrency} at a time");
            assert_eq!(taken.groups.len(), 30, "{rule}, {concurrency} at a time");
            let census = Census::of(&taken);
            let pairs: BTreeSet<_> =
                census.seats().iter().map(|seat| (seat.group.to_owned(), seat.member.to_owned())).collect();
            assert_eq!(pairs, truth(&house), "{rule}, {concurrency} at a time");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_an_error_that_names_the_list() {
    for (rule, list) in [
        ("status=503 path=/Users", "the list of users"),
        ("status=503 path=/Users nth=2 every=1", "the list of users"),
        ("status=403 path=/Groups", "the list of groups"),
        ("total=+1 path=/Groups", "the list of groups"),
        ("total=+1 path=/Users", "the list of users"),
    ] {
        let house = house(250, 3, &[rule]).await;
        assert_eq!(take(&house, &TakeOptions::default()).await.unwrap_err().list, list, "{rule}");
    }
    let house = house(10, 3, &["status=500 path=/Groups/"]).await;
    let error = take(&house, &TakeOptions { rosters: Rosters::All, ..TakeOptions::default() }).await.unwrap_err();
    assert!(error.list.starts_with("the members of the group `"), "{error}");
}

#[tokio::test]
async fn a_group_that_is_gone_when_its_members_are_read_makes_the_list_one_that_moved() {
    let house = house(10, 3, &["status=404 path=/Groups/ nth=1"]).await;
    let taken = take(&house, &TakeOptions { rosters: Rosters::All, ..TakeOptions::default() }).await.unwrap();
    assert_eq!((taken.rosters.len(), taken.header.groups.moved, taken.is_complete()), (2, true, false));
}

#[tokio::test]
async fn reading_says_how_far_it_has_come() {
    let house = house(250, 3, &[]).await;
    let description = house.directory.describe().await.unwrap();
    let target = Target::new(&house.vendor.endpoint(), None, Digest::of(b""), &description);
    let options = TakeOptions { rosters: Rosters::All, ..TakeOptions::default() };
    let mut stages = Vec::new();
    let time = "2026-01-01T00:00:00Z".to_owned();
    Snapshot::take(&house.directory, target, time, &options, |stage| stages.push(stage)).await.unwrap();
    let users = [100, 200, 250].map(|rows| Stage::Users { rows, total: Some(250) });
    let groups = [Stage::Groups { rows: 3, total: Some(3) }];
    let rosters = [1, 2, 3].map(|groups| Stage::Rosters { groups, total: 3 });
    assert_eq!(stages, [&users[..], &groups, &rosters].concat());
}
