//! How fast the requests of an account go out, and for how long they are tried again.
//!
//! What is decided here is arithmetic over instants that are given: only `turn` waits, and nothing asks a clock of its
//! own. Nothing here looks at what a request means beyond whether it reads or writes.

pub(crate) mod flow;
pub(crate) mod host;
pub(crate) mod hosts;
pub(crate) mod rate;
mod record;
pub(crate) mod shared;
pub(crate) mod turn;

use std::fmt;
use std::time::Duration;

/// How fast the requests of an account go out, set by the operator through
/// [`Account::with_pace`](crate::Account::with_pace) and never by what an account's owner can write.
///
/// Reads (`GET`, `HEAD`) and writes are counted apart. Each begins at its own rate, becomes faster while the vendor
/// takes all of it, and slower when the vendor answers 429 or 503. A wait that the vendor asks for is kept by all
/// requests of the account that read, or write, as the refused one did.
///
/// Nobody has said what ZPA counts together, so accounts of one host that are refused within two minutes of each other
/// are taken to share a limit, and go on at the same rate; one account can halve another by that and no more.
///
/// Name the fields that differ and take the rest from [`Pace::default`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Reads a second to begin with; `u32::MAX` for any number. Default 10.
    pub reads_per_second: u32,
    /// Writes a second to begin with; `u32::MAX` for any number. Default 5.
    pub writes_per_second: u32,
    /// What either may become. Default 50, the limit that is confirmed for updates (zpa-scim 9).
    pub at_most_per_second: u32,
    /// Requests that may go at once after a pause, on top of the rate. Default 20.
    pub burst: u32,
    /// Requests that are under way at the same moment; an urgent one may be one more. Default 8.
    pub concurrency: u32,
    /// Requests that wait for their turn; one more is refused at once with code `busy`. Urgent ones are counted apart.
    /// Default 200.
    pub queue: u32,
    /// Time from the first try of a request in which it may be tried again, within half of what the call has left.
    /// Zero tries nothing again. Default 20 s.
    ///
    /// `GET`, `HEAD`, `PUT` and `DELETE` are tried again after a broken connection and after 502, 503 and 504, unless
    /// they are conditional writes; any method is after 429, or when nothing of it was written. At most four tries.
    pub retry_time: Duration,
}

impl Pace {
    /// Nothing waits: no rate, no bound on what is under way, nothing tried again, and what the vendor says of waiting is
    /// passed on and not kept. For a server of one's own.
    pub const fn unlimited() -> Pace {
        Pace {
            reads_per_second: u32::MAX,
            writes_per_second: u32::MAX,
            at_most_per_second: u32::MAX,
            burst: u32::MAX,
            concurrency: u32::MAX,
            queue: u32::MAX,
            retry_time: Duration::ZERO,
        }
    }

    /// So many reads and so many writes a second at most, from the first request on, and no burst.
    pub fn steady(per_second: u32) -> Pace {
        Pace {
            reads_per_second: per_second,
            writes_per_second: per_second,
            at_most_per_second: per_second,
            burst: 1,
            ..Pace::default()
        }
    }
}

impl Default for Pace {
    fn default() -> Pace {
        Pace {
            reads_per_second: 10,
            writes_per_second: 5,
            at_most_per_second: 50,
            burst: 20,
            concurrency: 8,
            queue: 200,
            retry_time: Duration::from_secs(20),
        }
    }
}

/// For a person: `at most 7 requests a second`.
impl fmt::Display for Pace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Pace { reads_per_second: reads, writes_per_second: writes, at_most_per_second: most, .. } = *self;
        if reads == u32::MAX && writes == u32::MAX {
            formatter.write_str("any number of requests a second")
        } else if reads == most && writes == most {
            write!(formatter, "at most {most} requests a second")
        } else {
            write!(formatter, "{reads} reads and {writes} writes a second, up to {most} as the vendor bears it")
        }
    }
}

/// Reads and writes have a rate each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Read,
    Write,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pace_says_what_it_is() {
        assert_eq!(Pace::unlimited().to_string(), "any number of requests a second");
        assert_eq!(Pace::steady(7).to_string(), "at most 7 requests a second");
        let default = "10 reads and 5 writes a second, up to 50 as the vendor bears it";
        assert_eq!(Pace::default().to_string(), default);
    }
}
