//! Any sequence of writes leaves the emulator and a plain model equal: the same answers, the same users, the same
//! groups, and memberships that agree from both sides.

use crate::wire::{emulator, get, rows};
use crate::write::{delete, patch, post, put};
use portcullis_emulator::{Directory, Emulator};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Few names, two of them equal but for case, so that they meet.
const NAMES: [&str; 5] =
    ["ann@acme.example", "Ann@acme.example", "bob@acme.example", "zoë@acme.example", "ZOË@acme.example"];

/// A write. Numbers choose among what is there; where nothing is, an id that names nothing.
#[derive(Clone, Debug)]
enum Op {
    CreateUser(usize),
    Rename(usize, usize),
    Title(usize, Option<u8>),
    AddAddress(usize, u8),
    RemoveAddress(usize, u8),
    Active(usize, bool),
    DeleteUser(usize),
    CreateGroup(u8, Vec<usize>),
    RenameGroup(usize, u8),
    Add(usize, Vec<usize>),
    RemoveOne(usize, usize),
    RemoveListed(usize, Vec<usize>),
    Replace(usize, Vec<usize>),
    Empty(usize),
    /// An addition, and then something that is refused.
    AddInVain(usize, usize),
    DeleteGroup(usize),
}

fn of_users() -> impl Strategy<Value = Op> {
    let (one, name) = (0..8_usize, 0..NAMES.len());
    prop_oneof![
        4 => name.clone().prop_map(Op::CreateUser),
        1 => (one.clone(), name).prop_map(|(user, name)| Op::Rename(user, name)),
        1 => (one.clone(), any::<Option<u8>>()).prop_map(|(user, title)| Op::Title(user, title)),
        1 => (one.clone(), 0..3_u8).prop_map(|(user, address)| Op::AddAddress(user, address)),
        1 => (one.clone(), 0..3_u8).prop_map(|(user, address)| Op::RemoveAddress(user, address)),
        1 => (one.clone(), any::<bool>()).prop_map(|(user, active)| Op::Active(user, active)),
        1 => one.prop_map(Op::DeleteUser),
    ]
}

fn of_groups() -> impl Strategy<Value = Op> {
    let (one, few) = (0..8_usize, prop::collection::vec(0..8_usize, 0..4));
    prop_oneof![
        3 => (any::<u8>(), few.clone()).prop_map(|(name, users)| Op::CreateGroup(name, users)),
        1 => (one.clone(), any::<u8>()).prop_map(|(group, name)| Op::RenameGroup(group, name)),
        3 => (one.clone(), few.clone()).prop_map(|(group, users)| Op::Add(group, users)),
        2 => (one.clone(), one.clone()).prop_map(|(group, user)| Op::RemoveOne(group, user)),
        1 => (one.clone(), few.clone()).prop_map(|(group, users)| Op::RemoveListed(group, users)),
        2 => (one.clone(), few).prop_map(|(group, users)| Op::Replace(group, users)),
        1 => one.clone().prop_map(Op::Empty),
        1 => (one.clone(), one.clone()).prop_map(|(group, user)| Op::AddInVain(group, user)),
        1 => one.prop_map(Op::DeleteGroup),
    ]
}

#[derive(Clone, Debug, Default, PartialEq)]
struct ModelUser {
    id: String,
    name: String,
    title: Option<String>,
    addresses: Vec<String>,
    active: bool,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct ModelGroup {
    id: String,
    name: String,
    members: Vec<String>,
}

/// What should be there.
#[derive(Clone, Debug, Default, PartialEq)]
struct Model {
    users: Vec<ModelUser>,
    groups: Vec<ModelGroup>,
}

impl Model {
    fn user(&self, choice: usize) -> Option<usize> {
        choice.checked_rem(self.users.len())
    }

    fn group(&self, choice: usize) -> Option<usize> {
        choice.checked_rem(self.groups.len())
    }

    fn ids(&self, choices: &[usize]) -> Vec<String> {
        choices.iter().filter_map(|&choice| Some(self.users[self.user(choice)?].id.clone())).collect()
    }

    fn is_taken(&self, name: &str, own: Option<usize>) -> bool {
        let is_it = |user: &ModelUser| user.name.to_lowercase() == name.to_lowercase();
        self.users.iter().enumerate().any(|(place, user)| is_it(user) && Some(place) != own)
    }

    fn user_path(&self, place: Option<usize>) -> String {
        format!("/Users/{}", place.map_or("5", |place| &self.users[place].id))
    }

    fn group_path(&self, place: Option<usize>) -> String {
        format!("/Groups/{}", place.map_or("5", |place| &self.groups[place].id))
    }

    /// Does a write to both and says what was answered and what should have been.
    async fn write(&mut self, emulator: &Emulator, op: &Op) -> (u16, u16) {
        match op {
            Op::CreateUser(..) | Op::Rename(..) | Op::Title(..) | Op::AddAddress(..) => {
                self.write_user(emulator, op).await
            }
            Op::RemoveAddress(..) | Op::Active(..) | Op::DeleteUser(..) => self.write_user(emulator, op).await,
            Op::CreateGroup(..) | Op::RenameGroup(..) | Op::DeleteGroup(..) => self.write_group(emulator, op).await,
            _ => self.write_members(emulator, op).await,
        }
    }

    async fn write_user(&mut self, emulator: &Emulator, op: &Op) -> (u16, u16) {
        let Op::CreateUser(name) = op else {
            return self.change_user(emulator, op).await;
        };
        let name = NAMES[*name];
        let answer = post(emulator, "/Users", json!({"userName": name})).await;
        if self.is_taken(name, None) {
            return (answer.status, 409);
        }
        let id = answer.json()["id"].as_str().unwrap().to_owned();
        self.users.push(ModelUser { id, name: name.to_owned(), active: true, ..ModelUser::default() });
        (answer.status, 201)
    }

    async fn change_user(&mut self, emulator: &Emulator, op: &Op) -> (u16, u16) {
        let (Op::Rename(choice, _)
        | Op::Title(choice, _)
        | Op::AddAddress(choice, _)
        | Op::RemoveAddress(choice, _)
        | Op::Active(choice, _)
        | Op::DeleteUser(choice)) = *op
        else {
            unreachable!("`{op:?}` is of a group")
        };
        let place = self.user(choice);
        let path = self.user_path(place);
        let address = |number| format!("{number}@acme.example");
        let answer = match op {
            Op::Rename(_, name) => put(emulator, &path, json!({"userName": NAMES[*name]})).await,
            Op::Title(_, title) => {
                let operation = match title {
                    Some(title) => json!({"op": "replace", "path": "title", "value": title.to_string()}),
                    None => json!({"op": "remove", "path": "title"}),
                };
                patch(emulator, &path, json!([operation])).await
            }
            Op::AddAddress(_, number) => {
                let value = address(number);
                let operation = json!({"op": "add", "path": "emails[type eq \"work\"].value", "value": value});
                patch(emulator, &path, json!([operation])).await
            }
            Op::RemoveAddress(_, number) => {
                let path_in = format!("emails[value eq \"{}\"]", address(number));
                patch(emulator, &path, json!([{"op": "remove", "path": path_in}])).await
            }
            Op::Active(_, active) => put(emulator, &path, json!({"active": active})).await,
            _ => delete(emulator, &path).await,
        };
        let Some(place) = place else {
            return (answer.status, 404);
        };
        let is_taken = matches!(op, Op::Rename(_, name) if self.is_taken(NAMES[*name], Some(place)));
        let user = &mut self.users[place];
        match op {
            Op::Rename(..) if is_taken => return (answer.status, 409),
            Op::Rename(_, name) => NAMES[*name].clone_into(&mut user.name),
            Op::Title(_, title) => user.title = title.map(|title| title.to_string()),
            Op::AddAddress(_, number) => {
                if !user.addresses.contains(&address(number)) {
                    user.addresses.push(address(number));
                }
            }
            Op::RemoveAddress(_, number) => user.addresses.retain(|other| *other != address(number)),
            Op::Active(_, active) => user.active = *active,
            _ => {
                let gone = self.users.remove(place).id;
                for group in &mut self.groups {
                    group.members.retain(|id| *id != gone);
                }
                return (answer.status, 204);
            }
        }
        (answer.status, 200)
    }

    async fn write_group(&mut self, emulator: &Emulator, op: &Op) -> (u16, u16) {
        match op {
            Op::CreateGroup(name, users) => {
                let mut members = self.ids(users);
                let body = json!({"displayName": name.to_string(), "members": values(&members)});
                let answer = post(emulator, "/Groups", body).await;
                let id = answer.json()["id"].as_str().unwrap().to_owned();
                without_repeats(&mut members);
                self.groups.push(ModelGroup { id, name: name.to_string(), members });
                (answer.status, 201)
            }
            Op::RenameGroup(choice, name) => {
                let place = self.group(*choice);
                let body = json!({"displayName": name.to_string()});
                let answer = put(emulator, &self.group_path(place), body).await;
                let Some(place) = place else {
                    return (answer.status, 404);
                };
                self.groups[place].name = name.to_string();
                (answer.status, 200)
            }
            Op::DeleteGroup(choice) => {
                let place = self.group(*choice);
                let answer = delete(emulator, &self.group_path(place)).await;
                let Some(place) = place else {
                    return (answer.status, 404);
                };
                self.groups.remove(place);
                (answer.status, 204)
            }
            _ => unreachable!("`{op:?}` is not of a group"),
        }
    }

    async fn write_members(&mut self, emulator: &Emulator, op: &Op) -> (u16, u16) {
        let (choice, users) = match op {
            Op::Add(group, users) | Op::RemoveListed(group, users) | Op::Replace(group, users) => {
                (*group, users.clone())
            }
            Op::RemoveOne(group, user) | Op::AddInVain(group, user) => (*group, vec![*user]),
            Op::Empty(group) => (*group, Vec::new()),
            _ => unreachable!("`{op:?}` is not of members"),
        };
        let (place, ids) = (self.group(choice), self.ids(&users));
        let path = self.group_path(place);
        let one = ids.first().map_or("5", String::as_str);
        let is_known = !matches!(op, Op::RemoveOne(..)) || !ids.is_empty();
        let operations = match op {
            Op::Add(..) => json!([{"op": "add", "path": "members", "value": values(&ids)}]),
            Op::RemoveOne(..) => json!([{"op": "remove", "path": format!("members[value eq \"{one}\"]")}]),
            Op::RemoveListed(..) => json!([{"op": "remove", "path": "members", "value": values(&ids)}]),
            Op::Replace(..) => json!([{"op": "replace", "path": "members", "value": values(&ids)}]),
            Op::Empty(_) => json!([{"op": "remove", "path": "members"}]),
            _ => json!([
                {"op": "add", "path": "members", "value": values(&ids)},
                {"op": "remove", "path": "displayName"},
            ]),
        };
        let answer = patch(emulator, &path, operations).await;
        let Some(place) = place else {
            return (answer.status, 404);
        };
        let members = &mut self.groups[place].members;
        match op {
            Op::AddInVain(..) => return (answer.status, 400),
            _ if !is_known => return (answer.status, 400),
            Op::Add(..) => members.extend(ids),
            Op::RemoveOne(..) | Op::RemoveListed(..) => members.retain(|id| !ids.contains(id)),
            _ => *members = ids,
        }
        without_repeats(members);
        (answer.status, 204)
    }
}

fn values(ids: &[String]) -> Value {
    ids.iter().map(|id| json!({"value": id})).collect()
}

/// Keeps the first of each.
fn without_repeats(ids: &mut Vec<String>) {
    let mut seen = std::collections::HashSet::new();
    ids.retain(|id| seen.insert(id.clone()));
}

/// What is there, by the directory itself.
fn found(directory: &Directory) -> Model {
    let users = directory.users().map(|user| ModelUser {
        id: user.id,
        name: user.user_name,
        title: user.title,
        addresses: user.emails,
        active: user.active,
    });
    let groups =
        directory.groups().map(|group| ModelGroup { id: group.id, name: group.display_name, members: group.members });
    Model { users: users.collect(), groups: groups.collect() }
}

/// What is there, by lists and reads over the wire, with the groups that each user has.
async fn read(emulator: &Emulator) -> (Model, Vec<Vec<String>>) {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let each = |row: &Value, list: &str| -> Vec<String> {
        row[list].as_array().into_iter().flatten().map(|item| text(&item["value"])).collect()
    };
    let (mut model, mut memberships) = (Model::default(), Vec::new());
    for row in rows(&get(emulator, "/Users?count=100").await) {
        memberships.push(each(&row, "groups"));
        model.users.push(ModelUser {
            id: text(&row["id"]),
            name: text(&row["userName"]),
            title: row["title"].as_str().map(str::to_owned),
            addresses: each(&row, "emails"),
            active: row["active"].as_bool().unwrap(),
        });
    }
    for row in rows(&get(emulator, "/Groups?count=100").await) {
        let row = get(emulator, &format!("/Groups/{}", text(&row["id"]))).await.json();
        let members = each(&row, "members");
        model.groups.push(ModelGroup { id: text(&row["id"]), name: text(&row["displayName"]), members });
    }
    (model, memberships)
}

async fn check(ops: &[Op]) {
    let emulator = emulator(|options| (options.users, options.groups) = (0, 0)).await;
    let mut model = Model::default();
    for op in ops {
        let (answered, expected) = model.write(&emulator, op).await;
        assert_eq!(answered, expected, "{op:?}");
    }
    assert_eq!(found(&emulator.directory()), model);
    let (seen, memberships) = read(&emulator).await;
    assert_eq!(seen, model);
    for (user, mut groups) in model.users.iter().zip(memberships) {
        let of = model.groups.iter().filter(|group| group.members.contains(&user.id));
        let mut expected: Vec<String> = of.map(|group| group.id.clone()).collect();
        expected.sort();
        groups.sort();
        assert_eq!(groups, expected);
    }
    let mut saved = Vec::new();
    emulator.directory().save(&mut saved).unwrap();
    assert_eq!(found(&Directory::load(saved.as_slice()).unwrap()), model);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_writes_leave_emulator_and_model_equal(ops in prop::collection::vec(prop_oneof![of_users(), of_groups()], 0..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(check(&ops));
    }
}
