//! Compiled code on disk, so that a component is compiled once for a machine and not once for a process.
//!
//! Loading a file runs what is in it. So the directory must be private to this user, and a file is loaded only when
//! it is whole. A cache that fails costs time and nothing else.

mod artifact;

use std::fs;
use std::hash::{Hash, Hasher};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use sha2::{Digest, Sha256};
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::error::{Error, Kind};

/// A private directory of compiled components.
#[derive(Debug)]
pub(crate) struct Cache(PathBuf);

impl Cache {
    /// Opens a directory, or makes it. Refuses one that others can write to.
    pub(crate) fn open(directory: PathBuf) -> Result<Cache, Error> {
        match prepare(&directory) {
            Ok(()) => Ok(Cache(directory)),
            Err(reason) => Err(Kind::Cache { path: directory.display().to_string(), reason }.into()),
        }
    }

    /// The compiled form of a component: from its file, or by `compile`, which then leaves a file behind.
    pub(crate) fn component(
        &self,
        engine: &Engine,
        component: &[u8],
        compile: impl FnOnce(&Engine, &[u8]) -> Result<Component, Error>,
    ) -> Result<Component, Error> {
        let path = self.0.join(name(engine, component));
        if let Some(compiled) = read(&path).and_then(|code| artifact::deserialize(engine, &code)) {
            tracing::debug!("took compiled code from the cache");
            return Ok(compiled);
        }
        let compiled = compile(engine, component)?;
        let written = compiled.serialize().map_err(io::Error::other).and_then(|code| write(&path, &code));
        if let Err(error) = written {
            tracing::debug!(%error, "could not keep compiled code");
        }
        Ok(compiled)
    }
}

/// `<component>-<engine>.cwasm`: the digest of the component, and of everything about the engine that compiled code
/// depends on.
fn name(engine: &Engine, component: &[u8]) -> String {
    let mut settings = Hashed(Sha256::new());
    engine.precompile_compatibility_hash().hash(&mut settings);
    let (component, settings) = (Sha256::digest(component), settings.0.finalize());
    format!("{component:x}-{settings:x}.cwasm")
}

/// The code of a file that is whole: the digest at its beginning is the rest's.
fn read(path: &Path) -> Option<Vec<u8>> {
    let mut file = fs::read(path).ok()?;
    let (digest, code) = file.split_at_checked(DIGEST)?;
    if Sha256::digest(code).as_slice() != digest {
        tracing::debug!("a file of compiled code is damaged");
        return None;
    }
    file.drain(..DIGEST);
    Some(file)
}

/// Writes beside and renames, so that a reader sees a whole file or none.
fn write(path: &Path, code: &[u8]) -> io::Result<()> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let beside = path.with_extension(format!("{}-{number}.new", std::process::id()));
    let written = (|| {
        let mut file = fs::File::create_new(&beside)?;
        file.write_all(&Sha256::digest(code))?;
        file.write_all(code)?;
        file.sync_all()?;
        fs::rename(&beside, path)
    })();
    if written.is_err() {
        // What is left of it is no harm, and the first error is the one to tell.
        let _ = fs::remove_file(&beside);
    }
    written
}

#[cfg(unix)]
fn prepare(directory: &Path) -> Result<(), String> {
    use std::os::unix::fs::{DirBuilderExt, MetadataExt};

    let failed = |error: io::Error| format!("cannot be used: {error}");
    fs::DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(failed)?;
    let metadata = fs::metadata(directory).map_err(failed)?;
    if metadata.uid() != rustix::process::geteuid().as_raw() {
        return Err("belongs to another user".to_owned());
    }
    if metadata.mode() & 0o022 != 0 {
        return Err("is writable by other users".to_owned());
    }
    Ok(())
}

#[cfg(not(unix))]
fn prepare(directory: &Path) -> Result<(), String> {
    // A directory of the user's profile is private by default where there are no modes.
    fs::create_dir_all(directory).map_err(|error| format!("cannot be used: {error}"))
}

/// A hasher that keeps all of its input's digest.
struct Hashed(Sha256);

impl Hasher for Hashed {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Not asked for: the digest is taken whole.
    fn finish(&self) -> u64 {
        0
    }
}

const DIGEST: usize = 32;
