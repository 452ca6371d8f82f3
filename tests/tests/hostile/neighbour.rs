//! Neighbours in one process. How long the others wait for their answers is measured by the target `endurance`, as a few
//! seconds on a busy machine say nothing about it.

use std::time::Duration;

use portcullis_tests::neighbours::{Neighbours, Report};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_misbehaves_every_other_account_is_answered_by_its_own_vendor_alone() {
    let house = Neighbours::new(40).await;
    let mut report = Report::default();
    // A busy machine makes fewer calls in a second.
    while report.times.len() < 40 && report.failed.is_empty() {
        report = report.and(house.live(40, Duration::from_secs(2), true).await);
    }
    assert_eq!(report.failed, Vec::<String>::new());
    let (crossed, all) = house.crossed();
    assert_eq!((crossed, usize::try_from(all)), (0, Ok(report.times.len())));
    // A naive host has one instance for all of them, which the first endless loop takes for itself.
}
