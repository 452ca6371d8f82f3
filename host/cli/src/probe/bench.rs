//! The one way in which a probe reaches the vendor: no faster than was said, and to objects of its own where it writes.

use std::fmt;
use std::time::Duration;

use anyhow::{bail, ensure};
use portcullis_directory::{Directory, VendorRequest};
use serde_json::Value;
use tokio::time::{Instant, sleep, sleep_until};

use super::answer::{self, Answer};
use super::ledger::{Kind, Ledger};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::progress::Progress;
use crate::screen::Screen;

/// A tenant under probe.
pub(super) struct Bench<'a, D> {
    directory: &'a D,
    interval: Duration,
    next: Instant,
    ledger: Ledger,
    /// Reads from which a write is hidden.
    delay: u32,
    /// Whether the next read is the first one after a write.
    is_changed: bool,
    sent: u64,
    progress: Option<Progress>,
}

impl<'a, D: Directory> Bench<'a, D> {
    /// A bench that sends at most so many requests a second.
    pub(super) fn new(directory: &'a D, rate: u32, ledger: Ledger, screen: &Screen<'_>) -> Bench<'a, D> {
        let interval = Duration::from_secs(1) / rate.max(1);
        Bench {
            directory,
            interval,
            next: Instant::now(),
            ledger,
            delay: 0,
            is_changed: false,
            sent: 0,
            progress: Some(Progress::new(screen.shows_progress, None)),
        }
    }

    /// Host and port of the endpoint, as they are written there.
    pub(super) fn host(&self) -> &str {
        self.ledger.host()
    }

    /// Reads from which a write is hidden; so many are made from now on, and forgotten, before one that follows a write.
    pub(super) fn set_delay(&mut self, reads: u32) {
        self.delay = reads;
    }

    /// Reads.
    pub(super) async fn get(&mut self, path: &str, query: &[(&str, &str)]) -> anyhow::Result<Answer> {
        let query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let request =
            VendorRequest { method: "GET".to_owned(), path: path.to_owned(), query, ..VendorRequest::default() };
        if std::mem::take(&mut self.is_changed) {
            for _ in 0..self.delay {
                self.send(request.clone()).await?;
            }
        }
        self.send(request).await
    }

    /// A name that nobody has, for an object of this kind.
    pub(super) fn name(&mut self) -> String {
        self.ledger.name()
    }

    /// Makes an object. It is remembered before it is sent for, by the name that it will have, and for as long as it may
    /// have been made: a server that fails may have done it first.
    pub(super) async fn create(&mut self, kind: Kind, name: &str, body: &Value) -> anyhow::Result<Answer> {
        ensure!(name.starts_with(super::ledger::MARK), "an object of a probe has a marked name");
        self.ledger.plan(kind, name)?;
        let answer = self.write("POST", kind.path().to_owned(), Some(body)).await?;
        if let Some(id) = answer.id().filter(|_| answer.is_ok()) {
            self.ledger.made(kind, name, id)?;
        } else if answer.is_refused() {
            self.ledger.forget(kind, name, None)?;
        }
        Ok(answer)
    }

    /// Makes an object, which has to succeed.
    pub(super) async fn make(&mut self, kind: Kind, name: &str, body: &Value) -> anyhow::Result<String> {
        let answer = self.create(kind, name, body).await?;
        let Some(id) = answer.id().filter(|_| answer.is_ok()) else {
            if !answer.is_refused() {
                let message =
                    format!("it is not known whether the vendor made `{name}`: HTTP status {}", answer.status);
                return Err(Failure::new(Exit::Unavailable, message, "the probe needs it; begin again later").into());
            }
            let message = format!("the vendor did not make `{name}`: HTTP status {}", answer.status);
            let hint = "without an object of its own a probe does not write; `--domain` says which usernames it makes";
            return Err(Failure::new(Exit::Refused, message, hint).into());
        };
        Ok(id.to_owned())
    }

    /// Changes an object of its own.
    pub(super) async fn change(&mut self, method: &str, kind: Kind, id: &str, body: &Value) -> anyhow::Result<Answer> {
        ensure!(self.ledger.has(kind, id), "a probe changes nothing that it did not make");
        self.write(method, format!("{}/{id}", kind.path()), Some(body)).await
    }

    /// Sends operations of a PATCH.
    pub(super) async fn patch(&mut self, kind: Kind, id: &str, operations: Value) -> anyhow::Result<Answer> {
        let schema = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
        self.change("PATCH", kind, id, &serde_json::json!({"schemas": [schema], "Operations": operations})).await
    }

    /// Deletes an object of its own.
    pub(super) async fn delete(&mut self, kind: Kind, id: &str) -> anyhow::Result<Answer> {
        ensure!(self.ledger.has(kind, id), "a probe deletes nothing that it did not make");
        self.write("DELETE", format!("{}/{id}", kind.path()), None).await
    }

    /// Reads an object by its id; `null` where it is not there. Where the vendor does not say, that is [`Unclear`].
    pub(super) async fn record(&mut self, kind: Kind, id: &str) -> anyhow::Result<Value> {
        let answer = self.get(&format!("{}/{id}", kind.path()), &[]).await?;
        match answer.is_gone() {
            true => Ok(Value::Null),
            false if answer.is_ok() && answer.id() == Some(id) => Ok(answer.json),
            false => bail!(Unclear(answer.doubt())),
        }
    }

    /// Reads a list, which a vendor may refuse to search. Where it says neither, that is [`Unclear`].
    pub(super) async fn list(&mut self, path: &str, query: &[(&str, &str)]) -> anyhow::Result<Answer> {
        let answer = self.get(path, query).await?;
        ensure!(answer.is_list() || answer.is_unsupported(), Unclear(answer.doubt()));
        Ok(answer)
    }

    /// Removes everything that was made, groups before the users in them.
    pub(super) async fn clean(&mut self, screen: &mut Screen<'_>) -> anyhow::Result<()> {
        let mut left = Vec::new();
        for kind in [Kind::Group, Kind::User] {
            for (name, id) in self.ledger.objects(kind) {
                match self.remove(kind, &name, id.as_deref()).await {
                    Ok(()) => self.ledger.forget(kind, &name, id.as_deref())?,
                    Err(error) => left.push(format!("{} `{name}`: {error:#}", kind.path())),
                }
            }
        }
        // Nothing is sent after this, and what is said next must not run into it.
        self.progress = None;
        if left.is_empty() {
            return self.ledger.close();
        }
        for what in &left {
            screen.say("warning", format!("not removed: {what}"))?;
        }
        let message = match left.len() {
            1 => "1 object of the probe is left at the vendor".to_owned(),
            count => format!("{count} objects of the probe are left at the vendor"),
        };
        Err(Failure::new(Exit::Other, message, "`portcullis vendor probe --cleanup` tries again").into())
    }

    /// Removes an object, and answers once the vendor has said that it is gone. An answer that says nothing of it, such
    /// as that of a server out of order, leaves it there.
    async fn remove(&mut self, kind: Kind, name: &str, id: Option<&str>) -> anyhow::Result<()> {
        let ids = match id {
            Some(id) => vec![id.to_owned()],
            None => self.named(kind, name).await?,
        };
        for id in ids {
            let path = format!("{}/{id}", kind.path());
            let answer = self.write("DELETE", path.clone(), None).await?;
            let is_gone = answer.is_ok() || answer.is_gone() || self.get(&path, &[]).await?.is_gone();
            ensure!(is_gone, "HTTP status {}", answer.status);
        }
        Ok(())
    }

    /// The ids of the objects that have exactly this name, which nobody but this probe has made up. The filter may lie,
    /// so each row is compared; where it refuses, the list is read.
    async fn named(&mut self, kind: Kind, name: &str) -> anyhow::Result<Vec<String>> {
        let attribute = kind.name_attribute();
        let filter = format!("{attribute} eq \"{name}\"");
        let is_named =
            |row: &&Value| answer::text(row, attribute).is_some_and(|known| known.eq_ignore_ascii_case(name));
        let ids = |answer: &Answer| -> Vec<String> {
            answer.rows().iter().filter(is_named).filter_map(|row| answer::id(row).map(str::to_owned)).collect()
        };
        let filtered = self.get(kind.path(), &[("filter", &filter), ("count", "100")]).await?;
        if !ids(&filtered).is_empty() {
            return Ok(ids(&filtered));
        }
        let (mut start, mut found) = (1, Vec::new());
        loop {
            let page = self.get(kind.path(), &[("startIndex", &start.to_string()), ("count", "100")]).await?;
            ensure!(page.is_ok(), "the list cannot be read: HTTP status {}", page.status);
            let Some(total) = page.number("totalResults") else { bail!("the list cannot be read: it has no length") };
            found.extend(ids(&page));
            start += page.rows().len();
            if start as u64 > total {
                return Ok(found);
            }
            ensure!(!page.rows().is_empty(), "the list cannot be read: it ends before its length");
        }
    }

    async fn write(&mut self, method: &str, path: String, body: Option<&Value>) -> anyhow::Result<Answer> {
        let body = body.map(|body| body.to_string().into_bytes());
        self.is_changed = true;
        self.send(VendorRequest { method: method.to_owned(), path, body, ..VendorRequest::default() }).await
    }

    /// Sends in its turn, and waits as long as the vendor asks, a few times.
    async fn send(&mut self, request: VendorRequest) -> anyhow::Result<Answer> {
        for _ in 0..TRIES {
            sleep_until(self.next).await;
            self.next = Instant::now() + self.interval;
            self.sent += 1;
            if let Some(progress) = &self.progress {
                progress.say(format!("{} requests sent", self.sent));
            }
            let answer = Answer::from(self.directory.request(request.clone()).await?);
            match answer.status {
                401 => {
                    let hint = "check that `--token-env` or `--token-file` names the token of this endpoint";
                    bail!(Failure::new(Exit::Refused, "the vendor does not know the token", hint));
                }
                429 => sleep(wait(&answer)).await,
                _ => return Ok(answer),
            }
        }
        Err(Failure::new(
            Exit::Unavailable,
            "the vendor asks for fewer requests",
            "repeat later, with a lower `--rate`",
        )
        .into())
    }
}

/// The vendor answered something from which nothing can be concluded, such as that it is out of order.
#[derive(Debug)]
pub(super) struct Unclear(pub(super) String);

impl fmt::Display for Unclear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unclear {}

/// `13`, `13s`, or a second where it is anything else; a minute at most.
fn wait(answer: &Answer) -> Duration {
    let seconds = answer.header("retry-after").and_then(|text| text.trim_end_matches('s').parse().ok());
    Duration::from_secs(seconds.unwrap_or(1).min(60))
}

/// How often a request is sent that the vendor puts off.
const TRIES: u32 = 5;
