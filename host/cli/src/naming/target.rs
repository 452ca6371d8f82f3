//! What can be named: users and groups, and the ways in which each is looked up.

use portcullis_directory::{
    Directory, Error, Group, GroupKey, PageQuery, ReadOptions, Row, User, UserKey, Walk, WalkOptions,
};

use crate::finding::is_same;
use crate::record::Record;

/// A way to look something up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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

/// What can be named.
pub(crate) trait Target: Row + Record + Clone {
    /// What one is called when it is named without a word in front.
    const OWN_NAME: Way;

    /// The one with this id.
    fn get<D: Directory>(directory: &D, id: &str) -> impl Future<Output = Result<Self, Error>> + Send {
        Self::get_with(directory, id, ReadOptions::default())
    }

    /// The one with this id, read so.
    fn get_with<D: Directory>(
        directory: &D,
        id: &str,
        options: ReadOptions,
    ) -> impl Future<Output = Result<Self, Error>> + Send;

    /// Every one that the vendor finds; `None` where no search does it this way, and the list must be read.
    fn find<D: Directory>(
        directory: &D,
        way: Way,
        value: &str,
    ) -> impl Future<Output = Option<Result<Vec<Self>, Error>>> + Send;

    /// All of them.
    fn walk<D: Directory>(directory: &D) -> Walk<'_, D, Self>;

    /// How many there are, where the vendor says it.
    fn total<D: Directory>(directory: &D) -> impl Future<Output = Result<Option<u32>, Error>> + Send;

    /// Everything that it can be looked up by.
    fn keys(&self) -> Vec<(Way, &str)>;

    /// Whether it is looked up by this value.
    fn has(&self, way: Way, value: &str) -> bool {
        let is_exact = matches!(way, Way::Id | Way::ExternalId);
        let is = |key: &str| if is_exact { key == value } else { is_same(key, value) };
        self.keys().into_iter().any(|(known, key)| known == way && is(key))
    }

    /// Its id and names, for a sentence.
    fn label(&self) -> String;
}

impl Target for User {
    const OWN_NAME: Way = Way::Username;

    async fn get_with<D: Directory>(directory: &D, id: &str, options: ReadOptions) -> Result<User, Error> {
        directory.get_user(id, options).await
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

    async fn total<D: Directory>(directory: &D) -> Result<Option<u32>, Error> {
        Ok(directory.list_users(ONE).await?.total)
    }

    fn keys(&self) -> Vec<(Way, &str)> {
        let names = [
            (Way::ExternalId, self.external_id.as_deref()),
            (Way::Username, self.username.as_deref()),
            (Way::Name, self.name.as_deref()),
        ];
        let names = names.into_iter().filter_map(|(way, name)| Some((way, name?)));
        let emails = self.emails.iter().map(|email| (Way::Email, email.email.as_str()));
        std::iter::once((Way::Id, self.id.as_str())).chain(names).chain(emails).collect()
    }

    fn label(&self) -> String {
        label(&self.id, &[self.username.as_ref(), self.name.as_ref()])
    }
}

impl Target for Group {
    const OWN_NAME: Way = Way::Name;

    async fn get_with<D: Directory>(directory: &D, id: &str, options: ReadOptions) -> Result<Group, Error> {
        directory.get_group(id, options).await
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

    async fn total<D: Directory>(directory: &D) -> Result<Option<u32>, Error> {
        Ok(directory.list_groups(ONE).await?.total)
    }

    fn keys(&self) -> Vec<(Way, &str)> {
        let names = [(Way::ExternalId, self.external_id.as_deref()), (Way::Name, self.name.as_deref())];
        let names = names.into_iter().filter_map(|(way, name)| Some((way, name?)));
        std::iter::once((Way::Id, self.id.as_str())).chain(names).collect()
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

/// The smallest page, for what else it tells.
const ONE: PageQuery = PageQuery { cursor: None, size: Some(1), options: ReadOptions { remote_data: false } };
