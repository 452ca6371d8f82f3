//! Snapshots as files: NDJSON, a header and then an object a line. What is read was written whole and not changed since,
//! or is refused with the line that is wrong.

use std::io::{self, BufRead, Write};

use portcullis_directory::{Group, User};
use serde::{Deserialize, Serialize};

use super::{Header, Roster, Snapshot};
use crate::census::Census;
use crate::digest::{Digest, Hasher, is_line_break};

impl Snapshot {
    /// Writes it: the header, then `{"user":…}`, `{"group":…}` and `{"roster":…}`, each a line, by id.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        write_line(&self.header, out)?;
        self.write_content(out)
    }

    /// Reads one that was written so. Nothing is taken on trust: version, counts, order, and the digest of all behind
    /// the header.
    pub fn read(input: impl BufRead) -> Result<Snapshot, ReadError> {
        Reader { input, hasher: Hasher::default(), line: Vec::new(), number: 0 }.read()
    }

    /// The digest of the lines behind the header.
    pub(super) fn content(&self) -> Digest {
        let mut hasher = Hasher::default();
        // A hasher takes every byte.
        let _ = self.write_content(&mut hasher);
        hasher.finish()
    }

    fn write_content(&self, out: &mut impl Write) -> io::Result<()> {
        self.users.iter().try_for_each(|user| write_line(&Written::User(user), out))?;
        self.groups.iter().try_for_each(|group| write_line(&Written::Group(group), out))?;
        self.rosters.iter().try_for_each(|roster| write_line(&Written::Roster(roster), out))
    }
}

/// Why a file is no snapshot to rely on.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {fault}")]
pub struct ReadError {
    /// The line, from 1.
    line: u64,
    fault: Fault,
}

impl ReadError {
    /// The line that is wrong, from 1.
    pub fn line(&self) -> u64 {
        self.line
    }
}

#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error("{0}")]
    Input(io::Error),
    #[error("the file is empty, where a snapshot begins with a header")]
    Empty,
    #[error("it is no header of a snapshot: {0}")]
    Header(serde_json::Error),
    #[error("the snapshot has version `{0}`, and this program reads version `{version}`", version = Header::VERSION)]
    Version(u32),
    #[error("it is no line of a snapshot: {0}")]
    Line(serde_json::Error),
    #[error("the id `{0}` does not come behind the one before it, as each does in a snapshot, once")]
    Order(String),
    #[error("a {0} has no place here: users come first, then groups, then rosters")]
    Kind(&'static str),
    #[error("the roster is of the group `{0}`, which the snapshot lacks")]
    Stray(String),
    #[error("the header counts `{counted}` {what}, and there are `{found}`; the file was cut or changed")]
    Count { what: &'static str, counted: u64, found: u64 },
    #[error("the lines behind the header have not the digest `{0}` that it gives; the file was changed")]
    Digest(Digest),
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum Written<'a> {
    User(&'a User),
    Group(&'a Group),
    Roster(&'a Roster),
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Read {
    User(Box<User>),
    Group(Box<Group>),
    Roster(Roster),
}

#[derive(Deserialize)]
struct Version {
    snapshot: u32,
}

fn write_line(value: &impl Serialize, out: &mut impl Write) -> io::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    line.retain(|byte| !is_line_break(*byte));
    line.push(b'\n');
    out.write_all(&line)
}

struct Reader<R> {
    input: R,
    hasher: Hasher,
    line: Vec<u8>,
    number: u64,
}

impl<R: BufRead> Reader<R> {
    fn read(mut self) -> Result<Snapshot, ReadError> {
        if !self.next()? {
            return self.fail(Fault::Empty);
        }
        let version = serde_json::from_slice(&self.line).map(|Version { snapshot }| snapshot);
        let header: Header = match version {
            Ok(Header::VERSION) => serde_json::from_slice(&self.line).or_else(|err| self.fail(Fault::Header(err)))?,
            Ok(other) => return self.fail(Fault::Version(other)),
            Err(error) => return self.fail(Fault::Header(error)),
        };
        let mut snapshot = Snapshot { header, users: Vec::new(), groups: Vec::new(), rosters: Vec::new() };
        while self.next()? {
            self.hasher.update(&self.line);
            let line = serde_json::from_slice(&self.line).or_else(|error| self.fail(Fault::Line(error)))?;
            self.take(line, &mut snapshot)?;
        }
        self.check(&snapshot)?;
        Ok(snapshot)
    }

    fn next(&mut self) -> Result<bool, ReadError> {
        self.line.clear();
        self.number += 1;
        match self.input.read_until(b'\n', &mut self.line) {
            Ok(length) => Ok(length > 0),
            Err(error) => self.fail(Fault::Input(error)),
        }
    }

    fn take(&self, line: Read, snapshot: &mut Snapshot) -> Result<(), ReadError> {
        let Snapshot { users, groups, rosters, .. } = snapshot;
        match line {
            Read::User(_) if !groups.is_empty() || !rosters.is_empty() => self.fail(Fault::Kind("user")),
            Read::User(user) => {
                self.check_order(users.last().map(|user| user.id.as_str()), &user.id)?;
                users.push(*user);
                Ok(())
            }
            Read::Group(_) if !rosters.is_empty() => self.fail(Fault::Kind("group")),
            Read::Group(group) => {
                self.check_order(groups.last().map(|group| group.id.as_str()), &group.id)?;
                groups.push(*group);
                Ok(())
            }
            Read::Roster(roster) => {
                self.check_order(rosters.last().map(|roster| roster.group.as_str()), &roster.group)?;
                let mut before = None;
                for member in &roster.members {
                    self.check_order(before, &member.id)?;
                    before = Some(member.id.as_str());
                }
                if groups.binary_search_by(|group| group.id.cmp(&roster.group)).is_err() {
                    return self.fail(Fault::Stray(roster.group));
                }
                self.check_count("members", roster.ending.rows, roster.members.len())?;
                rosters.push(roster);
                Ok(())
            }
        }
    }

    /// An id comes behind the one before it and is not empty.
    fn check_order(&self, before: Option<&str>, id: &str) -> Result<(), ReadError> {
        if before.unwrap_or_default() < id { Ok(()) } else { self.fail(Fault::Order(id.to_owned())) }
    }

    fn check(self, snapshot: &Snapshot) -> Result<(), ReadError> {
        let header = &snapshot.header;
        self.check_count("users", header.users.rows, snapshot.users.len())?;
        self.check_count("groups", header.groups.rows, snapshot.groups.len())?;
        self.check_count("memberships", header.memberships, Census::of(snapshot).len())?;
        let line = self.number;
        if self.hasher.finish() == header.content {
            Ok(())
        } else {
            Err(ReadError { line, fault: Fault::Digest(header.content.clone()) })
        }
    }

    fn check_count(&self, what: &'static str, counted: u64, found: usize) -> Result<(), ReadError> {
        let found = found as u64;
        if counted == found { Ok(()) } else { self.fail(Fault::Count { what, counted, found }) }
    }

    fn fail<T>(&self, fault: Fault) -> Result<T, ReadError> {
        Err(ReadError { line: self.number, fault })
    }
}
