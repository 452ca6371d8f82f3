//! Where the token comes from: a variable, a file or standard input. Never an argument, which every process of the
//! machine could read, and never printed.

use std::env::{self, VarError};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use portcullis_runtime::Secret;
use zeroize::Zeroizing;

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
        let token = match (&self.token_file, &self.token_env) {
            (Some(file), _) => from_file(file)?,
            (None, Some(name)) => from_variable(name)?,
            (None, None) if env::var_os(DEFAULT).is_some() => from_variable(DEFAULT.as_ref())?,
            (None, None) => {
                let hint = "export PORTCULLIS_TOKEN, or name a variable with `--token-env` or a file with \
                            `--token-file`; `--no-token` is for a server on this machine that wants none";
                return Err(Failure::usage("no token is given", hint).into());
            }
        };
        Ok(Some(Secret::new(token.as_str())?))
    }

    /// Whether any of the flags is there.
    pub(crate) fn is_given(&self) -> bool {
        self.token_env.is_some() || self.token_file.is_some() || self.no_token
    }
}

/// The token in a variable, fit to be sent.
pub(crate) fn from_variable(name: &OsStr) -> anyhow::Result<Zeroizing<String>> {
    match env::var(name) {
        Ok(token) => checked(token, "the token in the variable"),
        // The value is not repeated: it is a token, though not one that can be sent.
        Err(VarError::NotUnicode(_)) => {
            let hint = "a token is visible ASCII, at least 8 characters";
            Err(Failure::usage("the token in the variable is not text", hint).into())
        }
        Err(VarError::NotPresent) => {
            // Nor is the name: it may be a token that somebody typed in its place.
            let message = "the variable that `--token-env` names is not set";
            Err(Failure::usage(message, "it takes the name of a variable that is exported, never a token").into())
        }
    }
}

/// The token in a file, or on standard input, fit to be sent. A line break at its end does not count.
pub(crate) fn from_file(file: &Path) -> anyhow::Result<Zeroizing<String>> {
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
    checked(token, &format!("the token from {name}"))
}

/// The token, if it can be sent. `what` is what it is called where it cannot.
pub(crate) fn checked(token: String, what: &str) -> anyhow::Result<Zeroizing<String>> {
    let token = Zeroizing::new(token);
    if let Err(error) = Secret::new(token.as_str()) {
        let message = format!("{what} cannot be used: {error}");
        return Err(Failure::usage(message, "a token is visible ASCII, at least 8 characters").into());
    }
    Ok(token)
}

/// The variable that is asked where none is named.
pub(crate) const DEFAULT: &str = "PORTCULLIS_TOKEN";
