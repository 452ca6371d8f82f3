//! `snapshot take`: a directory read whole. The file is there once everything was read, and not before.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, ValueEnum};
use portcullis_directory::{Description, Directory, Group, ReadOptions, WalkOptions};
use portcullis_reconcile::{Digest, Rosters, Snapshot, Stage, TakeError, TakeOptions, Target};

use super::{assess, show};
use crate::account::{AccountArguments, Link};
use crate::accounts::{self, instant};
use crate::auditing::Recorded;
use crate::exit::Exit;
use crate::failure;
use crate::listing::OutputArguments;
use crate::naming::{self, Argument};
use crate::pace;
use crate::private_file;
use crate::progress::Progress;
use crate::screen::Screen;

/// The arguments of `take`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The file to write, readable by its owner alone; one that is there is replaced [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    rosters: RosterArguments,
    #[command(flatten)]
    output: OutputArguments,
    #[command(flatten)]
    account: AccountArguments,
}

/// The flags that say of which groups the members are read from the group's own record.
#[derive(Debug, Default, Args)]
pub(crate) struct RosterArguments {
    /// Read the members of every group from the group's own record as well, where that tells them; a request or more
    /// each. Without it memberships are what users' records show
    #[arg(long, value_name = "WHICH", default_value = "none", conflicts_with = "roster")]
    rosters: Which,
    /// The same for one group, by id or name; may be repeated
    #[arg(long, value_name = "GROUP")]
    roster: Vec<Argument>,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Which {
    /// Of every group
    All,
    /// Of none
    #[default]
    None,
}

impl RosterArguments {
    async fn resolve<D: Directory>(&self, directory: &D, screen: &mut Screen<'_>) -> anyhow::Result<Rosters> {
        if matches!(self.rosters, Which::All) {
            return Ok(Rosters::All);
        }
        let mut groups = BTreeSet::new();
        for argument in &self.roster {
            let group: Group = naming::read(argument, ReadOptions::default(), directory, screen).await?;
            groups.insert(group.id);
        }
        Ok(if groups.is_empty() { Rosters::None } else { Rosters::Of(groups) })
    }
}

/// Reads the directory and writes it down.
pub(super) async fn run(arguments: Arguments, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let snapshot = take(&arguments.account, &arguments.rosters, screen).await?;
    if let Some(file) = &arguments.out {
        private_file::write(file, |out| snapshot.write(out))?;
        show::print(&snapshot, arguments.output.format(screen), screen)?;
    } else {
        snapshot.write(screen.out())?;
        screen.flush()?;
    }
    assess(&snapshot, screen)
}

/// Reads the directory of an account, and shows how far it has come.
pub(crate) async fn take(
    account: &AccountArguments,
    rosters: &RosterArguments,
    screen: &mut Screen<'_>,
) -> anyhow::Result<Snapshot> {
    let link = account.link().await?;
    screen.pace = Some(link.directory.inner().pace());
    let description = link.directory.describe().await?;
    let target = target(&link, account, &description)?;
    let rosters = rosters.resolve(&link.directory, screen).await?;
    read(&link.directory, target, rosters, screen).await
}

/// Which directory it is, and through what it is read.
pub(crate) fn target(
    link: &Link<Recorded>,
    account: &AccountArguments,
    description: &Description,
) -> anyhow::Result<Target> {
    let component = link.directory.inner().component().to_string();
    let component = Digest::from_hex(&component).context("the connector has no digest")?;
    Ok(Target::new(&link.endpoint, account.name().as_deref(), component, description))
}

/// Reads a directory, and shows how far it has come.
pub(crate) async fn read<D: Directory>(
    directory: &D,
    target: Target,
    rosters: Rosters,
    screen: &mut Screen<'_>,
) -> anyhow::Result<Snapshot> {
    let options = TakeOptions { walk: walk(screen), rosters };
    let progress = Progress::new(screen.shows_progress, screen.pace);
    let taken_at = instant::shown(accounts::now());
    let taken = Snapshot::take(directory, target, taken_at, &options, |stage| progress.say(message(stage))).await;
    drop(progress);
    let taken = taken.map_err(broken)?;
    let untold = taken.groups.len().saturating_sub(taken.rosters.len());
    if options.rosters == Rosters::All && untold > 0 {
        let where_from = "what users' records show has to do there";
        screen.say("note", format!("the own records of {untold} groups do not tell their members; {where_from}"))?;
    }
    Ok(taken)
}

/// How lists are read at the pace of the account.
pub(crate) fn walk(screen: &Screen<'_>) -> WalkOptions {
    WalkOptions { concurrency: pace::concurrency(screen.pace), ..WalkOptions::default() }
}

/// What is said of a reading that broke off.
pub(crate) fn broken(TakeError { list, error }: TakeError) -> anyhow::Error {
    failure::walk(error).context(list)
}

/// How far a reading has come, in words.
pub(crate) fn message(stage: Stage) -> String {
    let of = |rows: u64, total: Option<u32>, what: &str| {
        let total = total.map(|total| format!(" of {total}")).unwrap_or_default();
        format!("{rows}{total} {what} read")
    };
    match stage {
        Stage::Users { rows, total } => of(rows, total, "users"),
        Stage::Groups { rows, total } => of(rows, total, "groups"),
        Stage::Rosters { groups, total } => format!("members of {groups} of {total} groups read"),
    }
}
