//! The connector over a `send` that is a function: what it asks, and what it makes of the answer.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::too_many_lines,
    clippy::unwrap_used,
    reason = "functions of tests fail by panic, and snapshots are as long as what they show"
)]

mod fixture;
mod membership;
mod paging;
mod reading;
mod server;
mod writing;
