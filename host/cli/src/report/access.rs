//! `report access`: who is in which group, from a snapshot or from the directory as it is now.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use portcullis_directory::{List, Page};
use portcullis_reconcile::Snapshot;
use portcullis_reconcile::report::{AccessReport, AccessRow, Finding, Summary};

use crate::account::AccountArguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::{self, Printer};
use crate::private_file;
use crate::screen::Screen;
use crate::snapshot::{self, RosterArguments};

/// The arguments of `access`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// What the report looks like [default: table on a terminal, json elsewhere]
    #[arg(long, short, value_name = "FORMAT")]
    output: Option<Form>,
    /// The file to write, readable by its owner alone; one that is there is replaced [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Report on this snapshot, and ask no vendor; `-` reads standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["rosters", "roster"])]
    snapshot: Option<PathBuf>,
    /// Tell as well what changed since this older snapshot of the same directory
    #[arg(long, value_name = "SNAPSHOT")]
    since: Option<PathBuf>,
    #[command(flatten)]
    rosters: RosterArguments,
    #[command(flatten)]
    account: AccountArguments,
}

/// What a report looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// The numbers and the findings, for a terminal
    Table,
    /// One document with all of it
    Json,
    /// A row a membership, with what there is to look at; users in no group and groups without members have a row, too
    Csv,
    /// One file for a browser or a printer, which loads nothing else
    Html,
}

/// Makes the report.
pub(super) async fn run(arguments: Arguments, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let since = arguments.since.as_deref().map(snapshot::read).transpose()?;
    let snapshot = match &arguments.snapshot {
        Some(file) => snapshot::read(file)?,
        None => snapshot::take(&arguments.account, &arguments.rosters, screen).await?,
    };
    if let Some(since) = &since {
        snapshot::check_same_directory(since, &snapshot, screen)?;
    }
    let report = AccessReport::new(&snapshot, since.as_ref());
    let form = arguments.output.unwrap_or(if screen.is_terminal { Form::Table } else { Form::Json });
    match &arguments.out {
        None => print(&report, form, screen)?,
        Some(file) => {
            if form == Form::Table {
                let hint = "`--output csv`, `html` or `json` makes a file";
                return Err(Failure::usage("a table is for a terminal", hint).into());
            }
            let mut content = Vec::new();
            print(&report, form, &mut Screen::buffer(&mut content, None, false))?;
            private_file::write(file, |out| out.write_all(&content))?;
            let Summary { users, groups, memberships, .. } = report.summary;
            let findings = report.findings.len();
            let what = format!("{users} users, {groups} groups, {memberships} memberships; findings: {findings}");
            screen.say("note", format!("`{}` has {what}", file.display()))?;
        }
    }
    let exit = snapshot::assess(&snapshot, screen)?;
    Ok(match &since {
        Some(since) => snapshot::worse(exit, assess_older(since)),
        None => exit,
    })
}

/// Of the older snapshot nothing is said again that its taking has said, but that it is not whole counts.
fn assess_older(since: &Snapshot) -> Exit {
    if since.is_complete() { Exit::Success } else { Exit::Moved }
}

fn print(report: &AccessReport<'_>, form: Form, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    match form {
        Form::Table => print_table(report, screen)?,
        Form::Json => output::print_document(report, screen)?,
        Form::Html => screen.out().write_all(report.to_html().as_bytes())?,
        Form::Csv => {
            let mut printer = Printer::<AccessRow>::new(output::Format::Csv, false);
            let mut rows = report.rows().peekable();
            while rows.peek().is_some() {
                // Enough for one write, and few enough to keep.
                let some: Vec<_> = rows.by_ref().take(1000).collect();
                printer.print(&some, screen)?;
            }
            printer.finish(nothing(), screen)?;
        }
    }
    screen.flush()
}

fn print_table(report: &AccessReport<'_>, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let Summary { users, groups, memberships, .. } = report.summary;
    let inactive = report.summary.inactive_with_access;
    let orphaned = report.summary.active_without_access;
    writeln!(screen.out(), "{users} users, {groups} groups, {memberships} memberships")?;
    writeln!(screen.out(), "{inactive} inactive users in a group, {orphaned} active users in no group\n")?;
    let mut printer = Printer::<Finding>::new(output::Format::Table, false);
    printer.print(&report.findings, screen)?;
    printer.finish(nothing(), screen)?;
    if report.findings.is_empty() {
        writeln!(screen.out(), "nothing to look at")?;
    }
    Ok(())
}

/// The envelope of rows that have none.
fn nothing<T>() -> List<T> {
    List::from(Page { items: Vec::new(), unreadable: Vec::new(), next_cursor: None, prev_cursor: None, total: None })
}
