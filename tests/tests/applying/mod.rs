//! What the tests of plans share: a company, a plan for it by hand, a place for its journal, and a process that ends at
//! a given step. Nothing in it stands in for a part of the product but the moment at which it ends.

mod company;
mod fuse;
mod place;

pub(crate) use company::{Company, Shape, at_once, sealed, state};
pub(crate) use fuse::{Fuse, Fused, FusedJournal};
pub(crate) use place::{Fresh, Place};
