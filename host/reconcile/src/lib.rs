//! Keeps a user directory right: reads it whole, compares it with what it should be, plans, guards, applies and proves.
//!
//! It works on any [`Directory`](portcullis_directory::Directory). Nothing in this crate knows a vendor, WebAssembly or
//! HTTP, and nothing here prints or reads an environment variable or a clock: instants are given.
//!
//! Everything that is written down for later (a [`Snapshot`], a [`Plan`]) is JSON with a version and the digests of what
//! it was made from.

#![warn(missing_docs)]

mod action;
mod census;
mod desired;
mod digest;
mod guard;
pub mod html;
mod matching;
mod normal;
mod plan;
mod planner;
pub mod report;
mod rules;
mod run;
mod snapshot;
mod target;

pub use action::{Action, FieldChange, Operation, Reference};
pub use census::{Census, Evidence, Seat};
pub use desired::{Desired, Fields, Person, SourceError};
pub use digest::Digest;
pub use guard::{Limits, kinds};
pub use matching::Links;
pub use normal::{fits, normal};
pub use plan::{Drift, DriftCode, Link, ObjectKind, Plan, Source, Touched, Trip, Warning};
pub use planner::{Draft, Inputs, Leavers, Needs, draft};
pub use rules::{GroupRule, Protected, Roles, Rules, Scope};
pub use run::LastRun;
pub use snapshot::{
    ChangeKind, Difference, Header, ListEnding, MembershipChange, ObjectChange, ReadError, Roster, Rosters, Snapshot,
    Stage, TakeError, TakeOptions,
};
pub use target::Target;
