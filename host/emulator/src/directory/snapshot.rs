//! A directory as lines of JSON, for people to read and for the next run to begin with.
//! What was saved loads as the same directory, ids to come included; anything else is refused with its line.

use std::collections::HashMap;
use std::io::{self, BufRead, Write};

use serde::{Deserialize, Serialize};

use super::grave::Grave;
use super::random::Random;
use super::{At, Directory, Group, Id, Refusal, Shape, User};

const VERSION: u32 = 1;

/// Why a file is no directory.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// It cannot be read.
    #[error("line {line} cannot be read: {error}")]
    Unreadable {
        /// Counted from 1.
        line: usize,
        /// Why.
        error: io::Error,
    },
    /// A line is not what a save writes.
    #[error("line {line} is no record of an emulator: {error}")]
    Malformed {
        /// Counted from 1.
        line: usize,
        /// Why.
        error: serde_json::Error,
    },
    /// A line does not fit those before it.
    #[error("line {line}: {refusal}")]
    Refused {
        /// Counted from 1.
        line: usize,
        /// Why.
        refusal: Refusal,
    },
    /// The first line is missing, is not the first, or is of another version.
    #[error("line {0} is not where the state of an emulator of version {VERSION} begins")]
    NoBeginning(usize),
    /// Fewer or more users or groups than the first line says.
    #[error("{found} users and groups, and the first line says {said}")]
    Incomplete {
        /// What is there.
        found: usize,
        /// What should be.
        said: usize,
    },
    /// The groups of a user are not those that it is a member of.
    #[error("the groups of user `{0}` are not those that have it as a member")]
    Contradiction(String),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Line {
    Emulator(Beginning),
    User(Box<SavedUser>),
    Group(SavedGroup),
    DeletedUser(SavedGrave),
    DeletedGroup(SavedGrave),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Beginning {
    version: u32,
    users: usize,
    groups: usize,
    /// Where the ids to come are made from.
    ids: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum SavedShape {
    Legacy,
    Recent,
}

macro_rules! saved {
    ($name:ident of $truth:ident { $($field:ident: $kind:ty,)* } optional { $($optional:ident: $inner:ty,)* }) => {
        #[derive(Serialize, Deserialize)]
        #[serde(deny_unknown_fields, rename_all = "camelCase")]
        struct $name {
            $($field: $kind,)*
            $(#[serde(default, skip_serializing_if = "is_nothing")] $optional: $inner,)*
            created: u32,
            last_modified: u32,
            shape: SavedShape,
        }

        impl From<$truth> for $name {
            fn from(truth: $truth) -> Self {
                let shape = match truth.shape {
                    Shape::Legacy => SavedShape::Legacy,
                    Shape::Recent => SavedShape::Recent,
                };
                let (created, last_modified) = (truth.created, truth.last_modified);
                Self { $($field: truth.$field,)* $($optional: truth.$optional,)* created, last_modified, shape }
            }
        }

        impl From<$name> for $truth {
            fn from(saved: $name) -> Self {
                let shape = match saved.shape {
                    SavedShape::Legacy => Shape::Legacy,
                    SavedShape::Recent => Shape::Recent,
                };
                let (created, last_modified) = (saved.created, saved.last_modified);
                Self { $($field: saved.$field,)* $($optional: saved.$optional,)* created, last_modified, shape }
            }
        }
    };
}

saved!(SavedUser of User { id: String, user_name: String, active: bool, } optional {
    external_id: Option<String>, display_name: Option<String>, nick_name: Option<String>, title: Option<String>,
    user_type: Option<String>, formatted_name: Option<String>, given_name: Option<String>,
    family_name: Option<String>, emails: Vec<String>, department: Option<String>, cost_center: Option<String>,
    division: Option<String>, organization: Option<String>, groups: Vec<String>,
});
saved!(SavedGroup of Group { id: String, display_name: String, } optional {
    external_id: Option<String>, members: Vec<String>,
});

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SavedGrave {
    name: String,
    id: String,
    linked: Vec<String>,
}

fn is_nothing<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Directory {
    /// Writes everything: a line that says what follows, users, groups, and what is remembered of the deleted.
    pub fn save(&self, out: &mut impl Write) -> io::Result<()> {
        let (users, groups) = (self.user_count(), self.group_count());
        let mut put = |line: &Line| {
            serde_json::to_writer(&mut *out, line)?;
            out.write_all(b"\n")
        };
        put(&Line::Emulator(Beginning { version: VERSION, users, groups, ids: self.ids.state() }))?;
        for user in self.users() {
            put(&Line::User(Box::new(user.into())))?;
        }
        for group in self.groups() {
            put(&Line::Group(group.into()))?;
        }
        for (name, grave) in sorted(self.graves.users()) {
            put(&Line::DeletedUser(saved_grave(name, grave)))?;
        }
        for (name, grave) in sorted(self.graves.groups()) {
            put(&Line::DeletedGroup(saved_grave(name, grave)))?;
        }
        Ok(())
    }

    /// Reads what [`Self::save`] wrote.
    pub fn load(input: impl BufRead) -> Result<Self, LoadError> {
        let mut loading = None;
        let mut lines = 0;
        for (line, text) in (1..).zip(input.lines()) {
            lines = line;
            let text = text.map_err(|error| LoadError::Unreadable { line, error })?;
            let record = serde_json::from_str(&text).map_err(|error| LoadError::Malformed { line, error })?;
            match (&mut loading, record) {
                (None, Line::Emulator(beginning)) if beginning.version == VERSION => {
                    loading = Some(Loading::new(&beginning));
                }
                (None, _) | (Some(_), Line::Emulator(_)) => return Err(LoadError::NoBeginning(line)),
                (Some(loading), record) => {
                    loading.take(record).map_err(|refusal| LoadError::Refused { line, refusal })?;
                }
            }
        }
        loading.ok_or(LoadError::NoBeginning(lines.max(1)))?.finish()
    }
}

struct Loading {
    directory: Directory,
    /// The groups of each user in the user's own order, by its slot.
    groups: HashMap<u32, Vec<Id>>,
    said: usize,
}

impl Loading {
    fn new(beginning: &Beginning) -> Self {
        let directory = Directory { ids: Random::from_state(beginning.ids), ..Directory::empty(0) };
        let said = beginning.users.saturating_add(beginning.groups);
        Self { directory, groups: HashMap::new(), said }
    }

    fn take(&mut self, line: Line) -> Result<(), Refusal> {
        match line {
            Line::Emulator(_) => {}
            Line::User(saved) => {
                let mut user = User::from(*saved);
                let groups = ids(&std::mem::take(&mut user.groups))?;
                let slot = self.directory.insert_user(id(&user.id)?, user, At::End)?;
                if !groups.is_empty() {
                    self.groups.insert(slot, groups);
                }
            }
            Line::Group(saved) => {
                let group = Group::from(saved);
                id(&group.id)?;
                self.directory.add_group(group, At::End)?;
            }
            Line::DeletedUser(saved) => {
                let grave = Grave { id: id(&saved.id)?, linked: ids(&saved.linked)? };
                self.directory.graves.remember_user(&saved.name, grave);
            }
            Line::DeletedGroup(saved) => {
                let grave = Grave { id: id(&saved.id)?, linked: ids(&saved.linked)? };
                self.directory.graves.remember_group(&saved.name, grave);
            }
        }
        Ok(())
    }

    /// Puts the groups of each user in the order that they had.
    fn finish(mut self) -> Result<Directory, LoadError> {
        let found = self.directory.user_count() + self.directory.group_count();
        if found != self.said {
            return Err(LoadError::Incomplete { found, said: self.said });
        }
        for slot in self.directory.users.order().to_vec() {
            let groups = self.groups.remove(&slot).unwrap_or_default();
            let groups: Option<Vec<u32>> = groups.into_iter().map(|id| self.directory.groups.slot(id)).collect();
            let Some(row) = self.directory.users.row_mut(slot) else { continue };
            let sorted = |slots: &[u32]| {
                let mut slots = slots.to_vec();
                slots.sort_unstable();
                slots
            };
            match groups {
                Some(groups) if sorted(&groups) == sorted(&row.groups) => row.groups = groups.into(),
                _ => return Err(LoadError::Contradiction(row.id.to_string())),
            }
        }
        Ok(self.directory)
    }
}

fn id(text: &str) -> Result<Id, Refusal> {
    text.parse().map_err(|()| Refusal::IdUnreadable(text.to_owned()))
}

fn ids(texts: &[String]) -> Result<Vec<Id>, Refusal> {
    texts.iter().map(|text| id(text)).collect()
}

fn saved_grave(name: &str, grave: &Grave) -> SavedGrave {
    let linked = grave.linked.iter().map(ToString::to_string).collect();
    SavedGrave { name: name.to_owned(), id: grave.id.to_string(), linked }
}

/// In order of names, so that the same directory is the same bytes.
fn sorted<'a>(graves: impl Iterator<Item = (&'a str, &'a Grave)>) -> Vec<(&'a str, &'a Grave)> {
    let mut graves: Vec<_> = graves.collect();
    graves.sort_unstable_by_key(|(name, _)| *name);
    graves
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn saved(directory: &Directory) -> String {
        let mut out = Vec::new();
        directory.save(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn lived_in() -> Directory {
        let mut directory = Directory::generate(60, 5, 7);
        let gone = directory.users().nth(3).unwrap();
        directory.bury_user(&gone.id).unwrap();
        let group = directory.groups().next().unwrap();
        directory.bury_group(&group.id).unwrap();
        directory.add_user(User::new("new@acme.example"), At::Front).unwrap();
        directory
    }

    #[test]
    fn what_was_saved_loads_as_the_same_directory_and_goes_on_alike() {
        let mut first = lived_in();
        let text = saved(&first);
        let mut second = Directory::load(text.as_bytes()).unwrap();
        assert_eq!(saved(&second), text);
        assert!(first.users().eq(second.users()) && first.groups().eq(second.groups()));
        let added = [&mut first, &mut second].map(|directory| directory.add_user(User::new("a"), At::End).unwrap());
        assert_eq!(added[0], added[1]);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in any::<Vec<u8>>(), place in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let _ = Directory::load(bytes.as_slice());
            let mut text = saved(&Directory::generate(4, 2, 7)).into_bytes();
            let place = place.index(text.len());
            text[place] = byte;
            if let Ok(directory) = Directory::load(text.as_slice()) {
                prop_assert_eq!((directory.user_count(), directory.group_count()), (4, 2));
            }
        }
    }

    #[test]
    fn what_was_not_saved_is_refused_with_its_line() {
        let text = saved(&lived_in());
        let refusal = |text: &str| Directory::load(text.as_bytes()).unwrap_err().to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(refusal(""), "line 1 is not where the state of an emulator of version 1 begins");
        assert_eq!(refusal(lines[1]), "line 1 is not where the state of an emulator of version 1 begins");
        assert_eq!(refusal(&lines[..20].join("\n")), "19 users and groups, and the first line says 64");
        let twice = [lines[0], lines[1], lines[1]].join("\n");
        assert_eq!(refusal(&twice), "line 3: user name `new@acme.example` is taken");
        assert_eq!(
            refusal(&format!("{}\n{{}}", lines[0])),
            "line 2 is no record of an emulator: expected value at line 1 column 2"
        );
        let stranger = text.replacen("\"groups\":[\"", "\"groups\":[\"5\",\"", 1);
        assert!(refusal(&stranger).starts_with("the groups of user `"), "{}", refusal(&stranger));
        let version = text.replacen("\"version\":1", "\"version\":2", 1);
        assert_eq!(refusal(&version), "line 1 is not where the state of an emulator of version 1 begins");
    }
}
