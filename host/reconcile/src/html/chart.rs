//! Pictures of numbers: SVG inside the page, with the numbers as text beside them, for those who do not see pictures.

use std::fmt::Write as _;

use super::{Bar, escape};

/// The parts of a whole as one bar, and a legend with the numbers.
pub(super) fn parts(caption: &str, parts: &[Bar<'_>]) -> String {
    let whole: u64 = parts.iter().map(|part| part.value).sum();
    let mut left = 0.0;
    let mut drawn = String::new();
    for part in parts.iter().filter(|part| part.value > 0) {
        let width = share(part.value, whole) * WIDTH;
        // Writing to a text cannot fail; the same below.
        let _ = write!(
            drawn,
            "<rect class=\"{}\" x=\"{left:.1}\" width=\"{width:.1}\" height=\"{HEIGHT}\"/>",
            part.tone.class()
        );
        left += width;
    }
    let mut legend = String::new();
    for part in parts {
        let (class, label, value) = (part.tone.class(), escape(part.label), grouped(part.value));
        let percent = percent(part.value, whole);
        let _ = writeln!(legend, "<li><i class=\"{class}\"></i>{label}: <b>{value}</b> ({percent})</li>");
    }
    let caption = escape(caption);
    format!(
        "<figure>\n<figcaption>{caption}</figcaption>\n\
         <svg class=\"parts\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" preserveAspectRatio=\"none\" role=\"img\" \
         aria-label=\"{caption}\">{drawn}</svg>\n<ul class=\"legend\">\n{legend}</ul>\n</figure>\n"
    )
}

/// A bar a line, its label on the left and its number on the right.
pub(super) fn bars(caption: &str, bars: &[Bar<'_>]) -> String {
    let most = bars.iter().map(|bar| bar.value).max().unwrap_or_default();
    let mut lines = String::new();
    for bar in bars {
        let (class, label) = (bar.tone.class(), escape(bar.label));
        let width = share(bar.value, most) * WIDTH;
        let _ = writeln!(
            lines,
            "<tr><th scope=\"row\">{label}</th><td class=\"bar\"><svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
             preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"{class}\" width=\"{width:.1}\" \
             height=\"{HEIGHT}\"/></svg></td><td class=\"number\">{}</td></tr>",
            grouped(bar.value)
        );
    }
    format!(
        "<figure>\n<figcaption>{}</figcaption>\n<table class=\"bars\">\n{lines}</table>\n</figure>\n",
        escape(caption)
    )
}

/// `12 345`, with narrow spaces that do not break.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 2);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

fn percent(value: u64, whole: u64) -> String {
    let percent = share(value, whole) * 100.0;
    // What is there is never shown as nothing.
    if value > 0 && percent < 1.0 { "< 1 %".replace('<', "&lt;") } else { format!("{percent:.0} %") }
}

#[expect(clippy::cast_precision_loss, reason = "a picture has no 52 bits")]
fn share(value: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { value as f64 / whole as f64 }
}

const WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 40.0;

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::html::Tone;

    const BARS: &[Bar<'static>] = &[
        Bar { label: "a", value: 1200, tone: Tone::Good },
        Bar { label: "b", value: 0, tone: Tone::Bad },
        Bar { label: "c", value: 3, tone: Tone::Notice },
    ];

    #[test]
    fn parts_fill_the_bar_and_are_told_in_words() {
        expect![[r#"
            <figure>
            <figcaption>Users</figcaption>
            <svg class="parts" viewBox="0 0 1000 40" preserveAspectRatio="none" role="img" aria-label="Users"><rect class="good" x="0.0" width="997.5" height="40"/><rect class="notice" x="997.5" width="2.5" height="40"/></svg>
            <ul class="legend">
            <li><i class="good"></i>a: <b>1 200</b> (100 %)</li>
            <li><i class="bad"></i>b: <b>0</b> (0 %)</li>
            <li><i class="notice"></i>c: <b>3</b> (&lt; 1 %)</li>
            </ul>
            </figure>
        "#]].assert_eq(&parts("Users", BARS));
        assert!(parts("Users", &[]).contains("</figure>"));
    }

    #[test]
    fn the_longest_bar_is_as_wide_as_there_is_room() {
        expect![[r#"
            <figure>
            <figcaption>Groups</figcaption>
            <table class="bars">
            <tr><th scope="row">a</th><td class="bar"><svg viewBox="0 0 1000 40" preserveAspectRatio="none" aria-hidden="true"><rect class="good" width="1000.0" height="40"/></svg></td><td class="number">1 200</td></tr>
            <tr><th scope="row">b</th><td class="bar"><svg viewBox="0 0 1000 40" preserveAspectRatio="none" aria-hidden="true"><rect class="bad" width="0.0" height="40"/></svg></td><td class="number">0</td></tr>
            <tr><th scope="row">c</th><td class="bar"><svg viewBox="0 0 1000 40" preserveAspectRatio="none" aria-hidden="true"><rect class="notice" width="2.5" height="40"/></svg></td><td class="number">3</td></tr>
            </table>
            </figure>
        "#]].assert_eq(&bars("Groups", BARS));
    }

    #[test]
    fn digits_stand_in_threes() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1\u{202f}000", "1\u{202f}234\u{202f}567"]);
    }
}
