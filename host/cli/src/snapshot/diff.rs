//! `snapshot diff`: what changed from one snapshot to another of the same directory.

use std::path::PathBuf;

use clap::Args;
use portcullis_directory::{Ending, List, Outcome};
use portcullis_reconcile::Difference;

use super::row::Change;
use super::{assess, check_same_directory, read, worse};
use crate::exit::Exit;
use crate::listing::OutputArguments;
use crate::output::Printer;
use crate::screen::Screen;

/// The arguments of `diff`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The older snapshot
    #[arg(value_name = "BEFORE")]
    before: PathBuf,
    /// The newer snapshot
    #[arg(value_name = "AFTER")]
    after: PathBuf,
    #[command(flatten)]
    output: OutputArguments,
}

/// Compares them, and prints a row for each change.
pub(super) fn run(arguments: &Arguments, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let (before, after) = (read(&arguments.before)?, read(&arguments.after)?);
    check_same_directory(&before, &after, screen)?;
    let rows = Change::all(Difference::between(&before, &after));
    let exit = worse(assess(&before, screen)?, assess(&after, screen)?);
    let format = arguments.output.format(screen);
    let mut printer = Printer::new(format, false);
    printer.print(&rows, screen)?;
    let total = u32::try_from(rows.len()).ok();
    let outcome = match total {
        Some(total) if exit != Exit::Success => {
            Outcome::Moved { first_total: total, last_total: total, settled: false }
        }
        total => Outcome::Complete { total },
    };
    let ending = Ending { outcome, rows: rows.len() as u64, unreadable: 0, pages: 0 };
    printer.finish(List::walked(Vec::<Change>::new(), Vec::new(), &ending), screen)?;
    if rows.is_empty() {
        screen.say("note", "nothing changed")?;
    }
    Ok(match exit {
        Exit::Success if !rows.is_empty() => Exit::Different,
        exit => exit,
    })
}
