//! A quarantine, and its end, stopped before and after every request: nobody is ever without a group, and the same call
//! comes to the same end.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "functions of tests fail by panic")]

#[allow(dead_code, unused_imports, reason = "other tests of plans use the rest of it")]
mod applying;

use applying::{Fuse, Fused};
use portcullis_directory::{Directory, ReadOptions};
use portcullis_emulator::{At, Group};
use portcullis_reconcile::act::{Cause, GroupName, Manner, Quarantine, confine, release};
use portcullis_tests::House;

/// A house with somebody in three groups, and a restricted group that nobody is in.
struct Case {
    house: House,
    user: String,
    restricted: GroupName,
}

impl Case {
    async fn new() -> Case {
        let house = House::new(2, 0).await;
        let users: Vec<_> = house.vendor.users().into_iter().map(|user| user.id).collect();
        let mut ids = Vec::new();
        for (name, members) in [("A", &users[..]), ("B", &users[..1]), ("C", &users[..1]), ("Restricted", &[])] {
            let group = Group { members: members.to_vec(), ..Group::new(name.to_owned()) };
            ids.push(house.vendor.directory_mut().add_group(group, At::End).unwrap());
        }
        let restricted = GroupName { id: ids[3].clone(), name: Some("Restricted".to_owned()) };
        Case { house, user: users[0].clone(), restricted }
    }

    /// What is written down before the first write.
    async fn quarantine(&self) -> Quarantine {
        let user = self.house.directory.get_user(&self.user, ReadOptions::default()).await.unwrap();
        let groups: Vec<_> = user.groups.iter().map(GroupName::from).collect();
        let cause = Cause { since: "2026-01-01T00:00:00Z".to_owned(), by: "alice".to_owned(), reason: None };
        Quarantine::new(&user, &groups, self.restricted.clone(), Vec::new(), cause)
    }

    /// The names of the groups that the user is in, in truth, in one text.
    fn groups(&self) -> String {
        let directory = self.house.vendor.directory();
        let groups = directory.groups().filter(|group| group.members.contains(&self.user));
        let mut names: Vec<_> = groups.map(|group| group.display_name).collect();
        names.sort();
        names.join(" ")
    }

    /// In the restricted group, or in all of before: never in none, and never free of it with a part of before.
    fn check(&self, step: usize) {
        let groups = self.groups();
        assert!(groups == "A B C" || groups.contains("Restricted"), "step {step}: {groups}");
    }
}

async fn at_once(_: u32, _: Option<u32>) {}

#[tokio::test(flavor = "multi_thread")]
async fn a_quarantine_that_is_stopped_anywhere_comes_to_the_same_end() {
    let mut stops = 0;
    for step in 1.. {
        let case = Case::new().await;
        let quarantine = case.quarantine().await;
        let fuse = Fuse::of(step);
        let fused = Fused(case.house.directory.clone(), fuse.clone());
        let ended = fuse.run(Box::pin(confine(&fused, &quarantine, Manner::PROVEN, &at_once))).await;
        case.check(step);
        let is_last = ended.is_some_and(|confinement| confinement.is_complete());
        stops += usize::from(!is_last);
        let confinement = confine(&case.house.directory, &quarantine, Manner::PROVEN, &at_once).await;
        assert!(confinement.is_complete(), "step {step}: {confinement:?}");
        assert_eq!(case.groups(), "Restricted", "step {step}");
        if is_last {
            break;
        }
    }
    // Before and after one way in and three ways out.
    assert!(stops >= 8, "{stops}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_that_is_stopped_anywhere_comes_to_the_same_end() {
    let mut stops = 0;
    for step in 1.. {
        let case = Case::new().await;
        let quarantine = case.quarantine().await;
        confine(&case.house.directory, &quarantine, Manner::PROVEN, &at_once).await;
        let fuse = Fuse::of(step);
        let fused = Fused(case.house.directory.clone(), fuse.clone());
        let ended = fuse.run(Box::pin(release(&fused, &quarantine, Manner::PROVEN, &at_once))).await;
        case.check(step);
        let is_last = ended.is_some_and(|release| release.is_complete());
        stops += usize::from(!is_last);
        let released = release(&case.house.directory, &quarantine, Manner::PROVEN, &at_once).await;
        assert!(released.is_complete(), "step {step}: {released:?}");
        assert_eq!(case.groups(), "A B C", "step {step}");
        if is_last {
            break;
        }
    }
    assert!(stops >= 8, "{stops}");
}

/// The same in the other direction: whichever of the two is stopped, the other one takes over.
#[tokio::test(flavor = "multi_thread")]
async fn a_quarantine_that_is_stopped_anywhere_can_be_released_and_a_release_confined_again() {
    for step in 1..=8 {
        let case = Case::new().await;
        let quarantine = case.quarantine().await;
        let fuse = Fuse::of(step);
        let fused = Fused(case.house.directory.clone(), fuse.clone());
        assert!(
            fuse.run(Box::pin(confine(&fused, &quarantine, Manner::PROVEN, &at_once))).await.is_none(),
            "step {step}"
        );
        assert!(release(&case.house.directory, &quarantine, Manner::PROVEN, &at_once).await.is_complete());
        assert_eq!(case.groups(), "A B C", "step {step}");

        confine(&case.house.directory, &quarantine, Manner::PROVEN, &at_once).await;
        let fuse = Fuse::of(step);
        let fused = Fused(case.house.directory.clone(), fuse.clone());
        assert!(
            fuse.run(Box::pin(release(&fused, &quarantine, Manner::PROVEN, &at_once))).await.is_none(),
            "step {step}"
        );
        case.check(step);
        assert!(confine(&case.house.directory, &quarantine, Manner::PROVEN, &at_once).await.is_complete());
        assert_eq!(case.groups(), "Restricted", "step {step}");
    }
}
