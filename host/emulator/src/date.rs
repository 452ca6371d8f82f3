//! Instants as the wire writes them: whole-second UTC for `meta`, and the HTTP date of `Retry-After`.
//! Owns the calendar; never reads a clock.

use crate::json;

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
// The epoch was a Thursday.
const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const DAY: u64 = 86_400;

/// Appends `2024-02-11T08:30:05Z` for so many seconds after the epoch.
pub(crate) fn write_instant(out: &mut Vec<u8>, seconds: u32) {
    let seconds = u64::from(seconds);
    let (year, month, day) = civil(seconds / DAY);
    json::padded(out, year, 4);
    out.push(b'-');
    json::padded(out, month, 2);
    out.push(b'-');
    json::padded(out, day, 2);
    out.push(b'T');
    write_clock(out, seconds % DAY);
    out.push(b'Z');
}

/// The date form of `Retry-After` (RFC 9110 5.6.7), such as `Sun, 06 Nov 1994 08:49:37 GMT`.
pub(crate) fn http_date(seconds: u64) -> String {
    let (year, month, day) = civil(seconds / DAY);
    let weekday = named(&WEEKDAYS, (seconds / DAY) % 7);
    let month = named(&MONTHS, month - 1);
    let mut clock = Vec::with_capacity(8);
    write_clock(&mut clock, seconds % DAY);
    let clock = String::from_utf8_lossy(&clock);
    format!("{weekday}, {day:02} {month} {year:04} {clock} GMT")
}

fn write_clock(out: &mut Vec<u8>, second_of_day: u64) {
    json::padded(out, second_of_day / 3600, 2);
    out.push(b':');
    json::padded(out, second_of_day / 60 % 60, 2);
    out.push(b':');
    json::padded(out, second_of_day % 60, 2);
}

fn named(names: &[&'static str], index: u64) -> &'static str {
    let index = usize::try_from(index).unwrap_or_default();
    names.get(index).copied().unwrap_or_default()
}

/// Year, month and day of a day counted from 1970-01-01: the `civil_from_days` algorithm of Howard Hinnant.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(seconds: u32) -> String {
        let mut out = Vec::new();
        write_instant(&mut out, seconds);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn an_instant_is_whole_seconds_of_utc() {
        assert_eq!(instant(0), "1970-01-01T00:00:00Z");
        assert_eq!(instant(1_707_640_205), "2024-02-11T08:30:05Z");
        assert_eq!(instant(1_709_164_799), "2024-02-28T23:59:59Z");
        assert_eq!(instant(1_709_164_800), "2024-02-29T00:00:00Z");
    }

    #[test]
    fn an_http_date_has_the_fixed_length_form() {
        assert_eq!(http_date(784_111_777), "Sun, 06 Nov 1994 08:49:37 GMT");
    }
}
