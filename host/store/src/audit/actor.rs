//! Who asks for a write, as far as this machine and the caller can say it. Proves nothing: whoever may run the program
//! may say what he likes.

use portcullis_directory::text;
use serde::{Deserialize, Serialize};

/// Who asks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The name of the user of the operating system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The number of that user, where the system has numbers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<u32>,
    /// What the caller says: a person behind a service, a ticket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

impl Actor {
    /// The same one with what the caller says, as one line of at most 500 bytes.
    #[must_use]
    pub fn saying(self, text: impl Into<String>) -> Actor {
        let text = text::one_line(text, text::MESSAGE);
        Actor { text: Some(text).filter(|text| !text.is_empty()), ..self }
    }

    /// For a cell of a table: `alice (OPS-17)`.
    pub fn shown(&self) -> String {
        let user = match (&self.user, self.uid) {
            (Some(user), _) => user.clone(),
            (None, Some(uid)) => uid.to_string(),
            (None, None) => String::new(),
        };
        match &self.text {
            Some(text) if user.is_empty() => text.clone(),
            Some(text) => format!("{user} ({text})"),
            None => user,
        }
    }
}
