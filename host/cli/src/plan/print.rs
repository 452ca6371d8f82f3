//! A plan on a terminal: what it comes to, then each action; beside it what stands against it.

use std::borrow::Cow;
use std::io::Write;

use portcullis_directory::{List, Page};
use portcullis_reconcile::{Action, DriftCode, Plan};
use serde::Serialize;

use crate::output::{self, Printer};
use crate::record::{Column, Field, Record};
use crate::screen::{Screen, plain};

/// One action as a row.
#[derive(Clone, Debug, Serialize)]
struct Row {
    number: String,
    action: &'static str,
    about: String,
    changes: String,
}

impl From<&Action> for Row {
    fn from(action: &Action) -> Row {
        Row {
            number: action.number.to_string(),
            action: action.operation.name(),
            about: action.label.clone(),
            changes: action.changes(),
        }
    }
}

impl Record for Row {
    const NOUN: &'static str = "action";
    const FIELDS: &'static [Field<Row>] = &[
        Field { name: "number", text: |row| Cow::Borrowed(&row.number) },
        Field { name: "action", text: |row| Cow::Borrowed(row.action) },
        Field { name: "about", text: |row| Cow::Borrowed(&row.about) },
        Field { name: "changes", text: |row| Cow::Borrowed(&row.changes) },
    ];
    const COLUMNS: &'static [Column] = &[
        Column { field: "number", least: 6, rank: 7 },
        Column { field: "action", least: 15, rank: 9 },
        Column { field: "about", least: 20, rank: 8 },
        Column { field: "changes", least: 12, rank: 6 },
    ];
}

/// Prints what a plan comes to, and its actions.
pub(super) fn print(plan: &Plan, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let source = format!("{}, {} people, {} groups", plan.source.name, plan.source.people, plan.source.groups);
    for (name, value) in [
        ("plan", plan.digest.as_str()),
        ("made", plan.made_at.as_str()),
        ("for", plan.target.endpoint.as_str()),
        ("source", source.as_str()),
    ] {
        writeln!(screen.out(), "{name:8}{}", plain(value))?;
    }
    writeln!(screen.out(), "\n{}\n", plan.summary())?;
    for (code, count) in plan.drift_counts() {
        writeln!(screen.out(), "{count:6}  {:20}{}", code.name(), code.meaning())?;
    }
    if !plan.actions.is_empty() {
        writeln!(screen.out())?;
        let rows: Vec<_> = plan.actions.iter().map(Row::from).collect();
        let mut printer = Printer::<Row>::new(output::Format::Table, false);
        printer.print(&rows, screen)?;
        let page = Page { items: vec![], unreadable: vec![], next_cursor: None, prev_cursor: None, total: None };
        printer.finish(List::from(page), screen)?;
    }
    Ok(())
}

/// Says what a person should know before applying it, whatever the plan is printed as.
pub(super) fn print_notes(plan: &Plan, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let open = |code| matches!(code, DriftCode::Ambiguous | DriftCode::Duplicate | DriftCode::ChangedOutOfBand);
    let open = plan.drift.iter().filter(|drift| open(drift.code));
    let open: Vec<_> = open.map(|drift| format!("{} `{}`: {}", drift.code.name(), drift.name, drift.detail)).collect();
    let warnings: Vec<_> = plan.warnings.iter().map(|warning| warning.message.clone()).collect();
    for texts in [open, warnings] {
        for text in texts.iter().take(MOST_NOTES) {
            screen.say("warning", text)?;
        }
        if texts.len() > MOST_NOTES {
            screen.say("warning", format!("{} more like these are in the plan", texts.len() - MOST_NOTES))?;
        }
    }
    for trip in &plan.trips {
        screen.say("refused", format!("{} ({})", trip.message, trip.guard))?;
    }
    if !plan.trips.is_empty() {
        let hint = format!(
            "look for what is wrong with the source first; who has looked and means it applies the plan with \
             `--override-guards {}`, or raises the limit in the rules",
            plan.digest
        );
        screen.say("hint", hint)?;
    }
    Ok(())
}

/// So many of a kind are said one by one.
const MOST_NOTES: usize = 10;
