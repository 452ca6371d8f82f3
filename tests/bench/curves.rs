//! How cost grows: users or calls a second and memory, against the length of a list, the number of accounts, and how far
//! away the vendor is. `bench curves FILE.json` measures, judges, and writes what it measured there and a picture of it
//! beside, as `FILE.svg`; `bench draw FILE.json` draws the picture again.
//!
//! Each point is a process of its own, so that its memory is its own. The points are measured in rounds, and of each the
//! highest rate and the least memory count. What is judged are ratios between points, so that no machine is too slow for
//! it: a term worse than linear, or a lock or pool that every tenant waits on, makes one of two points ten or a hundred
//! times apart fall behind by far more than a measurement strays.

mod judge;
mod point;

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::chart::{self, Axis, Chart, Line};
use crate::responder::Responder;
use crate::row::Table;
pub(crate) use point::run;
use point::{Outcome, Pacing, Point};

const SIZES: [u32; 4] = [1_000, 10_000, 100_000, 1_000_000];
const ACCOUNTS: [u32; 5] = [1, 10, 100, 1_000, 10_000];
/// In milliseconds.
const LATENCIES: [u32; 6] = [0, 5, 20, 50, 100, 200];
/// Requests a second, where the pace of an account is what bounds a walk.
const PACE: u32 = 100;
/// Pages that a walk has under way, by default.
const UNDER_WAY: u32 = 16;

/// What was measured, in the order of the points.
struct Curves {
    sizes: Vec<Outcome>,
    accounts: Vec<Outcome>,
    /// One page after another, side by side, and side by side at the pace.
    latencies: [Vec<Outcome>; 3],
}

/// The command: `curves FILE.json [--quick]`.
pub(crate) fn report(arguments: &[String]) {
    let [file, options @ ..] = arguments else { panic!("`curves FILE.json [--quick]`") };
    let (rounds, seconds) = if options.iter().any(|option| option == "--quick") { (1, 0.1) } else { (3, 1.5) };
    let curves = measure(rounds, seconds);
    let mut table = Table::default();
    judge::judge(&mut table, &curves);
    table.print();
    let charts: Vec<_> = charts(&curves).iter().map(Chart::to_json).collect();
    let rows: Value = serde_json::from_str(&table.json()).unwrap();
    let figures = json!({"caption": caption(), "charts": charts, "rows": rows});
    std::fs::write(file, format!("{figures:#}\n")).unwrap();
    draw(arguments);
}

/// The command: `draw FILE.json`.
pub(crate) fn draw(arguments: &[String]) {
    let file = Path::new(&arguments[0]);
    let figures: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let charts: Vec<_> = figures["charts"].as_array().unwrap().iter().map(Chart::from_json).collect();
    std::fs::write(file.with_extension("svg"), chart::svg(figures["caption"].as_str().unwrap(), &charts)).unwrap();
}

fn measure(rounds: u32, seconds: f64) -> Curves {
    let near = Responder::start();
    let far: Vec<_> = LATENCIES.iter().map(|latency| Responder::start_away(*latency)).collect();
    let walk = |vendor: &Responder, users, concurrency, pacing| Point::Walk {
        endpoint: vendor.endpoint(users),
        concurrency,
        pacing,
    };
    let sizes = SIZES.map(|users| walk(&near, users, UNDER_WAY, Pacing::High));
    let accounts = ACCOUNTS.map(|accounts| Point::Accounts { endpoint: near.endpoint(50), accounts });
    let away = |users, concurrency, pacing| -> Vec<_> {
        far.iter().map(|vendor| walk(vendor, users, concurrency, pacing)).collect()
    };
    // Fewer users one after another, as 20,000 would take 40 s at the far end.
    let ways = [away(3_000, 1, Pacing::High), away(20_000, UNDER_WAY, Pacing::High)];
    let paced = away(20_000, UNDER_WAY, Pacing::Held(PACE));
    println!("Pace: {}; of those that say so, {PACE} reads a second.\n", Pacing::High.pace());
    let [one, many] = &ways;
    let all: Vec<_> = [&sizes[..], &accounts, one, many, &paced].concat();
    let mut best: Vec<Option<Outcome>> = vec![None; all.len()];
    for _ in 0..rounds {
        for (point, best) in all.iter().zip(&mut best) {
            let outcome = point.measure(seconds);
            *best = Some(best.map_or(outcome, |best| best.better(outcome)));
        }
    }
    let mut best = best.into_iter().flatten();
    let mut next = |count| best.by_ref().take(count).collect();
    Curves {
        sizes: next(SIZES.len()),
        accounts: next(ACCOUNTS.len()),
        latencies: std::array::from_fn(|_| next(LATENCIES.len())),
    }
}

fn charts(curves: &Curves) -> Vec<Chart> {
    let rates = |name, points: &[u32], outcomes: &[Outcome]| line(name, points, outcomes, |outcome| outcome.rate);
    let peaks = |name, points: &[u32], outcomes: &[Outcome]| line(name, points, outcomes, |outcome| outcome.peak / 1e6);
    let [one, many, paced] = &curves.latencies;
    let chart = |title, x: Axis, y: Axis, lines| Chart { title, x, y, lines };
    let (users, accounts) = (Axis::log("users in the directory"), Axis::log("accounts"));
    let (away, memory) = (Axis::linear("ms until the vendor answers"), Axis::linear("MB"));
    let at_pace = format!("at {PACE} requests/s");
    vec![
        chart(
            "Walk of a directory".into(),
            users.clone(),
            Axis::linear("users/s"),
            vec![rates("", &SIZES, &curves.sizes)],
        ),
        chart(
            "Calls, 64 under way".into(),
            accounts.clone(),
            Axis::linear("calls/s, 50 users each"),
            vec![rates("", &ACCOUNTS, &curves.accounts)],
        ),
        chart(
            "Walk of a vendor far away".into(),
            away.clone(),
            Axis::log("users/s"),
            vec![
                rates("side by side", &LATENCIES, many),
                rates(&at_pace, &LATENCIES, paced),
                rates("one page after another", &LATENCIES, one),
            ],
        ),
        chart("Memory of it, at most".into(), users, memory.clone(), vec![peaks("", &SIZES, &curves.sizes)]),
        chart(
            "Memory of them, at most".into(),
            accounts,
            memory.clone(),
            vec![
                peaks("with calls", &ACCOUNTS, &curves.accounts),
                line("at rest", &ACCOUNTS, &curves.accounts, |outcome| outcome.rest / 1e6),
            ],
        ),
        chart("Memory of it, at most".into(), away, memory, vec![peaks("", &LATENCIES, many)]),
    ]
}

fn line(name: &str, points: &[u32], outcomes: &[Outcome], figure: impl Fn(&Outcome) -> f64) -> Line {
    let points = points.iter().map(|point| f64::from(*point));
    // To four digits: what is written is what was drawn.
    let figures = outcomes.iter().map(|outcome| format!("{:.3e}", figure(outcome)).parse().unwrap());
    Line { name: name.to_owned(), points: points.zip(figures).collect() }
}

/// When and on what.
fn caption() -> String {
    let date = Command::new("date").args(["-u", "+%Y-%m-%d"]).output().unwrap().stdout;
    let cores = std::thread::available_parallelism().unwrap();
    let (arch, system) = (std::env::consts::ARCH, std::env::consts::OS);
    format!("{}, {cores} cores, {arch}, {system}, vendor on the same machine", String::from_utf8(date).unwrap().trim())
}
