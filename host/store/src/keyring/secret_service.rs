//! The Secret Service of the session bus (freedesktop.org Secret Service API 0.2), as GNOME Keyring, KDE Wallet and
//! `KeePassXC` offer it. Nothing is unlocked: that would ask whoever sits there, or nobody.

use std::collections::HashMap;

use secret_service::{Collection, EncryptionType, Error, Item, SecretService as Connection};
use zeroize::Zeroizing;

use super::{Answer, Keyring, KeyringError, PATIENCE, SERVICE};

/// The service of whatever bus the environment names. Each call connects anew: there is one in the life of most processes.
#[derive(Debug)]
pub(super) struct SecretService;

impl Keyring for SecretService {
    fn get<'a>(&'a self, entry: &'a str) -> Answer<'a, Option<Zeroizing<String>>> {
        Box::pin(in_time(async move {
            let connection = connect().await?;
            let Some(item) = find(&connection, entry).await? else { return Ok(None) };
            let text = String::from_utf8(item.get_secret().await.map_err(failed)?);
            Ok(Some(Zeroizing::new(text.map_err(|_| KeyringError::failed("the entry holds no text"))?)))
        }))
    }

    fn set<'a>(&'a self, entry: &'a str, text: &'a str) -> Answer<'a, ()> {
        Box::pin(in_time(async move {
            let connection = connect().await?;
            if let Some(item) = find(&connection, entry).await? {
                return item.set_secret(text.as_bytes(), TEXT).await.map_err(failed);
            }
            let collection = collection(&connection).await?;
            let made = collection.create_item(LABEL, attributes(entry), text.as_bytes(), true, TEXT).await;
            made.map(drop).map_err(failed)
        }))
    }

    fn remove<'a>(&'a self, entry: &'a str) -> Answer<'a, ()> {
        Box::pin(in_time(async move {
            let connection = connect().await?;
            match find(&connection, entry).await? {
                Some(item) => item.delete().await.map_err(failed),
                None => Ok(()),
            }
        }))
    }
}

/// Secrets are encrypted on the bus as well, which others may watch.
async fn connect() -> Result<Connection<'static>, KeyringError> {
    Connection::connect(EncryptionType::Dh).await.map_err(KeyringError::absent)
}

/// The entry. Where none is found and the collection is locked, nothing is known of it.
async fn find<'a>(connection: &'a Connection<'_>, entry: &str) -> Result<Option<Item<'a>>, KeyringError> {
    let found = connection.search_items(attributes(entry)).await.map_err(failed)?;
    match found.unlocked.into_iter().next() {
        Some(item) => Ok(Some(item)),
        None if found.locked.is_empty() => collection(connection).await.map(|_| None),
        None => Err(KeyringError::Locked),
    }
}

/// The collection that new entries go to, where it is unlocked.
async fn collection<'a>(connection: &'a Connection<'_>) -> Result<Collection<'a>, KeyringError> {
    let named = async |alias| match connection.get_collection_by_alias(alias).await {
        Ok(collection) => Ok(Some(collection)),
        Err(Error::NoResult) => Ok(None),
        Err(error) => Err(failed(error)),
    };
    let Some(collection) = named("default").await? else {
        return Err(KeyringError::Absent("it has no default collection".to_owned()));
    };
    // What is in this one ends with the session, and so would everything that is sealed.
    if named("session").await?.is_some_and(|session| session.collection_path == collection.collection_path) {
        return Err(KeyringError::Absent("its default collection ends with the session".to_owned()));
    }
    if collection.is_locked().await.map_err(failed)? { Err(KeyringError::Locked) } else { Ok(collection) }
}

fn attributes(entry: &str) -> HashMap<&str, &str> {
    HashMap::from([("service", SERVICE), ("username", entry)])
}

fn failed(error: Error) -> KeyringError {
    match error {
        // It would ask somebody.
        Error::Locked | Error::Prompt | Error::PromptDisconnected => KeyringError::Locked,
        error => KeyringError::failed(error),
    }
}

async fn in_time<T>(work: impl Future<Output = Result<T, KeyringError>>) -> Result<T, KeyringError> {
    tokio::time::timeout(PATIENCE, work).await.unwrap_or(Err(KeyringError::Silent))
}

const LABEL: &str = "Portcullis: opens the credentials of accounts";
const TEXT: &str = "text/plain";
