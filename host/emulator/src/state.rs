//! What the connections share, and the one place where faults meet answers.
//! Owns the locks: directory, faults in force, record. Holds none of them across an await.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, LOCATION};
use http::{HeaderMap, Method, request};

use crate::Options;
use crate::answer::{Demand, Question, Tenant};
use crate::date::http_date;
use crate::directory::{At, Directory, User};
use crate::error_body::{Problem, html};
use crate::exchange::{Exchange, Record, beginning};
use crate::fault::{Call, Cut, Kind, Replacement, ResetPoint, Retry, RetryAfter, Script};
use crate::late::Late;
use crate::pace::Pace;
use crate::reply::Reply;
use crate::route::Route;
use crate::switches::{DelayedReads, ErrorBody};
use crate::wire::Places;
use crate::write::Write;

#[derive(Debug)]
pub(crate) struct State {
    tenant: Tenant,
    idp: String,
    clock: fn() -> SystemTime,
    record_body: usize,
    directory: RwLock<Directory>,
    /// What readers see, where they see writes late. Locked behind the directory, never before it.
    late: Mutex<Option<Late>>,
    pace: Mutex<Pace>,
    script: Mutex<Script>,
    record: Mutex<Record>,
    /// Numbers the users that faults add.
    newcomers: AtomicU32,
}

/// The directory, to be changed by other means than a request.
pub(crate) struct Truth<'a> {
    state: &'a State,
    directory: RwLockWriteGuard<'a, Directory>,
}

impl Deref for Truth<'_> {
    type Target = Directory;

    fn deref(&self) -> &Directory {
        &self.directory
    }
}

impl DerefMut for Truth<'_> {
    fn deref_mut(&mut self) -> &mut Directory {
        &mut self.directory
    }
}

impl Drop for Truth<'_> {
    fn drop(&mut self) {
        if let Some(late) = self.state.late().as_mut() {
            late.catch_up(&self.directory);
        }
    }
}

/// What becomes of a request.
pub(crate) enum Outcome {
    Reset,
    Reply { reply: Reply, delay: Duration },
}

impl State {
    pub(crate) fn new(directory: Directory, options: Options, endpoint: &str) -> Self {
        let places = Places::new(options.switches.locations, &options.idp, endpoint);
        let mut script = Script::default();
        for fault in options.faults {
            script.add(fault);
        }
        let late = Late::new(&directory, options.switches.visibility_delay);
        Self {
            late: Mutex::new(late),
            tenant: Tenant { auth: options.auth, switches: options.switches, places },
            idp: options.idp,
            clock: options.clock,
            record_body: options.record_body,
            directory: RwLock::new(directory),
            pace: Mutex::default(),
            script: Mutex::new(script),
            record: Mutex::new(Record::new(options.record)),
            newcomers: AtomicU32::new(0),
        }
    }

    pub(crate) fn directory(&self) -> RwLockReadGuard<'_, Directory> {
        self.directory.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is changed by other means than a request is seen at once.
    pub(crate) fn directory_mut(&self) -> Truth<'_> {
        Truth { state: self, directory: self.directory.write().unwrap_or_else(PoisonError::into_inner) }
    }

    fn late(&self) -> MutexGuard<'_, Option<Late>> {
        self.late.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn error_body(&self) -> ErrorBody {
        self.tenant.switches.error_body
    }

    /// Answers a request as ZPA would, then does to the answer what the faults say, and records what came of it.
    pub(crate) fn handle(&self, head: &request::Parts, body: &Bytes) -> Outcome {
        let (route, path) = Route::of(head.uri.path(), &self.idp);
        let is_read = matches!(head.method, Method::GET | Method::HEAD);
        let is_list = is_read && matches!(route, Route::List(_));
        let faults = self.script().fire(&Call { method: &head.method, path, is_list });
        let reply = if faults.contains(&Kind::Reset(ResetPoint::After)) {
            None
        } else {
            let question = Question {
                method: &head.method,
                route: &route,
                query: head.uri.query().unwrap_or_default(),
                headers: &head.headers,
                body,
                now: self.now(),
            };
            let is_applied = |fault: &Kind| matches!(fault, Kind::Status { is_applied: true, .. });
            let instead = faults.iter().find_map(|fault| Some((fault, self.instead(fault, &head.headers)?)));
            let reply = match instead {
                Some((fault, reply)) if !is_applied(fault) => reply,
                Some((_, reply)) => {
                    self.answer(&question, &faults);
                    reply
                }
                None => self.answer(&question, &faults),
            };
            let is_reset = faults.contains(&Kind::Reset(ResetPoint::Applied));
            (!is_reset).then(|| faults.iter().fold(reply, damaged))
        };
        self.remember(head, body, reply.as_ref(), &faults);
        let delays = faults.iter().map(|fault| match fault {
            Kind::Delay(milliseconds) => u64::from(*milliseconds),
            _ => 0,
        });
        let delay = Duration::from_millis(delays.sum());
        reply.map_or(Outcome::Reset, |reply| Outcome::Reply { reply, delay })
    }

    fn now(&self) -> u32 {
        let now = (self.clock)().duration_since(UNIX_EPOCH).unwrap_or_default();
        u32::try_from(now.as_secs()).unwrap_or(u32::MAX)
    }

    fn answer(&self, question: &Question<'_>, faults: &[Kind]) -> Reply {
        let answer = match self.tenant.demand(question, faults) {
            Err(problem) => Err(problem),
            Ok(Demand::Read) => self.read(question, faults),
            Ok(Demand::Write(write)) => self.write(write),
        };
        for fault in faults {
            match *fault {
                Kind::RemoveUsers { users, at } => self.lose_users(users, at),
                Kind::AddUsers { users, at } => self.gain_users(users, at),
                _ => {}
            }
        }
        self.tenant.reply(question, answer)
    }

    fn read(&self, question: &Question<'_>, faults: &[Kind]) -> Result<Reply, Problem> {
        let is_late = match self.tenant.switches.delayed_reads {
            DelayedReads::All => true,
            DelayedReads::Lists => matches!(question.route, Route::List(_)),
        };
        let mut late = self.late();
        match late.as_mut().map(|late| late.seen(&self.tenant)) {
            Some(seen) if is_late => self.tenant.read(seen, question, faults),
            _ => {
                drop(late);
                self.tenant.read(&self.directory(), question, faults)
            }
        }
    }

    /// Writes follow one another. Those that are seen late are so in the same order.
    fn write(&self, write: Write) -> Result<Reply, Problem> {
        let limit = self.tenant.switches.updates_per_second;
        self.pace.lock().unwrap_or_else(PoisonError::into_inner).take(write.now, limit)?;
        let mut directory = self.directory.write().unwrap_or_else(PoisonError::into_inner);
        let answer = self.tenant.write(&mut directory, &write);
        if let Some(late) = self.late().as_mut() {
            late.push(write);
        }
        answer
    }

    /// The reply that a fault puts in place of an answer.
    fn instead(&self, fault: &Kind, sent: &HeaderMap) -> Option<Reply> {
        match fault {
            Kind::Status { code, retry, body, .. } => {
                let problem = Problem::new(*code, "scripted fault");
                let reply = problem.reply(body.unwrap_or(self.error_body()));
                Some(self.with_retry(reply, *retry))
            }
            Kind::Redirect { to, code } => Some(Reply::new(*code, Vec::new()).with(LOCATION.as_str(), to)),
            Kind::EchoToken(code) => {
                let sent = sent.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
                let sent = sent.unwrap_or_default();
                let problem = Problem::new(*code, format!("cannot serve `{sent}`"));
                Some(problem.reply(self.error_body()).with("x-echo-authorization", sent))
            }
            _ => None,
        }
    }

    fn with_retry(&self, reply: Reply, retry: Retry) -> Reply {
        let after = retry.after.map(|after| match after {
            RetryAfter::Seconds(seconds) => seconds.to_string(),
            RetryAfter::Suffixed(seconds) => format!("{seconds}s"),
            RetryAfter::Date(seconds) => {
                let now = (self.clock)().duration_since(UNIX_EPOCH).unwrap_or_default();
                http_date(now.as_secs().saturating_add(seconds.into()))
            }
        });
        let reply = match after {
            Some(after) => reply.with("retry-after", &after),
            None => reply,
        };
        match retry.reset {
            Some(reset) => reply.with("x-ratelimit-reset", &reset.to_string()),
            None => reply,
        }
    }

    fn lose_users(&self, users: u32, at: At) {
        let users = usize::try_from(users).unwrap_or(usize::MAX);
        let mut directory = self.directory_mut();
        for id in directory.user_ids_at(at, users) {
            // The id has just been read under the same lock.
            let _ = directory.remove_user(&id);
        }
    }

    fn gain_users(&self, users: u32, at: At) {
        let mut directory = self.directory_mut();
        for _ in 0..users {
            let number = self.newcomers.fetch_add(1, Ordering::Relaxed);
            // A test may have added a user of that name itself: then one newcomer fewer.
            let _ = directory.add_user(User::new(format!("newcomer.{number}@acme.example")), at);
        }
    }

    fn remember(&self, head: &request::Parts, body: &Bytes, reply: Option<&Reply>, faults: &[Kind]) {
        let mut record = self.record();
        if !record.keeps() {
            return record.skip();
        }
        let sent = reply.map(Reply::sent).unwrap_or_default();
        let mut request_headers = head.headers.clone();
        if let Some(value) = request_headers.get_mut(AUTHORIZATION) {
            value.set_sensitive(true);
        }
        record.push(Exchange {
            number: 0,
            method: head.method.clone(),
            target: head.uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
            request_headers,
            request_body: beginning(body, self.record_body),
            status: reply.map(|reply| reply.status),
            response_headers: reply.map(|reply| reply.headers.clone()).unwrap_or_default(),
            response_length: sent.len(),
            response_body: beginning(&sent, self.record_body),
            faults: faults.iter().map(ToString::to_string).collect(),
        });
    }
}

/// What faults do to a reply, whoever made it.
fn damaged(mut reply: Reply, fault: &Kind) -> Reply {
    match *fault {
        Kind::Body(replacement) => {
            reply.body = match replacement {
                Replacement::Html => html(reply.status).into(),
                Replacement::Text => Bytes::from_static(b"upstream connect error"),
                Replacement::Empty => Bytes::new(),
            };
            let content_type = HeaderValue::from_static(crate::reply::SCIM_JSON);
            reply.headers.entry(CONTENT_TYPE).or_insert(content_type);
        }
        Kind::Pad(bytes) => {
            let length = reply.body.len().saturating_add(usize::try_from(bytes).unwrap_or(usize::MAX));
            let mut body = reply.body.to_vec();
            body.resize(length, b' ');
            reply.body = body.into();
        }
        Kind::Truncate(cut) => {
            let most = reply.body.len().saturating_sub(1);
            reply.cut = Some(match cut {
                Cut::Half => reply.body.len() / 2,
                Cut::Bytes(bytes) => usize::try_from(bytes).unwrap_or(usize::MAX).min(most),
            });
        }
        _ => {}
    }
    reply
}
