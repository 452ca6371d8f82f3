//! `report`: what a directory looks like, for people who have to answer for it.

mod access;
mod row;

use clap::{Args, Subcommand};

use crate::exit::Exit;
use crate::screen::Screen;

/// Makes a report of a directory.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Tell who is in which group, and what somebody should look at
    Access(Box<access::Arguments>),
}

/// Makes it.
pub(crate) async fn run(arguments: Arguments, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let Command::Access(arguments) = arguments.command;
    access::run(*arguments, screen).await
}
