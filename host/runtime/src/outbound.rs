//! One account's way out, for the requests of a connector that another host runs.
//!
//! Such a host cannot put a credential on the wire, so it sends what the connector asks for here, and each request is
//! treated like one of this runtime's own connectors: the same pipeline, limits, pace and connections. Nothing here looks
//! at what a request means, and no credential comes back.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::uri::PathAndQuery;
use http::{Request, Response, Uri};
use hyper::body::Body;
use portcullis_directory::{Effect, Error};

use crate::directory::Bound;
use crate::egress::failure::Failure;
use crate::egress::trail::{Trail, is_write};
use crate::limit::Limits;
use crate::origin::Origin;
use crate::room;

/// The way out of one account. Cheap to clone, and usable from many tasks at once. Use it within a Tokio runtime.
#[derive(Clone, Debug)]
pub struct Outbound(Arc<Bound>);

impl Outbound {
    pub(crate) fn new(bound: Arc<Bound>) -> Outbound {
        Outbound(bound)
    }

    /// Sends a request and waits for the reply, whatever its status.
    ///
    /// The URI is a path below the account's endpoint, and a query: `/Users?count=1`. Method, path, headers and body are
    /// held to the rules that a connector is held to: an everyday method, no path that climbs, only headers that say what
    /// is sent and accepted, a body within the limit and without trailers. The reply is whole, within the limit, and
    /// without the credential, cookies and hop-by-hop headers.
    ///
    /// A request counts as a call: it finds room among the calls that run, and has the time of one. When there is no
    /// reply, the error's `effect` says whether the vendor may have seen a write. Dropping the future stops it.
    pub async fn send<B>(&self, request: Request<B>) -> Result<Response<Bytes>, Error>
    where
        B: Body<Data = Bytes> + Send + Unpin,
        B::Error: fmt::Display,
    {
        let Bound { loaded, egress, limits, number, .. } = &*self.0;
        let caller = room::Caller::new(*number, limits, egress.is_urgent);
        let place = loaded.runtime.room.enter(caller).await?;
        let writes = is_write(request.method());
        let request = at(&egress.origin, request).map_err(|failure| failure.error(writes))?;
        let trail = Arc::new(Trail::new(&Limits { requests: 1, ..*limits }));
        let exchange = Arc::clone(egress).exchange(request, Arc::clone(&trail));
        let effect = || if trail.may_have_written() { Effect::Unknown } else { Effect::None };
        tokio::select! {
            biased;
            () = place.room().stopped() => {
                Err(Error::shutdown("the runtime was shut down before the vendor answered", effect()))
            }
            outcome = tokio::time::timeout(limits.call_time, exchange) => match outcome {
                Ok(outcome) => outcome.map_err(|failure| {
                    // Of several tries one may have written, whatever became of the last.
                    let error = trail.counted(failure.error(writes));
                    if trail.may_have_written() { error.with_effect(Effect::Unknown) } else { error }
                }),
                Err(_) => {
                    Err(Error::timeout(format!("the vendor did not answer within {:?}", limits.call_time), effect()))
                }
            },
        }
    }
}

/// The request with the account's own scheme, host and path prefix in front of its path.
fn at<B>(origin: &Origin, request: Request<B>) -> Result<Request<B>, Failure> {
    let denied = |reason: &str| Failure::Denied(format!("the request {reason}"));
    let (mut parts, body) = request.into_parts();
    parts.uri = match (parts.uri.scheme(), parts.uri.authority(), parts.uri.path_and_query()) {
        (None, None, Some(below)) => uri(origin, below).ok_or_else(|| denied("has no valid path"))?,
        _ => return Err(denied("names a host, which is the account's to name")),
    };
    Ok(Request::from_parts(parts, body))
}

fn uri(origin: &Origin, below: &PathAndQuery) -> Option<Uri> {
    // `*`, of `OPTIONS`, is no path.
    let below = below.as_str().strip_prefix('/')?;
    let whole = format!("{}/{below}", origin.prefix()).parse().ok()?;
    origin.uri(whole).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(endpoint: &str, uri: &str) -> Result<String, String> {
        let request = Request::builder().uri(uri).body(()).map_err(|error| error.to_string())?;
        let placed = at(&Origin::parse(endpoint).unwrap(), request);
        placed.map(|request| request.uri().to_string()).map_err(|failure| failure.to_string())
    }

    #[test]
    fn a_path_is_below_the_endpoint_whatever_it_says() {
        let endpoint = "https://vendor.example/scim/1/v2";
        for (uri, whole) in [
            ("/Users?count=1", "https://vendor.example/scim/1/v2/Users?count=1"),
            ("/", "https://vendor.example/scim/1/v2/"),
            ("/?a=b", "https://vendor.example/scim/1/v2/?a=b"),
            ("//evil.example/Users", "https://vendor.example/scim/1/v2//evil.example/Users"),
        ] {
            assert_eq!(placed(endpoint, uri).as_deref(), Ok(whole));
        }
        assert_eq!(placed("https://vendor.example", "/Users").as_deref(), Ok("https://vendor.example/Users"));
    }

    #[test]
    fn a_request_that_names_a_host_is_denied_whichever_it_is() {
        for uri in ["https://vendor.example/v2/Users", "http://evil.example/", "vendor.example:443"] {
            let denied = "the request names a host, which is the account's to name";
            assert_eq!(placed("https://vendor.example/v2", uri).unwrap_err(), denied, "{uri}");
        }
        assert_eq!(placed("https://vendor.example/v2", "*").unwrap_err(), "the request has no valid path");
    }
}
