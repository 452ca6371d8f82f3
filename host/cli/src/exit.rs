//! How a command ends, for scripts. The numbers are promised in `--help` and do not change.

use std::process::ExitCode;

use portcullis_directory::ErrorKind;

/// The exit codes, as `--help` shows them.
pub(crate) const HELP: &str = "\
Exit codes:
  0  success
  1  anything that is not below, such as members that were not added, or a question answered with no
  2  usage: a wrong flag or argument, also one that the connector refuses
  3  not found
  4  refused: token, permission, conflict, not supported, or a name that may mean two
  5  unavailable: no connection, no answer in time, too many requests, or out of order; repeat later
     (also a write that may have been done: the hint tells how to find out)
  6  the list moved while it was read; it is printed and marked as partial
  7  incomplete: reading broke off, a row is unreadable, or the answer makes no sense
  8  different: what was compared is not the same, and all of it could be read";

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// It did what it was asked to.
    Success = 0,
    /// None of the others.
    Other = 1,
    /// A flag or an argument is wrong.
    Usage = 2,
    /// There is no such object.
    NotFound = 3,
    /// The vendor refused, or cannot do it, or it is not clear whom it is about.
    Refused = 4,
    /// Repeat later; after a write, look first.
    Unavailable = 5,
    /// The list moved under the walk.
    Moved = 6,
    /// Not everything could be read.
    Incomplete = 7,
    /// Two things that were compared are not the same.
    Different = 8,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

impl From<ErrorKind> for Exit {
    fn from(kind: ErrorKind) -> Exit {
        match kind {
            ErrorKind::InvalidInput => Exit::Usage,
            ErrorKind::NotFound => Exit::NotFound,
            ErrorKind::Unauthorized | ErrorKind::Forbidden | ErrorKind::Conflict | ErrorKind::Unsupported => {
                Exit::Refused
            }
            ErrorKind::RateLimited | ErrorKind::Unavailable => Exit::Unavailable,
            ErrorKind::Protocol => Exit::Incomplete,
        }
    }
}
