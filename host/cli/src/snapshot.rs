//! `snapshot`: a directory as it was at one time, as a file: taken, shown, compared.

mod diff;
mod row;
mod show;
mod take;

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use clap::{Args, Subcommand};
use portcullis_reconcile::{ListEnding, Snapshot};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::screen::Screen;

pub(crate) use self::take::{RosterArguments, take};

/// Keeps a directory as it is now, and tells what changed since.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Read all users and groups, and write them down. Nothing is written unless every list was read to its end
    Take(Box<take::Arguments>),
    /// Tell what a snapshot is of, or list what is in it
    Show(show::Arguments),
    /// Tell what changed from one snapshot to another, field by field
    Diff(diff::Arguments),
}

/// Does it.
pub(crate) async fn run(arguments: Arguments, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    match arguments.command {
        Command::Take(arguments) => take::run(*arguments, screen).await,
        Command::Show(arguments) => show::run(&arguments, screen),
        Command::Diff(arguments) => diff::run(&arguments, screen),
    }
}

/// Reads a snapshot from a file, or from standard input for `-`.
pub(crate) fn read(file: &Path) -> anyhow::Result<Snapshot> {
    let read = if input::is_standard(file) {
        Snapshot::read(input::bytes(file, "the snapshot", "FILE")?.as_slice())
    } else {
        let opened = File::open(file).map_err(|error| {
            let message = format!("the snapshot cannot be read from {}: {error}", input::name(file));
            Failure::usage(message, "`portcullis snapshot take --out FILE` makes one")
        })?;
        Snapshot::read(BufReader::new(opened))
    };
    read.map_err(|error| {
        let message = format!("{} is no snapshot to rely on: {error}", input::name(file));
        Failure::usage(message, "nothing was concluded from it; `portcullis snapshot take` makes another").into()
    })
}

/// Refuses to compare snapshots of two directories.
pub(crate) fn check_same_directory(before: &Snapshot, after: &Snapshot, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let (one, other) = (&before.header.target, &after.header.target);
    match one.difference(other) {
        None => Ok(()),
        Some("endpoint") => {
            let message = format!("the snapshots are of two directories, `{}` and `{}`", one.endpoint, other.endpoint);
            Err(Failure::usage(message, "compare two snapshots of the same endpoint").into())
        }
        Some(what) => {
            screen.say("warning", format!("the {what} is another one; what it reads may differ for that alone"))
        }
    }
}

/// Says what a snapshot may be relied on for, and gives the code for it.
pub(crate) fn assess(snapshot: &Snapshot, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let header = &snapshot.header;
    let mut exit = assess_list("users", &header.users, screen)?;
    exit = worse(exit, assess_list("groups", &header.groups, screen)?);
    for roster in snapshot.rosters.iter().filter(|roster| !roster.ending.is_complete()) {
        let name = snapshot.group(&roster.group).and_then(|group| group.name.as_deref()).unwrap_or(&roster.group);
        exit = worse(exit, assess_list(&format!("members of the group `{name}`"), &roster.ending, screen)?);
    }
    Ok(exit)
}

fn assess_list(list: &str, ending: &ListEnding, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    if ending.moved {
        screen.say("warning", format!("the list of {list} changed while it was read; absence proves nothing"))?;
    }
    if ending.unreadable > 0 {
        screen.say("warning", format!("{} of the {list} could not be read", ending.unreadable))?;
        return Ok(Exit::Incomplete);
    }
    Ok(if ending.moved { Exit::Moved } else { Exit::Success })
}

/// Of two endings the one that says more against a snapshot.
pub(crate) fn worse(one: Exit, other: Exit) -> Exit {
    if one == Exit::Incomplete || other == Exit::Success { one } else { other }
}
