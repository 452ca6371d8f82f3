//! The emulator over real TCP: what it promises, what its faults do, what a whole walk finds.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    reason = "clippy counts only functions marked as tests as tests, and these files have others; and values come straight from `json!`"
)]

mod behaviour;
mod fault;
mod group_write;
mod hostile;
mod model;
mod protocol;
mod sample;
mod user_write;
mod walk;
mod wire;
mod write;
