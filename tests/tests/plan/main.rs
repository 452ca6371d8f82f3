//! Plans that are made and applied through the sandboxed connector, for directories and sources of any kind and a vendor
//! that fails in every way that the emulator has.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "functions of tests fail by panic")]

#[allow(dead_code, unused_imports, reason = "other tests of plans use the rest of it")]
#[path = "../applying/mod.rs"]
mod applying;

mod confirm;
mod fault;
mod law;
mod office;
