//! `link`: who in a source is who in the directory, as earlier runs found it. Links are kept on this machine, for each
//! endpoint; nothing here changes the directory.

use std::borrow::Cow;

use clap::{Args, Subcommand};
use portcullis_directory::{ReadOptions, User};
use portcullis_reconcile::normal;
use serde::Serialize;

use crate::account::AccountArguments;
use crate::accounts;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::listing::OutputArguments;
use crate::naming::{self, Argument};
use crate::output::{self, Format, Printer};
use crate::record::{Column, Field, Record};
use crate::screen::Screen;

/// Shows and mends who in a source is who in the directory.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    account: AccountArguments,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the links
    List(ListArguments),
    /// Forget a link: the next plan looks for that person anew
    Break(BreakArguments),
    /// Say that a person in the source is this user, whatever external id, username and e-mail say
    Adopt(AdoptArguments),
}

#[derive(Debug, Args)]
struct ListArguments {
    #[command(flatten)]
    output: OutputArguments,
}

#[derive(Debug, Args)]
struct BreakArguments {
    /// What the source calls the person by: the external id, or else the username
    key: String,
}

#[derive(Debug, Args)]
struct AdoptArguments {
    /// What the source calls the person by: the external id, or else the username
    key: String,
    /// The user, by id, username or name
    user: Argument,
}

/// A link as a row.
#[derive(Clone, Debug, Serialize)]
struct Row {
    key: String,
    id: String,
}

impl Record for Row {
    const NOUN: &'static str = "link";
    const FIELDS: &'static [Field<Row>] = &[
        Field { name: "key", text: |row| Cow::Borrowed(&row.key) },
        Field { name: "id", text: |row| Cow::Borrowed(&row.id) },
    ];
    const COLUMNS: &'static [Column] =
        &[Column { field: "key", least: 20, rank: 2 }, Column { field: "id", least: 36, rank: 1 }];
}

/// Does it.
pub(crate) async fn run(arguments: Arguments, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let (store, endpoint) = arguments.account.store().await?;
    match arguments.command {
        Command::List(list) => {
            let links = store.links(&endpoint).await?;
            let rows: Vec<_> = links.into_iter().map(|(key, id)| Row { key, id }).collect();
            match list.output.format(screen) {
                Format::Json => output::print_document(&rows, screen)?,
                format => Printer::new(format, false).print(&rows, screen)?,
            }
            if rows.is_empty() {
                screen.say("note", "there are no links for this directory")?;
            }
            screen.flush()?;
        }
        Command::Break(broken) => {
            let key = normal(&broken.key);
            if !store.break_link(&endpoint, &key).await? {
                let message = format!("there is no link of `{key}`");
                return Err(
                    Failure::new(Exit::NotFound, message, "`portcullis link list` tells those that there are").into()
                );
            }
            screen.say("note", format!("the link of `{key}` is forgotten"))?;
        }
        Command::Adopt(adopt) => {
            let key = normal(&adopt.key);
            if key.is_empty() {
                return Err(Failure::usage("the key is empty", "it is an external id or a username").into());
            }
            let directory = arguments.account.connect().await?;
            screen.pace = Some(directory.inner().pace());
            let user: User = naming::read(&adopt.user, ReadOptions::default(), &directory, screen).await?;
            let links = store.links(&endpoint).await?;
            if let Some((other, _)) = links.iter().find(|(other, id)| **id == user.id && **other != key) {
                let message = format!("the user `{}` is linked to `{other}`", user.id);
                let hint = format!("`portcullis link break {other}` forgets that link first");
                return Err(Failure::new(Exit::Refused, message, hint).into());
            }
            store.put_links(&endpoint, &[(key.clone(), user.id.clone())], accounts::now()).await?;
            screen.say("note", format!("`{key}` is the user `{}`", user.id))?;
        }
    }
    Ok(Exit::Success)
}
