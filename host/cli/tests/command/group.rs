//! `groups`.

use expect_test::expect;
use portcullis_emulator::Options;

use crate::run::{Company, directory};

#[test]
fn groups_are_listed_by_name() {
    Company::small().check(
        &["groups", "list", "-o", "table"],
        &expect![[r#"
        ID                                    NAME        EXTERNAL ID  UPDATED AT
        8935b08d-2796-43e2-b859-ad5c63ccdb90  Finance EU  grp-shared   2024-04-29T00:46:23Z
        bf3fb73c-bda3-4686-8889-0d5b4ac42fb5  Ops         grp-shared   2025-01-12T04:14:57Z
        exit 0
    "#]],
    );
}

#[test]
fn a_group_is_shown_field_by_field() {
    let company = Company::small();
    let id = &company.emulator.directory().groups().next().unwrap().id;
    company.check(
        &["groups", "get", id, "-o", "table"],
        &expect![[r#"
        id           bf3fb73c-bda3-4686-8889-0d5b4ac42fb5
        external_id  grp-shared
        name         Ops
        created_at   2024-12-16T23:28:53Z
        updated_at   2025-01-12T04:14:57Z
        exit 0
    "#]],
    );
}

#[test]
fn a_group_is_found_by_name_and_by_external_id() {
    let company = Company::of(3, 40, &[]);
    let group = company.emulator.directory().groups().find(|group| group.external_id.is_some()).unwrap();
    company.check(
        &["groups", "find", "--name", &group.display_name.to_lowercase(), "-o", "table"],
        &expect![[r#"
        ID                                    NAME  EXTERNAL ID  UPDATED AT
        bf3fb73c-bda3-4686-8889-0d5b4ac42fb5  Ops   grp-shared   2025-01-12T04:14:57Z
        exit 0
    "#]],
    );
    company.check(
        &["groups", "find", "--external-id", &group.external_id.unwrap(), "-o", "table"],
        &expect![[r#"
            ID                                    NAME                      EXTERNAL ID  UPDATED AT
            eac1795f-b2cd-4e4d-9738-ac586ce1c588  APAC - Field Sales 2      grp-shared   2025-10-21T20:21:11Z
            59b37eb7-c498-4c7c-8b0c-9028ea012dbd  Break-Glass               grp-shared   2026-04-08T20:27:03Z
            1b354c82-d0b3-43c3-ac9b-2a27ac05d0e9  Engineering               grp-shared   2025-08-18T08:16:25Z
            8935b08d-2796-43e2-b859-ad5c63ccdb90  Finance EU                grp-shared   2024-04-29T00:46:23Z
            bf3fb73c-bda3-4686-8889-0d5b4ac42fb5  Ops                       grp-shared   2025-01-12T04:14:57Z
            60191                                 Research & Development 2  grp-shared   2025-08-23T18:20:58Z
            368ba338-5e10-4e26-a9ff-a385e4f69909  VPN_Users-Legacy.v2       grp-shared   2026-03-19T10:20:49Z
            60135                                 営業部                    grp-shared   2025-11-21T00:42:33Z
            note: the vendor cannot search groups by external id (`no-filter`); reading the list, at most 1000000 groups
            exit 0
        "#]],
    );
    company.check(
        &["groups", "find", "--external-id", "grp", "-o", "ndjson"],
        &expect![[r#"
            note: the vendor cannot search groups by external id (`no-filter`); reading the list, at most 1000000 groups
            error: no group has the external id `grp`
            hint: external ids are compared byte for byte
            exit 3
        "#]],
    );
}

#[test]
fn members_are_listed_one_page_or_all() {
    let company = Company::of(40, 2, &[]);
    let group = company.emulator.directory().groups().find(|group| !group.members.is_empty()).unwrap();
    let page = company.print(&["groups", "members", &group.id, "-o", "ndjson"]);
    assert_eq!(page.lines().count(), group.members.len());
    assert_eq!(page, company.print(&["groups", "members", &group.id, "--all", "-o", "ndjson"]));
}

#[test]
fn members_by_way_of_the_users_are_walked() {
    let company = Company::start(Options { users: 150, groups: 2, ..Options::default() });
    let group = company.emulator.directory().groups().find(|group| !group.members.is_empty()).unwrap();
    let settings = directory().join("settings.json");
    std::fs::write(&settings, r#"{"quirks":{"group-members":"from-users"}}"#).unwrap();
    let settings = settings.to_str().unwrap();
    let arguments = ["groups", "members", &group.id, "--all", "-o", "ndjson", "--settings", settings];
    let mut walked: Vec<String> = company.print(&arguments).lines().map(id).collect();
    let mut members = group.members.clone();
    walked.sort();
    members.sort();
    assert_eq!(walked, members);
}

fn id(line: &str) -> String {
    let member: serde_json::Value = serde_json::from_str(line).unwrap();
    member["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_group_without_members_is_not_called_empty_unless_the_settings_say_so() {
    let company = Company::of(1, 8, &[]);
    let group = company.emulator.directory().groups().find(|group| group.members.is_empty()).unwrap();
    company.check(&["groups", "members", &group.id], &expect![[r#"
        error: the vendor sent the group without `members`, which may mean that it has none or that this tenant leaves them out; set the quirk `missing-members` to `empty` once the tenant was seen to send them, or `group-members` to `from-users` (`members-missing`)
        hint: `portcullis describe` tells what this connector can do, and which settings change it
        exit 4
    "#]]);
}
