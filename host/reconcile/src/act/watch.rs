//! Looking again whether somebody is still as they were left. An identity provider puts back what it thinks is missing,
//! under the same id or, where the record was deleted, under a new one.

use portcullis_directory::{Directory, Error, ErrorKind, ReadOptions, User, UserKey};

/// What is there of a person now.
#[derive(Clone, Debug)]
pub struct Sighting {
    /// The record with the id; `None` where there is none.
    pub by_id: Option<User>,
    /// Other records with the username.
    pub by_name: NameSearch,
}

/// What is there under somebody's username, but for the record that is known.
#[derive(Clone, Debug)]
pub enum NameSearch {
    /// These records.
    Found(Vec<User>),
    /// The vendor does not search by username, or there is none to search for.
    Impossible,
}

/// Looks once. Two requests.
pub async fn look<D: Directory>(directory: &D, id: &str, username: Option<&str>) -> Result<Sighting, Error> {
    let by_id = match directory.get_user(id, ReadOptions::default()).await {
        Ok(user) => Some(user),
        Err(error) if error.kind == ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let Some(username) = username else { return Ok(Sighting { by_id, by_name: NameSearch::Impossible }) };
    let key = UserKey::Username(username.to_owned());
    let by_name = match directory.find_user(&key, ReadOptions::default()).await {
        Ok(users) => NameSearch::Found(users.into_iter().filter(|user| user.id != id).collect()),
        Err(error) if error.kind == ErrorKind::Unsupported => NameSearch::Impossible,
        Err(error) => return Err(error),
    };
    Ok(Sighting { by_id, by_name })
}
