//! Who may ask at all. Pure: the parts of a request in, a refusal or none out.

/// The most bytes of a request, as for a line of `portcullis worker`.
pub const LONGEST: usize = 1 << 20;

/// Why a request is not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// What to do next, for a person.
    pub message: &'static str,
}

/// Lets through a `POST` of JSON from somebody who has the key. JSON, so that no web page can send one unasked.
pub fn admit(
    is_post: bool,
    content_type: Option<&[u8]>,
    authorization: Option<&[u8]>,
    key: Option<&str>,
) -> Result<(), Refusal> {
    let refuse = |status, message| Err(Refusal { status, message });
    let Some(key) = key.filter(|key| key.len() >= SHORTEST) else {
        return refuse(503, "set `PORTCULLIS_SERVICE_KEY` to at least 16 characters that callers show as bearer token");
    };
    let shown = authorization.and_then(|value| value.strip_prefix(b"Bearer ")).unwrap_or_default();
    if !is_equal(shown, key.as_bytes()) {
        return refuse(401, "show the key of this service as bearer token");
    }
    if !is_post {
        return refuse(405, "send one JSON-RPC request by POST");
    }
    let media = content_type.unwrap_or_default().split(|byte| *byte == b';').next().unwrap_or_default();
    if !media.trim_ascii().eq_ignore_ascii_case(b"application/json") {
        return refuse(415, "send `content-type: application/json`");
    }
    Ok(())
}

/// Compares in a time that says nothing of how much was right.
fn is_equal(shown: &[u8], key: &[u8]) -> bool {
    let differing = shown.iter().zip(key).fold(0, |differing, (one, other)| differing | (one ^ other));
    shown.len() == key.len() && std::hint::black_box(differing) == 0
}

/// The fewest characters of a key.
const SHORTEST: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "a-key-of-this-service";
    const BEARER: &[u8] = b"Bearer a-key-of-this-service";
    const JSON: Option<&[u8]> = Some(b"application/json; charset=utf-8");

    fn status(is_post: bool, media: Option<&[u8]>, authorization: Option<&[u8]>, key: Option<&str>) -> u16 {
        admit(is_post, media, authorization, key).map_or_else(|refusal| refusal.status, |()| 200)
    }

    #[test]
    fn a_post_of_json_with_the_key_is_let_through() {
        assert_eq!(status(true, JSON, Some(BEARER), Some(KEY)), 200);
    }

    #[test]
    fn without_a_key_of_its_own_the_service_answers_nobody() {
        assert_eq!(status(true, JSON, Some(BEARER), None), 503);
        assert_eq!(status(true, JSON, Some(b"Bearer short"), Some("short")), 503);
        assert_eq!(status(true, JSON, Some(b"Bearer "), Some("")), 503);
    }

    #[test]
    fn another_key_or_none_is_refused_before_all_else() {
        let others: [Option<&[u8]>; 5] =
            [None, Some(b""), Some(b"Bearer "), Some(b"a-key-of-this-service"), Some(b"Bearer a-key-of-this-servicf")];
        for shown in others {
            assert_eq!(status(false, None, shown, Some(KEY)), 401);
        }
    }

    #[test]
    fn what_a_web_page_can_send_unasked_is_refused() {
        assert_eq!(status(false, JSON, Some(BEARER), Some(KEY)), 405);
        assert_eq!(status(true, None, Some(BEARER), Some(KEY)), 415);
        assert_eq!(status(true, Some(b"text/plain"), Some(BEARER), Some(KEY)), 415);
    }
}
