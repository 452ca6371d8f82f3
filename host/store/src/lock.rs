//! Locks between processes on one data directory. The system gives one free when its process ends, however that happens,
//! so that none is ever stale.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::error::{Error, Kind};
use crate::key::push_hex;
use crate::place;

/// Takes what `kind` and `key` name, until the file is dropped. Where another process has it, `held` says so, and is told
/// the number of that process as well as it can be read.
pub(crate) fn take(
    directory: &Path,
    kind: &str,
    key: &str,
    held: impl FnOnce(Option<u32>) -> Kind,
) -> Result<File, Error> {
    let mut name = format!("{kind}-");
    Sha256::digest(key).iter().take(8).for_each(|byte| push_hex(&mut name, *byte));
    let path = directory.join(name + ".lock");
    let unusable = |error| place::unusable(&path, "cannot be written", &error);
    let mut file = place::open_own(&path).map_err(unusable)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut owner = String::new();
            let _ = file.take(20).read_to_string(&mut owner);
            return Err(held(owner.trim().parse().ok()).into());
        }
        Err(TryLockError::Error(error)) => return Err(unusable(error)),
    }
    let written = file.set_len(0).and_then(|()| file.seek(SeekFrom::Start(0)));
    written.and_then(|_| writeln!(file, "{}", std::process::id())).map_err(unusable)?;
    Ok(file)
}
