//! What the last run found and left, for the next one to compare with.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;

/// A run that was applied to its end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastRun {
    /// People in the source.
    pub people: u64,
    /// Users in the directory.
    pub users: u64,
    /// The digest of the source.
    pub source: String,
    /// The digest of every matched user, by id, as the run left it.
    pub left: BTreeMap<String, Digest>,
}
