//! What users are found by.

use clap::Args;
use portcullis_directory::{User, UserKey};

use crate::finding::{Sought, is_same};

/// What to find users by.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Key {
    /// The name that the user signs in with, without regard to case
    #[arg(long, value_name = "U")]
    username: Option<String>,
    /// The id that an identity provider gave the user, byte for byte
    #[arg(long, value_name = "X")]
    external_id: Option<String>,
    /// An e-mail address, without regard to case
    #[arg(long, value_name = "E")]
    email: Option<String>,
}

impl From<&Key> for UserKey {
    fn from(key: &Key) -> UserKey {
        match (&key.username, &key.external_id, &key.email) {
            (Some(username), ..) => UserKey::Username(username.clone()),
            (_, Some(external_id), _) => UserKey::ExternalId(external_id.clone()),
            (.., email) => UserKey::Email(email.clone().unwrap_or_default()),
        }
    }
}

/// The key in words.
pub(crate) fn sought(key: &UserKey) -> Sought<'_> {
    let (field, value) = match key {
        UserKey::Username(username) => ("username", username),
        UserKey::ExternalId(id) => ("external id", id),
        UserKey::Email(email) => ("e-mail address", email),
    };
    Sought { field, value }
}

/// Whether a user has this key.
pub(crate) fn has(user: &User, key: &UserKey) -> bool {
    match key {
        UserKey::Username(username) => user.username.as_deref().is_some_and(|known| is_same(known, username)),
        UserKey::ExternalId(id) => user.external_id.as_ref() == Some(id),
        UserKey::Email(email) => user.emails.iter().any(|known| is_same(&known.email, email)),
    }
}
