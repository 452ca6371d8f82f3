//! What is refused before the first write.

use portcullis_reconcile::{ApplyOptions, Digest, Operation, Plan, Reference, Refusal, Selector, Target, Trip, apply};
use std::sync::atomic::AtomicBool;

use crate::applying::{Company, Fresh, Shape, sealed};

/// The message of a refusal, after which nothing was written.
async fn refused(company: &Company, plan: &Plan, target: &Target, options: &ApplyOptions) -> String {
    let journal = Fresh::of(plan).await;
    let nobody = AtomicBool::new(false);
    let refusal = apply(plan, target, &company.house.directory, &journal, options, &nobody).await.unwrap_err();
    assert_eq!(company.writes(), [""; 0]);
    assert!(matches!(portcullis_reconcile::Journal::begun(&journal).await, Ok(begun) if begun.is_empty()));
    refusal.to_string()
}

async fn told(change: impl FnOnce(&mut Plan)) -> String {
    let company = Company::new(Shape::SMALL).await;
    let mut plan = company.plan.clone();
    change(&mut plan);
    refused(&company, &sealed(plan.clone()), &company.plan.target, &ApplyOptions::default()).await
}

#[tokio::test]
async fn a_plan_that_was_changed_is_refused() {
    let company = Company::new(Shape::SMALL).await;
    let mut plan = company.plan.clone();
    plan.actions.pop();
    let message = refused(&company, &plan, &plan.target, &ApplyOptions::default()).await;
    let found = plan.compute_digest();
    let expected = format!(
        "the plan was changed after it was made: its digest is `{}`, and its content has `{found}`",
        plan.digest
    );
    assert_eq!(message, expected);
    assert_eq!(told(|plan| plan.plan = 2).await, "the plan is of version 2, which this program does not apply");
}

#[tokio::test]
async fn a_plan_for_another_target_is_refused() {
    let company = Company::new(Shape::SMALL).await;
    let (plan, there) = (&company.plan, &company.plan.target);
    let other = Digest::of(b"other");
    for (target, what) in [
        (Target { endpoint: "https://other.example/v2".to_owned(), ..there.clone() }, "endpoint"),
        (Target { component: other.clone(), ..there.clone() }, "connector"),
        (Target { mapping: other.clone(), ..there.clone() }, "mapping"),
    ] {
        let message = refused(&company, plan, &target, &ApplyOptions::default()).await;
        assert!(message.starts_with(&format!("the plan was made for another {what}: `")), "{message}");
    }
}

#[tokio::test]
async fn a_plan_that_makes_no_sense_is_refused() {
    for (message, change) in [
        ("the action at place 1 has the number 2", (|plan| plan.actions[0].number = 2) as fn(&mut Plan)),
        ("the action 2 comes too late: `create-user`", |plan| {
            let (first, last) = (plan.actions[0].operation.clone(), plan.actions[17].operation.clone());
            plan.actions[1].operation = first;
            plan.actions[0].operation = last;
        }),
        ("the action 2 makes what another one makes", |plan| {
            let Operation::CreateUser { user, .. } = &mut plan.actions[1].operation else { panic!() };
            "user-0".clone_into(user);
        }),
        ("the action 3 changes `301188`, and the plan does not say how it was", |plan| {
            plan.actions[2].operation = Operation::ActivateUser { user: "301188".to_owned() };
        }),
        ("the action 8 is about `user-9`, which no action makes", |plan| {
            let Operation::AddMember { user, .. } = &mut plan.actions[7].operation else { panic!() };
            *user = Reference::New("user-9".to_owned());
        }),
        ("the action 9 is there twice", |plan| plan.actions[8].operation = plan.actions[7].operation.clone()),
    ] {
        let told = told(change).await;
        assert!(
            told == format!("the plan makes no sense: {message}")
                || message.contains("makes what") && told.ends_with("the action 2 is there twice"),
            "{told}"
        );
    }
}

#[tokio::test]
async fn a_plan_from_lists_that_were_not_whole_takes_nothing_away() {
    let message = "the action 13 takes something away, and the plan was made from lists that were not read whole";
    assert_eq!(told(|plan| plan.is_complete = false).await, message);
    let company = Company::new(Shape::SMALL).await;
    let mut plan = company.plan.clone();
    plan.is_complete = false;
    plan.actions.truncate(12);
    let plan = sealed(plan);
    let company = Company { plan, ..company };
    assert!(company.apply(&Fresh::of(&company.plan).await).await.unwrap().is_complete());
}

#[tokio::test]
async fn a_limit_refuses_the_whole_plan_unless_its_digest_is_named() {
    let company = Company::new(Shape::SMALL).await;
    let trip = Trip {
        guard: "delete-user-count".to_owned(),
        counted: 1,
        limit: 0,
        message: "1 user would be deleted, and 0 may be".to_owned(),
    };
    let plan = sealed(Plan { trips: vec![trip.clone()], ..company.plan.clone() });
    let message = refused(&company, &plan, &plan.target, &ApplyOptions::default()).await;
    assert_eq!(message, "the plan goes beyond its limits: 1 user would be deleted, and 0 may be");
    let named = |digest: &Digest| ApplyOptions { override_guards: Some(digest.clone()), ..ApplyOptions::default() };
    let other = company.plan.digest.clone();
    let message = refused(&company, &plan, &plan.target, &named(&other)).await;
    assert_eq!(message, format!("limits are overridden for the plan `{other}`, and this is `{}`", plan.digest));
    let company = Company { plan, ..company };
    let (journal, options) = (Fresh::of(&company.plan).await, named(&company.plan.digest));
    let receipt = company.apply_with(&company.house.directory, &journal, &options).await.unwrap();
    assert!(receipt.is_complete(), "{receipt:#?}");
    assert_eq!(receipt.overridden, [trip]);
}

#[tokio::test]
async fn an_object_that_changed_makes_the_whole_plan_stale() {
    let company = Company::new(Shape::SMALL).await;
    let Operation::UpdateUser { user, fields } = &company.plan.actions[3].operation else { panic!() };
    let before = fields[0].before.clone().unwrap();
    {
        let mut vendor = company.house.vendor.directory_mut();
        let there = vendor.user(user).unwrap();
        vendor.change_user(user, portcullis_emulator::User { title: Some("Clerk".to_owned()), ..there }).unwrap();
    }
    let Operation::DeleteUser { user: gone } = &company.plan.actions[18].operation else { panic!() };
    company.house.vendor.remove_user(gone).unwrap();
    let Operation::DeactivateUser { user: renamed } = &company.plan.actions[17].operation else { panic!() };
    {
        let mut vendor = company.house.vendor.directory_mut();
        let there = vendor.user(renamed).unwrap();
        vendor.change_user(renamed, portcullis_emulator::User { nick_name: Some("Al".to_owned()), ..there }).unwrap();
    }
    let journal = Fresh::of(&company.plan).await;
    let Refusal::Stale(mut changes) = company.apply(&journal).await.unwrap_err() else { panic!() };
    assert_eq!(company.writes(), [""; 0]);
    let detail = |id: &str| {
        let place = changes.iter().position(|change| change.id == id).unwrap();
        (changes[place].field.clone(), changes[place].detail.clone())
    };
    let title = format!("changed in `title`, from `{before}` to `\"Clerk\"`");
    assert_eq!(detail(user), (Some("title".to_owned()), title));
    assert_eq!(detail(gone), (None, "is gone".to_owned()));
    assert_eq!(detail(renamed), (None, "changed in a field that the plan leaves alone".to_owned()));
    changes.truncate(1);
    assert!(Refusal::Stale(changes).to_string().starts_with("the plan is stale: the user `"));
}

#[tokio::test]
async fn an_object_that_cannot_be_read_refuses_the_plan() {
    let company = Company::new(Shape::SMALL).await;
    company.house.vendor.add_fault("status=500 method=GET path=/Groups".parse().unwrap());
    let message = refused(&company, &company.plan, &company.plan.target, &ApplyOptions::default()).await;
    assert!(message.starts_with("the group `Team ") && message.contains("could not be read"), "{message}");
}

#[tokio::test]
async fn a_choice_that_matches_nothing_is_refused() {
    let company = Company::new(Shape::SMALL).await;
    let mut options = ApplyOptions::default();
    options.choice.only = vec![Selector::User("nobody".to_owned())];
    let message = refused(&company, &company.plan, &company.plan.target, &options).await;
    assert_eq!(message, "no action of the plan that is left matches what was chosen");
}
