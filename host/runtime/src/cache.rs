//! Compiled code on disk, so that a component is compiled once for a machine and not once for a process.
//!
//! Loading a file runs what is in it. So a file is loaded only when its seal is right: a MAC, under a key that does not
//! lie in the directory, over the component, over what the engine makes of it, and over the code itself. It is verified
//! on the very bytes that are then loaded. A directory that came from a backup, that several users share or that another
//! process wrote to holds nothing that is run. The seal does not help against who can read the key.
//!
//! The directory must be private to this user all the same: two walls are better than one, and who can write there can
//! make every process compile anew. A cache that fails costs time and nothing else.

mod artifact;
mod key;

use std::fs;
use std::hash::{Hash, Hasher};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use ring::hmac;
use sha2::{Digest as _, Sha256};
use wasmtime::Engine;
use wasmtime::component::Component;

pub use self::key::CodeKey;
use crate::digest::Digest;
use crate::error::{Error, Kind};

/// A private directory of compiled components, each sealed.
#[derive(Debug)]
pub(crate) struct Cache {
    directory: PathBuf,
    key: hmac::Key,
}

impl Cache {
    /// Opens a directory, or makes it. Refuses one that others can write to.
    pub(crate) fn open(directory: PathBuf, key: &CodeKey) -> Result<Cache, Error> {
        match prepare(&directory) {
            Ok(()) => Ok(Cache { directory, key: key.seal() }),
            Err(reason) => Err(Kind::Cache { path: directory.display().to_string(), reason }.into()),
        }
    }

    /// The compiled form of a component: from its file, or by `compile`, which then leaves a file behind.
    pub(crate) fn component(
        &self,
        engine: &Engine,
        (component, digest): (&[u8], Digest),
        compile: impl FnOnce(&Engine, &[u8]) -> Result<Component, Error>,
    ) -> Result<Component, Error> {
        let engine_digest = engine_digest(engine);
        let header = header(digest, engine_digest);
        let path = self.directory.join(format!("{digest}-{engine_digest}.cwasm"));
        if let Some(compiled) = self.load(&path, &header, engine) {
            tracing::debug!("took compiled code from the cache");
            return Ok(compiled);
        }
        let compiled = compile(engine, component)?;
        let written = compiled.serialize().map_err(io::Error::other).and_then(|code| self.write(&path, &header, &code));
        if let Err(error) = written {
            tracing::debug!(%error, "could not keep compiled code");
        }
        Ok(compiled)
    }

    /// The code of a file that is sealed and is of this component and engine. It is read once: what is verified is what
    /// is loaded.
    fn load(&self, path: &Path, header: &Header, engine: &Engine) -> Option<Component> {
        let file = fs::read(path).ok()?;
        let code = file.split_at_checked(SEAL).and_then(|(seal, sealed)| {
            hmac::verify(&self.key, sealed, seal).ok()?;
            sealed.strip_prefix(header)
        });
        if code.is_none() {
            tracing::warn!(path = %path.display(), "a file of compiled code has no seal of this key, and is replaced");
        }
        artifact::deserialize(engine, code?)
    }

    /// Writes beside and renames, so that a reader sees a whole file or none.
    fn write(&self, path: &Path, header: &Header, code: &[u8]) -> io::Result<()> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let beside = path.with_extension(format!("{}-{number}.new", std::process::id()));
        let mut seal = hmac::Context::with_key(&self.key);
        seal.update(header);
        seal.update(code);
        let written = (|| {
            let mut file = fs::File::create_new(&beside)?;
            file.write_all(seal.sign().as_ref())?;
            file.write_all(header)?;
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
}

/// What is sealed along with the code: the form of the file, the digest of the component, and that of the engine.
type Header = [u8; 80];

fn header(component: Digest, engine: Digest) -> Header {
    let parts = FORM.iter().chain(component.as_bytes()).chain(engine.as_bytes());
    let mut header = [0; 80];
    header.iter_mut().zip(parts).for_each(|(place, byte)| *place = *byte);
    header
}

/// The digest of everything about an engine that compiled code depends on.
fn engine_digest(engine: &Engine) -> Digest {
    let mut settings = Hashed(Sha256::new());
    engine.precompile_compatibility_hash().hash(&mut settings);
    Digest::new(settings.0.finalize().into())
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

const FORM: &[u8; 16] = b"portcullis code\x02";

/// The bytes of HMAC-SHA256.
const SEAL: usize = 32;

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
    /// Another one: it has a custom section.
    const OTHER: &[u8] = b"\0asm\x0d\0\x01\0\0\x02\x01x";

    fn key(byte: u8) -> CodeKey {
        CodeKey::new([byte; 32])
    }

    fn compiles(place: &Place, engine: &Engine) -> bool {
        compiles_with(place, engine, COMPONENT, &key(1))
    }

    /// Whether the component had to be compiled.
    fn compiles_with(place: &Place, engine: &Engine, component: &[u8], key: &CodeKey) -> bool {
        let mut compiled = false;
        let cache = Cache::open(place.0.clone(), key).unwrap();
        let component = cache.component(engine, (component, Digest::of(component)), |engine, bytes| {
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
    fn a_file_that_was_tampered_with_is_never_loaded_and_is_replaced() {
        let (place, engine) = (Place::new("tampered"), Engine::default());
        assert!(compiles(&place, &engine));
        let whole = fs::read(place.file()).unwrap();
        let mut others =
            vec![Vec::new(), whole[..20].to_vec(), whole[..whole.len() - 1].to_vec(), [&whole[..], b"x"].concat()];
        // In the seal, in each part of the header, and in the code.
        for at in [0, SEAL, SEAL + 16, SEAL + 48, SEAL + 80, whole.len() / 2, whole.len() - 1] {
            let mut flipped = whole.clone();
            flipped[at] ^= 1;
            others.push(flipped);
        }
        for tampered in others {
            fs::write(place.file(), tampered).unwrap();
            assert_eq!([compiles(&place, &engine), compiles(&place, &engine)], [true, false]);
            assert_eq!(fs::read(place.file()).unwrap(), whole);
        }
    }

    #[test]
    fn a_file_that_another_key_sealed_is_never_loaded_and_is_replaced() {
        let (place, engine) = (Place::new("foreign"), Engine::default());
        let with = |byte| compiles_with(&place, &engine, COMPONENT, &key(byte));
        assert_eq!([with(1), with(1), with(2), with(2), with(1)], [true, false, true, false, true]);
    }

    #[test]
    fn a_digest_in_place_of_a_seal_is_not_enough() {
        let (place, engine) = (Place::new("digest"), Engine::default());
        assert!(compiles(&place, &engine));
        let sealed = fs::read(place.file()).unwrap().split_off(SEAL);
        // What whoever has no key can compute.
        let keyless = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &[]), &sealed);
        for seal in [Sha256::digest(&sealed).as_slice(), keyless.as_ref()] {
            fs::write(place.file(), [seal, &sealed].concat()).unwrap();
            assert!(compiles(&place, &engine));
        }
    }

    #[test]
    fn the_file_of_another_component_or_engine_under_this_name_is_never_loaded() {
        let engine = Engine::default();
        let other = Engine::new(wasmtime::Config::new().epoch_interruption(true)).unwrap();
        for (engine_of_it, component) in [(&engine, OTHER), (&other, COMPONENT)] {
            let (place, from) = (Place::new("renamed"), Place::new("renamed-from"));
            assert!(compiles(&place, &engine));
            assert!(compiles_with(&from, engine_of_it, component, &key(1)));
            let whole = fs::read(place.file()).unwrap();
            fs::copy(from.file(), place.file()).unwrap();
            assert!(compiles(&place, &engine));
            assert_eq!(fs::read(place.file()).unwrap(), whole);
        }
    }

    #[test]
    fn the_directory_is_private_from_the_start() {
        let place = Place::new("private");
        Cache::open(place.0.clone(), &key(1)).unwrap();
        assert_eq!(fs::metadata(&place.0).unwrap().mode() & 0o777, 0o700);
    }

    #[test]
    fn a_directory_that_others_can_write_to_is_refused() {
        let place = Place::new("open");
        fs::create_dir(&place.0).unwrap();
        fs::set_permissions(&place.0, fs::Permissions::from_mode(0o770)).unwrap();
        let error = Cache::open(place.0.clone(), &key(1)).unwrap_err();
        let message = format!("the cache directory `{}` is writable by other users", place.0.display());
        assert_eq!((error.to_string(), error.is_cache_refused()), (message, true));
    }

    #[test]
    fn a_file_in_the_place_of_the_directory_is_refused() {
        let place = Place::new("file");
        fs::write(&place.0, "").unwrap();
        assert!(Cache::open(place.0.clone(), &key(1)).unwrap_err().is_cache_refused());
        fs::remove_file(&place.0).unwrap();
    }
}
