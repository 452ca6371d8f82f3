//! `groups`: list, get, find, and change, and the members of one.

mod key;
mod membership;
mod outcome;
mod write;

use clap::{Args, Subcommand};
use portcullis_directory::{Directory, Group, GroupKey, ReadOptions, Walk};

use crate::account::AccountArguments;
use crate::auditing::Recorded;
use crate::exit::Exit;
use crate::listing::ListArguments;
use crate::naming::{self, Way};
use crate::output;
use crate::reading::{GetArguments, KeyArguments, RowsArguments};
use crate::screen::Screen;
use write::GroupArgument;

/// Reads and changes groups.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) account: AccountArguments,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do with groups.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List groups, one page or all
    List(RowsArguments),
    /// Show one group
    Get(GetArguments<GroupArgument>),
    /// Find groups by a key
    Find(KeyArguments<key::Key>),
    /// List the members of a group, one page or all; a page may be the whole group
    Members {
        #[command(flatten)]
        group: GroupArgument,
        #[command(flatten)]
        list: ListArguments,
    },
    #[command(flatten)]
    Write(write::Command),
    #[command(flatten)]
    Membership(membership::Command),
}

/// Does it.
pub(crate) async fn run(command: Command, directory: &Recorded, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    match command {
        Command::List(rows) if rows.list.all => {
            rows.list.print_walk(Walk::groups(directory, rows.walk(screen.pace)), screen).await
        }
        Command::List(rows) => rows.list.print_page(directory.list_groups(rows.query()).await?, screen),
        Command::Get(get) => {
            let group: Group = naming::read(&get.named.group, get.options(), directory, screen).await?;
            output::print_one(get.output.format(screen), &group, screen)?;
            Ok(Exit::Success)
        }
        Command::Find(arguments) => {
            let key = GroupKey::from(&arguments.key);
            let found = directory.find_group(&key, arguments.options()).await;
            let walk = Walk::groups(directory, arguments.walk());
            arguments.find.print(key::sought(&key), found, walk, |group| key::has(group, &key), screen).await
        }
        Command::Members { group, list } => {
            let (argument, options) = (&group.group, ReadOptions::default());
            let id = if argument.way() == Some(Way::Id) {
                argument.value().to_owned()
            } else {
                naming::read::<_, Group>(argument, options, directory, screen).await?.id
            };
            if list.all {
                return list.print_walk(Walk::members(directory, id, list.walk(options, screen.pace)), screen).await;
            }
            list.print_page(directory.list_members(&id, list.query(options)).await?, screen)
        }
        Command::Write(command) => write::run(command, directory, screen).await,
        Command::Membership(command) => membership::run(command, directory, screen).await,
    }
}
