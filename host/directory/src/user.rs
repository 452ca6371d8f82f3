//! A user of the directory and what hangs on one. Mirrors `types.user` of `wit/`; never interprets a value.

use serde::{Deserialize, Serialize};

use crate::{Json, extras, json};

/// A user, in unified fields. All but `id` may be absent.
///
/// In JSON an absent field is left out, `emails` and `groups` are always there, and fields that are not known are
/// ignored in reading.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The vendor's identifier: opaque text, never empty, compared byte for byte.
    pub id: String,
    /// The identifier that an identity provider gave the user. Not unique on every vendor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The name that the user signs in with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The name to show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Given name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// Family name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// The name the user goes by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nick_name: Option<String>,
    /// Job title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The kind of user, in the vendor's word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_type: Option<String>,
    /// `active`, `inactive`, `deleted` or `invited`; any other text is the vendor's own value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Addresses in the vendor's order; empty when there is none.
    #[serde(default)]
    pub emails: Vec<Email>,
    /// Groups in the vendor's order, as complete as the vendor makes them on a user; empty when there is none.
    #[serde(default)]
    pub groups: Vec<GroupReference>,
    /// Department.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// Cost centre.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_center: Option<String>,
    /// Division.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub division: Option<String>,
    /// Organization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// When the record was made: RFC 3339 where the vendor keeps to it, otherwise the vendor's text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// When the record last changed, in the same form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
    /// Fields without a place above, in the order of the record. In JSON one object, left out when empty.
    #[serde(default, with = "extras", skip_serializing_if = "Vec::is_empty")]
    pub extras: Vec<(String, Json)>,
    /// The vendor's own JSON of the user, byte for byte; `None` unless it was asked for.
    #[serde(
        default,
        deserialize_with = "json::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub remote_data: Option<Json>,
}

/// An e-mail address of a user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Email {
    /// The address as the vendor wrote it.
    pub email: String,
    /// What it is for, in the vendor's word, such as `work`; `None` where the vendor does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
    /// Whether the vendor calls it the primary one; `None` where the vendor does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_primary: Option<bool>,
}

/// A group that a user belongs to, as the user's own record shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupReference {
    /// The group's `id`.
    pub id: String,
    /// The group's `name`, where the user's record carries it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}
