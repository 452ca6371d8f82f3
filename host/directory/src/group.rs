//! A group of the directory. Mirrors `types.group` of `wit/`; never holds its members.

use serde::{Deserialize, Serialize};

use crate::{Json, extras, json};

/// A group, in unified fields. All but `id` may be absent; members are listed by
/// [`Directory::list_members`](crate::Directory::list_members).
///
/// In JSON an absent field is left out, and fields that are not known are ignored in reading.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The vendor's identifier: opaque text, never empty, compared byte for byte.
    pub id: String,
    /// The identifier that an identity provider gave the group. Not unique on every vendor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The name to show. Not unique on every vendor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What the group is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// `team`, `department` or `group`; any other text is the vendor's own value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_type: Option<String>,
    /// When the record was made: RFC 3339 where the vendor keeps to it, otherwise the vendor's text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// When the record last changed, in the same form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
    /// Fields without a place above, in the order of the record. In JSON one object, left out when empty.
    #[serde(default, with = "extras", skip_serializing_if = "Vec::is_empty")]
    pub extras: Vec<(String, Json)>,
    /// The vendor's own JSON of the group, byte for byte; `None` unless it was asked for.
    #[serde(
        default,
        deserialize_with = "json::present",
        skip_serializing_if = "Option::is_none"
    )]
    pub remote_data: Option<Json>,
}
