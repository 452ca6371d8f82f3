//! `groups`: list, get and find, and the members of one.

use clap::{Args, Subcommand};
use portcullis_directory::{Directory, Group, GroupKey, ReadOptions, Walk, WalkOptions};

use crate::account::AccountArguments;
use crate::exit::Exit;
use crate::finding::{FindArguments, Sought, is_same};
use crate::listing::{ListArguments, OutputArguments, RemoteDataArguments};
use crate::output;
use crate::screen::Screen;

/// Reads groups.
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
    List {
        #[command(flatten)]
        list: ListArguments,
        #[command(flatten)]
        remote_data: RemoteDataArguments,
    },
    /// Show one group
    Get {
        /// The group's id
        id: String,
        #[command(flatten)]
        output: OutputArguments,
        #[command(flatten)]
        remote_data: RemoteDataArguments,
    },
    /// Find groups by a key
    Find {
        #[command(flatten)]
        key: Key,
        #[command(flatten)]
        find: FindArguments,
        #[command(flatten)]
        remote_data: RemoteDataArguments,
    },
    /// List the members of a group, one page or all; a page may be the whole group
    Members {
        /// The group's id
        id: String,
        #[command(flatten)]
        list: ListArguments,
    },
}

/// What to find groups by.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Key {
    /// The group's name, without regard to case
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The id that an identity provider gave the group, byte for byte
    #[arg(long, value_name = "X")]
    external_id: Option<String>,
}

/// Does it.
pub(crate) async fn run<D: Directory>(
    command: Command,
    directory: &D,
    screen: &mut Screen<'_>,
) -> anyhow::Result<Exit> {
    match command {
        Command::List { list, remote_data } if list.all => {
            let walk = Walk::groups(directory, list.walk((&remote_data).into()));
            list.print_walk(walk, screen).await
        }
        Command::List { list, remote_data } => {
            let page = directory.list_groups(list.query((&remote_data).into())).await?;
            list.print_page(page, screen)
        }
        Command::Get { id, output, remote_data } => {
            let group = directory.get_group(&id, (&remote_data).into()).await?;
            output::print_one(output.format(screen), &group, screen)?;
            Ok(Exit::Success)
        }
        Command::Find { key, find, remote_data } => {
            let (key, options) = (GroupKey::from(key), (&remote_data).into());
            let found = directory.find_group(&key, options).await;
            let walk = WalkOptions { remote_data: options.remote_data, ..WalkOptions::default() };
            let walk = Walk::groups(directory, walk);
            find.print(sought(&key), found, walk, |group| has(group, &key), screen).await
        }
        Command::Members { id, list } if list.all => {
            let walk = Walk::members(directory, id, list.walk(ReadOptions::default()));
            list.print_walk(walk, screen).await
        }
        Command::Members { id, list } => {
            let page = directory.list_members(&id, list.query(ReadOptions::default())).await?;
            list.print_page(page, screen)
        }
    }
}

impl From<Key> for GroupKey {
    fn from(key: Key) -> GroupKey {
        match (key.name, key.external_id) {
            (Some(name), _) => GroupKey::Name(name),
            (None, external_id) => GroupKey::ExternalId(external_id.unwrap_or_default()),
        }
    }
}

fn sought(key: &GroupKey) -> Sought<'_> {
    match key {
        GroupKey::Name(name) => Sought { field: "name", value: name },
        GroupKey::ExternalId(id) => Sought { field: "external id", value: id },
    }
}

fn has(group: &Group, key: &GroupKey) -> bool {
    match key {
        GroupKey::Name(name) => is_same(group.name.as_ref(), name),
        GroupKey::ExternalId(id) => group.external_id.as_ref() == Some(id),
    }
}
