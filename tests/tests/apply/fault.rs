//! A vendor that fails while a plan is applied, and others who change the directory meanwhile.

use std::num::NonZeroUsize;

use portcullis_directory::{Directory as _, Effect, WriteOptions};
use portcullis_emulator::{At, Group as VendorGroup, User as VendorUser};
use portcullis_reconcile::{ApplyOptions, Operation, Reference, Verdict};

use crate::applying::{Company, Fresh, Place, Shape};

async fn expected() -> Vec<String> {
    let company = Company::new(Shape::SMALL).await;
    company.apply(&Fresh::of(&company.plan).await).await.unwrap();
    company.state()
}

/// Runs of one plan under a fault until nothing is left, at most so many.
async fn persist(rules: &[&str], most: usize) -> (Company, usize) {
    let company = Company::new(Shape::SMALL).await;
    for rule in rules {
        company.house.vendor.add_fault(rule.parse().unwrap());
    }
    let place = Place::new();
    for run in 1..=most {
        let receipt = company.apply(&place.journal(&company.plan).await).await.unwrap();
        if receipt.is_complete() {
            return (company, run);
        }
        assert_eq!(receipt.counts.failed, 0, "{rules:?}: {receipt:?}");
    }
    panic!("{rules:?}: something is left after {most} runs");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_whose_answer_is_lost_is_found_by_reading_and_not_made_again() {
    let expected = expected().await;
    for method in ["POST", "PATCH", "DELETE"] {
        for rule in
            ["reset=applied", "truncate=half", "status=500 effect=applied", "status=502 effect=applied body=html"]
        {
            let rule = format!("{rule} method={method}");
            let (company, _) = persist(&[&rule], 1).await;
            assert_eq!(company.state(), expected, "{rule}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_never_arrives_is_made_once_it_does() {
    let expected = expected().await;
    for method in ["POST", "PATCH", "DELETE"] {
        for rule in ["reset=after", "status=500", "status=503 retry-after=1"] {
            let rule = format!("{rule} method={method} nth=2");
            let (company, _) = persist(&[&rule], 3).await;
            assert_eq!(company.state(), expected, "{rule}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_that_asks_to_wait_again_and_again_gets_the_same_in_the_end() {
    let expected = expected().await;
    let rules: Vec<_> = (1..=12).map(|nth| format!("status=429 retry-after=13s nth={}", nth * 3)).collect();
    let rules: Vec<_> = rules.iter().map(String::as_str).collect();
    let company = Company::new(Shape::SMALL).await;
    for rule in rules {
        company.house.vendor.add_fault(rule.parse().unwrap());
    }
    let place = Place::new();
    let mut waits = 0;
    loop {
        match company.apply(&place.journal(&company.plan).await).await {
            Ok(receipt) if receipt.is_complete() => break,
            Ok(receipt) => {
                let open: Vec<_> =
                    receipt.actions.iter().filter(|step| step.outcome.result == Verdict::ToRetry).collect();
                assert!(!open.is_empty());
                assert!(open.iter().all(|step| step.outcome.error.as_ref().unwrap().retry_after_ms == Some(13_000)));
            }
            Err(refusal) => assert!(refusal.to_string().contains("could not be read"), "{refusal}"),
        }
        waits += 1;
        assert!(waits <= 12);
    }
    assert!(waits > 1, "{waits}");
    assert_eq!(company.state(), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_settled_stays_in_doubt_and_is_settled_by_the_next_run() {
    let company = Company::new(Shape::SMALL).await;
    // The creation is made, its answer lost, and nothing can be read.
    company.house.vendor.add_fault("reset=applied method=POST path=/Users".parse().unwrap());
    company.house.vendor.add_fault("status=500 method=GET path=/Users".parse().unwrap());
    let place = Place::new();
    let mut options = ApplyOptions::default();
    options.choice.max_changes = Some(1);
    let journal = place.journal(&company.plan).await;
    let receipt = company.apply_with(&company.house.directory, &journal, &options).await.unwrap();
    let first = &receipt.actions[0].outcome;
    assert_eq!((first.result, first.effect), (Verdict::ToRetry, Effect::Unknown), "{first:?}");
    drop(journal);
    company.house.vendor.clear_faults();
    let receipt = company.apply(&place.journal(&company.plan).await).await.unwrap();
    assert!(receipt.is_complete() && receipt.is_resumed);
    assert!(receipt.actions[0].outcome.is_settled);
    assert_eq!(company.state(), expected().await);
}

/// A member is added or removed by name, so that nobody else's change is undone.
#[tokio::test(flavor = "multi_thread")]
async fn editors_who_change_the_directory_meanwhile_lose_nothing() {
    let company = Company::new(Shape::LARGE).await;
    let kept: Vec<_> = company
        .plan
        .actions
        .iter()
        .filter_map(|action| match &action.operation {
            Operation::UpdateGroup { group, .. } => Some(group.clone()),
            _ => None,
        })
        .collect();
    let strangers: Vec<_> = (0..40)
        .map(|number| {
            company.house.vendor.add_user(VendorUser::new(format!("stranger-{number}@acme.example"))).unwrap()
        })
        .collect();
    let directory = company.house.directory.clone();
    let (groups, editors) = (kept.clone(), strangers.clone());
    let editing = tokio::spawn(async move {
        for (number, stranger) in editors.iter().enumerate() {
            let group = &groups[number % groups.len()];
            let user = std::slice::from_ref(stranger);
            let result = directory.add_members(group, user, WriteOptions::default()).await.unwrap();
            assert_eq!(result.applied, user);
        }
    });
    let receipt = company.apply(&Fresh::of(&company.plan).await).await.unwrap();
    editing.await.unwrap();
    assert!(receipt.is_complete(), "{:?}", receipt.halted);
    for (number, stranger) in strangers.iter().enumerate() {
        let group = company.house.vendor.directory().group(&kept[number % kept.len()]).unwrap();
        assert!(group.members.contains(stranger), "{number}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_else_made_meanwhile_is_taken_only_where_it_is_what_the_plan_says() {
    let company = Company::new(Shape::SMALL).await;
    let vendor = &company.house.vendor;
    let same = VendorUser {
        external_id: Some("hr-0".to_owned()),
        title: Some("Trainee".to_owned()),
        ..VendorUser::new("Joiner-0@acme.example")
    };
    let same = vendor.add_user(same).unwrap();
    let other = vendor.add_user(VendorUser::new("joiner-1@acme.example")).unwrap();
    let group = vendor.directory_mut().add_group(VendorGroup::new("Project 0"), At::End).unwrap();
    let options = ApplyOptions { stops_on_error: false, ..ApplyOptions::default() };
    let journal = Fresh::of(&company.plan).await;
    let receipt = company.apply_with(&company.house.directory, &journal, &options).await.unwrap();
    let outcome = |number: usize| &receipt.actions[number - 1].outcome;
    assert_eq!((outcome(1).result, outcome(1).id.as_ref()), (Verdict::Unchanged, Some(&same)));
    assert_eq!(outcome(2).result, Verdict::Failed);
    let reason = format!("there is one of this name, `{other}`, and its `external_id` is not what the plan says");
    assert_eq!(outcome(2).reason, Some(reason));
    assert_eq!((outcome(6).result, outcome(6).id.as_ref()), (Verdict::Unchanged, Some(&group)));
    // Nobody wrote to the one that is somebody else's, and nothing that depends on it was tried.
    assert_eq!(vendor.directory().user(&other).unwrap().groups, [""; 0]);
    for step in &receipt.actions {
        let is_dependent = matches!(
            &step.action.operation,
            Operation::AddMember { user: Reference::New(user), .. } if user == "user-1"
        );
        assert_eq!(step.outcome.result == Verdict::Skipped, is_dependent, "{step:?}");
    }
    let named = |name: &str| vendor.users().iter().filter(|user| user.user_name.eq_ignore_ascii_case(name)).count();
    assert_eq!([named("joiner-0@acme.example"), named("joiner-1@acme.example")], [1, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_that_the_vendor_refuses_keeps_no_other_out() {
    let company = Company::new(Shape::SMALL).await;
    // The second change of a group, one after the other, is that of many members at once.
    company.house.vendor.add_fault("status=400 method=PATCH path=/Groups nth=2".parse().unwrap());
    let options = ApplyOptions { stops_on_error: false, concurrency: NonZeroUsize::MIN, ..ApplyOptions::default() };
    let journal = Fresh::of(&company.plan).await;
    let receipt = company.apply_with(&company.house.directory, &journal, &options).await.unwrap();
    assert!(receipt.is_complete(), "{receipt:#?}");
}
