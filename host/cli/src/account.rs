//! The account that a command works on: endpoint, token and settings, from flags and the environment.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::net::IpAddr;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use portcullis_runtime::{Account, AccountDirectory, Anonymous, Connector, Limits, StaticToken};
use portcullis_store::audit::AuditedAccount;
use portcullis_store::{AccountName, Store};

use crate::accounts;
use crate::auditing::{AuditArguments, Recorded};
use crate::certificate::CertificateArguments;
use crate::connector::ConnectorArguments;
use crate::credential::StoreCredential;
use crate::data::DataArguments;
use crate::failure::Failure;
use crate::pace::PaceArguments;
use crate::token::TokenArguments;

/// The flags that name an account.
#[derive(Debug, Default, Args)]
pub(crate) struct AccountArguments {
    /// Base URL of the vendor's SCIM API. `http` and this machine are for literal loopback addresses only
    /// [env: PORTCULLIS_ENDPOINT]
    #[arg(long, value_name = "URL", global = true, help_heading = "Account")]
    endpoint: Option<String>,
    /// An account that is kept, in place of endpoint, token and settings [env: PORTCULLIS_ACCOUNT]
    #[arg(
        long,
        value_name = "NAME",
        global = true,
        help_heading = "Account",
        conflicts_with_all = ["endpoint", "token_env", "token_file", "no_token"]
    )]
    account: Option<String>,
    #[command(flatten)]
    data: DataArguments,
    #[command(flatten)]
    token: TokenArguments,
    /// JSON file with settings of the account, such as quirks; `describe --output json` has their schema
    #[arg(long, value_name = "FILE", global = true, help_heading = "Account")]
    settings: Option<PathBuf>,
    #[command(flatten)]
    certificates: CertificateArguments,
    #[command(flatten)]
    audit: AuditArguments,
    #[command(flatten)]
    pace: PaceArguments,
    #[command(flatten)]
    connector: ConnectorArguments,
}

impl AccountArguments {
    /// The file with the settings.
    pub(crate) fn settings(&self) -> Option<&PathBuf> {
        self.settings.as_ref()
    }

    /// The name that the account is kept under; `None` where an endpoint is given.
    pub(crate) fn name(&self) -> Option<String> {
        match self.named() {
            Ok(Named::Stored(name)) => Some(name),
            Ok(Named::Endpoint(_)) | Err(_) => None,
        }
    }

    /// The directory that keeps what is kept.
    pub(crate) fn data_directory(&self) -> anyhow::Result<PathBuf> {
        self.data.required()
    }

    /// Loads the connector and binds it to the account. What is written is recorded.
    pub(crate) async fn connect(&self) -> anyhow::Result<Recorded> {
        Ok(self.link().await?.directory)
    }

    /// What is kept on this machine, and the endpoint that it is asked for, without a connector or a token.
    pub(crate) async fn store(&self) -> anyhow::Result<(Store, String)> {
        let named = self.named()?;
        let store = self.data.open().await?;
        let endpoint = match named {
            Named::Endpoint(endpoint) => endpoint,
            Named::Stored(name) => store.account(&name.parse()?).await?.endpoint,
        };
        Ok((store, endpoint))
    }

    /// Loads the connector and binds it, and tells the endpoint. What is written is recorded.
    pub(crate) async fn link(&self) -> anyhow::Result<Link<Recorded>> {
        let (Link { directory, endpoint }, name) = self.link_plain().await?;
        let account = AuditedAccount { name, endpoint: endpoint.clone() };
        Ok(Link { directory: self.audit.record(directory, &self.data, account)?, endpoint })
    }

    /// Without the record, and with the account's name where it is kept.
    async fn link_plain(&self) -> anyhow::Result<(Link, Option<String>)> {
        let settings = self.settings.as_ref().map(read_settings).transpose()?;
        match self.named()? {
            Named::Endpoint(endpoint) => Ok((self.link_endpoint(endpoint, settings).await?, None)),
            Named::Stored(name) => {
                if self.token.is_given() {
                    let hint = "`portcullis account rotate` replaces it";
                    return Err(Failure::usage("an account that is kept has a token of its own", hint).into());
                }
                let name: AccountName = name.parse()?;
                let store = self.data.open().await?;
                let account = store.account(&name).await?;
                let name = account.name.to_string();
                let (connector, certificates) = (&self.connector, &self.certificates);
                Ok((link_stored(store, account, settings, connector, certificates, self.pace).await?, Some(name)))
            }
        }
    }

    /// What names the account: a flag, or where there is none the environment.
    fn named(&self) -> anyhow::Result<Named> {
        if let Some(name) = &self.account {
            return Ok(Named::Stored(name.clone()));
        }
        if let Some(endpoint) = &self.endpoint {
            return Ok(Named::Endpoint(endpoint.clone()));
        }
        let variable = |name| env::var_os(name).filter(|value| !value.is_empty());
        let text = |value: OsString| value.to_string_lossy().into_owned();
        match (variable("PORTCULLIS_ENDPOINT"), variable("PORTCULLIS_ACCOUNT")) {
            (Some(endpoint), None) => Ok(Named::Endpoint(text(endpoint))),
            (None, Some(name)) => Ok(Named::Stored(text(name))),
            (Some(_), Some(_)) => {
                let message = "PORTCULLIS_ENDPOINT and PORTCULLIS_ACCOUNT are both set";
                Err(Failure::usage(message, "unset one of them, or give `--account` or `--endpoint`").into())
            }
            (None, None) => {
                let hint = "give `--endpoint URL` or export PORTCULLIS_ENDPOINT, or `--account NAME` of an account that \
                            is kept; `portcullis emulator` makes one to try";
                Err(Failure::usage("no endpoint is given", hint).into())
            }
        }
    }

    async fn link_endpoint(&self, endpoint: String, settings: Option<String>) -> anyhow::Result<Link> {
        check_endpoint(&endpoint)?;
        let is_on_this_machine = is_loopback(&endpoint);
        let account = with_settings(Account::new(&endpoint)?, settings).with_pace(self.pace.pace(is_on_this_machine));
        let (account, trusted) = (self.certificates.given_to(account)?, self.certificates.authorities()?);
        let token = self.token.read(is_on_this_machine)?;
        let (limits, paces) = (Limits::default(), self.data.directory());
        let connector = self.connector.load_pinned(is_on_this_machine, limits, None, paces, trusted).await?;
        let directory = match token {
            Some(token) => connector.directory(account, StaticToken::from(token))?,
            None => connector.directory(account, Anonymous)?,
        };
        Ok(Link { directory, endpoint })
    }
}

/// A directory, and where it is. Unless it says otherwise, its writes are not recorded.
pub(crate) struct Link<D = AccountDirectory> {
    pub(crate) directory: D,
    pub(crate) endpoint: String,
}

enum Named {
    Endpoint(String),
    Stored(String),
}

/// Binds a connector to an account that is kept. The token is read at each request, so that another one works at once;
/// it is read here as well, for then it can be said well what is wrong with it.
pub(crate) async fn link_stored(
    store: Store,
    stored: portcullis_store::Account,
    settings: Option<String>,
    connector: &ConnectorArguments,
    certificates: &CertificateArguments,
    pace: PaceArguments,
) -> anyhow::Result<Link> {
    let endpoint = stored.endpoint.clone();
    let is_on_this_machine = is_loopback(&endpoint);
    let limits = accounts::limit::limits(&stored.limits)?;
    let pinned =
        stored.component.as_deref().map(str::parse).transpose().context("the pin of the account is damaged")?;
    let (paces, trusted) = (Some(store.directory().to_owned()), certificates.authorities()?);
    let connector = connector.load_pinned(is_on_this_machine, limits, pinned, paces, trusted).await?;
    let settings = settings.or_else(|| stored.settings.clone());
    let account = with_settings(Account::new(&endpoint)?, settings).with_pace(pace.pace(is_on_this_machine));
    let account = certificates.given_to(account.called(stored.name.as_str()))?;
    let directory = if store.credential(&stored).await?.is_some() {
        connector.directory(account, StoreCredential::new(store, stored))?
    } else {
        connector.directory(account, Anonymous)?
    };
    Ok(Link { directory, endpoint })
}

fn with_settings(account: Account, settings: Option<String>) -> Account {
    match settings {
        Some(settings) => account.with_settings(settings),
        None => account,
    }
}

/// Refuses an endpoint that could never be reached, with the reason that a person understands.
pub(crate) fn check_endpoint(endpoint: &str) -> anyhow::Result<()> {
    if names_this_machine(endpoint) {
        let message = "the endpoint names this machine, which is reached by its address only";
        return Err(Failure::usage(message, "write `127.0.0.1` or `[::1]` in place of the name").into());
    }
    Ok(())
}

/// The text of a settings file. The connector checks what is in it.
pub(crate) fn read_settings(file: &PathBuf) -> anyhow::Result<String> {
    fs::read_to_string(file).map_err(|error| {
        let message = format!("the settings cannot be read from `{}`: {error}", file.display());
        Failure::usage(message, "`--settings` takes a JSON file that you can read").into()
    })
}

/// Binds a connector to settings alone, for what needs no vendor: to a place on this machine, without a token.
pub(crate) fn bind_settings(
    connector: &Connector,
    endpoint: &str,
    settings: String,
) -> anyhow::Result<AccountDirectory> {
    Ok(connector.directory(Account::new(endpoint)?.with_settings(settings), Anonymous)?)
}

/// An endpoint for what sends nothing.
pub(crate) const NOWHERE: &str = "http://127.0.0.1/";

/// Whether the endpoint is a literal loopback address, which the person at the terminal may allow by typing it. A name
/// is not, whatever it resolves to.
pub(crate) fn is_loopback(endpoint: &str) -> bool {
    let host = host(endpoint);
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    address.is_ok_and(|address| address.to_canonical().is_loopback())
}

/// Whether the endpoint has a name that is this machine's everywhere (RFC 6761 section 6.3). It cannot be reached by
/// that, for a name is whatever a resolver says.
fn names_this_machine(endpoint: &str) -> bool {
    let host = host(endpoint).to_ascii_lowercase();
    let name = host.strip_suffix('.').unwrap_or(&host);
    name == "localhost" || name.ends_with(".localhost")
}

pub(crate) fn host(endpoint: &str) -> String {
    let uri = endpoint.parse::<http::Uri>().ok().filter(|uri| uri.scheme().is_some());
    uri.as_ref().and_then(http::Uri::host).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_literal_loopback_address_counts_as_this_machine() {
        for endpoint in
            ["http://127.0.0.1:80/v2", "https://127.9.9.9", "http://[::1]:8080/", "http://[::ffff:127.0.0.1]/"]
        {
            assert!(is_loopback(endpoint), "{endpoint}");
        }
        for endpoint in [
            "http://localhost:80/",
            "https://localhost.",
            "https://10.0.0.1/",
            "https://a.example/127.0.0.1",
            "127.0.0.1",
            "http://127.1/",
            "http://127.0.0.1.example/",
            "http://127.0.0.1@a.example/",
            "",
        ] {
            assert!(!is_loopback(endpoint), "{endpoint}");
        }
    }

    #[test]
    fn the_name_of_this_machine_is_known_in_any_spelling() {
        for endpoint in ["https://localhost/v2", "http://LocalHost.:80/", "https://a.localhost"] {
            assert!(names_this_machine(endpoint), "{endpoint}");
        }
        for endpoint in ["https://localhost.example", "https://notlocalhost/", "localhost", "https://127.0.0.1/"] {
            assert!(!names_this_machine(endpoint), "{endpoint}");
        }
    }
}
