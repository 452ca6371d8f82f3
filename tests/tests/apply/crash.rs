//! A process that ends anywhere leaves what another one goes on with, to the same end.

use std::collections::BTreeMap;

use portcullis_reconcile::{ApplyOptions, Receipt, Verdict};

use crate::applying::{Company, Fresh, Fuse, Fused, FusedJournal, Place, Shape, at_once};

/// Ends a run at a step and goes on with it; answers whether it was over before that step.
async fn ended_at(step: usize, shape: Shape, options: &ApplyOptions, expected: &[String]) -> bool {
    let company = Company::new(shape).await;
    let place = Place::new();
    let fuse = Fuse::of(step);
    let is_over = {
        let directory = Fused(company.house.directory.clone(), fuse.clone());
        let journal = FusedJournal(place.journal(&company.plan).await, fuse.clone());
        fuse.run(company.apply_with(&directory, &journal, options)).await.is_some()
    };
    let receipt = company.apply_with(&company.house.directory, &place.journal(&company.plan).await, options).await;
    let receipt = receipt.unwrap_or_else(|refusal| panic!("step {step}: {refusal}"));
    assert!(receipt.is_complete(), "step {step}: {receipt:#?}");
    assert_eq!(company.state(), expected, "step {step}");
    // Nothing is forgotten, and nothing counted twice.
    assert_eq!(place.counted(&company.plan).await, counts(&receipt), "step {step}");
    is_over
}

/// What a receipt says was applied.
fn counts(receipt: &Receipt) -> BTreeMap<String, u64> {
    let counts = Receipt::applied(&receipt.actions).into_iter();
    counts.map(|(kind, count)| (kind.to_owned(), count.into())).collect()
}

/// What an uninterrupted run comes to.
async fn expected(shape: Shape, options: &ApplyOptions) -> Vec<String> {
    let company = Company::new(shape).await;
    let before = company.state();
    let journal = Fresh::of(&company.plan).await;
    let receipt = company.apply_with(&company.house.directory, &journal, options).await.unwrap();
    assert!(receipt.actions.iter().all(|step| step.outcome.result == Verdict::Done), "{receipt:#?}");
    assert_ne!(company.state(), before);
    company.state()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_ends_before_or_after_any_record_or_request_comes_to_the_same_end() {
    let options = at_once(1);
    let expected = expected(Shape::SMALL, &options).await;
    let mut step = 1;
    while !ended_at(step, Shape::SMALL, &options, &expected).await {
        step += 1;
    }
    // Two records of the journal and one request of the vendor, each with a step before and a step after it, for every
    // call.
    assert!(step > 6 * 14, "{step}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_with_calls_side_by_side_that_ends_comes_to_the_same_end() {
    let options = ApplyOptions::default();
    let expected = expected(Shape::LARGE, &options).await;
    for step in [1, 8, 150, 290, 391, 462, 533, 584, 605, 640] {
        assert!(!ended_at(step, Shape::LARGE, &options, &expected).await, "{step}");
    }
}
