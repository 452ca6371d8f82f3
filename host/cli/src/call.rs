//! `call` and `worker`: the directory for programs in other languages, as JSON-RPC 2.0. Nobody is asked anything here,
//! and what is printed is the contract's own JSON.

mod worker;

use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use clap::{ArgAction, Args};
use portcullis_directory::rpc::{Request, Response, SCHEMA};

use crate::account::AccountArguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::screen::Screen;

pub(crate) use self::worker::{Arguments as WorkerArguments, run as run_worker};

/// Makes one call of the contract, with its params as JSON on standard input, and prints one JSON-RPC response. Nothing
/// is asked: a method that deletes deletes.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    account: AccountArguments,
    /// The function of the contract, such as list-users; `portcullis describe` lists them
    #[arg(required_unless_present = "schema")]
    method: Option<String>,
    /// The file with the params, a JSON object; without it standard input, or none on a terminal
    #[arg(long, short, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Print the JSON Schema of requests and responses
    #[arg(long, action = ArgAction::SetTrue)]
    schema: bool,
}

/// Makes the call.
pub(crate) async fn run(arguments: Arguments, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    if arguments.schema {
        screen.out().write_all(SCHEMA.as_bytes())?;
        return Ok(Exit::Success);
    }
    let Some(method) = arguments.method else { return Err(Failure::usage("there is no method", "name one").into()) };
    let params = match arguments.file {
        Some(file) => input::text(&file, "the params", "--file")?,
        None if std::io::stdin().is_terminal() => String::new(),
        None => input::text("-".as_ref(), "the params", "--file")?,
    };
    let params = if params.trim().is_empty() { "{}" } else { &params };
    let response = match Request::single(method, params) {
        Ok(request) => request.call(&arguments.account.connect().await?).await,
        Err(response) => response,
    };
    print(&response, screen)?;
    Ok(response.error_kind().map_or(Exit::Success, Exit::from))
}

fn print(response: &Response, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    writeln!(screen.out(), "{response}")?;
    screen.flush()
}
