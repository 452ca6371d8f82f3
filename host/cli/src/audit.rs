//! `audit`: reads the log of what was written, and says whether it is as it was written.

mod row;
mod verdict;

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use clap::{Args, Subcommand, ValueEnum};
use portcullis_store::audit::{Anchor, Filter, Instant, Record, Records, Verification, ocsf};

use crate::auditing::AuditArguments;
use crate::data::DataArguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::listing::OutputArguments;
use crate::output::{self, Format, Printer};
use crate::screen::Screen;
use row::Row;

/// Reads the audit log: a record of every write, made before it and completed after it.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    data: DataArguments,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check that every line is as it was written and none is missing
    Verify(VerifyArguments),
    /// Show what was written, by whom, and what came of it
    Show(ShowArguments),
    /// Print the records for another program
    Export(ExportArguments),
    /// Put a log aside that cannot be gone on with, and begin a new file
    Restart(RestartArguments),
}

#[derive(Debug, Args)]
struct VerifyArguments {
    /// A record that must be there, as an earlier `audit verify` printed it. Kept where the log cannot be reached from,
    /// it shows that log and database were not put back together
    #[arg(long, value_name = "SEQUENCE:MAC")]
    anchor: Option<Anchor>,
    #[command(flatten)]
    output: OutputArguments,
}

#[derive(Debug, Args)]
struct ShowArguments {
    #[command(flatten)]
    filter: FilterArguments,
    #[command(flatten)]
    output: OutputArguments,
}

#[derive(Debug, Args)]
struct ExportArguments {
    /// What the records look like
    #[arg(long, value_enum, value_name = "FORMAT")]
    format: ExportFormat,
    #[command(flatten)]
    filter: FilterArguments,
}

#[derive(Debug, Args)]
struct RestartArguments {
    /// Why; it is written into the first line of the new file
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

/// Which records.
#[derive(Debug, Args)]
struct FilterArguments {
    /// Not before this instant, in UTC: 2026-11-28 or 2026-11-28T05:20:00Z
    #[arg(long, value_name = "INSTANT")]
    since: Option<Instant>,
    /// Not after this instant; a day is meant to its end
    #[arg(long, value_name = "INSTANT")]
    until: Option<Instant>,
    /// Of this account: its name or its endpoint
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// About this object, or this member of a group: its id or its name
    #[arg(long, value_name = "ID")]
    object: Option<String>,
    /// Asked for by somebody whose name, or what he said of himself, has this in it
    #[arg(long, value_name = "TEXT")]
    actor: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ExportFormat {
    /// A header and a record a line, for a spreadsheet
    Csv,
    /// An event of the Open Cybersecurity Schema Framework 1.5.0 a line
    Ocsf,
}

/// Does it.
pub(crate) async fn run(arguments: Arguments, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let Arguments { data, command } = arguments;
    match command {
        Command::Verify(verify) => {
            let verification = data.auditor().read(verify.anchor, drop).await?;
            verdict::print(&verification, verify.output, screen)?;
            judged(&verification)
        }
        Command::Show(show) => {
            let (records, verification) = read(&data, show.filter).await?;
            let rows: Vec<_> = records.iter().map(Row::from).collect();
            match show.output.format(screen) {
                Format::Json => output::print_document(&rows, screen)?,
                format => Printer::new(format, false).print(&rows, screen)?,
            }
            if rows.is_empty() {
                screen.say("note", "no write is recorded that is asked for")?;
            }
            screen.flush()?;
            judged(&verification)
        }
        Command::Export(export) => {
            let (records, verification) = read(&data, export.filter).await?;
            match export.format {
                ExportFormat::Csv => {
                    let rows: Vec<_> = records.iter().map(Row::from).collect();
                    Printer::new(Format::Csv, false).print(&rows, screen)?;
                }
                ExportFormat::Ocsf => {
                    for event in records.iter().flat_map(|record| ocsf::events(record, env!("CARGO_PKG_VERSION"))) {
                        output::print_line(&event, screen)?;
                    }
                }
            }
            screen.flush()?;
            judged(&verification)
        }
        Command::Restart(restart) => {
            let actor = AuditArguments::default().actor();
            let aside = data.auditor().restart(actor, &restart.reason).await?;
            match aside {
                Some(aside) => screen.say("note", format!("the log is put aside in `{}`", aside.display()))?,
                None => screen.say("note", "there was no file to put aside")?,
            }
            screen.say("note", "what is written from now on is in a new file, which begins with the reason")?;
            screen.out().flush()?;
            Ok(Exit::Success)
        }
    }
}

/// The records that are asked for, and what the log as a whole is worth.
async fn read(data: &DataArguments, filter: FilterArguments) -> anyhow::Result<(Vec<Record>, Verification)> {
    let FilterArguments { since, until, account, object, actor } = filter;
    let records = Arc::new(Mutex::new(Records::new(Filter { since, until, account, object, actor })));
    let visited = Arc::clone(&records);
    let visit = move |entry| visited.lock().unwrap_or_else(PoisonError::into_inner).add(entry);
    let verification = data.auditor().read(None, visit).await?;
    let mut records = records.lock().unwrap_or_else(PoisonError::into_inner);
    let records = std::mem::replace(&mut *records, Records::new(Filter::default()));
    Ok((records.into_records(), verification))
}

/// What was shown of a log that is not as it was written is told as such.
fn judged(verification: &Verification) -> anyhow::Result<Exit> {
    if verification.is_sound() {
        return Ok(Exit::Success);
    }
    let mut found: Vec<_> = verification.findings.iter().take(SHOWN).map(ToString::to_string).collect();
    let more = verification.findings.len() as u64 + verification.more_findings - found.len() as u64;
    if more > 0 {
        found.push(format!("and {more} more"));
    }
    let message = format!("the audit log is not as it was written: {}", found.join("; "));
    let hint = "find out who can write to it, and put a copy of log and database beside it; `portcullis audit restart` \
                puts it aside";
    Err(Failure::new(Exit::Other, message, hint).into())
}

/// Findings of a message.
const SHOWN: usize = 5;
