//! Where accounts are kept on this machine, and where the key is that opens their credentials.

use std::env::{self, VarError};
use std::path::PathBuf;

use clap::Args;
use portcullis_store::audit::Auditor;
use portcullis_store::{KeySource, Keys, Store};
use zeroize::Zeroizing;

use crate::auditing;
use crate::failure::Failure;
use crate::keyring;

/// The flag that names the directory.
#[derive(Debug, Default, Args)]
pub(crate) struct DataArguments {
    /// The directory that keeps accounts and the audit log [default: where programs keep their data]
    #[arg(
        long,
        value_name = "DIR",
        env = "PORTCULLIS_DATA_DIR",
        hide_env_values = true,
        global = true,
        help_heading = "Account"
    )]
    data_dir: Option<PathBuf>,
}

impl DataArguments {
    /// Opens the store, and makes it where there is none.
    pub(crate) async fn open(&self) -> anyhow::Result<Store> {
        Ok(Store::open(self.required()?, key_source()?).await?)
    }

    /// The keeper of the audit log, which makes nothing before it is asked for something.
    pub(crate) fn auditor(&self) -> Auditor {
        match (self.directory(), key_source()) {
            (Some(directory), Ok(keys)) => Auditor::new(directory, keys, auditing::clock),
            (None, _) => Auditor::nowhere("there is no directory for the audit log", auditing::clock),
            (_, Err(error)) => Auditor::nowhere(format!("{error:#}"), auditing::clock),
        }
    }

    /// The directory, where there is one to name. It need not exist.
    pub(crate) fn directory(&self) -> Option<PathBuf> {
        self.data_dir.clone().or_else(default_directory)
    }

    /// The same, for what cannot do without.
    pub(crate) fn required(&self) -> anyhow::Result<PathBuf> {
        self.directory().ok_or_else(|| {
            let hint = "give `--data-dir DIR` or export PORTCULLIS_DATA_DIR";
            Failure::usage("there is no directory to keep accounts in", hint).into()
        })
    }
}

/// The operator's key where there is one, otherwise the store's own.
fn key_source() -> anyhow::Result<KeySource> {
    let own = keyring::own_key()?;
    let text = match env::var(KEY) {
        Ok(text) => Some(Zeroizing::new(text)),
        Err(VarError::NotPresent) => None,
        Err(VarError::NotUnicode(_)) => Some(Zeroizing::new("?".to_owned())),
    };
    match (text, env::var_os(KEY_FILE)) {
        (None, None) => Ok(own),
        (None, Some(file)) => Ok(KeySource::File(file.into())),
        (Some(text), None) => Ok(KeySource::Given(Keys::parse(&text, KEY)?)),
        (Some(_), Some(_)) => {
            let message = format!("{KEY} and {KEY_FILE} are both set");
            Err(Failure::usage(message, "unset the one that is not meant").into())
        }
    }
}

/// `$XDG_DATA_HOME/portcullis` (XDG Base Directory Specification), or where data is on this system.
fn default_directory() -> Option<PathBuf> {
    let path = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let data = path("XDG_DATA_HOME").or_else(|| {
        if cfg!(windows) { path("LOCALAPPDATA") } else { path("HOME").map(|home| home.join(".local/share")) }
    });
    data.map(|data| data.join("portcullis"))
}

/// Holds keys; the first seals.
pub(crate) const KEY: &str = "PORTCULLIS_KEY";
/// Names a file with keys, which is never written.
const KEY_FILE: &str = "PORTCULLIS_KEY_FILE";
