//! Who is in which group, out of everything in a snapshot that tells: the records of users, and the rosters of groups.
//! Holds no text of its own, and decides nothing about a membership that only one side shows.

use crate::snapshot::Snapshot;

/// The memberships of a snapshot, each once.
///
/// A membership costs 48 bytes; 400,000 of them take 19 MB.
#[derive(Clone, Debug)]
pub struct Census<'a> {
    /// By group and then by member.
    seats: Vec<Seat<'a>>,
    /// Places in `seats`, by member and then by group.
    by_member: Vec<usize>,
}

/// A membership.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seat<'a> {
    /// The id of the group.
    pub group: &'a str,
    /// The id of the member: a user's, or a group's where `is_group` says so.
    pub member: &'a str,
    /// Whether the group's roster calls the member a group.
    pub is_group: bool,
    /// What shows it.
    pub evidence: Evidence,
}

/// What shows a membership.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// The user's own record alone. Where the group has a [roster](crate::Roster), the roster lacks the user.
    User,
    /// The group's roster alone. The user's record lacks the group, or there is no such user.
    Roster,
    /// Both.
    Both,
}

impl<'a> Census<'a> {
    /// Of a snapshot. A user is in a group when either side says so: whether the groups in users' records are always
    /// complete is unknown (zpa-scim 4), and a membership that is overlooked is one that nobody takes away.
    pub fn of(snapshot: &'a Snapshot) -> Census<'a> {
        let records = snapshot.users.iter().flat_map(|user| {
            let seat = |group| Seat { group, member: &user.id, is_group: false, evidence: Evidence::User };
            user.groups.iter().map(move |group| seat(group.id.as_str()))
        });
        let rosters = snapshot.rosters.iter().flat_map(|roster| {
            roster.members.iter().map(|member| Seat {
                group: &roster.group,
                member: &member.id,
                is_group: member.r#type.as_deref() == Some("group"),
                evidence: Evidence::Roster,
            })
        });
        let mut seats: Vec<_> = records.chain(rosters).collect();
        seats.sort_by_key(|seat| (seat.group, seat.member));
        seats.dedup_by(|again, seat| {
            let is_same = (again.group, again.member) == (seat.group, seat.member);
            if is_same {
                seat.evidence = if again.evidence == seat.evidence { seat.evidence } else { Evidence::Both };
                seat.is_group |= again.is_group;
            }
            is_same
        });
        let mut by_member: Vec<_> = (0..seats.len()).collect();
        by_member.sort_by_key(|place| seats.get(*place).map(|seat| (seat.member, seat.group)));
        Census { seats, by_member }
    }

    /// How many memberships there are.
    pub fn len(&self) -> usize {
        self.seats.len()
    }

    /// Whether nobody is in a group.
    pub fn is_empty(&self) -> bool {
        self.seats.is_empty()
    }

    /// All of them, by group and then by member.
    pub fn seats(&self) -> &[Seat<'a>] {
        &self.seats
    }

    /// Those of a group, by member; none for a group that is not there.
    pub fn members(&self, group: &str) -> &[Seat<'a>] {
        let start = self.seats.partition_point(|seat| seat.group < group);
        let end = self.seats.partition_point(|seat| seat.group <= group);
        self.seats.get(start..end).unwrap_or_default()
    }

    /// Those of a member, by group.
    pub fn groups(&self, member: &str) -> impl Iterator<Item = &Seat<'a>> {
        let of = |place: &usize| self.seats.get(*place).map_or("", |seat| seat.member);
        let start = self.by_member.partition_point(|place| of(place) < member);
        let end = self.by_member.partition_point(|place| of(place) <= member);
        let places = self.by_member.get(start..end).unwrap_or_default();
        places.iter().filter_map(|place| self.seats.get(*place))
    }

    /// This membership, where there is one.
    pub fn seat(&self, group: &str, member: &str) -> Option<&Seat<'a>> {
        let place = self.seats.binary_search_by_key(&(group, member), |seat| (seat.group, seat.member)).ok()?;
        self.seats.get(place)
    }
}

#[cfg(test)]
mod tests {
    use portcullis_directory::{GroupReference, Member, User};

    use super::*;
    use crate::snapshot::tests::{roster, snapshot};

    fn user(id: &str, groups: &[&str]) -> User {
        let groups = groups.iter().map(|id| GroupReference { id: (*id).to_owned(), name: None }).collect();
        User { id: id.to_owned(), groups, ..User::default() }
    }

    #[test]
    fn a_membership_is_counted_once_whoever_tells_of_it() {
        let mut snapshot = snapshot(vec![user("u1", &["b", "a", "a"]), user("u2", &["b"])], vec![]);
        let nested = Member { id: "a".to_owned(), r#type: Some("group".to_owned()), name: None };
        snapshot.rosters = vec![roster("b", &["u1", "u3"])];
        snapshot.rosters[0].members.push(nested);
        let census = Census::of(&snapshot);
        let told = |seats: &[Seat<'_>]| {
            seats
                .iter()
                .map(|seat| format!("{} {:?} {}", seat.member, seat.evidence, seat.is_group))
                .collect::<Vec<_>>()
        };
        assert_eq!(told(census.members("a")), ["u1 User false"]);
        assert_eq!(told(census.members("b")), ["a Roster true", "u1 Both false", "u2 User false", "u3 Roster false"]);
        assert_eq!(census.len(), 5);
        assert!(census.members("c").is_empty());
        assert_eq!(census.groups("u1").map(|seat| seat.group).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(census.groups("u9").count(), 0);
        assert_eq!(census.seat("b", "u1").map(|seat| seat.evidence), Some(Evidence::Both));
        assert_eq!(census.seat("a", "u2"), None);
    }
}
