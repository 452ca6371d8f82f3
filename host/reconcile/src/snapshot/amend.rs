//! What is learnt after a snapshot was taken. What a list did not show and a question did means that the list is not
//! to be relied on.

use portcullis_directory::{Directory, Group, User, WalkOptions};

use super::Snapshot;
use super::take::{TakeError, Told, read_rosters};
use crate::census::Census;

impl Snapshot {
    /// Adds objects that the lists lack, and marks the lists as ones that moved.
    pub(crate) fn add_unlisted(&mut self, users: Vec<User>, groups: Vec<Group>) {
        for user in users {
            if let Err(place) = self.users.binary_search_by(|known| known.id.cmp(&user.id)) {
                self.users.insert(place, user);
                self.header.users.rows += 1;
                self.header.users.moved = true;
            }
        }
        for group in groups {
            if let Err(place) = self.groups.binary_search_by(|known| known.id.cmp(&group.id)) {
                self.groups.insert(place, group);
                self.header.groups.rows += 1;
                self.header.groups.moved = true;
            }
        }
        self.seal();
    }

    /// Reads the members of these groups from the groups' own records, where the directory can tell them.
    pub(crate) async fn read_rosters<D: Directory>(
        &mut self,
        directory: &D,
        groups: impl Fn(&str) -> bool,
        walk: WalkOptions,
        progress: impl FnMut(usize, usize),
    ) -> Result<(), TakeError> {
        let wanted: Vec<_> = self.groups.iter().filter(|group| groups(&group.id)).collect();
        for told in read_rosters(directory, &wanted, walk, progress).await? {
            match told {
                Told::Roster(roster) => {
                    if let Err(place) = self.rosters.binary_search_by(|known| known.group.cmp(&roster.group)) {
                        self.rosters.insert(place, roster);
                    }
                }
                Told::Gone => self.header.groups.moved = true,
                // Users' records are all that there is then.
                Told::Nothing(_) => {}
            }
        }
        self.seal();
        Ok(())
    }

    /// Counts and digests what is there now.
    pub(super) fn seal(&mut self) {
        self.header.memberships = Census::of(self).len() as u64;
        self.header.content = self.content();
    }
}
