//! Taking one user out of groups, or into them, one group after another, each seen to be so. Nobody else's membership is
//! touched, and where one was, everything stops.

use portcullis_directory::{
    Directory, Effect, Error, ErrorKind, MembershipResult, ReadOptions, Walk, WalkOptions, WriteOptions,
};
use serde::Serialize;

use super::group::GroupName;
use super::manner::{Manner, may_help_again};

/// What became of one membership.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MembershipChange {
    /// The group.
    pub group: GroupName,
    /// What became of it.
    pub outcome: Outcome,
    /// What shows that it is so now; absent where nothing does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shown_by: Option<Witness>,
    /// Why it failed; or, of one that is done, what else went wrong over it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
}

/// What became of a membership.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It was changed.
    Done,
    /// It was so already.
    Unchanged,
    /// There is no such group any more.
    GroupGone,
    /// It is not known to be as it should.
    Failed,
    /// Nothing was tried, because something before went wrong.
    NotTried,
}

/// What shows a membership, or that there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Witness {
    /// The group's own record.
    GroupRecord,
    /// The user's own record, which may not show every group (zpa-scim 4).
    UserRecord,
}

impl MembershipChange {
    /// Whether the membership is as it should be, as far as anybody can tell. A group that is gone has no member, and
    /// takes none.
    pub fn is_settled(&self) -> bool {
        matches!(self.outcome, Outcome::Done | Outcome::Unchanged)
    }

    /// Whether the user is not in the group, as far as anybody can tell, after it was to leave.
    pub fn is_out(&self) -> bool {
        self.is_settled() || self.outcome == Outcome::GroupGone
    }

    /// Whether members are gone whom nobody named.
    pub(super) fn is_alarming(&self) -> bool {
        self.error.as_ref().is_some_and(|error| error.kind == ErrorKind::Protocol && error.effect == Effect::Applied)
    }
}

/// Takes the user out of these groups, also where that leaves one empty.
pub async fn remove_from_groups<D: Directory>(
    directory: &D,
    user: &str,
    groups: &[GroupName],
    manner: Manner,
    pause: &impl AsyncFn(u32, Option<u32>),
) -> Vec<MembershipChange> {
    change_all(directory, user, groups, Wanted::Out, manner, pause).await
}

/// Puts the user into these groups.
pub async fn add_to_groups<D: Directory>(
    directory: &D,
    user: &str,
    groups: &[GroupName],
    manner: Manner,
    pause: &impl AsyncFn(u32, Option<u32>),
) -> Vec<MembershipChange> {
    change_all(directory, user, groups, Wanted::In, manner, pause).await
}

/// Whether the group's own record names the user.
pub async fn is_in<D: Directory>(directory: &D, user: &str, group: &str) -> Result<bool, Error> {
    let mut walk = Walk::members(directory, group, WalkOptions::default());
    let mut unreadable = 0;
    while let Some(page) = walk.next_page().await.map_err(|broken| broken.error)? {
        if page.items.iter().any(|member| member.id == user) {
            return Ok(true);
        }
        unreadable += page.unreadable.len();
    }
    // Absence is believed of a list that was whole only.
    if unreadable > 0 || walk.ending().is_some_and(|ending| ending.has_moved()) {
        let message = format!("the members of the group `{group}` could not be read whole; repeat it");
        return Err(Error::new(ErrorKind::Protocol, message));
    }
    Ok(false)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    In,
    Out,
}

async fn change_all<D: Directory>(
    directory: &D,
    user: &str,
    groups: &[GroupName],
    wanted: Wanted,
    manner: Manner,
    pause: &impl AsyncFn(u32, Option<u32>),
) -> Vec<MembershipChange> {
    let mut changes: Vec<MembershipChange> = Vec::with_capacity(groups.len());
    for group in groups {
        if changes.last().is_some_and(MembershipChange::is_alarming) {
            let message = "not tried: the change before took members out of a group whom nobody named";
            let error = Some(Error::new(ErrorKind::Protocol, message));
            changes.push(MembershipChange { group: group.clone(), outcome: Outcome::NotTried, shown_by: None, error });
            continue;
        }
        changes.push(change(directory, user, group, wanted, manner, pause).await);
    }
    changes
}

/// One membership, tried as often as the manner says.
async fn change<D: Directory>(
    directory: &D,
    user: &str,
    group: &GroupName,
    wanted: Wanted,
    manner: Manner,
    pause: &impl AsyncFn(u32, Option<u32>),
) -> MembershipChange {
    let mut number = 1;
    loop {
        let change = once(directory, user, group, wanted, manner).await;
        let failure = change.error.as_ref().filter(|_| change.outcome == Outcome::Failed);
        let Some(error) = failure.filter(|error| number < manner.tries && may_help_again(error)) else { return change };
        if change.is_alarming() {
            return change;
        }
        pause(number, error.retry_after_ms).await;
        number += 1;
    }
}

async fn once<D: Directory>(
    directory: &D,
    user: &str,
    group: &GroupName,
    wanted: Wanted,
    manner: Manner,
) -> MembershipChange {
    let result = |outcome, shown_by, error| MembershipChange { group: group.clone(), outcome, shown_by, error };
    let written = write(directory, user, &group.id, wanted, manner.verifies).await;
    if !manner.verifies {
        let outcome = if written.is_ok() { Outcome::Done } else { Outcome::Failed };
        return result(outcome, None, written.err());
    }
    match written {
        Ok(true) => result(Outcome::Done, Some(Witness::GroupRecord), None),
        Ok(false) => result(Outcome::Unchanged, Some(Witness::GroupRecord), None),
        Err(error) if error.kind == ErrorKind::NotFound => not_found(directory, user, group, wanted, error).await,
        // The group's record has no word on members. It is written without looking, and the user's record asked.
        Err(error) if error.kind == ErrorKind::Unsupported => blind(directory, user, group, wanted).await,
        Err(error) => match is_in(directory, user, &group.id).await {
            Ok(is_in) if is_in == (wanted == Wanted::In) => {
                // That others lost their place is to be told, whatever became of this one.
                let error = Some(error).filter(|error| error.effect == Effect::Applied);
                result(Outcome::Done, Some(Witness::GroupRecord), error)
            }
            _ => result(Outcome::Failed, None, Some(error)),
        },
    }
}

/// Whether anything was changed by it.
async fn write<D: Directory>(
    directory: &D,
    user: &str,
    group: &str,
    wanted: Wanted,
    verify: bool,
) -> Result<bool, Error> {
    let members = [user.to_owned()];
    let options = WriteOptions { verify, allow_empty: true, ..WriteOptions::default() };
    let MembershipResult { applied, failed, .. } = match wanted {
        Wanted::In => directory.add_members(group, &members, options).await?,
        Wanted::Out => directory.remove_members(group, &members, options).await?,
    };
    match failed.into_iter().next() {
        Some(failed) => Err(failed.error),
        None => Ok(!applied.is_empty()),
    }
}

/// Either the group is gone or the user is.
async fn not_found<D: Directory>(
    directory: &D,
    user: &str,
    group: &GroupName,
    wanted: Wanted,
    error: Error,
) -> MembershipChange {
    let result = |outcome, shown_by, error| MembershipChange { group: group.clone(), outcome, shown_by, error };
    match directory.get_group(&group.id, ReadOptions::default()).await {
        Err(gone) if gone.kind == ErrorKind::NotFound => result(Outcome::GroupGone, None, None),
        Err(unseen) => result(Outcome::Failed, None, Some(unseen)),
        Ok(_) => match is_in(directory, user, &group.id).await {
            Ok(false) if wanted == Wanted::Out => result(Outcome::Unchanged, Some(Witness::GroupRecord), None),
            _ => result(Outcome::Failed, None, Some(error)),
        },
    }
}

async fn blind<D: Directory>(directory: &D, user: &str, group: &GroupName, wanted: Wanted) -> MembershipChange {
    let result = |outcome, shown_by, error| MembershipChange { group: group.clone(), outcome, shown_by, error };
    let is_settled = async |written: Option<&Error>| -> Result<bool, Error> {
        match directory.get_user(user, ReadOptions::default()).await {
            Ok(shown) => {
                let is_in = shown.groups.iter().any(|known| known.id == group.id);
                Ok(is_in == (wanted == Wanted::In))
            }
            Err(gone) if gone.kind == ErrorKind::NotFound && wanted == Wanted::Out => Ok(true),
            Err(unseen) => Err(written.cloned().unwrap_or(unseen)),
        }
    };
    let written = write(directory, user, &group.id, wanted, false).await;
    if let Err(error) = &written
        && error.kind == ErrorKind::NotFound
    {
        match directory.get_group(&group.id, ReadOptions::default()).await {
            Err(gone) if gone.kind == ErrorKind::NotFound => return result(Outcome::GroupGone, None, None),
            _ => {}
        }
    }
    match is_settled(written.as_ref().err()).await {
        Ok(true) => result(Outcome::Done, Some(Witness::UserRecord), None),
        Ok(false) => {
            let ignored = || {
                let message = "the vendor accepted the change, and the user's record does not show it";
                Error::new(ErrorKind::Protocol, message).with_effect(Effect::Unknown)
            };
            result(Outcome::Failed, None, Some(written.err().unwrap_or_else(ignored)))
        }
        Err(error) => result(Outcome::Failed, None, Some(error)),
    }
}
