//! `users`: list, get, find, and change.

mod fields;
mod key;
mod write;

use clap::{Args, Subcommand};
use portcullis_directory::{Directory, User, UserKey, Walk};

use crate::account::AccountArguments;
use crate::auditing::Recorded;
use crate::exit::Exit;
use crate::naming;
use crate::output;
use crate::reading::{GetArguments, KeyArguments, RowsArguments};
use crate::screen::Screen;
pub(crate) use fields::UserFields;
use write::UserArgument;

/// Reads and changes users.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) account: AccountArguments,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do with users.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List users, one page or all
    List(RowsArguments),
    /// Show one user
    Get(GetArguments<UserArgument>),
    /// Find users by a key
    Find(KeyArguments<key::Key>),
    #[command(flatten)]
    Write(write::Command),
}

/// Does it.
pub(crate) async fn run(command: Command, directory: &Recorded, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    match command {
        Command::List(rows) if rows.list.all => {
            rows.list.print_walk(Walk::users(directory, rows.walk(screen.pace)), screen).await
        }
        Command::List(rows) => rows.list.print_page(directory.list_users(rows.query()).await?, screen),
        Command::Get(get) => {
            let user: User = naming::read(&get.named.user, get.options(), directory, screen).await?;
            output::print_one(get.output.format(screen), &user, screen)?;
            Ok(Exit::Success)
        }
        Command::Find(arguments) => {
            let key = UserKey::from(&arguments.key);
            let found = directory.find_user(&key, arguments.options()).await;
            let walk = Walk::users(directory, arguments.walk());
            arguments.find.print(key::sought(&key), found, walk, |user| key::has(user, &key), screen).await
        }
        Command::Write(command) => write::run(command, directory, screen).await,
    }
}
