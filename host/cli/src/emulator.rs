//! `emulator`: a ZPA server with a made-up company, on this machine alone.

use std::env;
use std::ffi::OsString;
use std::io::Write;

use anyhow::Context;
use clap::Args;
use portcullis_emulator::{Auth, Emulator, Fault, Options};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::program;
use crate::screen::Screen;

/// Runs a ZPA server with a made-up company on a port of 127.0.0.1, until Ctrl-C. Prints `endpoint=…`, and `token=…`
/// where it makes one, each on a line of its own. The same seed makes the same company.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Users of the company
    #[arg(long, value_name = "N", default_value_t = 1000)]
    users: u32,
    /// Groups of the company
    #[arg(long, value_name = "N", default_value_t = 40)]
    groups: u32,
    /// What the company is made from
    #[arg(long, value_name = "N", default_value_t = 7)]
    seed: u64,
    /// The port [default: one that is free]
    #[arg(long, value_name = "P", default_value_t = 0, hide_default_value = true)]
    port: u16,
    /// The environment variable that holds the token to ask for [default: a new token, which is printed]
    #[arg(long, value_name = "VAR")]
    token_env: Option<OsString>,
    /// Ask for no token
    #[arg(long, visible_alias = "no-token", conflicts_with = "token_env")]
    no_auth: bool,
    /// Something that goes wrong, such as 'status=429 retry-after=13s path=/Users nth=3'; can be repeated
    #[arg(long, value_name = "RULE", num_args = 1..)]
    fault: Vec<Fault>,
}

/// Runs it.
pub(crate) async fn run(arguments: Arguments, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let access = Access::new(&arguments)?;
    let auth = match &access {
        Access::New(token) | Access::Named(_, token) => Auth::Token(token.clone()),
        Access::Free => Auth::None,
    };
    let options = Options {
        users: arguments.users,
        groups: arguments.groups,
        seed: arguments.seed,
        port: arguments.port,
        faults: arguments.fault,
        auth,
        // Nobody asks for them here.
        record: 0,
        ..Options::default()
    };
    let port = options.port;
    let emulator = Emulator::start(options).await.with_context(|| match port {
        0 => "no port of 127.0.0.1 can be listened at".to_owned(),
        port => format!("port {port} of 127.0.0.1 cannot be listened at"),
    })?;
    print(&emulator.endpoint(), &access, screen)?;
    tokio::signal::ctrl_c().await.context("Ctrl-C cannot be waited for")?;
    // Dropping stops at once, whatever a fault makes somebody wait for.
    drop(emulator);
    Ok(Exit::Success)
}

/// Who is let in.
enum Access {
    /// Who has this token, which was made just now.
    New(String),
    /// Who has the token in this variable.
    Named(OsString, String),
    /// Everyone on this machine.
    Free,
}

impl Access {
    fn new(arguments: &Arguments) -> anyhow::Result<Access> {
        if arguments.no_auth {
            return Ok(Access::Free);
        }
        let Some(name) = &arguments.token_env else { return new_token().map(Access::New) };
        let token = env::var(name).map_err(|_| {
            // Its name is not repeated: it may be a token that somebody typed in its place.
            let message = "the variable that `--token-env` names is not set, or is not text";
            Failure::usage(message, "set and export it, or leave `--token-env` out to have a token made")
        })?;
        if token.is_empty() {
            let message = "the variable that `--token-env` names is empty";
            return Err(Failure::usage(message, "`--no-auth` asks for no token").into());
        }
        Ok(Access::Named(name.clone(), token))
    }
}

/// 32 characters that nobody can guess.
pub(crate) fn new_token() -> anyhow::Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).context("the system gives no random bytes")?;
    Ok(format!("{:032x}", u128::from_ne_bytes(bytes)))
}

/// For programs on standard output, for people beside it.
fn print(endpoint: &str, access: &Access, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    writeln!(screen.out(), "endpoint={endpoint}")?;
    if let Access::New(token) = access {
        writeln!(screen.out(), "token={token}")?;
    }
    screen.flush()?;
    let list = program::line(&["users", "list"]);
    screen.tell("")?;
    screen.tell("Try it from another terminal:")?;
    screen.tell(&format!("  export PORTCULLIS_ENDPOINT={endpoint}"))?;
    match access {
        Access::New(token) => {
            screen.tell(&format!("  export PORTCULLIS_TOKEN={token}"))?;
            screen.tell(&format!("  {list}"))?;
        }
        Access::Named(name, _) => screen.tell(&format!("  {list} --token-env {}", name.display()))?,
        Access::Free => screen.tell(&format!("  {list} --no-token"))?,
    }
    screen.tell("")?;
    screen.tell("Ctrl-C ends it.")
}
