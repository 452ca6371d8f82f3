//! `account add`: what is known of an account is checked as far as it can be without asking the vendor, then kept.

use std::path::PathBuf;

use clap::Args;
use portcullis_directory::Directory;
use portcullis_runtime::{Account, Digest, StaticToken};
use portcullis_store::audit::Keeping;
use portcullis_store::{Credential, NewAccount};

use super::cloud::{self, Cloud};
use super::limit;
use super::source::SourceArguments;
use crate::account::{check_endpoint, is_loopback, read_settings};
use crate::auditing::AuditArguments;
use crate::connector::ConnectorArguments;
use crate::data::DataArguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen::Screen;

/// The arguments of `add`.
#[derive(Debug, Args)]
pub(super) struct AddArguments {
    /// What to call it
    name: String,
    /// The SCIM Service Provider Endpoint, as the vendor's page shows it
    #[arg(long, value_name = "URL", required_unless_present = "cloud", conflicts_with = "cloud")]
    endpoint: Option<String>,
    /// The cloud of ZPA that the tenant is in, in place of an endpoint
    #[arg(long, requires = "idp")]
    cloud: Option<Cloud>,
    /// The id of the identity provider configuration, as the vendor's page shows it
    #[arg(long, value_name = "ID", requires = "cloud", value_parser = cloud::idp)]
    idp: Option<String>,
    #[command(flatten)]
    source: SourceArguments,
    /// JSON file with settings of the account, such as quirks; `describe --output json` has their schema
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// A limit of its calls, such as `call-time=120`; can be repeated
    #[arg(long, value_name = "NAME=NUMBER", value_parser = limit::parse)]
    limit: Vec<(String, u64)>,
    /// Run the connector for it that is loaded now, and no other, until it is added again
    #[arg(long)]
    pin_component: bool,
}

/// Keeps it.
pub(super) async fn run(
    arguments: AddArguments,
    data: &DataArguments,
    connector: &ConnectorArguments,
    audit: &AuditArguments,
    screen: &mut Screen<'_>,
) -> anyhow::Result<Exit> {
    let name = super::name(&arguments.name)?;
    let endpoint = endpoint(&arguments, screen)?;
    let settings = arguments.settings.as_ref().map(read_settings).transpose()?;
    let limits = arguments.limit.iter().cloned().collect();
    let digest = check(&endpoint, settings.clone(), limit::limits(&limits)?, connector).await?;
    let component = arguments.pin_component.then(|| digest.to_string());

    let store = data.open().await?;
    if store.account(&name).await.is_ok() {
        let hint = format!("choose another name, or `portcullis account rotate {name}` to replace its token");
        return Err(Failure::new(Exit::Refused, format!("there is an account `{name}` already"), hint).into());
    }
    super::warn(screen)?;
    let credential = arguments.source.read(&endpoint, screen)?;
    let (kept, at) = (name.clone(), endpoint.clone());
    let keeping = Keeping::Add(credential.as_ref().map(Credential::kind));
    let account = NewAccount { name, endpoint, settings, limits, component, credential };
    let added = audit.keep(data, (&kept, &at), keeping, store.add(account, super::now())).await?;
    screen.say("note", format!("`{}` is kept, at {}", added.name, added.endpoint))?;
    screen.say("note", format!("`portcullis account check {}` tries it", added.name))?;
    Ok(Exit::Success)
}

/// The endpoint that was given or that the cloud has.
fn endpoint(arguments: &AddArguments, screen: &mut Screen<'_>) -> anyhow::Result<String> {
    if let (Some(cloud), Some(idp)) = (arguments.cloud, &arguments.idp) {
        return Ok(cloud.endpoint(idp));
    }
    let given = arguments.endpoint.as_deref().unwrap_or_default();
    let endpoint = cloud::completed(given);
    if endpoint != given {
        screen.say("note", "`/v2` is added to the endpoint, which ZPA's end with")?;
    }
    Ok(endpoint)
}

/// What the runtime and the connector can say of an account that was never used: whether the endpoint may be reached,
/// and whether the settings mean something. Nothing is sent. Tells which component said so.
async fn check(
    endpoint: &str,
    settings: Option<String>,
    limits: portcullis_runtime::Limits,
    connector: &ConnectorArguments,
) -> anyhow::Result<Digest> {
    check_endpoint(endpoint)?;
    let connector = connector.load_pinned(is_loopback(endpoint), limits, None, None, None).await?;
    let account = Account::new(endpoint)?;
    let account = match settings {
        Some(settings) => account.with_settings(settings),
        None => account,
    };
    connector.directory(account, StaticToken::new("never-sent")?)?.describe().await?;
    Ok(connector.digest())
}
