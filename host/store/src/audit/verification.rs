//! What the lines of a log show: which are as they were written, and where some are missing. Pure; a line at a time.

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

use super::chain::{ChainKey, Line, Mac};
use super::end::End;
use super::entry::{Entry, Event};

/// What is wrong with a log. Lines are counted in the file, from 1; records by the number that is in each.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// The line is not as it was written, or was written with another key.
    Changed {
        /// Which.
        line: u64,
    },
    /// Records are missing before a line.
    Missing {
        /// The line that comes after them.
        line: u64,
        /// The first that is missing.
        from: u64,
        /// The last that is missing.
        to: u64,
    },
    /// A genuine line stands where another one is due: it was moved, or is there twice.
    Misplaced {
        /// Which.
        line: u64,
        /// The number that is in it.
        sequence: u64,
    },
    /// A genuine line follows from another one than the one before it.
    Unlinked {
        /// Which.
        line: u64,
    },
    /// The last records are missing, which the database knows of.
    Cut {
        /// The first that is missing.
        from: u64,
        /// The last that is missing.
        to: u64,
    },
    /// The database knows of fewer records than there are, so that it is an older one.
    Older {
        /// The last record that the database knows of.
        known: u64,
        /// The last record that is there.
        found: u64,
    },
    /// The last record is not the one that the database knows of.
    OtherEnd {
        /// Its number.
        sequence: u64,
    },
    /// The record of an anchor is not there as the anchor has it.
    NotAnchored {
        /// Its number.
        sequence: u64,
    },
}

/// What a log shows as a whole.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    /// Lines of the file.
    pub lines: u64,
    /// The last record, for whoever keeps an anchor elsewhere; `None` in a log without lines or of which the last is
    /// not genuine.
    pub anchor: Option<Anchor>,
    /// What is wrong, in the order of the lines; the first 100.
    pub findings: Vec<Finding>,
    /// How much more is wrong.
    pub more_findings: u64,
    /// Whether a process was stopped between writing a line and telling the database, which the next write mends. It
    /// is no sign of tampering.
    pub is_ahead: bool,
    /// Bytes at the end that are the beginning of a line, of a process that was stopped while it wrote; the next write
    /// takes them away. It is no sign of tampering.
    pub torn: u64,
    /// Intents without an outcome: writes of which nobody knows what became, or that are under way.
    pub unfinished: u64,
}

impl Verification {
    /// Whether nothing was found.
    pub fn is_sound(&self) -> bool {
        self.findings.is_empty()
    }

    fn find(&mut self, finding: Finding) {
        if self.findings.len() < MOST { self.findings.push(finding) } else { self.more_findings += 1 }
    }
}

/// A record, by its number and its MAC: kept elsewhere, it shows that the log was not put back to before it. As text,
/// `SEQUENCE:MAC`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Anchor {
    pub(crate) sequence: u64,
    pub(crate) mac: Mac,
}

impl FromStr for Anchor {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Anchor, &'static str> {
        let (sequence, mac) = text.trim().split_once(':').ok_or(NO_ANCHOR)?;
        let mac = Mac::from_hex(mac.as_bytes()).ok_or(NO_ANCHOR)?;
        Ok(Anchor { sequence: sequence.parse().map_err(|_| NO_ANCHOR)?, mac })
    }
}

impl fmt::Display for Anchor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.sequence, self.mac.to_hex())
    }
}

impl fmt::Debug for Anchor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// Reads line after line.
pub(crate) struct Verifier<'a> {
    key: &'a ChainKey,
    end: End,
    anchor: Option<Anchor>,
    so_far: Verification,
    /// The number of the record before.
    last: u64,
    /// Its MAC, where that is known.
    previous: Option<Mac>,
    /// Whether the line before is as it was written.
    is_genuine: bool,
    intents: HashSet<String>,
}

impl<'a> Verifier<'a> {
    pub(crate) fn new(key: &'a ChainKey, end: End, anchor: Option<Anchor>) -> Verifier<'a> {
        let start = Anchor { sequence: end.first, mac: end.start };
        Verifier {
            key,
            end,
            anchor: anchor.filter(|anchor| *anchor != start),
            so_far: Verification::default(),
            last: end.first,
            previous: Some(end.start),
            is_genuine: true,
            intents: HashSet::new(),
        }
    }

    /// Takes the next line, without its line break, and gives what is in it, if it is as it was written.
    pub(crate) fn line(&mut self, bytes: &[u8]) -> Option<Entry> {
        self.so_far.lines += 1;
        let line = self.so_far.lines;
        let (entry, mac) = match self.key.read(bytes) {
            Line::Genuine(entry, mac) => (*entry, mac),
            Line::Changed(mac) => {
                self.so_far.find(Finding::Changed { line });
                self.last += 1;
                self.previous = mac;
                self.is_genuine = false;
                return None;
            }
        };
        let due = self.last + 1;
        if entry.sequence > due {
            self.so_far.find(Finding::Missing { line, from: due, to: entry.sequence - 1 });
        } else if entry.sequence < due {
            self.so_far.find(Finding::Misplaced { line, sequence: entry.sequence });
        } else if self.previous.is_some_and(|previous| previous.to_hex() != entry.previous) {
            self.so_far.find(Finding::Unlinked { line });
        }
        self.last = entry.sequence;
        self.previous = Some(mac);
        self.is_genuine = true;
        match entry.event {
            Event::Intent => drop(self.intents.insert(entry.id.clone())),
            Event::Outcome => drop(self.intents.remove(&entry.id)),
            Event::Recovery | Event::Restart => {}
        }
        if self.anchor == Some(Anchor { sequence: entry.sequence, mac }) {
            self.anchor = None;
        }
        Some(entry)
    }

    /// There are no more lines, but perhaps bytes of one.
    pub(crate) fn end(mut self, torn: u64) -> Verification {
        let known = self.end.count;
        if self.last < known {
            self.so_far.find(Finding::Cut { from: self.last + 1, to: known });
        } else if self.last == known + 1 && self.so_far.is_sound() {
            self.so_far.is_ahead = true;
        } else if self.last > known {
            self.so_far.find(Finding::Older { known, found: self.last });
        } else if self.is_genuine && self.previous != Some(self.end.head) {
            self.so_far.find(Finding::OtherEnd { sequence: self.last });
        }
        if let Some(Anchor { sequence, .. }) = self.anchor {
            self.so_far.find(Finding::NotAnchored { sequence });
        }
        let mac = self.previous.filter(|_| self.is_genuine && self.last > 0);
        self.so_far.anchor = mac.map(|mac| Anchor { sequence: self.last, mac });
        self.so_far.torn = torn;
        self.so_far.unfinished = self.intents.len() as u64;
        self.so_far
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let range = |from: u64, to: u64| {
            if from == to { format!("record {from} is") } else { format!("records {from} to {to} are") }
        };
        match *self {
            Finding::Changed { line } => write!(formatter, "line {line} is not as it was written"),
            Finding::Missing { line, from, to } => write!(formatter, "before line {line}, {} missing", range(from, to)),
            Finding::Misplaced { line, sequence } => {
                write!(formatter, "line {line} is record {sequence}, which belongs elsewhere")
            }
            Finding::Unlinked { line } => write!(formatter, "line {line} does not follow from the line before it"),
            Finding::Cut { from, to } => write!(formatter, "at the end, {} missing", range(from, to)),
            Finding::Older { known, found } => write!(
                formatter,
                "the database knows of {known} records and there are {found}: an older one was put in its place"
            ),
            Finding::OtherEnd { sequence } => {
                write!(formatter, "record {sequence}, the last, is not the one that the database knows of")
            }
            Finding::NotAnchored { sequence } => {
                write!(formatter, "record {sequence} is not there as the anchor has it")
            }
        }
    }
}

/// Findings that are kept one by one.
const MOST: usize = 100;
const NO_ANCHOR: &str = "expected `SEQUENCE:MAC`, as `audit verify` prints it";
