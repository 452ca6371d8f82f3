//! When two texts mean the same: white space around them, the case of letters and the way that Unicode composes them
//! tell no two people apart. Comparison alone; what is written is what the source says.

use unicode_normalization::UnicodeNormalization;

/// The form in which names, addresses and identifiers are compared: trimmed, in Unicode NFC, in lower case.
pub fn normal(text: &str) -> String {
    let text = text.trim();
    if text.is_ascii() {
        // The same and faster: most names are such, and a plan compares each of them many times.
        return text.to_ascii_lowercase();
    }
    text.nfc().flat_map(char::to_lowercase).nfc().collect()
}

/// The form in which values are compared whose case counts: trimmed, in Unicode NFC.
pub(crate) fn composed(text: &str) -> String {
    text.trim().nfc().collect()
}

/// Whether a pattern fits a text as a whole: `*` stands for anything, everything else for itself, compared as
/// [`normal`].
pub fn fits(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (normal(pattern), normal(text));
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<_> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = rest.get(at + part.len()..).unwrap_or_default();
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_name_in_two_spellings_is_one_name() {
        assert_eq!(normal(" Zoe\u{301}.M\u{fc}ller@ACME.example "), normal("zo\u{e9}.mu\u{308}ller@acme.example"));
        assert_ne!(composed("Ops"), composed("OPS"));
    }

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, text) in
            [("*", ""), ("svc-*", "SVC-backup"), ("*@acme.example", "a@acme.example"), ("a*b*c", "aXbbXc")]
        {
            assert!(fits(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("", "a"), ("svc-*", "my-svc-1"), ("a*b", "a"), ("ab*ba", "aba"), ("ops", "ops2")] {
            assert!(!fits(pattern, text), "{pattern} {text}");
        }
    }

    proptest! {
        #[test]
        fn a_name_in_ascii_is_normal_as_any_other_is(text in "[ -~]{0,20}") {
            let slow: String = text.trim().nfc().flat_map(char::to_lowercase).nfc().collect();
            prop_assert_eq!(normal(&text), slow);
        }

        #[test]
        fn every_text_fits_itself_and_a_star(text in "[^*]{0,20}") {
            prop_assert!(fits(&text, &text) && fits("*", &text));
        }
    }
}
