//! `apply`: a plan that somebody reviewed is made true, that plan and nothing else.

mod journal;
mod outcome;
mod progress;
mod quarantine;

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use portcullis_directory::Directory;
use portcullis_reconcile::{
    ApplyOptions, Choice, Digest, Journal as _, LastRun, NoJournal, Plan, Receipt, Refusal, Selector, Target, apply,
    check,
};
use serde::Deserialize;

use crate::account::AccountArguments;
use crate::accounts::{self, instant};
use crate::auditing::Recorded;
use crate::consent::{Consent, ConsentArguments};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::memory;
use crate::output::Format;
use crate::program;
use crate::rehearsal::Rehearsal;
use crate::screen::Screen;
use crate::snapshot;
use journal::Guarded;
use progress::Watch;

/// Applies a plan: that plan and nothing else. It is refused before the first write where it was changed, was made for
/// another directory or through another connector or mapping, goes beyond its limits, or is about an object that changed
/// since. Each action is written down before and after it is made, so that a run that broke off can go on.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    account: AccountArguments,
    /// The plan; `-` reads standard input
    plan: PathBuf,
    /// Make so many changes at most, the first of those that are left
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    max_changes: Option<u32>,
    /// Make only what this chooses: `operation:create-user`, `user:ID`, `group:ID`, `number:7-12` or `label:TEXT`; may be
    /// given several times
    #[arg(long, value_name = "SELECTOR")]
    only: Vec<Selector>,
    /// What an action that fails does to those behind it
    #[arg(long, value_name = "WHAT", value_enum, default_value_t = OnError::Stop)]
    on_error: OnError,
    /// Read each object back after its change and compare
    #[arg(long)]
    verify: bool,
    /// Apply the plan of this digest although it goes beyond its limits
    #[arg(long, value_name = "DIGEST", value_parser = digest)]
    override_guards: Option<Digest>,
    /// Write the receipt here as well, as HTML where the name ends with `.html` and otherwise as JSON
    #[arg(long, value_name = "FILE")]
    receipt: Option<PathBuf>,
    /// What the receipt looks like [default: table on a terminal, json elsewhere]
    #[arg(long, short, value_name = "FORMAT", value_enum)]
    output: Option<ReceiptFormat>,
    /// Show the requests that would be sent, and send none of them
    #[arg(long)]
    dry_run: bool,
    /// Go on with a run of this plan that ended before it came through
    #[arg(long)]
    resume: bool,
    /// Calls at the same time
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=32))]
    concurrency: u8,
    #[command(flatten)]
    consent: ConsentArguments,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum OnError {
    /// Nothing more is begun; what is under way is finished
    Stop,
    /// All that does not depend on it is made
    Continue,
}

/// What a receipt looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReceiptFormat {
    /// An action a row
    Table,
    /// The document
    Json,
    /// The document for people, one file
    Html,
}

/// Does it.
pub(crate) async fn run(arguments: Arguments, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let plan = read(&arguments.plan)?;
    let consent = arguments.consent.consent(arguments.dry_run, "applying a plan", screen)?;
    let link = arguments.account.link().await?;
    let directory = &link.directory;
    screen.pace = Some(directory.inner().pace());
    let target = snapshot::target(&link, &arguments.account, &directory.describe().await?)?;
    check(&plan, &target, arguments.override_guards.as_ref()).map_err(|refusal| refused(&refusal, &plan))?;
    let actions: Vec<_> = plan.actions.iter().collect();
    if let Some(store) = arguments.account.known_store().await?
        && let Some(what) = quarantine::conflict(&actions, &store, &link.endpoint).await?
    {
        let hint = "make the plan again, which leaves them alone, or release them; nothing was sent";
        return Err(Failure::new(Exit::Refused, what, hint).into());
    }
    if arguments.dry_run {
        let rehearsal = Rehearsal::new(directory, true);
        let (options, watch) = (arguments.options(), Watch::new(false));
        let applied = apply(&plan, &target, rehearsal.directory(), &NoJournal, &options, &watch).await;
        let applied = applied.map_err(|refusal| refused(&refusal, &plan));
        let format = match arguments.output {
            Some(ReceiptFormat::Json) => Some(Format::Json),
            _ => None,
        };
        return rehearsal.conclude_with(applied, format, screen, |_, _| Ok(Exit::Success));
    }
    arguments.apply(&plan, &target, directory, consent, screen).await
}

impl Arguments {
    async fn apply(
        &self,
        plan: &Plan,
        target: &Target,
        directory: &Recorded,
        consent: Consent,
        screen: &mut Screen<'_>,
    ) -> anyhow::Result<Exit> {
        let (store, _) = self.account.store().await?;
        let journal = store.journal(&target.endpoint, plan.digest.as_str(), accounts::now()).await?;
        let begun = journal.begun().await.map_err(|error| Failure::new(Exit::Other, error.to_string(), DAMAGED))?;
        if let Some(ended) = journal.ended() {
            let when = instant::shown(ended);
            screen.say("note", format!("the plan was applied already, and was done at {when}; nothing is sent"))?;
        } else if !begun.is_empty() && !self.resume {
            let (when, all) = (instant::shown(journal.started()), plan.actions.len());
            let message =
                format!("a run of this plan of {when} began {} of its {all} actions and did not end", begun.len());
            return Err(Failure::new(Exit::Refused, message, "`--resume` goes on with it; nothing was sent").into());
        } else {
            consent.obtain(&summary(plan), "Apply it?", screen)?;
        }

        let was_done = journal.ended().is_some();
        let started = instant::shown(accounts::now());
        let journal = Guarded::new(journal, &store, plan);
        let watch = Watch::new(screen.shows_progress);
        let receipt = {
            let _interrupt = watch.stop_on_interrupt();
            apply(plan, target, directory, &journal, &self.options(), &watch).await
        };
        watch.finish();
        let receipt = receipt.map_err(|refusal| refused(&refusal, plan))?;
        let receipt = receipt.between(started, instant::shown(accounts::now()));
        // A plan that was done before says nothing of what came after it.
        if !was_done {
            let links: Vec<_> = receipt.links.iter().map(|link| (link.key.clone(), link.user.clone())).collect();
            memory::keep(&store, plan, &links, LastRun::after(plan, &receipt.actions)).await?;
            if receipt.is_complete() {
                journal.end(accounts::now()).await?;
            }
        }
        if let Some(file) = &self.receipt {
            outcome::write(&receipt, file)?;
        }
        outcome::print(&receipt, self.output, screen)?;
        outcome::exit(&receipt, &self.resume_line(), screen)
    }

    fn options(&self) -> ApplyOptions {
        let max_changes = self.max_changes.map(|most| usize::try_from(most).unwrap_or(usize::MAX));
        let mut options = ApplyOptions {
            choice: Choice { only: self.only.clone(), max_changes },
            stops_on_error: self.on_error == OnError::Stop,
            verify: self.verify && !self.dry_run,
            override_guards: self.override_guards.clone(),
            ..ApplyOptions::default()
        };
        if let Ok(concurrency) = usize::from(self.concurrency).try_into() {
            options.concurrency = concurrency;
        }
        options
    }

    /// The command that goes on with the plan.
    fn resume_line(&self) -> String {
        let plan = self.plan.to_string_lossy();
        let mut line = vec!["apply", &plan, "--resume"];
        let named = self.override_guards.as_ref().map(Digest::as_str);
        line.extend(named.iter().flat_map(|digest| ["--override-guards", digest]));
        program::line(&line)
    }
}

/// The plan in a file.
fn read(file: &Path) -> anyhow::Result<Plan> {
    #[derive(Deserialize)]
    struct Version {
        plan: u32,
    }
    let bytes = input::bytes(file, "the plan", "PLAN")?;
    let no_plan = |error: serde_json::Error| {
        let message = format!("{} is no plan: {error}", input::name(file));
        Failure::usage(message, "`portcullis plan --out FILE` makes one; nothing was sent")
    };
    let Version { plan } = serde_json::from_slice(&bytes).map_err(no_plan)?;
    if plan != Plan::VERSION {
        let message = Refusal::Version(plan).to_string();
        return Err(Failure::usage(message, "make the plan again with this program; nothing was sent").into());
    }
    Ok(serde_json::from_slice(&bytes).map_err(no_plan)?)
}

/// What a plan does, for whoever is asked about it.
fn summary(plan: &Plan) -> Vec<String> {
    let counts: Vec<_> = plan.counts().iter().map(|(name, count)| format!("{name} {count}")).collect();
    let mut lines = vec![format!("this changes {}: {}", plan.target.endpoint, counts.join(", "))];
    lines.extend(plan.trips.iter().map(|trip| format!("a limit is overridden: {}", trip.message)));
    lines.extend(plan.warnings.iter().map(|warning| warning.message.clone()));
    lines
}

/// What is told of a plan that was refused.
fn refused(refusal: &Refusal, plan: &Plan) -> anyhow::Error {
    let (exit, hint) = match refusal {
        Refusal::Version(_) | Refusal::Digest { .. } | Refusal::Malformed(_) => {
            (Exit::Usage, "make the plan again; nothing was sent".to_owned())
        }
        Refusal::Guards(_) => {
            let hint = format!(
                "look at the plan; where it is meant, `--override-guards {}` applies it all the same; nothing was sent",
                plan.digest
            );
            (Exit::Refused, hint)
        }
        Refusal::OtherOverride { .. } => (Exit::Refused, "name the digest of the plan; nothing was sent".to_owned()),
        Refusal::NothingChosen => {
            (Exit::NotFound, "the plan has the number, the operation and the label of each action".to_owned())
        }
        Refusal::Unread { error, .. } => {
            (error.kind.into(), "repeat it; whether the plan is stale is not known, and nothing was sent".to_owned())
        }
        Refusal::Journal(_) => (Exit::Other, DAMAGED.to_owned()),
        _ => (Exit::Refused, "make the plan again and look at it; nothing was sent".to_owned()),
    };
    Failure::new(exit, refusal.to_string(), hint).into()
}

fn digest(text: &str) -> Result<Digest, String> {
    let digits = text.strip_prefix("sha256:").and_then(Digest::from_hex);
    digits.ok_or_else(|| "it is no digest, `sha256:` and 64 hexadecimal digits, as a plan has".to_owned())
}

/// A receipt as it is kept: HTML by the name of its file.
fn is_html(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("html"))
}

const DAMAGED: &str = "nothing was sent; look after the file `portcullis.db` in the data directory";

/// A receipt as text.
fn text(receipt: &Receipt, html: bool) -> anyhow::Result<String> {
    Ok(if html { receipt.to_html() } else { serde_json::to_string_pretty(receipt)? + "\n" })
}
