//! What came of one action.

use portcullis_directory::{Effect, Error, ErrorKind};
use serde::{Deserialize, Serialize};

use crate::digest::Digest;

/// What came of an action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// In a word.
    pub result: Verdict,
    /// What was changed at the vendor by this action.
    pub effect: Effect,
    /// The id of the object that was made or changed; of a membership that of the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The object before, as the plan has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Digest>,
    /// The object afterwards, where the vendor showed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Digest>,
    /// Whether it was found out by reading, because no answer told.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_settled: bool,
    /// Why it was not done, in one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The error that the directory answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
}

/// What came of an action, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It was made.
    Done,
    /// It was so already.
    Unchanged,
    /// It was not tried.
    Skipped,
    /// It was refused, or what is there is not what the plan says.
    Failed,
    /// The vendor could not be reached, or asked to wait, or what came of it could not be found out.
    ToRetry,
}

impl Verdict {
    /// The name that JSON has for it.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Done => "done",
            Verdict::Unchanged => "unchanged",
            Verdict::Skipped => "skipped",
            Verdict::Failed => "failed",
            Verdict::ToRetry => "to-retry",
        }
    }
}

impl Outcome {
    fn new(result: Verdict, effect: Effect) -> Outcome {
        Outcome { result, effect, id: None, before: None, after: None, is_settled: false, reason: None, error: None }
    }

    /// It was made.
    pub(super) fn done(id: Option<String>, after: Option<Digest>) -> Outcome {
        Outcome { id, after, ..Outcome::new(Verdict::Done, Effect::Applied) }
    }

    /// It was so already.
    pub(super) fn unchanged(id: Option<String>, after: Option<Digest>) -> Outcome {
        Outcome { id, after, ..Outcome::new(Verdict::Unchanged, Effect::None) }
    }

    /// It was not tried.
    pub(super) fn skipped(reason: impl Into<String>) -> Outcome {
        Outcome { reason: Some(reason.into()), ..Outcome::new(Verdict::Skipped, Effect::None) }
    }

    /// What is there is not what the plan says.
    pub(super) fn differs(reason: impl Into<String>) -> Outcome {
        Outcome { reason: Some(reason.into()), ..Outcome::new(Verdict::Failed, Effect::None) }
    }

    /// The directory answered this.
    pub(super) fn error(error: Error) -> Outcome {
        let is_passing = matches!(error.kind, ErrorKind::RateLimited | ErrorKind::Unavailable) && !error.is_limit();
        let is_open = is_passing || error.effect == Effect::Unknown;
        let result = if is_open { Verdict::ToRetry } else { Verdict::Failed };
        let effect = error.effect;
        Outcome { error: Some(error), ..Outcome::new(result, effect) }
    }

    /// The same, found out by reading.
    pub(super) fn settled(self) -> Outcome {
        Outcome { is_settled: true, ..self }
    }

    /// Whether the directory is as the action wants it.
    pub fn is_good(&self) -> bool {
        matches!(self.result, Verdict::Done | Verdict::Unchanged)
    }

    /// Whether the directory is not as the action wants it although it was tried.
    pub fn is_bad(&self) -> bool {
        matches!(self.result, Verdict::Failed | Verdict::ToRetry)
    }

    /// Whether what came of it is known, so that it may be written down as its end.
    pub(super) fn is_known(&self) -> bool {
        self.effect != Effect::Unknown
    }

    /// Why it was not done.
    pub fn why(&self) -> Option<String> {
        self.reason.clone().or_else(|| self.error.as_ref().map(Error::to_string))
    }
}
