//! A directory whose writes are recorded: before each an intent, after it what came of it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use portcullis_directory::text::{WORD, one_line};
use portcullis_directory::{
    Change, Description, Directory, Effect, Error, ErrorKind, Group, GroupKey, Member, MembershipResult, Page,
    PageQuery, ReadOptions, Reply, User, UserKey, Value as Field, VendorRequest, WriteOptions,
};
use serde_json::{Value, json};
use tracing::Instrument;

use super::actor::Actor;
use super::auditor::Auditor;
use super::entry::{AuditedAccount, Entry, Event, Object, Outcome};
use super::known::{Known, group_json, user_json};
use super::request;
use crate::key_file;

/// A directory whose writes are recorded. What cannot be recorded is not sent: such a write fails with code `audit`, and
/// its effect is `none`.
///
/// A write is any call but a read; of [`request`](Directory::request), any method but `GET` and `HEAD`. A call whose
/// future is dropped, or whose process ends, leaves an intent without an outcome. It makes no request of its own: what
/// was there before is what was last read through this handle or a clone of it.
///
/// The handle is not to be had without the record around it but by [`inner`](Audited::inner).
#[derive(Clone, Debug)]
pub struct Audited<D> {
    directory: D,
    recorder: Option<Recorder<D>>,
}

/// How a directory is asked for the ids that the vendor gives its requests: a handle for one call, and what gives the ids
/// that were seen by it.
pub type Witness<D> = fn(&D) -> (D, Seen);

/// Gives the ids that were seen so far.
pub type Seen = Box<dyn Fn() -> Vec<String> + Send + Sync>;

#[derive(Debug)]
struct Recorder<D> {
    auditor: Auditor,
    account: Arc<AuditedAccount>,
    actor: Arc<Actor>,
    known: Arc<Mutex<Known>>,
    witness: Option<Witness<D>>,
}

impl<D> Clone for Recorder<D> {
    fn clone(&self) -> Recorder<D> {
        let Recorder { auditor, account, actor, known, witness } = self;
        let (account, actor, known) = (Arc::clone(account), Arc::clone(actor), Arc::clone(known));
        Recorder { auditor: auditor.clone(), account, actor, known, witness: *witness }
    }
}

impl<D> Audited<D> {
    /// The directory of this account, whose writes are recorded by this auditor as asked for by this actor.
    pub fn new(directory: D, auditor: Auditor, account: AuditedAccount, actor: Actor) -> Audited<D> {
        let (account, actor, known) = (Arc::new(account), Arc::new(actor), Arc::default());
        Audited { directory, recorder: Some(Recorder { auditor, account, actor, known, witness: None }) }
    }

    /// A directory whose writes are not recorded: for a dry run, whose writes are not made, and for an operator who turned
    /// the record off.
    pub fn unrecorded(directory: D) -> Audited<D> {
        Audited { directory, recorder: None }
    }

    /// The same, with the ids that the vendor gives to requests.
    #[must_use]
    pub fn with_witness(mut self, witness: Witness<D>) -> Audited<D> {
        if let Some(recorder) = &mut self.recorder {
            recorder.witness = Some(witness);
        }
        self
    }

    /// The same, asked for by another actor. The handle itself goes on as before.
    #[must_use]
    pub fn by(&self, actor: Actor) -> Audited<D>
    where
        D: Clone,
    {
        let mut other = self.clone();
        if let Some(recorder) = &mut other.recorder {
            recorder.actor = Arc::new(actor);
        }
        other
    }

    /// The same around another handle of the same account, such as an urgent one.
    #[must_use]
    pub fn map(&self, other: impl FnOnce(&D) -> D) -> Audited<D> {
        Audited { directory: other(&self.directory), recorder: self.recorder.clone() }
    }

    /// The directory without the record. What is written through it is not recorded.
    pub fn inner(&self) -> &D {
        &self.directory
    }

    /// Makes a request that goes past the contract, such as for a connector in another host, and records it as
    /// [`request`](Directory::request) is recorded. `send` gets the directory to send it by.
    pub async fn send<F>(
        &self,
        request: VendorRequest,
        send: impl FnOnce(D, VendorRequest) -> F,
    ) -> Result<Reply, Error>
    where
        D: Clone,
        F: Future<Output = Result<Reply, Error>>,
    {
        if is_read(&request) {
            return send(self.directory.clone(), request).await;
        }
        let object = Object { kind: "vendor".to_owned(), id: Some(request.path.clone()), name: None };
        let asked = Some(request::vendor(&request));
        let writing = self.begin(|_| intent("request", (object, None), asked)).await?;
        let answer = send(writing.directory().clone(), request).instrument(writing.span()).await;
        writing.end(&answer, |reply, _, outcome| replied(reply, outcome)).await;
        answer
    }

    /// Records the intent, or says why the write must not be made.
    async fn begin(&self, intent: impl FnOnce(&Known) -> Entry) -> Result<Writing<'_, D>, Error> {
        let Some(recorder) = &self.recorder else { return Ok(Writing { directory: &self.directory, recorded: None }) };
        let id = key_file::random_name().map_err(|error| refused(&error))?;
        let (account, actor) = (AuditedAccount::clone(&recorder.account), Actor::clone(&recorder.actor));
        let intent = Entry { id, account: Some(account), actor: Some(actor), ..intent(&recorder.known()) };
        let outcome = Entry {
            operation: intent.operation.clone(),
            object: intent.object.clone(),
            ..Entry::new(Event::Outcome, intent.id.clone())
        };
        recorder.auditor.append(intent).await.map_err(|error| refused(&error))?;
        let witnessed = recorder.witness.map(|witness| witness(&self.directory));
        Ok(Writing { directory: &self.directory, recorded: Some(Recorded { recorder, outcome, witnessed }) })
    }

    fn saw(&self, see: impl FnOnce(&mut Known)) {
        if let Some(recorder) = &self.recorder {
            see(&mut recorder.known());
        }
    }
}

impl<D> Recorder<D> {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A write whose intent is recorded.
struct Writing<'a, D> {
    directory: &'a D,
    recorded: Option<Recorded<'a, D>>,
}

struct Recorded<'a, D> {
    recorder: &'a Recorder<D>,
    outcome: Entry,
    witnessed: Option<(D, Seen)>,
}

impl<D> Writing<'_, D> {
    fn directory(&self) -> &D {
        let witnessed = self.recorded.as_ref().and_then(|recorded| recorded.witnessed.as_ref());
        witnessed.map_or(self.directory, |(directory, _)| directory)
    }

    /// What is logged on the way can be joined with the record by its id.
    fn span(&self) -> tracing::Span {
        match &self.recorded {
            Some(Recorded { outcome, .. }) => {
                tracing::info_span!(target: "portcullis::audit", "write", "audit.id" = outcome.id)
            }
            None => tracing::Span::none(),
        }
    }

    /// Records what came of it.
    async fn end<T>(self, answer: &Result<T, Error>, conclude: impl FnOnce(&T, &mut Known, Entry) -> Entry) {
        let Some(Recorded { recorder, outcome, witnessed }) = self.recorded else { return };
        let seen = witnessed.map(|(_, seen)| seen()).unwrap_or_default();
        let request_ids = seen.into_iter().map(|id| one_line(id, WORD)).collect();
        let outcome = Entry { request_ids, ..outcome };
        let outcome = match answer {
            Ok(answer) => conclude(answer, &mut recorder.known(), outcome),
            Err(error) => {
                forget(&mut recorder.known(), &outcome, error);
                let effect = Some(error.effect);
                Entry { outcome: Some(Outcome::Failed), effect, error: Some(error.clone()), ..outcome }
            }
        };
        recorder.auditor.conclude(outcome).await;
    }
}

/// After a failed write nobody knows what is there, unless nothing was changed.
fn forget(known: &mut Known, outcome: &Entry, error: &Error) {
    let Some(Object { kind, id: Some(id), .. }) = &outcome.object else { return };
    if error.effect != Effect::None {
        if kind == "user" { known.forget_user(id) } else { known.forget_group(id) }
    }
}

fn refused(error: &crate::Error) -> Error {
    // What another process holds up comes to pass later; everything else has to be looked at.
    let kind = if error.is_busy() { ErrorKind::Unavailable } else { ErrorKind::Forbidden };
    Error::new(kind, format!("the write was not sent, because it cannot be recorded: {error}")).with_code(CODE)
}

/// The code of a write that was refused.
const CODE: &str = "audit";

fn intent(operation: &str, (object, before): (Object, Option<Value>), request: Option<Value>) -> Entry {
    let (operation, object) = (Some(operation.to_owned()), Some(object));
    Entry { operation, object, request, before, ..Entry::new(Event::Intent, String::new()) }
}

/// An object that is not made yet.
fn unmade(kind: &str, name_field: &str, changes: &[Change]) -> (Object, Option<Value>) {
    let name = changes.iter().find_map(|change| match &change.value {
        Some(Field::Text(name)) if change.field == name_field => Some(name.clone()),
        _ => None,
    });
    (Object { kind: kind.to_owned(), id: None, name }, None)
}

fn done(outcome: Entry) -> Entry {
    Entry { outcome: Some(Outcome::Done), effect: Some(Effect::Applied), ..outcome }
}

fn shown_user(user: Option<&User>, known: &mut Known, outcome: Entry) -> Entry {
    let Some(user) = user else {
        if let Some(Object { id: Some(id), .. }) = &outcome.object {
            known.forget_user(id);
        }
        return done(outcome);
    };
    known.saw_user(user);
    let (object, _) = known.user(&user.id);
    Entry { object: Some(object), after: Some(user_json(user)), ..done(outcome) }
}

fn shown_group(group: Option<&Group>, known: &mut Known, outcome: Entry) -> Entry {
    let Some(group) = group else {
        if let Some(Object { id: Some(id), .. }) = &outcome.object {
            known.forget_group(id);
        }
        return done(outcome);
    };
    known.saw_group(group);
    let (object, _) = known.group(&group.id);
    Entry { object: Some(object), after: Some(group_json(group)), ..done(outcome) }
}

fn changed_members(result: &MembershipResult, outcome: Entry) -> Entry {
    let is_unknown = result.failed.iter().any(|failed| failed.error.effect != Effect::None);
    let effect = match (result.applied.is_empty(), is_unknown) {
        (false, _) => Effect::Applied,
        (true, true) => Effect::Unknown,
        (true, false) => Effect::None,
    };
    let word = match (result.failed.is_empty(), result.applied.is_empty() && result.unchanged.is_empty()) {
        (true, _) => Outcome::Done,
        (false, false) => Outcome::Partly,
        (false, true) => Outcome::Failed,
    };
    let result = serde_json::to_value(result).ok();
    Entry { outcome: Some(word), effect: Some(effect), result, ..outcome }
}

/// What a status says that the connector has no opinion of.
fn replied(reply: &Reply, outcome: Entry) -> Entry {
    let (word, effect) = match reply.status {
        200..=299 => (Outcome::Done, Effect::Applied),
        // RFC 9110 section 15.5: the server did not do what it was asked.
        400..=499 => (Outcome::Failed, Effect::None),
        _ => (Outcome::Failed, Effect::Unknown),
    };
    let result = Some(json!({ "http_status": reply.status }));
    let after = if word == Outcome::Done { request::body(&reply.body) } else { None };
    Entry { outcome: Some(word), effect: Some(effect), result, after, ..outcome }
}

fn is_read(request: &VendorRequest) -> bool {
    matches!(request.method.as_str(), "GET" | "HEAD")
}

/// A write between its intent and its outcome.
macro_rules! write {
    ($self:ident.$method:ident($($argument:expr),*), $intent:expr, $conclude:expr) => {{
        let writing = $self.begin($intent).await?;
        let answer = writing.directory().$method($($argument),*).instrument(writing.span()).await;
        writing.end(&answer, $conclude).await;
        answer
    }};
}

impl<D: Directory> Directory for Audited<D> {
    async fn list_users(&self, query: PageQuery) -> Result<Page<User>, Error> {
        let page = self.directory.list_users(query).await?;
        self.saw(|known| page.items.iter().for_each(|user| known.saw_user(user)));
        Ok(page)
    }

    async fn get_user(&self, id: &str, options: ReadOptions) -> Result<User, Error> {
        let user = self.directory.get_user(id, options).await?;
        self.saw(|known| known.saw_user(&user));
        Ok(user)
    }

    async fn find_user(&self, key: &UserKey, options: ReadOptions) -> Result<Vec<User>, Error> {
        let users = self.directory.find_user(key, options).await?;
        self.saw(|known| users.iter().for_each(|user| known.saw_user(user)));
        Ok(users)
    }

    async fn create_user(&self, changes: &[Change], options: WriteOptions) -> Result<User, Error> {
        write!(
            self.create_user(changes, options),
            |_| intent("create-user", unmade("user", "username", changes), Some(request::changes(changes, options))),
            |user, known, outcome| shown_user(Some(user), known, outcome)
        )
    }

    async fn update_user(&self, id: &str, changes: &[Change], options: WriteOptions) -> Result<Option<User>, Error> {
        write!(
            self.update_user(id, changes, options),
            |known| intent("update-user", known.user(id), Some(request::changes(changes, options))),
            |user, known, outcome| shown_user(user.as_ref(), known, outcome)
        )
    }

    async fn set_user_active(&self, id: &str, active: bool, options: WriteOptions) -> Result<Option<User>, Error> {
        write!(
            self.set_user_active(id, active, options),
            |known| intent("set-user-active", known.user(id), Some(request::active(active, options))),
            |user, known, outcome| shown_user(user.as_ref(), known, outcome)
        )
    }

    async fn delete_user(&self, id: &str, options: WriteOptions) -> Result<(), Error> {
        write!(
            self.delete_user(id, options),
            |known| intent("delete-user", known.user(id), request::nothing(options)),
            |(), known, outcome| shown_user(None, known, outcome)
        )
    }

    async fn list_groups(&self, query: PageQuery) -> Result<Page<Group>, Error> {
        let page = self.directory.list_groups(query).await?;
        self.saw(|known| page.items.iter().for_each(|group| known.saw_group(group)));
        Ok(page)
    }

    async fn get_group(&self, id: &str, options: ReadOptions) -> Result<Group, Error> {
        let group = self.directory.get_group(id, options).await?;
        self.saw(|known| known.saw_group(&group));
        Ok(group)
    }

    async fn find_group(&self, key: &GroupKey, options: ReadOptions) -> Result<Vec<Group>, Error> {
        let groups = self.directory.find_group(key, options).await?;
        self.saw(|known| groups.iter().for_each(|group| known.saw_group(group)));
        Ok(groups)
    }

    async fn create_group(&self, changes: &[Change], options: WriteOptions) -> Result<Group, Error> {
        write!(
            self.create_group(changes, options),
            |_| intent("create-group", unmade("group", "name", changes), Some(request::changes(changes, options))),
            |group, known, outcome| shown_group(Some(group), known, outcome)
        )
    }

    async fn update_group(&self, id: &str, changes: &[Change], options: WriteOptions) -> Result<Option<Group>, Error> {
        write!(
            self.update_group(id, changes, options),
            |known| intent("update-group", known.group(id), Some(request::changes(changes, options))),
            |group, known, outcome| shown_group(group.as_ref(), known, outcome)
        )
    }

    async fn delete_group(&self, id: &str, options: WriteOptions) -> Result<(), Error> {
        write!(
            self.delete_group(id, options),
            |known| intent("delete-group", known.group(id), request::nothing(options)),
            |(), known, outcome| shown_group(None, known, outcome)
        )
    }

    async fn list_members(&self, group_id: &str, query: PageQuery) -> Result<Page<Member>, Error> {
        self.directory.list_members(group_id, query).await
    }

    async fn add_members(
        &self,
        group_id: &str,
        members: &[String],
        options: WriteOptions,
    ) -> Result<MembershipResult, Error> {
        write!(
            self.add_members(group_id, members, options),
            |known| {
                let asked = request::members(members, |id| known.username(id), options);
                intent("add-members", known.group(group_id), Some(asked))
            },
            |result, _, outcome| changed_members(result, outcome)
        )
    }

    async fn remove_members(
        &self,
        group_id: &str,
        members: &[String],
        options: WriteOptions,
    ) -> Result<MembershipResult, Error> {
        write!(
            self.remove_members(group_id, members, options),
            |known| {
                let asked = request::members(members, |id| known.username(id), options);
                intent("remove-members", known.group(group_id), Some(asked))
            },
            |result, _, outcome| changed_members(result, outcome)
        )
    }

    async fn page_cursors(&self, next_cursor: &str, at_most: u32) -> Result<Vec<String>, Error> {
        self.directory.page_cursors(next_cursor, at_most).await
    }

    async fn request(&self, request: VendorRequest) -> Result<Reply, Error> {
        if is_read(&request) {
            return self.directory.request(request).await;
        }
        let object = Object { kind: "vendor".to_owned(), id: Some(request.path.clone()), name: None };
        let asked = Some(request::vendor(&request));
        write!(self.request(request), |_| intent("request", (object, None), asked), |reply, _, outcome| replied(
            reply, outcome
        ))
    }

    async fn describe(&self) -> Result<Description, Error> {
        self.directory.describe().await
    }
}
