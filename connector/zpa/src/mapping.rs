//! The field mapping: which unified field stands where in a ZPA record. It is data, and the only place that names a
//! vendor attribute of a user or a group; reading, writing and `describe` all follow it.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use crate::attribute::{Path, PathError};
use crate::settings::Quirks;

/// The mapping of one kind of record.
#[derive(Clone, Debug, PartialEq)]
pub struct Mapping {
    /// What the rows describe.
    pub resource: Resource,
    /// One row a field.
    pub rows: Vec<Row>,
}

/// A kind of record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    User,
    Group,
}

/// Where one field stands in the vendor's record.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The field of the contract.
    pub field: Unified,
    /// What its values are.
    pub kind: Kind,
    /// Where it is read; the first path that has a value wins.
    pub read: Vec<Path>,
    /// Where it is written; `None` for a field that the vendor keeps itself.
    pub write: Option<Path>,
    /// What is removed to clear it; `None` for a field that cannot be cleared.
    pub clear: Option<Path>,
    /// Vendor value and unified value, compared without regard to case; others are kept as they are.
    pub values: Vec<(String, String)>,
    /// Whether the vendor's filter finds records by it.
    pub findable: bool,
    /// Where the vendor documents it.
    pub source: &'static str,
}

/// The fields of the contract's `user` and `group`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unified {
    Id,
    ExternalId,
    Username,
    Name,
    FirstName,
    LastName,
    NickName,
    Title,
    UserType,
    Status,
    Emails,
    Groups,
    Department,
    CostCenter,
    Division,
    Organization,
    CreatedAt,
    UpdatedAt,
}

/// The type of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text; a number or a boolean is read as JSON writes it.
    Text,
    /// Text out of a boolean, by way of the value map.
    Status,
    /// A list of e-mail addresses.
    Emails,
    /// A list of references to other records.
    References,
}

impl Mapping {
    /// The mapping of this kind of record, as ZPA documents it.
    pub fn standard(resource: Resource, quirks: &Quirks) -> Mapping {
        let table = match resource {
            Resource::User => USER,
            Resource::Group => GROUP,
        };
        let rows = table.iter().filter_map(|line| line.parse(quirks).ok()).collect();
        Mapping { resource, rows }
    }

    /// The row of a field.
    pub fn row(&self, field: Unified) -> Option<&Row> {
        self.rows.iter().find(|row| row.field == field)
    }
}

impl Resource {
    /// The name in descriptions and messages.
    pub fn name(self) -> &'static str {
        match self {
            Resource::User => "user",
            Resource::Group => "group",
        }
    }

    /// The collection under the account's endpoint (zpa-scim 2).
    pub fn collection(self) -> &'static str {
        match self {
            Resource::User => "Users",
            Resource::Group => "Groups",
        }
    }

    /// Vendor attributes that no field reads and that say nothing about the record: SCIM's own book-keeping, URLs
    /// that are never followed, and the members, which have a function of their own.
    pub fn ignored(self) -> &'static [&'static str] {
        match self {
            Resource::User => &["schemas", "meta.location", "meta.resourceType", "meta.version"],
            Resource::Group => &["schemas", "meta.location", "meta.resourceType", "meta.version", "members"],
        }
    }
}

impl Unified {
    /// The unified name, the same in changes, errors, descriptions and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Unified::Id => "id",
            Unified::ExternalId => "external_id",
            Unified::Username => "username",
            Unified::Name => "name",
            Unified::FirstName => "first_name",
            Unified::LastName => "last_name",
            Unified::NickName => "nick_name",
            Unified::Title => "title",
            Unified::UserType => "user_type",
            Unified::Status => "status",
            Unified::Emails => "emails",
            Unified::Groups => "groups",
            Unified::Department => "department",
            Unified::CostCenter => "cost_center",
            Unified::Division => "division",
            Unified::Organization => "organization",
            Unified::CreatedAt => "created_at",
            Unified::UpdatedAt => "updated_at",
        }
    }
}

impl Kind {
    /// Whether the values are lists.
    pub fn is_list(self) -> bool {
        matches!(self, Kind::Emails | Kind::References)
    }

    /// The name in descriptions.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Text => "text",
            Kind::Status => "status",
            Kind::Emails => "emails",
            Kind::References => "references",
        }
    }
}

/// A row as it is written down here.
struct Line {
    field: Unified,
    kind: Kind,
    read: &'static [&'static str],
    write: Option<&'static str>,
    clear: Option<&'static str>,
    values: &'static [(&'static str, &'static str)],
    find: Find,
    source: &'static str,
}

/// Whether the vendor's filter knows a field (zpa-scim 6).
#[derive(Clone, Copy)]
enum Find {
    Never,
    Always,
    ByExternalIdQuirk,
    ByEmailQuirk,
}

impl Line {
    fn parse(&self, quirks: &Quirks) -> Result<Row, PathError> {
        Ok(Row {
            field: self.field,
            kind: self.kind,
            read: self.read.iter().map(|path| Path::parse(path)).collect::<Result<_, _>>()?,
            write: self.write.map(Path::parse).transpose()?,
            clear: self.clear.map(Path::parse).transpose()?,
            values: self.values.iter().map(|&(vendor, unified)| (vendor.to_owned(), unified.to_owned())).collect(),
            findable: match self.find {
                Find::Never => false,
                Find::Always => true,
                Find::ByExternalIdQuirk => quirks.external_id_filter,
                Find::ByEmailQuirk => quirks.email_filter,
            },
            source: self.source,
        })
    }
}

/// A field that the vendor keeps itself.
const fn kept(field: Unified, read: &'static [&'static str], source: &'static str) -> Line {
    Line { field, kind: Kind::Text, read, write: None, clear: None, values: &[], find: Find::Never, source }
}

/// A text that is read first where it is written, and cleared by removing it.
const fn text(field: Unified, read: &'static [&'static str], path: &'static str, source: &'static str) -> Line {
    Line { field, kind: Kind::Text, read, write: Some(path), clear: Some(path), values: &[], find: Find::Never, source }
}

/// An attribute of the enterprise extension. ZPA accepts it at the root as well and moves it (zpa-scim 3.3), so it is
/// read in both places and written in the one that the standard names.
macro_rules! enterprise {
    ($field:expr, $attribute:literal) => {
        text(
            $field,
            &[concat!("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:", $attribute), $attribute],
            concat!("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:", $attribute),
            "zpa-scim 3.1, 3.3",
        )
    };
}

const USER: &[Line] = &[
    kept(Unified::Id, &["id"], "zpa-scim 3.1"),
    Line { find: Find::ByExternalIdQuirk, ..text(Unified::ExternalId, &["externalId"], "externalId", "zpa-scim 3.1") },
    Line {
        clear: None,
        find: Find::Always,
        ..text(Unified::Username, &["userName"], "userName", "zpa-scim 3.1, 6, 8")
    },
    text(Unified::Name, &["displayName", "name.formatted"], "displayName", "zpa-scim 3.1"),
    text(Unified::FirstName, &["name.givenName"], "name.givenName", "zpa-scim 3.1"),
    text(Unified::LastName, &["name.familyName"], "name.familyName", "zpa-scim 3.1"),
    text(Unified::NickName, &["nickName"], "nickName", "zpa-scim 3.1"),
    text(Unified::Title, &["title"], "title", "zpa-scim 3.1"),
    text(Unified::UserType, &["userType"], "userType", "zpa-scim 3.1"),
    Line {
        kind: Kind::Status,
        clear: None,
        values: &[("true", "active"), ("false", "inactive")],
        ..text(Unified::Status, &["active"], "active", "zpa-scim 3.4, 10")
    },
    // Answers carry the address alone, an addition goes to the work address, a removal takes all (zpa-scim 3.1, 7).
    Line {
        kind: Kind::Emails,
        clear: Some("emails"),
        find: Find::ByEmailQuirk,
        ..text(Unified::Emails, &["emails.value"], "emails[type eq \"work\"].value", "zpa-scim 3.1, 7")
    },
    // A write of groups on a user is ignored without a word, so there is no write path (zpa-scim 3.3).
    Line { kind: Kind::References, ..kept(Unified::Groups, &["groups.value"], "zpa-scim 3.1, 4") },
    enterprise!(Unified::Department, "department"),
    enterprise!(Unified::CostCenter, "costCenter"),
    enterprise!(Unified::Division, "division"),
    enterprise!(Unified::Organization, "organization"),
    kept(Unified::CreatedAt, &["meta.created"], "zpa-scim 3.1"),
    kept(Unified::UpdatedAt, &["meta.lastModified"], "zpa-scim 3.1"),
];

const GROUP: &[Line] = &[
    kept(Unified::Id, &["id"], "zpa-scim 4"),
    Line { find: Find::ByExternalIdQuirk, ..text(Unified::ExternalId, &["externalId"], "externalId", "zpa-scim 4") },
    Line { clear: None, find: Find::Always, ..text(Unified::Name, &["displayName"], "displayName", "zpa-scim 4, 6") },
    kept(Unified::CreatedAt, &["meta.created"], "zpa-scim 4"),
    kept(Unified::UpdatedAt, &["meta.lastModified"], "zpa-scim 4"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::prelude::v1::*;

    #[test]
    fn every_path_of_the_tables_parses() {
        let quirks = Quirks::default();
        for line in USER.iter().chain(GROUP) {
            assert!(line.parse(&quirks).is_ok(), "{:?}", line.field);
        }
    }

    #[test]
    fn no_two_fields_share_a_write_path() {
        for resource in [Resource::User, Resource::Group] {
            let mapping = Mapping::standard(resource, &Quirks::default());
            let mut paths: Vec<_> =
                mapping.rows.iter().filter_map(|row| row.write.as_ref()).map(Path::to_string).collect();
            let all = paths.len();
            paths.sort();
            paths.dedup();
            assert_eq!(paths.len(), all);
        }
    }
}
