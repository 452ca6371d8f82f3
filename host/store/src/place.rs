//! Files that only their owner can reach. What others can read or write is refused, not mended: whoever could has
//! perhaps done so.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use crate::error::{Error, Kind};

/// Makes the directory where it is not there, for its owner alone.
pub(crate) fn make_directory(path: &Path) -> Result<(), Error> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| unusable(path, "cannot be made", &error))?;
    if !path.is_dir() {
        return Err(Kind::Place { path: path.to_owned(), reason: "is no directory".to_owned() }.into());
    }
    check(path, 0o700)
}

/// Refuses a file that others can read or write, or that somebody else owns, as a key of this store would be.
///
/// The error is that of the store, with the mode that it should have.
pub fn check_private(file: &Path) -> Result<(), Error> {
    check(file, 0o600)
}

/// Refuses what others can reach, or what somebody else owns.
pub(crate) fn check(path: &Path, wanted: u32) -> Result<(), Error> {
    let metadata = fs::metadata(path).map_err(|error| unusable(path, "cannot be read", &error))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        if metadata.uid() != rustix::process::geteuid().as_raw() {
            return Err(Kind::Place { path: path.to_owned(), reason: "belongs to another user".to_owned() }.into());
        }
        if metadata.mode() & 0o077 != 0 {
            return Err(Kind::Exposed { path: path.to_owned(), mode: metadata.mode() & 0o777, wanted }.into());
        }
    }
    // A directory of the user's profile is private by default where there are no modes.
    let _ = (metadata, wanted);
    Ok(())
}

/// Makes a new file with this in it, for its owner alone.
pub(crate) fn write_new(path: &Path, content: &[u8]) -> Result<(), Error> {
    let write = || -> io::Result<()> {
        let mut file = create(path)?;
        file.write_all(content)?;
        file.sync_all()
    };
    write().map_err(|error| unusable(path, "cannot be written", &error))
}

/// Makes sure that names in a directory outlive a loss of power.
pub(crate) fn persist(directory: &Path) -> Result<(), Error> {
    #[cfg(unix)]
    File::open(directory)
        .and_then(|directory| directory.sync_all())
        .map_err(|error| unusable(directory, "cannot be written", &error))?;
    let _ = directory;
    Ok(())
}

/// Opens a file to read and write, and makes it for its owner alone where it is not there.
pub(crate) fn open_own(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

pub(crate) fn unusable(path: &Path, what: &str, error: &io::Error) -> Error {
    Kind::Place { path: path.to_owned(), reason: format!("{what}: {error}") }.into()
}
