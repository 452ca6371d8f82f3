//! What can be named: users and groups, and the ways in which each is looked up.

use portcullis_directory::{Directory, Error, Group, GroupKey, ReadOptions, Row, User, UserKey, Walk, WalkOptions};

use crate::finding::is_same;
use crate::record::Record;

/// A way to look something up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Id,
    Username,
    Name,
    ExternalId,
    Email,
}

impl Way {
    /// The way of this word in front of a colon.
    pub(crate) fn of(word: &str) -> Option<Way> {
        match word {
            "id" => Some(Way::Id),
            "username" => Some(Way::Username),
            "name" => Some(Way::Name),
            "external-id" => Some(Way::ExternalId),
            "email" => Some(Way::Email),
            _ => None,
        }
    }

    /// The field, for a sentence.
    pub(crate) fn in_words(self) -> &'static str {
        match self {
            Way::Id => "id",
            Way::Username => "username",
            Way::Name => "name",
            Way::ExternalId => "external id",
            Way::Email => "e-mail address",
        }
    }
}

/// What a write can name.
pub(crate) trait Target: Row + Record {
    /// What one is called when it is named without a word in front.
    const OWN_NAME: Way;

    /// The one with this id.
    fn get<D: Directory>(directory: &D, id: &str) -> impl Future<Output = Result<Self, Error>> + Send;

    /// Every one that the vendor finds; `None` where no search does it this way, and the list must be read.
    fn find<D: Directory>(
        directory: &D,
        way: Way,
        value: &str,
    ) -> impl Future<Output = Option<Result<Vec<Self>, Error>>> + Send;

    /// All of them.
    fn walk<D: Directory>(directory: &D) -> Walk<'_, D, Self>;

    /// Whether it is looked up by this value.
    fn has(&self, way: Way, value: &str) -> bool;

    /// Its id and names, for a sentence.
    fn label(&self) -> String;
}

impl Target for User {
    const OWN_NAME: Way = Way::Username;

    async fn get<D: Directory>(directory: &D, id: &str) -> Result<User, Error> {
        directory.get_user(id, ReadOptions::default()).await
    }

    async fn find<D: Directory>(directory: &D, way: Way, value: &str) -> Option<Result<Vec<User>, Error>> {
        let value = value.to_owned();
        let key = match way {
            Way::Username => UserKey::Username(value),
            Way::ExternalId => UserKey::ExternalId(value),
            Way::Email => UserKey::Email(value),
            Way::Id | Way::Name => return None,
        };
        Some(directory.find_user(&key, ReadOptions::default()).await)
    }

    fn walk<D: Directory>(directory: &D) -> Walk<'_, D, User> {
        Walk::users(directory, WalkOptions::default())
    }

    fn has(&self, way: Way, value: &str) -> bool {
        match way {
            Way::Id => self.id == value,
            Way::Username => is_same(self.username.as_ref(), value),
            Way::Name => is_same(self.name.as_ref(), value),
            Way::ExternalId => self.external_id.as_deref() == Some(value),
            Way::Email => self.emails.iter().any(|known| is_same(Some(&known.email), value)),
        }
    }

    fn label(&self) -> String {
        label(&self.id, &[self.username.as_ref(), self.name.as_ref()])
    }
}

impl Target for Group {
    const OWN_NAME: Way = Way::Name;

    async fn get<D: Directory>(directory: &D, id: &str) -> Result<Group, Error> {
        directory.get_group(id, ReadOptions::default()).await
    }

    async fn find<D: Directory>(directory: &D, way: Way, value: &str) -> Option<Result<Vec<Group>, Error>> {
        let value = value.to_owned();
        let key = match way {
            Way::Name => GroupKey::Name(value),
            Way::ExternalId => GroupKey::ExternalId(value),
            Way::Id | Way::Username | Way::Email => return Some(Ok(Vec::new())),
        };
        Some(directory.find_group(&key, ReadOptions::default()).await)
    }

    fn walk<D: Directory>(directory: &D) -> Walk<'_, D, Group> {
        Walk::groups(directory, WalkOptions::default())
    }

    fn has(&self, way: Way, value: &str) -> bool {
        match way {
            Way::Id => self.id == value,
            Way::Name => is_same(self.name.as_ref(), value),
            Way::ExternalId => self.external_id.as_deref() == Some(value),
            // Groups have neither.
            Way::Username | Way::Email => false,
        }
    }

    fn label(&self) -> String {
        label(&self.id, &[self.name.as_ref()])
    }
}

/// `301188 (mara.lind@acme.example, Mara Lind)`.
fn label(id: &str, names: &[Option<&String>]) -> String {
    let names: Vec<_> = names.iter().copied().flatten().map(String::as_str).collect();
    if names.is_empty() { id.to_owned() } else { format!("{id} ({})", names.join(", ")) }
}
