//! Reports for people who have to answer for a directory. They say what a snapshot shows, and carry the digest of it.

mod access;
mod document;
mod finding;
mod row;

pub use access::{AccessReport, Summary};
pub use finding::{Finding, FindingCode};
pub use row::AccessRow;
