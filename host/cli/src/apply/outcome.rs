//! What is shown and kept of a run, and how the command ends by it.

use std::borrow::Cow;
use std::io::Write;
use std::path::Path;

use portcullis_reconcile::{Counts, Receipt, Step, Verdict};
use serde::Serialize;

use super::{ReceiptFormat, is_html, text};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{Format, Printer};
use crate::private_file;
use crate::record::{Column, Field, Record};
use crate::screen::Screen;

/// Writes the receipt into a file.
pub(super) fn write(receipt: &Receipt, file: &Path) -> anyhow::Result<()> {
    let text = text(receipt, is_html(file))?;
    private_file::write(file, |out| out.write_all(text.as_bytes()))
}

/// Prints it.
pub(super) fn print(receipt: &Receipt, format: Option<ReceiptFormat>, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let format = format.unwrap_or(match screen.format {
        Format::Table => ReceiptFormat::Table,
        _ => ReceiptFormat::Json,
    });
    match format {
        ReceiptFormat::Table => {
            let rows: Vec<_> = receipt.actions.iter().map(Row::of).collect();
            Printer::new(Format::Table, false).print(&rows, screen)?;
        }
        ReceiptFormat::Json | ReceiptFormat::Html => {
            let text = text(receipt, format == ReceiptFormat::Html)?;
            screen.out().write_all(text.as_bytes())?;
        }
    }
    screen.flush()
}

/// Says how it ended and what to do next.
pub(super) fn exit(receipt: &Receipt, resume: &str, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let Counts { done, unchanged, skipped, failed, to_retry } = receipt.counts;
    let all = receipt.actions.len();
    screen.say(
        "note",
        format!(
            "of {all} actions {done} are done, {unchanged} were so already, {skipped} were skipped, {failed} failed, and \
             {to_retry} are to be tried again"
        ),
    )?;
    if receipt.is_complete() {
        return Ok(Exit::Success);
    }
    let hint = format!("`{resume}` goes on with what is left");
    let first = |verdict| receipt.actions.iter().find(|step| step.outcome.result == verdict);
    if let Some(step) = first(Verdict::Failed) {
        let message = format!("{failed} of {all} actions failed: {}", told(step));
        let hint = format!("mend what it names, or make the plan again; {hint}");
        return Err(Failure::new(Exit::Other, message, hint).into());
    }
    if let Some(step) = first(Verdict::ToRetry) {
        let message = format!("{to_retry} of {all} actions are to be tried again: {}", told(step));
        return Err(Failure::new(Exit::Unavailable, message, hint).into());
    }
    if let Some(halted) = &receipt.halted {
        return Err(Failure::new(Exit::Other, format!("the run ended before it came through: {halted}"), hint).into());
    }
    screen.say("hint", hint)?;
    Ok(Exit::Success)
}

fn told(step: &Step) -> String {
    let Step { action, outcome } = step;
    format!("{} ({}): {}", action.number, action.label, outcome.why().unwrap_or_default())
}

/// An action in a table.
#[derive(Serialize)]
struct Row {
    number: String,
    operation: &'static str,
    label: String,
    result: &'static str,
    id: String,
    reason: String,
}

impl Row {
    fn of(step: &Step) -> Row {
        let Step { action, outcome } = step;
        Row {
            number: action.number.to_string(),
            operation: action.operation.name(),
            label: action.label.clone(),
            result: outcome.result.name(),
            id: outcome.id.clone().unwrap_or_default(),
            reason: outcome.why().unwrap_or_default(),
        }
    }
}

impl Record for Row {
    const NOUN: &'static str = "action";
    const FIELDS: &'static [Field<Row>] = &[
        Field { name: "number", text: |row| Cow::Borrowed(&row.number) },
        Field { name: "operation", text: |row| Cow::Borrowed(row.operation) },
        Field { name: "label", text: |row| Cow::Borrowed(&row.label) },
        Field { name: "result", text: |row| Cow::Borrowed(row.result) },
        Field { name: "id", text: |row| Cow::Borrowed(&row.id) },
        Field { name: "reason", text: |row| Cow::Borrowed(&row.reason) },
    ];
    const COLUMNS: &'static [Column] = &[
        Column { field: "number", least: 6, rank: 9 },
        Column { field: "operation", least: 15, rank: 7 },
        Column { field: "label", least: 16, rank: 6 },
        Column { field: "result", least: 9, rank: 8 },
        Column { field: "id", least: 12, rank: 1 },
        Column { field: "reason", least: 12, rank: 5 },
    ];
}
