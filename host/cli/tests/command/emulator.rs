//! `emulator`, and the commands that it says to run.

use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStdout, Stdio};

use expect_test::expect;

use crate::run::{bare, output, tell};

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
fn ctrl_c_ends_it() {
    let mut running = Running::start(&["--users", "1", "--no-auth"], None);
    let endpoint = running.line("endpoint");
    assert!(output(&mut bare(&["users", "list", "--endpoint", &endpoint, "--no-auth"])).status.success());
    let process = rustix::process::Pid::from_child(&running.process);
    rustix::process::kill_process(process, rustix::process::Signal::INT).unwrap();
    assert_eq!(running.process.wait().unwrap().code(), Some(0));
}
