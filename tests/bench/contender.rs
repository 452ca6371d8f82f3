//! A client in a process of its own, that reads a list and tells what it cost.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// What a run of a contender came to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outcome {
    /// From before the first request to behind the last user, without the start of the process.
    pub(crate) seconds: f64,
    pub(crate) users: u32,
    /// The most memory that the process ever had.
    pub(crate) peak_bytes: f64,
}

impl Outcome {
    pub(crate) fn users_a_second(self) -> f64 {
        f64::from(self.users) / self.seconds
    }

    /// The run with the better time.
    pub(crate) fn better(self, other: Outcome) -> Outcome {
        if self.seconds <= other.seconds { self } else { other }
    }

    /// What a contender of this binary prints.
    pub(crate) fn print(seconds: f64, users: u32) {
        println!("{}", serde_json::json!({"seconds": seconds, "users": users, "peak_bytes": own_peak()}));
    }
}

/// How to start a contender.
#[derive(Clone)]
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    program: PathBuf,
    arguments: Vec<String>,
}

impl Contender {
    /// One of this binary.
    pub(crate) fn own(name: &'static str, arguments: &[&str]) -> Contender {
        Contender { name, program: std::env::current_exe().unwrap(), arguments: owned(arguments) }
    }

    /// A script under `tests/bench/clients`; `None` where its interpreter is not there.
    pub(crate) fn script(
        name: &'static str,
        interpreter: &Path,
        script: &str,
        arguments: &[&str],
    ) -> Option<Contender> {
        let found = Command::new(interpreter).arg("--version").output().is_ok_and(|output| output.status.success());
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("bench/clients").join(script);
        let mut all = vec![script.to_str().unwrap().to_owned()];
        all.extend(owned(arguments));
        found.then(|| Contender { name, program: interpreter.to_owned(), arguments: all })
    }

    /// Reads the list at an endpoint.
    pub(crate) fn run(&self, endpoint: &str) -> Outcome {
        let told: Value = serde_json::from_str(&self.output(endpoint, &[])).unwrap();
        Outcome {
            seconds: told["seconds"].as_f64().unwrap(),
            users: u32::try_from(told["users"].as_u64().unwrap()).unwrap(),
            peak_bytes: told["peak_bytes"].as_f64().unwrap(),
        }
    }

    /// One line a user, in the vendor's order.
    pub(crate) fn content(&self, endpoint: &str) -> String {
        self.output(endpoint, &["--content"])
    }

    fn output(&self, endpoint: &str, more: &[&str]) -> String {
        let output = Command::new(&self.program).args(&self.arguments).arg(endpoint).args(more).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{} failed: {told}", self.name);
        String::from_utf8(output.stdout).unwrap()
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// `VmHWM` of this process, in bytes (proc(5)).
pub(crate) fn own_peak() -> u64 {
    status("VmHWM:")
}

/// `VmRSS` of this process, in bytes.
pub(crate) fn own_memory() -> u64 {
    status("VmRSS:")
}

fn status(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap() * 1024
}

/// The line that stands for a user in a comparison of content.
pub(crate) fn line(id: &str, username: &str, name: &str, email: &str, department: &str, groups: &[&str]) -> String {
    format!("{id}|{username}|{name}|{email}|{department}|{}", groups.join(","))
}
