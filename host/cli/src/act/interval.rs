//! Lengths of time as they are typed.

use std::time::Duration;

/// `90s`, `15m` or `1h`; at least a second and at most a week.
pub(super) fn interval(text: &str) -> Result<Duration, String> {
    let wrong = || "expected a number and `s`, `m` or `h`, from 1s to 168h, such as `90s` or `1h`".to_owned();
    let unit = text.chars().last().ok_or_else(wrong)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        _ => return Err(wrong()),
    };
    let number: u64 = text.strip_suffix(unit).and_then(|number| number.parse().ok()).ok_or_else(wrong)?;
    let seconds = number.checked_mul(seconds).filter(|seconds| (1..=604_800).contains(seconds)).ok_or_else(wrong)?;
    Ok(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_has_a_unit() {
        let seconds = |text: &str| interval(text).map(|interval| interval.as_secs()).ok();
        assert_eq!([seconds("90s"), seconds("15m"), seconds("168h")], [Some(90), Some(900), Some(604_800)]);
        for text in ["", "s", "60", "0s", "169h", "1d", "-1s", "1.5h", "99999999999999999999h", "1ä"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
