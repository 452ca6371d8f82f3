//! A write as a whole: its intent and what came of it, joined. Pure.

use std::collections::HashMap;

use portcullis_directory::Effect;
use serde::Serialize;

use super::entry::{Entry, Event, Object, Outcome};
use super::filter::Filter;

/// A write, or a line that is about none.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Record {
    /// The intent; of a restart or a recovery its only line.
    pub intent: Entry,
    /// What came of it; `None` where nobody knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Entry>,
}

impl Record {
    /// What it is about, as well as it is known.
    pub fn object(&self) -> Option<&Object> {
        self.outcome.as_ref().and_then(|outcome| outcome.object.as_ref()).or(self.intent.object.as_ref())
    }

    /// `done`, `partly`, `failed`, or `unknown` where the intent has no outcome; of a line that is about no write, what
    /// kind of line it is.
    pub fn outcome_word(&self) -> &'static str {
        match (self.intent.event, self.outcome.as_ref().and_then(|outcome| outcome.outcome)) {
            (Event::Intent | Event::Outcome, outcome) => outcome.map_or("unknown", Outcome::name),
            (event, _) => event.name(),
        }
    }

    /// What was changed at the vendor; `None` of a line that is about no write.
    pub fn effect(&self) -> Option<Effect> {
        match self.intent.event {
            Event::Intent | Event::Outcome => {
                Some(self.outcome.as_ref().and_then(|outcome| outcome.effect).unwrap_or(Effect::Unknown))
            }
            Event::Recovery | Event::Restart => None,
        }
    }
}

/// Joins lines as they come.
#[derive(Debug)]
pub struct Records {
    filter: Filter,
    so_far: Vec<Record>,
    /// Where the intents are whose outcome has not come yet.
    open: HashMap<String, usize>,
}

impl Records {
    /// Those that pass this filter.
    pub fn new(filter: Filter) -> Records {
        Records { filter, so_far: Vec::new(), open: HashMap::new() }
    }

    /// Takes the next line.
    pub fn add(&mut self, entry: Entry) {
        if entry.event == Event::Outcome {
            if let Some(record) = self.open.remove(&entry.id).and_then(|at| self.so_far.get_mut(at)) {
                record.outcome = Some(entry);
            }
            return;
        }
        // Whom it is about may be known only when it is done, so that is asked at the end.
        if !self.filter.may_pass(&entry) {
            return;
        }
        if entry.event == Event::Intent {
            self.open.insert(entry.id.clone(), self.so_far.len());
        }
        self.so_far.push(Record { intent: entry, outcome: None });
    }

    /// All that pass, in the order of their intents.
    pub fn into_records(self) -> Vec<Record> {
        let Records { filter, so_far, .. } = self;
        so_far.into_iter().filter(|record| filter.passes(record)).collect()
    }
}
