//! The key that seals compiled code, in a file of this user's that is no part of the cache.
//!
//! It is for this machine and this user. It is no key of the accounts', and whoever loses it loses a second of compiling.

use std::env;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use portcullis_runtime::CodeKey;
use zeroize::Zeroizing;

/// The key, made on first use; `None` where there is no place for it that is private enough.
pub(crate) fn read() -> Option<CodeKey> {
    let directory = directory()?;
    match read_in(&directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => make_in(&directory).ok(),
        read => read.ok(),
    }
}

/// `$XDG_STATE_HOME/portcullis` (XDG Base Directory Specification), or where state is kept on this system. It stays on
/// the machine, where data and caches may be carried about.
fn directory() -> Option<PathBuf> {
    let path = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = path("XDG_STATE_HOME").or_else(|| {
        if cfg!(windows) { path("LOCALAPPDATA") } else { path("HOME").map(|home| home.join(".local/state")) }
    });
    state.map(|state| state.join("portcullis"))
}

fn read_in(directory: &Path) -> io::Result<CodeKey> {
    let mut file = File::open(directory.join(NAME))?;
    check(&file)?;
    let mut bytes = Zeroizing::new([0; 32]);
    file.read_exact(bytes.as_mut_slice())?;
    Ok(CodeKey::new(*bytes))
}

/// Makes the file, unless another process was first, and gives what is in it then.
fn make_in(directory: &Path) -> io::Result<CodeKey> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)?;

    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(bytes.as_mut_slice()).map_err(io::Error::other)?;
    let beside = directory.join(format!("{NAME}.{}", std::process::id()));
    let written = create(&beside).and_then(|mut file| {
        file.write_all(bytes.as_slice())?;
        file.sync_all()
    });
    // A link is made whole or not at all, and never over what is there.
    let made = written.and_then(|()| fs::hard_link(&beside, directory.join(NAME)));
    let _ = fs::remove_file(&beside);
    match made {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => read_in(directory),
    }
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// A key that others could read seals nothing.
fn check(file: &File) -> io::Result<()> {
    let metadata = file.metadata()?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        if metadata.mode() & 0o077 != 0 {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
    }
    if metadata.is_file() { Ok(()) } else { Err(io::ErrorKind::InvalidData.into()) }
}

const NAME: &str = "code-key";

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn place(name: &str) -> PathBuf {
        let place = env::temp_dir().join(format!("portcullis-code-key-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&place);
        place
    }

    #[test]
    fn a_key_is_made_once_and_for_its_owner_alone() {
        let place = place("once");
        assert_eq!(read_in(&place).unwrap_err().kind(), io::ErrorKind::NotFound);
        make_in(&place).unwrap();
        let first = fs::read(place.join(NAME)).unwrap();
        assert_eq!(fs::metadata(place.join(NAME)).unwrap().permissions().mode() & 0o777, 0o600);
        // Whoever is second takes what is there.
        make_in(&place).unwrap();
        assert_eq!(fs::read(place.join(NAME)).unwrap(), first);
        assert!(first.len() == 32 && first != [0; 32]);
        assert_eq!(fs::read_dir(&place).unwrap().count(), 1);
        fs::remove_dir_all(&place).unwrap();
    }

    #[test]
    fn a_key_that_others_can_read_or_that_is_cut_is_none() {
        let place = place("open");
        make_in(&place).unwrap();
        fs::set_permissions(place.join(NAME), fs::Permissions::from_mode(0o640)).unwrap();
        assert_eq!(read_in(&place).unwrap_err().kind(), io::ErrorKind::PermissionDenied);
        fs::set_permissions(place.join(NAME), fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(place.join(NAME), [7; 31]).unwrap();
        assert!(read_in(&place).is_err());
        fs::remove_dir_all(&place).unwrap();
    }
}
