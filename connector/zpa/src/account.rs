//! The account of a call: where it lives, and how it is set up.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::error::{Error, invalid_input};
use crate::http::{Request, encode};
use crate::settings::Settings;
use crate::wit;

/// A parsed account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// The settings.
    pub settings: Settings,
}

/// Base URL of the vendor's API, taken as the administration page shows it (zpa-scim 1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    scheme: &'static str,
    authority: String,
    /// Without a slash at the end.
    path: String,
}

impl Account {
    /// Parses the account of a call.
    pub fn parse(account: &wit::Account) -> Result<Account, Error> {
        let settings = match &account.settings {
            None => Settings::default(),
            Some(text) => Settings::parse(text)
                .map_err(|err| invalid_input("settings", &format!("the settings are wrong: {err}")))?,
        };
        Ok(Account { endpoint: Endpoint::parse(&account.endpoint)?, settings })
    }
}

impl Endpoint {
    fn parse(text: &str) -> Result<Endpoint, Error> {
        let wrong = |why| invalid_input("endpoint", &format!("endpoint `{text}` {why}"));
        let (scheme, rest) = match text.split_once(':') {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => ("https", rest.strip_prefix("//")),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => ("http", rest.strip_prefix("//")),
            _ => ("", None),
        };
        let rest = rest.ok_or_else(|| wrong("is not an https or http URL"))?;
        if rest.contains('@') {
            // What stands before it may be a password, which no message repeats.
            return Err(invalid_input(
                "endpoint",
                "the endpoint has a user in it; the credential is the host's to add",
            ));
        }
        if rest.contains(['?', '#', '\\']) || rest.contains(|c: char| !c.is_ascii_graphic()) {
            return Err(wrong("has a query, a fragment or a character that a URL cannot have"));
        }
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        if authority.is_empty() {
            return Err(wrong("names no host"));
        }
        let path = path.trim_end_matches('/');
        let path = if path.is_empty() { String::new() } else { format!("/{path}") };
        Ok(Endpoint { scheme, authority: authority.to_owned(), path })
    }

    /// A `GET` of what is at this encoded path, and query, under the endpoint.
    pub fn get(&self, path: &str) -> Request {
        self.request("GET", path)
    }

    /// A request without headers and body.
    pub fn request(&self, method: &'static str, path: &str) -> Request {
        Request {
            method,
            scheme: self.scheme,
            authority: self.authority.clone(),
            path: format!("{}/{path}", self.path),
            headers: Vec::new(),
            body: None,
        }
    }

    /// The URL, for binding cursors to it.
    pub fn url(&self) -> String {
        format!("{}://{}{}", self.scheme, self.authority.to_ascii_lowercase(), self.path)
    }
}

/// An identifier as a path segment. One that would be no segment of its own is refused, also where it is only encoded
/// that it is one: proxies were seen to decode `%2F` on the way, and hosts refuse it. No id of ZPA's has such a character
/// (zpa-scim 3.1).
pub fn segment(field: &str, id: &str) -> Result<String, Error> {
    match id {
        "" => Err(invalid_input(field, &format!("`{field}` is empty"))),
        "." | ".." => Err(invalid_input(field, &format!("`{id}` cannot be an id"))),
        id if id.contains(['/', '\\', '?', '#']) => {
            Err(invalid_input(field, &format!("`{id}` cannot be an id: `/`, `\\`, `?` and `#` are not sent in one")))
        }
        id => Ok(encode(id)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::prelude::v1::*;

    fn parse(endpoint: &str) -> Result<Endpoint, String> {
        Endpoint::parse(endpoint).map_err(|err| err.message)
    }

    #[test]
    fn an_endpoint_is_taken_with_and_without_a_slash_at_the_end() {
        for text in ["https://scim1.private.zscaler.com/scim/1/7/v2", "HTTPS://scim1.private.zscaler.com/scim/1/7/v2/"]
        {
            assert_eq!(parse(text).unwrap().get("Users").path, "/scim/1/7/v2/Users");
        }
        assert_eq!(parse("http://127.0.0.1:80").unwrap().get("Users").path, "/Users");
    }

    #[test]
    fn what_is_no_base_url_is_refused() {
        assert_eq!(parse("ftp://a"), Err("endpoint `ftp://a` is not an https or http URL".to_owned()));
        assert_eq!(parse("https:///v2"), Err("endpoint `https:///v2` names no host".to_owned()));
        for text in ["https://a/?b", "https://a/#b", "https://a\\b/", "https://a b/", "https://ä/"] {
            let why = "has a query, a fragment or a character that a URL cannot have";
            assert_eq!(parse(text), Err(format!("endpoint `{text}` {why}")));
        }
        let why = "the endpoint has a user in it; the credential is the host's to add";
        assert_eq!(parse("https://user:secret@a/"), Err(why.to_owned()));
    }

    #[test]
    fn an_id_is_one_segment_whatever_is_in_it() {
        assert_eq!(segment("id", "a b@c%d").unwrap(), "a%20b%40c%25d");
        for id in ["a/b", "a\\b", "a?b", "a#b"] {
            let why = format!("`{id}` cannot be an id: `/`, `\\`, `?` and `#` are not sent in one");
            assert_eq!(segment("id", id).unwrap_err().message, why);
        }
        assert_eq!(segment("id", "..").unwrap_err().message, "`..` cannot be an id");
        assert_eq!(segment("id", "").unwrap_err().message, "`id` is empty");
    }
}
