//! Acting on one person now: cutting off and putting back, confining and letting back, and taking on.
//!
//! Every function here reads before it writes, proves by reading what came of each write, can be repeated after it broke
//! off anywhere, and says which of its results nobody saw. What must be on the disk before the first write (an [`Undo`], a
//! [`Quarantine`]) is handed to the caller before a function that writes is called. Nothing here keeps time: who waits
//! between two tries is the caller.

mod adoption;
mod cut_off;
mod group;
mod manner;
mod membership;
mod quarantine;
mod restore;
mod sweep;
mod undo;
mod watch;

pub use adoption::{Claim, Origin, Settlement, claim, create, settle};
pub use cut_off::{CutOff, Means, State, cut_off, state};
pub use group::GroupName;
pub use manner::Manner;
pub use membership::{MembershipChange, Outcome, Witness, add_to_groups, is_in, remove_from_groups};
pub use quarantine::{Cause, Confinement, Quarantine, Release, confine, release};
pub use restore::{Restoration, restore};
pub use sweep::sweep;
pub use undo::Undo;
pub use watch::{NameSearch, Sighting, look};
