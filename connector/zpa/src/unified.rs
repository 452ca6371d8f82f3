//! The fields of the contract, by their unified names.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;

use crate::mapping::Resource;

/// A field: one of the contract, or one that an account's settings add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    Unified(Unified),
    /// What stands behind `custom.`.
    Custom(String),
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
    Description,
    GroupType,
    CreatedAt,
    UpdatedAt,
}

/// The type of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text; a number or a boolean is read as JSON writes it.
    Text,
    /// True or false, also where it was written as text.
    Boolean,
    /// A number, also where it was written as text.
    Number,
    /// A list of texts.
    Texts,
    /// Text out of a boolean, by way of the value map.
    Status,
    /// A list of e-mail addresses.
    Emails,
    /// A list of references to other records.
    References,
}

impl Unified {
    /// All of them.
    pub const ALL: [Unified; 20] = [
        Unified::Id,
        Unified::ExternalId,
        Unified::Username,
        Unified::Name,
        Unified::FirstName,
        Unified::LastName,
        Unified::NickName,
        Unified::Title,
        Unified::UserType,
        Unified::Status,
        Unified::Emails,
        Unified::Groups,
        Unified::Department,
        Unified::CostCenter,
        Unified::Division,
        Unified::Organization,
        Unified::Description,
        Unified::GroupType,
        Unified::CreatedAt,
        Unified::UpdatedAt,
    ];

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
            Unified::Description => "description",
            Unified::GroupType => "group_type",
            Unified::CreatedAt => "created_at",
            Unified::UpdatedAt => "updated_at",
        }
    }
}

impl Field {
    /// The field of this name; `None` where there can be none. What follows `custom.` is at most 64 letters, digits,
    /// `_` and `-`.
    pub fn parse(name: &str) -> Option<Field> {
        if let Some(custom) = name.strip_prefix("custom.") {
            let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
            let is_name = matches!(custom.len(), 1..=64) && custom.bytes().all(fits);
            return is_name.then(|| Field::Custom(custom.to_owned()));
        }
        Unified::ALL.into_iter().find(|field| field.name() == name).map(Field::Unified)
    }

    /// Whether a record of this kind has it.
    pub fn belongs_to(&self, resource: Resource) -> bool {
        let Field::Unified(field) = self else { return true };
        match resource {
            Resource::User => !matches!(field, Unified::Description | Unified::GroupType),
            Resource::Group => matches!(
                field,
                Unified::Id
                    | Unified::ExternalId
                    | Unified::Name
                    | Unified::Description
                    | Unified::GroupType
                    | Unified::CreatedAt
                    | Unified::UpdatedAt
            ),
        }
    }

    /// Whether it is this field of the contract.
    pub fn is(&self, field: Unified) -> bool {
        *self == Field::Unified(field)
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Field::Unified(field) => f.write_str(field.name()),
            Field::Custom(name) => {
                f.write_str("custom.")?;
                f.write_str(name)
            }
        }
    }
}

impl Kind {
    /// Whether a place of this type is read as a whole list.
    pub fn is_list(self) -> bool {
        matches!(self, Kind::Texts | Kind::Emails | Kind::References)
    }

    /// The name in descriptions and settings.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Text => "text",
            Kind::Boolean => "boolean",
            Kind::Number => "number",
            Kind::Texts => "texts",
            Kind::Status => "status",
            Kind::Emails => "emails",
            Kind::References => "references",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::prelude::v1::*;

    #[test]
    fn a_name_is_one_of_the_contract_or_a_custom_one() {
        for name in ["first_name", "custom.badge", "custom.a_B-9"] {
            assert_eq!(Field::parse(name).unwrap().to_string(), name);
        }
        for name in ["firstName", "custom.", "custom.a b", "custom.ä", "badge", ""] {
            assert_eq!(Field::parse(name), None, "{name}");
        }
        assert_eq!(Field::parse(&format!("custom.{}", "a".repeat(65))), None);
    }
}
