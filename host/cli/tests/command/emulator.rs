//! `emulator`, and the commands that it says to run.

use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStdout, Stdio};

use expect_test::expect;

use crate::run::{bare, directory, output, tell};

/// A running emulator, stopped when it is dropped.
struct Running {
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Running {
    fn start(arguments: &[&str], token: Option<&str>) -> Running {
        let mut command = bare(&[&["emulator"], arguments].concat());
        command.envs(token.map(|token| ("MADE", token)));
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        Running { process, lines }
    }

    fn line(&mut self, name: &str) -> String {
        let line = self.lines.next().unwrap().unwrap();
        line.strip_prefix(name).and_then(|rest| rest.strip_prefix('=')).unwrap().to_owned()
    }
}

#[cfg(unix)]
impl Running {
    fn interrupt(&self) {
        let process = rustix::process::Pid::from_child(&self.process);
        rustix::process::kill_process(process, rustix::process::Signal::INT).unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn what_it_prints_is_all_that_a_reader_needs() {
    let mut running = Running::start(&["--users", "5", "--groups", "2"], None);
    let (endpoint, token) = (running.line("endpoint"), running.line("token"));
    assert_eq!(token.len(), 32);
    let mut list = bare(&["users", "list", "--output", "ndjson"]);
    let list = output(list.env("PORTCULLIS_ENDPOINT", endpoint).env("PORTCULLIS_TOKEN", token));
    assert_eq!(String::from_utf8(list.stdout).unwrap().lines().count(), 5);
}

#[test]
fn a_token_of_ones_own_is_not_printed() {
    let mut running = Running::start(&["--users", "1", "--token-env", "MADE"], Some("a-token-of-my-own"));
    let endpoint = running.line("endpoint");
    let list = ["users", "list", "--endpoint", &endpoint, "--token-env", "MADE"];
    assert!(output(bare(&list).env("MADE", "a-token-of-my-own")).status.success());
    assert_eq!(output(bare(&list).env("MADE", "another-token")).status.code(), Some(4));
}

#[test]
fn everybody_on_this_machine_is_let_in_on_request() {
    let mut running = Running::start(&["--users", "1", "--no-auth"], None);
    let endpoint = running.line("endpoint");
    assert!(output(&mut bare(&["users", "list", "--endpoint", &endpoint, "--no-auth"])).status.success());
}

#[test]
fn faults_are_scripted_on_the_command_line() {
    let mut running =
        Running::start(&["--no-auth", "--fault", "status=503 nth=2", "--fault", "status=404 nth=3"], None);
    let endpoint = running.line("endpoint");
    let list = ["users", "list", "--endpoint", &endpoint, "--no-auth", "--limit", "1"];
    let codes: Vec<_> = (0..4).map(|_| output(&mut bare(&list)).status.code()).collect();
    assert_eq!(codes, [Some(0), Some(5), Some(2), Some(0)]);
}

#[test]
fn its_manners_are_chosen_on_the_command_line() {
    let code = |arguments: &[&str]| {
        let mut running = Running::start(&[&["--no-auth"], arguments].concat(), None);
        let endpoint = running.line("endpoint");
        let ask = ["vendor", "GET", "ServiceProviderConfig", "--endpoint", &endpoint, "--no-auth"];
        output(&mut bare(&ask)).status.code()
    };
    assert_eq!(code(&[]), Some(3));
    assert_eq!(code(&["--mode", "strict"]), Some(0));
    assert_eq!(code(&["--switch", "discovery=on", "--switch", "etag=on"]), Some(0));
    assert_eq!(code(&["--mode", "strict", "--switch", "discovery=off"]), Some(3));
}

#[test]
fn switches_and_faults_are_listed() {
    let listed = output(&mut bare(&["emulator", "--list-switches"]));
    let listed = String::from_utf8(listed.stdout).unwrap();
    let names: Vec<&str> = listed.lines().map(|line| line.split('\t').next().unwrap()).collect();
    let known: Vec<String> = portcullis_emulator::Switches::list().into_iter().map(|listed| listed.name).collect();
    assert_eq!(names, known);
    let deactivation = listed.lines().find(|line| line.starts_with("deactivation\t"));
    let row = "deactivation\tkeeps, deletes\tzpa=keeps\tstrict=keeps\tWhat `active=false` in PUT or PATCH does. Section \
               10: sources disagree.";
    assert_eq!(deactivation, Some(row));

    let help = String::from_utf8(output(&mut bare(&["emulator", "--help"])).stdout).unwrap();
    let faults = help.split_once("Faults, ").unwrap().1;
    for (form, _) in portcullis_emulator::Fault::KINDS {
        assert!(faults.lines().any(|line| line.trim() == *form), "{form}");
    }
}

#[test]
fn the_same_seed_makes_the_same_company() {
    let list = |seed: &str| {
        let mut running = Running::start(&["--users", "3", "--no-auth", "--seed", seed], None);
        let endpoint = running.line("endpoint");
        output(&mut bare(&["users", "list", "--endpoint", &endpoint, "--no-auth", "-o", "csv"])).stdout
    };
    assert_eq!(list("8"), list("8"));
    assert_ne!(list("8"), list("9"));
}

#[test]
fn what_cannot_be_started_says_why() {
    expect![[r#"
        error: the variable that `--token-env` names is not set, or is not text
        hint: set and export it, or leave `--token-env` out to have a token made
        exit 2
    "#]]
    .assert_eq(&tell(&mut bare(&["emulator", "--token-env", "NONE"])));
    expect![[r#"
        error: invalid value 'status=9' for '--fault <RULE>...': status `9` is not a status from 200 to 599

        For more information, try '--help'.
        exit 2
    "#]]
    .assert_eq(&tell(&mut bare(&["emulator", "--fault", "status=9"])));
    expect![[r#"
        error: invalid value 'put-user=x' for '--switch <NAME=VALUE>': put-user `x` is not one of merges, replaces

        For more information, try '--help'.
        exit 2
    "#]]
    .assert_eq(&tell(&mut bare(&["emulator", "--switch", "put-user=x"])));
    let mut running = Running::start(&["--users", "1"], None);
    let endpoint = running.line("endpoint");
    let port = endpoint.split([':', '/']).nth(4).unwrap();
    let told = tell(&mut bare(&["emulator", "--port", port]));
    expect![[r#"
        error: port PORT of 127.0.0.1 cannot be listened at: Address already in use
        exit 1
    "#]]
    .assert_eq(&told.replace(port, "PORT"));
}

#[cfg(unix)]
#[test]
fn what_was_changed_is_there_in_the_next_run() {
    let folder = directory();
    let file = folder.join("state.ndjson");
    let state = file.to_str().unwrap();
    let users = |arguments: &[&str], change: &[&str]| {
        let mut running = Running::start(&[&["--no-auth", "--state", state], arguments].concat(), None);
        let endpoint = running.line("endpoint");
        let list = ["users", "list", "--endpoint", &endpoint, "--no-auth", "--output", "ndjson"];
        if !change.is_empty() {
            let change = [change, &["--endpoint", &endpoint, "--no-auth", "--yes"]].concat();
            assert!(output(bare(&change).env("XDG_DATA_HOME", directory())).status.success());
        }
        let listed = output(&mut bare(&list)).stdout;
        running.interrupt();
        assert_eq!(running.process.wait().unwrap().code(), Some(0));
        String::from_utf8(listed).unwrap()
    };
    let body = r#"{"userName":"ines@acme.example"}"#;
    let first = users(&["--users", "3"], &["vendor", "POST", "Users", "--data", body]);
    assert_eq!(first.lines().count(), 4);
    assert_eq!(users(&["--users", "9"], &[]), first);
    let names: Vec<_> = folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["state.ndjson"], "nothing is left beside it");

    std::fs::write(&file, "{}\n").unwrap();
    let told = tell(&mut bare(&["emulator", "--state", state]));
    expect![[r#"
        error: the state cannot be loaded from FILE: line 1 is no record of an emulator: expected value at line 1 column 2
        exit 1
    "#]]
    .assert_eq(&told.replace(state, "FILE"));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "{}\n", "it is left as it was");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it() {
    let mut running = Running::start(&["--users", "1", "--no-auth"], None);
    let endpoint = running.line("endpoint");
    assert!(output(&mut bare(&["users", "list", "--endpoint", &endpoint, "--no-auth"])).status.success());
    running.interrupt();
    assert_eq!(running.process.wait().unwrap().code(), Some(0));
}
