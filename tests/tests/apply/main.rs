//! Plans that are applied through the sandboxed connector, held against what the vendor then has.

#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "functions of tests fail by panic"
)]

#[allow(dead_code, unused_imports, reason = "other tests of plans use the rest of it")]
#[path = "../applying/mod.rs"]
mod applying;

mod crash;
mod fault;
mod law;
mod refusal;
mod urgent;
