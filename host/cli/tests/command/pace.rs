//! Several processes of the binary that ask one vendor for one account.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use portcullis_emulator::Options;

use crate::run::{Company, directory, drain};

/// A company of so many pages, and a place that the processes share.
fn company(pages: u32) -> (Company, PathBuf) {
    let company = Company::start(Options { users: pages * 100, groups: 1, record_body: 0, ..Options::default() });
    (company, directory().join("data"))
}

fn command(company: &Company, data: &Path, arguments: &[&str]) -> Command {
    let mut command = company.command(arguments);
    command.env("PORTCULLIS_DATA_DIR", data).stdout(Stdio::piped()).stderr(Stdio::null());
    command
}

/// Reads the whole list, in as many requests as it has pages.
fn bulk(company: &Company, data: &Path, rate: &str) -> Child {
    command(company, data, &["users", "list", "--all", "-o", "ndjson", "--rate", rate]).spawn().unwrap()
}

fn finish(mut process: Child) -> usize {
    let lines = drain(process.stdout.as_mut().unwrap()).lines().count();
    assert_eq!(process.wait().unwrap().code(), Some(0));
    lines
}

fn wait_for(company: &Company, requests: u64) {
    while company.emulator.request_count() < requests {
        std::thread::yield_now();
    }
}

#[test]
fn two_bulk_runs_together_keep_to_the_rate_of_one() {
    let (company, data) = company(12);
    let runs = [bulk(&company, &data, "10"), bulk(&company, &data, "10")];
    wait_for(&company, 1);
    let start = Instant::now();
    let rows: Vec<_> = runs.into_iter().map(finish).collect();
    assert_eq!(rows, [1200, 1200]);
    let requests = company.emulator.request_count();
    // The first of them went before the clock ran.
    let per_second = f64::from(u32::try_from(requests - 1).unwrap()) / start.elapsed().as_secs_f64();
    assert!(requests >= 24 && per_second <= 10.5, "{requests} requests, {per_second} a second");
    let kept: Vec<_> = data.join("pace").read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(kept.len(), 1);
}

#[test]
fn an_urgent_command_waits_for_one_request_of_bulk_runs_in_other_processes() {
    let (company, data) = company(15);
    let runs: Vec<_> = (0..3).map(|_| bulk(&company, &data, "4")).collect();
    wait_for(&company, 6);
    let name = company.emulator.users()[0].user_name.clone();
    let cut = ["users", "deactivate", &name, "--yes", "--rate", "4"];
    finish(command(&company, &data, &cut).spawn().unwrap());
    let exchanges = company.emulator.exchanges();
    for mut run in runs {
        let _ = run.kill();
        let _ = run.wait();
    }
    let own = |target: &str| !target.contains("startIndex=") || target.contains("filter=");
    let own: Vec<_> = (0..exchanges.len()).filter(|at| own(&exchanges[*at].target)).collect();
    assert!(own.len() >= 2, "{own:?}");
    // What it sends after an answer comes after at most one request of all the others.
    for pair in own.windows(2) {
        assert!(pair[1] - pair[0] <= 2, "{own:?}");
    }
}
