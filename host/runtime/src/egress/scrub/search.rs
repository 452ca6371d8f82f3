//! Finding one text in another, as it is written and in every reading of it.

use std::ops::Range;

use memchr::{memchr3_iter, memmem};

use super::encoding::{Encoding, unit};

/// Where the needle stands in some reading of the text: as it is, in one encoding, or in one inside another. Places may
/// overlap.
pub(super) fn places(text: &[u8], needle: &[u8], fold: fn(u8) -> u8) -> Vec<Range<usize>> {
    let mut found = verbatim(text, needle);
    let is_there = |encoding: &Encoding| memchr::memchr(encoding.mark(), text).is_some();
    for outer in Encoding::ALL.into_iter().filter(is_there) {
        // A decoder alone, too: in another's reading, what looks like an escape within the token would be taken for one.
        escaped(text, needle, fold, &[outer], &mut found);
        for inner in Encoding::ALL {
            escaped(text, needle, fold, &[inner, outer], &mut found);
        }
    }
    found
}

fn verbatim(text: &[u8], needle: &[u8]) -> Vec<Range<usize>> {
    let finder = memmem::Finder::new(needle);
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    // From one byte further on, as an occurrence may begin within another.
    while let Some(start) = text.get(at..).and_then(|rest| finder.find(rest)) {
        found.push(at + start..at + start + needle.len());
        at += start + 1;
    }
    found
}

/// The needle in one reading. It begins with its own first byte or with an escape, so only those places are looked at,
/// and most of them end at the second byte.
fn escaped(text: &[u8], needle: &[u8], fold: fn(u8) -> u8, layers: &[Encoding], found: &mut Vec<Range<usize>>) {
    let Some(&first) = needle.first() else { return };
    let [inner, outer] = [layers.first(), layers.last()].map(|layer| layer.map_or(first, |layer| layer.mark()));
    for start in memchr3_iter(first, inner, outer, text) {
        let mut at = start;
        let is_here = needle.iter().all(|wanted| match unit(text, at, layers) {
            Some((byte, length)) if fold(byte) == *wanted => {
                at += length;
                true
            }
            _ => false,
        });
        if is_here {
            found.push(start..at);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_occurrence_within_another_is_found() {
        assert_eq!(verbatim(b"aabaabaabaa-aabaa", b"aabaa"), [0..5, 3..8, 6..11, 12..17]);
    }

    proptest! {
        #[test]
        fn it_finds_what_a_plain_search_finds(text in "[ab%]{0,30}", needle in "[ab]{1,5}") {
            let starts = (0..text.len()).filter(|at| text[*at..].starts_with(&needle));
            let plain: Vec<_> = starts.map(|at| at..at + needle.len()).collect();
            prop_assert_eq!(verbatim(text.as_bytes(), needle.as_bytes()), plain.clone());
            // No escape of this alphabet means one of its letters, so that the reading is the text itself.
            let mut found = Vec::new();
            escaped(text.as_bytes(), needle.as_bytes(), |byte| byte, &[Encoding::Json], &mut found);
            prop_assert_eq!(found, plain);
        }
    }
}
