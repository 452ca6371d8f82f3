//! A plan of 200 actions, ended before and after every record of the journal and every request. It takes minutes.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "functions of tests fail by panic")]

#[allow(dead_code, unused_imports, reason = "other tests of plans use the rest of it")]
mod applying;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use applying::{Company, Fuse, Fused, FusedJournal, Place, Shape, at_once};

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_of_two_hundred_actions_comes_to_the_same_end_wherever_it_is_ended() {
    let options = at_once(1);
    let company = Company::new(Shape::LARGE).await;
    assert_eq!(company.plan.actions.len(), 200);
    let fuse = Fuse::of(usize::MAX);
    let place = Place::new();
    let directory = Fused(company.house.directory.clone(), fuse.clone());
    let journal = FusedJournal(place.journal(&company.plan).await, fuse.clone());
    let receipt = company.apply_with(&directory, &journal, &options).await.unwrap();
    assert!(receipt.is_complete());
    let (steps, expected) = (usize::MAX - fuse.left(), Arc::new(company.state()));
    // Two records of the journal and a request, a step before and after each, for each action that is no membership and
    // for each of the four calls for memberships.
    assert_eq!(steps, 6 * (106 + 4));

    let next = Arc::new(AtomicUsize::new(1));
    let workers = std::thread::available_parallelism().unwrap().get();
    let workers: Vec<_> = (0..workers)
        .map(|_| {
            let (next, expected, options) = (Arc::clone(&next), Arc::clone(&expected), options.clone());
            // A thread and a runtime each: what a fuse drops is dropped with all that it started.
            let work = move || async move {
                loop {
                    let step = next.fetch_add(1, Ordering::SeqCst);
                    if step > steps {
                        return;
                    }
                    let company = Company::new(Shape::LARGE).await;
                    let place = Place::new();
                    let fuse = Fuse::of(step);
                    {
                        let directory = Fused(company.house.directory.clone(), fuse.clone());
                        let journal = FusedJournal(place.journal(&company.plan).await, fuse.clone());
                        let run = company.apply_with(&directory, &journal, &options);
                        assert!(fuse.run(run).await.is_none(), "step {step}");
                    }
                    let journal = place.journal(&company.plan).await;
                    let receipt = company.apply(&journal).await;
                    assert!(receipt.unwrap().is_complete(), "step {step}");
                    assert_eq!(company.state(), *expected, "step {step}");
                }
            };
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                runtime.unwrap().block_on(work());
            })
        })
        .collect();
    for worker in workers {
        worker.join().unwrap();
    }
}
