//! A company out of a seed: the same seed, the same bytes, on every machine.
//! A row depends on the seed and its number alone, so a larger directory begins like a smaller one,
//! but for memberships, which also depend on how many groups there are.

use std::collections::HashMap;

use super::name;
use super::{At, Directory, Group, Id, Random, Shape, User};

const USERS: u64 = 1;
const GROUPS: u64 = 2;
/// Since then new resources have UUIDs: 2022-08-29 (zpa-scim.md 3.1).
const UUIDS_SINCE: u32 = 1_661_731_200;
/// 2019-06-01, when the oldest record was made.
const OLDEST: u32 = 1_559_347_200;
/// 2026-06-01, when the newest record was changed.
const NEWEST: u32 = 1_780_272_000;

impl Directory {
    /// A company of so many users and groups. Every tenth user is sparse and a quarter is from before UUIDs
    /// (zpa-scim.md 3.2); the last of three or more groups has no members.
    pub fn generate(users: u32, groups: u32, seed: u64) -> Self {
        let mut directory = Self::empty(seed);
        directory.users.reserve(users);
        directory.user_names.reserve(usize::try_from(users).unwrap_or_default());
        for row in 0..groups {
            // Names and ids are unique by construction, so nothing here is ever refused.
            let _ = directory.add_group(group(seed, row), At::End);
        }
        let joinable = if groups >= 3 { groups - 1 } else { groups };
        let mut namesakes = HashMap::new();
        for row in 0..users {
            let mut random = Random::of_row(seed, USERS, row);
            let (id, user) = user(&mut random, row, &mut namesakes);
            if let Ok(slot) = directory.insert_user(id, user, At::End) {
                directory.join_some(slot, joinable, &mut random);
            }
        }
        directory
    }

    fn join_some(&mut self, user: u32, groups: u32, random: &mut Random) {
        let wanted = random.pick(&[0, 1, 1, 2, 2, 3, 4]).min(groups);
        let mut chosen = Vec::with_capacity(4);
        for _ in 0..wanted {
            // The smaller of two draws: the first groups are the large ones.
            let group = random.below(groups).min(random.below(groups));
            if !chosen.contains(&group) {
                chosen.push(group);
            }
        }
        for &group in &chosen {
            if let Some(row) = self.groups.row_mut(group) {
                row.members.push(user);
            }
        }
        if let Some(row) = self.users.row_mut(user) {
            row.groups = chosen.into();
        }
    }
}

fn user(random: &mut Random, row: u32, namesakes: &mut HashMap<(&'static str, &'static str), u32>) -> (Id, User) {
    let shape = shape(random);
    let (given, given_letters) = random.pick(&name::GIVEN);
    let (family, family_letters) = random.pick(&name::FAMILY);
    let namesake = namesakes.entry((given_letters, family_letters)).or_default();
    *namesake += 1;
    let number = if *namesake == 1 { String::new() } else { namesake.to_string() };
    let address = match random.below(50) {
        0 => format!("{given}.{family}{number}@Acme.example").replace(' ', ""),
        1 => format!("{given_letters}+{family_letters}{number}@acme.example"),
        _ => format!("{given_letters}.{family_letters}{number}@acme.example"),
    };
    let (created, last_modified) = times(random, shape);
    let sparse = random.once_in(10);
    let formatted = format!("{given} {family}");
    let some = |text: &str| (!sparse).then(|| text.to_owned());
    let id = id(random, shape, 200_000, row);
    let user = User {
        id: String::new(),
        external_id: (!random.once_in(12)).then(|| match shape {
            Shape::Legacy => format!("legacy-{row}"),
            Shape::Recent => format!("00u{:08x}{row:x}", random.next() >> 32),
        }),
        active: !random.once_in(20),
        display_name: some(&match random.below(40) {
            0 => format!("{given} \"{}\" {family}", given.chars().take(3).collect::<String>()),
            1 => format!("{family}, {given}"),
            _ => formatted.clone(),
        }),
        nick_name: some(given).filter(|_| random.once_in(3)),
        title: some(random.pick(&name::TITLE)).filter(|_| shape == Shape::Recent),
        user_type: some(random.pick(&name::USER_TYPE)),
        formatted_name: some(&formatted),
        given_name: Some(given.to_owned()),
        family_name: Some(family.to_owned()),
        emails: if sparse { Vec::new() } else { vec![address.clone()] },
        department: some(random.pick(&name::DEPARTMENT)),
        cost_center: some(&format!("CC-{}", 10 + random.below(60))),
        division: some(random.pick(&name::DIVISION)),
        organization: some(random.pick(&name::ORGANIZATION)).filter(|_| !random.once_in(4)),
        user_name: address,
        groups: Vec::new(),
        created,
        last_modified,
        shape,
    };
    (id, user)
}

fn group(seed: u64, row: u32) -> Group {
    let mut random = Random::of_row(seed, GROUPS, row);
    let shape = shape(&mut random);
    let index = usize::try_from(row).unwrap_or_default();
    let round = index / name::GROUP.len();
    let base = name::GROUP.get(index % name::GROUP.len()).copied();
    let base = base.unwrap_or_default();
    let (created, last_modified) = times(&mut random, shape);
    Group {
        id: id(&mut random, shape, 60_000, row).to_string(),
        // Some have none, and three in a dozen share one (zpa-scim.md 4).
        external_id: match random.below(4) {
            0 => None,
            1 => Some("grp-shared".to_owned()),
            _ => Some(format!("grp-{row}")),
        },
        display_name: if round == 0 { base.to_owned() } else { format!("{base} {}", round + 1) },
        members: Vec::new(),
        created,
        last_modified,
        shape,
    }
}

fn shape(random: &mut Random) -> Shape {
    if random.once_in(4) { Shape::Legacy } else { Shape::Recent }
}

fn id(random: &mut Random, shape: Shape, base: u64, row: u32) -> Id {
    match shape {
        Shape::Legacy => Id::number(base + u64::from(row) * 7 + u64::from(random.below(7))),
        Shape::Recent => Id::uuid(random.wide()),
    }
}

fn times(random: &mut Random, shape: Shape) -> (u32, u32) {
    let (from, to) = match shape {
        Shape::Legacy => (OLDEST, UUIDS_SINCE),
        Shape::Recent => (UUIDS_SINCE, NEWEST),
    };
    let created = from + random.below(to - from);
    let changed = !random.once_in(3);
    let later = if changed { random.below(NEWEST - created) } else { 0 };
    (created, created + later)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_asked_for_is_there() {
        let directory = Directory::generate(20_000, 350, 7);
        assert_eq!(directory.user_count(), 20_000);
        assert_eq!(directory.group_count(), 350);
        assert_eq!(directory.groups().last().unwrap().members, [""; 0]);
        let memberships: usize = directory.users().map(|user| user.groups.len()).sum();
        let members: usize = directory.groups().map(|group| group.members.len()).sum();
        assert_eq!(memberships, members);
    }

    #[test]
    fn the_same_seed_is_the_same_company_and_another_is_not() {
        let company = |seed| Directory::generate(100, 9, seed).users().collect::<Vec<_>>();
        assert_eq!(company(7), company(7));
        assert_ne!(company(7), company(8));
    }

    #[test]
    fn a_larger_company_begins_like_a_smaller_one() {
        let small = Directory::generate(50, 9, 7);
        let large = Directory::generate(500, 9, 7);
        assert!(small.users().eq(large.users().take(50)));
    }
}
