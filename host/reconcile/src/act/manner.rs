//! How hard a write is tried, and whether anybody looks what came of it.

use portcullis_directory::{Effect, Error, ErrorKind};

/// How writes are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manner {
    /// How often a write is made at most, while it may help to make it again. All of them can be made twice.
    pub tries: u32,
    /// Whether each is proven by reading. In a dry run there is nothing to read.
    pub verifies: bool,
}

impl Manner {
    /// Tries that do not give up at the first refusal, each proven.
    pub const PROVEN: Manner = Manner { tries: 4, verifies: true };
    /// Each write once, and nobody looks.
    pub const REHEARSED: Manner = Manner { tries: 1, verifies: false };
}

/// Whether the same call may do better later: it may have been done, or the vendor is out of order or asks to wait.
pub(super) fn may_help_again(error: &Error) -> bool {
    error.effect != Effect::None || matches!(error.kind, ErrorKind::RateLimited | ErrorKind::Unavailable)
}
