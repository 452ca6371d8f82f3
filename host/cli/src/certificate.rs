//! Certificates of the operator's own: whom to trust besides those whom the platform trusts, and who to be.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use portcullis_runtime::{Account, Authorities, ClientCertificate};
use zeroize::Zeroizing;

use crate::failure::Failure;

/// The flags that name them.
#[derive(Debug, Default, Args)]
pub(crate) struct CertificateArguments {
    /// Also trust servers that the authorities in this file vouch for, as PEM
    #[arg(
        long,
        value_name = "FILE",
        env = "PORTCULLIS_CA_FILE",
        hide_env_values = true,
        global = true,
        help_heading = "Account"
    )]
    ca_file: Option<PathBuf>,
    /// The certificate to show a server that asks for one (mutual TLS), as PEM, its chain behind it
    #[arg(
        long,
        value_name = "FILE",
        env = "PORTCULLIS_CLIENT_CERT",
        hide_env_values = true,
        global = true,
        help_heading = "Account"
    )]
    client_cert: Option<PathBuf>,
    /// The private key of that certificate, as PEM; others must not be able to read the file
    #[arg(
        long,
        value_name = "FILE",
        env = "PORTCULLIS_CLIENT_KEY",
        hide_env_values = true,
        global = true,
        help_heading = "Account"
    )]
    client_key: Option<PathBuf>,
}

impl CertificateArguments {
    /// Whom to trust besides the platform's.
    pub(crate) fn authorities(&self) -> anyhow::Result<Option<Authorities>> {
        let read = |file: &PathBuf| {
            let pem = read(file, "--ca-file")?;
            Authorities::from_pem(&pem).with_context(|| format!("`{}` cannot be used", file.display()))
        };
        self.ca_file.as_ref().map(read).transpose()
    }

    /// The account with the certificate, where there is one.
    pub(crate) fn given_to(&self, account: Account) -> anyhow::Result<Account> {
        let (certificate, key) = match (&self.client_cert, &self.client_key) {
            (Some(certificate), Some(key)) => (certificate, key),
            (None, None) => return Ok(account),
            (Some(_), None) => return Err(lonely("--client-cert", "--client-key", "PORTCULLIS_CLIENT_KEY")),
            (None, Some(_)) => return Err(lonely("--client-key", "--client-cert", "PORTCULLIS_CLIENT_CERT")),
        };
        let chain = read(certificate, "--client-cert")?;
        portcullis_store::check_private(key)?;
        let pem = read(key, "--client-key")?;
        let pair = ClientCertificate::from_pem(&chain, &pem)
            .with_context(|| format!("`{}` and `{}` cannot be used together", certificate.display(), key.display()))?;
        Ok(account.with_client_certificate(pair))
    }
}

fn read(file: &Path, flag: &str) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    fs::read(file).map(Zeroizing::new).map_err(|error| {
        let message = format!("`{}` cannot be read: {error}", file.display());
        Failure::usage(message, format!("`{flag}` takes a PEM file that you can read")).into()
    })
}

fn lonely(given: &str, missing: &str, variable: &str) -> anyhow::Error {
    let message = format!("`{given}` is given without `{missing}`");
    Failure::usage(message, format!("a certificate and its key belong together: give `{missing}` or {variable}")).into()
}
