//! The paces of accounts, for processes that ask one vendor at the same time: a small file an account, beside the
//! database, changed under a lock.
//!
//! It is no table of the database, since it is read and written at every request and is worth nothing after a while: a
//! transaction takes milliseconds and a sync of the disk, this some microseconds and neither. What is in a file is the
//! runtime's to say.

use std::collections::HashMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::key::push_hex;
use crate::place;

/// The files of a directory that keeps accounts. Nothing is made before it is needed.
#[derive(Debug)]
pub struct PaceFiles {
    directory: PathBuf,
    open: Mutex<HashMap<String, Arc<Mutex<File>>>>,
}

impl PaceFiles {
    /// Those in the directory of a store, which need not be one yet.
    pub fn new(directory: impl Into<PathBuf>) -> PaceFiles {
        PaceFiles { directory: directory.into(), open: Mutex::default() }
    }

    /// Lets `step` change what is kept for an account, with no process in between. It is called once, or not at all: where
    /// others can reach the directory, or somebody holds the lock for longer than 20 ms.
    pub fn update(&self, account: &str, step: &mut dyn FnMut(&mut Vec<u8>)) -> io::Result<()> {
        let file = self.file(account)?;
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        lock(&file)?;
        let done = change(&mut file, step);
        // The system does it as well, when the process ends.
        let _ = file.unlock();
        done
    }

    fn file(&self, account: &str) -> io::Result<Arc<Mutex<File>>> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = open.get(account) {
            return Ok(Arc::clone(file));
        }
        let file = Arc::new(Mutex::new(self.open(account)?));
        open.insert(account.to_owned(), Arc::clone(&file));
        Ok(file)
    }

    fn open(&self, account: &str) -> io::Result<File> {
        let refused = |error: crate::Error| io::Error::other(error.to_string());
        let directory = self.directory.join("pace");
        place::make_directory(&self.directory).map_err(refused)?;
        place::make_directory(&directory).map_err(refused)?;
        let path = directory.join(name(account));
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path)?;
        place::check(&path, 0o600).map_err(refused)?;
        Ok(file)
    }
}

/// An endpoint is no name of a file, and need not be read by whoever lists them.
fn name(account: &str) -> String {
    let mut name = String::new();
    Sha256::digest(account.as_bytes()).iter().take(16).for_each(|byte| push_hex(&mut name, *byte));
    name
}

/// Others hold it for microseconds, unless they were stopped in the middle.
fn lock(file: &File) -> io::Result<()> {
    for _ in 0..TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) => std::thread::sleep(BETWEEN),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Err(io::ErrorKind::WouldBlock.into())
}

fn change(file: &mut File, step: &mut dyn FnMut(&mut Vec<u8>)) -> io::Result<()> {
    let mut before = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.take(LARGEST).read_to_end(&mut before)?;
    let mut after = before.clone();
    step(&mut after);
    if after != before {
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&after)?;
        file.set_len(after.len() as u64)?;
    }
    Ok(())
}

const TRIES: u32 = 200;
const BETWEEN: Duration = Duration::from_micros(100);
/// Bytes of a file; a larger one is none of ours.
const LARGEST: u64 = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    /// A directory that no other test has, removed with it.
    struct Place(PathBuf);

    impl Place {
        fn new(name: &str) -> Place {
            Place(std::env::temp_dir().join(format!("portcullis-pace-{}-{name}", std::process::id())))
        }
    }

    impl Drop for Place {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    fn read(files: &PaceFiles, account: &str) -> Vec<u8> {
        let mut seen = Vec::new();
        files.update(account, &mut |bytes| seen.clone_from(bytes)).unwrap();
        seen
    }

    #[test]
    fn what_one_leaves_another_finds_and_accounts_are_kept_apart() {
        let place = Place::new("kept");
        let (one, other) = (PaceFiles::new(&place.0), PaceFiles::new(&place.0));
        one.update("https://a.example", &mut |bytes| bytes.extend_from_slice(b"some text")).unwrap();
        assert_eq!(read(&other, "https://a.example"), b"some text");
        other.update("https://a.example", &mut |bytes| bytes.truncate(4)).unwrap();
        assert_eq!(read(&one, "https://a.example"), b"some");
        assert_eq!(read(&one, "https://b.example"), b"");
    }

    #[test]
    fn nobody_comes_in_between() {
        let place = Place::new("between");
        let count = || {
            let files = PaceFiles::new(&place.0);
            let mut done = 0_u32;
            while done < 200 {
                let step = &mut |bytes: &mut Vec<u8>| {
                    let before = bytes.first_chunk().copied().map_or(0, u32::from_le_bytes);
                    *bytes = (before + 1).to_le_bytes().to_vec();
                };
                done += u32::from(files.update("account", step).is_ok());
            }
        };
        std::thread::scope(|scope| (0..3).for_each(|_| drop(scope.spawn(count))));
        assert_eq!(read(&PaceFiles::new(&place.0), "account"), 600_u32.to_le_bytes());
    }

    #[test]
    fn who_holds_the_lock_for_too_long_is_not_waited_for() {
        let place = Place::new("held");
        let (one, other) = (PaceFiles::new(&place.0), PaceFiles::new(&place.0));
        let mut inner = None;
        one.update("account", &mut |_| inner = Some(other.update("account", &mut |_| unreachable!()))).unwrap();
        assert_eq!(inner.unwrap().unwrap_err().kind(), io::ErrorKind::WouldBlock);
    }

    #[cfg(unix)]
    #[test]
    fn what_others_can_reach_is_not_used() {
        use std::os::unix::fs::PermissionsExt;
        let place = Place::new("exposed");
        std::fs::create_dir_all(&place.0).unwrap();
        std::fs::set_permissions(&place.0, std::fs::Permissions::from_mode(0o755)).unwrap();
        let refused = PaceFiles::new(&place.0).update("account", &mut |_| unreachable!()).unwrap_err();
        assert!(refused.to_string().ends_with("can be read or written by others (mode 755)"), "{refused}");
    }
}
