//! Reading a directory whole. A list that breaks off is an error here, and never a snapshot.

use std::collections::BTreeSet;
use std::fmt;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesOrdered;
use portcullis_directory::{Directory, Ending, ErrorKind, Group, Member, Page, Row, Walk, WalkError, WalkOptions};

use super::{Header, ListEnding, Roster, Snapshot};
use crate::census::Census;
use crate::digest::Digest;
use crate::target::Target;

/// How a snapshot is taken.
#[derive(Clone, Debug, Default)]
pub struct TakeOptions {
    /// How lists are read.
    pub walk: WalkOptions,
    /// Of which groups the members are read from the group's own record as well.
    pub rosters: Rosters,
}

/// Of which groups the members are read from the group's own record. Each is a request or more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Rosters {
    /// Of none: memberships are what users' records show.
    #[default]
    None,
    /// Of every group whose own record tells them. A group where the directory answers that it cannot tell
    /// ([`ErrorKind::Unsupported`]), as with vendors that leave out the members of an empty group, has no roster then, and
    /// its memberships are what users' records show.
    All,
    /// Of the groups with these ids. One that the list of groups lacks is left out.
    Of(BTreeSet<String>),
}

/// What is being read, for whoever shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The list of users: rows so far, and of how many where the vendor says.
    Users {
        /// Rows so far.
        rows: u64,
        /// Rows in all.
        total: Option<u32>,
    },
    /// The list of groups, likewise.
    Groups {
        /// Rows so far.
        rows: u64,
        /// Rows in all.
        total: Option<u32>,
    },
    /// Members, group by group.
    Rosters {
        /// Groups so far.
        groups: usize,
        /// Groups in all.
        total: usize,
    },
}

/// A directory that could not be read whole. Nothing follows from the part that was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{list}: {error}")]
pub struct TakeError {
    /// Which list broke off, in words, such as `the list of users`.
    pub list: String,
    /// How it broke off.
    pub error: WalkError,
}

impl Snapshot {
    /// Reads a directory: its users, its groups, and the members of those groups that the options name.
    ///
    /// `taken_at` is the time, RFC 3339 in UTC. A list that moved is in the snapshot and marked; a group that is gone
    /// when its members are read marks the list of groups as one that moved.
    pub async fn take<D: Directory>(
        directory: &D,
        target: Target,
        taken_at: String,
        options: &TakeOptions,
        mut progress: impl FnMut(Stage),
    ) -> Result<Snapshot, TakeError> {
        let walk = options.walk;
        let (users, users_ending) = read(Walk::users(directory, walk), "the list of users", |rows, total| {
            progress(Stage::Users { rows, total });
        })
        .await?;
        let (groups, mut groups_ending) = read(Walk::groups(directory, walk), "the list of groups", |rows, total| {
            progress(Stage::Groups { rows, total });
        })
        .await?;
        let wanted: Vec<_> = groups.iter().filter(|group| options.rosters.has(&group.id)).collect();
        let told = read_rosters(directory, &wanted, walk, |groups, total| {
            progress(Stage::Rosters { groups, total });
        })
        .await?;
        let mut rosters = Vec::with_capacity(told.len());
        for told in told {
            match told {
                Told::Roster(roster) => rosters.push(roster),
                Told::Gone => groups_ending.moved = true,
                Told::Nothing(_) if options.rosters == Rosters::All => {}
                Told::Nothing(error) => return Err(error),
            }
        }
        let header = Header {
            snapshot: Header::VERSION,
            target,
            taken_at,
            users: users_ending,
            groups: groups_ending,
            memberships: 0,
            content: Digest::of(b""),
        };
        let mut snapshot = Snapshot { header, users, groups, rosters };
        snapshot.header.memberships = Census::of(&snapshot).len() as u64;
        snapshot.header.content = snapshot.content();
        Ok(snapshot)
    }
}

impl Rosters {
    fn has(&self, group: &str) -> bool {
        match self {
            Rosters::None => false,
            Rosters::All => true,
            Rosters::Of(groups) => groups.contains(group),
        }
    }
}

/// A whole list by id, and how it ended.
async fn read<D: Directory, T: Row>(
    mut walk: Walk<'_, D, T>,
    list: impl fmt::Display,
    mut progress: impl FnMut(u64, Option<u32>),
) -> Result<(Vec<T>, ListEnding), TakeError> {
    let mut rows = Vec::new();
    loop {
        match walk.next_page().await {
            Ok(Some(Page { items, total, .. })) => {
                rows.extend(items);
                progress(walk.rows_read(), total);
            }
            Ok(None) => break,
            Err(error) => return Err(TakeError { list: list.to_string(), error }),
        }
    }
    rows.sort_by(|one: &T, other: &T| one.id().cmp(other.id()));
    // `next_page` has answered that the list has ended; were there no ending, nothing would be certain.
    let ending = walk.ending().map_or(ListEnding { rows: 0, unreadable: 0, moved: true }, ListEnding::from);
    Ok((rows, ending))
}

/// What the directory tells of the members of a group.
enum Told {
    Roster(Roster),
    /// There is no such group any more.
    Gone,
    /// It cannot tell.
    Nothing(TakeError),
}

/// The members of these groups, several at a time and in the order of the groups.
async fn read_rosters<D: Directory>(
    directory: &D,
    groups: &[&Group],
    walk: WalkOptions,
    mut progress: impl FnMut(usize, usize),
) -> Result<Vec<Told>, TakeError> {
    let at_a_time = usize::try_from(walk.concurrency.max(1)).unwrap_or(1);
    let walk = WalkOptions { concurrency: 1, ..walk };
    let (mut left, mut under_way) = (groups.iter(), FuturesOrdered::new());
    let mut told = Vec::with_capacity(groups.len());
    loop {
        while under_way.len() < at_a_time
            && let Some(group) = left.next()
        {
            under_way.push_back(members(directory, group, walk));
        }
        match under_way.next().await {
            None => return Ok(told),
            Some(one) => told.push(one?),
        }
        progress(told.len(), groups.len());
    }
}

/// The members of a group.
async fn members<D: Directory>(directory: &D, group: &Group, options: WalkOptions) -> Result<Told, TakeError> {
    let name = group.name.as_deref().unwrap_or(&group.id);
    let walk: Walk<'_, D, Member> = Walk::members(directory, &group.id, options);
    match read(walk, format_args!("the members of the group `{name}`"), |_, _| {}).await {
        Ok((members, ending)) => Ok(Told::Roster(Roster { group: group.id.clone(), members, ending })),
        Err(error) => match error.error.error.kind {
            ErrorKind::NotFound => Ok(Told::Gone),
            ErrorKind::Unsupported => Ok(Told::Nothing(error)),
            _ => Err(error),
        },
    }
}

impl From<Ending> for ListEnding {
    fn from(ending: Ending) -> ListEnding {
        ListEnding { rows: ending.rows, unreadable: ending.unreadable, moved: ending.has_moved() }
    }
}
