//! What the fuzz targets share: an account, and the laws that hold for whatever comes out of the mapping.
//!
//! It owns no knowledge of how the mapping works: what a law needs is read with `serde_json` or written down here.

use std::fmt;

use percent_encoding::percent_decode_str;
use portcullis_zpa::account::Account;
use portcullis_zpa::wit;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// Where the account lives.
pub const ENDPOINT: &str = "https://scim1.private.zscaler.com/scim/1/7/v2";

/// The account with these settings, if they are settings.
pub fn account(settings: Option<&str>) -> Result<Account, Box<wit::Error>> {
    let settings = settings.map(str::to_owned);
    Account::parse(&wit::Account { endpoint: ENDPOINT.to_owned(), settings })
}

/// The members of a JSON object in their order, repeated names and all.
pub struct Members<'a>(pub Vec<(String, &'a RawValue)>);

impl Members<'_> {
    /// How many elements the members of this name have, but for null; a single value is one.
    pub fn count(&self, name: &str) -> usize {
        let named = self.0.iter().filter(|(key, value)| key.eq_ignore_ascii_case(name) && value.get() != "null");
        let elements =
            |value: &RawValue| serde_json::from_str::<Vec<&RawValue>>(value.get()).map_or(1, |all| all.len());
        named.map(|(_, value)| elements(value)).sum()
    }

    /// The text of a member.
    pub fn text(&self, name: &str) -> Option<String> {
        let (_, value) = self.0.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        serde_json::from_str(value.get()).ok()
    }
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Object)
    }
}

/// A text for people is one line of at most so many bytes, without control characters or such as turn its direction.
pub fn line(text: &str, longest: usize) {
    assert!(text.len() <= longest, "{} bytes: {text}", text.len());
    let turns = |c| matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    assert!(!text.contains(|c: char| c.is_control() || turns(c)), "{text:?}");
}

/// An error says something, and no more than it may.
pub fn error(err: &wit::Error) {
    assert!(!err.message.is_empty());
    line(&err.message, 500);
    line(err.code.as_deref().unwrap_or_default(), 100);
    assert!(err.retry_after_ms.is_none_or(|wait| wait <= 86_400_000));
}

/// Unread rows are told one by one, each with its own place on a page of so many rows.
pub fn unreadable(unreadable: &[wit::Unreadable], rows: usize) {
    unreadable.iter().for_each(|row| line(&row.reason, 200));
    let mut places: Vec<_> = unreadable.iter().map(|row| row.position).collect();
    places.sort_unstable();
    assert!(places.windows(2).all(|pair| pair[0] < pair[1]), "a place comes twice: {places:?}");
    assert!(places.iter().all(|place| (*place as usize) < rows), "{places:?} of {rows}");
}

/// A text has only unreserved characters and encoded bytes, and decodes to this one.
pub fn encoded(text: &str, plain: &str) {
    let mut rest = text.as_bytes();
    loop {
        rest = match rest {
            [] => break,
            [b'%', high, low, tail @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => tail,
            [byte, tail @ ..] if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) => tail,
            _ => panic!("{text}"),
        };
    }
    assert_eq!(percent_decode_str(text).decode_utf8().unwrap(), plain);
}
