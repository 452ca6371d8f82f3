//! How long the vendor asks to wait, in every form that was seen (zpa-scim 9): seconds, seconds with a unit (`13s`), an
//! HTTP date, and `x-ratelimit-reset`.
//!
//! The connector reads the same for whoever called it, from the same reply; the two share no code.

use std::time::Duration;

use http::HeaderMap;
use http::header::{DATE, RETRY_AFTER};

/// The wait that a reply asks for. A date is read against the `Date` of the same reply, which goes by the same clock.
pub(crate) fn wait(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let after = text(RETRY_AFTER.as_str());
    let after = after.and_then(|after| seconds(after).or_else(|| until(after, text(DATE.as_str())?)));
    after.or_else(|| text("x-ratelimit-reset").and_then(seconds))
}

/// Seconds, perhaps with a fraction and a unit.
fn seconds(text: &str) -> Option<Duration> {
    let number = text.trim();
    let number = number.strip_suffix(['s', 'S']).unwrap_or(number).trim_end();
    // Otherwise `inf`, `1e9` and `-0` would be numbers.
    if !number.starts_with(|c: char| c.is_ascii_digit()) || !number.bytes().all(|c| c.is_ascii_digit() || c == b'.') {
        return None;
    }
    let seconds: f64 = number.parse().ok()?;
    Some(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))
}

fn until(text: &str, date: &str) -> Option<Duration> {
    let (then, now) = (httpdate::parse_http_date(text).ok()?, httpdate::parse_http_date(date).ok()?);
    Some(then.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use http::HeaderName;
    use proptest::prelude::*;

    use super::*;

    fn read(headers: &[(&'static str, &str)]) -> Option<Duration> {
        let header = |&(name, value): &(&'static str, &str)| Some((HeaderName::from_static(name), value.parse().ok()?));
        wait(&headers.iter().filter_map(header).collect())
    }

    #[test]
    fn every_form_that_was_seen_is_understood() {
        let date = ("date", "Mon, 23 Nov 2026 10:00:00 GMT");
        for (headers, milliseconds) in [
            (vec![("retry-after", "13")], 13_000),
            (vec![("retry-after", "13s")], 13_000),
            (vec![("retry-after", " 0.5 S ")], 500),
            (vec![("x-ratelimit-reset", "41")], 41_000),
            (vec![("retry-after", "soon"), ("x-ratelimit-reset", "41")], 41_000),
            (vec![("retry-after", "Mon, 23 Nov 2026 10:01:30 GMT"), date], 90_000),
            (vec![("retry-after", "Mon, 23 Nov 2026 09:00:00 GMT"), date], 0),
        ] {
            assert_eq!(read(&headers), Some(Duration::from_millis(milliseconds)), "{headers:?}");
        }
        assert_eq!(read(&[("retry-after", &"9".repeat(400))]), Some(Duration::MAX));
    }

    #[test]
    fn a_form_that_is_not_understood_is_no_wait_at_all() {
        for value in ["soon", "-5", "inf", "NaN", "1e3", "", "s", ".", "1.2.3", "Mon, 23 Nov 2026 10:01:30 GMT"] {
            assert_eq!(read(&[("retry-after", value)]), None, "{value}");
        }
    }

    proptest! {
        #[test]
        fn no_header_panics(value in ".{0,40}", date in ".{0,40}", number in "[0-9.]{0,40}s?") {
            read(&[("retry-after", &value), ("date", &date)]);
            read(&[("retry-after", &number)]);
        }
    }
}
