//! `vendor probe`: finds out on the customer's own tenant what the vendor's pages leave open. It reads; with
//! `--with-writes` it also writes, to objects alone that it made itself, which it always removes again.

mod answer;
mod bench;
mod finding;
mod ledger;
mod profile;
mod read;
mod write;

use std::path::PathBuf;

use clap::Args;
use portcullis_directory::Directory;
use portcullis_runtime::AccountDirectory;

use crate::account::{AccountArguments, Link};
use crate::auditing::Recorded;
use crate::consent::ConsentArguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::listing::OutputArguments;
use crate::output::{self, Format, Printer};
use crate::screen::Screen;
use bench::Bench;
use finding::Findings;
use ledger::Ledger;

/// Finds out how this tenant behaves where the vendor's pages leave it open, and prints each finding beside what is
/// assumed. Reads alone, unless `--with-writes` is given.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Write as well: to users and groups that are made for it under a marked name, and removed at the end
    #[arg(long)]
    with_writes: bool,
    /// Remove what an earlier probe of this account left behind when it was cut off, and do nothing else
    #[arg(long, conflicts_with = "with_writes")]
    cleanup: bool,
    /// Requests a second at most, up to 50
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=50))]
    rate: u32,
    /// The part behind the `@` of the usernames that are made [default: that of a user who is there]
    #[arg(long, value_name = "DOMAIN", requires = "with_writes")]
    domain: Option<String>,
    /// Write settings with what was found to this file, those of `--settings` kept
    #[arg(long, value_name = "FILE", conflicts_with = "cleanup")]
    profile: Option<PathBuf>,
    /// The directory that remembers what was made until it is removed [default: where programs keep their state]
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    #[command(flatten)]
    consent: ConsentArguments,
    #[command(flatten)]
    output: OutputArguments,
}

/// Probes, prints, and leaves nothing behind.
pub(crate) async fn run(
    arguments: &Arguments,
    account: &AccountArguments,
    screen: &mut Screen<'_>,
) -> anyhow::Result<Exit> {
    if let Some(file) = &arguments.profile {
        profile::check(file, account.settings())?;
    }
    let writes = arguments.with_writes || arguments.cleanup;
    let consent = if arguments.with_writes {
        let refusal = || {
            let message =
                "making users and groups is asked about first, and there is no terminal to ask at; nothing was sent";
            Failure::usage(message, "`--yes` does it; without `--with-writes` a probe only reads")
        };
        Some(arguments.consent.consent_or(false, refusal, screen)?)
    } else {
        None
    };
    let Link { directory, endpoint } = account.link().await?;
    // A probe waits by itself, and an answer that was hidden from it would not be found out.
    let directory = directory.map(AccountDirectory::once);
    let endpoint = endpoint.as_str();
    let state = ledger::directory(arguments.state.as_deref());
    if let Some(consent) = consent {
        let what = format!(
            "this makes users and groups named `{}…` at {endpoint}, changes them and removes them, with at most {} \
             requests a second; the access of nobody else is touched",
            ledger::MARK,
            arguments.rate
        );
        consent.obtain(&[what], "Go on?", screen)?;
    }
    let left = ledger::left_behind(endpoint, state.as_deref());
    if writes {
        let mut cleaned = Ok(());
        for ledger in left {
            let mut earlier = Bench::new(&directory, arguments.rate, ledger, screen);
            cleaned = cleaned.and(earlier.clean(screen).await);
        }
        cleaned?;
    } else if !left.is_empty() {
        let hint = "`portcullis vendor probe --cleanup` removes it";
        screen.say("warning", format!("an earlier probe was cut off and left something behind; {hint}"))?;
    }
    if arguments.cleanup {
        screen.say("note", "nothing is left of a probe that was cut off")?;
        return Ok(Exit::Success);
    }
    let mut bench = Bench::new(&directory, arguments.rate, Ledger::new(endpoint, state.clone())?, screen);
    let mut findings = Findings::default();
    let probed = tokio::select! {
        probed = probe(arguments, &mut bench, &mut findings) => probed,
        interrupted = tokio::signal::ctrl_c() => interrupted.map_err(anyhow::Error::from).and_then(|()| {
            Err(Failure::new(Exit::Other, "the probe was interrupted", "what it made is removed; begin again").into())
        }),
    };
    // Whatever came of it, and before anything is said of it.
    let cleaned = bench.clean(screen).await;
    if let (Err(error), Err(_)) = (&probed, &cleaned) {
        // What is left at the vendor is what has to be done something about.
        screen.say("error", format!("{error:#}"))?;
        return cleaned.map(|()| Exit::Other);
    }
    probed?;
    print(&findings, arguments.output, screen)?;
    if let Some(file) = &arguments.profile {
        let description = directory.describe().await?;
        profile::write(file, account.settings(), &findings, &description)?;
        screen.say("note", format!("the settings are in `{}`; `--settings` uses them", file.display()))?;
    }
    cleaned.map(|()| Exit::Success)
}

async fn probe(arguments: &Arguments, bench: &mut Bench<'_, Recorded>, findings: &mut Findings) -> anyhow::Result<()> {
    let known = read::probe(bench, findings).await?;
    if arguments.with_writes {
        let domain = arguments.domain.clone().or(known.domain).unwrap_or_else(|| "probe.invalid".to_owned());
        write::probe(bench, findings, &domain).await?;
    }
    Ok(())
}

fn print(findings: &Findings, output: OutputArguments, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let rows = findings.rows();
    match output.format(screen) {
        Format::Json => output::print_document(&rows, screen),
        format => Printer::new(format, false).print(rows, screen),
    }
}
