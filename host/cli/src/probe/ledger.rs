//! What a probe made and has not yet removed, in a file that outlives it: an object is written down before it is asked
//! for, and struck out when it is gone.

use std::env;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::exit::Exit;
use crate::failure::Failure;

/// What the name of everything starts with that a probe makes.
pub(super) const MARK: &str = "portcullis-probe-";

/// A kind of object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    User,
    Group,
}

impl Kind {
    /// Where such objects are.
    pub(super) fn path(self) -> &'static str {
        match self {
            Kind::User => "Users",
            Kind::Group => "Groups",
        }
    }

    /// The attribute that has the name.
    pub(super) fn name_attribute(self) -> &'static str {
        match self {
            Kind::User => "userName",
            Kind::Group => "displayName",
        }
    }
}

/// The objects of one probe.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Ledger {
    endpoint: String,
    run: String,
    objects: Vec<Object>,
    #[serde(skip)]
    names: u32,
    #[serde(skip)]
    file: Option<PathBuf>,
    /// Held while the probe runs, so that another one does not take its objects for left behind.
    #[serde(skip)]
    lock: Option<File>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Object {
    kind: Kind,
    name: String,
    /// `None` until the vendor said it.
    id: Option<String>,
}

impl Ledger {
    /// The ledger of a new probe of this endpoint. Its file is there from the first object on.
    pub(super) fn new(endpoint: &str, directory: Option<PathBuf>) -> anyhow::Result<Ledger> {
        let mut run = [0; 8];
        getrandom::fill(&mut run).context("the system gives no random bytes")?;
        let run = format!("{:016x}", u64::from_ne_bytes(run));
        let file = directory.map(|directory| directory.join(format!("{run}.json")));
        Ok(Ledger { endpoint: endpoint.to_owned(), run, objects: Vec::new(), names: 0, file, lock: None })
    }

    /// Host and port of the endpoint.
    pub(super) fn host(&self) -> &str {
        let rest = self.endpoint.split_once("://").map_or(self.endpoint.as_str(), |(_, rest)| rest);
        rest.split('/').next().unwrap_or_default()
    }

    /// A name that no object has.
    pub(super) fn name(&mut self) -> String {
        self.names += 1;
        format!("{MARK}{}-{}", self.run, self.names)
    }

    /// Remembers an object that is about to be made. One that cannot be written down must not be made.
    pub(super) fn plan(&mut self, kind: Kind, name: &str) -> anyhow::Result<()> {
        self.objects.push(Object { kind, name: name.to_owned(), id: None });
        self.save().inspect_err(|_| drop(self.objects.pop()))
    }

    /// Remembers the id of an object.
    pub(super) fn made(&mut self, kind: Kind, name: &str, id: &str) -> anyhow::Result<()> {
        let is_it = |object: &&mut Object| object.kind == kind && object.name == name && object.id.is_none();
        if let Some(object) = self.objects.iter_mut().find(is_it) {
            object.id = Some(id.to_owned());
        }
        self.save()
    }

    /// Strikes an object out that is not there, or not any more. Two may have one name: it is the one of this id, or the
    /// one whose id was never said.
    pub(super) fn forget(&mut self, kind: Kind, name: &str, id: Option<&str>) -> anyhow::Result<()> {
        let is_it = |object: &Object| object.kind == kind && object.name == name && object.id.as_deref() == id;
        let place = self.objects.iter().rposition(is_it);
        if let Some(place) = place {
            self.objects.remove(place);
        }
        self.save()
    }

    /// Whether an object is of this probe.
    pub(super) fn has(&self, kind: Kind, id: &str) -> bool {
        self.objects.iter().any(|object| object.kind == kind && object.id.as_deref() == Some(id))
    }

    /// Names, and ids where they are known, the newest first.
    pub(super) fn objects(&self, kind: Kind) -> Vec<(String, Option<String>)> {
        let objects = self.objects.iter().rev().filter(|object| object.kind == kind);
        objects.map(|object| (object.name.clone(), object.id.clone())).collect()
    }

    /// Removes the files, once nothing is in them.
    pub(super) fn close(&mut self) -> anyhow::Result<()> {
        let Some(file) = self.file.as_ref().filter(|_| self.lock.take().is_some()) else { return Ok(()) };
        // There is one of these where a process was killed while it wrote.
        let _ = fs::remove_file(file.with_extension("new"));
        for file in [file.clone(), file.with_extension("lock")] {
            fs::remove_file(&file).with_context(|| format!("`{}` cannot be removed", file.display()))?;
        }
        Ok(())
    }

    fn save(&mut self) -> anyhow::Result<()> {
        let Some(file) = &self.file else {
            let hint = "`--state` names a directory for it";
            let message = "there is no place to remember what is made, so nothing is made";
            return Err(Failure::new(Exit::Usage, message, hint).into());
        };
        let saved = || -> std::io::Result<Option<File>> {
            fs::create_dir_all(file.parent().unwrap_or(file))?;
            let lock = if self.lock.is_none() { lock(file)? } else { None };
            let new = file.with_extension("new");
            fs::write(&new, serde_json::to_vec(self)?)?;
            fs::rename(new, file)?;
            Ok(lock)
        };
        let lock = saved().with_context(|| format!("`{}` cannot be written", file.display()))?;
        self.lock = self.lock.take().or(lock);
        Ok(())
    }
}

/// The lock beside a ledger; `None` where another process holds it. It ends with its process, however that ends.
fn lock(ledger: &Path) -> std::io::Result<Option<File>> {
    let lock = File::create(ledger.with_extension("lock"))?;
    match lock.try_lock() {
        Ok(()) => Ok(Some(lock)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// The ledgers of probes of this endpoint that were cut off. A file that is none is left alone.
pub(super) fn left_behind(endpoint: &str, directory: Option<&Path>) -> Vec<Ledger> {
    let files = directory.and_then(|directory| fs::read_dir(directory).ok()).into_iter().flatten().flatten();
    let files = files.map(|file| file.path()).filter(|file| file.extension().is_some_and(|name| name == "json"));
    // A name without the mark was written by somebody else, and what it names is not ours to remove.
    let is_ours = |ledger: &Ledger| {
        ledger.endpoint == endpoint && ledger.objects.iter().all(|object| object.name.starts_with(MARK))
    };
    let read = |file: PathBuf| {
        let ledger: Ledger = serde_json::from_slice(&fs::read(&file).ok()?).ok()?;
        let lock = if is_ours(&ledger) { lock(&file).ok()? } else { None };
        Some(Ledger { lock: Some(lock?), file: Some(file), ..ledger })
    };
    files.filter_map(read).collect()
}

/// Where ledgers are: `$XDG_STATE_HOME/portcullis/probe` (XDG Base Directory Specification), or where state is kept on
/// this system.
pub(super) fn directory(named: Option<&Path>) -> Option<PathBuf> {
    if let Some(named) = named {
        return Some(named.to_owned());
    }
    let path = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let state = path("XDG_STATE_HOME").or_else(|| {
        if cfg!(windows) { path("LOCALAPPDATA") } else { path("HOME").map(|home| home.join(".local/state")) }
    });
    state.map(|state| state.join("portcullis").join("probe"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A directory that no other test has.
    fn place(name: &str) -> PathBuf {
        let place = env::temp_dir().join(format!("portcullis-ledger-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&place);
        fs::create_dir_all(&place).unwrap();
        place
    }

    const ENDPOINT: &str = "https://scim.example:8443/scim/1/2/v2";

    #[test]
    fn what_is_made_is_known_until_it_is_struck_out() {
        let place = place("known");
        let mut ledger = Ledger::new(ENDPOINT, Some(place.clone())).unwrap();
        assert_eq!(ledger.host(), "scim.example:8443");
        let (first, second) = (ledger.name(), ledger.name());
        assert_ne!(first, second);
        ledger.plan(Kind::User, &first).unwrap();
        ledger.plan(Kind::Group, &second).unwrap();
        ledger.made(Kind::User, &first, "7").unwrap();
        assert!(ledger.has(Kind::User, "7") && !ledger.has(Kind::Group, "7"));
        assert_eq!(ledger.objects(Kind::Group), [(second.clone(), None)]);
        // Another one of the name, of which nothing was heard.
        ledger.plan(Kind::User, &first).unwrap();
        ledger.forget(Kind::User, &first, Some("7")).unwrap();
        assert_eq!(ledger.objects(Kind::User), [(first.clone(), None)]);
        ledger.forget(Kind::User, &first, None).unwrap();
        ledger.forget(Kind::Group, &second, None).unwrap();
        assert!(!ledger.has(Kind::User, "7"));
        ledger.close().unwrap();
        assert_eq!(fs::read_dir(&place).unwrap().count(), 0);
        fs::remove_dir(place).unwrap();
    }

    #[test]
    fn only_ones_own_ledgers_are_left_behind() {
        let place = place("own");
        let left = |endpoint: &str| left_behind(endpoint, Some(&place)).len();
        let mut ledger = Ledger::new(ENDPOINT, Some(place.clone())).unwrap();
        let name = ledger.name();
        ledger.plan(Kind::User, &name).unwrap();
        // Its probe still runs.
        assert_eq!(left(ENDPOINT), 0);
        drop(ledger);
        assert_eq!((left(ENDPOINT), left("https://other.example/v2")), (1, 0));
        let foreign = r#"{"endpoint":"E","run":"1","objects":[{"kind":"user","name":"boss@acme.example","id":"7"}]}"#;
        fs::write(place.join("foreign.json"), foreign.replace('E', ENDPOINT)).unwrap();
        fs::write(place.join("broken.json"), "{").unwrap();
        assert_eq!(left(ENDPOINT), 1);
        fs::remove_dir_all(place).unwrap();
    }
}
