//! How long somebody who is cut off waits behind a plan that is applied meanwhile.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use portcullis_directory::{Directory as _, ReadOptions};
use portcullis_emulator::User as VendorUser;
use portcullis_reconcile::act::{Manner, Means, State, cut_off};
use portcullis_reconcile::{ApplyOptions, Observer, Step, apply};
use portcullis_runtime::{Account, Pace, StaticToken};
use portcullis_tests::TOKEN;
use tokio::sync::Notify;

use crate::applying::{Company, Fresh, Shape};

/// Tells when so many actions are done.
struct Herald(AtomicUsize, Notify);

impl Observer for Herald {
    fn settled(&self, _: &Step) {
        if self.0.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.1.notify_one();
        }
    }
}

/// A hundred and one writes, and nothing to read first but a handful.
const BULK: Shape = Shape {
    create_users: 100,
    activate_users: 0,
    update_users: 1,
    create_groups: 0,
    update_groups: 0,
    add_members: 0,
    remove_members: 0,
    delete_groups: 0,
    deactivate_users: 0,
    delete_users: 0,
};

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_goes_before_all_of_a_plan_but_what_is_on_its_way() {
    let mut company = Company::new(BULK).await;
    let leaver = company.house.vendor.add_user(VendorUser::new("leaver@acme.example")).unwrap();
    company.house.vendor.add_fault("delay-ms=50".parse().unwrap());
    let account = Account::new(company.house.vendor.endpoint()).unwrap().with_pace(Pace::steady(10));
    company.house.directory = company.house.connector.directory(account, StaticToken::new(TOKEN).unwrap()).unwrap();
    let (directory, journal) = (&company.house.directory, Fresh::of(&company.plan).await);
    let (herald, options) = (Herald(AtomicUsize::new(5), Notify::new()), ApplyOptions::default());
    let bulk = apply(&company.plan, &company.plan.target, directory, &journal, &options, &herald);

    let cut = async {
        herald.1.notified().await;
        let (begun, before) = (Instant::now(), company.house.vendor.exchanges().len());
        let urgent = directory.urgent();
        let user = urgent.get_user(&leaver, ReadOptions::default()).await.unwrap();
        let cut = cut_off(&urgent, &user, Means::Deactivate, Manner::PROVEN, &async |_, _| {}).await;
        let (took, exchanges) = (begun.elapsed(), company.house.vendor.exchanges());
        assert!(cut.is_proven && cut.state == State::Inactive, "{cut:?}");
        (took, exchanges[before..].iter().map(|exchange| exchange.target.contains(&leaver)).collect::<Vec<_>>())
    };
    let (took, sent) = tokio::select! {
        _ = bulk => panic!("the plan was applied before anybody was cut off"),
        cut = cut => cut,
    };
    let own = sent.iter().filter(|is_own| **is_own).count();
    let last = sent.iter().rposition(|is_own| *is_own).unwrap();
    let (others, left) = (last + 1 - own, company.plan.actions.len() - company.writes().len());
    println!(
        "beside a plan of {} actions at 10 requests a second, 50 ms away: cut off and seen to be so {took:?} after the \
         first request, which was sent with {left} writes left; {own} requests of its own, {others} of the plan between",
        company.plan.actions.len(),
    );
    // A read, the write and the proof; each waits for one request of the plan at most, and the first perhaps for those
    // that are on their way.
    assert_eq!(own, 3, "{sent:?}");
    assert!(others <= 4, "{sent:?}");
    // In turn with the rest of the plan it would be nine seconds.
    assert!(left > 80 && took < Duration::from_secs(4), "{left} left, {took:?}");
}
