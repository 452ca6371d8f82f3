//! Where the credential of an account that is kept comes from. A token is never an argument.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::Args;
use portcullis_store::{Credential, Token};

use crate::account;
use crate::failure::Failure;
use crate::screen::Screen;
use crate::token;

/// The flags that name the token. Without one it is asked for at the terminal.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub(super) struct SourceArguments {
    /// Read the token from standard input
    #[arg(long)]
    token_stdin: bool,
    /// The file that holds the token; `-` reads standard input. A line break at its end does not count
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// The environment variable that holds the token
    #[arg(long, value_name = "VAR")]
    token_env: Option<OsString>,
    /// A program that prints the token, by its whole path, and its arguments up to a `;`. It is run when the token is
    /// needed, without a shell, at most once a minute
    #[arg(long, value_name = "WORD", num_args = 1.., value_terminator = ";", allow_hyphen_values = true)]
    token_command: Vec<String>,
    /// Say that the server wants no token; for servers on this machine only
    #[arg(long, visible_alias = "no-auth")]
    no_token: bool,
}

impl SourceArguments {
    /// The credential; `None` where it was said that there is none.
    pub(super) fn read(&self, endpoint: &str, screen: &mut Screen<'_>) -> anyhow::Result<Option<Credential>> {
        if self.no_token {
            if account::is_loopback(endpoint) {
                return Ok(None);
            }
            let message = "`--no-token` is for servers on this machine";
            return Err(Failure::usage(message, "without it the token is asked for").into());
        }
        if let Some(program) = self.token_command.first() {
            if !Path::new(program).is_absolute() {
                // Not repeated: it may be a token that somebody typed in its place.
                let message = "`--token-command` names a program by less than its whole path";
                return Err(Failure::usage(message, "write it as `/usr/bin/…`, so that no other is run").into());
            }
            return Ok(Some(Credential::Command(self.token_command.clone())));
        }
        let token = if self.token_stdin {
            token::from_file(Path::new("-"))?
        } else if let Some(file) = &self.token_file {
            token::from_file(file)?
        } else if let Some(name) = &self.token_env {
            token::from_variable(name)?
        } else if screen.can_ask {
            let mut answer = screen.ask_secretly("Token (not shown)")?;
            token::checked(std::mem::take(&mut *answer), "the token that was typed")?
        } else {
            let message = "the token is asked for, and there is no terminal to ask at";
            let hint = "`--token-stdin`, `--token-file FILE`, `--token-env VAR` or `--token-command PROGRAM` gives it";
            return Err(Failure::usage(message, hint).into());
        };
        Ok(Some(Credential::Token(Token::new(token)?)))
    }
}
