//! The `portcullis` binary: it parses, calls and prints. What it calls is in the other crates; nothing here knows a
//! vendor but `accounts/cloud`, `accounts/advice` and `act/caveat`, and no other crate prints.
//!
//! A token is never an argument and never in anything that is printed, but for the one that `emulator` makes.

mod account;
mod accounts;
mod act;
mod apply;
mod audit;
mod auditing;
mod call;
mod certificate;
mod change;
mod code_key;
mod command;
mod completion;
mod component;
mod connector;
mod consent;
mod credential;
mod data;
mod demo;
mod description;
mod emulator;
mod exit;
mod failure;
mod finding;
mod group;
mod input;
mod keyring;
mod link;
mod listing;
mod mapping;
mod memory;
mod naming;
mod output;
mod pace;
mod plan;
mod private_file;
mod probe;
mod program;
mod progress;
mod proxy;
mod reading;
mod record;
mod rehearsal;
mod report;
mod screen;
mod snapshot;
mod telemetry;
mod token;
mod user;
mod vendor;
mod writing;

use std::process::ExitCode;

use clap::Parser;
use tokio::runtime::Runtime;

use crate::command::{Command, Portcullis};
use crate::exit::Exit;
use crate::screen::Screen;
use crate::telemetry::TelemetryArguments;

fn main() -> ExitCode {
    let Portcullis { command, telemetry } = Portcullis::parse();
    let mut screen = Screen::standard();
    let outcome = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => run(&runtime, command, &telemetry, &mut screen),
        Err(error) => Err(error.into()),
    };
    let unrecorded = auditing::unrecorded();
    if unrecorded > 0 {
        let what = "writes whose end could not be recorded, so that the audit log has them as unknown";
        let _ = screen.say("warning", format!("{what}: {unrecorded}"));
    }
    match outcome.and_then(|exit| screen.flush().map(|()| exit)) {
        Ok(exit) => exit.into(),
        // Whoever reads has had enough, as in `portcullis users list | head`.
        Err(error) if failure::is_broken_pipe(&error) => Exit::Success.into(),
        Err(error) => {
            // Where even this cannot be written, the exit code is all that is left.
            let _ = screen.flush();
            failure::report(&error).print(&mut screen)
        }
    }
}

fn run(
    runtime: &Runtime,
    command: Command,
    telemetry: &TelemetryArguments,
    screen: &mut Screen<'_>,
) -> anyhow::Result<Exit> {
    let telemetry = {
        let _within = runtime.enter();
        telemetry.start(screen)?
    };
    let outcome = runtime.block_on(command.run(screen));
    // Also where the command failed: that is what somebody will want to see.
    let finished = telemetry.finish(screen);
    outcome.and_then(|exit| finished.map(|()| exit))
}
