//! A company with people and groups that a plan has something to do with.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use portcullis_directory::{Directory, Group, ReadOptions, User};
use portcullis_emulator::{At, Emulator, Group as VendorGroup, Options};
use portcullis_reconcile::{
    Action, ApplyOptions, Digest, FieldChange, Journal, Link, ObjectKind, Observer, Operation, Plan, Receipt,
    Reference, Refusal, Source, Target, Touched, apply,
};
use portcullis_tests::House;
use serde_json::{Value, json};

/// How many actions of each kind a plan has.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) create_users: usize,
    pub(crate) activate_users: usize,
    pub(crate) update_users: usize,
    pub(crate) create_groups: usize,
    pub(crate) update_groups: usize,
    /// Of new users, in turn, into new groups and those that are there.
    pub(crate) add_members: usize,
    pub(crate) remove_members: usize,
    pub(crate) delete_groups: usize,
    pub(crate) deactivate_users: usize,
    pub(crate) delete_users: usize,
}

impl Shape {
    /// Two of nearly everything.
    pub(crate) const SMALL: Shape = Shape {
        create_users: 2,
        activate_users: 1,
        update_users: 2,
        create_groups: 1,
        update_groups: 1,
        add_members: 5,
        remove_members: 3,
        delete_groups: 1,
        deactivate_users: 2,
        delete_users: 1,
    };

    /// 200 actions.
    pub(crate) const LARGE: Shape = Shape {
        create_users: 45,
        activate_users: 8,
        update_users: 25,
        create_groups: 5,
        update_groups: 4,
        add_members: 70,
        remove_members: 24,
        delete_groups: 3,
        deactivate_users: 10,
        delete_users: 6,
    };

    fn actions(self) -> usize {
        self.create_users
            + self.activate_users
            + self.update_users
            + self.create_groups
            + self.update_groups
            + self.add_members
            + self.remove_members
            + self.delete_groups
            + self.deactivate_users
            + self.delete_users
    }
}

/// A company and a plan for it.
pub(crate) struct Company {
    pub(crate) house: House,
    pub(crate) plan: Plan,
}

impl Company {
    pub(crate) async fn new(shape: Shape) -> Company {
        Company::with(shape, House::with(Company::options(shape), None).await).await
    }

    /// What the vendor of such a company begins with.
    pub(crate) fn options(shape: Shape) -> Options {
        let users = shape.activate_users + shape.update_users + shape.deactivate_users + shape.delete_users + MEMBERS;
        Options { users: u32::try_from(users).unwrap(), groups: 0, record: 10_000, ..Options::default() }
    }

    pub(crate) async fn with(shape: Shape, house: House) -> Company {
        let users: Vec<_> = house.vendor.users().into_iter().map(|user| user.id).collect();
        let (members, others) = users.split_at(MEMBERS);
        {
            let mut vendor = house.vendor.directory_mut();
            for group in 0..shape.update_groups + shape.delete_groups {
                let members = members.to_vec();
                let group = VendorGroup { members, ..VendorGroup::new(format!("Team {group}")) };
                vendor.add_group(group, At::End).unwrap();
            }
            for id in &users {
                let is_active = !others[..shape.activate_users].contains(id);
                let user = vendor.user(id).unwrap();
                vendor.change_user(id, portcullis_emulator::User { active: is_active, ..user }).unwrap();
            }
        }
        let plan = plan(shape, &house, members, others).await;
        Company { house, plan }
    }

    pub(crate) async fn apply(&self, journal: &impl Journal) -> Result<Receipt, Refusal> {
        self.apply_with(&self.house.directory, journal, &ApplyOptions::default()).await
    }

    pub(crate) async fn apply_with<D: Directory>(
        &self,
        directory: &D,
        journal: &impl Journal,
        options: &ApplyOptions,
    ) -> Result<Receipt, Refusal> {
        apply(&self.plan, &self.plan.target, directory, journal, options, &Nobody).await
    }

    /// What there is in the end.
    pub(crate) fn state(&self) -> Vec<String> {
        state(&self.house.vendor)
    }

    /// The methods of the requests that may have changed something.
    pub(crate) fn writes(&self) -> Vec<String> {
        let exchanges = self.house.vendor.exchanges();
        exchanges.iter().map(|exchange| exchange.method.to_string()).filter(|method| method != "GET").collect()
    }
}

/// So many calls at the same time.
pub(crate) fn at_once(concurrency: usize) -> ApplyOptions {
    ApplyOptions { concurrency: NonZeroUsize::new(concurrency).unwrap(), ..ApplyOptions::default() }
}

struct Nobody;

impl Observer for Nobody {}

/// What a vendor has, by names, without ids and times: a line each user and each membership, sorted.
pub(crate) fn state(vendor: &Emulator) -> Vec<String> {
    let directory = vendor.directory();
    let names: BTreeMap<_, _> = directory.users().map(|user| (user.id.clone(), user.user_name.clone())).collect();
    let mut lines: Vec<_> = directory
        .users()
        .map(|user| format!("{} {} {:?} {:?}", user.user_name, user.active, user.title, user.external_id))
        .collect();
    for group in directory.groups() {
        lines.push(format!("{} {:?}", group.display_name, group.external_id));
        lines.extend(group.members.iter().map(|id| format!("{} in {}", names[id], group.display_name)));
    }
    lines.sort();
    lines
}

async fn plan(shape: Shape, house: &House, members: &[String], others: &[String]) -> Plan {
    let (activated, others) = others.split_at(shape.activate_users);
    let (updated, others) = others.split_at(shape.update_users);
    let (deactivated, deleted) = others.split_at(shape.deactivate_users);
    let groups: Vec<_> = house.vendor.directory().groups().map(|group| group.id).collect();
    let (kept, gone) = groups.split_at(shape.update_groups);
    let mut operations = Vec::new();
    for number in 0..shape.create_users {
        let fields = vec![
            set("username", json!(format!("joiner-{number}@acme.example"))),
            set("external_id", json!(format!("hr-{number}"))),
            set("title", json!("Trainee")),
        ];
        operations.push(Operation::CreateUser { user: format!("user-{number}"), fields });
    }
    operations.extend(activated.iter().map(|user| Operation::ActivateUser { user: user.clone() }));
    for user in updated {
        let before = house.vendor.directory().user(user).unwrap().title.map(Value::from);
        let fields = vec![FieldChange { before, ..set("title", json!("Head of Everything")) }];
        operations.push(Operation::UpdateUser { user: user.clone(), fields });
    }
    for number in 0..shape.create_groups {
        let fields = vec![set("name", json!(format!("Project {number}")))];
        operations.push(Operation::CreateGroup { group: format!("group-{number}"), fields });
    }
    for (number, group) in kept.iter().enumerate() {
        let before = Some(json!(format!("Team {number}")));
        let fields = vec![FieldChange { before, ..set("name", json!(format!("Squad {number}"))) }];
        operations.push(Operation::UpdateGroup { group: group.clone(), fields });
    }
    let new_groups = (0..shape.create_groups).map(|number| Reference::New(format!("group-{number}")));
    let into: Vec<_> = new_groups.chain(kept.iter().cloned().map(Reference::Id)).collect();
    let joiners = (0..shape.create_users).map(|number| Reference::New(format!("user-{number}")));
    let joiners: Vec<_> = joiners.chain(updated.iter().cloned().map(Reference::Id)).collect();
    for number in 0..shape.add_members {
        let (user, group) =
            (joiners[number % joiners.len()].clone(), into[number / joiners.len() % into.len()].clone());
        operations.push(Operation::AddMember { group, user });
    }
    for number in 0..shape.remove_members {
        let (user, group) = (members[number % (MEMBERS - 1)].clone(), kept[number / (MEMBERS - 1)].clone());
        operations.push(Operation::RemoveMember { group, user });
    }
    operations.extend(gone.iter().map(|group| Operation::DeleteGroup { group: group.clone() }));
    operations.extend(deactivated.iter().map(|user| Operation::DeactivateUser { user: user.clone() }));
    operations.extend(deleted.iter().map(|user| Operation::DeleteUser { user: user.clone() }));
    let actions: Vec<_> = (1..).zip(operations).map(|(number, operation)| action(number, operation)).collect();
    assert_eq!(actions.len(), shape.actions());

    let description = house.directory.describe().await.unwrap();
    let target = Target::new(&house.vendor.endpoint(), None, Digest::of(portcullis_connectors::ZPA), &description);
    let mut touched = Vec::new();
    for id in [activated, updated, deactivated, deleted, members].concat() {
        let user: User = house.directory.get_user(&id, ReadOptions::default()).await.unwrap();
        let (name, digest) = (user.username.clone().unwrap(), Digest::of_user(&user));
        touched.push(Touched { kind: ObjectKind::User, id, name, digest });
    }
    for id in groups {
        let group: Group = house.directory.get_group(&id, ReadOptions::default()).await.unwrap();
        let (name, digest) = (group.name.clone().unwrap(), Digest::of_group(&group));
        touched.push(Touched { kind: ObjectKind::Group, id, name, digest });
    }
    house.vendor.clear_exchanges();
    sealed(Plan {
        plan: Plan::VERSION,
        target,
        source: Source { name: "people.csv".to_owned(), digest: Digest::of(b"people"), people: 1, groups: 1 },
        made_at: "2026-06-01T00:00:00Z".to_owned(),
        snapshot: Digest::of(b"snapshot"),
        users: 0,
        is_complete: true,
        is_import: false,
        drift: Vec::new(),
        warnings: Vec::new(),
        trips: Vec::new(),
        touched,
        links: vec![
            Link { key: "hr-0".to_owned(), user: Reference::New("user-0".to_owned()), digest: None },
            Link { key: "hr-x".to_owned(), user: Reference::Id(updated[0].clone()), digest: None },
        ],
        actions,
        digest: Digest::of(b""),
    })
}

/// The plan with the digest that it has.
pub(crate) fn sealed(plan: Plan) -> Plan {
    Plan { digest: plan.compute_digest(), ..plan }
}

fn action(number: u32, operation: Operation) -> Action {
    Action { number, label: format!("{} {number}", operation.name()), operation }
}

fn set(field: &str, value: Value) -> FieldChange {
    FieldChange { field: field.to_owned(), before: None, after: Some(value) }
}

/// Members of each group that is there.
const MEMBERS: usize = 9;
