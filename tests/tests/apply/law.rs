//! What holds of every plan that is applied.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use portcullis_reconcile::{ApplyOptions, NoJournal, Observer, Operation, Receipt, Selector, Step, Verdict, apply};
use portcullis_tests::House;

use crate::applying::{Company, Fresh, Place, Shape};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_applied_is_not_applied_again() {
    let company = Company::new(Shape::LARGE).await;
    let place = Place::new();
    let first = company.apply(&place.journal(&company.plan).await).await.unwrap();
    assert!(first.is_complete() && !first.is_resumed);
    let (state, writes) = (company.state(), company.writes().len());
    let second = company.apply(&place.journal(&company.plan).await).await.unwrap();
    assert_eq!(second.counts, first.counts);
    assert_eq!((company.state(), company.writes().len()), (state, writes));
    // Without its journal the plan is one for a directory that is not there any more.
    let again = company.apply(&Fresh::of(&company.plan).await).await;
    assert!(again.unwrap_err().to_string().starts_with("the plan is stale: "));
    assert_eq!(company.writes().len(), writes);
}

#[tokio::test(flavor = "multi_thread")]
async fn members_of_one_group_go_in_one_request() {
    let company = Company::new(Shape::LARGE).await;
    company.apply(&Fresh::of(&company.plan).await).await.unwrap();
    // 106 actions that are no membership; 70 additions to one group; 24 removals from three.
    assert_eq!(company.writes().len(), 106 + 1 + 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_sends_no_write() {
    let company = Company::new(Shape::SMALL).await;
    let before = company.state();
    let (directory, dry_run) = company.house.directory.dry_run();
    let receipt = company.apply_with(&directory, &NoJournal, &ApplyOptions::default()).await.unwrap();
    assert!(receipt.is_complete(), "{receipt:?}");
    assert!(Receipt::applied(&receipt.of_dry_run().actions).is_empty());
    assert!(dry_run.requests().len() > 10);
    assert_eq!((company.writes(), company.state()), (Vec::new(), before));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_write_is_read_back_where_that_is_wanted() {
    let mut options = Company::options(Shape::SMALL);
    options.switches.turn(&"patch-effect=ignored".parse().unwrap()).unwrap();
    let company = Company::with(Shape::SMALL, House::with(options, None).await).await;
    let options = ApplyOptions { verify: true, ..ApplyOptions::default() };
    let journal = Fresh::of(&company.plan).await;
    let receipt = company.apply_with(&company.house.directory, &journal, &options).await.unwrap();
    assert_eq!(receipt.halted.as_deref(), Some("the action 3 was not done"));
    assert_eq!(receipt.actions[2].outcome.result, Verdict::Failed, "{:?}", receipt.actions[2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_first_and_the_rest_later_come_to_the_same() {
    let whole = Company::new(Shape::SMALL).await;
    whole.apply(&Fresh::of(&whole.plan).await).await.unwrap();
    let company = Company::new(Shape::SMALL).await;
    let place = Place::new();
    let run = async |options: ApplyOptions| -> Receipt {
        let journal = place.journal(&company.plan).await;
        company.apply_with(&company.house.directory, &journal, &options).await.unwrap()
    };
    let mut options = ApplyOptions::default();
    options.choice.max_changes = Some(3);
    let receipt = run(options.clone()).await;
    assert_eq!((receipt.counts.done, receipt.counts.skipped, receipt.halted), (3, 16, None));
    options.choice.only = vec!["operation:create-group".parse::<Selector>().unwrap()];
    assert_eq!(run(options).await.counts.done, 4);
    let receipt = run(ApplyOptions::default()).await;
    assert!(receipt.is_complete(), "{receipt:#?}");
    assert_eq!(company.state(), whole.state());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_action_that_fails_ends_the_run_or_what_depends_on_it() {
    for stops_on_error in [true, false] {
        let company = Company::new(Shape::SMALL).await;
        company.house.vendor.add_fault("status=400 method=POST path=/Groups".parse().unwrap());
        let options = ApplyOptions { stops_on_error, ..ApplyOptions::default() };
        let journal = Fresh::of(&company.plan).await;
        let receipt = company.apply_with(&company.house.directory, &journal, &options).await.unwrap();
        for step in &receipt.actions {
            let wanted = match &step.action.operation {
                Operation::CreateGroup { .. } => Verdict::Failed,
                Operation::AddMember { group: portcullis_reconcile::Reference::New(_), .. } => Verdict::Skipped,
                _ if step.action.number > 6 && stops_on_error => Verdict::Skipped,
                _ => Verdict::Done,
            };
            assert_eq!(step.outcome.result, wanted, "{step:?}");
        }
        assert_eq!(receipt.halted.is_some(), stops_on_error);
    }
}

/// Asks to stop after so many actions.
struct Impatient(AtomicUsize, AtomicBool);

impl Observer for Impatient {
    fn settled(&self, _: &Step) {
        if self.0.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.1.store(true, Ordering::SeqCst);
        }
    }

    fn wants_to_stop(&self) -> bool {
        self.1.load(Ordering::SeqCst)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_asked_to_stop_finishes_what_is_under_way_and_can_go_on() {
    let company = Company::new(Shape::LARGE).await;
    let place = Place::new();
    let receipt = {
        let journal = place.journal(&company.plan).await;
        let observer = Impatient(AtomicUsize::new(30), AtomicBool::new(false));
        let options = ApplyOptions::default();
        apply(&company.plan, &company.plan.target, &company.house.directory, &journal, &options, &observer)
            .await
            .unwrap()
    };
    assert_eq!(receipt.halted.as_deref(), Some("it was asked to stop"));
    assert!((30..=34).contains(&receipt.counts.done), "{:?}", receipt.counts);
    assert_eq!(usize::try_from(receipt.counts.done).unwrap(), company.writes().len());
    assert!(company.apply(&place.journal(&company.plan).await).await.unwrap().is_complete());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_is_a_document_that_says_what_came_of_each_action() {
    let company = Company::new(Shape::SMALL).await;
    let receipt = company.apply(&Fresh::of(&company.plan).await).await.unwrap();
    let receipt = receipt.between("2026-06-01T00:00:00Z".to_owned(), "2026-06-01T00:00:01Z".to_owned());
    let json = serde_json::to_string(&receipt).unwrap();
    assert_eq!(serde_json::from_str::<Receipt>(&json).unwrap(), receipt);
    let created = &receipt.actions[0].outcome;
    assert!(created.id.is_some() && created.after.is_some());
    let html = receipt.to_html();
    for text in [company.plan.digest.as_str(), "create-user 1", created.id.as_deref().unwrap(), "2026-06-01T00:00:01Z"]
    {
        assert!(html.contains(text), "{text}");
    }
    let applied: Vec<_> = Receipt::applied(&receipt.actions).into_iter().collect();
    let expected = [
        ("create", 3),
        ("deactivate", 3),
        ("delete", 1),
        ("group-delete", 1),
        ("member-add", 5),
        ("member-remove", 3),
        ("update", 4),
    ];
    assert_eq!(applied, expected);
    let links: Vec<_> = receipt.links.iter().map(|link| link.key.as_str()).collect();
    assert_eq!((links, &receipt.links[0].user), (vec!["hr-0", "hr-x"], created.id.as_ref().unwrap()));
}
