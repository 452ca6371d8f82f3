//! `proxy`: an account's way out as an HTTP server of this machine, for connectors that run in hosts which cannot put a
//! credential on the wire.
//!
//! What it lets through, and what comes back, is the runtime's to say; here is only who may ask at all.

mod answer;
mod gate;
mod server;

use std::io::Write;
use std::net::SocketAddr;

use anyhow::Context;
use clap::Args;
use tokio::net::TcpListener;

use crate::account::AccountArguments;
use crate::emulator::new_token;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::program;
use crate::screen::Screen;
use gate::Gate;

/// Lets a connector in another host use an account without its token: an HTTP server on this machine that takes what the
/// connector asks for through the sandbox's own checks, adds the token, and takes it out of what comes back. Prints
/// `endpoint=…`, which is the connector's endpoint and holds a secret of its own, until Ctrl-C.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    account: AccountArguments,
    /// The loopback address to listen at; port 0 is one that is free
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
}

/// Runs it.
pub(crate) async fn run(arguments: &Arguments, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let address = arguments.listen;
    if !address.ip().is_loopback() {
        let message = format!("`{address}` is no loopback address, and whoever reaches the proxy may use the account");
        return Err(Failure::usage(message, "listen at `127.0.0.1:0` or `[::1]:0`").into());
    }
    let directory = arguments.account.connect().await?;
    let listener = TcpListener::bind(address).await.with_context(|| format!("{address} cannot be listened at"))?;
    let address = listener.local_addr().context("the address is not known")?;
    let gate = Gate::new(address, new_token()?);
    let endpoint = gate.endpoint();
    writeln!(screen.out(), "endpoint={endpoint}")?;
    screen.flush()?;
    screen.tell("")?;
    screen.tell(&format!("The vendor is asked for {}.", directory.inner().pace()))?;
    screen.tell("The endpoint of a connector in another host, or of any program; it needs no token:")?;
    screen.tell(&format!("  export PORTCULLIS_ENDPOINT={endpoint}"))?;
    screen.tell(&format!("  {}", program::line(&["users", "list", "--no-token"])))?;
    screen.tell("")?;
    screen.tell("Whoever has it may use the account, until Ctrl-C.")?;
    server::serve(listener, gate, directory, interrupted).await?;
    Ok(Exit::Success)
}

async fn interrupted() -> anyhow::Result<()> {
    tokio::signal::ctrl_c().await.context("Ctrl-C cannot be waited for")
}
