//! Where the token comes from: a variable, a file or standard input. Never an argument, which every process of the
//! machine could read, and never printed.

use std::env::{self, VarError};
use std::ffi::OsString;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use portcullis_runtime::Secret;

use crate::failure::Failure;
use crate::input;

/// The flags that name the token.
#[derive(Debug, Default, Args)]
pub(crate) struct TokenArguments {
    /// The environment variable that holds the token [default: PORTCULLIS_TOKEN]
    #[arg(long, value_name = "VAR", global = true, help_heading = "Account")]
    token_env: Option<OsString>,
    /// The file that holds the token; `-` reads standard input. A line break at its end does not count
    #[arg(long, value_name = "FILE", global = true, help_heading = "Account", conflicts_with = "token_env")]
    token_file: Option<PathBuf>,
    /// Say that the server wants no token; for servers on this machine only
    #[arg(
        long,
        visible_alias = "no-auth",
        global = true,
        help_heading = "Account",
        conflicts_with_all = ["token_env", "token_file"]
    )]
    no_token: bool,
}

impl TokenArguments {
    /// The token; `None` where it was said that there is none.
    pub(crate) fn read(&self, is_on_this_machine: bool) -> anyhow::Result<Option<Secret>> {
        if self.no_token {
            if is_on_this_machine {
                return Ok(None);
            }
            let message = "`--no-token` is for servers on this machine";
            let hint = "name a variable with `--token-env` or a file with `--token-file`";
            return Err(Failure::usage(message, hint).into());
        }
        if let Some(file) = &self.token_file {
            return from_file(file).map(Some);
        }
        let name = self.token_env.clone().unwrap_or_else(|| DEFAULT.into());
        match env::var(&name) {
            Ok(token) => secret(token, "the token in the variable").map(Some),
            // The value is not repeated: it is a token, though not one that can be sent.
            Err(VarError::NotUnicode(_)) => {
                let hint = "a token is visible ASCII, at least 8 characters";
                Err(Failure::usage("the token in the variable is not text", hint).into())
            }
            Err(VarError::NotPresent) if self.token_env.is_some() => {
                // Nor is the name: it may be a token that somebody typed in its place.
                let message = "the variable that `--token-env` names is not set";
                Err(Failure::usage(message, "it takes the name of a variable that is exported, never a token").into())
            }
            Err(VarError::NotPresent) => {
                let hint = "export PORTCULLIS_TOKEN, or name a variable with `--token-env` or a file with \
                            `--token-file`; `--no-token` is for a server on this machine that wants none";
                Err(Failure::usage("no token is given", hint).into())
            }
        }
    }
}

fn from_file(file: &Path) -> anyhow::Result<Secret> {
    let mut token = String::new();
    let name = input::name(file);
    let read = if input::is_standard(file) {
        input::claim_standard()?;
        io::stdin().read_to_string(&mut token)
    } else {
        fs::read_to_string(file).map(|text| {
            token = text;
            token.len()
        })
    };
    if let Err(error) = read {
        let message = format!("the token cannot be read from {name}: {error}");
        return Err(Failure::usage(message, "`--token-file` takes a file that you can read, or `-`").into());
    }
    // Cut in place, so that no second copy is left behind.
    token.truncate(token.strip_suffix('\n').map_or(token.len(), str::len));
    token.truncate(token.strip_suffix('\r').map_or(token.len(), str::len));
    secret(token, &format!("the token from {name}"))
}

fn secret(token: String, what: &str) -> anyhow::Result<Secret> {
    Secret::new(token).map_err(|error| {
        let message = format!("{what} cannot be used: {error}");
        Failure::usage(message, "a token is visible ASCII, at least 8 characters").into()
    })
}

/// The variable that is asked where none is named.
pub(crate) const DEFAULT: &str = "PORTCULLIS_TOKEN";
