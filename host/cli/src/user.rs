//! `users`: list, get and find.

use clap::{Args, Subcommand};
use portcullis_directory::{Directory, User, UserKey, Walk, WalkOptions};

use crate::account::AccountArguments;
use crate::exit::Exit;
use crate::finding::{FindArguments, Sought, is_same};
use crate::listing::{ListArguments, OutputArguments, RemoteDataArguments};
use crate::output;
use crate::screen::Screen;

/// Reads users.
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
    List {
        #[command(flatten)]
        list: ListArguments,
        #[command(flatten)]
        remote_data: RemoteDataArguments,
    },
    /// Show one user
    Get {
        /// The user's id
        id: String,
        #[command(flatten)]
        output: OutputArguments,
        #[command(flatten)]
        remote_data: RemoteDataArguments,
    },
    /// Find users by a key
    Find {
        #[command(flatten)]
        key: Key,
        #[command(flatten)]
        find: FindArguments,
        #[command(flatten)]
        remote_data: RemoteDataArguments,
    },
}

/// What to find users by.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Key {
    /// The name that the user signs in with, without regard to case
    #[arg(long, value_name = "U")]
    username: Option<String>,
    /// The id that an identity provider gave the user, byte for byte
    #[arg(long, value_name = "X")]
    external_id: Option<String>,
    /// An e-mail address, without regard to case
    #[arg(long, value_name = "E")]
    email: Option<String>,
}

/// Does it.
pub(crate) async fn run<D: Directory>(
    command: Command,
    directory: &D,
    screen: &mut Screen<'_>,
) -> anyhow::Result<Exit> {
    match command {
        Command::List { list, remote_data } if list.all => {
            let walk = Walk::users(directory, list.walk((&remote_data).into()));
            list.print_walk(walk, screen).await
        }
        Command::List { list, remote_data } => {
            let page = directory.list_users(list.query((&remote_data).into())).await?;
            list.print_page(page, screen)
        }
        Command::Get { id, output, remote_data } => {
            let user = directory.get_user(&id, (&remote_data).into()).await?;
            output::print_one(output.format(screen), &user, screen)?;
            Ok(Exit::Success)
        }
        Command::Find { key, find, remote_data } => {
            let (key, options) = (UserKey::from(key), (&remote_data).into());
            let found = directory.find_user(&key, options).await;
            let walk = WalkOptions { remote_data: options.remote_data, ..WalkOptions::default() };
            let walk = Walk::users(directory, walk);
            find.print(sought(&key), found, walk, |user| has(user, &key), screen).await
        }
    }
}

impl From<Key> for UserKey {
    fn from(key: Key) -> UserKey {
        match (key.username, key.external_id, key.email) {
            (Some(username), ..) => UserKey::Username(username),
            (_, Some(external_id), _) => UserKey::ExternalId(external_id),
            (.., email) => UserKey::Email(email.unwrap_or_default()),
        }
    }
}

fn sought(key: &UserKey) -> Sought<'_> {
    let (field, value) = match key {
        UserKey::Username(username) => ("username", username),
        UserKey::ExternalId(id) => ("external id", id),
        UserKey::Email(email) => ("e-mail address", email),
    };
    Sought { field, value }
}

fn has(user: &User, key: &UserKey) -> bool {
    match key {
        UserKey::Username(username) => is_same(user.username.as_ref(), username),
        UserKey::ExternalId(id) => user.external_id.as_ref() == Some(id),
        UserKey::Email(email) => user.emails.iter().any(|known| is_same(Some(&known.email), email)),
    }
}
