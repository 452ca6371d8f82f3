//! The command line as a whole: which commands there are, and where each goes.

use clap::{CommandFactory, Parser, Subcommand};

use crate::auditing::Recorded;
use crate::exit::{self, Exit};
use crate::screen::Screen;
use crate::telemetry::TelemetryArguments;
use crate::{
    accounts, act, apply, audit, call, completion, component, demo, description, emulator, group, link, mapping, plan,
    proxy, report, snapshot, user, vendor,
};

/// Reads and changes the user directory of Zscaler Private Access through a sandboxed connector.
#[derive(Debug, Parser)]
#[command(name = "portcullis", version, propagate_version = true, after_help = after_help(), arg_required_else_help = true)]
pub(crate) struct Portcullis {
    #[command(flatten)]
    pub(crate) telemetry: TelemetryArguments,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show the product at work in ten seconds, on this machine alone
    Demo,
    /// Run a ZPA server with a made-up company, until Ctrl-C
    Emulator(emulator::Arguments),
    /// Keep accounts: endpoint, settings and a sealed token under a name
    Account(accounts::Arguments),
    /// Show and check the record of every write
    Audit(audit::Arguments),
    /// List, get, find and change users
    Users(user::Arguments),
    /// List, get, find and change groups, and their members
    Groups(group::Arguments),
    /// Tell who is in which group, and what somebody should look at
    Report(report::Arguments),
    /// Keep a directory as it is now, and tell what changed since
    Snapshot(snapshot::Arguments),
    /// Tell what would make a directory what a file says, and write it down as a plan; changes nothing
    Plan(plan::Arguments),
    /// Show and mend who in a source is who in the directory
    Link(link::Arguments),
    /// Cut people off now, prove it, and take them out of their groups; asks first
    Offboard(act::OffboardArguments),
    /// Put back somebody who was cut off, from an undo file
    Restore(act::RestoreArguments),
    /// Confine somebody to one restricted group, prove it, and remember what was before; asks first
    Quarantine(act::QuarantineArguments),
    /// End a quarantine: give exactly the groups of before back
    Release(act::ReleaseArguments),
    /// Take somebody on: make or adopt the user, set fields, add groups, and prove each
    Onboard(act::OnboardArguments),
    /// Apply a plan: that plan and nothing else, with a journal and a receipt
    Apply(apply::Arguments),
    /// Send one request to the vendor's own API, or find out how it behaves
    Vendor(vendor::Arguments),
    /// Make one call with JSON in and out, for programs
    Call(call::Arguments),
    /// Answer JSON-RPC requests, a line each, for programs
    Worker(call::WorkerArguments),
    /// Let a connector in another host use an account without its token, until Ctrl-C
    Proxy(proxy::Arguments),
    /// Tell what the connector can do and how it maps fields
    Describe(description::Arguments),
    /// Check what settings of an account make of the fields
    Mapping(mapping::Arguments),
    /// Take the connector out of this program, or push and pull one at a registry
    Component(component::Arguments),
    /// Print a completion script for a shell
    Completions(completion::Arguments),
}

impl Command {
    /// Does it.
    pub(crate) async fn run(self, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
        match self {
            Command::Demo => demo::run(screen).await,
            Command::Account(arguments) => accounts::run(arguments, screen).await,
            Command::Audit(arguments) => audit::run(arguments, screen).await,
            Command::Emulator(arguments) => emulator::run(arguments, screen).await,
            Command::Describe(arguments) => description::run(arguments, screen).await,
            Command::Mapping(arguments) => mapping::run(&arguments, screen).await,
            Command::Component(arguments) => component::run(&arguments, screen).await,
            Command::Completions(arguments) => completion::run(&arguments, &mut Portcullis::command(), screen),
            Command::Users(arguments) => {
                let directory = arguments.account.connect().await?;
                screen.pace = Some(directory.inner().pace());
                user::run(arguments.command, &directory, screen).await
            }
            Command::Groups(arguments) => {
                let directory = arguments.account.connect().await?;
                screen.pace = Some(directory.inner().pace());
                group::run(arguments.command, &directory, screen).await
            }
            Command::Report(arguments) => report::run(arguments, screen).await,
            Command::Snapshot(arguments) => snapshot::run(arguments, screen).await,
            Command::Plan(arguments) => plan::run(arguments, screen).await,
            Command::Link(arguments) => link::run(arguments, screen).await,
            Command::Offboard(arguments) => act::offboard(arguments, screen).await,
            Command::Restore(arguments) => act::restore(arguments, screen).await,
            Command::Quarantine(arguments) => act::quarantine(arguments, screen).await,
            Command::Release(arguments) => act::release(arguments, screen).await,
            Command::Onboard(arguments) => act::onboard(arguments, screen).await,
            Command::Apply(arguments) => apply::run(arguments, screen).await,
            Command::Vendor(arguments) => vendor::run(&arguments, screen).await,
            Command::Call(arguments) => call::run(arguments, screen).await,
            Command::Worker(arguments) => call::run_worker(arguments, screen).await,
            Command::Proxy(arguments) => proxy::run(&arguments, screen).await,
        }
    }

    /// Does it with an account that is connected already. Commands that need no account are not for this.
    pub(crate) async fn run_with(self, directory: &Recorded, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
        match self {
            Command::Users(arguments) => user::run(arguments.command, directory, screen).await,
            Command::Groups(arguments) => group::run(arguments.command, directory, screen).await,
            Command::Vendor(arguments) => vendor::run_with(&arguments, directory, screen).await,
            Command::Demo
            | Command::Account(_)
            | Command::Audit(_)
            | Command::Emulator(_)
            | Command::Report(_)
            | Command::Plan(_)
            | Command::Link(_)
            | Command::Offboard(_)
            | Command::Restore(_)
            | Command::Quarantine(_)
            | Command::Release(_)
            | Command::Onboard(_)
            | Command::Snapshot(_)
            | Command::Apply(_)
            | Command::Call(_)
            | Command::Worker(_)
            | Command::Proxy(_)
            | Command::Describe(_)
            | Command::Mapping(_)
            | Command::Component(_)
            | Command::Completions(_) => anyhow::bail!("the command needs no account"),
        }
    }
}

fn after_help() -> String {
    format!("{ACCOUNT}\n\n{}", exit::HELP)
}

const ACCOUNT: &str = "\
The account:
  PORTCULLIS_ENDPOINT or --endpoint is the URL of the vendor's SCIM API.
  PORTCULLIS_TOKEN holds the token; --token-env names another variable and --token-file a file.
  PORTCULLIS_ACCOUNT or --account names an account that `portcullis account add` keeps, in place of both.
  A token is never an argument.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Portcullis::command().debug_assert();
    }
}
