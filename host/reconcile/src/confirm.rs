//! Asks before a plan relies on what a list did not show. Index paging loses rows while others are deleted, so what one
//! listing lacks may be there all the same (zpa-scim 5; RFC 7644 section 3.4.2.4).

use std::collections::BTreeSet;
use std::fmt;

use portcullis_directory::{Directory, Error, ErrorKind, Group, GroupKey, ReadOptions, User, UserKey, WalkOptions};

use crate::normal::normal;
use crate::planner::Draft;
use crate::snapshot::{Snapshot, Stage, TakeError, TakeOptions};

/// Makes a plan, and asks the directory for everything that it would rely on only because a list did not show it.
///
/// What would be made is looked for: by name where that is at most 200 questions and the directory can search, by a
/// second reading of the lists otherwise. The groups whose memberships change are read from their own records. Whatever
/// turns up is in the snapshot afterwards, and the plan is made anew. Requests: one for each name and id asked for, a
/// second walk at most, and one or more for each group that changes.
pub async fn confirm<D: Directory>(
    directory: &D,
    snapshot: &mut Snapshot,
    walk: WalkOptions,
    mut make: impl FnMut(&Snapshot) -> Draft,
    mut progress: impl FnMut(Question),
) -> Result<Draft, ConfirmError> {
    let mut asked = Asked::default();
    loop {
        let draft = make(snapshot);
        let needs = &draft.needs;
        let ids: Vec<_> = needs.ids.difference(&asked.ids).cloned().collect();
        let usernames: Vec<_> = needs.usernames.difference(&asked.usernames).cloned().collect();
        let names: Vec<_> = needs.group_names.difference(&asked.group_names).cloned().collect();
        let rosters: BTreeSet<_> = needs.rosters.difference(&asked.rosters).cloned().collect();
        if ids.is_empty() && usernames.is_empty() && names.is_empty() && rosters.is_empty() {
            return Ok(draft);
        }
        let of = ids.len() + usernames.len() + names.len();
        let mut done = 0;
        let mut step = |progress: &mut dyn FnMut(Question)| {
            done += 1;
            progress(Question::Looked { done, of });
        };
        let (mut users, mut groups) = (Vec::new(), Vec::new());
        for id in &ids {
            match directory.get_user(id, ReadOptions::default()).await {
                Ok(user) => users.push(user),
                Err(error) if error.kind == ErrorKind::NotFound => {}
                Err(error) => return Err(ConfirmError::Ask(error)),
            }
            step(&mut progress);
        }
        let mut lists_again = false;
        if usernames.len() + names.len() > MOST_QUESTIONS {
            lists_again = true;
        } else {
            for username in &usernames {
                match find_user(directory, username).await? {
                    Some(found) => users.extend(found),
                    None => lists_again = true,
                }
                step(&mut progress);
            }
            for name in &names {
                match find_group(directory, name).await? {
                    Some(found) => groups.extend(found),
                    None => lists_again = true,
                }
                step(&mut progress);
            }
        }
        if lists_again && !asked.has_listed_again {
            asked.has_listed_again = true;
            let options = TakeOptions { walk, ..TakeOptions::default() };
            let (target, taken_at) = (snapshot.header.target.clone(), snapshot.header.taken_at.clone());
            let again = Snapshot::take(directory, target, taken_at, &options, |stage| progress(Question::Again(stage)));
            let again = again.await?;
            users.extend(again.users);
            groups.extend(again.groups);
            snapshot.header.users.moved |= again.header.users.moved;
            snapshot.header.groups.moved |= again.header.groups.moved;
        }
        snapshot.add_unlisted(users, groups);
        let told = |done, of| progress(Question::Rosters { done, of });
        snapshot.read_rosters(directory, |group| rosters.contains(group), walk, told).await?;
        asked.ids.extend(ids);
        asked.usernames.extend(usernames);
        asked.group_names.extend(names);
        asked.rosters.extend(rosters);
    }
}

/// The users of this name; `None` where the directory cannot search for it.
async fn find_user<D: Directory>(directory: &D, username: &str) -> Result<Option<Vec<User>>, ConfirmError> {
    let key = UserKey::Username(username.to_owned());
    match directory.find_user(&key, ReadOptions::default()).await {
        Ok(mut users) => {
            users.retain(|user| user.username.as_deref().is_some_and(|found| normal(found) == normal(username)));
            Ok(Some(users))
        }
        Err(error) if error.kind == ErrorKind::Unsupported => Ok(None),
        Err(error) => Err(ConfirmError::Ask(error)),
    }
}

/// The groups of this name, likewise.
async fn find_group<D: Directory>(directory: &D, name: &str) -> Result<Option<Vec<Group>>, ConfirmError> {
    let key = GroupKey::Name(name.to_owned());
    match directory.find_group(&key, ReadOptions::default()).await {
        Ok(mut groups) => {
            groups.retain(|group| group.name.as_deref().is_some_and(|found| normal(found) == normal(name)));
            Ok(Some(groups))
        }
        Err(error) if error.kind == ErrorKind::Unsupported => Ok(None),
        Err(error) => Err(ConfirmError::Ask(error)),
    }
}

/// What has been asked for, so that it is asked for once.
#[derive(Default)]
struct Asked {
    ids: BTreeSet<String>,
    usernames: BTreeSet<String>,
    group_names: BTreeSet<String>,
    rosters: BTreeSet<String>,
    has_listed_again: bool,
}

/// What is being asked, for whoever shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// Objects are looked for one by one.
    Looked {
        /// So far.
        done: usize,
        /// In all.
        of: usize,
    },
    /// The lists are read a second time.
    Again(Stage),
    /// Members of groups are read.
    Rosters {
        /// So far.
        done: usize,
        /// In all.
        of: usize,
    },
}

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfirmError {
    /// A question had no answer.
    Ask(Error),
    /// A list broke off.
    Take(TakeError),
}

impl From<TakeError> for ConfirmError {
    fn from(error: TakeError) -> ConfirmError {
        ConfirmError::Take(error)
    }
}

impl fmt::Display for ConfirmError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfirmError::Ask(error) => fmt::Display::fmt(&error.message, f),
            ConfirmError::Take(error) => fmt::Display::fmt(error, f),
        }
    }
}

impl std::error::Error for ConfirmError {}

/// Up to so many objects are looked for one by one; beyond that a second reading of the lists is less work.
const MOST_QUESTIONS: usize = 200;
