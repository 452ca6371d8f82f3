//! The bodies of `tests/fixtures`, as the contract shows them.

use expect_test::expect;
use portcullis_zpa::layout::Layout;
use portcullis_zpa::mapping::{Mapping, Resource};
use portcullis_zpa::record::Record;
use portcullis_zpa::row::Row;
use portcullis_zpa::settings::Quirks;
use portcullis_zpa::tape::Tape;
use portcullis_zpa::unified::Unified;
use portcullis_zpa::{attribute, get, list, member, user, wit};

use crate::server::{Script, account};

macro_rules! fixture {
    ($path:literal) => {
        include_str!(concat!("../../../../tests/fixtures/", $path))
    };
}

/// The users of a list, one a line.
fn users(body: &str) -> String {
    let mut script = Script::answering(200, body);
    let options = wit::ReadOptions::empty();
    let page = list::list(&account(), Resource::User, None, None, options, &mut |request| script.send(request));
    let page = page.unwrap().of(Record::user);
    assert!(page.unreadable.is_empty());
    page.items.iter().fold(String::new(), |text, user| text + &format!("{user:#?}\n"))
}

#[test]
fn the_user_list_of_the_vendor_reads_whole() {
    expect![[r#"
        User {
            id: "5b1d9f0e-6a3c-4f8e-9d21-0c7a4be81f55",
            external-id: Some(
                "00uEXAMPLE1",
            ),
            username: Some(
                "mara.lind@acme.example",
            ),
            name: None,
            first-name: Some(
                "Mara",
            ),
            last-name: Some(
                "Lind",
            ),
            nick-name: None,
            title: None,
            user-type: None,
            status: Some(
                "active",
            ),
            emails: [],
            groups: [
                GroupReference {
                    id: "7c2a4e10-93b5-4d0f-8a16-2f4f0d1e9b77",
                    name: Some(
                        "Finance EU",
                    ),
                },
            ],
            department: None,
            cost-center: None,
            division: None,
            organization: None,
            created-at: Some(
                "2024-02-11T08:30:05Z",
            ),
            updated-at: Some(
                "2024-05-02T17:01:44Z",
            ),
            extras: [],
            remote-data: None,
        }
        User {
            id: "301188",
            external-id: Some(
                "legacy-77",
            ),
            username: Some(
                "oliver.brandt@acme.example",
            ),
            name: Some(
                "Oliver Brandt",
            ),
            first-name: Some(
                "Oliver",
            ),
            last-name: Some(
                "Brandt",
            ),
            nick-name: Some(
                "Olli",
            ),
            title: None,
            user-type: Some(
                "ZPA User",
            ),
            status: Some(
                "active",
            ),
            emails: [
                Email {
                    email: "oliver.brandt@acme.example",
                    type: None,
                    is-primary: None,
                },
            ],
            groups: [],
            department: Some(
                "Reliability",
            ),
            cost-center: Some(
                "CC-40",
            ),
            division: Some(
                "EMEA",
            ),
            organization: Some(
                "Acme",
            ),
            created-at: Some(
                "2021-05-03T08:39:01Z",
            ),
            updated-at: Some(
                "2021-05-03T08:39:01Z",
            ),
            extras: [],
            remote-data: None,
        }
    "#]]
    .assert_eq(&users(fixture!("zpa/users.json")));
}

#[test]
fn attributes_at_the_root_of_a_user_are_read_like_those_in_the_extension() {
    expect![[r#"
        User {
            id: "7d0b36f4-2b7e-4c19-8a55-5e1f6c3d2a10",
            external-id: Some(
                "hr-10442",
            ),
            username: Some(
                "ines.moreau@acme.example",
            ),
            name: Some(
                "Ines Moreau",
            ),
            first-name: Some(
                "Ines",
            ),
            last-name: Some(
                "Moreau",
            ),
            nick-name: Some(
                "Ines",
            ),
            title: None,
            user-type: Some(
                "ZPA User",
            ),
            status: Some(
                "inactive",
            ),
            emails: [
                Email {
                    email: "ines.moreau@acme.example",
                    type: None,
                    is-primary: None,
                },
                Email {
                    email: "ines@acme.example",
                    type: None,
                    is-primary: None,
                },
            ],
            groups: [],
            department: Some(
                "Legal",
            ),
            cost-center: Some(
                "CC-12",
            ),
            division: Some(
                "EU",
            ),
            organization: Some(
                "Acme",
            ),
            created-at: None,
            updated-at: None,
            extras: [],
            remote-data: None,
        }
    "#]]
    .assert_eq(&user(fixture!("zpa/user-attributes-at-root.json")));
}

#[test]
fn the_full_user_of_the_rfc_loses_nothing() {
    expect![[r#"
        User {
            id: "2819c223-7f76-453a-919d-413861904646",
            external-id: Some(
                "701984",
            ),
            username: Some(
                "bjensen@example.com",
            ),
            name: Some(
                "Babs Jensen",
            ),
            first-name: Some(
                "Barbara",
            ),
            last-name: Some(
                "Jensen",
            ),
            nick-name: Some(
                "Babs",
            ),
            title: Some(
                "Tour Guide",
            ),
            user-type: Some(
                "Employee",
            ),
            status: Some(
                "active",
            ),
            emails: [
                Email {
                    email: "bjensen@example.com",
                    type: Some(
                        "work",
                    ),
                    is-primary: Some(
                        true,
                    ),
                },
                Email {
                    email: "babs@jensen.org",
                    type: Some(
                        "home",
                    ),
                    is-primary: None,
                },
            ],
            groups: [
                GroupReference {
                    id: "e9e30dba-f08f-4109-8486-d5c6a331660a",
                    name: Some(
                        "Tour Guides",
                    ),
                },
                GroupReference {
                    id: "fc348aa8-3835-40eb-a20b-c726e15c55b5",
                    name: Some(
                        "Employees",
                    ),
                },
            ],
            department: Some(
                "Tour Operations",
            ),
            cost-center: Some(
                "4130",
            ),
            division: Some(
                "Theme Park",
            ),
            organization: Some(
                "Universal Studios",
            ),
            created-at: Some(
                "2010-01-23T04:56:22Z",
            ),
            updated-at: Some(
                "2011-05-13T04:42:34Z",
            ),
            extras: [
                (
                    "name.formatted",
                    "\"Ms. Barbara J Jensen, III\"",
                ),
                (
                    "name.middleName",
                    "\"Jane\"",
                ),
                (
                    "name.honorificPrefix",
                    "\"Ms.\"",
                ),
                (
                    "name.honorificSuffix",
                    "\"III\"",
                ),
                (
                    "profileUrl",
                    "\"https://login.example.com/bjensen\"",
                ),
                (
                    "phoneNumbers",
                    "[{\"value\": \"555-555-5555\", \"type\": \"work\"}, {\"value\": \"555-555-4444\", \"type\": \"mobile\"}]",
                ),
                (
                    "preferredLanguage",
                    "\"en-US\"",
                ),
                (
                    "locale",
                    "\"en-US\"",
                ),
                (
                    "timezone",
                    "\"America/Los_Angeles\"",
                ),
                (
                    "password",
                    "\"t1meMa$heen\"",
                ),
                (
                    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber",
                    "\"701984\"",
                ),
                (
                    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
                    "{\n      \"value\": \"26118915-6090-4610-87e4-49d8ca9f808d\",\n      \"$ref\": \"../Users/26118915-6090-4610-87e4-49d8ca9f808d\",\n      \"displayName\": \"John Smith\"\n    }",
                ),
            ],
            remote-data: None,
        }
    "#]].assert_eq(&user(fixture!("rfc/user-full.json")));
}

#[test]
fn a_list_of_the_rfc_without_paging_members_reads_whole() {
    expect![[r#"
        User {
            id: "2819c223-7f76-453a-919d-413861904646",
            external-id: None,
            username: Some(
                "bjensen",
            ),
            name: None,
            first-name: None,
            last-name: None,
            nick-name: None,
            title: None,
            user-type: None,
            status: None,
            emails: [],
            groups: [],
            department: None,
            cost-center: None,
            division: None,
            organization: None,
            created-at: None,
            updated-at: None,
            extras: [],
            remote-data: None,
        }
        User {
            id: "c75ad752-64ae-4823-840d-ffa80929976c",
            external-id: None,
            username: Some(
                "jsmith",
            ),
            name: None,
            first-name: None,
            last-name: None,
            nick-name: None,
            title: None,
            user-type: None,
            status: None,
            emails: [],
            groups: [],
            department: None,
            cost-center: None,
            division: None,
            organization: None,
            created-at: None,
            updated-at: None,
            extras: [],
            remote-data: None,
        }
    "#]]
    .assert_eq(&users(fixture!("rfc/list.json")));
}

#[test]
fn the_members_of_a_group_read_in_the_vendors_shape_and_in_the_rfcs() {
    let members = |id: &str, body: &str| {
        let mut script = Script::answering(200, body);
        let page = member::list(&account(), id, None, None, &mut |request| script.send(request)).unwrap();
        assert_eq!((page.next_cursor, page.total), (None, Some(2)));
        let member = |member: &wit::Member| format!("{} {:?} {:?}\n", member.id, member.type_, member.name);
        page.items.iter().map(member).collect::<Vec<_>>().concat()
    };
    expect![[r#"
        5b1d9f0e-6a3c-4f8e-9d21-0c7a4be81f55 None None
        301188 None None
    "#]]
    .assert_eq(&members("7c2a4e10-93b5-4d0f-8a16-2f4f0d1e9b77", fixture!("zpa/group.json")));
    expect![[r#"
        2819c223-7f76-453a-919d-413861904646 None Some("Babs Jensen")
        902c246b-6245-4190-8e05-00816be7344a None Some("Mandy Pepperidge")
    "#]]
    .assert_eq(&members("e9e30dba-f08f-4109-8486-d5c6a331660a", fixture!("rfc/group.json")));
}

#[test]
fn a_group_reads_with_its_members_left_to_list_members() {
    let mut script = Script::answering(200, fixture!("zpa/groups.json"));
    let options = wit::ReadOptions::empty();
    let page = list::list(&account(), Resource::Group, None, None, options, &mut |request| script.send(request));
    let page = page.unwrap().of(Record::group);
    expect![[r#"
        [
            Group {
                id: "67979",
                external-id: Some(
                    "grp-ops",
                ),
                name: Some(
                    "Ops",
                ),
                description: None,
                group-type: None,
                created-at: Some(
                    "2022-02-08T09:37:44Z",
                ),
                updated-at: Some(
                    "2022-02-18T13:37:43Z",
                ),
                extras: [],
                remote-data: None,
            },
        ]
    "#]]
    .assert_eq(&format!("{:#?}\n", page.items));
}

#[test]
fn changing_one_row_of_the_mapping_changes_what_is_read() {
    let mut mapping = Mapping::standard(Resource::User, &Quirks::default());
    let row = mapping.rows.iter_mut().find(|row| row.field.is(Unified::Title)).unwrap();
    row.read = vec![attribute::Path::parse("userType").unwrap()];

    let layout = Layout::new(&mapping);
    let tape = Tape::read(fixture!("rfc/user-full.json")).unwrap();
    let user = user::from_scim(Row::decode(tape.root(), &layout).unwrap(), &layout, None).unwrap();
    assert_eq!(user.title.as_deref(), Some("Employee"));
    // What the row no longer reads is kept all the same.
    assert!(user.extras.contains(&("title".to_owned(), "\"Tour Guide\"".to_owned())));
}

fn user(body: &str) -> String {
    let id = Tape::read(body).unwrap().root().member("id").unwrap().text().unwrap().into_owned();
    let mut script = Script::answering(200, body);
    let options = wit::ReadOptions::empty();
    let user = get::get(&account(), Resource::User, &id, options, &mut |request| script.send(request)).unwrap();
    let user = user.user().unwrap();
    format!("{user:#?}\n")
}
