//! `account`: accounts that are kept under a name, their tokens sealed.

mod add;
mod advice;
mod check;
mod cloud;
pub(crate) mod limit;
mod row;
mod source;

use std::io::Write;
use std::time::SystemTime;

use clap::{Args, Subcommand};
use portcullis_store::audit::Keeping;
pub(crate) use portcullis_store::instant;
use portcullis_store::{AccountName, KeyPlace, Store};

use crate::auditing::AuditArguments;
use crate::certificate::CertificateArguments;
use crate::connector::ConnectorArguments;
use crate::consent::ConsentArguments;
use crate::data::DataArguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::keyring;
use crate::listing::OutputArguments;
use crate::output::{self, Format, Printer};
use crate::screen::Screen;
use row::Row;
use source::SourceArguments;

/// Keeps accounts, so that a command needs a name alone.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    data: DataArguments,
    #[command(flatten)]
    connector: ConnectorArguments,
    #[command(flatten)]
    certificates: CertificateArguments,
    #[command(flatten)]
    audit: AuditArguments,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Keep an account; its token is asked for, or comes from a file, standard input, a variable or a program
    Add(add::AddArguments),
    /// List the accounts
    List(ListArguments),
    /// Show all that is kept of an account, but for its token
    Show(ShowArguments),
    /// Ask the vendor for one user, and say what that shows and what to do next
    Check(ShowArguments),
    /// Replace the token of an account; whatever runs goes on with the new one
    Rotate(RotateArguments),
    /// Forget an account and its token; asks first
    Remove(RemoveArguments),
    /// Seal every token with a new key, and perhaps keep that in another place
    RotateKey(RotateKeyArguments),
}

#[derive(Debug, Args)]
struct ListArguments {
    #[command(flatten)]
    output: OutputArguments,
}

#[derive(Debug, Args)]
struct ShowArguments {
    /// The account
    name: String,
    #[command(flatten)]
    output: OutputArguments,
}

#[derive(Debug, Args)]
struct RotateArguments {
    /// The account
    name: String,
    #[command(flatten)]
    source: SourceArguments,
}

#[derive(Debug, Args)]
struct RotateKeyArguments {
    /// Where the new key is kept [default: where the old one is]
    #[arg(long, value_name = "PLACE", value_enum)]
    to: Option<keyring::Place>,
}

#[derive(Debug, Args)]
struct RemoveArguments {
    /// The account
    name: String,
    #[command(flatten)]
    consent: ConsentArguments,
}

/// Does it.
pub(crate) async fn run(arguments: Arguments, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let Arguments { data, connector, certificates, audit, command } = arguments;
    match command {
        Command::Add(add) => add::run(add, &data, &connector, &audit, screen).await,
        Command::List(list) => {
            let store = data.open().await?;
            let key = place(&store);
            let rows: Vec<_> = store.accounts().await?.iter().map(|account| Row::new(account, key)).collect();
            match list.output.format(screen) {
                Format::Json => output::print_document(&rows, screen)?,
                format => Printer::new(format, false).print(&rows, screen)?,
            }
            if rows.is_empty() {
                screen.say("note", "no account is kept; `portcullis account add` keeps one")?;
            }
            Ok(Exit::Success)
        }
        Command::Show(show) => {
            let store = data.open().await?;
            let account = store.account(&name(&show.name)?).await?;
            output::print_one(show.output.format(screen), &Row::new(&account, place(&store)), screen)?;
            Ok(Exit::Success)
        }
        Command::Check(check) => {
            let store = data.open().await?;
            let account = store.account(&name(&check.name)?).await?;
            check::run(store, account, (&connector, &certificates), check.output, screen).await
        }
        Command::Rotate(rotate) => {
            let store = data.open().await?;
            let account = store.account(&name(&rotate.name)?).await?;
            warn(screen)?;
            let credential = rotate.source.read(&account.endpoint, screen)?;
            let credential = credential.ok_or_else(|| {
                Failure::usage("an account cannot lose its token", "remove it, and add it again with `--no-token`")
            })?;
            let (named, keeping) = ((&account.name, account.endpoint.as_str()), Keeping::Rotate(credential.kind()));
            audit.keep(&data, named, keeping, store.replace_credential(&account, &credential, now())).await?;
            screen.say("note", format!("the {} of `{}` is replaced", credential.kind(), account.name))?;
            screen.say("note", format!("`portcullis account check {}` tries it", account.name))?;
            Ok(Exit::Success)
        }
        Command::Remove(remove) => {
            let store = data.open().await?;
            let account = store.account(&name(&remove.name)?).await?;
            let refusal = || {
                let message = "removing an account is asked about first, and there is no terminal to ask at";
                Failure::usage(message, "`--yes` does it")
            };
            let consent = remove.consent.consent_or(false, refusal, screen)?;
            let what = format!("this forgets `{}` at {} and its token, for good", account.name, account.endpoint);
            consent.obtain(&[what], "Remove this account?", screen)?;
            let named = (&account.name, account.endpoint.as_str());
            audit.keep(&data, named, Keeping::Remove, store.remove(&account)).await?;
            screen.say("note", format!("`{}` is removed; the token is still valid at the vendor", account.name))?;
            Ok(Exit::Success)
        }
        Command::RotateKey(rotate) => {
            let rotation = data.open().await?.rotate_key(rotate.to.map(KeyPlace::from)).await?;
            let at = match rotation.place {
                KeyPlace::File => ", in the file",
                KeyPlace::Keyring => ", in the keyring",
                KeyPlace::Operator => "",
            };
            screen.say("note", format!("sealed anew: {}; the key is {}{at}", rotation.resealed, rotation.key))?;
            for idle in rotation.idle {
                screen.say("note", format!("the key {idle} seals nothing any more and can be taken away"))?;
            }
            Ok(Exit::Success)
        }
    }
    .and_then(|exit| {
        screen.out().flush()?;
        Ok(exit)
    })
}

/// Where the key is, as far as it can be seen; whoever needs the key is told why not.
fn place(store: &Store) -> Option<KeyPlace> {
    store.key_place().ok().flatten()
}

/// The name, or why it is none.
fn name(text: &str) -> anyhow::Result<AccountName> {
    Ok(text.parse()?)
}

/// One token serves everybody who syncs with this identity provider (zpa-scim 1, inferred).
fn warn(screen: &mut Screen<'_>) -> anyhow::Result<()> {
    screen.say(
        "warning",
        "use the token that is there: generating a new one at Zscaler very likely ends the old one, and with it the \
         customer's own sync from Entra ID, Okta or another provider",
    )
}

/// Seconds after 1970.
pub(crate) fn now() -> i64 {
    let elapsed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX)
}
