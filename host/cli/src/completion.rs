//! `completions`: scripts that complete this program's commands and flags in a shell.

use std::io::Write;

use clap::{Args, Command};
use clap_complete::Shell;

use crate::exit::Exit;
use crate::screen::Screen;

/// Prints a completion script, for example:
/// `portcullis completions bash > ~/.local/share/bash-completion/completions/portcullis`
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The shell
    shell: Shell,
}

/// Prints the script.
pub(crate) fn run(arguments: &Arguments, command: &mut Command, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    // Into memory first: the generator panics where a reader has gone.
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, command, "portcullis", &mut script);
    screen.out().write_all(&script)?;
    Ok(Exit::Success)
}
