//! The field mapping as ZPA documents it: the one place that names a vendor attribute of a user or a group.

use alloc::borrow::ToOwned;
use alloc::vec::Vec;

use crate::attribute::{Path, PathError};
use crate::mapping::{Resource, Row};
use crate::settings::Quirks;
use crate::unified::{Field, Kind, Unified};

/// The rows of the table of this kind of record.
pub fn rows(resource: Resource, quirks: &Quirks) -> Vec<Row> {
    let table = match resource {
        Resource::User => USER,
        Resource::Group => GROUP,
    };
    table.iter().filter_map(|line| line.parse(quirks).ok()).collect()
}

/// A row as it is written down here.
struct Line {
    field: Unified,
    kind: Kind,
    read: &'static [&'static str],
    echo: &'static [&'static str],
    write: Option<&'static str>,
    clear: Option<&'static str>,
    values: &'static [(&'static str, &'static str)],
    find: Find,
    source: &'static str,
}

/// Whether the vendor's filter knows a field (zpa-scim 6), which is a quirk for each.
#[derive(Clone, Copy)]
enum Find {
    Never,
    ByUsername,
    ByGroupName,
    ByExternalId,
    ByEmail,
}

impl Line {
    fn parse(&self, quirks: &Quirks) -> Result<Row, PathError> {
        Ok(Row {
            field: Field::Unified(self.field),
            kind: self.kind,
            read: self.read.iter().map(|path| Path::parse(path)).collect::<Result<_, _>>()?,
            echo: self.echo.iter().map(|path| Path::parse(path)).collect::<Result<_, _>>()?,
            write: self.write.map(Path::parse).transpose()?,
            clear: self.clear.map(Path::parse).transpose()?,
            values: self.values.iter().map(|&(vendor, unified)| (vendor.to_owned(), unified.to_owned())).collect(),
            findable: match self.find {
                Find::Never => false,
                Find::ByUsername => quirks.username_filter,
                Find::ByGroupName => quirks.group_name_filter,
                Find::ByExternalId => quirks.external_id_filter,
                Find::ByEmail => quirks.email_filter,
            },
            source: self.source,
        })
    }
}

/// A field that the vendor keeps itself.
const fn kept(field: Unified, read: &'static [&'static str], source: &'static str) -> Line {
    Line { field, kind: Kind::Text, read, echo: &[], write: None, clear: None, values: &[], find: Find::Never, source }
}

/// A text that is read first where it is written, and cleared by removing it.
const fn text(field: Unified, read: &'static [&'static str], path: &'static str, source: &'static str) -> Line {
    Line { write: Some(path), clear: Some(path), ..kept(field, read, source) }
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
    Line { find: Find::ByExternalId, ..text(Unified::ExternalId, &["externalId"], "externalId", "zpa-scim 3.1") },
    Line {
        clear: None,
        find: Find::ByUsername,
        ..text(Unified::Username, &["userName"], "userName", "zpa-scim 3.1, 6, 8")
    },
    // Not read from `name.formatted` where there is none: what a caller has cleared would come back.
    Line { echo: &["name.formatted"], ..text(Unified::Name, &["displayName"], "displayName", "zpa-scim 3.1") },
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
        find: Find::ByEmail,
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
    Line { find: Find::ByExternalId, ..text(Unified::ExternalId, &["externalId"], "externalId", "zpa-scim 4") },
    Line {
        clear: None,
        find: Find::ByGroupName,
        ..text(Unified::Name, &["displayName"], "displayName", "zpa-scim 4, 6")
    },
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
}
