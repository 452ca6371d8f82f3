//! A member of a group. Mirrors `types.member` of `wit/`.

use serde::{Deserialize, Serialize};

/// A member of a group: a user, or a group where `type` says so.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The `id` of the user or group.
    pub id: String,
    /// `user` or `group`; any other text is the vendor's own value; `None` where the vendor does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
    /// The name to show, where the vendor gives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}
