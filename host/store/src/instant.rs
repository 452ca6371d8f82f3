//! Instants as text: RFC 3339, in UTC. Never reads a clock.

use std::time::{Duration, SystemTime};

/// `2024-02-11T08:30:05Z` for so many seconds after 1970; `civil_from_days` of Howard Hinnant.
pub fn shown(seconds: i64) -> String {
    format!("{}Z", until_seconds(seconds))
}

/// `2024-02-11T08:30:05.120Z`: always as long, so that texts are in the order of the instants.
pub fn shown_with_milliseconds(at: SystemTime) -> String {
    let elapsed = at.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    let seconds = i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX);
    format!("{}.{:03}Z", until_seconds(seconds), elapsed.subsec_millis())
}

/// Milliseconds after 1970 of a text that [`shown_with_milliseconds`] made; `days_from_civil` of Howard Hinnant.
pub fn milliseconds(text: &str) -> Option<i64> {
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second, millisecond) = (number(11, 13)?, number(14, 16)?, number(17, 19)?, number(20, 23)?);
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let month_from_march = if month > 2 { month - 3 } else { month + 9 };
    let day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + (153 * month_from_march + 2) / 5 + day - 1;
    let days = era * 146_097 + day_of_era - 719_468;
    Some((((days * 24 + hour) * 60 + minute) * 60 + second) * 1000 + millisecond)
}

fn until_seconds(seconds: i64) -> String {
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let days = days.saturating_add(719_468);
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn seconds_are_shown_as_dates() {
        assert_eq!(shown(0), "1970-01-01T00:00:00Z");
        assert_eq!(shown(951_782_399), "2000-02-28T23:59:59Z");
        assert_eq!(shown(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(shown(1_780_000_000), "2026-05-28T20:26:40Z");
        assert_eq!(shown(-1), "1969-12-31T23:59:59Z");
    }

    proptest! {
        #[test]
        fn milliseconds_survive_a_round_trip_and_keep_their_order(one in 0..100_000_000_000_000_u64, other in 0..100_000_000_000_000_u64) {
            let text = |at| shown_with_milliseconds(SystemTime::UNIX_EPOCH + Duration::from_millis(at));
            prop_assert_eq!(milliseconds(&text(one)), i64::try_from(one).ok());
            prop_assert_eq!(text(one).cmp(&text(other)), one.cmp(&other));
        }

        #[test]
        fn no_text_panics_the_reader(text in "\\PC{0,40}") {
            let _ = milliseconds(&text);
        }
    }
}
