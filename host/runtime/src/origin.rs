//! The one place on the network that an account may reach.
//!
//! An [`Origin`] is parsed once and then compared with; text is never compared with text. It does not resolve names
//! and does not know which addresses are allowed: that is `egress::address`.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use http::Uri;
use http::uri::{Authority, PathAndQuery, Scheme};

use crate::egress::path;

/// Scheme, host, port and path prefix of an account's endpoint, each in one form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    secure: bool,
    host: Host,
    port: u16,
    /// `https://host:port`, ready for a request; the port is left out where it is the scheme's own.
    authority: Authority,
    /// Path without a slash at its end: empty, or `/scim/1/2/v2`.
    prefix: String,
}

impl Origin {
    /// Parses a base URL: `http` or `https`, a host, perhaps a port and a path, and nothing else. The reason of a
    /// refusal goes on after "the endpoint `…`".
    pub(crate) fn parse(endpoint: &str) -> Result<Origin, &'static str> {
        let uri: Uri = endpoint.parse().map_err(|_| "is not a URL")?;
        // `http::Uri` drops a fragment without a word.
        if endpoint.contains('#') {
            return Err("has a fragment");
        }
        let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else {
            return Err("is not an absolute URL");
        };
        let secure = is_secure(scheme).ok_or("is neither `https` nor `http`")?;
        let (host, port) = host_and_port(authority, secure)?;
        if uri.query().is_some() {
            return Err("has a query");
        }
        let prefix = uri.path().strip_suffix('/').unwrap_or(uri.path());
        path::check(prefix)?;
        let authority = if port == default_port(secure) { host.to_string() } else { format!("{host}:{port}") };
        let authority = authority.parse().map_err(|_| "has no valid host")?;
        Ok(Origin { secure, host, port, authority, prefix: prefix.to_owned() })
    }

    /// Whether this scheme and authority, in whatever spelling, are this origin's.
    pub(crate) fn is_at(&self, scheme: &Scheme, authority: &Authority) -> bool {
        is_secure(scheme) == Some(self.secure)
            && host_and_port(authority, self.secure).is_ok_and(|(host, port)| host == self.host && port == self.port)
    }

    /// The URL of a path and query on this origin, made of the origin's own parts.
    pub(crate) fn uri(&self, path_and_query: PathAndQuery) -> Result<Uri, http::Error> {
        let scheme = if self.secure { Scheme::HTTPS } else { Scheme::HTTP };
        Uri::builder().scheme(scheme).authority(self.authority.clone()).path_and_query(path_and_query).build()
    }

    /// Whether the scheme is `https`.
    pub(crate) fn is_secure(&self) -> bool {
        self.secure
    }

    /// The host, a name or an address.
    pub(crate) fn host(&self) -> &Host {
        &self.host
    }

    /// Host and port; the port is left out where it is the scheme's own.
    pub(crate) fn authority(&self) -> &str {
        self.authority.as_str()
    }

    /// The path that every request's path starts with: empty, or without a slash at its end.
    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }
}

/// The endpoint in its one spelling, without a slash at its end.
impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.secure { "https" } else { "http" };
        write!(formatter, "{scheme}://{}{}", self.authority, self.prefix)
    }
}

/// A host in its one form: addresses as numbers, names in lower case without the dot at their end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Host {
    Address(IpAddr),
    Name(String),
}

impl Host {
    fn parse(text: &str) -> Result<Host, &'static str> {
        if let Some(address) = text.strip_prefix('[') {
            let address = address.strip_suffix(']').ok_or("has no valid host")?;
            let address: Ipv6Addr = address.parse().map_err(|_| "has no valid host")?;
            return Ok(Host::Address(IpAddr::V6(address).to_canonical()));
        }
        let name = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
        if let Ok(address) = name.parse::<Ipv4Addr>() {
            return Ok(Host::Address(IpAddr::V4(address)));
        }
        if name.is_empty() || name.len() > 253 || !name.split('.').all(is_label) {
            return Err("has no valid host");
        }
        // A resolver may read `127.1`, `2130706433`, `0x7f.1` and `0177.0.0.1` as addresses; the URL standard
        // (https://url.spec.whatwg.org/#ends-in-a-number-checker) tells them by their last label.
        if name.rsplit('.').next().is_some_and(is_number) {
            return Err("spells an address in an unusual way");
        }
        Ok(Host::Name(name))
    }
}

impl fmt::Display for Host {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Host::Address(IpAddr::V4(address)) => write!(formatter, "{address}"),
            Host::Address(IpAddr::V6(address)) => write!(formatter, "[{address}]"),
            Host::Name(name) => formatter.write_str(name),
        }
    }
}

/// `None` for a scheme other than the two.
fn is_secure(scheme: &Scheme) -> Option<bool> {
    if *scheme == Scheme::HTTPS {
        Some(true)
    } else if *scheme == Scheme::HTTP {
        Some(false)
    } else {
        None
    }
}

const fn default_port(secure: bool) -> u16 {
    if secure { 443 } else { 80 }
}

fn host_and_port(authority: &Authority, secure: bool) -> Result<(Host, u16), &'static str> {
    let text = authority.as_str();
    if text.contains('@') {
        return Err("holds a user name or a password");
    }
    let end = if text.starts_with('[') {
        text.find(']').map(|at| at + 1)
    } else {
        Some(text.find(':').unwrap_or(text.len()))
    };
    let (host, rest) = end.and_then(|end| text.split_at_checked(end)).ok_or("has no valid host")?;
    let port = match rest.strip_prefix(':') {
        None if rest.is_empty() => default_port(secure),
        // `parse` alone would take a sign.
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            digits.parse().ok().filter(|port| *port != 0).ok_or("has no valid port")?
        }
        _ => return Err("has no valid port"),
    };
    Ok((Host::parse(host)?, port))
}

fn is_label(label: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !label.is_empty() && label.len() <= 63 && label.bytes().all(is_inner)
}

fn is_number(label: &str) -> bool {
    label.bytes().all(|byte| byte.is_ascii_digit())
        || label.strip_prefix("0x").is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(endpoint: &str) -> String {
        match Origin::parse(endpoint) {
            Ok(origin) => format!("{} {} {} {}", origin.secure, origin.host, origin.port, origin.prefix),
            Err(reason) => reason.to_owned(),
        }
    }

    #[test]
    fn every_spelling_of_an_endpoint_has_one_form() {
        let same = "true scim1.private.zscaler.com 443 /scim/1/2/v2";
        assert_eq!(shown("https://scim1.private.zscaler.com/scim/1/2/v2"), same);
        assert_eq!(shown("HTTPS://SCIM1.Private.Zscaler.com.:443/scim/1/2/v2/"), same);
        assert_eq!(shown("http://127.0.0.1:8080"), "false 127.0.0.1 8080 ");
        assert_eq!(shown("http://[::ffff:127.0.0.1]"), "false 127.0.0.1 80 ");
        assert_eq!(shown("https://[0:0::1]:8443/"), "true [::1] 8443 ");
    }

    #[test]
    fn what_is_no_base_url_is_refused_with_the_reason() {
        for (endpoint, reason) in [
            ("", "is not a URL"),
            ("https://exa mple.com", "is not a URL"),
            ("https://exämple.com", "is not a URL"),
            ("/scim/v2", "is not an absolute URL"),
            ("ftp://example.com", "is neither `https` nor `http`"),
            ("https://user:pass@example.com", "holds a user name or a password"),
            ("https://example.com?x=1", "has a query"),
            ("https://example.com/v2#x", "has a fragment"),
            ("https://example.com:", "has no valid port"),
            ("https://example.com:0", "has no valid port"),
            ("https://example.com:65536", "has no valid port"),
            ("https://exa%6dple.com", "is not a URL"),
            ("https://.example.com", "has no valid host"),
            ("https://[::1", "is not a URL"),
            ("https://127.1", "spells an address in an unusual way"),
            ("https://2130706433", "spells an address in an unusual way"),
            ("https://0x7f.0.0.1", "spells an address in an unusual way"),
            ("https://0177.0.0.01", "spells an address in an unusual way"),
            ("https://example.com/scim/../v2", "has a path that climbs"),
            ("https://example.com/scim//v2", "has a path with an empty segment"),
        ] {
            assert_eq!(shown(endpoint), reason, "{endpoint}");
        }
    }
}
