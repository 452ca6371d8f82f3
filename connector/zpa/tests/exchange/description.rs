//! The description of the connector, whole: what a platform builds its forms and its warnings from.

use expect_test::expect;
use portcullis_zpa::description::describe;
use portcullis_zpa::wit::{Description, FieldAbilities};

use crate::server::account_with;

/// One line a field and one an operation.
fn table(description: &Description) -> String {
    let mut lines = Vec::new();
    for field in &description.fields {
        let path = |path: &Option<String>| path.clone().unwrap_or_else(|| "-".to_owned());
        let abilities = [
            (FieldAbilities::READABLE, 'r'),
            (FieldAbilities::WRITABLE, 'w'),
            (FieldAbilities::CLEARABLE, 'c'),
            (FieldAbilities::FINDABLE, 'f'),
        ];
        let abilities = abilities.map(|(ability, letter)| if field.abilities.contains(ability) { letter } else { '-' });
        lines.push(format!(
            "{} {} {} {} {} | {} | {} | {}",
            field.resource,
            field.name,
            field.type_,
            String::from_iter(abilities),
            field.read.join(" "),
            path(&field.write),
            path(&field.clear),
            field.source,
        ));
    }
    for operation in &description.operations {
        let reason = operation.reason.as_deref().unwrap_or("-");
        lines.push(format!("{} {:?}: {reason}", operation.name, operation.support));
    }
    lines.join("\n").replace("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", "ENTERPRISE")
}

#[test]
fn describe_without_an_account() {
    expect![[r#"
        user id text r--- id | - | - | zpa-scim 3.1
        user external_id text rwc- externalId | externalId | externalId | zpa-scim 3.1
        user username text rw-f userName | userName | - | zpa-scim 3.1, 6, 8
        user name text rwc- displayName | displayName | displayName | zpa-scim 3.1
        user first_name text rwc- name.givenName | name.givenName | name.givenName | zpa-scim 3.1
        user last_name text rwc- name.familyName | name.familyName | name.familyName | zpa-scim 3.1
        user nick_name text rwc- nickName | nickName | nickName | zpa-scim 3.1
        user title text rwc- title | title | title | zpa-scim 3.1
        user user_type text rwc- userType | userType | userType | zpa-scim 3.1
        user status status rw-- active | active | - | zpa-scim 3.4, 10
        user emails emails rwc- emails.value | emails[type eq "work"].value | emails | zpa-scim 3.1, 7
        user groups references r--- groups.value | - | - | zpa-scim 3.1, 4
        user department text rwc- ENTERPRISE:department department | ENTERPRISE:department | ENTERPRISE:department | zpa-scim 3.1, 3.3
        user cost_center text rwc- ENTERPRISE:costCenter costCenter | ENTERPRISE:costCenter | ENTERPRISE:costCenter | zpa-scim 3.1, 3.3
        user division text rwc- ENTERPRISE:division division | ENTERPRISE:division | ENTERPRISE:division | zpa-scim 3.1, 3.3
        user organization text rwc- ENTERPRISE:organization organization | ENTERPRISE:organization | ENTERPRISE:organization | zpa-scim 3.1, 3.3
        user created_at text r--- meta.created | - | - | zpa-scim 3.1
        user updated_at text r--- meta.lastModified | - | - | zpa-scim 3.1
        group id text r--- id | - | - | zpa-scim 4
        group external_id text rwc- externalId | externalId | externalId | zpa-scim 4
        group name text rw-f displayName | displayName | - | zpa-scim 4, 6
        group created_at text r--- meta.created | - | - | zpa-scim 4
        group updated_at text r--- meta.lastModified | - | - | zpa-scim 4
        list-users Support::Supported: -
        get-user Support::Supported: -
        find-user:username Support::Degraded: that the vendor filters by it is not documented; where this tenant does not, the quirk `username-filter` turns it off
        find-user:external-id Support::Unsupported: the vendor is not known to filter by it; the quirk `external-id-filter` says that this tenant does
        find-user:email Support::Unsupported: the vendor is not known to filter by it; the quirk `email-filter` says that this tenant does
        create-user Support::Supported: -
        update-user Support::Supported: -
        set-user-active Support::Destructive: Zscaler's own pages disagree on whether `active=false` disables a user or deletes it; sessions end either way, but for Browser Access. Taking the user out of groups is the reversible way
        delete-user Support::Destructive: sessions end, but for Browser Access; whether a user that is made anew gets its id and its groups back is not known
        list-groups Support::Supported: -
        get-group Support::Supported: -
        find-group:name Support::Degraded: that the vendor filters by it is not documented; where this tenant does not, the quirk `group-name-filter` turns it off
        find-group:external-id Support::Unsupported: the vendor is not known to filter by it; the quirk `external-id-filter` says that this tenant does
        create-group Support::Supported: -
        update-group Support::Supported: -
        delete-group Support::Destructive: access rules hang on the group's id, and a group that is made anew has another
        list-members Support::Degraded: read from the group's own record; a record without `members` is refused unless the quirk `missing-members` says that it is an empty group
        add-members Support::Degraded: without `verify` a member that was one already counts as applied, as the vendor does not say
        remove-members Support::Supported: -
        page-cursors Support::Supported: -
        vendor-api.request Support::Supported: -"#]].assert_eq(&table(&describe(None)));
}

#[test]
fn describe_with_an_account_shows_its_mapping() {
    let settings = r#"{
        "quirks":{"username-filter":false,"member-removal":"values","group-members":"from-users"},
        "mapping":{
            "user":{"title":{"write":null,"clear":null},"custom.badge":{"type":"number","read":["badge"],"write":"badge"}},
            "group":{"description":{"read":"urn:acme:2.0:Group:text"}}}}"#;
    let plain = table(&describe(None));
    let described = table(&describe(Some(&account_with(Some(settings)))));
    let changed: Vec<_> = described.lines().filter(|line| !plain.contains(line)).collect();
    expect![[r#"
        user username text rw-- userName | userName | - | zpa-scim 3.1, 6, 8
        user title text r--- title | - | - | the account's settings
        user custom.badge number rw-- badge | badge | - | the account's settings
        group description text r--- urn:acme:2.0:Group:text | - | - | the account's settings
        find-user:username Support::Unsupported: the vendor is not known to filter by it; the quirk `username-filter` says that this tenant does
        list-members Support::Degraded: read from the users' groups, one page of all users a call; nothing confirms that they are all, as the vendor does not count them, and whether a user shows all of many groups is not known
        remove-members Support::Destructive: the quirk `member-removal` has members listed beside the path; a vendor that ignores the list empties the group"#]].assert_eq(&changed.join("\n"));
}
