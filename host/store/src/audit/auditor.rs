//! The keeper of the log: it writes a line at a time, whatever other process does the same, and reads all of them.

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use tokio::sync::{Mutex, OnceCell};

use super::actor::Actor;
use super::chain::ChainKey;
use super::end::End;
use super::entry::{Entry, Event};
use super::file::{self, Tail};
use super::verification::{Anchor, Verification, Verifier};
use crate::error::{Error, Kind};
use crate::instant;
use crate::key_source::KeySource;
use crate::place;
use crate::store::Store;

/// Keeps the audit log of a data directory. Cheap to clone; clones, and other processes, write one after the other.
///
/// It opens the store when it is first asked for something, so that what only reads a directory makes no file.
#[derive(Clone)]
pub struct Auditor(Arc<Inner>);

struct Inner {
    place: Place,
    clock: fn() -> SystemTime,
    store: OnceCell<Store>,
    turn: Mutex<()>,
    /// Outcomes that could not be written.
    unrecorded: AtomicU64,
}

enum Place {
    Directory(PathBuf, KeySource),
    /// Why there is none.
    Nowhere(String),
}

impl Auditor {
    /// The log of the store in this directory, which is made where there is none. `clock` is asked for the time of each
    /// line.
    pub fn new(directory: impl Into<PathBuf>, keys: KeySource, clock: fn() -> SystemTime) -> Auditor {
        Auditor::at(Place::Directory(directory.into(), keys), clock)
    }

    /// A log without a place, for this reason: every write is refused with it, and every read is let through.
    pub fn nowhere(reason: impl Into<String>, clock: fn() -> SystemTime) -> Auditor {
        Auditor::at(Place::Nowhere(reason.into()), clock)
    }

    fn at(place: Place, clock: fn() -> SystemTime) -> Auditor {
        let (store, turn, unrecorded) = (OnceCell::new(), Mutex::default(), AtomicU64::new(0));
        Auditor(Arc::new(Inner { place, clock, store, turn, unrecorded }))
    }

    /// How many outcomes could not be written, so that their writes read as unfinished.
    pub fn unrecorded(&self) -> u64 {
        self.0.unrecorded.load(Ordering::Relaxed)
    }

    /// Writes a line. It is on the disk when this returns.
    pub(crate) async fn append(&self, entry: Entry) -> Result<(), Error> {
        let _turn = self.0.turn.lock().await;
        let store = self.store().await?;
        let mut transaction = store.begin().await?;
        let (key, end) = store.audit_begin(&mut transaction).await?;
        let writing = Writing { directory: store.directory.clone(), key, end, time: self.now() };
        let (key, end) = blocking(move || writing.append(entry)).await?;
        store.audit_set(&mut transaction, &key, &end).await?;
        transaction.commit().await.map_err(|error| store.failed(&error))
    }

    /// The same for an outcome, whose write is done: what goes wrong is told to the log of the program and counted, and
    /// the write reads as one that is unfinished.
    pub(crate) async fn conclude(&self, entry: Entry) {
        let id = entry.id.clone();
        if let Err(error) = self.append(entry).await {
            self.0.unrecorded.fetch_add(1, Ordering::Relaxed);
            tracing::error!(target: "portcullis::audit", id, error = error.to_string(), "an outcome cannot be recorded");
        }
    }

    /// Reads the log from its first line and gives each line that is as it was written to `visit`. What is wrong is in
    /// the answer, and no error; an error is a log that cannot be judged, such as for want of the key.
    pub async fn read<F>(&self, anchor: Option<Anchor>, visit: F) -> Result<Verification, Error>
    where
        F: FnMut(Entry) + Send + 'static,
    {
        let store = self.store().await?;
        // Nobody writes until it is known how long the file is.
        let mut transaction = store.begin().await?;
        let known = store.audit_end(&mut transaction).await?;
        let path = file::path(&store.directory);
        let length = match std::fs::metadata(&path) {
            Ok(metadata) => Some(metadata.len()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(place::unusable(&path, "cannot be read", &error)),
        };
        drop(transaction);
        let (key, end) = match (known, length) {
            (Some(known), _) => known,
            (None, None) => return Ok(Verification::default()),
            (None, Some(_)) => return Err(Kind::AuditUnknown(path).into()),
        };
        blocking(move || read(&path, length.unwrap_or(0), Verifier::new(&key, end, anchor), visit)).await
    }

    /// Puts the file aside, whatever is in it, and goes on in a new one, whose first line says so. The numbers and the
    /// chain go on from where the database knows them to end; where it cannot say that, or the key is lost, they begin
    /// anew. Gives the place of the file that was put aside, where
    /// there was one.
    pub async fn restart(&self, actor: Actor, reason: &str) -> Result<Option<PathBuf>, Error> {
        let aside = {
            let _turn = self.0.turn.lock().await;
            let store = self.store().await?;
            let mut transaction = store.begin().await?;
            let (key, end) = match store.audit_begin(&mut transaction).await {
                // What cannot be judged any more is put aside all the same, and a new chain begins.
                Err(error) if error.is_audit_changed() || error.is_key_missing() => {
                    store.audit_forget(&mut transaction).await?;
                    store.audit_begin(&mut transaction).await?
                }
                begun => begun?,
            };
            let aside = file::put_aside(&store.directory, end.count)?;
            let end = End { first: end.count, start: end.head, length: 0, ..end };
            store.audit_set(&mut transaction, &key, &end).await?;
            transaction.commit().await.map_err(|error| store.failed(&error))?;
            aside
        };
        let name = aside.as_ref().and_then(|path| path.file_name()).map(|name| name.to_string_lossy().into_owned());
        let note = match name {
            Some(name) => format!("{reason} (`{name}` was put aside)"),
            None => reason.to_owned(),
        };
        let entry = Entry { actor: Some(actor), note: Some(note), ..Entry::new(Event::Restart, String::new()) };
        self.append(entry).await?;
        Ok(aside)
    }

    /// The time of now, as it is written.
    fn now(&self) -> String {
        instant::shown_with_milliseconds((self.0.clock)())
    }

    async fn store(&self) -> Result<&Store, Error> {
        match &self.0.place {
            Place::Directory(directory, keys) => {
                self.0.store.get_or_try_init(|| Store::open(directory.clone(), keys.clone())).await
            }
            Place::Nowhere(reason) => Err(Kind::AuditNowhere(reason.clone()).into()),
        }
    }
}

/// A line on its way into the file.
struct Writing {
    directory: PathBuf,
    key: ChainKey,
    end: End,
    time: String,
}

impl Writing {
    fn append(mut self, entry: Entry) -> Result<(ChainKey, End), Error> {
        let path = file::path(&self.directory);
        if self.end == End::EMPTY && path.exists() {
            return Err(Kind::AuditUnknown(path).into());
        }
        match file::tail(&path, &self.key, &self.end)? {
            Tail::None => {}
            Tail::Whole(end) => self.end = end,
            Tail::Torn(bytes) => {
                let note = Some(format!("{bytes} bytes of a line that was not finished were taken away"));
                self.write(&path, Entry { note, ..Entry::new(Event::Recovery, String::new()) })?;
            }
        }
        self.write(&path, entry)?;
        Ok((self.key, self.end))
    }

    fn write(&mut self, path: &Path, entry: Entry) -> Result<(), Error> {
        let (sequence, previous) = (self.end.count + 1, self.end.head.to_hex());
        let entry = Entry { sequence, previous, time: self.time.clone(), ..entry };
        let (line, head) = self.key.line(&entry).map_err(|error| Kind::Audit(error.to_string()))?;
        file::write(path, &self.end, &line)?;
        self.end = End { count: sequence, head, length: self.end.length + line.len() as u64, ..self.end };
        Ok(())
    }
}

fn read(
    path: &Path,
    length: u64,
    mut verifier: Verifier<'_>,
    mut visit: impl FnMut(Entry),
) -> Result<Verification, Error> {
    if length == 0 {
        return Ok(verifier.end(0));
    }
    let failed = |error: io::Error| place::unusable(path, "cannot be read", &error);
    let mut file = BufReader::new(File::open(path).map_err(failed)?.take(length));
    let mut line = Vec::new();
    loop {
        line.clear();
        file.read_until(b'\n', &mut line).map_err(failed)?;
        match line.strip_suffix(b"\n") {
            Some(line) => drop(verifier.line(line).map(&mut visit)),
            None => return Ok(verifier.end(line.len() as u64)),
        }
    }
}

/// Files are read and written where nobody waits for it.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(_) => Err(Kind::Audit("the program is ending".to_owned()).into()),
    }
}

impl fmt::Debug for Auditor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = match &self.0.place {
            Place::Directory(directory, _) => directory.display().to_string(),
            Place::Nowhere(reason) => reason.clone(),
        };
        formatter.debug_tuple("Auditor").field(&place).finish()
    }
}
