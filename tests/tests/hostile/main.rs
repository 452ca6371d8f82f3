//! Whoever misbehaves - connector, server, name server - against what the host promises. Every test is named as a
//! promise.
//!
//! Each attack is also run where nothing is promised: in a host as the library's own examples make it, with its default
//! hooks and no limits. There it succeeds, or the test says what else stops it. So a promise that nobody has to keep
//! would be seen here, and so would an attack that never was one.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "functions of tests fail by panic"
)]

mod address;
mod attack;
mod component;
mod header;
mod machine;
mod memory;
mod naive;
mod neighbour;
mod reply;
mod target;
mod tls;
mod token;
mod wire;
mod words;
mod write;
