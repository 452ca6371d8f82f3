//! What became of each member of a change, and what to repeat.

use std::borrow::Cow;

use portcullis_directory::{Error, MembershipResult};
use serde::Serialize;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{self, Format, Printer};
use crate::program;
use crate::record::{Column, Field, Record};
use crate::screen::Screen;

/// What became of the members.
pub(super) struct MembershipChange {
    /// The group.
    pub(super) group_id: String,
    /// Whether members were removed, not added.
    pub(super) is_removal: bool,
    /// What the directory answered.
    pub(super) result: MembershipResult,
}

impl MembershipChange {
    /// Prints a row a member.
    pub(super) fn print(&self, format: Format, screen: &mut Screen<'_>) -> anyhow::Result<()> {
        if format == Format::Json {
            return output::print_document(&self.result, screen);
        }
        let row = |id: &String, result, error| MemberChange { id: id.clone(), result, error };
        let MembershipResult { applied, unchanged, failed } = &self.result;
        let mut rows: Vec<_> = applied.iter().map(|id| row(id, "applied", None)).collect();
        rows.extend(unchanged.iter().map(|id| row(id, "unchanged", None)));
        rows.extend(failed.iter().map(|failed| row(&failed.id, "failed", Some(failed.error.clone()))));
        Printer::new(format, false).print(&rows, screen)
    }

    /// A failure that says what to repeat, where a member failed.
    pub(super) fn exit(&self) -> anyhow::Result<Exit> {
        let MembershipResult { applied, unchanged, failed } = &self.result;
        let Some(first) = failed.first() else { return Ok(Exit::Success) };
        let total = applied.len() + unchanged.len() + failed.len();
        let (done, command) = if self.is_removal { ("removed", "remove-member") } else { ("added", "add-member") };
        let message = format!("{} of {total} users were not {done}: {}", failed.len(), first.error);
        let hint = if failed.len() <= REPEATED {
            let group = format!("id:{}", self.group_id);
            let mut line = vec!["groups".to_owned(), command.to_owned(), group];
            line.extend(failed.iter().map(|failed| format!("id:{}", failed.id)));
            format!("repeat those with `{}`", program::line(&line))
        } else {
            "repeat those that the results call failed; whoever is done already is left as is".to_owned()
        };
        Err(Failure::new(Exit::Other, message, hint).into())
    }
}

/// A member in rows.
#[derive(Debug, Serialize)]
struct MemberChange {
    id: String,
    result: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Error>,
}

impl Record for MemberChange {
    const NOUN: &'static str = "member";
    const FIELDS: &'static [Field<MemberChange>] = &[
        Field { name: "id", text: |change| Cow::Borrowed(&change.id) },
        Field { name: "result", text: |change| Cow::Borrowed(change.result) },
        Field {
            name: "error",
            text: |change| change.error.as_ref().map_or(Cow::Borrowed(""), |error| Cow::Owned(error.to_string())),
        },
    ];
    const COLUMNS: &'static [Column] = &[
        Column { field: "id", least: 36, rank: 8 },
        Column { field: "result", least: 9, rank: 9 },
        Column { field: "error", least: 12, rank: 1 },
    ];
}

/// Members that a hint names.
const REPEATED: usize = 10;
