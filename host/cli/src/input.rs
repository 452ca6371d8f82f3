//! What a command reads besides its flags: a file, or standard input, which gives what it has once.

use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::failure::Failure;

/// The bytes of a file, or of standard input for `-`. `what` and `flag` are for the message: `the body`, `--file`.
pub(crate) fn bytes(file: &Path, what: &str, flag: &str) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = if is_standard(file) {
        claim_standard()?;
        io::stdin().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        fs::read(file)
    };
    read.map_err(|error| {
        let message = format!("{what} cannot be read from {}: {error}", name(file));
        Failure::usage(message, format!("`{flag}` takes a file that you can read, or `-`")).into()
    })
}

/// The same as text.
pub(crate) fn text(file: &Path, what: &str, flag: &str) -> anyhow::Result<String> {
    String::from_utf8(bytes(file, what, flag)?).map_err(|_| {
        let message = format!("{what} in {} is not UTF-8", name(file));
        Failure::usage(message, format!("`{flag}` takes text in UTF-8")).into()
    })
}

/// Whether it is standard input that is meant.
pub(crate) fn is_standard(file: &Path) -> bool {
    file.as_os_str() == "-"
}

/// The file in words.
pub(crate) fn name(file: &Path) -> String {
    if is_standard(file) { "standard input".to_owned() } else { format!("`{}`", file.display()) }
}

/// Takes standard input for one reader. A second one would find nothing there, and take that for what it was given.
pub(crate) fn claim_standard() -> anyhow::Result<()> {
    static IS_TAKEN: AtomicBool = AtomicBool::new(false);
    if IS_TAKEN.swap(true, Ordering::Relaxed) {
        let hint = "give one of them a file of its own";
        return Err(Failure::usage("standard input is asked for twice", hint).into());
    }
    Ok(())
}
