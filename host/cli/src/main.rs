//! The `portcullis` binary: it parses, calls and prints. What it calls is in the other crates; nothing here knows a
//! vendor but `accounts/cloud`, `accounts/advice` and `act/caveat`, and no other crate prints.
//!
//! A token is never an argument and never in anything that is printed, but for the one that `emulator` makes.

mod account;
mod accounts;
mod act;
mod call;
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
mod listing;
mod mapping;
mod naming;
mod output;
mod pace;
mod probe;
mod program;
mod progress;
mod reading;
mod record;
mod rehearsal;
mod screen;
mod snapshot;
mod token;
mod user;
mod vendor;
mod writing;

use std::process::ExitCode;

use clap::Parser;

use crate::command::Portcullis;
use crate::exit::Exit;
use crate::screen::Screen;

fn main() -> ExitCode {
    let command = Portcullis::parse().command;
    let mut screen = Screen::standard();
    let outcome = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(command.run(&mut screen)),
        Err(error) => Err(error.into()),
    };
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
