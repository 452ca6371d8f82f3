//! Requests to one repository: who asks, where a request may go, and how much of an answer is read.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, LOCATION, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper_rustls::{ConfigBuilderExt as _, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::ClientConfig;
use serde::Deserialize;
use tokio::time::timeout;
use url::Url;

use crate::artifact::printable;
use crate::challenge::Challenge;
use crate::credential::Credential;
use crate::error::{Error, Kind};

/// HTTP with the roots of this system.
pub(crate) type Http = legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

pub(crate) fn http() -> Result<Http, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| Kind::Tls(error.to_string()))?;
    let config = builder.with_native_roots().map_err(|error| Kind::Tls(error.to_string()))?.with_no_client_auth();
    let mut tcp = HttpConnector::new();
    // Otherwise it refuses `https` before TLS is put around it.
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_connect_timeout(Some(CONNECT));
    let connector = HttpsConnectorBuilder::new().with_tls_config(config).https_or_http().enable_http1();
    Ok(legacy::Client::builder(TokioExecutor::new()).build(connector.wrap_connector(tcp)))
}

/// A repository, and what it asked for so far.
pub(crate) struct Client<'a> {
    pub(crate) http: &'a Http,
    pub(crate) credential: Option<&'a Credential>,
    /// The root of the repository.
    pub(crate) root: Url,
    /// What a token is asked for: `repository:NAME:pull`. It is said here and not by the registry, which could ask for
    /// more.
    pub(crate) scope: String,
    pub(crate) authorization: Option<HeaderValue>,
}

/// A request, as often as it has to be sent.
#[derive(Clone)]
pub(crate) struct Ask {
    /// In words, for messages.
    pub(crate) what: &'static str,
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) header: Option<(http::HeaderName, &'static str)>,
    pub(crate) body: Bytes,
}

impl Ask {
    pub(crate) fn new(what: &'static str, method: Method, url: Url) -> Ask {
        Ask { what, method, url, header: None, body: Bytes::new() }
    }
}

impl Client<'_> {
    /// Sends a request whose answer has this status, or is an error.
    pub(crate) async fn expect(&mut self, ask: &Ask, wanted: StatusCode) -> Result<Response<Incoming>, Error> {
        let answer = self.exchange(ask).await?;
        if answer.status() == wanted { Ok(answer) } else { Err(refusal(answer, ask).await) }
    }

    /// Whether there is something, here or where it redirects to.
    pub(crate) async fn has(&mut self, ask: &Ask) -> Result<bool, Error> {
        let answer = self.exchange(ask).await?;
        match answer.status() {
            status if status == StatusCode::OK || status.is_redirection() => Ok(true),
            StatusCode::NOT_FOUND => Ok(false),
            _ => Err(refusal(answer, ask).await),
        }
    }

    /// The body that a `GET` brings, of at most so many bytes. Some registries redirect to a storage.
    pub(crate) async fn get(&mut self, mut ask: Ask, most: usize) -> Result<Bytes, Error> {
        for _ in 0..=REDIRECTS {
            let answer = self.exchange(&ask).await?;
            if answer.status().is_redirection() {
                ask.url = self.location(answer.headers(), &ask.url)?;
            } else if answer.status() == StatusCode::OK {
                return collect(answer, &ask.url, most).await;
            } else {
                return Err(refusal(answer, &ask).await);
            }
        }
        Err(Kind::Location { host: host(&self.root), why: "it redirects again and again" }.into())
    }

    /// Where an answer sends to: over TLS, or to this machine if the registry is there as well.
    pub(crate) fn location(&self, headers: &HeaderMap, from: &Url) -> Result<Url, Error> {
        let wrong = |why| Kind::Location { host: host(from), why };
        let text =
            headers.get(LOCATION).and_then(|value| value.to_str().ok()).ok_or_else(|| wrong("it is not said where"))?;
        let url = from.join(text).map_err(|_| wrong("it is no URL"))?;
        if !self.may_reach(&url) {
            return Err(wrong("it is neither `https` nor the machine that the registry is on").into());
        }
        Ok(url)
    }

    fn may_reach(&self, url: &Url) -> bool {
        let is_plain = url.username().is_empty() && url.password().is_none() && url.has_host();
        is_plain && (url.scheme() == "https" || (url.scheme() == "http" && is_local(url) && is_local(&self.root)))
    }

    /// Sends it, and once more with what the registry asks for.
    async fn exchange(&mut self, ask: &Ask) -> Result<Response<Incoming>, Error> {
        let is_registry = ask.url.origin() == self.root.origin();
        // The credential is the registry's, and nobody's that it sends to.
        let answer = self.send(ask, self.authorization.clone().filter(|_| is_registry)).await?;
        if answer.status() != StatusCode::UNAUTHORIZED || !is_registry {
            return Ok(answer);
        }
        match self.authorize(answer.headers()).await? {
            Some(authorization) => {
                self.authorization = Some(authorization);
                self.send(ask, self.authorization.clone()).await
            }
            None => Ok(answer),
        }
    }

    /// What answers the challenge; `None` where there is nothing new to show.
    async fn authorize(&self, headers: &HeaderMap) -> Result<Option<HeaderValue>, Error> {
        let mut challenges = headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
        let (realm, service) = match challenges.find_map(Challenge::read) {
            None => return Ok(None),
            Some(Challenge::Basic) => return Ok(self.credential.map(Credential::header)),
            Some(Challenge::Bearer { realm, service }) => (realm, service),
        };
        let wrong = |why| Kind::Location { host: host(&self.root), why };
        let mut url = Url::parse(&realm).map_err(|_| wrong("its tokens are not at a URL"))?;
        if !self.may_reach(&url) {
            return Err(wrong("its tokens are neither at `https` nor on its own machine").into());
        }
        url.query_pairs_mut()
            .extend_pairs(service.map(|service| ("service", service)))
            .append_pair("scope", &self.scope);
        let ask = Ask::new("a request for a token", Method::GET, url);
        let answer = self.send(&ask, self.credential.map(Credential::header)).await?;
        if answer.status() != StatusCode::OK {
            return Err(refusal(answer, &ask).await);
        }
        let body = collect(answer, &ask.url, SMALL).await?;
        let unreadable = || Kind::Answer { host: host(&ask.url), why: "there is no token in it".to_owned() };
        let Token { token, access_token } = serde_json::from_slice(&body).map_err(|_| unreadable())?;
        let token = token.or(access_token).ok_or_else(unreadable)?;
        let mut header = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| unreadable())?;
        header.set_sensitive(true);
        Ok(Some(header))
    }

    async fn send(&self, ask: &Ask, authorization: Option<HeaderValue>) -> Result<Response<Incoming>, Error> {
        let wrong = |why: String| Error::from(Kind::Connection { host: host(&ask.url), why });
        let mut request = Request::builder().method(ask.method.clone()).uri(ask.url.as_str());
        if let Some((name, value)) = &ask.header {
            request = request.header(name, *value);
        }
        if let Some(authorization) = authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        let request = request.body(Full::new(ask.body.clone())).map_err(|error| wrong(error.to_string()))?;
        match timeout(PATIENCE, self.http.request(request)).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(wrong(innermost(&error))),
            Err(_) => Err(wrong(late())),
        }
    }
}

/// What a service for tokens answers; the names differ (distribution specification of tokens, "Token Response Fields").
#[derive(Deserialize)]
struct Token {
    token: Option<String>,
    access_token: Option<String>,
}

/// What a registry answers when it does not want to.
#[derive(Deserialize)]
struct Refusals {
    errors: Vec<Refusal>,
}

#[derive(Deserialize)]
struct Refusal {
    code: String,
}

/// The error of an answer with another status. Of its body only the code is told, as anything may stand there.
async fn refusal(answer: Response<Incoming>, ask: &Ask) -> Error {
    let status = answer.status().as_u16();
    let body = collect(answer, &ask.url, SMALL).await.unwrap_or_default();
    let refusals = serde_json::from_slice::<Refusals>(&body).ok();
    let code = refusals.and_then(|refusals| refusals.errors.into_iter().next()).map(|first| printable(&first.code));
    Kind::Status { host: host(&ask.url), status, code, what: ask.what }.into()
}

async fn collect(answer: Response<Incoming>, url: &Url, most: usize) -> Result<Bytes, Error> {
    match timeout(PATIENCE, Limited::new(answer.into_body(), most).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => {
            Err(Kind::Answer { host: host(url), why: format!("there is more than {most} bytes of it") }.into())
        }
        Ok(Err(error)) => Err(Kind::Connection { host: host(url), why: innermost(error.as_ref()) }.into()),
        Err(_) => Err(Kind::Connection { host: host(url), why: late() }.into()),
    }
}

fn late() -> String {
    format!("not within {} s", PATIENCE.as_secs())
}

/// Who is asked, in messages.
pub(crate) fn host(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}{port}", url.host_str().unwrap_or_default())
}

fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        _ => false,
    }
}

/// The error behind all others, which says what happened.
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    error.source().map_or_else(|| error.to_string(), innermost)
}

const CONNECT: Duration = Duration::from_secs(10);
/// For an answer, and for its body.
const PATIENCE: Duration = Duration::from_mins(2);
const REDIRECTS: usize = 3;
/// Bytes of an answer that is no blob.
const SMALL: usize = 64 * 1024;
