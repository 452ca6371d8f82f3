//! The file of the log: its end is looked at before anything is written behind it, and what is written is on the disk
//! before anybody is told so. Whoever calls holds the lock of the database.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::chain::{ChainKey, Line, Mac};
use super::end::End;
use crate::error::{Error, Kind};
use crate::place;

/// Where the log is.
pub(crate) fn path(directory: &Path) -> PathBuf {
    directory.join("audit.jsonl")
}

/// Where a restart puts the log aside that ends with this line.
pub(crate) fn aside(directory: &Path, count: u64) -> PathBuf {
    directory.join(format!("audit.{count}.jsonl"))
}

/// What stands behind the end that the database knows.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Tail {
    /// Nothing.
    None,
    /// The whole next line: its writer was stopped before the database knew of it.
    Whole(End),
    /// The beginning of a line: its writer was stopped in the middle of it.
    Torn(u64),
}

/// Looks at the end of the file. Anything but what a stopped writer leaves is an error.
pub(crate) fn tail(path: &Path, key: &ChainKey, end: &End) -> Result<Tail, Error> {
    let failed = |error: &io::Error| place::unusable(path, "cannot be read", error);
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound && end.length == 0 => return Ok(Tail::None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(changed("the file is gone")),
        Err(error) => return Err(failed(&error)),
    };
    place::check(path, 0o600)?;
    let length = file.metadata().map_err(|error| failed(&error))?.len();
    if length < end.length {
        return Err(changed("its end is cut off"));
    }
    // The MAC, the two characters behind it and the line break.
    let from = end.length.saturating_sub(67);
    file.seek(SeekFrom::Start(from)).map_err(|error| failed(&error))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(|error| failed(&error))?;
    let at = usize::try_from(end.length - from).unwrap_or(usize::MAX);
    let (last, more) = bytes.split_at_checked(at).ok_or_else(|| changed("its end is cut off"))?;
    if end.length > 0 && last.get(..64).and_then(Mac::from_hex) != Some(end.head) {
        return Err(changed("its last line is another one"));
    }
    behind(more, key, end)
}

fn behind(more: &[u8], key: &ChainKey, end: &End) -> Result<Tail, Error> {
    let added = more.len() as u64;
    let Some(line) = more.strip_suffix(b"\n") else {
        let is_torn = !more.contains(&b'\n');
        return match more {
            [] => Ok(Tail::None),
            _ if is_torn => Ok(Tail::Torn(added)),
            _ => Err(changed("more lines than one are added to it")),
        };
    };
    match key.read(line) {
        Line::Genuine(entry, mac) if entry.sequence == end.count + 1 && entry.previous == end.head.to_hex() => {
            Ok(Tail::Whole(End { count: entry.sequence, head: mac, length: end.length + added, ..*end }))
        }
        _ => Err(changed("something is added to it that is not the next line")),
    }
}

/// Writes a line behind the end that the database knows, and forces it to the disk. What a stopped writer left there is
/// overwritten.
pub(crate) fn write(path: &Path, end: &End, line: &str) -> Result<(), Error> {
    let write = || -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path)?;
        file.set_len(end.length)?;
        file.seek(SeekFrom::Start(end.length))?;
        file.write_all(line.as_bytes())?;
        file.sync_all()
    };
    write().map_err(|error| place::unusable(path, "cannot be written", &error))?;
    match (end.length, path.parent()) {
        (0, Some(directory)) => place::persist(directory),
        _ => Ok(()),
    }
}

/// Puts the file aside, where there is one. What is aside already is never written over.
pub(crate) fn put_aside(directory: &Path, count: u64) -> Result<Option<PathBuf>, Error> {
    let (path, mut aside, mut again) = (path(directory), aside(directory, count), 1);
    if !path.exists() {
        return Ok(None);
    }
    while aside.exists() {
        again += 1;
        aside = directory.join(format!("audit.{count}-{again}.jsonl"));
    }
    fs::rename(&path, &aside).map_err(|error| place::unusable(&path, "cannot be put aside", &error))?;
    place::persist(directory)?;
    Ok(Some(aside))
}

fn changed(how: &str) -> Error {
    Kind::Audit(how.to_owned()).into()
}
