//! Scripted faults: a [`Kind`] of damage and the [`Selector`] of requests that suffer it.
//! Owns what a rule means and when it fires; the damage itself is done where the reply is made.

mod grammar;
mod kind;
mod script;
mod selector;

pub use self::grammar::FaultError;
pub use self::kind::{Cut, Kind, ListMember, Replacement, ResetPoint, Retry, RetryAfter, RowFault, Total};
pub(crate) use self::script::{Call, Script};
pub use self::selector::Selector;

/// One rule. Its text form is a kind, the kind's own settings, then selectors, all `key=value`,
/// with spaces or commas between them: `status=429 retry-after=13s path=/Users nth=3 times=2`.
///
/// ```
/// use portcullis_emulator::Fault;
///
/// let fault: Fault = "status=429, retry-after=13s, path=/Users, nth=3".parse()?;
/// assert_eq!(fault.to_string(), "status=429 retry-after=13s path=/Users nth=3");
/// # Ok::<(), portcullis_emulator::FaultError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What goes wrong.
    pub kind: Kind,
    /// For which requests.
    pub selector: Selector,
}
