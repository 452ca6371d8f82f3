//! `describe`: what this connector is and can do, drawn from the mapping and the settings that are in force.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

use crate::account::Account;
use crate::attribute::Path;
use crate::list::LARGEST_PAGE;
use crate::mapping::{Mapping, Resource, Row};
use crate::settings::{GroupMembers, Quirks, SCHEMA};
use crate::wit::{self, FieldAbilities, Support};

/// Describes the connector, or the connector as an account has it set up. Requests: 0.
pub fn describe(account: Option<&Account>) -> wit::Description {
    let quirks = account.map(|account| account.settings.quirks.clone()).unwrap_or_default();
    let mappings = [Resource::User, Resource::Group].map(|resource| Mapping::standard(resource, &quirks));
    wit::Description {
        name: "zpa".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        vendor: "Zscaler Private Access (SCIM 2.0)".to_owned(),
        page_size: Some(LARGEST_PAGE),
        fields: mappings
            .iter()
            .flat_map(|mapping| mapping.rows.iter().map(|row| field(mapping.resource, row)))
            .collect(),
        operations: operations(&quirks),
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
        name: row.field.name().to_owned(),
        type_: row.kind.name().to_owned(),
        read: row.read.iter().map(Path::to_string).collect(),
        write: row.write.as_ref().map(Path::to_string),
        clear: row.clear.as_ref().map(Path::to_string),
        abilities,
        source: row.source.to_owned(),
    }
}

/// Writes, which this version does not offer.
pub const WRITES: [&str; 9] = [
    "create-user",
    "update-user",
    "set-user-active",
    "delete-user",
    "create-group",
    "update-group",
    "delete-group",
    "add-members",
    "remove-members",
];

/// Why a write is not offered.
pub const NO_WRITES: &str = "this version of the connector reads; send the write with `vendor-api.request`";

fn operations(quirks: &Quirks) -> Vec<wit::Operation> {
    let supported = |name: &str| operation(name, Support::Supported, None);
    let filtered = |name: &str, on: bool, quirk: &str| {
        if on {
            return supported(name);
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
    let mut operations = vec![
        supported("list-users"),
        supported("get-user"),
        supported("find-user:username"),
        filtered("find-user:external-id", quirks.external_id_filter, "external-id-filter"),
        filtered("find-user:email", quirks.email_filter, "email-filter"),
        supported("list-groups"),
        supported("get-group"),
        supported("find-group:name"),
        filtered("find-group:external-id", quirks.external_id_filter, "external-id-filter"),
        operation("list-members", Support::Degraded, Some(members)),
        supported("page-cursors"),
    ];
    operations.extend(WRITES.map(|name| operation(name, Support::Unsupported, Some(NO_WRITES))));
    operations.push(supported("vendor-api.request"));
    operations
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
        assert_eq!(operation("find-user:external-id"), Support::Supported);
        assert_eq!(operation("find-user:email"), Support::Unsupported);
    }
}
