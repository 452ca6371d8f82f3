//! Users and groups of any vendor, as plain Rust values: the types of `wit/` field by field, their one JSON form, the
//! [`Directory`] trait that a connector's handle implements, and the [`Walk`] that reads a whole list.
//!
//! Nothing in this crate knows a vendor, WebAssembly, HTTP, a clock or a file.

#![warn(missing_docs)]

mod change;
mod description;
mod directory;
mod error;
mod extras;
mod group;
mod json;
mod key;
mod list;
mod member;
mod membership;
mod options;
mod page;
pub mod rpc;
mod seen;
pub mod text;
mod user;
mod vendor;
mod walk;

pub use change::{Change, Value};
pub use description::{Description, Field, FieldAbilities, Operation, Support};
pub use directory::Directory;
pub use error::{Effect, Error, ErrorKind};
pub use group::Group;
pub use json::Json;
pub use key::{GroupKey, UserKey};
pub use list::List;
pub use member::Member;
pub use membership::{FailedMember, MembershipResult};
pub use options::{ReadOptions, WriteOptions};
pub use page::{Page, PageQuery, Unreadable};
pub use user::{Email, GroupReference, User};
pub use vendor::{Reply, VendorRequest};
pub use walk::{Ending, Outcome, Row, Walk, WalkError, WalkOptions};
