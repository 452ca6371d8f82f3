//! Takes the token out of what the vendor answers.
//!
//! Servers echo requests into error pages and traces: as they are, percent-encoded, as JSON text or as HTML, and one in
//! the other; each of these is found. It cannot be a wall against a vendor that works together with a connector:
//! whoever has the token can always tell it in other words.

mod encoding;
mod search;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use zeroize::Zeroizing;

use self::search::places;
use super::failure::Failure;
use crate::secret::Secret;

const LARGE: usize = 64 * 1024;

const REDACTED: &[u8] = b"[redacted]";

/// The same bytes with every occurrence of the token replaced. Copies only where there is one.
///
/// A vendor can make the search take a quarter of a second for a mebibyte, by escapes in escapes: what is large is
/// searched where it holds up no other call.
pub(crate) async fn body(bytes: Bytes, secret: &Secret) -> Result<Bytes, Failure> {
    if bytes.len() <= LARGE {
        return Ok(scrubbed(&bytes, secret).map_or(bytes, Bytes::from));
    }
    let secret = secret.clone();
    let search = tokio::task::spawn_blocking(move || scrubbed(&bytes, &secret).map_or(bytes, Bytes::from));
    search.await.map_err(|_| Failure::Broken("the search for the token was stopped".to_owned()))
}

/// Replaces the token in the values of headers, and takes out a header whose name holds it.
pub(crate) fn headers(headers: &mut HeaderMap, secret: &Secret) {
    if headers.keys().any(|name| is_telling(name, secret)) {
        // `remove` would put the last header in the place of the removed one.
        let kept = headers.iter().filter(|(name, _)| !is_telling(name, secret));
        *headers = kept.map(|(name, value)| (name.clone(), value.clone())).collect();
    }
    for value in headers.values_mut() {
        if let Some(bytes) = scrubbed(value.as_bytes(), secret) {
            *value = HeaderValue::from_bytes(&bytes).unwrap_or_else(|_| HeaderValue::from_static("[redacted]"));
        }
    }
}

/// Header names have lost the case of their letters, so it does not count.
fn is_telling(name: &HeaderName, secret: &Secret) -> bool {
    let needle = Zeroizing::new(secret.expose().to_ascii_lowercase());
    !places(name.as_str().as_bytes(), needle.as_bytes(), |byte| byte.to_ascii_lowercase()).is_empty()
}

/// `None` when there is nothing to replace.
fn scrubbed(text: &[u8], secret: &Secret) -> Option<Vec<u8>> {
    let mut found = places(text, secret.expose().as_bytes(), |byte| byte);
    if found.is_empty() {
        return None;
    }
    found.sort_unstable_by_key(|range| range.start);
    let mut clean = Vec::with_capacity(text.len());
    let mut at = 0;
    for range in found {
        // Two readings may have found the same place, or places that overlap.
        if range.start >= at {
            clean.extend_from_slice(text.get(at..range.start).unwrap_or_default());
            clean.extend_from_slice(REDACTED);
        }
        at = at.max(range.end);
    }
    clean.extend_from_slice(text.get(at..).unwrap_or_default());
    Some(clean)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::encoding::Encoding;
    use super::*;

    fn clean(text: &str, token: &str) -> String {
        let clean = scrubbed(text.as_bytes(), &Secret::new(token).unwrap());
        clean.map_or_else(|| text.to_owned(), |clean| String::from_utf8(clean).unwrap())
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

    #[tokio::test]
    async fn what_is_large_is_searched_too() {
        for size in [LARGE - 20, LARGE, 3 * LARGE] {
            let (space, secret) = (" ".repeat(size), Secret::new("token-123").unwrap());
            let clean = body(Bytes::from(format!("{space}token-123")), &secret).await.unwrap();
            assert_eq!(clean, format!("{space}[redacted]"));
        }
    }

    #[test]
    fn headers_are_scrubbed_too() {
        let mut map = HeaderMap::new();
        map.append("x-echo", HeaderValue::from_static("Bearer token-123; x"));
        map.append("x-echo", HeaderValue::from_static("plain"));
        headers(&mut map, &Secret::new("token-123").unwrap());
        assert_eq!(map.get_all("x-echo").iter().collect::<Vec<_>>(), ["Bearer [redacted]; x", "plain"]);
    }

    #[test]
    fn one_encoding_inside_another_hides_nothing() {
        let token = "ab/c+d\"&=%41";
        for text in [
            r"ab\/c+d\u0022&=%41",
            "ab%2fc+d%22&=%2541",
            "ab/c+d&quot;&amp;=%41",
            "ab&#47;c&#x2B;d&#034&amp&equals;&percnt;41",
            r"ab/c\u002bd\u0026quot;\u0026amp;=%41",
            r#"ab\\\/c+d\\\"&=%41"#,
            "ab%252fc+d%2522&=%252541",
            "ab&amp;#47;c+d&amp;quot;&amp;amp;=%41",
        ] {
            assert_eq!(clean(&format!("<{text}>"), token), "<[redacted]>", "{text}");
        }
    }

    #[test]
    fn a_header_that_is_named_like_the_token_is_taken_out() {
        let mut map = HeaderMap::new();
        for name in ["x-1", "x-token-abc", "x-%54oken-a%42c", "x-2", "x-&#84oken-abc", "x-3"] {
            map.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_static("a"));
            map.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_static("b"));
        }
        headers(&mut map, &Secret::new("Token-aBc").unwrap());
        let left: Vec<_> = map.iter().map(|(name, value)| format!("{name} {}", value.to_str().unwrap())).collect();
        assert_eq!(left, ["x-1 a", "x-1 b", "x-2 a", "x-2 b", "x-3 a", "x-3 b"]);
    }

    /// The text in an encoding: what must be escaped is, and of the rest what `choices` says, in one of the spellings.
    fn encoded(text: &str, encoding: Option<Encoding>, choices: &[u8]) -> String {
        let spelled = |(byte, choice): (u8, &u8)| {
            let plain = char::from(byte);
            match (encoding, choice % 4) {
                (None, _) => plain.to_string(),
                (Some(Encoding::Json), 0 | 1) if matches!(byte, b'"' | b'\\' | b'/') => format!("\\{plain}"),
                (Some(encoding), 0) if byte != encoding.mark() && byte != b'"' => plain.to_string(),
                (Some(Encoding::Percent), 1 | 2) => format!("%{byte:02x}"),
                (Some(Encoding::Percent), _) => format!("%{byte:02X}"),
                (Some(Encoding::Json), 2) => format!("\\u{byte:04x}"),
                (Some(Encoding::Json), _) => format!("\\u{byte:04X}"),
                (Some(Encoding::Html), 1) if byte == b'&' => "&amp;".to_owned(),
                (Some(Encoding::Html), 1) if byte == b'"' => "&quot;".to_owned(),
                (Some(Encoding::Html), 2) => format!("&#{byte:03};"),
                (Some(Encoding::Html), _) => format!("&#x{byte:X};"),
            }
        };
        text.bytes().zip(choices.iter().cycle()).map(spelled).collect()
    }

    fn encoding() -> impl Strategy<Value = Option<Encoding>> {
        prop::sample::select(vec![None, Some(Encoding::Percent), Some(Encoding::Json), Some(Encoding::Html)])
    }

    proptest! {
        #[test]
        fn no_reply_keeps_the_token_in_any_encoding(
            token in prop_oneof!["[!-~]{8,20}", "[a%&\\\\\"/#;]{8,12}"],
            (inner, outer) in (encoding(), encoding()),
            choices in prop::collection::vec(any::<u8>(), 1..40),
            (before, after) in ("[ \n]{0,3}", "[ \n]{0,3}"),
        ) {
            let hidden = encoded(&encoded(&token, inner, &choices), outer, &choices[choices.len() / 2..]);
            // A space is in no token, so that this is the one place.
            prop_assert_eq!(clean(&format!("{before}{hidden}{after}"), &token), format!("{before}[redacted]{after}"));
        }

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
