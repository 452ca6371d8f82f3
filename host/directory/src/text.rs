//! Text that a connector or a vendor wrote, made fit for a person to read.
//!
//! It bounds and flattens, and must never be applied to data: a user's name is passed on as it is.

/// The most bytes of an error message, as the contract has it (`types.error.message`).
pub const MESSAGE: usize = 500;

/// The most bytes of a code, a field name or another identifier that a person reads.
pub const WORD: usize = 100;

/// The same text on one line, of at most `at_most` bytes, without characters that move a cursor, colour a terminal,
/// turn the direction of writing or are not seen at all. What was cut off is marked by an ellipsis.
pub fn one_line(text: impl Into<String>, at_most: usize) -> String {
    let text = text.into();
    if text.len() <= at_most && !text.chars().any(is_unprintable) {
        return text;
    }
    let mut line = String::with_capacity(text.len().min(at_most));
    for character in text.chars() {
        let character = if is_unprintable(character) { ' ' } else { character };
        if line.len() + character.len_utf8() > at_most {
            while line.len() + ELLIPSIS.len_utf8() > at_most && line.pop().is_some() {}
            if ELLIPSIS.len_utf8() <= at_most {
                line.push(ELLIPSIS);
            }
            break;
        }
        line.push(character);
    }
    line
}

const ELLIPSIS: char = '…';

/// Whether a character does anything to a terminal or a reader but to be seen there: the controls of Unicode (general
/// category Cc, C1 among them), line and paragraph separators, and what is ignored by default (Unicode 17,
/// `Default_Ignorable_Code_Point`), such as marks of direction, of zero width, and tags, but for the selectors that
/// choose between two looks of the character before them.
pub fn is_unprintable(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
                | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
                | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e00ff}' | '\u{e01f0}'..='\u{e0fff}'
        )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plain_text_is_left_alone() {
        assert_eq!(one_line("no user `7`: résumé", MESSAGE), "no user `7`: résumé");
    }

    #[test]
    fn terminal_escapes_and_new_lines_become_spaces() {
        assert_eq!(one_line("a\r\nb\u{1b}[31mc\u{9b}2J\u{202e}d", MESSAGE), "a  b [31mc 2J d");
    }

    #[test]
    fn what_cannot_be_seen_becomes_a_space() {
        // Zero width, a soft hyphen, a byte order mark, a filler, tags, and a mark of direction.
        assert_eq!(
            one_line("a\u{200b}b\u{200d}c\u{ad}d\u{feff}e\u{3164}f\u{e0041}g\u{200e}h", MESSAGE),
            "a b c d e f g h"
        );
        assert_eq!(one_line("\u{2764}\u{fe0f}", MESSAGE), "\u{2764}\u{fe0f}");
    }

    #[test]
    fn long_text_is_cut_between_characters_and_marked() {
        assert_eq!(one_line("ääääää", 9), "äää…");
        assert_eq!(one_line("x".repeat(10_000_000), MESSAGE).len(), MESSAGE);
    }

    proptest! {
        #[test]
        fn any_text_ends_within_the_bound_and_on_one_line(text: String, at_most in 0_usize..40) {
            let line = one_line(text, at_most);
            prop_assert!(line.len() <= at_most);
            prop_assert!(!line.chars().any(is_unprintable));
        }
    }
}
