//! Paths that mean the same to everyone who reads them.
//!
//! Servers and proxies differ in when they decode, merge slashes and resolve dots. A path that two of them could read
//! as two different places is refused, so that a prefix holds for all of them.

/// Refuses a path that leaves its place in some reading. The reason goes on after "the endpoint `…`" or "the request".
///
/// The path is empty or starts with a slash; a slash may end it.
pub(crate) fn check(path: &str) -> Result<(), &'static str> {
    if path.is_empty() {
        return Ok(());
    }
    let segments = path.strip_prefix('/').ok_or("has a path that does not start with a slash")?;
    let segments = segments.strip_suffix('/').unwrap_or(segments);
    if segments.is_empty() {
        return if path == "/" { Ok(()) } else { Err("has a path with an empty segment") };
    }
    segments.split('/').try_for_each(check_segment)
}

/// Whether the path is the prefix itself or lies below it. Both are compared as they are written.
pub(crate) fn is_below(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn check_segment(segment: &str) -> Result<(), &'static str> {
    if segment.is_empty() {
        return Err("has a path with an empty segment");
    }
    let mut reading = segment.as_bytes().to_vec();
    loop {
        if reading.iter().any(|byte| matches!(byte, b'/' | b'\\')) {
            return Err("has a path with a hidden slash");
        }
        // To a server that decodes too early, the path ends here and a query begins.
        if reading.iter().any(|byte| matches!(byte, b'?' | b'#')) {
            return Err("has a path with a hidden query or fragment");
        }
        if reading.iter().any(u8::is_ascii_control) {
            return Err("has a path with a control character");
        }
        // What follows a semicolon is a parameter to some servers, which then see a segment of dots.
        let name = reading.split(|byte| *byte == b';').next().unwrap_or_default();
        if matches!(name, b"." | b"..") {
            return Err("has a path that climbs");
        }
        // Some decode twice. Each round is shorter than the one before, so this ends.
        let Some(decoded) = decode(&reading) else {
            // Only the text itself must be well encoded; `100%25` has a second reading that is not.
            return if reading == segment.as_bytes() { Err("has a path that is not percent-encoded") } else { Ok(()) };
        };
        // So must the characters be: a server that takes overlong forms or Latin-1 would see others than those above.
        if reading == segment.as_bytes() && str::from_utf8(&decoded).is_err() {
            return Err("has a path that is not UTF-8");
        }
        if decoded.len() == reading.len() {
            return Ok(());
        }
        reading = decoded;
    }
}

/// `None` when a percent sign is not followed by two hexadecimal digits.
fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let mut bytes = text.iter();
    let mut decoded = Vec::with_capacity(text.len());
    while let Some(&byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => u8::try_from(digit(bytes.next())? * 16 + digit(bytes.next())?).ok()?,
            _ => byte,
        });
    }
    Some(decoded)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ordinary_paths_pass() {
        for path in
            ["", "/", "/Users", "/Users/", "/Users/a.b..c", "/Users/100%25", "/Users/a%20b;c", "/.well-known/x", "/..."]
        {
            assert_eq!(check(path), Ok(()), "{path}");
        }
    }

    #[test]
    fn every_way_to_climb_is_refused() {
        for path in [
            "/..",
            "/../",
            "/a/../b",
            "/.",
            "/a/./b",
            "/%2e%2e/b",
            "/.%2E/b",
            "/%252e%252e/b",
            "/%25252e./b",
            "/..;x=1/b",
            "/%2e%2e%3bx/b",
            "/..%3b/b",
        ] {
            assert_eq!(check(path), Err("has a path that climbs"), "{path}");
        }
    }

    #[test]
    fn every_hidden_slash_is_refused() {
        for path in ["/a%2fb", "/a%2Fb", "/a%252fb", "/a\\b", "/a%5cb", "/..%2f..%2fb", "/%5c%5chost"] {
            assert_eq!(check(path), Err("has a path with a hidden slash"), "{path}");
        }
    }

    #[test]
    fn every_hidden_query_or_fragment_is_refused() {
        for path in ["/a%3fb", "/a%3Fb=1", "/%23", "/a%253fb", "/a%2523", "/a?b", "/a#b"] {
            assert_eq!(check(path), Err("has a path with a hidden query or fragment"), "{path}");
        }
    }

    #[test]
    fn a_path_that_is_not_one_thing_is_refused() {
        assert_eq!(check("//evil.example/x"), Err("has a path with an empty segment"));
        assert_eq!(check("/a//"), Err("has a path with an empty segment"));
        assert_eq!(check("//"), Err("has a path with an empty segment"));
        assert_eq!(check("/a%"), Err("has a path that is not percent-encoded"));
        assert_eq!(check("/a%zz"), Err("has a path that is not percent-encoded"));
        assert_eq!(check("/a%ff"), Err("has a path that is not UTF-8"));
        assert_eq!(check("/%c0%ae%c0%ae/b"), Err("has a path that is not UTF-8"));
        assert_eq!(check("/%c3%a9"), Ok(()));
        assert_eq!(check("/a%00b"), Err("has a path with a control character"));
        assert_eq!(check("a"), Err("has a path that does not start with a slash"));
    }

    #[test]
    fn a_prefix_ends_at_a_segment() {
        assert!(is_below("/scim/v2", "/scim/v2"));
        assert!(is_below("/scim/v2/Users", "/scim/v2"));
        assert!(is_below("/Users", ""));
        assert!(!is_below("/scim/v2x/Users", "/scim/v2"));
        assert!(!is_below("/SCIM/v2/Users", "/scim/v2"));
        assert!(!is_below("/scim", "/scim/v2"));
    }

    /// Every byte percent-encoded, as often as asked for.
    fn encoded(text: &[u8], times: usize) -> String {
        let once = |text: Vec<u8>| text.iter().flat_map(|byte| format!("%{byte:02X}").into_bytes()).collect();
        String::from_utf8((0..times).fold(text.to_vec(), |text, _| once(text))).unwrap()
    }

    proptest! {
        #[test]
        fn what_parts_a_url_cannot_hide_in_a_segment(
            before in "[a-z]{0,3}",
            part in prop::sample::select(b"/\\?#\0\n\x7f".to_vec()),
            after in "[a-z]{0,3}",
            times in 1_usize..4,
        ) {
            let path = format!("/Users/{before}{}{after}/x", encoded(&[part], times));
            prop_assert!(check(&path).is_err(), "{}", path);
        }

        #[test]
        fn what_passes_is_text_that_parts_no_url(
            bytes in prop::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(b"/?#.%2a".to_vec())], 1..6),
        ) {
            let is_apart = |byte: &u8| matches!(byte, b'/' | b'\\' | b'?' | b'#') || byte.is_ascii_control();
            if check(&format!("/{}", encoded(&bytes, 1))).is_ok() {
                prop_assert!(str::from_utf8(&bytes).is_ok() && !bytes.iter().any(is_apart), "{:?}", bytes);
            }
        }
    }
}
