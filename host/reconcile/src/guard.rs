//! Limits that keep a mistake small: a source that was cut off, a filter that was wrong, a directory that was read badly.
//! One limit that is met refuses the whole plan, before its first write.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::action::{Action, Operation, Reference};
use crate::plan::{Source, Trip};
use crate::run::LastRun;

/// What a plan may do without being looked at. Counts are of actions; shares are percent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Users and groups made. Default 1,000.
    pub create: u64,
    /// Users and groups changed, users switched on included. Default 1,000.
    pub update: u64,
    /// Users switched off, counted together with those deleted: on ZPA the one may be the other (zpa-scim 10).
    /// Default 25.
    pub deactivate: u64,
    /// Users deleted. Default 10.
    pub delete: u64,
    /// The most of the directory's users that are switched off or deleted, in percent. Default 5; a directory of a
    /// few people may lose one all the same.
    pub leavers_percent: u64,
    /// Memberships added. Default 5,000.
    pub member_add: u64,
    /// Memberships taken away. Default 250.
    pub member_remove: u64,
    /// The most of one group's members that are taken out, in percent, where it has ten or more. Default 50.
    pub group_percent: u64,
    /// Groups deleted. Default 1.
    pub group_delete: u64,
    /// Groups that one user may be in. Default 1,000.
    pub groups_per_user: u64,
    /// How much smaller than at the last run the source or the directory may be, in percent. Default 20.
    pub shrink_percent: u64,
    /// What a rolling day may have in all, of what was applied and what is planned, in times of each count. Default 2.
    pub per_day: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            create: 1000,
            update: 1000,
            deactivate: 25,
            delete: 10,
            leavers_percent: 5,
            member_add: 5000,
            member_remove: 250,
            group_percent: 50,
            group_delete: 1,
            groups_per_user: 1000,
            shrink_percent: 20,
            per_day: 2,
        }
    }
}

/// The name of a kind, what it may have, and what belongs to it.
type Counted = (&'static str, u64, fn(&Operation) -> bool);

/// The kinds of action that are counted, with what each may have. The names are stable.
fn counted(limits: &Limits) -> [Counted; 7] {
    use Operation as O;
    [
        ("create", limits.create, |it| matches!(it, O::CreateUser { .. } | O::CreateGroup { .. })),
        ("update", limits.update, |it| {
            matches!(it, O::UpdateUser { .. } | O::UpdateGroup { .. } | O::ActivateUser { .. })
        }),
        ("deactivate", limits.deactivate, |it| matches!(it, O::DeactivateUser { .. } | O::DeleteUser { .. })),
        ("delete", limits.delete, |it| matches!(it, O::DeleteUser { .. })),
        ("member-add", limits.member_add, |it| matches!(it, O::AddMember { .. })),
        ("member-remove", limits.member_remove, |it| matches!(it, O::RemoveMember { .. })),
        ("group-delete", limits.group_delete, |it| matches!(it, O::DeleteGroup { .. })),
    ]
}

/// The kinds that an operation counts as, for the rolling day.
pub fn kinds(operation: &Operation) -> impl Iterator<Item = &'static str> {
    counted(&Limits::default()).into_iter().filter(|(_, _, is)| is(operation)).map(|(name, ..)| name)
}

/// What a plan is weighed against.
pub(crate) struct Weights<'a> {
    pub(crate) limits: &'a Limits,
    pub(crate) source: &'a Source,
    /// Users in the directory.
    pub(crate) users: u64,
    /// Members of each group that loses some, and the group's name.
    pub(crate) members: BTreeMap<&'a str, (u64, &'a str)>,
    /// Groups of each user that gains some, as they are, and the user's name.
    pub(crate) groups: BTreeMap<&'a str, (u64, &'a str)>,
    /// What the last run found.
    pub(crate) last: Option<&'a LastRun>,
    /// Actions that were applied in the last 24 hours, by kind.
    pub(crate) today: &'a BTreeMap<String, u64>,
    /// Whether people who are not in the source may lose something.
    pub(crate) removes: bool,
}

/// Every limit that the actions go beyond.
pub(crate) fn weigh(actions: &[Action], weights: &Weights<'_>) -> Vec<Trip> {
    let limits = weights.limits;
    let mut trips = Vec::new();
    let mut trip = |guard: String, counted: u64, limit: u64, message: String| {
        if counted > limit {
            trips.push(Trip { guard, counted, limit, message });
        }
    };
    let count = |is: fn(&Operation) -> bool| actions.iter().filter(|action| is(&action.operation)).count() as u64;
    for (kind, limit, is) in counted(limits) {
        let planned = count(is);
        trip(
            format!("{kind}-count"),
            planned,
            limit,
            format!("the plan has {planned} actions of kind {kind}, and {limit} are allowed"),
        );
        let applied = weights.today.get(kind).copied().unwrap_or(0);
        let (all, day) = (applied + planned, limit.saturating_mul(limits.per_day));
        if planned > 0 {
            let message = format!(
                "{applied} actions of kind {kind} were applied in the last 24 hours and {planned} are planned, {all} in all, and {day} are allowed"
            );
            trip(format!("{kind}-day"), all, day, message);
        }
    }
    let leavers = count(|it| matches!(it, Operation::DeactivateUser { .. } | Operation::DeleteUser { .. }));
    let share = (weights.users * limits.leavers_percent / 100).max(1);
    let message = format!(
        "{leavers} of {} users would be switched off or deleted, and {} percent, {share}, are allowed",
        weights.users, limits.leavers_percent
    );
    trip("leavers-share".to_owned(), leavers, share, message);

    let mut removed: BTreeMap<&str, u64> = BTreeMap::new();
    let mut added: BTreeMap<&str, u64> = BTreeMap::new();
    for action in actions {
        match &action.operation {
            Operation::RemoveMember { group, .. } => *removed.entry(group).or_default() += 1,
            Operation::AddMember { user: Reference::Id(user), .. } => *added.entry(user).or_default() += 1,
            _ => {}
        }
    }
    for (group, removed) in removed {
        let Some((members, name)) = weights.members.get(group).copied() else { continue };
        if removed >= members {
            let message = format!("the group `{name}` would lose all of its {members} members");
            trip("last-member".to_owned(), removed, members.saturating_sub(1), message);
        } else if members >= 10 {
            let most = members * limits.group_percent / 100;
            let message = format!(
                "the group `{name}` would lose {removed} of its {members} members, and {} percent, {most}, are allowed",
                limits.group_percent
            );
            trip("group-share".to_owned(), removed, most, message);
        }
    }
    for (user, added) in added {
        let Some((groups, name)) = weights.groups.get(user).copied() else { continue };
        let (all, most) = (groups + added, limits.groups_per_user);
        trip(
            "groups-per-user".to_owned(),
            all,
            most,
            format!("`{name}` would be in {all} groups, and {most} are allowed"),
        );
    }
    if weights.removes && weights.source.people <= 1 {
        let message = format!("the source has {} people; an emptied source is refused", weights.source.people);
        trips.push(Trip { guard: "source-empty".to_owned(), counted: weights.source.people, limit: 2, message });
    }
    if let Some(last) = weights.last {
        for (guard, what, now, before) in [
            ("source-shrank", "the source", weights.source.people, last.people),
            ("directory-shrank", "the directory", weights.users, last.users),
        ] {
            // Of a few people one may go all the same.
            let least = before.saturating_sub((before * limits.shrink_percent.min(100) / 100).max(1));
            if weights.removes && now < least {
                let message = format!(
                    "{what} has {now} people and had {before} at the last run, and may have shrunk by {} percent, to {least}",
                    limits.shrink_percent
                );
                trips.push(Trip { guard: guard.to_owned(), counted: now, limit: least, message });
            }
        }
    }
    trips
}
