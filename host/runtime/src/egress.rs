//! The one way out of the sandbox.
//!
//! A request passes through the stages in the order of [`Egress::exchange`], each of which is a file of this module.
//! Nothing leaves the process by another way, no stage looks at what the request means, and no write that a vendor may
//! have done is sent again, unless doing it twice is doing it once.

pub(crate) mod address;
mod body;
pub(crate) mod client;
pub(crate) mod failure;
pub(crate) mod header;
pub(crate) mod path;
pub(crate) mod pool;
mod reply;
pub(crate) mod resolver;
pub(crate) mod retry;
mod retry_after;
mod scrub;
pub(crate) mod target;
pub(crate) mod tls;
pub(crate) mod trail;

use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, AUTHORIZATION};
use http::{HeaderValue, Request, Response};
use http_body_util::Full;
use hyper::body::Body;
use tokio::time::Instant;
use tracing::Instrument;
use zeroize::Zeroizing;

use self::body::Incomplete;
use self::client::Client;
use self::failure::Failure;
use self::retry::{Outcome, Tries};
use self::target::Target;
use self::trail::Trail;
use crate::credential::CredentialProvider;
use crate::dry_run::{DryRun, SIMULATED};
use crate::origin::Origin;
use crate::pace::turn::{Member, NoTurn};
use crate::pace::{Kind, Pace};
use crate::secret::Secret;
use crate::span;
use crate::witness::Witness;

/// The way out for one account.
#[derive(Clone)]
pub(crate) struct Egress {
    pub(crate) origin: Origin,
    pub(crate) client: Client,
    /// `None` where the vendor asks for none.
    pub(crate) credentials: Option<Arc<dyn CredentialProvider>>,
    /// For one request; the other limits are the call's.
    pub(crate) request_time: Duration,
    /// Whose turn it is among the requests of the account.
    pub(crate) member: Arc<Member>,
    pub(crate) pace: Pace,
    /// Whether its requests go before the others of the account.
    pub(crate) is_urgent: bool,
    /// Takes the writes in the vendor's place.
    pub(crate) dry_run: Option<DryRun>,
    /// Sees the ids that the vendor gives to requests.
    pub(crate) witness: Option<Witness>,
}

impl Egress {
    /// Takes a connector's request to the vendor and brings the reply, or says why there is none.
    ///
    /// What can be decided without waiting is decided before this returns, and a write is on the trail from then on: a
    /// connector that does not wait for the reply has sent its request all the same.
    pub(crate) fn exchange<B>(
        self: Arc<Self>,
        request: Request<B>,
        trail: Arc<Trail>,
    ) -> impl Future<Output = Result<Response<Bytes>, Failure>> + Send + use<B>
    where
        B: Body<Data = Bytes> + Send + Unpin,
        B::Error: fmt::Display,
    {
        let (parts, mut body) = request.into_parts();
        let method = parts.method.clone();
        let admitted = self.admit(parts, &trail);
        async move {
            let outcome = match admitted {
                Ok(target) => self.deliver(target, &mut body, &trail).await,
                Err(failure) => Err(failure),
            };
            match &outcome {
                Ok(reply) => {
                    if let Some(witness) = &self.witness {
                        witness.saw(reply.headers());
                    }
                    let (status, simulated) = (reply.status().as_u16(), reply.headers().contains_key(&SIMULATED));
                    let tries = trail.tries();
                    tracing::debug!(%method, host = %self.origin.host(), status, simulated, tries, "replied");
                }
                Err(failure) => {
                    tracing::debug!(%method, host = %self.origin.host(), code = failure.word(), tries = trail.tries(), "failed");
                    trail.failed(failure);
                }
            }
            // The connector learns from the end of its body that something failed, so the reason comes first.
            drop(body);
            outcome
        }
    }

    fn admit(&self, parts: http::request::Parts, trail: &Trail) -> Result<Target, Failure> {
        let admitted = trail.begin().and_then(|()| target::check(parts, &self.origin));
        match &admitted {
            Ok(target) if self.dry_run.is_none() => trail.sending(&target.method),
            Ok(_) => {}
            Err(failure) => trail.failed(failure),
        }
        admitted
    }

    async fn deliver<B>(&self, target: Target, body: &mut B, trail: &Trail) -> Result<Response<Bytes>, Failure>
    where
        B: Body<Data = Bytes> + Send + Unpin,
        B::Error: fmt::Display,
    {
        let method = target.method.clone();
        let outcome = async {
            let body = collect(body, trail).await?;
            let stand_in = self.dry_run.as_ref().map(|run| run.answer(&target, &body, self.origin.prefix()));
            if let Some(reply) = stand_in.transpose()?.flatten() {
                return Ok(reply);
            }
            self.persist(target, body, trail).await
        };
        outcome.await.inspect_err(|failure| {
            if failure.is_before_writing() && self.dry_run.is_none() {
                trail.unsent(&method);
            }
        })
    }

    /// Sends a request in its turn, and again as long as that is safe, of use, and done before the call is over.
    async fn persist(&self, target: Target, body: Bytes, trail: &Trail) -> Outcome {
        let kind = if trail::is_write(&target.method) { Kind::Write } else { Kind::Read };
        let (start, mut tries, mut last) = (Instant::now(), Tries::new(&target.method, &target.headers), None);
        let outcome = loop {
            // A quarter of what is left is for the answer.
            let by = Instant::now() + trail.left().mul_f64(0.75);
            let asked = Instant::now();
            let turn = match self.member.turn(kind, self.is_urgent, by).await {
                Ok(turn) => turn,
                Err(no_turn) => {
                    let failure = without_turn(no_turn);
                    span::turned_away(&failure);
                    // The vendor's own word on it, where there is one.
                    break last.unwrap_or(Err(failure));
                }
            };
            let span = span::attempt(&target, &self.origin, tries.made(), asked.elapsed());
            let outcome = self.attempt(target.clone(), body.clone(), trail).instrument(span.clone()).await;
            span::attempted(&span, &outcome);
            turn.end(retry::verdict(&outcome));
            let left = self.pace.retry_time.saturating_sub(start.elapsed()).min(trail.left() / 2);
            let Some(wait) = tries.next(&outcome, dice()).filter(|wait| *wait < left) else { break outcome };
            let status = outcome.as_ref().ok().map(|reply| reply.status().as_u16());
            let code = outcome.as_ref().err().map(Failure::word);
            span::again(status, code, wait);
            tokio::time::sleep(wait).await;
            last = Some(outcome);
        };
        let made = tries.made();
        trail.tried(made);
        let mut told = tries.told(outcome);
        if let (Ok(reply), 2..) = (&mut told, made) {
            reply.headers_mut().insert(header::TRIES, made.into());
        }
        told
    }

    /// One try, from the fetching of the credential to the last byte of the reply.
    async fn attempt(&self, target: Target, body: Bytes, trail: &Trail) -> Outcome {
        let (start, time) = (Instant::now(), self.request_time);
        let secret = tokio::time::timeout(time, self.secret()).await.unwrap_or_else(|_| Err(late(time)))?;
        let left = time.saturating_sub(start.elapsed());
        let sent = tokio::time::timeout(left, self.send(target, body, secret.as_ref(), trail)).await;
        let outcome = sent.unwrap_or(Err(Failure::Time(time)));
        if let (Some(provider), Some(is_accepted)) = (&self.credentials, retry::judgement(&outcome)) {
            // Whoever provides it may write that down; the answer does not wait for longer than for another one.
            let _ = tokio::time::timeout(NOTING, provider.judged(is_accepted)).await;
        }
        outcome
    }

    async fn secret(&self) -> Result<Option<Secret>, Failure> {
        match &self.credentials {
            Some(provider) => {
                provider.credential().await.map(Some).map_err(|error| Failure::Credential(error.to_string()))
            }
            None => Ok(None),
        }
    }

    async fn send(
        &self,
        target: Target,
        body: Bytes,
        secret: Option<&Secret>,
        trail: &Trail,
    ) -> Result<Response<Bytes>, Failure> {
        let request = with_credential(target, body, secret)?;
        let (reply, connection) = self.client.send(request, self.is_urgent).await?;
        let reply = reply::collect(reply, secret, &trail.received).await?;
        self.client.give_back(connection).await;
        Ok(reply)
    }
}

fn without_turn(no_turn: NoTurn) -> Failure {
    match no_turn {
        NoTurn::Queue(waiting) => Failure::Busy(waiting),
        NoTurn::Late(wait) => Failure::Late(wait),
    }
}

/// A number between 0 and 1 that another process does not throw, too. It keeps nothing secret.
#[expect(clippy::cast_precision_loss, reason = "every number of 32 bits is exact")]
fn dice() -> f64 {
    (RandomState::new().build_hasher().finish() >> 32) as f64 / f64::from(u32::MAX)
}

/// Nothing was written, which a failure of the whole request could not say.
fn late(time: Duration) -> Failure {
    Failure::Credential(format!("the provider did not answer within {time:?}"))
}

impl fmt::Debug for Egress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Egress").field("origin", &self.origin).finish_non_exhaustive()
    }
}

/// The whole body of a request. The connector finishes it before it waits for the reply.
async fn collect<B>(body: &mut B, trail: &Trail) -> Result<Bytes, Failure>
where
    B: Body<Data = Bytes> + Send + Unpin,
    B::Error: fmt::Display,
{
    let collected = body::collect(body, &trail.sent).await;
    // When an instance is dropped in the middle of a body, the body ends as if it were whole.
    if trail.is_over() {
        return Err(Failure::Denied("the call was over before the request was sent".to_owned()));
    }
    match collected {
        Ok((body, false)) => Ok(body),
        Ok((_, true)) => Err(Failure::Denied("the request has trailers, which are not allowed".to_owned())),
        Err(Incomplete::Budget(total)) => Err(Failure::Denied(format!("the call has sent all of its {total} bytes"))),
        Err(Incomplete::Broken(_)) => Err(Failure::Denied("the request has a body that was not finished".to_owned())),
    }
}

/// The request as it goes on the wire. Nothing that a connector made is added after this.
fn with_credential(target: Target, body: Bytes, secret: Option<&Secret>) -> Result<Request<Full<Bytes>>, Failure> {
    let mut request = Request::new(Full::new(body));
    *request.method_mut() = target.method;
    *request.uri_mut() = target.uri;
    *request.headers_mut() = target.headers;
    if let Some(secret) = secret {
        request.headers_mut().insert(AUTHORIZATION, bearer(secret)?);
    }
    // A compressed reply could not be searched for the token.
    request.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    Ok(request)
}

fn bearer(secret: &Secret) -> Result<HeaderValue, Failure> {
    let bearer = Zeroizing::new(format!("Bearer {}", secret.expose()));
    let invalid = |_| Failure::Credential("it cannot stand in a header".to_owned());
    let mut bearer = HeaderValue::from_str(&bearer).map_err(invalid)?;
    bearer.set_sensitive(true);
    Ok(bearer)
}

/// How long a provider may take to note what the vendor said of its token.
const NOTING: Duration = Duration::from_secs(2);

#[cfg(test)]
pub(crate) mod tests;
