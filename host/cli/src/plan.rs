//! `plan`: what would make a directory what a source says. It reads and asks, and never writes to the vendor.

mod print;
mod source;

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use portcullis_directory::Directory;
use portcullis_reconcile::{
    ConfirmError, DriftCode, Fields, Inputs, LastRun, Leavers, Plan, Question, Rosters, Snapshot, Target, confirm,
    draft,
};

use crate::account::AccountArguments;
use crate::accounts::{self, instant};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::memory::{self, Memory};
use crate::private_file;
use crate::progress::Progress;
use crate::screen::Screen;
use crate::snapshot;

/// Compares a directory with what it should be, and says what to do. Nothing is changed; `apply` takes the plan.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Who should be there: CSV with a header, NDJSON with a user a line, or a snapshot of another account; `-` reads
    /// standard input. Columns are fields, and `groups` with names separated by `;`
    #[arg(long, value_name = "FILE")]
    desired: PathBuf,
    /// JSON file with the rules of the source: columns under other names, groups by attribute or role, what it owns, what
    /// is protected, and limits
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// Compare with this snapshot in place of reading the whole directory; what it does not show is asked for all the same
    #[arg(long, value_name = "FILE")]
    snapshot: Option<PathBuf>,
    /// Make and update, and take nothing away: an import
    #[arg(long)]
    only_add: bool,
    /// What happens to people whom the source owns and does not name any more
    #[arg(long, value_name = "POLICY", default_value = "deactivate", conflicts_with = "only_add")]
    leavers: Policy,
    /// The file to write the plan to, as JSON, readable by its owner alone; one that is there is replaced
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// What is printed [default: table on a terminal or with `--out`, json elsewhere]
    #[arg(long, short, value_name = "FORMAT")]
    output: Option<Form>,
    #[command(flatten)]
    account: AccountArguments,
}

/// What happens to leavers.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Policy {
    /// They are switched off. On ZPA that may delete them: the vendor's pages disagree, so it counts as a deletion
    Deactivate,
    /// They are deleted
    Delete,
    /// They lose the groups that the source owns
    RemoveGroups,
    /// They are listed, and nothing is done
    Ignore,
}

/// What a plan looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// A summary, counts and the actions
    Table,
    /// The plan itself, as `apply` takes it
    Json,
    /// One file for a browser or a printer, which loads nothing else
    Html,
}

impl From<Policy> for Leavers {
    fn from(policy: Policy) -> Leavers {
        match policy {
            Policy::Deactivate => Leavers::Deactivate,
            Policy::Delete => Leavers::Delete,
            Policy::RemoveGroups => Leavers::RemoveGroups,
            Policy::Ignore => Leavers::Ignore,
        }
    }
}

/// Makes the plan.
pub(crate) async fn run(arguments: Arguments, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let rules = source::rules(arguments.mapping.as_deref())?;
    let text = input::bytes(&arguments.desired, "the desired state", "--desired")?;
    let saved = arguments.snapshot.as_deref().map(snapshot::read).transpose()?;
    let (store, endpoint) = arguments.account.store().await?;
    let memory = Memory::recall(&store, &endpoint).await?;

    let link = arguments.account.link().await?;
    let directory = &link.directory;
    screen.pace = Some(directory.inner().pace());
    let description = directory.describe().await?;
    let desired = source::read(&arguments.desired, &text, &rules, &Fields::of(&description))?;
    let target = snapshot::target(&link, &arguments.account, &description)?;
    let mut snapshot = match saved {
        Some(saved) => {
            check_target(&saved.header.target, &target)?;
            saved
        }
        None => snapshot::read_directory(directory, target, Rosters::None, screen).await?,
    };

    let (walk, made_at) = (snapshot::walk(screen), instant::shown(accounts::now()));
    let progress = Progress::new(screen.shows_progress, screen.pace);
    let make = |snapshot: &Snapshot| {
        let inputs = Inputs {
            snapshot,
            desired: &desired,
            rules: &rules,
            links: &memory.links,
            last: memory.last.as_ref(),
            today: &memory.today,
            quarantined: &memory.quarantined,
            leavers: arguments.leavers.into(),
            only_add: arguments.only_add,
        };
        draft(inputs, &made_at)
    };
    let confirmed = confirm(directory, &mut snapshot, walk, make, |question| progress.say(asked(question))).await;
    drop(progress);
    let plan = match confirmed {
        Ok(draft) => draft.plan,
        Err(ConfirmError::Ask(error)) => return Err(error.into()),
        Err(ConfirmError::Take(error)) => return Err(snapshot::broken(error)),
    };

    hand_over(&plan, arguments.out.as_deref(), arguments.output, screen)?;
    let exit = snapshot::assess(&snapshot, screen)?;
    // Where nothing is left to be done or to be looked at, and the directory was read just now, this is a run that ended.
    let is_open = plan.drift.iter().any(|drift| drift.code == DriftCode::ChangedOutOfBand);
    let is_right = plan.actions.is_empty() && plan.trips.is_empty() && !is_open;
    if exit == Exit::Success && is_right && arguments.snapshot.is_none() {
        memory::keep(&store, &plan, &memory::links(&plan), LastRun::after(&plan, &[])).await?;
    }
    Ok(match exit {
        Exit::Success if plan.has_drift() => Exit::Different,
        exit => exit,
    })
}

/// Prints the plan, and writes it down where a file is named.
fn hand_over(plan: &Plan, file: Option<&Path>, form: Option<Form>, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    if let Some(file) = file {
        private_file::write(file, |out| {
            serde_json::to_writer_pretty(&mut *out, plan)?;
            out.write_all(b"\n")
        })?;
    }
    let is_for_a_person = screen.is_terminal || file.is_some();
    match form.unwrap_or(if is_for_a_person { Form::Table } else { Form::Json }) {
        Form::Table => print::print(plan, screen)?,
        Form::Json => crate::output::print_document(plan, screen)?,
        Form::Html => screen.out().write_all(plan.to_html().as_bytes())?,
    }
    screen.flush()?;
    print::print_notes(plan, screen)
}

/// A snapshot of another directory, or through another connector, says nothing of this one.
fn check_target(saved: &Target, target: &Target) -> anyhow::Result<()> {
    match saved.difference(target) {
        None => Ok(()),
        Some(what) => {
            let message = format!("the snapshot was taken with another {what} than the account has now");
            Err(Failure::usage(message, "take another snapshot, or leave `--snapshot` out").into())
        }
    }
}

fn asked(question: Question) -> String {
    match question {
        Question::Looked { done, of } => format!("{done} of {of} looked for that the lists do not show"),
        Question::Again(stage) => format!("once more: {}", snapshot::message(stage)),
        Question::Rosters { done, of } => format!("members of {done} of {of} groups read"),
    }
}
