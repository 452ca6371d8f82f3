//! The attributes of a user that are one text and may be absent (zpa-scim.md 3.1), by where they stand.

use crate::User;
use crate::filter::AttributePath;
use crate::switches::EnterpriseAtRoot;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Text {
    ExternalId,
    DisplayName,
    NickName,
    Title,
    UserType,
    Formatted,
    GivenName,
    FamilyName,
    Department,
    CostCenter,
    Division,
    Organization,
}

/// The parts of `name`.
pub(super) const NAME: [(&str, Text); 3] =
    [("formatted", Text::Formatted), ("givenname", Text::GivenName), ("familyname", Text::FamilyName)];

/// The extension of enterprise users.
pub(super) const ENTERPRISE: [(&str, Text); 4] = [
    ("department", Text::Department),
    ("costcenter", Text::CostCenter),
    ("division", Text::Division),
    ("organization", Text::Organization),
];

const CORE: [(&str, Text); 5] = [
    ("externalid", Text::ExternalId),
    ("displayname", Text::DisplayName),
    ("nickname", Text::NickName),
    ("title", Text::Title),
    ("usertype", Text::UserType),
];

impl Text {
    /// The text that a path names; at the top level the extension's as well, where the switch moves them.
    pub(super) fn named(path: &AttributePath, at_root: EnterpriseAtRoot) -> Option<Self> {
        let (name, sub) = path.folded();
        let among = |table: &[(&str, Self)], wanted: &str| {
            table.iter().find(|(name, _)| *name == wanted).map(|(_, text)| *text)
        };
        match sub {
            Some(sub) if path.is_core() && name == "name" => among(&NAME, &sub),
            None if path.is_enterprise() => among(&ENTERPRISE, &name),
            None if path.is_core() => among(&CORE, &name).or_else(|| match at_root {
                EnterpriseAtRoot::Moved => among(&ENTERPRISE, &name),
                EnterpriseAtRoot::Unknown => None,
            }),
            _ => None,
        }
    }

    pub(super) fn of(self, user: &mut User) -> &mut Option<String> {
        match self {
            Self::ExternalId => &mut user.external_id,
            Self::DisplayName => &mut user.display_name,
            Self::NickName => &mut user.nick_name,
            Self::Title => &mut user.title,
            Self::UserType => &mut user.user_type,
            Self::Formatted => &mut user.formatted_name,
            Self::GivenName => &mut user.given_name,
            Self::FamilyName => &mut user.family_name,
            Self::Department => &mut user.department,
            Self::CostCenter => &mut user.cost_center,
            Self::Division => &mut user.division,
            Self::Organization => &mut user.organization,
        }
    }
}
