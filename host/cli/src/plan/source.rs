//! The files that a plan is made from. Which of the three forms a source has shows in its first line.

use std::path::Path;

use portcullis_reconcile::{Desired, Fields, Rules, Snapshot};
use serde_json::Value;

use crate::failure::Failure;
use crate::input;

/// The rules of a source; without a file, columns are fields and the source owns what it names.
pub(super) fn rules(file: Option<&Path>) -> anyhow::Result<Rules> {
    let Some(file) = file else { return Ok(Rules::default()) };
    let text = input::text(file, "the rules", "--mapping")?;
    Rules::parse(&text).map_err(|error| {
        let message = format!("the rules in {} are not understood: {error}", input::name(file));
        Failure::usage(message, "the README has all that rules can say, under *Plans*").into()
    })
}

/// Reads a source whole, or says which line is wrong.
pub(super) fn read(file: &Path, text: &[u8], rules: &Rules, fields: &Fields) -> anyhow::Result<Desired> {
    let name = file.file_name().map_or_else(|| "standard input".to_owned(), |name| name.to_string_lossy().into_owned());
    let name = if input::is_standard(file) { "standard input".to_owned() } else { name };
    let read = match form(text) {
        Form::Csv => Desired::from_csv(&name, text, rules, fields),
        Form::Ndjson => Desired::from_ndjson(&name, text, rules, fields),
        Form::Snapshot => {
            let snapshot = Snapshot::read(text).map_err(|error| {
                let message = format!("{} is no snapshot to rely on: {error}", input::name(file));
                Failure::usage(message, "nothing was concluded from it; `portcullis snapshot take` makes another")
            })?;
            if !snapshot.is_complete() {
                let message =
                    format!("the snapshot in {} is not whole, so it cannot say who should be there", input::name(file));
                return Err(Failure::usage(message, "`portcullis snapshot take` makes another").into());
            }
            Desired::from_snapshot(&name, &snapshot, rules, fields)
        }
    };
    read.map_err(|error| {
        let message = format!("{} cannot be used: {error}", input::name(file));
        Failure::usage(message, "mend that line; nothing was planned, not even for the others").into()
    })
}

#[derive(Debug, PartialEq, Eq)]
enum Form {
    Csv,
    Ndjson,
    Snapshot,
}

fn form(text: &[u8]) -> Form {
    let first = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    if !first.trim_ascii_start().starts_with(b"{") {
        return Form::Csv;
    }
    let header: Option<Value> = serde_json::from_slice(first).ok();
    let is_header = header.is_some_and(|header| header.get("snapshot").is_some() && header.get("taken_at").is_some());
    if is_header { Form::Snapshot } else { Form::Ndjson }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_tells_what_a_source_is() {
        assert_eq!(form(b"username,groups\nmara,Ops\n"), Form::Csv);
        assert_eq!(form(b""), Form::Csv);
        assert_eq!(form(b"{\"username\":\"mara\"}\n"), Form::Ndjson);
        assert_eq!(form(b"{\"snapshot\":1,\"taken_at\":\"2026\"}\n{\"user\":{}}"), Form::Snapshot);
    }
}
