//! Text as it stands in HTML, in an element or in a quoted attribute.

use std::borrow::Cow;

use portcullis_directory::text::is_unprintable;

/// The text with the five characters that mean something to HTML written as references, and without what turns the
/// direction of writing or hides: a name must not look like another one, nor change what stands beside it.
pub fn escape(text: &str) -> Cow<'_, str> {
    let Some(first) = text.find(is_special) else { return Cow::Borrowed(text) };
    let (plain, rest) = text.split_at(first);
    let mut escaped = String::with_capacity(text.len() + 16);
    escaped.push_str(plain);
    for character in rest.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            space if space.is_whitespace() && space.is_control() => escaped.push(' '),
            hidden if is_unprintable(hidden) => escaped.push(char::REPLACEMENT_CHARACTER),
            other => escaped.push(other),
        }
    }
    Cow::Owned(escaped)
}

fn is_special(character: char) -> bool {
    matches!(character, '&' | '<' | '>' | '"' | '\'') || is_unprintable(character)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_means_something_is_written_as_a_reference() {
        assert_eq!(
            escape("<a href=\"x\">Tom & Jerry's</a>"),
            "&lt;a href=&quot;x&quot;&gt;Tom &amp; Jerry&#39;s&lt;/a&gt;"
        );
        assert!(matches!(escape("Zoë 東京 ❤️"), Cow::Borrowed("Zoë 東京 ❤️")));
    }

    #[test]
    fn what_hides_is_shown_as_such() {
        assert_eq!(escape("a\u{202e}b\u{0}c\nd"), "a\u{fffd}b\u{fffd}c d");
    }

    proptest! {
        #[test]
        fn no_text_leaves_a_mark_of_markup(text: String) {
            let escaped = escape(&text);
            prop_assert!(!escaped.contains(['<', '>', '"', '\'']));
            prop_assert!(!escaped.chars().any(is_unprintable));
        }
    }
}
