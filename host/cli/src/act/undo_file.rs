//! Undo files: what somebody was before they were cut off. A file is on the disk, whole and for its owner alone, before
//! anything is written to the directory.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use portcullis_reconcile::act::Undo;

use crate::failure::Failure;

/// Makes the directory for its owner alone, where it is not there.
pub(super) fn prepare(directory: &Path) -> anyhow::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory).map_err(|error| {
        let message =
            format!("the undo file cannot be written in `{}`: {error}; nothing was sent", directory.display());
        Failure::usage(message, "`--undo-dir` takes a directory that you can write to").into()
    })
}

/// Writes a new file, and forces it to the disk.
pub(super) fn create(directory: &Path, undo: &Undo) -> anyhow::Result<PathBuf> {
    prepare(directory)?;
    let instant: String = undo.made_at.chars().filter(char::is_ascii_alphanumeric).collect();
    // Two of one second differ in the number.
    for number in 0..1000_u32 {
        let name = format!("undo-{instant}-{number}-{}.json", slug(&undo.user.id));
        let path = directory.join(name);
        match write(&path, undo) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => {
                let message =
                    format!("the undo file `{}` cannot be written: {error}; nothing was sent", path.display());
                return Err(Failure::usage(message, "`--undo-dir` takes a directory that you can write to").into());
            }
            Ok(()) => return Ok(path),
        }
    }
    anyhow::bail!("the undo file cannot be named in `{}`", directory.display())
}

/// Puts another text in place of a file's, whole or not at all.
pub(super) fn replace(path: &Path, undo: &Undo) -> anyhow::Result<()> {
    let beside = path.with_extension(format!("{}.new", std::process::id()));
    let replaced = write(&beside, undo).and_then(|()| {
        fs::rename(&beside, path)?;
        persist(path)
    });
    if replaced.is_err() {
        let _ = fs::remove_file(&beside);
    }
    replaced.with_context(|| format!("the undo file `{}` cannot be written", path.display()))
}

/// Reads a file.
pub(super) fn read(path: &Path) -> anyhow::Result<Undo> {
    let refused = |reason: String| {
        let message = format!("`{}` is no undo file: {reason}", path.display());
        Failure::usage(message, "`offboard` prints the path of the file that it writes")
    };
    let bytes = fs::read(path).map_err(|error| refused(error.to_string()))?;
    let undo: Undo = serde_json::from_slice(&bytes).map_err(|error| refused(error.to_string()))?;
    if undo.undo != Undo::VERSION {
        return Err(refused(format!("it has version {}, and this program knows {}", undo.undo, Undo::VERSION)).into());
    }
    Ok(undo)
}

/// The newest file in the directory of which this is true. What cannot be read is none.
pub(super) fn newest(directory: &Path, is_sought: impl Fn(&Undo) -> bool) -> Option<(PathBuf, Undo)> {
    let entries = fs::read_dir(directory).ok()?;
    let mut paths: Vec<_> =
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| is_named(path)).collect();
    paths.sort();
    paths.into_iter().rev().find_map(|path| {
        let undo = read(&path).ok().filter(&is_sought)?;
        Some((path, undo))
    })
}

fn is_named(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name.starts_with("undo-") && path.extension().is_some_and(|extension| extension == "json")
}

fn write(path: &Path, undo: &Undo) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    let mut bytes = serde_json::to_vec_pretty(undo)?;
    bytes.push(b'\n');
    file.write_all(&bytes)?;
    file.sync_all()?;
    persist(path)
}

/// Makes sure that the name of a file outlives a loss of power.
fn persist(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    if let Some(directory) = path.parent().filter(|directory| !directory.as_os_str().is_empty()) {
        File::open(directory)?.sync_all()?;
    }
    Ok(())
}

/// What of an id can stand in a file's name.
fn slug(id: &str) -> String {
    id.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).take(64).collect()
}
