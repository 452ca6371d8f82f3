//! The account that a command works on: endpoint, token and settings, from flags and the environment.

use std::fs;
use std::net::IpAddr;
use std::path::PathBuf;

use clap::Args;
use portcullis_runtime::{Account, AccountDirectory, Anonymous, Connector, StaticToken};

use crate::connector::ConnectorArguments;
use crate::failure::Failure;
use crate::pace::PaceArguments;
use crate::token::TokenArguments;

/// The flags that name an account.
#[derive(Debug, Default, Args)]
pub(crate) struct AccountArguments {
    /// Base URL of the vendor's SCIM API. `http` and this machine are for literal loopback addresses only
    #[arg(
        long,
        value_name = "URL",
        env = "PORTCULLIS_ENDPOINT",
        hide_env_values = true,
        global = true,
        help_heading = "Account"
    )]
    endpoint: Option<String>,
    #[command(flatten)]
    token: TokenArguments,
    /// JSON file with settings of the account, such as quirks; `describe --output json` has their schema
    #[arg(long, value_name = "FILE", global = true, help_heading = "Account")]
    settings: Option<PathBuf>,
    #[command(flatten)]
    pace: PaceArguments,
    #[command(flatten)]
    connector: ConnectorArguments,
}

impl AccountArguments {
    /// The endpoint that is given.
    pub(crate) fn endpoint(&self) -> anyhow::Result<&str> {
        self.endpoint.as_deref().ok_or_else(|| {
            let hint = "give `--endpoint URL` or export PORTCULLIS_ENDPOINT; `portcullis emulator` makes one to try";
            Failure::usage("no endpoint is given", hint).into()
        })
    }

    /// The file with the settings.
    pub(crate) fn settings(&self) -> Option<&PathBuf> {
        self.settings.as_ref()
    }

    /// Loads the connector and binds it to the account.
    pub(crate) async fn connect(&self) -> anyhow::Result<AccountDirectory> {
        let endpoint = self.endpoint()?;
        if names_this_machine(endpoint) {
            let message = "the endpoint names this machine, which is reached by its address only";
            return Err(Failure::usage(message, "write `127.0.0.1` or `[::1]` in place of the name").into());
        }
        let is_on_this_machine = is_loopback(endpoint);
        let mut account = Account::new(endpoint)?.with_pace(self.pace.pace(is_on_this_machine));
        if let Some(settings) = &self.settings {
            account = account.with_settings(read_settings(settings)?);
        }
        let token = self.token.read(is_on_this_machine)?;
        let connector = self.connector.load(is_on_this_machine).await?;
        Ok(match token {
            Some(token) => connector.directory(account, StaticToken::from(token))?,
            None => connector.directory(account, Anonymous)?,
        })
    }
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
fn is_loopback(endpoint: &str) -> bool {
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

fn host(endpoint: &str) -> String {
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
