//! A plan for people, as one file for a browser or a printer. It shows the digest by which the plan is approved.

use super::summary::heading;
use super::{DriftCode, Plan};
use crate::action::{Action, FieldChange, Operation};
use crate::html::{Bar, Body, Card, Page, Tone};

impl Plan {
    /// The plan as a self-contained HTML document.
    pub fn to_html(&self) -> String {
        let mut body = Body::new();
        body.paragraph(&self.summary());
        for trip in &self.trips {
            body.notice(Tone::Bad, &format!("Limit `{}`: {}.", trip.guard, trip.message));
        }
        if !self.is_complete {
            let text =
                "The directory was not certainly read whole. Absence proves nothing then, and nothing is taken away.";
            body.notice(Tone::Notice, text);
        }
        for warning in &self.warnings {
            body.notice(Tone::Notice, &format!("{}.", warning.message));
        }
        let taken = self.actions.iter().filter(|action| action.operation.is_destructive()).count();
        let all = self.actions.len();
        let card = |value: usize, label, note, tone| Card { value: value.to_string(), label, note, tone };
        let when = |count: usize, tone| if count == 0 { Tone::Good } else { tone };
        body.cards(&[
            card(all, "actions", "in this order and no others", Tone::Plain),
            card(taken, "take something away", "and may not be undone", when(taken, Tone::Notice)),
            card(self.trips.len(), "limits met", "each refuses the whole plan", when(self.trips.len(), Tone::Bad)),
        ]);
        let tone = |name| if is_taking(name) { Tone::Notice } else { Tone::Good };
        let counts = self.counts();
        let bars: Vec<_> =
            counts.iter().map(|(name, count)| Bar { label: name, value: *count, tone: tone(name) }).collect();
        if !bars.is_empty() {
            body.bars("Actions by what they do", &bars);
        }
        let drift = self.drift_counts();
        if !drift.is_empty() {
            body.heading("What differs");
            let rows =
                drift.iter().map(|(code, count)| [code.name(), &count.to_string(), code.meaning()].map(str::to_owned));
            body.table(&["Class", "How many", "What it means"], rows);
        }
        for actions in self.actions.chunk_by(|one, other| one.operation.name() == other.operation.name()) {
            let Some(first) = actions.first() else { continue };
            body.heading(heading(&first.operation));
            body.table(&["Number", "About", "What changes"], actions.iter().map(row));
        }
        let open: Vec<_> = self.drift.iter().filter(|drift| is_open(drift.code)).collect();
        if !open.is_empty() {
            body.heading("What nobody mends but you");
            let rows = open.iter().map(|drift| [drift.code.name(), &drift.name, &drift.detail]);
            body.table(&["Class", "About", "What differs"], rows);
        }
        let facts = [
            ("Plan", self.digest.to_string()),
            ("Directory", self.target.endpoint.clone()),
            ("Connector", self.target.connector.clone()),
            ("Source", format!("{}, {} people, {} groups", self.source.name, self.source.people, self.source.groups)),
            ("Source digest", self.source.digest.to_string()),
            ("Snapshot", self.snapshot.to_string()),
            ("Made", self.made_at.clone()),
        ];
        let lead = "What would be done to a user directory to make it what its source says. Nothing is done yet: whoever \
                    applies the plan applies these actions and no others, and only while its digest is the one below.";
        Page { title: "Plan for a user directory", lead, facts: &facts, body }.render()
    }
}

/// Differences that no action of a plan mends.
fn is_open(code: DriftCode) -> bool {
    use DriftCode::{Ambiguous, ChangedOutOfBand, DanglingMember, Duplicate};
    matches!(code, Ambiguous | Duplicate | DanglingMember | ChangedOutOfBand)
}

fn is_taking(name: &str) -> bool {
    matches!(name, "remove-member" | "delete-group" | "deactivate-user" | "delete-user")
}

fn row(action: &Action) -> [String; 3] {
    [action.number.to_string(), action.label.clone(), action.changes()]
}

impl Action {
    /// Which fields change from what to what, in one line; empty where none does.
    pub fn changes(&self) -> String {
        let (Operation::CreateUser { fields, .. }
        | Operation::UpdateUser { fields, .. }
        | Operation::CreateGroup { fields, .. }
        | Operation::UpdateGroup { fields, .. }) = &self.operation
        else {
            return String::new();
        };
        fields.iter().map(change).collect::<Vec<_>>().join("; ")
    }
}

fn change(change: &FieldChange) -> String {
    let shown = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match (&change.before, &change.after) {
        (None, None) => change.field.clone(),
        (None, Some(after)) => format!("{}: {}", change.field, shown(after)),
        (Some(before), None) => format!("{}: {} → nothing", change.field, shown(before)),
        (Some(before), Some(after)) => format!("{}: {} → {}", change.field, shown(before), shown(after)),
    }
}
