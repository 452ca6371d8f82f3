//! The one way out of the sandbox.
//!
//! A request passes through the stages in the order of [`Egress::exchange`], each of which is a file of this module.
//! Nothing leaves the process by another way, no stage looks at what the request means, and nothing that a vendor may
//! have seen is sent twice.

pub(crate) mod address;
mod body;
pub(crate) mod client;
pub(crate) mod failure;
pub(crate) mod header;
pub(crate) mod path;
mod reply;
pub(crate) mod resolver;
mod scrub;
pub(crate) mod target;
pub(crate) mod tls;
pub(crate) mod trail;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, AUTHORIZATION};
use http::{HeaderValue, Request, Response};
use http_body_util::Full;
use wasmtime_wasi_http::WasiBody;
use zeroize::Zeroizing;

use self::body::Incomplete;
use self::client::Client;
use self::failure::Failure;
use self::target::Target;
use self::trail::Trail;
use crate::credential::CredentialProvider;
use crate::dry_run::{DryRun, SIMULATED};
use crate::origin::Origin;
use crate::secret::Secret;

/// The way out for one account.
pub(crate) struct Egress {
    pub(crate) origin: Origin,
    pub(crate) client: Client,
    /// `None` where the vendor asks for none.
    pub(crate) credentials: Option<Arc<dyn CredentialProvider>>,
    /// For one request; the other limits are the call's.
    pub(crate) request_time: Duration,
    /// Takes the writes in the vendor's place.
    pub(crate) dry_run: Option<DryRun>,
}

impl Egress {
    /// The same way out, over the same connections, with somebody else to take the writes.
    pub(crate) fn rehearsing(&self, dry_run: DryRun) -> Egress {
        Egress {
            origin: self.origin.clone(),
            client: self.client.clone(),
            credentials: self.credentials.clone(),
            request_time: self.request_time,
            dry_run: Some(dry_run),
        }
    }

    /// Takes a connector's request to the vendor and brings the reply, or says why there is none.
    ///
    /// What can be decided without waiting is decided before this returns, and a write is on the trail from then on: a
    /// connector that does not wait for the reply has sent its request all the same.
    pub(crate) fn exchange(
        self: Arc<Self>,
        request: Request<WasiBody>,
        trail: Arc<Trail>,
    ) -> impl Future<Output = Result<Response<Bytes>, Failure>> + Send + use<> {
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
                    let (status, simulated) = (reply.status().as_u16(), reply.headers().contains_key(&SIMULATED));
                    tracing::debug!(%method, host = %self.origin.host(), status, simulated, "replied");
                }
                Err(failure) => {
                    tracing::debug!(%method, host = %self.origin.host(), code = failure.word(), "failed");
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

    async fn deliver(&self, target: Target, body: &mut WasiBody, trail: &Trail) -> Result<Response<Bytes>, Failure> {
        let method = target.method.clone();
        let outcome = async {
            let body = collect(body, trail).await?;
            let stand_in = self.dry_run.as_ref().map(|run| run.answer(&target, &body, self.origin.prefix()));
            if let Some(reply) = stand_in.transpose()?.flatten() {
                return Ok(reply);
            }
            let (start, time) = (Instant::now(), self.request_time);
            let secret = tokio::time::timeout(time, self.secret()).await.unwrap_or_else(|_| Err(late(time)))?;
            let left = time.saturating_sub(start.elapsed());
            let sent = tokio::time::timeout(left, self.send(target, body, secret.as_ref(), trail)).await;
            sent.unwrap_or(Err(Failure::Time(time)))
        };
        outcome.await.inspect_err(|failure| {
            if failure.is_before_writing() && self.dry_run.is_none() {
                trail.unsent(&method);
            }
        })
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
        let reply = self.client.send(with_credential(target, body, secret)?).await?;
        reply::collect(reply, secret, &trail.received).await
    }
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
async fn collect(body: &mut WasiBody, trail: &Trail) -> Result<Bytes, Failure> {
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

#[cfg(test)]
pub(crate) mod tests;
