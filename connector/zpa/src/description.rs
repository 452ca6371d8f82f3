//! `describe`: what this connector is and can do, drawn from the mapping and the settings that are in force.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

use crate::account::Account;
use crate::attribute::Path;
use crate::list::LARGEST_PAGE;
use crate::mapping::{Resource, Row};
use crate::settings::{GroupMembers, MemberRemoval, SCHEMA, Settings};
use crate::wit::{self, FieldAbilities, Support};

/// Describes the connector, or the connector as an account has it set up. Requests: 0.
pub fn describe(account: Option<&Account>) -> wit::Description {
    let settings = account.map(|account| account.settings.clone()).unwrap_or_default();
    let mappings = [Resource::User, Resource::Group].map(|resource| settings.mapping(resource));
    wit::Description {
        name: "zpa".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        vendor: "Zscaler Private Access (SCIM 2.0)".to_owned(),
        page_size: Some(LARGEST_PAGE),
        fields: mappings
            .iter()
            .flat_map(|mapping| mapping.rows.iter().map(|row| field(mapping.resource, row)))
            .collect(),
        operations: operations(&settings),
        settings_schema: SCHEMA.to_owned(),
    }
}

fn field(resource: Resource, row: &Row) -> wit::Field {
    let mut abilities = FieldAbilities::READABLE;
    abilities.set(FieldAbilities::WRITABLE, row.write.is_some());
    abilities.set(FieldAbilities::CLEARABLE, row.clear.is_some());
    abilities.set(FieldAbilities::FINDABLE, row.findable);
    wit::Field {
        resource: resource.name().to_owned(),
        name: row.field.to_string(),
        type_: row.kind.name().to_owned(),
        read: row.read.iter().map(Path::to_string).collect(),
        write: row.write.as_ref().map(Path::to_string),
        clear: row.clear.as_ref().map(Path::to_string),
        abilities,
        source: row.source.to_owned(),
    }
}

/// What switching a user off may do (zpa-scim 10).
const SWITCHING_OFF: &str = "Zscaler's own pages disagree on whether `active=false` disables a user or deletes it; sessions \
     end either way, but for Browser Access. Taking the user out of groups is the reversible way";

/// What deleting a user does (zpa-scim 8, 10).
const DELETING: &str = "sessions end, but for Browser Access; whether a user that is made anew gets its id and its groups \
     back is not known";

fn operations(settings: &Settings) -> Vec<wit::Operation> {
    let quirks = &settings.quirks;
    let supported = |name: &str| operation(name, Support::Supported, None);
    let degraded = |name: &str, reason: &str| operation(name, Support::Degraded, Some(reason));
    let destructive = |name: &str, reason: &str| operation(name, Support::Destructive, Some(reason));
    let filtered = |name: &str, on: bool, quirk: &str| {
        if on {
            let reason = format!(
                "that the vendor filters by it is not documented; where this tenant does not, the quirk `{quirk}` turns it \
                 off"
            );
            return operation(name, Support::Degraded, Some(&reason));
        }
        let reason = format!("the vendor is not known to filter by it; the quirk `{quirk}` says that this tenant does");
        operation(name, Support::Unsupported, Some(&reason))
    };
    let members = match quirks.group_members {
        GroupMembers::ById => {
            "read from the group's own record; a record without `members` is refused unless the quirk \
             `missing-members` says that it is an empty group"
        }
        GroupMembers::FromUsers => {
            "read from the users' groups, one page of all users a call; nothing confirms that they are all, as the vendor \
             does not count them, and whether a user shows all of many groups is not known"
        }
    };
    let adding = "without `verify` a member that was one already counts as applied, as the vendor does not say";
    vec![
        supported("list-users"),
        supported("get-user"),
        filtered("find-user:username", quirks.username_filter, "username-filter"),
        filtered("find-user:external-id", quirks.external_id_filter, "external-id-filter"),
        filtered("find-user:email", quirks.email_filter, "email-filter"),
        supported("create-user"),
        supported("update-user"),
        destructive("set-user-active", SWITCHING_OFF),
        destructive("delete-user", DELETING),
        supported("list-groups"),
        supported("get-group"),
        filtered("find-group:name", quirks.group_name_filter, "group-name-filter"),
        filtered("find-group:external-id", quirks.external_id_filter, "external-id-filter"),
        supported("create-group"),
        supported("update-group"),
        destructive("delete-group", "access rules hang on the group's id, and a group that is made anew has another"),
        degraded("list-members", members),
        degraded("add-members", adding),
        match quirks.member_removal {
            MemberRemoval::Filter => supported("remove-members"),
            MemberRemoval::Values => {
                let reason = "the quirk `member-removal` has members listed beside the path; a vendor that ignores the \
                              list empties the group";
                destructive("remove-members", reason)
            }
        },
        supported("page-cursors"),
        supported("vendor-api.request"),
    ]
}

fn operation(name: &str, support: Support, reason: Option<&str>) -> wit::Operation {
    wit::Operation { name: name.to_owned(), support, reason: reason.map(str::to_owned) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::prelude::v1::*;

    #[test]
    fn the_mapping_in_force_is_what_is_described() {
        let description = describe(None);
        let email = description.fields.iter().find(|field| field.name == "emails").unwrap();
        assert_eq!(email.read, ["emails.value"]);
        assert_eq!(email.write.as_deref(), Some("emails[type eq \"work\"].value"));
        assert_eq!(email.clear.as_deref(), Some("emails"));
        assert_eq!(description.fields.iter().filter(|field| field.resource == "group").count(), 5);
    }

    #[test]
    fn a_quirk_of_the_account_changes_what_is_described() {
        let account = Account::parse(&wit::Account {
            endpoint: "https://a.example".to_owned(),
            settings: Some(r#"{"quirks":{"external-id-filter":true}}"#.to_owned()),
        });
        let description = describe(Some(&account.unwrap()));
        let operation = |name: &str| description.operations.iter().find(|known| known.name == name).unwrap().support;
        assert_eq!(operation("find-user:external-id"), Support::Degraded);
        assert_eq!(operation("find-user:email"), Support::Unsupported);
    }
}
