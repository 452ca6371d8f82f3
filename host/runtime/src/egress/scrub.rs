//! Takes the token out of what the vendor answers.
//!
//! Servers echo requests into error pages and traces, as they are or percent-encoded or as JSON text; each of these is
//! found. It cannot be a wall against a vendor that works together with a connector: whoever has the token can always
//! tell it in other words.

use std::collections::VecDeque;
use std::ops::Range;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};

use crate::secret::Secret;

const REDACTED: &[u8] = b"[redacted]";

/// The same bytes with every occurrence of the token replaced. Copies only where there is one.
pub(crate) fn body(bytes: Bytes, secret: &Secret) -> Bytes {
    scrubbed(&bytes, secret).map_or(bytes, Bytes::from)
}

/// Replaces the token in the values of headers.
pub(crate) fn headers(headers: &mut HeaderMap, secret: &Secret) {
    for value in headers.values_mut() {
        if let Some(bytes) = scrubbed(value.as_bytes(), secret) {
            *value = HeaderValue::from_bytes(&bytes).unwrap_or_else(|_| HeaderValue::from_static("[redacted]"));
        }
    }
}

/// `None` when there is nothing to replace.
fn scrubbed(text: &[u8], secret: &Secret) -> Option<Vec<u8>> {
    let needle = secret.expose().as_bytes();
    let mut found = find(verbatim(text), needle);
    if text.iter().any(|byte| matches!(byte, b'%' | b'\\')) {
        found.extend(find(decoded(text), needle));
        found.sort_unstable_by_key(|range| range.start);
    }
    if found.is_empty() {
        return None;
    }
    let mut clean = Vec::with_capacity(text.len());
    let mut at = 0;
    for range in found {
        // The two readings may have found the same place.
        if range.start >= at {
            clean.extend_from_slice(text.get(at..range.start)?);
            clean.extend_from_slice(REDACTED);
        }
        at = at.max(range.end);
    }
    clean.extend_from_slice(text.get(at..)?);
    Some(clean)
}

/// One byte of meaning and the bytes of text that it is written in.
type Unit = (u8, Range<usize>);

fn verbatim(text: &[u8]) -> impl Iterator<Item = Unit> {
    text.iter().enumerate().map(|(at, byte)| (*byte, at..at + 1))
}

/// `%2F`, `\/` and `\u002f` as the byte that they stand for.
fn decoded(text: &[u8]) -> impl Iterator<Item = Unit> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..)?;
        let (byte, length) = match rest {
            [b'%', high, low, ..] => hexadecimal(*high, *low).map_or((b'%', 1), |byte| (byte, 3)),
            [b'\\', b'u', b'0', b'0', high, low, ..] => hexadecimal(*high, *low).map_or((b'\\', 1), |byte| (byte, 6)),
            [b'\\', byte @ (b'/' | b'\\' | b'"'), ..] => (*byte, 2),
            [byte, ..] => (*byte, 1),
            [] => return None,
        };
        let start = at;
        at += length;
        Some((byte, start..at))
    })
}

fn hexadecimal(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

/// Where the needle stands, by the algorithm of Knuth, Morris and Pratt: a vendor that knows the token cannot make
/// the search slow.
fn find(text: impl Iterator<Item = Unit>, needle: &[u8]) -> Vec<Range<usize>> {
    let fallback = fallback(needle);
    let back = |matched: usize| fallback.get(matched).copied().unwrap_or(0);
    let mut found = Vec::new();
    let mut starts = VecDeque::with_capacity(needle.len() + 1);
    let mut matched = 0;
    for (byte, place) in text {
        starts.push_back(place.start);
        if starts.len() > needle.len() {
            starts.pop_front();
        }
        while matched > 0 && needle.get(matched) != Some(&byte) {
            matched = back(matched);
        }
        if needle.get(matched) == Some(&byte) {
            matched += 1;
        }
        if matched == needle.len() {
            found.extend(starts.front().map(|start| *start..place.end));
            matched = back(matched);
        }
    }
    found
}

/// For each number of matched bytes, how many of them are also a beginning.
fn fallback(needle: &[u8]) -> Vec<usize> {
    let mut table = vec![0; needle.len() + 1];
    let mut matched = 0;
    for (at, byte) in needle.iter().enumerate().skip(1) {
        while matched > 0 && needle.get(matched) != Some(byte) {
            matched = table.get(matched).copied().unwrap_or(0);
        }
        if needle.get(matched) == Some(byte) {
            matched += 1;
        }
        if let Some(place) = table.get_mut(at + 1) {
            *place = matched;
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn clean(text: &str, token: &str) -> String {
        let bytes = body(Bytes::copy_from_slice(text.as_bytes()), &Secret::new(token).unwrap());
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[test]
    fn the_token_goes_in_every_usual_spelling() {
        let token = "ab/c+d\"==";
        assert_eq!(clean("ab/c+d\"==ab/c+d\"== and ab/c+d\"==", token), "[redacted][redacted] and [redacted]");
        assert_eq!(clean("q=ab%2Fc%2bd%22%3D%3D&x=%20", token), "q=[redacted]&x=%20");
        assert_eq!(
            clean(r#"{"detail":"token ab\/c+d\"== is bad\n"}"#, token),
            r#"{"detail":"token [redacted] is bad\n"}"#
        );
        assert_eq!(clean(r"ab\u002fc\u002Bd\u0022==", token), "[redacted]");
        assert_eq!(clean("%61b/c+%64\"=%3d", token), "[redacted]");
    }

    #[test]
    fn what_is_no_token_is_left_as_it_is() {
        for text in ["", "ab/c+d\"=", r"a % of \ things %2 \u00", "ab/c+d\"=xab/c+d\"="] {
            assert_eq!(clean(text, "ab/c+d\"=="), text);
        }
    }

    #[test]
    fn overlapping_occurrences_leave_nothing_behind() {
        assert_eq!(clean("xaabaabaabaay", "aabaabaa"), "x[redacted]y");
    }

    #[test]
    fn headers_are_scrubbed_too() {
        let mut map = HeaderMap::new();
        map.append("x-echo", HeaderValue::from_static("Bearer token-123; x"));
        map.append("x-echo", HeaderValue::from_static("plain"));
        headers(&mut map, &Secret::new("token-123").unwrap());
        assert_eq!(map.get_all("x-echo").iter().collect::<Vec<_>>(), ["Bearer [redacted]; x", "plain"]);
    }

    proptest! {
        #[test]
        fn no_reply_keeps_the_token(
            token in "[ab/%\\\\]{8,12}",
            pieces in prop::collection::vec("[ab/%\\\\]{0,6}", 0..6),
        ) {
            let text = pieces.join(&token);
            prop_assert!(!clean(&text, &token).contains(&token));
        }
    }
}
