//! Who is in which group, a row each; users in no group and groups without members have a row as well.

use serde::Serialize;

use super::finding::FindingCode;

/// A membership, or a user or group without one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AccessRow {
    /// The group's id; absent for a user in no group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
    /// The group's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The member's id; absent for a group without members.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// The name that the user signs in with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The name to show.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The user's status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// The mark of the identity provider that keeps the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The user's department.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// `user`, `roster` or `both`: whose record shows the membership.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shown_by: Option<&'static str>,
    /// What there is to look at in this row.
    pub findings: Vec<FindingCode>,
}
