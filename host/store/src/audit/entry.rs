//! One line of the log. Never holds a credential: no type of a directory's call can carry one.

use portcullis_directory::{Effect, Error};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::actor::Actor;

/// A line of the log, but for its MAC. What is `None` or empty is left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// From 1, without a gap, also over a restart.
    pub sequence: u64,
    /// RFC 3339 in UTC, with milliseconds.
    pub time: String,
    /// What kind of line it is.
    pub event: Event,
    /// What joins an intent and its outcome: 32 hexadecimal digits that this program made.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// Who asked. In an intent and a restart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<Actor>,
    /// Where the write goes. In an intent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AuditedAccount>,
    /// The function of the contract, such as `update-user`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<Object>,
    /// What is asked for. In an intent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<Value>,
    /// The object as it was last read, where it was. In an intent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// How it ended. In an outcome, as is all that follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// What was changed at the vendor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<Effect>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
    /// The object as the vendor showed it after the write, where it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
    /// What became of each member, or the status of a reply of the vendor's own API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Value>,
    /// The ids that the vendor gave the requests of the write, in a header of each answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub request_ids: Vec<String>,
    /// Why there is a line that is about no write.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The MAC of the line before, in hexadecimal.
    pub previous: String,
}

/// What kind of line it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// A write is about to be made.
    Intent,
    /// What came of a write.
    Outcome,
    /// A process was stopped in the middle of a line, which was taken away: nothing had been sent for it.
    Recovery,
    /// The file was put aside by the operator, and the chain goes on in this one.
    Restart,
}

/// How a write ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// As asked.
    Done,
    /// For some members and not for others.
    Partly,
    /// Not; `effect` says whether something was changed all the same.
    Failed,
}

/// Where a write goes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditedAccount {
    /// What the account is called, where it is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The vendor's base URL.
    pub endpoint: String,
}

/// What a write is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    /// `user`, `group`, `vendor` for a path of the vendor's own API, or `account` for one that is kept.
    pub kind: String,
    /// The vendor's id, or the path; `None` for what is not made yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The username of a user or the name of a group, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Entry {
    /// An entry about nothing yet.
    pub(crate) fn new(event: Event, id: String) -> Entry {
        Entry {
            sequence: 0,
            time: String::new(),
            event,
            id,
            actor: None,
            account: None,
            operation: None,
            object: None,
            request: None,
            before: None,
            outcome: None,
            effect: None,
            error: None,
            after: None,
            result: None,
            request_ids: Vec::new(),
            note: None,
            previous: String::new(),
        }
    }
}

impl Event {
    /// The word for it in the log.
    pub fn name(self) -> &'static str {
        match self {
            Event::Intent => "intent",
            Event::Outcome => "outcome",
            Event::Recovery => "recovery",
            Event::Restart => "restart",
        }
    }
}

impl Outcome {
    /// The word for it in the log.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Done => "done",
            Outcome::Partly => "partly",
            Outcome::Failed => "failed",
        }
    }
}
