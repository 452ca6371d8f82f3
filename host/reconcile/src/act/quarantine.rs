//! Confining somebody to one group, and letting them back into exactly the groups of before.
//!
//! The way in is the restricted group first, then out of the others; the way back is the groups of before first, then
//! out of the restricted one. So at no moment is anybody in no group for our doing, nor out of the restricted group with
//! a group of before; and after a break anywhere, the same call goes on where it stopped.

use portcullis_directory::{Directory, Error, ErrorKind, ReadOptions, User};
use serde::{Deserialize, Serialize};

use super::group::GroupName;
use super::manner::Manner;
use super::membership::{MembershipChange, Outcome, add_to_groups, remove_from_groups};

/// What somebody was before the quarantine, written down before the first write. It holds personal data, and no
/// credential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantine {
    /// The version of the format: [`Quarantine::VERSION`].
    pub quarantine: u32,
    /// The user's id.
    pub user: String,
    /// The user's username at the time, for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// When it began, by whom, and why.
    #[serde(flatten)]
    pub cause: Cause,
    /// The restricted group.
    pub group: GroupName,
    /// Whether the user was in it before, and so stays in it.
    pub was_member: bool,
    /// Groups that the user may be in all the same.
    pub keep: Vec<GroupName>,
    /// Groups of before that are taken away, and given back.
    pub taken: Vec<GroupName>,
    /// Groups that somebody else put the user into since, and that were taken away. They are not given back.
    pub appeared: Vec<GroupName>,
    /// Whether the user was seen in the restricted group and out of all others. Where not, the same call goes on.
    pub is_complete: bool,
}

/// Where a quarantine comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// When it began, RFC 3339 in UTC.
    pub since: String,
    /// Who asked for it.
    pub by: String,
    /// Why, in the words of whoever asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Quarantine {
    /// The version of the format that this crate writes.
    pub const VERSION: u32 = 1;

    /// What is to be written down of a user in these groups.
    pub fn new(user: &User, groups: &[GroupName], group: GroupName, keep: Vec<GroupName>, cause: Cause) -> Quarantine {
        let mut quarantine = Quarantine {
            quarantine: Quarantine::VERSION,
            user: user.id.clone(),
            username: user.username.clone(),
            cause,
            was_member: groups.contains(&group),
            keep: keep.into_iter().filter(|kept| *kept != group).collect(),
            group,
            taken: Vec::new(),
            appeared: Vec::new(),
            is_complete: false,
        };
        quarantine.taken = quarantine.to_leave(groups);
        quarantine
    }

    /// Reads a document.
    pub fn parse(document: &str) -> Result<Quarantine, String> {
        let quarantine: Quarantine = serde_json::from_str(document).map_err(|error| error.to_string())?;
        if quarantine.quarantine != Quarantine::VERSION {
            return Err(format!("it has version {}, which this program does not know", quarantine.quarantine));
        }
        Ok(quarantine)
    }

    /// The groups among these that the user is to leave.
    pub fn to_leave(&self, groups: &[GroupName]) -> Vec<GroupName> {
        let stays = |group: &&GroupName| **group == self.group || self.keep.contains(*group);
        groups.iter().filter(|group| !stays(group)).cloned().collect()
    }

    /// Those of these groups that somebody else put the user into since: neither the restricted one, nor kept, nor of
    /// before.
    pub fn newcomers(&self, groups: &[GroupName]) -> Vec<GroupName> {
        self.to_leave(groups).into_iter().filter(|group| !self.taken.contains(group)).collect()
    }

    /// Takes newcomers down that are not known yet; whether there were any.
    pub fn note(&mut self, groups: &[GroupName]) -> bool {
        let before = self.appeared.len();
        for group in self.newcomers(groups) {
            if !self.appeared.contains(&group) {
                self.appeared.push(group);
            }
        }
        self.appeared.len() > before
    }

    /// The groups that the user is not to be in, as far as anybody knows.
    pub fn forbidden(&self) -> Vec<GroupName> {
        [self.taken.as_slice(), &self.appeared].concat()
    }
}

/// What came of confining somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Confinement {
    /// The way into the restricted group.
    pub entered: MembershipChange,
    /// The way out of each other group; empty where the first step failed.
    pub left: Vec<MembershipChange>,
}

impl Confinement {
    /// Whether the user is in the restricted group and out of the others.
    pub fn is_complete(&self) -> bool {
        self.is_entered() && self.left.iter().all(MembershipChange::is_out)
    }

    /// Whether the user is in the restricted group, and nobody else lost their place over it.
    pub fn is_entered(&self) -> bool {
        self.entered.is_settled() && !self.entered.is_alarming()
    }
}

/// Puts the user into the restricted group, and only once that is seen takes them out of all that is known to be
/// forbidden.
pub async fn confine<D: Directory>(
    directory: &D,
    quarantine: &Quarantine,
    manner: Manner,
    pause: &impl AsyncFn(u32, Option<u32>),
) -> Confinement {
    let Quarantine { user, group, .. } = quarantine;
    let entered = one(add_to_groups(directory, user, std::slice::from_ref(group), manner, pause).await, group);
    let mut confinement = Confinement { entered, left: Vec::new() };
    if confinement.is_entered() {
        confinement.left = remove_from_groups(directory, user, &quarantine.forbidden(), manner, pause).await;
    }
    confinement
}

/// What came of letting somebody back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Release {
    /// The way back into each group of before.
    pub restored: Vec<MembershipChange>,
    /// The way out of the restricted group; absent where the user stays in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<MembershipChange>,
    /// Whether the user was in the restricted group before, and so stays in it.
    pub was_member: bool,
    /// Whether the user was left in the restricted group because there is no other: every group of before is gone.
    pub is_stranded: bool,
}

impl Release {
    /// Whether the quarantine is over: every group of before that there is has the user again, and the restricted one no
    /// longer, unless it had before.
    pub fn is_complete(&self) -> bool {
        self.is_back() && (self.was_member || self.left.as_ref().is_some_and(MembershipChange::is_out))
    }

    /// Whether the user is in every group of before that there is, and nobody else lost their place over it.
    pub fn is_back(&self) -> bool {
        let is_back = |change: &MembershipChange| change.is_settled() || change.outcome == Outcome::GroupGone;
        self.restored.iter().all(|change| is_back(change) && !change.is_alarming())
    }
}

/// Puts the user back into the groups of before, and only once that is seen takes them out of the restricted one. Groups
/// that somebody else put the user into since are left as they are.
pub async fn release<D: Directory>(
    directory: &D,
    quarantine: &Quarantine,
    manner: Manner,
    pause: &impl AsyncFn(u32, Option<u32>),
) -> Release {
    let Quarantine { user, group, taken, was_member, .. } = quarantine;
    let restored = add_to_groups(directory, user, taken, manner, pause).await;
    let mut release = Release { restored, left: None, was_member: *was_member, is_stranded: false };
    if !release.is_back() || *was_member {
        return release;
    }
    let has_lost_all = !taken.is_empty() && release.restored.iter().all(|change| !change.is_settled());
    if has_lost_all {
        match directory.get_user(user, ReadOptions::default()).await {
            Ok(shown) if shown.groups.iter().all(|known| known.id == group.id) => {
                release.is_stranded = true;
                return release;
            }
            Ok(_) => {}
            Err(error) => {
                release.left = Some(not_tried(group, Some(error)));
                return release;
            }
        }
    }
    let left = remove_from_groups(directory, user, std::slice::from_ref(group), manner, pause).await;
    release.left = Some(one(left, group));
    release
}

/// The only change of a list of one.
fn one(changes: Vec<MembershipChange>, group: &GroupName) -> MembershipChange {
    changes
        .into_iter()
        .next()
        .unwrap_or_else(|| not_tried(group, Some(Error::new(ErrorKind::Protocol, "nothing is known of the change"))))
}

fn not_tried(group: &GroupName, error: Option<Error>) -> MembershipChange {
    MembershipChange { group: group.clone(), outcome: Outcome::NotTried, shown_by: None, error }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(ids: &[&str]) -> Vec<GroupName> {
        ids.iter().map(|id| group(id)).collect()
    }

    fn group(id: &str) -> GroupName {
        GroupName { id: id.to_owned(), name: None }
    }

    fn quarantine(of: &[&str], keep: &[&str]) -> Quarantine {
        let user = User { id: "7".to_owned(), username: Some("mara".to_owned()), ..User::default() };
        let cause = Cause { since: "2026-01-01T00:00:00Z".to_owned(), by: "alice".to_owned(), reason: None };
        Quarantine::new(&user, &groups(of), group("r"), groups(keep), cause)
    }

    #[test]
    fn every_group_of_before_is_taken_but_those_that_are_kept() {
        let of = |of: &[&str], keep: &[&str]| {
            let quarantine = quarantine(of, keep);
            (quarantine.taken.into_iter().map(|group| group.id).collect::<Vec<_>>().concat(), quarantine.was_member)
        };
        assert_eq!(of(&["a", "b", "c"], &["b"]), ("ac".to_owned(), false));
        assert_eq!(of(&["a", "r"], &[]), ("a".to_owned(), true));
        assert_eq!(of(&["a"], &["r", "z"]), ("a".to_owned(), false));
        assert_eq!(of(&[], &[]), (String::new(), false));
    }

    #[test]
    fn what_came_since_is_told_from_what_was_before() {
        let mut quarantine = quarantine(&["a", "b", "k"], &["k", "l"]);
        assert!(!quarantine.note(&groups(&["r", "a", "k", "l"])));
        assert!(quarantine.note(&groups(&["r", "b", "x"])));
        assert!(!quarantine.note(&groups(&["x"])));
        assert_eq!((&quarantine.appeared, &quarantine.taken), (&groups(&["x"]), &groups(&["a", "b"])));
        assert_eq!(quarantine.forbidden(), groups(&["a", "b", "x"]));
        assert_eq!(quarantine.to_leave(&groups(&["r", "k", "x", "a", "y"])), groups(&["x", "a", "y"]));
    }

    #[test]
    fn a_document_is_read_as_it_was_written_and_one_of_another_version_is_not() {
        let quarantine = quarantine(&["a"], &["k"]);
        let document = serde_json::to_string(&quarantine).unwrap();
        assert_eq!(Quarantine::parse(&document), Ok(quarantine));
        let other = document.replacen(r#""quarantine":1"#, r#""quarantine":2"#, 1);
        assert_eq!(Quarantine::parse(&other).unwrap_err(), "it has version 2, which this program does not know");
        assert!(Quarantine::parse("{}").is_err());
    }

    #[test]
    fn a_quarantine_is_over_only_when_everything_was_seen() {
        use Outcome::{Done, Failed, GroupGone, NotTried, Unchanged};

        let change = |outcome| MembershipChange { group: group("a"), outcome, shown_by: None, error: None };
        let release = |restored: &[Outcome], left: Option<Outcome>, was_member| {
            let restored = restored.iter().map(|outcome| change(*outcome)).collect();
            Release { restored, left: left.map(change), was_member, is_stranded: false }.is_complete()
        };
        assert!(release(&[Done, Unchanged, GroupGone], Some(Done), false));
        assert!(release(&[], Some(GroupGone), false) && release(&[Done], None, true));
        assert!(!release(&[Done, Failed], None, true));
        for left in [None, Some(Failed), Some(NotTried)] {
            assert!(!release(&[Done], left, false), "{left:?}");
        }
        let lost =
            Error::new(ErrorKind::Protocol, "members are gone").with_effect(portcullis_directory::Effect::Applied);
        let alarming = MembershipChange { error: Some(lost), ..change(Done) };
        let confinement = Confinement { entered: alarming, left: Vec::new() };
        assert!(confinement.entered.is_settled() && !confinement.is_complete());
    }
}
