//! What somebody should look at in a directory, and what each of these words means.

use std::fmt;

use serde::Serialize;

use crate::html::Tone;
use crate::plan::ObjectKind;

/// Something that somebody should look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Of which kind.
    pub code: FindingCode,
    /// Whether it is about a user or about a group.
    pub kind: ObjectKind,
    /// The object's id.
    pub id: String,
    /// The object's name, for a person.
    pub name: String,
    /// What it is about this one, in one line.
    pub detail: String,
}

/// Kinds of findings. The codes are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingCode {
    /// A user that is switched off and in a group.
    InactiveWithAccess,
    /// A member of a group that is not there.
    DanglingMember,
    /// A group of a user that is not there.
    UnknownGroup,
    /// A membership that the user's record and the group's do not agree about.
    OneSidedMembership,
    /// A user in no group.
    OrphanedAccount,
    /// A user whom no identity provider keeps.
    WithoutOwner,
    /// Groups of the same name.
    DuplicateGroup,
    /// A group without members.
    EmptyGroup,
}

impl FindingCode {
    /// All of them, the ones to look at first in front.
    pub const ALL: [FindingCode; 8] = [
        FindingCode::InactiveWithAccess,
        FindingCode::DanglingMember,
        FindingCode::UnknownGroup,
        FindingCode::OneSidedMembership,
        FindingCode::OrphanedAccount,
        FindingCode::WithoutOwner,
        FindingCode::DuplicateGroup,
        FindingCode::EmptyGroup,
    ];

    /// The code, as JSON and CSV have it.
    pub fn code(self) -> &'static str {
        match self {
            FindingCode::InactiveWithAccess => "inactive-with-access",
            FindingCode::DanglingMember => "dangling-member",
            FindingCode::UnknownGroup => "unknown-group",
            FindingCode::OneSidedMembership => "one-sided-membership",
            FindingCode::OrphanedAccount => "orphaned-account",
            FindingCode::WithoutOwner => "without-owner",
            FindingCode::DuplicateGroup => "duplicate-group",
            FindingCode::EmptyGroup => "empty-group",
        }
    }

    /// What a person calls it.
    pub fn title(self) -> &'static str {
        match self {
            FindingCode::InactiveWithAccess => "Inactive with access",
            FindingCode::DanglingMember => "Dangling members",
            FindingCode::UnknownGroup => "Unknown groups",
            FindingCode::OneSidedMembership => "One-sided memberships",
            FindingCode::OrphanedAccount => "Orphaned accounts",
            FindingCode::WithoutOwner => "Users without owner",
            FindingCode::DuplicateGroup => "Duplicate groups",
            FindingCode::EmptyGroup => "Empty groups",
        }
    }

    /// What it means, for somebody who has never seen the word.
    pub fn meaning(self) -> &'static str {
        match self {
            FindingCode::InactiveWithAccess => {
                "The user is inactive or deleted, by its status, and still in a group. Whoever switches the user on again \
                 gives back all of that access."
            }
            FindingCode::DanglingMember => {
                "A group's own record has a member that is neither a user nor a group of the directory. Found only in \
                 groups whose own record was read."
            }
            FindingCode::UnknownGroup => "A user's record names a group that the list of groups lacks.",
            FindingCode::OneSidedMembership => {
                "The user's record says that the user is in the group and the group's own record does not, or the other \
                 way round. Found only in groups whose own record was read."
            }
            FindingCode::OrphanedAccount => {
                "The user is not inactive and is in no group. No rule for a group applies to the account, so perhaps \
                 nobody needs it any more."
            }
            FindingCode::WithoutOwner => {
                "The user has no external id. That is the mark of the identity provider that made a record and keeps it; \
                 without it, probably nobody removes the record when the person leaves."
            }
            FindingCode::DuplicateGroup => {
                "Several groups have the same name, but for upper and lower case, the encoding of accents, and spaces \
                 around it. A rule for one of them does not apply to the members of the other."
            }
            FindingCode::EmptyGroup => {
                "No user's record names the group, and where the group's own record was read, it has no member either."
            }
        }
    }

    pub(super) fn tone(self) -> Tone {
        match self {
            FindingCode::InactiveWithAccess | FindingCode::DanglingMember => Tone::Bad,
            FindingCode::UnknownGroup
            | FindingCode::OneSidedMembership
            | FindingCode::OrphanedAccount
            | FindingCode::WithoutOwner
            | FindingCode::DuplicateGroup => Tone::Notice,
            FindingCode::EmptyGroup => Tone::Plain,
        }
    }
}

impl fmt::Display for FindingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_has_the_code_and_all_are_listed_in_order() {
        for code in FindingCode::ALL {
            assert_eq!(serde_json::to_string(&code).unwrap(), format!("\"{code}\""));
        }
        assert!(FindingCode::ALL.is_sorted());
    }
}
