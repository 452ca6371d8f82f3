//! `restore`: puts back who was cut off, from an undo file, as far as that can be.

use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;
use portcullis_directory::{Directory as _, Error, ErrorKind, ReadOptions};
use portcullis_reconcile::act::{Manner, MembershipChange, Outcome, State, Undo, restore};
use serde::Serialize;

use super::{pause, quarantine, undo_file};
use crate::account::AccountArguments;
use crate::accounts::{self, instant};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::listing::OutputArguments;
use crate::output::{self, Format};
use crate::rehearsal::Rehearsal;
use crate::screen::{Screen, plain};

/// Puts back the status and the groups of somebody who was cut off, from the undo file of `offboard`.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The undo file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Show the requests that would be sent, and send none of them. What has to be read for that is read
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    output: OutputArguments,
    #[command(flatten)]
    account: AccountArguments,
}

#[derive(Debug, Serialize)]
struct Report {
    action: &'static str,
    user_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    is_complete: bool,
    state: State,
    is_active_as_before: bool,
    memberships: Vec<MembershipChange>,
    not_done: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Error>,
}

/// Does it.
pub(crate) async fn run(arguments: Arguments, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let mut undo = undo_file::read(&arguments.file)?;
    let link = arguments.account.link().await?;
    screen.pace = Some(link.directory.inner().pace());
    if undo.endpoint != link.endpoint {
        let message = format!("the undo file is of {}, and this account is at {}", undo.endpoint, link.endpoint);
        return Err(Failure::usage(message, "name the account that the user was cut off in").into());
    }
    if let Some(store) = arguments.account.known_store().await?
        && let Some(known) = quarantine::all(&store, &link.endpoint).await?.get(&undo.user.id)
        && !known.to_leave(&undo.groups).is_empty()
    {
        let message = format!("the user is in quarantine {}, which this would undo", quarantine::shown(known));
        let hint = "`portcullis release` ends that first; nothing was written";
        return Err(Failure::new(Exit::Refused, message, hint).into());
    }
    let rehearsal = Rehearsal::new(&link.directory, arguments.dry_run);
    let manner = if arguments.dry_run { Manner::REHEARSED } else { Manner::PROVEN };
    let id = undo.user.id.clone();
    match rehearsal.directory().get_user(&id, ReadOptions::default()).await {
        Err(error) if error.kind == ErrorKind::NotFound => return Err(gone(&undo).into()),
        read => drop(read?),
    }
    let restoration = restore(rehearsal.directory(), &undo, &id, manner, &pause).await;
    let report = Report::new(&undo, restoration);
    if report.is_complete && !arguments.dry_run {
        undo.restored_at = Some(instant::shown(accounts::now()));
        undo_file::replace(&arguments.file, &undo)?;
    }
    rehearsal.conclude_with(Ok(report), arguments.output.output, screen, |report, screen| {
        match arguments.output.format(screen) {
            Format::Table => report.print(screen)?,
            Format::Json => output::print_document(&report, screen)?,
            Format::Ndjson | Format::Csv => output::print_line(&report, screen)?,
        }
        Ok(report.exit())
    })
}

/// A record that was deleted does not come back: who is made anew has another id.
fn gone(undo: &Undo) -> Failure {
    let name = undo.user.username.as_deref().unwrap_or(&undo.user.id);
    let groups: Vec<_> = undo.groups.iter().map(ToString::to_string).collect();
    let message = format!("the user `{name}` is gone, and what was deleted cannot be put back; nothing was written");
    let hint = format!(
        "let the identity provider make the user again, or `users create`; it gets a new id. The groups were: {}",
        if groups.is_empty() { "none".to_owned() } else { groups.join(", ") }
    );
    Failure::new(Exit::NotFound, message, hint)
}

impl Report {
    fn new(undo: &Undo, restoration: portcullis_reconcile::act::Restoration) -> Report {
        let is_complete = restoration.is_complete();
        let portcullis_reconcile::act::Restoration { state, is_active_as_before, memberships, error } = restoration;
        let mut not_done = Vec::new();
        if !is_active_as_before {
            not_done.push("the user is not switched on again, and no group was tried".to_owned());
        }
        for change in memberships.iter().filter(|change| !change.is_settled()) {
            not_done.push(match change.outcome {
                Outcome::GroupGone => format!("the group `{}` is gone and cannot be put back", change.group),
                _ => format!("the user is not known to be in the group `{}`", change.group),
            });
        }
        let error = error.or_else(|| memberships.iter().find_map(|change| change.error.clone()));
        Report {
            action: "restore",
            user_id: undo.user.id.clone(),
            username: undo.user.username.clone(),
            is_complete,
            state,
            is_active_as_before,
            memberships,
            not_done,
            error,
        }
    }

    fn exit(&self) -> Exit {
        match &self.error {
            _ if self.is_complete => Exit::Success,
            Some(error) if !self.is_active_as_before => error.kind.into(),
            _ => Exit::Other,
        }
    }

    fn print(&self, screen: &mut Screen<'_>) -> anyhow::Result<()> {
        let who = self.username.as_ref().unwrap_or(&self.user_id);
        let word = if self.is_complete { "RESTORED" } else { "NOT RESTORED" };
        output::print_heading(&format!("{word}: {} ({})", plain(who), self.user_id), screen)?;
        let back: Vec<_> = self
            .memberships
            .iter()
            .filter(|change| change.is_settled())
            .map(|change| change.group.to_string())
            .collect();
        let (count, names) = (back.len(), back.join(", "));
        writeln!(screen.out(), "  groups    {count} of {}: {}", self.memberships.len(), plain(&names))?;
        for what in &self.not_done {
            writeln!(screen.out(), "  NOT DONE  {}", plain(what))?;
        }
        if let Some(error) = &self.error {
            screen.say("error", error)?;
        }
        screen.flush()
    }
}
