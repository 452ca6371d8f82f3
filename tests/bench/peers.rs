//! 100,000 users over loopback, whole path, beside clients in other languages and the native program.

use std::path::{Path, PathBuf};

use crate::Scale;
use crate::contender::{Contender, Outcome};
use crate::responder::Responder;
use crate::row::{self, Table};

/// Enough for every contender to be past its start. The slowest one reads a tenth, as it takes as long for each user.
const USERS: u32 = 100_000;

pub(crate) fn measure(table: &mut Table, scale: Scale) {
    let users = USERS / scale.divisor;
    let python = python();
    let (node, slow) = (Path::new("node"), users / 10);
    let contenders = [
        (Some(Contender::own("portcullis", &["walk"])), users),
        (Some(Contender::own("native", &["native"])), users),
        (Contender::script("scim2-client", &python, "python.py", &["default"]), slow),
        (Contender::script("scim2-client raw", &python, "python.py", &["raw"]), users),
        (Contender::script("node", node, "node.mjs", &[]), users),
    ];
    let responder = Responder::start();
    let mut best: [Option<Outcome>; 5] = [None; 5];
    let checked = responder.endpoint(1000);
    let content = contenders.iter().flat_map(|(contender, _)| contender).map(|one| one.content(&checked));
    let content: Vec<_> = content.collect();
    assert_eq!(content[0].lines().count(), 1000);
    assert!(content.iter().all(|other| *other == content[0]), "the contenders do not agree on what is in the list");
    for _ in 0..scale.rounds {
        for ((contender, users), best) in contenders.iter().zip(&mut best) {
            if let Some(contender) = contender {
                let outcome = contender.run(&responder.endpoint(*users));
                assert_eq!(outcome.users, *users, "{} lost users", contender.name);
                *best = Some(best.map_or(outcome, |best| best.better(outcome)));
            }
        }
    }
    let [Some(own), Some(native), default, raw, node] = best else { unreachable!("both are always there") };
    let mut figure = |name: &str, outcome: Outcome| {
        table.add(&format!("{name}, users/s"), outcome.users_a_second(), "users/s", row::Target::None);
    };
    figure("portcullis", own);
    figure("native program", native);
    for (name, outcome) in [("scim2-client", default), ("scim2-client, raw", raw), ("Node", node)] {
        if let Some(outcome) = outcome {
            figure(name, outcome);
        }
    }
    let mut ratio = |name: &str, other: Option<Outcome>, least: f64| match other {
        Some(other) => {
            table.add(name, own.users_a_second() / other.users_a_second(), "times", row::at_least(least));
        }
        None => table.miss(name, "times", row::at_least(least), "the contender is not installed"),
    };
    ratio("users/s of the native program's", Some(native), 0.75);
    ratio("users/s of scim2-client's", default, 15.0);
    ratio("users/s of scim2-client's, raw", raw, 2.0);
    ratio("users/s of a Node client's", node, 1.5);
    let name = "memory of scim2-client's";
    match default {
        Some(other) => table.add(name, own.peak_bytes / other.peak_bytes, "times", row::at_most(0.25)),
        None => table.miss(name, "times", row::at_most(0.25), "the contender is not installed"),
    }
}

/// Where the README says that it is.
pub(crate) fn python() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(".venv/bin/python")
}
