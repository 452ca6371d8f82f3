//! The half of the demo that must not work: reaching another server, and seeing the token.

use anyhow::{Context, ensure};
use portcullis_emulator::{Auth, Emulator, Options};

use super::step::Stage;

/// Tries to reach a second server and to see the token, and shows that neither happened.
pub(crate) async fn show(stage: &mut Stage<'_, '_>, emulator: &Emulator, token: &str) -> anyhow::Result<()> {
    // It lets everybody in and keeps a record of whoever comes.
    let options = Options { users: 1, groups: 1, auth: Auth::None, ..Options::default() };
    let elsewhere = Emulator::start(options).await.context("a second server cannot be started")?;
    let address = format!("http://{}/", elsewhere.address());

    stage.begin("No way to another server")?;
    stage.tell(&format!("A second server listens at {address} and counts whoever comes."))?;
    stage.tell("By its address, which the connector itself refuses:")?;
    stage.run_refused(&["vendor", "GET", &address]).await?;
    stage.tell("By a path that leaves the account's own:")?;
    stage.run_refused(&["vendor", "GET", "Users/../../../../elsewhere"]).await?;
    let redirect = format!("redirect={address} path=/Groups times=1");
    emulator.add_fault(redirect.parse()?);
    stage.tell(&format!("By a redirect of the vendor (emulator: --fault '{redirect}'):"))?;
    stage.run_refused(&["groups", "list"]).await?;
    let arrived = elsewhere.request_count();
    ensure!(arrived == 0, "{arrived} requests reached the second server");
    stage.tell("Requests that arrived there: 0.")?;

    stage.begin("The token is not there to be seen")?;
    emulator.add_fault("echo-token=500 path=/Users times=1".parse()?);
    stage.tell("A server that repeats the request's Authorization header in its answer")?;
    stage.tell("(emulator: --fault 'echo-token=500 path=/Users times=1'):")?;
    let arguments = ["vendor", "GET", "Users?count=1"];
    stage.command(&arguments)?;
    let (text, outcome) = stage.outcome(&arguments).await?;
    outcome?;
    ensure!(text.contains("[redacted]") && !text.contains(token), "the answer was not cleared of the token");
    stage.indented(&text)?;
    let exchanges = emulator.exchanges();
    let sent = exchanges.iter().filter_map(|exchange| exchange.request_header("authorization"));
    let with_token = sent.filter(|value| value.strip_prefix("Bearer ") == Some(token)).count();
    ensure!(with_token == exchanges.len(), "a request came without the token");
    stage.tell(&format!("Requests that the vendor saw: {with_token}, each with the token; the host had put it there."))
}
