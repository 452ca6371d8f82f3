//! Keeps a user directory right: reads it whole, compares it with what it should be, plans, guards, applies and proves.
//!
//! It works on any [`Directory`](portcullis_directory::Directory). Nothing in this crate knows a vendor, WebAssembly or
//! HTTP, and nothing here prints or reads an environment variable or a clock: instants are given.
//!
//! Everything that is written down for later (a [`Snapshot`], a [`Plan`]) is JSON with a version and the digests of what
//! it was made from.

#![warn(missing_docs)]

mod action;
mod apply;
mod census;
mod digest;
pub mod html;
mod plan;
mod snapshot;
mod target;

pub use action::{Action, FieldChange, Operation, Reference};
pub use apply::{
    ApplyOptions, Begun, Change, Choice, Counts, Journal, JournalError, NoJournal, Observer, Outcome, Receipt, Refusal,
    Selector, SelectorError, Step, Verdict, apply, check,
};
pub use census::{Census, Evidence, Seat};
pub use digest::Digest;
pub use plan::{Drift, DriftCode, ObjectKind, Plan, Source, Touched, Trip, Warning};
pub use snapshot::{Header, ListEnding, ReadError, Roster, Rosters, Snapshot, Stage, TakeError, TakeOptions};
pub use target::Target;
