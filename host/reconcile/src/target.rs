//! Which directory something was made from or is made for, and through what.

use portcullis_directory::Description;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;

/// A directory as one connector with one mapping shows it. What was made for one target is refused for another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// The endpoint: what names the directory. Two accounts with one endpoint have one directory.
    pub endpoint: String,
    /// The name that the account is kept under on this machine, for a person; never compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The connector's name and version, such as `zpa 0.1.0`, for a person; never compared.
    pub connector: String,
    /// SHA-256 of the component.
    pub component: Digest,
    /// SHA-256 of the field mapping in force, as `describe` gives it.
    pub mapping: Digest,
}

impl Target {
    /// The directory at an endpoint, by what the component says of itself.
    pub fn new(endpoint: &str, account: Option<&str>, component: Digest, description: &Description) -> Target {
        Target {
            endpoint: endpoint.to_owned(),
            account: account.map(str::to_owned),
            connector: format!("{} {}", description.name, description.version),
            component,
            mapping: Digest::of_json(&description.fields),
        }
    }

    /// What differs between two targets, in one word; nothing where what was made for one is good for the other.
    pub fn difference(&self, other: &Target) -> Option<&'static str> {
        if self.endpoint != other.endpoint {
            Some("endpoint")
        } else if self.component != other.component {
            Some("connector")
        } else if self.mapping != other.mapping {
            Some("mapping")
        } else {
            None
        }
    }
}
