//! `snapshot show`: what a snapshot is of, and what is in it.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use portcullis_directory::{Ending, List, Outcome};
use portcullis_reconcile::{Census, ListEnding, Snapshot};

use super::row::Membership;
use super::{assess, read};
use crate::exit::Exit;
use crate::listing::OutputArguments;
use crate::output::{self, Format, Printer};
use crate::record::Record;
use crate::screen::{Screen, plain};

/// The arguments of `show`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The snapshot; `-` reads standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// List what is in it
    #[arg(long, value_name = "WHAT")]
    list: Option<What>,
    #[command(flatten)]
    output: OutputArguments,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum What {
    /// Its users
    Users,
    /// Its groups
    Groups,
    /// Who is in which group
    Memberships,
}

/// Reads the file and prints it.
pub(super) fn run(arguments: &Arguments, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let snapshot = read(&arguments.file)?;
    let (format, header) = (arguments.output.format(screen), &snapshot.header);
    match arguments.list {
        None => print(&snapshot, format, screen)?,
        Some(What::Users) => print_rows(&snapshot.users, &header.users, format, screen)?,
        Some(What::Groups) => print_rows(&snapshot.groups, &header.groups, format, screen)?,
        Some(What::Memberships) => {
            let census = Census::of(&snapshot);
            let rows: Vec<_> = census.seats().iter().map(|seat| Membership::new(seat, &snapshot)).collect();
            let moved = !snapshot.is_complete();
            let ending = ListEnding { rows: rows.len() as u64, unreadable: 0, moved };
            print_rows(&rows, &ending, format, screen)?;
        }
    }
    assess(&snapshot, screen)
}

/// Prints what it is of.
pub(super) fn print(snapshot: &Snapshot, format: Format, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let header = &snapshot.header;
    match format {
        Format::Json => return output::print_document(header, screen),
        Format::Ndjson | Format::Csv => return output::print_line(header, screen),
        Format::Table => {}
    }
    let rosters = match snapshot.rosters.len() {
        0 => "from users' records".to_owned(),
        rosters => format!("from users' records and the rosters of {rosters} groups"),
    };
    let target = &header.target;
    let lines = [
        ("taken", header.taken_at.clone()),
        ("endpoint", target.endpoint.clone()),
        ("account", target.account.clone().unwrap_or_default()),
        ("connector", target.connector.clone()),
        ("users", count(&header.users)),
        ("groups", count(&header.groups)),
        ("memberships", format!("{}, {rosters}", header.memberships)),
        ("content", header.content.to_string()),
    ];
    for (name, text) in lines.iter().filter(|(_, text)| !text.is_empty()) {
        writeln!(screen.out(), "{name:11}  {}", plain(text))?;
    }
    screen.flush()
}

fn count(ending: &ListEnding) -> String {
    let how = if ending.is_complete() { "all" } else { "not certainly all" };
    format!("{}, {how}", ending.rows)
}

fn print_rows<T: Record + Clone>(
    rows: &[T],
    ending: &ListEnding,
    format: Format,
    screen: &mut Screen<'_>,
) -> anyhow::Result<()> {
    let mut printer = Printer::new(format, false);
    printer.print(rows, screen)?;
    let total = u32::try_from(ending.rows).ok();
    let outcome = match total {
        Some(total) if ending.moved => Outcome::Moved { first_total: total, last_total: total, settled: false },
        total => Outcome::Complete { total },
    };
    let ending = Ending { outcome, rows: ending.rows, unreadable: ending.unreadable, pages: 0 };
    printer.finish(List::walked(Vec::<T>::new(), Vec::new(), &ending), screen)
}
