//! How long the vendor asks to wait, in every form that was seen (zpa-scim 9): seconds, seconds with a unit (`13s`),
//! an HTTP date, and `x-ratelimit-reset`.

use crate::http::Response;

/// The wait in milliseconds, at most a day. A date is read against the `Date` of the same answer, as there is no clock
/// here.
pub fn milliseconds(response: &Response) -> Option<u32> {
    const LONGEST: u64 = 86_400;
    let after = response.header("retry-after").and_then(|value| seconds(value).or_else(|| until(value, response)));
    let wait = after.or_else(|| response.header("x-ratelimit-reset").and_then(seconds))?;
    u32::try_from(wait.min(LONGEST) * 1000).ok()
}

/// Whole seconds, rounded up; a unit may follow.
fn seconds(value: &str) -> Option<u64> {
    let number = value.trim_ascii();
    let number = number.strip_suffix(['s', 'S']).unwrap_or(number).trim_ascii_end();
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
    Some(instant(value)?.saturating_sub(instant(response.header("date")?)?))
}

/// Seconds of an IMF-fixdate (RFC 9110 section 5.6.7), the one form that servers may send, from 0000-03-01 on.
fn instant(date: &str) -> Option<u64> {
    const MONTHS: &str = "MarAprMayJunJulAugSepOctNovDecJanFeb";
    let mut words = date.trim_ascii().split_once(' ')?.1.split([' ', ':']);
    let mut word = || words.next();
    let (day, month, year): (u64, _, u64) = (word()?.parse().ok()?, word()?, word()?.parse().ok()?);
    let mut clock = || word()?.parse::<u64>().ok().filter(|part| *part <= 60);
    let (hour, minute, second) = (clock()?, clock()?, clock()?);
    let month = u64::try_from(MONTHS.as_bytes().chunks(3).position(|name| name == month.as_bytes())?).ok()?;
    if word() != Some("GMT") || !(1..=31).contains(&day) || !(1..10_000).contains(&year) {
        return None;
    }
    // Years run from March here, so that the leap day is the last of one.
    let year = year - u64::from(month >= 10);
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 1;
    Some(((days * 24 + hour) * 60 + minute) * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::prelude::v1::*;

    fn wait(headers: &[(&str, &str)]) -> Option<u32> {
        let headers = headers.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
        milliseconds(&Response { headers, ..Response::default() })
    }

    #[test]
    fn every_form_that_was_seen_is_understood() {
        assert_eq!(wait(&[("retry-after", "13")]), Some(13_000));
        assert_eq!(wait(&[("Retry-After", "13s")]), Some(13_000));
        assert_eq!(wait(&[("retry-after", "0.5")]), Some(1000));
        assert_eq!(wait(&[("x-ratelimit-reset", "41")]), Some(41_000));
        let date = ("date", "Mon, 23 Nov 2026 10:00:00 GMT");
        assert_eq!(wait(&[("retry-after", "Mon, 23 Nov 2026 10:01:30 GMT"), date]), Some(90_000));
        assert_eq!(wait(&[("retry-after", "Mon, 23 Nov 2026 09:00:00 GMT"), date]), Some(0));
    }

    #[test]
    fn a_date_is_counted_through_months_years_and_leap_days() {
        let between = |from, to| instant(to).unwrap() - instant(from).unwrap();
        let new_year = "Fri, 01 Jan 2027 00:00:00 GMT";
        assert_eq!(between("Thu, 31 Dec 2026 23:59:59 GMT", new_year), 1);
        assert_eq!(between("Mon, 28 Feb 2028 00:00:00 GMT", "Wed, 01 Mar 2028 00:00:00 GMT"), 2 * 86_400);
        assert_eq!(between("Sun, 28 Feb 2027 00:00:00 GMT", "Mon, 01 Mar 2027 00:00:00 GMT"), 86_400);
        // Four hundred years have 146,097 days.
        assert_eq!(between(new_year, "Fri, 01 Jan 2427 00:00:00 GMT"), 146_097 * 86_400);
    }

    #[test]
    fn a_form_that_is_not_understood_is_no_wait_at_all() {
        for value in ["soon", "-5", "inf", "NaN", "", "s", "Mon, 23 Nov 2026 10:01:30 GMT"] {
            assert_eq!(wait(&[("retry-after", value)]), None, "{value}");
        }
    }

    #[test]
    fn a_wait_is_cut_to_a_day() {
        assert_eq!(wait(&[("retry-after", "99999999999999999999")]), Some(86_400_000));
    }

    proptest! {
        #[test]
        fn no_header_panics(value in ".{0,40}", date in ".{0,40}") {
            wait(&[("retry-after", &value), ("date", &date)]);
        }
    }
}
