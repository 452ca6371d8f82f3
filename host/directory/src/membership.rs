//! What became of a change of membership. Mirrors `types.membership-result` of `wit/`.

use serde::{Deserialize, Serialize};

use crate::Error;

/// What became of each member of a change of membership. Every member of the call is in exactly one of the lists.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MembershipResult {
    /// Members that the call added or removed.
    #[serde(default)]
    pub applied: Vec<String>,
    /// Members that already were as wanted.
    #[serde(default)]
    pub unchanged: Vec<String>,
    /// Members for which it failed, with the reason.
    #[serde(default)]
    pub failed: Vec<FailedMember>,
}

/// A member that could not be added or removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedMember {
    /// The member's `id`.
    pub id: String,
    /// Why it failed.
    pub error: Error,
}
