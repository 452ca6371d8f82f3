//! What holds for any users, groups and writes, through the sandboxed connector and over TCP.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "functions of tests fail by panic")]

use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};

use portcullis_directory::{
    Change, Directory as _, ErrorKind, PageQuery, ReadOptions, User, Value, Walk, WalkOptions, WriteOptions,
};
use portcullis_emulator::Options;
use portcullis_runtime::{Account, StaticToken};
use portcullis_tests::scenario::{VERIFY, emails, set};
use portcullis_tests::{House, TOKEN, connector};
use portcullis_zpa::{account, wit};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

const SETTLED: Option<&str> = Some(r#"{"quirks":{"missing-members":"empty"}}"#);

/// Fields that can be set to a text and cleared.
const TEXTS: [&str; 11] = [
    "external_id",
    "name",
    "first_name",
    "last_name",
    "nick_name",
    "title",
    "user_type",
    "department",
    "cost_center",
    "division",
    "organization",
];

const ADDRESSES: [&str; 4] = ["a@acme.example", "b@acme.example", "c+d@acme.example", "ü@acme.example"];

/// What a user has, but for its name: texts by field, addresses, and whether it is switched on.
#[derive(Clone, Debug, PartialEq)]
struct State {
    texts: BTreeMap<&'static str, String>,
    emails: Vec<&'static str>,
    is_active: bool,
}

fn state() -> impl Strategy<Value = State> {
    let text = prop_oneof!["[a-zA-Z0-9 .-]{1,12}", "\\PC{1,8}", Just("\"\\\n%2F' or 1".to_owned())];
    let texts = prop::collection::btree_map(prop::sample::select(&TEXTS[..]), text, 0..TEXTS.len());
    let emails = prop::sample::subsequence(ADDRESSES.to_vec(), 0..3);
    (texts, emails, any::<bool>()).prop_map(|(texts, emails, is_active)| State { texts, emails, is_active })
}

impl State {
    /// The changes that make any user this one.
    fn changes(&self) -> Vec<Change> {
        let status = set("status", if self.is_active { "active" } else { "inactive" });
        let mut changes = vec![status];
        for field in TEXTS {
            let value = self.texts.get(field).map(|text| Value::Text(text.clone()));
            changes.push(Change { field: field.to_owned(), value });
        }
        changes.push(match self.emails.as_slice() {
            [] => Change { field: "emails".to_owned(), value: None },
            wanted => emails(wanted),
        });
        changes
    }

    /// Those of them that set something, which is all that a new user takes.
    fn values(&self) -> Vec<Change> {
        self.changes().into_iter().filter(|change| change.value.is_some()).collect()
    }

    fn of(user: &User) -> State {
        let places = [
            ("external_id", &user.external_id),
            ("name", &user.name),
            ("first_name", &user.first_name),
            ("last_name", &user.last_name),
            ("nick_name", &user.nick_name),
            ("title", &user.title),
            ("user_type", &user.user_type),
            ("department", &user.department),
            ("cost_center", &user.cost_center),
            ("division", &user.division),
            ("organization", &user.organization),
        ];
        let known = |email: &str| ADDRESSES.into_iter().find(|known| *known == email).unwrap();
        State {
            texts: places.into_iter().filter_map(|(name, text)| Some((name, text.clone()?))).collect(),
            emails: user.emails.iter().map(|email| known(&email.email)).collect(),
            is_active: user.status.as_deref() == Some("active"),
        }
    }
}

/// Runs a property of something asynchronous, on one vendor for all cases.
fn hold<S: Strategy>(cases: u32, strategy: &S, law: &impl AsyncFn(&House, S::Value) -> Result<(), TestCaseError>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let house = runtime.block_on(House::with(Options { users: 0, groups: 0, ..Options::default() }, SETTLED));
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    runner.run(strategy, |value| runtime.block_on(law(&house, value))).unwrap();
}

#[test]
fn a_patched_user_reads_as_it_was_wanted_whatever_it_was_before() {
    hold(96, &(state(), state()), &async |house, (before, after)| {
        let mut joiner = before.values();
        joiner.push(set("username", "law@acme.example"));
        let id = house.directory.create_user(&joiner, VERIFY).await.unwrap().id;
        let created = house.directory.get_user(&id, ReadOptions::default()).await.unwrap();
        prop_assert_eq!(State::of(&created), before);
        house.directory.update_user(&id, &after.changes(), VERIFY).await.unwrap();
        let updated = house.directory.get_user(&id, ReadOptions::default()).await.unwrap();
        prop_assert_eq!(State::of(&updated), after);
        house.directory.delete_user(&id, VERIFY).await.unwrap();
        Ok(())
    });
}

/// Something that happens in a directory, to the user or the group of a number.
#[derive(Clone, Debug)]
enum Event {
    Create(usize, State),
    Update(usize, State),
    Switch(usize, bool),
    Delete(usize),
    Add(usize, Vec<usize>),
    Remove(usize, Vec<usize>),
}

const USERS: usize = 5;
const GROUPS: usize = 2;

fn event() -> impl Strategy<Value = Event> {
    let (user, group) = (0..USERS, 0..GROUPS);
    let members = prop::collection::vec(0..USERS, 1..4);
    prop_oneof![
        3 => (user.clone(), state()).prop_map(|(user, state)| Event::Create(user, state)),
        2 => (user.clone(), state()).prop_map(|(user, state)| Event::Update(user, state)),
        1 => (user.clone(), any::<bool>()).prop_map(|(user, is_active)| Event::Switch(user, is_active)),
        1 => user.prop_map(Event::Delete),
        3 => (group.clone(), members.clone()).prop_map(|(group, members)| Event::Add(group, members)),
        2 => (group, members).prop_map(|(group, members)| Event::Remove(group, members)),
    ]
}

/// The same directory, as plain as can be.
#[derive(Default)]
struct Model {
    users: BTreeMap<usize, (String, State)>,
    members: [BTreeSet<usize>; GROUPS],
}

impl Model {
    fn ids(&self, users: &[usize]) -> Vec<String> {
        users.iter().filter_map(|user| Some(self.users.get(user)?.0.clone())).collect()
    }
}

#[test]
fn any_writes_leave_the_vendor_and_a_plain_model_equal() {
    hold(32, &prop::collection::vec(event(), 1..14), &async |house, events| {
        let directory = &house.directory;
        let options = WriteOptions { verify: false, ..VERIFY };
        let mut groups = Vec::new();
        for number in 0..GROUPS {
            groups.push(directory.create_group(&[set("name", &format!("group {number}"))], options).await.unwrap().id);
        }
        let mut model = Model::default();
        for event in events {
            match event {
                Event::Create(user, state) => {
                    let mut changes = state.values();
                    changes.push(set("username", &format!("user{user}@acme.example")));
                    let created = directory.create_user(&changes, options).await;
                    match model.users.entry(user) {
                        Entry::Occupied(_) => prop_assert_eq!(created.unwrap_err().kind, ErrorKind::Conflict),
                        Entry::Vacant(place) => _ = place.insert((created.unwrap().id, state)),
                    }
                }
                Event::Update(user, state) => {
                    let Some((id, known)) = model.users.get_mut(&user) else { continue };
                    directory.update_user(id, &state.changes(), options).await.unwrap();
                    *known = state;
                }
                Event::Switch(user, is_active) => {
                    let Some((id, known)) = model.users.get_mut(&user) else { continue };
                    directory.set_user_active(id, is_active, options).await.unwrap();
                    known.is_active = is_active;
                }
                Event::Delete(user) => {
                    let Some((id, _)) = model.users.remove(&user) else { continue };
                    directory.delete_user(&id, options).await.unwrap();
                    model.members.iter_mut().for_each(|members| _ = members.remove(&user));
                }
                Event::Add(group, users) => {
                    let result = directory.add_members(&groups[group], &model.ids(&users), options).await.unwrap();
                    prop_assert_eq!(result.failed.len(), 0);
                    model.members[group].extend(users.iter().filter(|user| model.users.contains_key(user)));
                }
                Event::Remove(group, users) => {
                    let result = directory.remove_members(&groups[group], &model.ids(&users), options).await.unwrap();
                    prop_assert_eq!(result.failed.len(), 0);
                    model.members[group].retain(|member| !users.contains(member));
                }
            }
        }

        let mut walk = Walk::users(directory, WalkOptions::default());
        let mut users = BTreeMap::new();
        while let Some(page) = walk.next_page().await.unwrap() {
            users.extend(page.items.iter().map(|user| (user.id.clone(), State::of(user))));
        }
        prop_assert_eq!(&users, &model.users.values().cloned().collect::<BTreeMap<_, _>>());
        for (group, members) in groups.iter().zip(&model.members) {
            let page = directory.list_members(group, PageQuery::default()).await.unwrap();
            let found: BTreeSet<_> = page.items.into_iter().map(|member| member.id).collect();
            let wanted: Vec<_> = members.iter().copied().collect();
            prop_assert_eq!(found, model.ids(&wanted).into_iter().collect::<BTreeSet<_>>());
            directory.delete_group(group, options).await.unwrap();
        }
        for id in users.keys() {
            directory.delete_user(id, options).await.unwrap();
        }
        Ok(())
    });
}

/// In the component sixteen bytes are looked at together, natively eight (`connector/zpa/src/block.rs`). Settings are
/// read as a vendor's answers are.
#[tokio::test]
async fn a_text_is_read_in_the_sandbox_as_it_is_natively_whatever_stands_anywhere_in_it() {
    let connector = connector().await;
    let endpoint = "https://vendor.example/scim/1/1/v2";
    let mut refusals = BTreeSet::new();
    for length in 0..36 {
        for place in 0..=length {
            for odd in ["\u{1}", "\u{1f}", "\"", "\\n", " ", "\u{7f}", "ü"] {
                let settings = format!("{{\"{}{odd}{}\":true}}", "x".repeat(place), "y".repeat(length - place));
                let account = wit::Account { endpoint: endpoint.to_owned(), settings: Some(settings.clone()) };
                let natively = account::Account::parse(&account).unwrap_err().message;
                let account = Account::new(endpoint).unwrap().with_settings(&settings);
                let directory = connector.directory(account, StaticToken::new(TOKEN).unwrap()).unwrap();
                let sandboxed = directory.page_cursors("", 1).await.unwrap_err().message;
                assert_eq!(sandboxed, natively, "{settings:?}");
                refusals.insert(natively);
            }
        }
    }
    assert!(refusals.len() > 1000, "{}", refusals.len());
}
