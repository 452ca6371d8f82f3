//! `demo`: the product at work on this machine alone, in steps that the reader can repeat. Each command that it prints
//! is the one that it runs.

mod escape;
mod step;

use std::time::Instant;

use anyhow::Context;
use portcullis_emulator::{Auth, Emulator, Options};
use portcullis_runtime::{Account, Pace, StaticToken};
use portcullis_store::audit::Audited;

use crate::connector;
use crate::emulator::new_token;
use crate::exit::Exit;
use crate::program;
use crate::screen::Screen;
use step::Stage;

/// Starts a company, links it, and shows what can be done with it and what cannot.
pub(crate) async fn run(screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let token = new_token()?;
    let options =
        Options { users: USERS, groups: GROUPS, seed: SEED, auth: Auth::Token(token.clone()), ..Options::default() };
    let emulator = Emulator::start(options).await.context("the emulator cannot be started")?;

    let start = Instant::now();
    let connector = connector::runtime(true)?.load(portcullis_connectors::ZPA).await?;
    let elapsed = start.elapsed();
    let account = Account::new(emulator.endpoint())?.with_pace(Pace::unlimited());
    let directory = connector.directory(account, StaticToken::new(token.clone())?)?;

    // The company is gone when the demo ends, and the user's own log is no place for it.
    let directory = Audited::unrecorded(directory);
    let mut stage = Stage::new(screen, &directory);
    stage.tell(
        "A ZPA tenant, emulated on this machine, and a connector that reads and changes it from inside a sandbox.",
    )?;
    stage.tell("")?;
    stage.tell(&format!("vendor     {USERS} users and {GROUPS} groups at {}", emulator.endpoint()))?;
    stage.tell(&format!(
        "connector  {} {}, {} KB of WebAssembly, ready in {} ms",
        connector.description().name,
        connector.description().version,
        portcullis_connectors::ZPA.len() / 1000,
        elapsed.as_millis()
    ))?;
    stage.tell(&format!("pace       {}, as the vendor is on this machine", directory.inner().pace()))?;
    stage.tell("token      made for this run; the host puts it on each request, the connector never has it")?;

    stage.begin("Users, with their departments and groups")?;
    stage.run(&["users", "list", "--limit", "6"]).await?;

    stage.begin("One of them, found by the vendor's filter")?;
    let users = emulator.users();
    let user = users.iter().find(|user| user.department.is_some() && user.groups.len() > 1);
    let user = user.or(users.first()).context("the company has no users")?;
    stage.run(&["users", "find", "--username", &user.user_name]).await?;

    stage.begin("The members of a group")?;
    let groups: Vec<_> = emulator.directory().groups().collect();
    let group = groups.iter().filter(|group| group.members.len() > 2).min_by_key(|group| group.members.len());
    let group = group.or(groups.first()).context("the company has no groups")?;
    stage.run(&["groups", "find", "--name", &group.display_name]).await?;
    stage.run(&["groups", "members", &group.id]).await?;

    stage.begin("The vendor's own API, where the unified interface is not enough")?;
    stage.run(&["vendor", "GET", &format!("Groups/{}?excludedAttributes=members", group.id)]).await?;

    stage.begin("Somebody joins, gets access, and is cut off")?;
    stage.run(&["users", "create", "--username", JOINER, "--first-name", "Mara", "--department", "Legal"]).await?;
    stage.run(&["groups", "add-member", &group.display_name, JOINER, "--verify"]).await?;
    stage.run(&["users", "deactivate", JOINER, "--dry-run"]).await?;
    stage.run(&["users", "deactivate", JOINER, "--yes"]).await?;

    escape::show(&mut stage, &emulator, &token).await?;

    stage.heading("Go on by hand")?;
    stage.tell("The same company, and the two variables that link it, come from")?;
    let (users, groups, seed) = (USERS.to_string(), GROUPS.to_string(), SEED.to_string());
    stage.command(&["emulator", "--users", &users, "--groups", &groups, "--seed", &seed])?;
    stage.tell("With those set in another terminal, every command above works, and so do")?;
    stage.command(&["users", "list", "--all", "--output", "csv"])?;
    stage.command(&["users", "find", "--email", &user.user_name])?;
    stage.command(&["describe"])?;
    stage.tell(&format!("`{} --help` has the rest.", program::name()))?;
    Ok(Exit::Success)
}

const JOINER: &str = "mara.lind@acme.example";
const USERS: u32 = 120;
const GROUPS: u32 = 12;
const SEED: u64 = 7;
