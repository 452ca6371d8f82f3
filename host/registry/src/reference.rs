//! Where an artifact is: `ghcr.io/acme/portcullis-zpa:0.1.0`, or with `@sha256:…`, which names it for good.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use url::Url;

use crate::digest::Digest;
use crate::error::{Error, Kind};

/// A registry, a repository there, and a tag or a digest. There is no default for any of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    registry: String,
    repository: String,
    version: Version,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    Tag(String),
    Digest(Digest),
}

impl Reference {
    /// The same artifact by its digest.
    #[must_use]
    pub fn pinned(&self, digest: Digest) -> Reference {
        Reference { version: Version::Digest(digest), ..self.clone() }
    }

    /// The digest, where it is what names the artifact.
    pub fn digest(&self) -> Option<Digest> {
        match self.version {
            Version::Digest(digest) => Some(digest),
            Version::Tag(_) => None,
        }
    }

    pub(crate) fn repository(&self) -> &str {
        &self.repository
    }

    pub(crate) fn version(&self) -> &Version {
        &self.version
    }

    /// The root of the repository: `https`, unless it is at a literal address of this machine.
    pub(crate) fn url(&self) -> Result<Url, Error> {
        let is_local = self.registry.parse().is_ok_and(|address: SocketAddr| address.ip().is_loopback());
        let scheme = if is_local { "http" } else { "https" };
        let text = format!("{scheme}://{}/v2/{}/", self.registry, self.repository);
        Url::parse(&text).map_err(|_| Kind::Reference { text: self.to_string(), why: "its host is none" }.into())
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.registry, self.repository)?;
        match &self.version {
            Version::Tag(tag) => write!(formatter, ":{tag}"),
            Version::Digest(digest) => write!(formatter, "@{digest}"),
        }
    }
}

impl FromStr for Reference {
    type Err = Error;

    /// By the grammar of the OCI distribution specification ("Pulling manifests"). Of a tag and a digest the digest
    /// counts.
    fn from_str(text: &str) -> Result<Reference, Error> {
        let wrong = |why| Kind::Reference { text: text.to_owned(), why };
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => (name, Some(digest.parse::<Digest>()?)),
            None => (text, None),
        };
        let (registry, path) = name.split_once('/').ok_or_else(|| wrong("it has no registry before a `/`"))?;
        if !registry.contains(['.', ':']) || !is_host(registry) {
            return Err(wrong("it begins with no registry, such as `ghcr.io` or `127.0.0.1:5000`").into());
        }
        let (repository, tag) = match path.split_once(':') {
            Some((repository, tag)) => (repository, Some(tag)),
            None => (path, None),
        };
        if repository.len() > 255 || !repository.split('/').all(is_component) {
            return Err(wrong("its repository is not of lower-case words between `/`").into());
        }
        if tag.is_some_and(|tag| !is_tag(tag)) {
            return Err(wrong("its tag is not of letters, digits, `.`, `_` and `-`").into());
        }
        let version = match (digest, tag) {
            (Some(digest), _) => Version::Digest(digest),
            (None, Some(tag)) => Version::Tag(tag.to_owned()),
            (None, None) => return Err(wrong("it has neither a tag nor a digest").into()),
        };
        Ok(Reference { registry: registry.to_owned(), repository: repository.to_owned(), version })
    }
}

/// What `Url` then reads as nothing but a host and a port.
fn is_host(registry: &str) -> bool {
    !registry.ends_with(':')
        && registry.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']'))
        && Url::parse(&format!("https://{registry}/")).is_ok()
}

/// `[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*`
fn is_component(text: &str) -> bool {
    let is_letter = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = text.as_bytes();
    bytes.first().is_some_and(is_letter)
        && bytes.last().is_some_and(is_letter)
        && bytes
            .split(is_letter)
            .all(|between| matches!(between, b"" | b"." | b"_" | b"__") || between.iter().all(|byte| *byte == b'-'))
}

/// `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`
fn is_tag(text: &str) -> bool {
    text.len() <= 128
        && !text.starts_with(['.', '-'])
        && !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABC: &str = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn a_reference_is_read_as_it_is_written() {
        for text in [
            "ghcr.io/acme/portcullis-zpa:0.1.0",
            "127.0.0.1:5000/a:B_9.x-",
            "[::1]:5000/a__b/c.d/e---f:latest",
            &format!("registry.acme.example:8443/zpa@{ABC}"),
        ] {
            assert_eq!(text.parse::<Reference>().unwrap().to_string(), text);
        }
        let both: Reference = format!("ghcr.io/acme/zpa:1@{ABC}").parse().unwrap();
        assert_eq!(both.to_string(), format!("ghcr.io/acme/zpa@{ABC}"));
        assert_eq!((both.digest(), both.pinned(Digest::of(b"abc"))), (Some(Digest::of(b"abc")), both.clone()));
    }

    #[test]
    fn cleartext_is_for_literal_addresses_of_this_machine() {
        for (text, url) in [
            ("127.0.0.1:5000/zpa:1", "http://127.0.0.1:5000/v2/zpa/"),
            ("[::1]:5000/zpa:1", "http://[::1]:5000/v2/zpa/"),
            ("localhost:5000/zpa:1", "https://localhost:5000/v2/zpa/"),
            ("10.0.0.1:5000/zpa:1", "https://10.0.0.1:5000/v2/zpa/"),
            ("ghcr.io/acme/zpa:1", "https://ghcr.io/v2/acme/zpa/"),
        ] {
            assert_eq!(text.parse::<Reference>().unwrap().url().unwrap().as_str(), url);
        }
    }

    #[test]
    fn what_is_no_reference_is_refused_with_the_reason() {
        for (text, why) in [
            ("zpa:1", "it has no registry before a `/`"),
            ("acme/zpa:1", "it begins with no registry, such as `ghcr.io` or `127.0.0.1:5000`"),
            ("user:secret@ghcr.io/zpa:1", ""),
            ("https://ghcr.io/zpa:1", "it begins with no registry, such as `ghcr.io` or `127.0.0.1:5000`"),
            ("gh cr.io/zpa:1", "it begins with no registry, such as `ghcr.io` or `127.0.0.1:5000`"),
            ("ghcr.io:port/zpa:1", "it begins with no registry, such as `ghcr.io` or `127.0.0.1:5000`"),
            ("ghcr.io/Acme/zpa:1", "its repository is not of lower-case words between `/`"),
            ("ghcr.io/acme//zpa:1", "its repository is not of lower-case words between `/`"),
            ("ghcr.io/../zpa:1", "its repository is not of lower-case words between `/`"),
            ("ghcr.io/a___b:1", "its repository is not of lower-case words between `/`"),
            ("ghcr.io/acme/zpa?x:1", "its repository is not of lower-case words between `/`"),
            ("ghcr.io/acme/zpa:", "its tag is not of letters, digits, `.`, `_` and `-`"),
            ("ghcr.io/acme/zpa:1:2", "its tag is not of letters, digits, `.`, `_` and `-`"),
            ("ghcr.io/acme/zpa:-x", "its tag is not of letters, digits, `.`, `_` and `-`"),
            ("ghcr.io/acme/zpa", "it has neither a tag nor a digest"),
        ] {
            let error = text.parse::<Reference>().unwrap_err().to_string();
            let expected = match why {
                "" => {
                    "`ghcr.io/zpa:1` is no digest, which is `sha256:` and 64 lower-case hexadecimal digits".to_owned()
                }
                why => format!("`{text}` names no artifact: {why}"),
            };
            assert_eq!(error, expected);
        }
        let upper = format!("ghcr.io/acme/zpa@{}", ABC.to_ascii_uppercase());
        assert!(upper.parse::<Reference>().is_err());
    }
}
