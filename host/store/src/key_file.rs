//! The file `key` beside the database, which says where the key is: it holds keys, or the name of the entry of a keyring
//! that does. It is made whole or not at all, and never seen half.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::error::{Error, Kind};
use crate::key::{Keys, push_hex};
use crate::place;

/// What is in the file.
#[derive(Clone)]
pub(crate) enum Content {
    /// Keys. They protect copies of the database, not the directory.
    Keys(Keys),
    /// The entry of a keyring that holds them.
    Entry(String),
}

/// What is in the store's own file; `None` where it is not there yet.
pub(crate) fn read_own(directory: &Path) -> Result<Option<Content>, Error> {
    let path = own(directory);
    if fs::symlink_metadata(&path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
        return Ok(None);
    }
    let text = text(&path)?;
    match entry(&text) {
        Some(entry) => Ok(Some(Content::Entry(entry))),
        None => Keys::parse(&text, &named(&path)).map(|keys| Some(Content::Keys(keys))),
    }
}

/// The entry that the store's own file names, where it does.
pub(crate) fn entry_of(directory: &Path) -> Result<Option<String>, Error> {
    Ok(read_own(directory)?.and_then(|content| match content {
        Content::Keys(_) => None,
        Content::Entry(entry) => Some(entry),
    }))
}

/// The keys in a file of the operator's.
pub(crate) fn read(path: &Path) -> Result<Keys, Error> {
    Keys::parse(&text(path)?, &named(path))
}

/// Makes the store's own file, unless another process was first: whether it did.
pub(crate) fn make(directory: &Path, content: &Content) -> Result<bool, Error> {
    let beside = write_beside(directory, content)?;
    // A link is made whole or not at all, and never over what is there.
    let made = fs::hard_link(&beside, own(directory));
    let _ = fs::remove_file(&beside);
    match made {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(place::unusable(&own(directory), "cannot be made", &error)),
        Ok(()) => place::persist(directory).map(|()| true),
    }
}

/// Puts this in place of what is in the store's own file, at once.
pub(crate) fn replace(directory: &Path, content: &Content) -> Result<(), Error> {
    let beside = write_beside(directory, content)?;
    fs::rename(&beside, own(directory)).map_err(|error| {
        let _ = fs::remove_file(&beside);
        place::unusable(&own(directory), "cannot be replaced", &error)
    })?;
    // Before a row needs the new key, it has to be there whatever happens to the power.
    place::persist(directory)
}

/// The store's own file.
pub(crate) fn own(directory: &Path) -> PathBuf {
    directory.join("key")
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

fn write_beside(directory: &Path, content: &Content) -> Result<PathBuf, Error> {
    let beside = directory.join(format!("key.{}", random_name()?));
    let (note, words) = match content {
        Content::Keys(keys) => (KEY_NOTE, keys.to_text()),
        Content::Entry(entry) => (ENTRY_NOTE, Zeroizing::new(format!("{WORD} {entry}\n"))),
    };
    // Long enough from the start, so that no copy is left behind.
    let mut text = Zeroizing::new(String::with_capacity(note.len() + words.len()));
    text.push_str(note);
    text.push_str(&words);
    place::write_new(&beside, text.as_bytes()).inspect_err(|_| {
        let _ = fs::remove_file(&beside);
    })?;
    Ok(beside)
}

fn text(path: &Path) -> Result<Zeroizing<String>, Error> {
    place::check(path, 0o600)?;
    let text = fs::read_to_string(path).map_err(|error| place::unusable(path, "cannot be read", &error))?;
    Ok(Zeroizing::new(text))
}

/// The entry that a text names. A name in any other form is none, so that nobody asks a keyring for it.
fn entry(text: &str) -> Option<String> {
    let mut lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    let entry = lines.next()?.strip_prefix(WORD)?.strip_prefix(' ')?;
    let is_name = entry.len() == 32 && entry.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    (is_name && lines.next().is_none()).then(|| entry.to_owned())
}

fn named(path: &Path) -> String {
    format!("the key file `{}`", path.display())
}

const WORD: &str = "keyring";
const KEY_NOTE: &str = "# Opens the credentials beside it. Keep it out of backups of the database.\n";
const ENTRY_NOTE: &str = "# The key is in the keyring of the system, in this entry of `portcullis`.\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_one_line_of_one_form() {
        let name = "0123456789abcdef".repeat(2);
        assert_eq!(entry(&format!("{ENTRY_NOTE}keyring {name}\n")), Some(name.clone()));
        for text in [
            String::new(),
            "keyring".to_owned(),
            name.clone(),
            format!("keyring {}", name.to_uppercase()),
            format!("keyring {name} "),
            format!("keyring  {name}"),
            format!("keyring {name}0"),
            format!("keyring {name}\nkeyring {name}"),
            format!("keyring {name}\n{}", "a1".repeat(32)),
        ] {
            assert_eq!(entry(&text), None, "{text}");
        }
    }
}
