//! Finding out by reading whether an action was made, and whether it may be.

use portcullis_directory::{
    Directory, Error, ErrorKind, Group, GroupKey, ReadOptions, Row, User, UserKey, Walk, WalkOptions,
};

use super::field::{Object, Standing};
use super::journal::Journal;
use super::run::Run;
use crate::action::{Action, FieldChange, Operation};
use crate::digest::Digest;
use crate::plan::ObjectKind;

/// What is there, as an action sees it.
#[derive(Debug)]
pub(super) enum Sight {
    /// What the action wants.
    Good {
        /// The object's id.
        id: Option<String>,
        /// The object.
        after: Option<Digest>,
    },
    /// What the plan found there, so that the action may be made.
    Ready,
    /// Something else, in a sentence.
    Other(String),
    /// It could not be read.
    Unread(Error),
}

impl<D: Directory, J: Journal> Run<'_, D, J> {
    /// What is there, as an action that is no membership sees it.
    pub(super) async fn look(&self, action: &Action) -> Sight {
        match &action.operation {
            Operation::CreateUser { fields, .. } => match self.users_like(fields).await {
                Ok(users) => made(&users, fields, |user| &user.id, Object::of_user, Digest::of_user),
                Err(error) => Sight::Unread(error),
            },
            Operation::CreateGroup { fields, .. } => match self.groups_like(fields).await {
                Ok(groups) => made(&groups, fields, |group| &group.id, Object::of_group, Digest::of_group),
                Err(error) => Sight::Unread(error),
            },
            Operation::UpdateUser { user, fields } => match self.user(user).await {
                Ok(Some(user)) => updated(user.id.clone(), &Object::of_user(&user), Digest::of_user(&user), fields),
                Ok(None) => Sight::Other("the user is gone".to_owned()),
                Err(error) => Sight::Unread(error),
            },
            Operation::UpdateGroup { group, fields } => match self.group(group).await {
                Ok(Some(group)) => {
                    updated(group.id.clone(), &Object::of_group(&group), Digest::of_group(&group), fields)
                }
                Ok(None) => Sight::Other("the group is gone".to_owned()),
                Err(error) => Sight::Unread(error),
            },
            Operation::ActivateUser { user } => match self.user(user).await {
                Ok(Some(user)) if user.status.as_deref() == Some("active") => good(user.id.clone(), &user),
                Ok(Some(_)) => Sight::Ready,
                Ok(None) => Sight::Other("the user is gone".to_owned()),
                Err(error) => Sight::Unread(error),
            },
            Operation::DeactivateUser { user: id } => match self.user(id).await {
                // On some vendors switching off deletes.
                Ok(None) => Sight::Good { id: Some(id.clone()), after: None },
                Ok(Some(user)) if matches!(user.status.as_deref(), Some("inactive" | "deleted")) => {
                    good(user.id.clone(), &user)
                }
                Ok(Some(user)) => self.untouched(ObjectKind::User, id, &Digest::of_user(&user)),
                Err(error) => Sight::Unread(error),
            },
            Operation::DeleteUser { user: id } => match self.user(id).await {
                Ok(None) => Sight::Good { id: Some(id.clone()), after: None },
                Ok(Some(user)) => self.untouched(ObjectKind::User, id, &Digest::of_user(&user)),
                Err(error) => Sight::Unread(error),
            },
            Operation::DeleteGroup { group: id } => match self.group(id).await {
                Ok(None) => Sight::Good { id: Some(id.clone()), after: None },
                Ok(Some(group)) => self.untouched(ObjectKind::Group, id, &Digest::of_group(&group)),
                Err(error) => Sight::Unread(error),
            },
            Operation::AddMember { .. } | Operation::RemoveMember { .. } => Sight::Ready,
        }
    }

    /// Whether a user is in a group, by the user's record, as a plan knows it.
    pub(super) async fn look_at_member(&self, user: &str, group: &str, is_removal: bool) -> Sight {
        let found = match self.user(user).await {
            Ok(found) => found,
            Err(error) => return Sight::Unread(error),
        };
        let good = Sight::Good { id: Some(user.to_owned()), after: None };
        match found {
            None if is_removal => good,
            None => Sight::Other("the user is gone".to_owned()),
            Some(user) if user.groups.iter().any(|row| row.id == group) == is_removal => Sight::Ready,
            Some(_) => good,
        }
    }

    /// A user; `None` where there is none.
    pub(super) async fn user(&self, id: &str) -> Result<Option<User>, Error> {
        found(self.directory.get_user(id, ReadOptions::default()).await)
    }

    /// A group; `None` where there is none.
    pub(super) async fn group(&self, id: &str) -> Result<Option<Group>, Error> {
        found(self.directory.get_group(id, ReadOptions::default()).await)
    }

    /// Whether what is taken away is still what the plan was made for.
    fn untouched(&self, kind: ObjectKind, id: &str, found: &Digest) -> Sight {
        match self.expected(kind, id) {
            Some(expected) if expected != *found => Sight::Other("it changed after the plan was begun".to_owned()),
            _ => Sight::Ready,
        }
    }

    /// Every user of the name that a plan gives to a new one.
    async fn users_like(&self, fields: &[FieldChange]) -> Result<Vec<User>, Error> {
        let name = named(fields, "username")?;
        let found = self.directory.find_user(&UserKey::Username(name.to_owned()), ReadOptions::default()).await;
        let is_meant = |user: &User| is_same(user.username.as_deref(), name);
        or_walk(found, || Walk::users(self.directory, WalkOptions::default()), is_meant).await
    }

    /// Every group of the name that a plan gives to a new one.
    async fn groups_like(&self, fields: &[FieldChange]) -> Result<Vec<Group>, Error> {
        let name = named(fields, "name")?;
        let found = self.directory.find_group(&GroupKey::Name(name.to_owned()), ReadOptions::default()).await;
        let is_meant = |group: &Group| is_same(group.name.as_deref(), name);
        or_walk(found, || Walk::groups(self.directory, WalkOptions::default()), is_meant).await
    }
}

fn good(id: String, user: &User) -> Sight {
    Sight::Good { id: Some(id), after: Some(Digest::of_user(user)) }
}

fn found<T>(answer: Result<T, Error>) -> Result<Option<T>, Error> {
    match answer {
        Ok(object) => Ok(Some(object)),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// What was found by the name of what is to be made.
fn made<T>(
    found: &[T],
    fields: &[FieldChange],
    id: impl Fn(&T) -> &String,
    object: impl Fn(&T) -> Object,
    digest: impl Fn(&T) -> Digest,
) -> Sight {
    match found {
        [] => Sight::Ready,
        [one] => match object(one).standing(fields) {
            Standing::After => Sight::Good { id: Some(id(one).clone()), after: Some(digest(one)) },
            Standing::Between | Standing::Other(_) => {
                let differs = |change: &&FieldChange| {
                    object(one).standing(&[FieldChange { before: None, ..(*change).clone() }]) != Standing::After
                };
                let field = fields.iter().find(differs).map(|change| change.field.as_str()).unwrap_or_default();
                let id = id(one);
                Sight::Other(format!("there is one of this name, `{id}`, and its `{field}` is not what the plan says"))
            }
        },
        many => Sight::Other(format!("there are {} of this name", many.len())),
    }
}

fn updated(id: String, object: &Object, after: Digest, fields: &[FieldChange]) -> Sight {
    match object.standing(fields) {
        Standing::After => Sight::Good { id: Some(id), after: Some(after) },
        Standing::Between => Sight::Ready,
        Standing::Other(field) => {
            Sight::Other(format!("`{field}` is neither as it was nor as the plan wants it: somebody else changed it"))
        }
    }
}

fn named<'a>(fields: &'a [FieldChange], name: &str) -> Result<&'a str, Error> {
    let value = fields.iter().find(|change| change.field == name).and_then(|change| change.after.as_ref()?.as_str());
    value.ok_or_else(|| Error::new(ErrorKind::InvalidInput, format!("what is made has no `{name}`")).with_field(name))
}

fn is_same(found: Option<&str>, wanted: &str) -> bool {
    found.is_some_and(|found| found.to_lowercase() == wanted.to_lowercase())
}

/// What the vendor found, or where it cannot search what a whole reading of the list finds. From a part of the list
/// nothing follows.
async fn or_walk<'a, D: Directory + 'a, T: Row>(
    found: Result<Vec<T>, Error>,
    walk: impl FnOnce() -> Walk<'a, D, T>,
    is_meant: impl Fn(&T) -> bool,
) -> Result<Vec<T>, Error> {
    match found {
        Err(error) if error.kind == ErrorKind::Unsupported => {}
        found => return found,
    }
    let mut walk = walk();
    let mut rows = Vec::new();
    while let Some(page) = walk.next_page().await.map_err(|broken| broken.error)? {
        rows.extend(page.items.into_iter().filter(&is_meant));
    }
    if rows.is_empty() && walk.ending().is_none_or(|ending| ending.is_partial()) {
        let message = "the list changed while it was read, so that it is not known whether it is there";
        return Err(Error::new(ErrorKind::Unavailable, message));
    }
    Ok(rows)
}
