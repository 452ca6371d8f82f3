//! The emulator before judges that nobody here wrote and that know nothing of ZPA: `scim2-tester` and `scim-sanity`.
//! With its strict mode neither finds fault; with what is less than that they do, which shows that they look.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "the helpers of tests end them in the same ways")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Output;

use portcullis_emulator::{Auth, Effect, Emulator, Options, Switches};
use portcullis_tests::TOKEN;
use serde_json::Value;
use tokio::process::Command;

/// What a judge said, by verdict.
type Verdicts = BTreeMap<String, Vec<String>>;

#[tokio::test]
async fn scim2_tester_finds_no_fault_with_the_strict_mode() {
    let mut verdicts = scim2_tester(Switches::strict()).await;
    let passed = verdicts.remove("SUCCESS").unwrap_or_default();
    assert!(passed.len() >= 88, "only {} checks passed", passed.len());
    // `POST /.search` is an option (RFC 7644 3.4.3) that is answered with 501: once for users, once for groups.
    let skipped = vec!["search_with_attributes".to_owned(); 2];
    assert_eq!(verdicts, BTreeMap::from([("SKIPPED".to_owned(), skipped)]));
}

#[tokio::test]
async fn scim2_tester_finds_out_a_patch_that_does_nothing() {
    let verdicts = scim2_tester(Switches { patch_effect: Effect::Ignored, ..Switches::strict() }).await;
    let faults = verdicts.get("ERROR").map(Vec::as_slice).unwrap_or_default();
    assert!(faults.contains(&"check_replace_attribute".to_owned()), "{verdicts:?}");
}

#[tokio::test]
async fn scim_sanity_finds_no_fault_with_the_strict_mode() {
    let mut verdicts = scim_sanity(Switches::strict()).await;
    let passed = verdicts.remove("pass").unwrap_or_default();
    assert!(passed.len() >= 28, "only {} checks passed", passed.len());
    // Resources that are no part of RFC 7643.
    let skipped = ["Agent CRUD Lifecycle", "AgenticApplication CRUD Lifecycle", "Agent Rapid Lifecycle"];
    assert_eq!(verdicts, BTreeMap::from([("skip".to_owned(), skipped.map(str::to_owned).to_vec())]));
}

#[tokio::test]
async fn scim_sanity_finds_fault_with_zpa() {
    let verdicts = scim_sanity(Switches::zpa()).await;
    assert!(verdicts.contains_key("fail"), "{verdicts:?}");
}

/// The lines of its command that begin with a verdict; the reasons below them are indented.
async fn scim2_tester(switches: Switches) -> Verdicts {
    let emulator = emulator(switches).await;
    let mut command = Command::new(program("scim2"));
    command.args(["--url", &emulator.endpoint(), "test"]);
    let output = run(command.env("SCIM_CLI_HEADERS", format!("Authorization: Bearer {TOKEN}"))).await;
    let text = String::from_utf8(output.stdout).unwrap();
    let mut verdicts = Verdicts::new();
    for line in text.lines().filter(|line| !line.starts_with([' ', '{'])).skip(1) {
        let (verdict, title) = line.split_once(' ').unwrap_or((line, ""));
        verdicts.entry(verdict.to_owned()).or_default().push(title.to_owned());
    }
    verdicts
}

/// The results of its command, which are JSON.
async fn scim_sanity(switches: Switches) -> Verdicts {
    let emulator = emulator(switches).await;
    let mut command = Command::new(program("scim-sanity"));
    command.args(["probe", &emulator.endpoint(), "--token", TOKEN, "--i-accept-side-effects", "--compat"]);
    let output = run(command.arg("--json-output")).await;
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut verdicts = Verdicts::new();
    for result in told["results"].as_array().unwrap() {
        let [status, name] = ["status", "name"].map(|key| result[key].as_str().unwrap().to_owned());
        verdicts.entry(status).or_default().push(name);
    }
    verdicts
}

async fn emulator(switches: Switches) -> Emulator {
    let options = Options { users: 20, groups: 3, auth: Auth::Token(TOKEN.to_owned()), switches, ..Options::default() };
    Emulator::start(options).await.unwrap()
}

async fn run(command: &mut Command) -> Output {
    command.kill_on_drop(true).output().await.unwrap()
}

fn program(name: &str) -> PathBuf {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join(".venv/bin").join(name);
    let make = "python3 -m venv tests/.venv && tests/.venv/bin/pip install -r tests/hosts/python/requirements.txt -r \
                tests/servers/requirements.txt";
    assert!(program.is_file(), "the virtual environment lacks `{name}`; run `{make}`");
    program
}
