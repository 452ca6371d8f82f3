//! Reads every user of an account through the sandboxed connector.
#![expect(clippy::print_stdout, reason = "an example talks to its reader")]

use portcullis_directory::{Walk, WalkOptions};
use portcullis_emulator::{Auth, Emulator, Options};
use portcullis_runtime::{Account, Runtime, StaticToken};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // The vendor, on this machine. A real account needs neither this nor `allow_loopback`.
    let token = "open-sesame-open-sesame";
    let auth = Auth::Token(token.to_owned());
    let vendor = Emulator::start(Options { users: 250, auth, ..Options::default() }).await?;

    // Once in a process, and once for each connector.
    let runtime = Runtime::builder().allow_loopback(true).build()?;
    let connector = runtime.load(portcullis_connectors::ZPA).await?;
    println!("{} {}", connector.description().vendor, connector.description().version);

    // Once for each account. The token goes on the wire; the connector never has it.
    let account = Account::new(vendor.endpoint())?;
    let directory = connector.directory(account, StaticToken::new(token)?)?;

    let mut walk = Walk::users(&directory, WalkOptions::default());
    while let Some(page) = walk.next_page().await? {
        for user in page.items {
            println!("{}\t{}", user.id, user.username.unwrap_or_default());
        }
    }
    Ok(())
}
