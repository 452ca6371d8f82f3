//! The steps of the demo: a heading, a command as one would type it, and what it prints.

use std::io::Write;

use anyhow::Context;
use clap::Parser;

use crate::auditing::Recorded;
use crate::command::Portcullis;
use crate::exit::Exit;
use crate::failure;
use crate::output;
use crate::program;
use crate::screen::Screen;

/// Where the steps are shown, and the account that their commands work on.
pub(crate) struct Stage<'a, 's> {
    screen: &'a mut Screen<'s>,
    directory: &'a Recorded,
    steps: u32,
}

impl<'a, 's> Stage<'a, 's> {
    pub(crate) fn new(screen: &'a mut Screen<'s>, directory: &'a Recorded) -> Stage<'a, 's> {
        Stage { screen, directory, steps: 0 }
    }

    /// Begins the next step.
    pub(crate) fn begin(&mut self, title: &str) -> anyhow::Result<()> {
        self.steps += 1;
        self.heading(&format!("{}. {title}", self.steps))
    }

    /// A title with room above it.
    pub(crate) fn heading(&mut self, title: &str) -> anyhow::Result<()> {
        writeln!(self.screen.out())?;
        output::print_heading(title, self.screen)
    }

    /// A line for the reader.
    pub(crate) fn tell(&mut self, line: &str) -> anyhow::Result<()> {
        writeln!(self.screen.out(), "{line}")?;
        self.screen.flush()
    }

    /// A command for the reader, as it is typed.
    pub(crate) fn command(&mut self, arguments: &[&str]) -> anyhow::Result<()> {
        self.tell(&format!("  $ {}", program::line(arguments)))
    }

    /// Shows a command, runs it, and shows what it prints.
    pub(crate) async fn run(&mut self, arguments: &[&str]) -> anyhow::Result<()> {
        self.command(arguments)?;
        let (text, outcome) = self.outcome(arguments).await?;
        let exit = outcome?;
        anyhow::ensure!(exit == Exit::Success, "the command ended with {exit:?}");
        self.indented(&text)
    }

    /// Shows a command that must fail, runs it, and shows how it fails.
    pub(crate) async fn run_refused(&mut self, arguments: &[&str]) -> anyhow::Result<()> {
        self.command(arguments)?;
        let (_, outcome) = self.outcome(arguments).await?;
        let error = outcome.err().context("the command succeeded, which it must not")?;
        let message = failure::report(&error).message().to_owned();
        self.indented(&format!("error: {message}\n"))
    }

    /// Runs a command and gives what it prints.
    pub(crate) async fn outcome(&self, arguments: &[&str]) -> anyhow::Result<(String, anyhow::Result<Exit>)> {
        let command = Portcullis::try_parse_from(["portcullis"].iter().chain(arguments))?.command;
        let mut text = Vec::new();
        let width = self.screen.width.unwrap_or(WIDTH).saturating_sub(INDENT.len());
        let mut screen = Screen::buffer(&mut text, Some(width), self.screen.is_coloured);
        let outcome = command.run_with(self.directory, &mut screen).await;
        drop(screen);
        Ok((String::from_utf8_lossy(&text).into_owned(), outcome))
    }

    /// Shows what a command printed.
    pub(crate) fn indented(&mut self, text: &str) -> anyhow::Result<()> {
        for line in text.lines() {
            writeln!(self.screen.out(), "{INDENT}{line}")?;
        }
        self.screen.flush()
    }
}

/// Width where there is no terminal to ask.
const WIDTH: usize = 110;
const INDENT: &str = "  ";
