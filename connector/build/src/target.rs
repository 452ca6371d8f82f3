//! The wasm target of the toolchain: found, or added.

use std::env;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Failure, directive};

/// The target of every guest crate. It has no system interface, so a component imports only what its world says.
pub(crate) const TRIPLE: &str = "wasm32-unknown-unknown";

/// Sees to it that the toolchain has the target, and says so when it had to add it.
pub(crate) fn ensure(root: &Path) -> Result<(), Failure> {
    if is_installed()? {
        return Ok(());
    }
    // Two build scripts may get here at once, and rustup does not guard against a second rustup.
    let lock = File::create(env::temp_dir().join("portcullis-rustup.lock"))?;
    lock.lock()?;
    if is_installed()? {
        return Ok(());
    }
    directive("warning", &format!("adding the target `{TRIPLE}` with `rustup target add`"));
    let added = Command::new("rustup").args(["target", "add", TRIPLE]).current_dir(root).status();
    if added.is_ok_and(|status| status.success()) && is_installed()? {
        return Ok(());
    }
    Err(format!("the Rust target `{TRIPLE}` is missing and could not be added; run `rustup target add {TRIPLE}`")
        .into())
}

fn is_installed() -> Result<bool, Failure> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).args(["--print", "target-libdir", "--target", TRIPLE]).output()?;
    let directory = PathBuf::from(String::from_utf8(output.stdout)?.trim());
    Ok(output.status.success() && directory.is_dir())
}
