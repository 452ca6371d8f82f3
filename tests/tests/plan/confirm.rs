//! What a plan would rely on only because a list did not show it is asked for, at a vendor that knows better.

use std::fmt::Write as _;

use portcullis_directory::User;
use portcullis_emulator::{At, Group as VendorGroup, Options, UnknownFilter, User as VendorUser};
use portcullis_reconcile::{ConfirmError, Draft, Leavers, Question, Rules, Snapshot};
use portcullis_tests::House;

use crate::office::{self, Order, SETTLED};

/// A vendor, and its directory as it was read some time ago.
struct Past {
    house: House,
    snapshot: Snapshot,
}

impl Past {
    async fn new() -> Past {
        Past::with(Options { users: 12, groups: 6, ..Options::default() }, Some(SETTLED)).await
    }

    async fn with(options: Options, settings: Option<&str>) -> Past {
        let house = House::with(options, settings).await;
        let snapshot = office::take(&house, 8).await.unwrap();
        assert!(snapshot.is_complete());
        house.vendor.clear_exchanges();
        Past { house, snapshot }
    }

    /// A plan for everybody in the snapshot, all of them owned, and these rows more.
    async fn confirm(&mut self, rows: &str, links: &[(&str, &str)]) -> Result<Draft, ConfirmError> {
        let mut text = "username,groups\n".to_owned();
        for user in &self.snapshot.users {
            let groups: Vec<_> = user.groups.iter().map(|group| group.name.clone().unwrap()).collect();
            writeln!(text, "{},\"{}\"", user.username.as_ref().unwrap(), groups.join(";")).unwrap();
        }
        self.confirm_only(&(text + rows), links, &mut Vec::new()).await
    }

    async fn confirm_only(
        &mut self,
        text: &str,
        links: &[(&str, &str)],
        questions: &mut Vec<Question>,
    ) -> Result<Draft, ConfirmError> {
        let rules = Rules::parse(r#"{"scope": {"usernames": ["*"]}, "limits": {"leavers_percent": 100}}"#).unwrap();
        let order = Order { text, rules: &rules, links, leavers: Leavers::Delete };
        office::confirm(&self.house, &mut self.snapshot, &order, |question| questions.push(question)).await
    }

    /// What was asked, without the endpoint.
    fn asked(&self) -> Vec<String> {
        let exchanges = self.house.vendor.exchanges();
        let path = |target: &str| target.split("/v2/").last().unwrap_or_default().to_owned();
        exchanges.iter().map(|exchange| path(&exchange.target)).collect()
    }
}

fn actions(draft: &Draft) -> Vec<String> {
    let actions = draft.plan.actions.iter();
    actions.map(|action| format!("{} {}", action.operation.name(), action.label)).collect()
}

#[tokio::test]
async fn a_plan_that_relies_on_nothing_asks_nothing() {
    let mut past = Past::new().await;
    let draft = past.confirm("", &[]).await.unwrap();
    assert_eq!((actions(&draft), past.asked()), (vec![], vec![]));
}

#[tokio::test]
async fn who_is_to_be_made_is_looked_for_by_name_and_made_where_there_is_nobody() {
    let mut past = Past::new().await;
    let draft = past.confirm("mara@acme.example,Lab\n", &[]).await.unwrap();
    let made = ["create-user mara@acme.example", "create-group Lab", "add-member mara@acme.example in Lab"];
    assert_eq!(actions(&draft), made);
    assert!(draft.plan.is_complete);
    let asked = past.asked();
    assert_eq!(asked.len(), 2, "{asked:?}");
    assert!(asked[0].starts_with("Users?") && asked[1].starts_with("Groups?"), "{asked:?}");
    assert!(asked.iter().all(|asked| asked.contains("filter=")), "{asked:?}");
}

#[tokio::test]
async fn whom_a_list_did_not_show_is_not_made_again_and_nothing_is_taken_away_on_its_word() {
    let mut past = Past::new().await;
    let leaver = past.snapshot.users.pop().unwrap();
    let name = leaver.username.clone().unwrap();
    // Somebody else is not in the source any more; by a whole list he would be deleted.
    let text = format!("username\n{name}\n");
    let sure = past.confirm_only(&format!("{text}mara@acme.example\n"), &[], &mut Vec::new()).await.unwrap();
    assert_eq!(actions(&sure), ["create-user mara@acme.example"]);
    assert!(!sure.plan.is_complete && past.snapshot.header.users.moved);
    assert_eq!(past.snapshot.user(&leaver.id).unwrap().username, leaver.username);

    let mut past = Past::new().await;
    let lab = VendorGroup::new("Lab".to_owned());
    past.house.vendor.directory_mut().add_group(lab, At::End).unwrap();
    let draft = past.confirm("mara@acme.example,LAB\n", &[]).await.unwrap();
    assert_eq!(actions(&draft), ["create-user mara@acme.example", "add-member mara@acme.example in LAB"]);
    assert!(past.snapshot.header.groups.moved);
}

#[tokio::test]
async fn whom_a_link_names_is_asked_for_by_id_whatever_the_name_is_by_now() {
    let mut past = Past::new().await;
    let linked = past.snapshot.users.pop().unwrap();
    let links = [("hired@acme.example", linked.id.as_str())];
    let draft = past.confirm("hired@acme.example,\n", &links).await.unwrap();
    assert!(past.asked().contains(&format!("Users/{}", linked.id)), "{:?}", past.asked());
    assert!(!actions(&draft).iter().any(|action| action.starts_with("create-user")), "{:?}", actions(&draft));

    // Whoever is gone is made anew.
    let mut past = Past::new().await;
    let draft = past.confirm("hired@acme.example,\n", &[("hired@acme.example", "999999")]).await.unwrap();
    assert_eq!(actions(&draft), ["create-user hired@acme.example"]);
    assert!(past.asked().contains(&"Users/999999".to_owned()));
}

#[tokio::test]
async fn where_the_vendor_cannot_search_the_lists_are_read_once_more() {
    let mut options = Options { users: 12, groups: 3, ..Options::default() };
    options.switches.user_name_filter = false;
    options.switches.unknown_filter = UnknownFilter::Ignored;
    let mut past = Past::with(options, Some(SETTLED)).await;
    past.house.vendor.add_user(VendorUser::new("Mara@acme.example")).unwrap();
    let mut questions = Vec::new();
    let mut text = "username\n".to_owned();
    for name in ["mara@acme.example", "nora@acme.example"] {
        writeln!(text, "{name}").unwrap();
    }
    let draft = past.confirm_only(&text, &[], &mut questions).await.unwrap();
    assert_eq!(actions(&draft), ["create-user nora@acme.example"]);
    assert!(!draft.plan.is_complete);
    assert!(questions.iter().any(|question| matches!(question, Question::Again(_))), "{questions:?}");
    // Both were asked for, and the two lists were read once.
    let lists = past.asked().into_iter().filter(|asked| !asked.contains("filter=")).count();
    assert_eq!(lists, 2, "{:?}", past.asked());
}

#[tokio::test]
async fn of_many_nobody_is_asked_for_one_by_one() {
    let mut past = Past::new().await;
    let (mut rows, mut questions) = ("username\n".to_owned(), Vec::new());
    for number in 0..201 {
        writeln!(rows, "joiner-{number}@acme.example").unwrap();
    }
    let draft = past.confirm_only(&rows, &[], &mut questions).await.unwrap();
    assert_eq!(draft.plan.counts(), [("create-user", 201), ("delete-user", 12)]);
    assert!(past.asked().iter().all(|asked| !asked.contains("filter=")), "{:?}", past.asked());
    assert_eq!(past.asked().len(), 2);
}

#[tokio::test]
async fn the_groups_that_change_are_read_from_their_own_records_and_no_others() {
    let mut past = Past::new().await;
    let is_in = |user: &User, group: &str| user.groups.iter().any(|of| of.id == group);
    let has = |group: &str, is_member: bool| {
        let user = past.snapshot.users.iter().find(|user| is_in(user, group) == is_member)?;
        user.username.clone()
    };
    let found =
        past.snapshot.groups.iter().find_map(|group| {
            Some((group.id.clone(), group.name.clone()?, has(&group.id, true)?, has(&group.id, false)?))
        });
    let (group, name, member, outsider) = found.unwrap();
    let text = format!("username,groups\n{member},\"{name}\"\n{outsider},\"{name}\"\n");
    let mut questions = Vec::new();
    let draft = past.confirm_only(&text, &[], &mut questions).await.unwrap();
    assert!(actions(&draft).contains(&format!("add-member {outsider} in {name}")), "{:?}", actions(&draft));
    assert_eq!(past.snapshot.rosters.iter().map(|roster| &roster.group).collect::<Vec<_>>(), [&group]);
    assert!(questions.contains(&Question::Rosters { done: 1, of: 1 }), "{questions:?}");
    let of_groups: Vec<_> = past.asked().into_iter().filter(|asked| asked.starts_with("Groups/")).collect();
    assert!(of_groups.iter().all(|asked| asked.starts_with(&format!("Groups/{group}"))), "{of_groups:?}");
}

#[tokio::test]
async fn a_question_without_an_answer_leaves_no_plan() {
    for (status, rule) in
        [(503, "status=503 path=/Users"), (500, "status=500 path=/Groups"), (403, "status=403 path=/Groups/")]
    {
        let mut past = Past::new().await;
        past.house.vendor.add_fault(rule.parse().unwrap());
        let name = past.snapshot.groups[0].name.clone().unwrap();
        let error = past.confirm(&format!("mara@acme.example,\"Lab;{name}\"\n"), &[]).await.unwrap_err();
        let found = match error {
            ConfirmError::Ask(error) => error.http_status,
            ConfirmError::Take(error) => error.error.error.http_status,
        };
        assert_eq!(found, Some(status), "{rule}");
    }
    let mut past = Past::new().await;
    past.house.vendor.add_fault("status=503 path=/Users/".parse().unwrap());
    let error = past.confirm("hired@acme.example,\n", &[("hired@acme.example", "999999")]).await.unwrap_err();
    assert!(matches!(error, ConfirmError::Ask(_)), "{error}");
}
