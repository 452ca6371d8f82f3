//! The binary by its output and its exit code, over TCP against an emulator on a port that the system picks.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a helper of a test ends it as the test itself would"
)]
#![expect(clippy::needless_raw_string_hashes, reason = "`UPDATE_EXPECT=1` writes every expectation that way")]

mod account;
mod apply;
mod audit;
mod cache;
mod call;
mod certificate;
mod change;
mod component;
mod cycle;
mod demo;
mod dry_run;
mod emulator;
mod exit;
mod format;
mod group;
mod help;
mod hurry;
mod keyring;
mod log;
mod mapping;
mod membership;
mod naming;
mod offboard;
mod onboard;
#[cfg(unix)]
mod pace;
mod plan;
mod probe;
mod proxy;
#[cfg(unix)]
mod quarantine;
mod report;
mod run;
mod snapshot;
mod stored;
mod switch;
mod terminal;
mod user;
mod vendor;
