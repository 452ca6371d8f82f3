//! Where keys come from: a file that the store makes and keeps beside its database, a file of the operator's, or text
//! that the operator gave. Only the first is ever written.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::error::{Error, Kind};
use crate::key::{Key, Keys, push_hex};
use crate::place;

/// Where the keys of a store are. They are read anew each time that one is needed.
#[derive(Clone, Debug)]
pub enum KeySource {
    /// A file beside the database, made when the first credential is sealed. It protects copies of the database, not
    /// the directory.
    Own,
    /// A file of the operator's, which is never written.
    File(PathBuf),
    /// Keys that the operator gave, such as by an environment variable.
    Given(Keys),
}

impl KeySource {
    /// The keys that there are; `None` where the store's own file is not there yet.
    pub(crate) fn read(&self, directory: &Path) -> Result<Option<Keys>, Error> {
        match self {
            KeySource::Own => match fs::symlink_metadata(own(directory)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                _ => read(&own(directory)).map(Some),
            },
            KeySource::File(path) => read(path).map(Some),
            KeySource::Given(keys) => Ok(Some(keys.clone())),
        }
    }

    /// Makes the store's own file, unless another process was first, and gives what is in it then.
    pub(crate) fn make(directory: &Path) -> Result<Keys, Error> {
        let beside = write_beside(directory, &Keys::of(Key::generate()?))?;
        // A link is made whole or not at all, and never over what is there.
        let made = fs::hard_link(&beside, own(directory));
        let _ = fs::remove_file(&beside);
        match made {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                Err(place::unusable(&own(directory), "cannot be made", &error))
            }
            _ => {
                place::persist(directory)?;
                read(&own(directory))
            }
        }
    }

    /// Puts these keys in place of those in the store's own file, at once.
    pub(crate) fn replace(directory: &Path, keys: &Keys) -> Result<(), Error> {
        let beside = write_beside(directory, keys)?;
        fs::rename(&beside, own(directory)).map_err(|error| {
            let _ = fs::remove_file(&beside);
            place::unusable(&own(directory), "cannot be replaced", &error)
        })?;
        // Before a row needs the new key, it has to be there whatever happens to the power.
        place::persist(directory)
    }
}

/// The store's own file.
pub(crate) fn own(directory: &Path) -> PathBuf {
    directory.join("key")
}

fn write_beside(directory: &Path, keys: &Keys) -> Result<PathBuf, Error> {
    let beside = directory.join(format!("key.{}", random_name()?));
    place::write_new(&beside, keys.to_text().as_bytes()).inspect_err(|_| {
        let _ = fs::remove_file(&beside);
    })?;
    Ok(beside)
}

fn read(path: &Path) -> Result<Keys, Error> {
    place::check(path, 0o600)?;
    let text = fs::read_to_string(path).map_err(|error| place::unusable(path, "cannot be read", &error))?;
    let text = Zeroizing::new(text);
    Keys::parse(&text, &format!("the key file `{}`", path.display()))
}

/// 32 hexadecimal digits that nobody had before.
pub(crate) fn random_name() -> Result<String, Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| Kind::Random)?;
    let mut name = String::with_capacity(32);
    for byte in bytes {
        push_hex(&mut name, byte);
    }
    Ok(name)
}
