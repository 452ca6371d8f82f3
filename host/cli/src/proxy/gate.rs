//! Who may ask: a request to the very address that is listened at, whose path begins with the secret.
//!
//! A page in a browser can send requests to this machine, also by a name of its own that resolves to it. It does not
//! know the secret, and cannot send the `Host` that is asked for; either is enough to keep it out. Who is kept out learns
//! nothing, not even which of the two was wrong.

use std::net::SocketAddr;

use http::header::HOST;
use http::request::Parts;
use http::uri::PathAndQuery;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// What a request must have to be let in.
pub(super) struct Gate {
    /// As the `Host` header has it.
    authority: String,
    secret: Zeroizing<String>,
}

impl Gate {
    /// `secret` stands in a path as it is.
    pub(super) fn new(address: SocketAddr, secret: String) -> Gate {
        Gate { authority: address.to_string(), secret: Zeroizing::new(secret) }
    }

    /// The URL that opens it.
    pub(super) fn endpoint(&self) -> String {
        format!("http://{}/{}", self.authority, *self.secret)
    }

    /// The path below the account's endpoint, and the query, of a request that may pass.
    pub(super) fn admit(&self, request: &Parts) -> Option<PathAndQuery> {
        let mut hosts = request.headers.get_all(HOST).iter();
        // `Host` is not looked at by who takes a URI with a host (RFC 9112 section 3.2.2), so there must be none.
        let is_here = request.uri.authority().is_none()
            && hosts.next().is_some_and(|host| host.as_bytes() == self.authority.as_bytes())
            && hosts.next().is_none();
        let path = request.uri.path_and_query()?.as_str().strip_prefix('/')?;
        let end = path.find(['/', '?']).unwrap_or(path.len());
        let (secret, below) = path.split_at_checked(end)?;
        let is_known: bool = secret.as_bytes().ct_eq(self.secret.as_bytes()).into();
        if !(is_here && is_known) {
            return None;
        }
        if below.starts_with('/') { below.parse().ok() } else { format!("/{below}").parse().ok() }
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn admitted(uri: &str, hosts: &[&str]) -> Option<String> {
        let gate = Gate::new(([127, 0, 0, 1], 8080).into(), "5ecret".to_owned());
        let request = hosts.iter().fold(Request::builder().uri(uri), |request, host| request.header("host", *host));
        let (parts, ()) = request.body(()).unwrap().into_parts();
        gate.admit(&parts).map(|path| path.to_string())
    }

    const HERE: &str = "127.0.0.1:8080";

    #[test]
    fn what_comes_after_the_secret_is_the_path() {
        for (uri, path) in [
            ("/5ecret/Users?count=1", "/Users?count=1"),
            ("/5ecret/Users/5ecret", "/Users/5ecret"),
            ("/5ecret", "/"),
            ("/5ecret/", "/"),
            ("/5ecret?a=b", "/?a=b"),
            ("/5ecret//Users", "//Users"),
        ] {
            assert_eq!(admitted(uri, &[HERE]).as_deref(), Some(path), "{uri}");
        }
    }

    #[test]
    fn without_the_secret_nobody_gets_in() {
        for uri in
            ["/", "/Users", "/5ecre/Users", "/5ecrett/Users", "/5ECRET/Users", "//5ecret/Users", "/%35ecret/", "*"]
        {
            assert_eq!(admitted(uri, &[HERE]), None, "{uri}");
        }
    }

    #[test]
    fn by_another_name_nobody_gets_in() {
        for hosts in [
            &["localhost:8080"][..],
            &["127.0.0.1"],
            &["127.0.0.1:8081"],
            &["evil.example:8080"],
            &["127.0.0.1.:8080"],
            &[HERE, HERE],
            &[HERE, "evil.example"],
            &[],
        ] {
            assert_eq!(admitted("/5ecret/Users", hosts), None, "{hosts:?}");
        }
        for uri in ["http://127.0.0.1:8080/5ecret/Users", "http://evil.example/5ecret/Users", "127.0.0.1:8080"] {
            assert_eq!(admitted(uri, &[HERE]), None, "{uri}");
        }
    }

    #[test]
    fn the_endpoint_of_the_other_family_has_brackets() {
        let gate = Gate::new("[::1]:80".parse().unwrap(), "5ecret".to_owned());
        assert_eq!(gate.endpoint(), "http://[::1]:80/5ecret");
    }
}
