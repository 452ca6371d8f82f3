//! How long somebody who is cut off waits behind a plan that another process applies.

use std::fmt::Write as _;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::run::{Company, directory, output};

#[test]
#[allow(clippy::print_stdout, reason = "a figure is printed with what is asserted of it")]
fn a_cut_goes_before_all_of_a_plan_that_another_process_applies() {
    let company = Company::of(30, 3, &[]);
    let leaver = company.emulator.users().into_iter().find(|user| !user.groups.is_empty()).unwrap();
    let place = directory();
    let (people, plan) = (place.join("people.csv"), place.join("plan.json"));
    let mut text = "username\n".to_owned();
    for number in 0..150 {
        writeln!(text, "joiner-{number}@acme.example").unwrap();
    }
    std::fs::write(&people, text).unwrap();
    let (people, plan) = (people.to_str().unwrap(), plan.to_str().unwrap());
    company.run(&["plan", "--desired", people, "--only-add", "--out", plan]);
    company.emulator.add_fault("delay-ms=50".parse().unwrap());
    company.emulator.clear_exchanges();

    let mut apply = company.command(&["apply", plan, "--yes", "--rate", "10"]);
    let mut apply = apply.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let posts = || company.writes().iter().filter(|method| *method == "POST").count();
    while posts() < 5 {
        assert!(apply.try_wait().unwrap().is_none(), "the plan was not applied");
        std::thread::yield_now();
    }
    let begun = Instant::now();
    let before = company.emulator.exchanges().len();
    let offboard = ["offboard", &leaver.user_name, "--yes", "--rate", "10", "-o", "json"];
    let printed = output(&mut company.command(&offboard));
    let (took, left) = (begun.elapsed(), 150 - posts());
    apply.kill().unwrap();
    apply.wait().unwrap();

    assert_eq!(printed.status.code(), Some(0), "{}", String::from_utf8_lossy(&printed.stderr));
    let report: Value = serde_json::from_slice(&printed.stdout).unwrap();
    let cut = &report["people"][0]["cut_off"];
    assert_eq!(cut["is_proven"], true, "{report}");
    let after = Duration::from_millis(cut["after_ms"].as_u64().unwrap());
    let sent: Vec<_> = company.emulator.exchanges().into_iter().skip(before).collect();
    // The search by name, the read, the write and the proof.
    let is_own = |target: &str| target.contains("filter=userName") || target.contains(&leaver.id);
    let own: Vec<_> = (0..sent.len()).filter(|at| is_own(&sent[*at].target)).take(4).collect();
    let others = own[3] - own[0] - 3;
    println!(
        "beside a plan of 150 actions in another process, at 10 requests a second, 50 ms away: cut off and seen to be so \
         after {after:?}, out of all its groups and at its end after {took:?}, with {left} writes left; {others} requests \
         of the plan between its first four",
    );
    // Each waits for one request of the other process at most, and the first for those that are on their way.
    assert!(others <= 7, "{own:?}");
    // In turn with the rest of the plan it would be a quarter of a minute.
    assert!(left > 90 && after < Duration::from_secs(5), "{left} left, {after:?}");
}
