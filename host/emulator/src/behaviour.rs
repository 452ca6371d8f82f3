//! What the emulator does and how it is known: one row a promise, each with a test of that name.

/// How a behaviour is known. Sections are those of `zpa-scim.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The vendor says or shows it: CONFIRMED.
    Documented,
    /// Deduced from clients, metadata or neighbouring facts: INFERRED.
    Inferred,
    /// UNKNOWN; a choice of this emulator, turned by a switch where a client could depend on it.
    Assumed,
}

/// One behaviour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Behaviour {
    /// Also the name of the test that holds the emulator to it.
    pub id: &'static str,
    /// What it does, and the switch that turns it where there is one.
    pub what: &'static str,
    /// How that is known.
    pub mark: Mark,
    /// Where it comes from.
    pub section: &'static str,
}

/// Every behaviour of the reading half.
pub const BEHAVIOUR: &[Behaviour] = &[];
