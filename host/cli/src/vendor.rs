//! `vendor`: one request to the vendor's own API, and its answer as it is.

mod query;

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use portcullis_directory::text::is_unprintable;
use portcullis_directory::{Directory, Reply, VendorRequest};

use crate::account::AccountArguments;
use crate::auditing::Recorded;
use crate::consent::{Consent, ConsentArguments};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::output::Format;
use crate::probe;
use crate::program;
use crate::rehearsal::Rehearsal;
use crate::screen::{Screen, plain};

/// Sends one request to the vendor's own API, through the sandbox and with the account's token, and prints the body of
/// the answer as it is. A status of 400 and above sets the exit code.
#[derive(Debug, Args)]
#[command(subcommand_negates_reqs = true, args_conflicts_with_subcommands = false)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) account: AccountArguments,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    request: RequestArguments,
}

/// What to do with the vendor's API but to send one request.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Find out how this tenant behaves where the vendor's pages leave it open
    Probe(probe::Arguments),
}

/// One request.
#[derive(Debug, Args)]
pub(crate) struct RequestArguments {
    /// GET, HEAD, POST, PUT, PATCH or DELETE
    // Both are there wherever no other command is.
    #[arg(required = true)]
    method: Option<String>,
    /// Path below the endpoint, and query, for example 'Users?count=1'. A `%` and two digits are one byte
    #[arg(value_name = "PATH[?QUERY]", required = true)]
    target: Option<String>,
    /// A header of the request, such as 'Prefer: return=minimal'; can be repeated. The sandbox lets everyday ones
    /// through
    #[arg(long, value_name = "NAME: VALUE", value_parser = header)]
    header: Vec<(String, String)>,
    /// The body of the request
    #[arg(long, value_name = "TEXT", conflicts_with = "file")]
    data: Option<String>,
    /// The file with the body of the request; `-` reads standard input
    #[arg(long, short, value_name = "FILE")]
    file: Option<PathBuf>,
    #[command(flatten)]
    consent: ConsentArguments,
    /// Show the request that would be sent, and do not send it
    #[arg(long)]
    dry_run: bool,
    /// What a dry run looks like: json, ndjson, or text where this is not said
    #[arg(long, short, value_name = "FORMAT", requires = "dry_run", hide_possible_values = true)]
    output: Option<Format>,
    /// Print status and headers of the answer, too
    #[arg(long, short)]
    include: bool,
}

/// A request that may be sent, once there is leave for it.
#[derive(Debug)]
struct Pending {
    request: VendorRequest,
    is_read: bool,
    consent: Consent,
    what: String,
}

impl RequestArguments {
    /// The request that is asked for, if it may be sent or asked about.
    fn pending(&self, screen: &Screen<'_>) -> anyhow::Result<Pending> {
        let method = self.method.as_deref().unwrap_or_default().to_uppercase();
        let typed = self.target.as_deref().unwrap_or_default();
        // Many write the path as the vendor's pages do; it is the account's all the same.
        let target = typed.strip_prefix('/').unwrap_or(typed);
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let body = self.body()?;
        let size = body.as_ref().map_or("no body".to_owned(), |body| format!("a body of {} bytes", body.len()));
        let what = format!("{method} {} with {size}", program::quoted(typed));
        let is_read = matches!(method.as_str(), "GET" | "HEAD");
        let consent = if is_read {
            Consent::Needless
        } else {
            let refusal = || {
                let message = format!("`{method}` may change something at the vendor, so nothing was sent");
                Failure::usage(message, format!("`--yes` sends it: {what}"))
            };
            self.consent.consent_or(self.dry_run, refusal, screen)?
        };
        let request = VendorRequest {
            method,
            path: path.to_owned(),
            query: query::parameters(query)?,
            headers: self.header.clone(),
            body,
        };
        Ok(Pending { request, is_read, consent, what })
    }

    fn body(&self) -> anyhow::Result<Option<Vec<u8>>> {
        match &self.file {
            Some(file) => input::bytes(file, "the body", "--file").map(Some),
            None => Ok(self.data.as_ref().map(|data| data.clone().into_bytes())),
        }
    }
}

/// Does it.
pub(crate) async fn run(arguments: &Arguments, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    if let Some(Command::Probe(probe)) = &arguments.command {
        return probe::run(probe, &arguments.account, screen).await;
    }
    let pending = arguments.request.pending(screen)?;
    send(&arguments.request, pending, &arguments.account.connect().await?, screen).await
}

/// Sends one request with an account that is connected already.
pub(crate) async fn run_with(
    arguments: &Arguments,
    directory: &Recorded,
    screen: &mut Screen<'_>,
) -> anyhow::Result<Exit> {
    send(&arguments.request, arguments.request.pending(screen)?, directory, screen).await
}

/// Sends it, and prints the answer, or in a dry run the request.
async fn send(
    arguments: &RequestArguments,
    pending: Pending,
    directory: &Recorded,
    screen: &mut Screen<'_>,
) -> anyhow::Result<Exit> {
    let shows_headers = arguments.include || pending.request.method == "HEAD";
    pending.consent.obtain(&[], &format!("Send {}?", pending.what), screen)?;
    let rehearsal = Rehearsal::new(directory, arguments.dry_run && !pending.is_read);
    let done = rehearsal.directory().request(pending.request).await.map_err(anyhow::Error::from);
    rehearsal.conclude_with(done, arguments.output, screen, |reply, screen| {
        print(&reply, shows_headers, screen)?;
        let exit = exit(reply.status);
        if exit != Exit::Success {
            screen.say("error", format!("the vendor answered with HTTP status {}", reply.status))?;
        }
        Ok(exit)
    })
}

fn print(reply: &Reply, shows_headers: bool, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    if shows_headers {
        writeln!(screen.out(), "HTTP {}", reply.status)?;
        for (name, value) in &reply.headers {
            writeln!(screen.out(), "{}: {}", plain(name), plain(value))?;
        }
        writeln!(screen.out())?;
    }
    if !screen.is_terminal {
        screen.out().write_all(&reply.body)?;
        return screen.flush();
    }
    // What a vendor sends must not move the cursor of whoever looks at it.
    let text = String::from_utf8_lossy(&reply.body);
    let is_shown = |c: char| c == '\n' || c == '\t' || !is_unprintable(c);
    let text: String = text.chars().map(|c| if is_shown(c) { c } else { ' ' }).collect();
    screen.out().write_all(text.as_bytes())?;
    if !text.is_empty() && !text.ends_with('\n') {
        writeln!(screen.out())?;
    }
    screen.flush()
}

/// What a status comes to, as for the same status behind any other command.
pub(crate) fn exit(status: u16) -> Exit {
    match status {
        200..=299 => Exit::Success,
        400 | 406 | 411 | 413..=417 | 422 | 431 => Exit::Usage,
        404 | 410 => Exit::NotFound,
        401 | 403 | 405 | 409 | 412 | 423 | 501 => Exit::Refused,
        408 | 425 | 429 | 500..=599 => Exit::Unavailable,
        _ => Exit::Incomplete,
    }
}

/// `NAME: VALUE`.
fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("expected `NAME: VALUE`")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}
