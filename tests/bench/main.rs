//! Whole runs beside their peers: `target/release/bench --json FILE`, see "Figures" in the README for how it is built.
//!
//! Prints one table and writes its rows as JSON: `name, value, unit, target, met`. Contenders run in the same run, on the
//! same data, in processes of their own, in turns, and of several rounds the best of each counts: this is about what
//! the code costs, not about who else was on the machine. Before anything is timed, every contender has to return all
//! users with equal content. A contender that is not there makes its row `met: false`.
//!
//! `--only NAME` measures a part of it and can be repeated: `size`, `mapping`, `call`, `peers`, `latency`, `walk`,
//! `tenants`, `command`, `audit`, `server`.
//!
//! `bench curves FILE.json` measures how cost grows, and draws it (see `curves`).
//!
//! The peers need Python and Node, see "Tests" in the README; `WASMTIME=FILE` names another command `wasmtime` than the
//! one installed there. `--quick` takes a tenth of the users and one round, to see
//! that it runs; its figures mean nothing.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    missing_docs,
    unreachable_pub,
    reason = "a measurement reports, and fails by panic"
)]
#![allow(clippy::cast_precision_loss, reason = "figures for people")]

mod audit;
mod call;
mod chart;
mod command;
mod contender;
mod curves;
mod latency;
mod mapping;
mod native;
mod peers;
mod responder;
mod row;
mod serve;
mod tenants;
mod walk;

use std::path::PathBuf;

use row::Table;

/// How much is measured.
#[derive(Clone, Copy)]
pub(crate) struct Scale {
    /// Rounds of which the best counts.
    pub(crate) rounds: u32,
    /// What numbers of users are divided by.
    pub(crate) divisor: u32,
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    match arguments.next().as_deref() {
        Some("responder") => responder::serve(&arguments.collect::<Vec<_>>()),
        Some("native") => native::run(&arguments.collect::<Vec<_>>()),
        Some("walk") => walk::run(&arguments.collect::<Vec<_>>()),
        Some("serve") => serve::run(&arguments.collect::<Vec<_>>()),
        Some("tenants") => tenants::run(&arguments.collect::<Vec<_>>()),
        Some("point") => curves::run(&arguments.collect::<Vec<_>>()),
        Some("curves") => curves::report(&arguments.collect::<Vec<_>>()),
        Some("draw") => curves::draw(&arguments.collect::<Vec<_>>()),
        first => {
            let options: Vec<_> = first.map(str::to_owned).into_iter().chain(arguments).collect();
            report(&options);
        }
    }
}

fn report(options: &[String]) {
    let mut file = None;
    let mut scale = Scale { rounds: 3, divisor: 1 };
    let mut only = Vec::new();
    let mut options = options.iter();
    while let Some(option) = options.next() {
        match option.as_str() {
            "--json" => file = options.next().map(PathBuf::from),
            "--quick" => scale = Scale { rounds: 1, divisor: 10 },
            "--only" => only.extend(options.next()),
            other => panic!("`{other}` is no option; there are `--json FILE`, `--quick` and `--only NAME`"),
        }
    }
    let mut table = Table::default();
    for (name, measure) in PARTS {
        if only.is_empty() || only.iter().any(|wanted| *wanted == name) {
            measure(&mut table, scale);
        }
    }
    table.print();
    if let Some(file) = file {
        std::fs::write(file, table.json()).unwrap();
    }
}

/// Measures rows.
type Part = fn(&mut Table, Scale);

const PARTS: [(&str, Part); 10] = [
    ("size", size),
    ("mapping", mapping::measure),
    ("call", call::measure),
    ("peers", peers::measure),
    ("latency", latency::measure),
    ("walk", walk::measure_memory),
    ("tenants", tenants::measure),
    ("command", command::measure),
    ("audit", audit::measure),
    ("server", serve::measure),
];

fn size(table: &mut Table, _: Scale) {
    table.add("component size", portcullis_connectors::ZPA.len() as f64, "bytes", row::at_most(262_144.0));
}

/// Runs something that waits.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(future)
}
