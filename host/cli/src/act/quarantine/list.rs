//! `quarantine list`: who is in quarantine, as it is kept on this machine. Asks nobody.

use std::borrow::Cow;

use clap::Args;
use portcullis_reconcile::act::{GroupName, Quarantine};
use serde::Serialize;

use super::document;
use crate::account::AccountArguments;
use crate::exit::Exit;
use crate::listing::OutputArguments;
use crate::output::{self, Format, Printer};
use crate::record::{Column, Field, Record};
use crate::screen::Screen;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    output: OutputArguments,
}

/// A quarantine as a row.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
struct Row(Quarantine);

impl Record for Row {
    const NOUN: &'static str = "quarantine";
    const FIELDS: &'static [Field<Row>] = &[
        Field { name: "user", text: |row| Cow::Borrowed(&row.0.user) },
        Field { name: "username", text: |row| Cow::Borrowed(row.0.username.as_deref().unwrap_or_default()) },
        Field { name: "group", text: |row| Cow::Owned(row.0.group.to_string()) },
        Field { name: "since", text: |row| Cow::Borrowed(&row.0.cause.since) },
        Field { name: "by", text: |row| Cow::Borrowed(&row.0.cause.by) },
        Field { name: "reason", text: |row| Cow::Borrowed(row.0.cause.reason.as_deref().unwrap_or_default()) },
        Field { name: "state", text: |row| Cow::Borrowed(if row.0.is_complete { "confined" } else { "unfinished" }) },
        Field { name: "taken", text: |row| joined(&row.0.taken) },
        Field { name: "keep", text: |row| joined(&row.0.keep) },
        Field { name: "appeared", text: |row| joined(&row.0.appeared) },
    ];
    const COLUMNS: &'static [Column] = &[
        Column { field: "username", least: 20, rank: 9 },
        Column { field: "group", least: 10, rank: 6 },
        Column { field: "since", least: 20, rank: 8 },
        Column { field: "by", least: 8, rank: 7 },
        Column { field: "reason", least: 10, rank: 5 },
        Column { field: "state", least: 10, rank: 4 },
        Column { field: "taken", least: 10, rank: 3 },
    ];
}

/// Does it.
pub(super) async fn run(
    arguments: Arguments,
    account: &AccountArguments,
    screen: &mut Screen<'_>,
) -> anyhow::Result<Exit> {
    let (store, endpoint) = account.store().await?;
    let rows: Vec<_> = document::all(&store, &endpoint).await?.into_values().map(Row).collect();
    match arguments.output.format(screen) {
        Format::Json => output::print_document(&rows, screen)?,
        format => Printer::new(format, false).print(&rows, screen)?,
    }
    if rows.is_empty() {
        screen.say("note", "nobody is in quarantine in this directory")?;
    }
    screen.flush()?;
    Ok(Exit::Success)
}

fn joined(groups: &[GroupName]) -> Cow<'_, str> {
    Cow::Owned(groups.iter().map(ToString::to_string).collect::<Vec<_>>().join(";"))
}
