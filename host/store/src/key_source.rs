//! Where keys come from: the store's own key, in a file beside its database or in the keyring that the file names; a file
//! of the operator's; or text that the operator gave. Only the first is ever written.
//!
//! Whatever is written: a key is where it will be looked for before anything needs it there, and is in its old place until
//! nothing does. So a process may end between any two steps.

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::{Error, Kind};
use crate::key::{Key, Keys};
use crate::key_file::{self, Content};
use crate::keyring::{Keyring, KeyringError, NoKeyring};

/// Where the keys of a store are. A key that is not known is looked for anew each time that it is needed.
#[derive(Clone, Debug)]
pub enum KeySource {
    /// The store's own key, made when the first credential is sealed.
    Own(OwnKey),
    /// A file of the operator's, which is never written.
    File(PathBuf),
    /// Keys that the operator gave, such as by an environment variable.
    Given(Keys),
}

/// The store's own key. The file beside the database says where it is.
#[derive(Clone, Debug)]
pub struct OwnKey {
    keyring: Arc<dyn Keyring>,
    new: NewKey,
    /// What was last read of the keyring, and in which entry: it is slow, and may be locked meanwhile.
    read: Arc<Mutex<Option<(String, Keys)>>>,
}

/// Where the key of a new store is kept. Of a store that has one, the key stays where it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NewKey {
    /// In the file.
    File,
    /// In the keyring where that takes it, otherwise in the file.
    KeyringOrFile,
    /// In the keyring; it is an error where that does not take it.
    Keyring,
}

/// Where a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyPlace {
    /// In the store's own file.
    File,
    /// In the keyring.
    Keyring,
    /// With the operator.
    Operator,
}

impl KeySource {
    /// The store's own key, in the file. Where it is in a keyring, it is not to be had.
    pub fn own() -> KeySource {
        KeySource::own_in(Arc::new(NoKeyring(KeyringError::Off)), NewKey::File)
    }

    /// The store's own key, in the file or in this keyring.
    pub fn own_in(keyring: Arc<dyn Keyring>, new: NewKey) -> KeySource {
        KeySource::Own(OwnKey { keyring, new, read: Arc::default() })
    }

    /// The keys as they are now, to seal with; `None` where the store's own are not there yet.
    pub(crate) async fn current(&self, directory: &Path) -> Result<Option<Keys>, Error> {
        self.read(directory, None).await
    }

    /// Keys of which this is one, to open with, where it is to be found. What was rotated meanwhile does not matter.
    pub(crate) async fn opening(&self, directory: &Path, id: &str) -> Result<Option<Keys>, Error> {
        self.read(directory, Some(id)).await
    }

    /// Where the keys are; `None` where the store's own are not there yet. No keyring is asked.
    pub(crate) fn place(&self, directory: &Path) -> Result<Option<KeyPlace>, Error> {
        match self {
            KeySource::Own(_) => Ok(key_file::read_own(directory)?.map(|content| match content {
                Content::Keys(_) => KeyPlace::File,
                Content::Entry(_) => KeyPlace::Keyring,
            })),
            KeySource::File(_) | KeySource::Given(_) => Ok(Some(KeyPlace::Operator)),
        }
    }

    /// Makes the store's own key, unless another process was first. Nothing is sealed yet.
    pub(crate) async fn make(&self, directory: &Path) -> Result<Keys, Error> {
        if let KeySource::Own(own) = self {
            own.make(directory).await?;
        }
        self.current(directory).await?.ok_or_else(|| Kind::KeyLost(key_file::own(directory)).into())
    }

    async fn read(&self, directory: &Path, wanted: Option<&str>) -> Result<Option<Keys>, Error> {
        match self {
            KeySource::Own(own) => own.read(directory, wanted).await,
            KeySource::File(path) => key_file::read(path).map(Some),
            KeySource::Given(keys) => Ok(Some(keys.clone())),
        }
    }
}

impl OwnKey {
    async fn read(&self, directory: &Path, wanted: Option<&str>) -> Result<Option<Keys>, Error> {
        loop {
            let entry = match key_file::read_own(directory)? {
                None => return Ok(None),
                Some(Content::Keys(keys)) => return Ok(Some(keys)),
                Some(Content::Entry(entry)) => entry,
            };
            let known = self.known(&entry).filter(|keys| wanted.is_some_and(|id| keys.get(id).is_some()));
            if known.is_some() {
                return Ok(known);
            }
            if let Some(text) = self.keyring.get(&entry).await.map_err(Kind::Keyring)? {
                let keys = Keys::parse(&text, &format!("the entry `{entry}` of the keyring"))?;
                self.remember(entry, &keys);
                return Ok(Some(keys));
            }
            // Another process has perhaps moved the key meanwhile.
            if key_file::entry_of(directory)?.as_ref() == Some(&entry) {
                return Err(Kind::KeyGone(entry).into());
            }
        }
    }

    async fn make(&self, directory: &Path) -> Result<(), Error> {
        let keys = || Key::generate().map(Keys::of);
        let content = match self.new {
            NewKey::File => Content::Keys(keys()?),
            NewKey::KeyringOrFile => match self.put(&keys()?).await {
                Ok(entry) => Content::Entry(entry),
                // Another one: it may have taken that all the same.
                Err(_) => Content::Keys(keys()?),
            },
            NewKey::Keyring => Content::Entry(self.put(&keys()?).await.map_err(Kind::KeyringUnfit)?),
        };
        if key_file::entry_of(directory)?.is_some() {
            // The entry is gone, and nobody misses it.
            return key_file::replace(directory, &content);
        }
        if !key_file::make(directory, &content)?
            && let Content::Entry(entry) = content
        {
            let _ = self.keyring.remove(&entry).await;
        }
        Ok(())
    }

    /// Puts these keys in place of those that there are, and where they are to be. An entry that is not used any more is
    /// left, and given back.
    pub(crate) async fn replace(
        &self,
        directory: &Path,
        keys: &Keys,
        to: Option<KeyPlace>,
    ) -> Result<Option<String>, Error> {
        let left = key_file::entry_of(directory)?;
        let content = match (&left, to) {
            // Never into an entry that is in use: what fails half-way, or is done late, would take its keys along.
            (Some(_), None) | (_, Some(KeyPlace::Keyring)) => {
                Content::Entry(self.put(keys).await.map_err(Kind::KeyringUnfit)?)
            }
            _ => Content::Keys(keys.clone()),
        };
        key_file::replace(directory, &content)?;
        Ok(left)
    }

    /// Takes an entry away that nothing needs any more. One that stays there opens nothing.
    pub(crate) async fn forget(&self, entry: &str) {
        if let Err(error) = self.keyring.remove(entry).await {
            tracing::warn!(target: "portcullis::store", entry, error = error.to_string(), "an entry of the keyring is left");
        }
    }

    /// Puts keys into a new entry.
    async fn put(&self, keys: &Keys) -> Result<String, KeyringError> {
        let entry = key_file::random_name().map_err(KeyringError::failed)?;
        let written = self.write(&entry, keys).await;
        // One that does not answer is not waited for once more.
        if written.as_ref().is_err_and(|error| *error != KeyringError::Silent) {
            let _ = self.keyring.remove(&entry).await;
        }
        written.map(|()| entry)
    }

    /// Writes keys, and reads them back: everything will depend on them.
    async fn write(&self, entry: &str, keys: &Keys) -> Result<(), KeyringError> {
        let text = keys.to_text();
        self.keyring.set(entry, &text).await?;
        if self.keyring.get(entry).await?.is_none_or(|read| *read != *text) {
            return Err(KeyringError::failed("it does not give back what was put into it"));
        }
        self.remember(entry.to_owned(), keys);
        Ok(())
    }

    fn known(&self, entry: &str) -> Option<Keys> {
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        read.as_ref().filter(|(known, _)| known == entry).map(|(_, keys)| keys.clone())
    }

    fn remember(&self, entry: String, keys: &Keys) {
        *self.read.lock().unwrap_or_else(PoisonError::into_inner) = Some((entry, keys.clone()));
    }
}
