//! `account check`: one small read, and in plain words what it showed.

use std::io::Write;

use portcullis_directory::{Directory, Error, ErrorKind, PageQuery};
use portcullis_store::{Account, Check, Store};
use serde::Serialize;

use super::advice::{Advice, advice};
use crate::account::{Link, link_stored};
use crate::certificate::CertificateArguments;
use crate::connector::ConnectorArguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::listing::OutputArguments;
use crate::output::{self, Format};
use crate::pace::PaceArguments;
use crate::screen::Screen;

/// What was seen.
#[derive(Debug, Serialize)]
struct Seen<'a> {
    name: &'a str,
    endpoint: &'a str,
    outcome: &'static str,
    /// How many users there are, where the vendor counts them.
    #[serde(skip_serializing_if = "Option::is_none")]
    users: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    http_status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    likely: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

/// Asks, writes down how it went, and says it.
pub(super) async fn run(
    store: Store,
    account: Account,
    (connector, certificates): (&ConnectorArguments, &CertificateArguments),
    output: OutputArguments,
    screen: &mut Screen<'_>,
) -> anyhow::Result<Exit> {
    let Link { directory, endpoint } =
        link_stored(store.clone(), account.clone(), None, connector, certificates, PaceArguments::default()).await?;
    let answer = directory.list_users(PageQuery { size: Some(1), ..PageQuery::default() }).await;
    let outcome = answer.as_ref().map_or_else(outcome, |_| "ok");
    store.record_check(&account, &Check { at: super::now(), outcome: outcome.to_owned() }).await?;
    let name = account.name.as_str();
    let seen = Seen {
        name,
        endpoint: &endpoint,
        outcome,
        users: None,
        http_status: None,
        message: None,
        likely: Vec::new(),
        next: None,
    };
    match answer {
        Ok(page) => {
            let seen = Seen { users: page.total, ..seen };
            print(&seen, output, screen)?;
            Ok(Exit::Success)
        }
        Err(error) => {
            let Advice { likely, next } = advice(&endpoint, &error);
            let next = next.replace("NAME", name);
            let (message, http_status) = (Some(error.to_string()), error.http_status);
            let seen = Seen { message, http_status, likely, next: Some(next.clone()), ..seen };
            print(&seen, output, screen)?;
            Err(Failure::new(error.kind.into(), format!("`{name}` cannot be used: {error}"), next).into())
        }
    }
}

fn print(seen: &Seen<'_>, output: OutputArguments, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    match output.format(screen) {
        Format::Json => output::print_document(seen, screen)?,
        Format::Ndjson => output::print_line(seen, screen)?,
        Format::Table | Format::Csv if seen.outcome == "ok" => {
            let users = seen.users.map_or("some".to_owned(), |users| users.to_string());
            writeln!(screen.out(), "{} works: {} answers, and has {users} users", seen.name, seen.endpoint)?;
        }
        Format::Table | Format::Csv => {
            for likely in &seen.likely {
                screen.say("likely", likely)?;
            }
        }
    }
    screen.flush()
}

/// A word to remember it by.
fn outcome(error: &Error) -> &'static str {
    match error.kind {
        // The connector blames the endpoint, which is right; the status says more.
        _ if error.http_status == Some(404) => "not-found",
        ErrorKind::InvalidInput => "invalid-input",
        ErrorKind::Unauthorized => "unauthorized",
        ErrorKind::Forbidden => "forbidden",
        ErrorKind::NotFound => "not-found",
        ErrorKind::Conflict => "conflict",
        ErrorKind::RateLimited => "rate-limited",
        ErrorKind::Unsupported => "unsupported",
        ErrorKind::Unavailable => "unavailable",
        ErrorKind::Protocol => "protocol",
    }
}
