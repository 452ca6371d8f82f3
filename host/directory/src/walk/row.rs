//! What a walk can walk: rows with an id and a function of the directory that lists them.

use crate::{Directory, Error, Group, Member, Page, PageQuery, User};

/// A row of a list: [`User`], [`Group`] or [`Member`]. No other type can be one.
pub trait Row: Listed + Send {
    /// The row's identifier.
    fn id(&self) -> &str;
}

/// How the directory lists rows of a type.
pub trait Listed: Sized {
    /// One page; `group_id` matters to members alone.
    fn page<D: Directory>(
        directory: &D,
        group_id: &str,
        query: PageQuery,
    ) -> impl Future<Output = Result<Page<Self>, Error>> + Send;
}

impl Row for User {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Listed for User {
    async fn page<D: Directory>(directory: &D, _: &str, query: PageQuery) -> Result<Page<Self>, Error> {
        directory.list_users(query).await
    }
}

impl Row for Group {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Listed for Group {
    async fn page<D: Directory>(directory: &D, _: &str, query: PageQuery) -> Result<Page<Self>, Error> {
        directory.list_groups(query).await
    }
}

impl Row for Member {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Listed for Member {
    async fn page<D: Directory>(directory: &D, group_id: &str, query: PageQuery) -> Result<Page<Self>, Error> {
        directory.list_members(group_id, query).await
    }
}
