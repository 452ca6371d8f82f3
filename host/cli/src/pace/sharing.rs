//! The pace of an account, kept together with the other processes of this program on this machine.

use std::io;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use portcullis_runtime::SharedPace;
use portcullis_store::PaceFiles;

/// The files beside the accounts. They are made when a pace with limits is first kept.
pub(crate) struct Sharing(PaceFiles);

impl Sharing {
    pub(crate) fn new(directory: PathBuf) -> Sharing {
        Sharing(PaceFiles::new(directory))
    }
}

impl SharedPace for Sharing {
    /// The one clock that goes on over a restart of the machine.
    fn now(&self) -> Duration {
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
    }

    fn update(&self, account: &str, step: &mut dyn FnMut(&mut Vec<u8>)) -> io::Result<()> {
        self.0.update(account, step)
    }
}
