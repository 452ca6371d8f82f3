//! How long the vendor asks to wait, in every form that was seen (zpa-scim 9): seconds, seconds with a unit (`13s`),
//! an HTTP date, and `x-ratelimit-reset`.

use crate::http::Response;

/// The wait in milliseconds, at most a day. A date is read against the `Date` of the same answer, as there is no clock
/// here.
pub fn milliseconds(response: &Response) -> Option<u32> {
    const LONGEST: u64 = 86_400;
    let after = response
        .header("retry-after")
        .and_then(|value| seconds(value).or_else(|| until(value, response)));
    let wait = after.or_else(|| response.header("x-ratelimit-reset").and_then(seconds))?;
    u32::try_from(wait.min(LONGEST) * 1000).ok()
}

/// Whole seconds, rounded up; a unit may follow.
fn seconds(value: &str) -> Option<u64> {
    let number = value.trim().trim_end_matches(['s', 'S']).trim_end();
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !are_digits(whole) || !are_digits(part) {
        return None;
    }
    // More digits than a number holds are a long wait, not none.
    let whole: u64 = whole.parse().unwrap_or(u64::MAX);
    Some(whole.saturating_add(u64::from(part.bytes().any(|digit| digit != b'0'))))
}

fn until(value: &str, response: &Response) -> Option<u64> {
    let then = httpdate::parse_http_date(value.trim()).ok()?;
    let now = httpdate::parse_http_date(response.header("date")?.trim()).ok()?;
    Some(then.duration_since(now).map_or(0, |wait| wait.as_secs()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wait(headers: &[(&str, &str)]) -> Option<u32> {
        let headers = headers
            .iter()
            .map(|&(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        milliseconds(&Response {
            headers,
            ..Response::default()
        })
    }

    #[test]
    fn every_form_that_was_seen_is_understood() {
        assert_eq!(wait(&[("retry-after", "13")]), Some(13_000));
        assert_eq!(wait(&[("Retry-After", "13s")]), Some(13_000));
        assert_eq!(wait(&[("retry-after", "0.5")]), Some(1000));
        assert_eq!(wait(&[("x-ratelimit-reset", "41")]), Some(41_000));
        let date = ("date", "Mon, 23 Nov 2026 10:00:00 GMT");
        assert_eq!(
            wait(&[("retry-after", "Mon, 23 Nov 2026 10:01:30 GMT"), date]),
            Some(90_000)
        );
        assert_eq!(
            wait(&[("retry-after", "Mon, 23 Nov 2026 09:00:00 GMT"), date]),
            Some(0)
        );
    }

    #[test]
    fn a_form_that_is_not_understood_is_no_wait_at_all() {
        for value in [
            "soon",
            "-5",
            "inf",
            "NaN",
            "",
            "s",
            "Mon, 23 Nov 2026 10:01:30 GMT",
        ] {
            assert_eq!(wait(&[("retry-after", value)]), None, "{value}");
        }
    }

    #[test]
    fn a_wait_is_cut_to_a_day() {
        assert_eq!(
            wait(&[("retry-after", "99999999999999999999")]),
            Some(86_400_000)
        );
    }

    proptest! {
        #[test]
        fn no_header_panics(value in ".{0,40}", date in ".{0,40}") {
            wait(&[("retry-after", &value), ("date", &date)]);
        }
    }
}
