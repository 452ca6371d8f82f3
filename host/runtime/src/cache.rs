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

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    use super::*;

    /// A directory of its own for each test, gone when the test is over.
    struct Place(PathBuf);

    impl Place {
        fn new(name: &str) -> Place {
            Place(std::env::temp_dir().join(format!("portcullis-cache-{name}-{}", std::process::id())))
        }

        fn file(&self) -> PathBuf {
            let files: Vec<_> = fs::read_dir(&self.0).unwrap().map(|file| file.unwrap().path()).collect();
            assert_eq!(files.len(), 1, "{files:?}");
            files[0].clone()
        }
    }

    impl Drop for Place {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

    /// Whether the component had to be compiled.
    fn compiles(place: &Place, engine: &Engine) -> bool {
        let mut compiled = false;
        let cache = Cache::open(place.0.clone()).unwrap();
        let component = cache.component(engine, COMPONENT, |engine, bytes| {
            compiled = true;
            Ok(Component::from_binary(engine, bytes).unwrap())
        });
        component.unwrap();
        compiled
    }

    #[test]
    fn a_component_is_compiled_once() {
        let (place, engine) = (Place::new("once"), Engine::default());
        assert_eq!([compiles(&place, &engine), compiles(&place, &engine)], [true, false]);
    }

    #[test]
    fn another_engines_code_is_not_taken() {
        let place = Place::new("engine");
        let other = Engine::new(wasmtime::Config::new().epoch_interruption(true)).unwrap();
        assert_eq!([compiles(&place, &Engine::default()), compiles(&place, &other)], [true, true]);
    }

    #[test]
    fn a_damaged_file_is_compiled_anew_and_replaced() {
        let (place, engine) = (Place::new("damaged"), Engine::default());
        assert!(compiles(&place, &engine));
        let whole = fs::read(place.file()).unwrap();
        let mut flipped = whole.clone();
        flipped[whole.len() / 2] ^= 1;
        for damaged in [&[][..], &whole[..20], &whole[..whole.len() - 1], &flipped] {
            fs::write(place.file(), damaged).unwrap();
            assert_eq!([compiles(&place, &engine), compiles(&place, &engine)], [true, false]);
            assert_eq!(fs::read(place.file()).unwrap(), whole);
        }
    }

    #[test]
    fn the_directory_is_private_from_the_start() {
        let place = Place::new("private");
        Cache::open(place.0.clone()).unwrap();
        assert_eq!(fs::metadata(&place.0).unwrap().mode() & 0o777, 0o700);
    }

    #[test]
    fn a_directory_that_others_can_write_to_is_refused() {
        let place = Place::new("open");
        fs::create_dir(&place.0).unwrap();
        fs::set_permissions(&place.0, fs::Permissions::from_mode(0o770)).unwrap();
        let error = Cache::open(place.0.clone()).unwrap_err();
        let message = format!("the cache directory `{}` is writable by other users", place.0.display());
        assert_eq!((error.to_string(), error.is_cache_refused()), (message, true));
    }

    #[test]
    fn a_file_in_the_place_of_the_directory_is_refused() {
        let place = Place::new("file");
        fs::write(&place.0, "").unwrap();
        assert!(Cache::open(place.0.clone()).unwrap_err().is_cache_refused());
        fs::remove_file(&place.0).unwrap();
    }
}
