//! Finding one text in another, in one pass whatever the two are.

use std::collections::VecDeque;
use std::ops::Range;

use super::encoding::Unit;

/// Where the needle stands, in order and without overlaps, by the algorithm of Knuth, Morris and Pratt: a vendor that
/// knows the token cannot make the search slow.
pub(super) fn find(text: impl Iterator<Item = Unit>, needle: &[u8]) -> Vec<Range<usize>> {
    let fallback = fallback(needle);
    let back = |matched: usize| fallback.get(matched).copied().unwrap_or(0);
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut starts = VecDeque::with_capacity(needle.len() + 1);
    let mut matched = 0;
    for (byte, place) in text {
        starts.push_back(place.start);
        if starts.len() > needle.len() {
            starts.pop_front();
        }
        while matched > 0 && needle.get(matched) != Some(&byte) {
            matched = back(matched);
        }
        if needle.get(matched) == Some(&byte) {
            matched += 1;
        }
        if matched == needle.len() {
            let start = starts.front().copied().unwrap_or(place.start);
            match found.last_mut().filter(|last| start < last.end) {
                Some(last) => last.end = place.end,
                None => found.push(start..place.end),
            }
            matched = back(matched);
        }
    }
    found
}

/// For each number of matched bytes, how many of them are also a beginning.
fn fallback(needle: &[u8]) -> Vec<usize> {
    let mut table = vec![0; needle.len() + 1];
    let mut matched = 0;
    for (at, byte) in needle.iter().enumerate().skip(1) {
        while matched > 0 && needle.get(matched) != Some(byte) {
            matched = table.get(matched).copied().unwrap_or(0);
        }
        if needle.get(matched) == Some(byte) {
            matched += 1;
        }
        if let Some(place) = table.get_mut(at + 1) {
            *place = matched;
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::encoding::verbatim;
    use super::*;

    #[test]
    fn overlaps_are_one_place_and_neighbours_are_two() {
        let found = |text: &str| find(verbatim(text.as_bytes()), b"aabaa");
        assert_eq!(found("aabaabaabaa-aabaa"), [0..11, 12..17]);
        assert_eq!(found("aabaaaabaa"), [0..5, 5..10]);
    }

    proptest! {
        #[test]
        fn it_finds_what_a_plain_search_finds(text in "[ab]{0,30}", needle in "[ab]{1,5}") {
            let found = find(verbatim(text.as_bytes()), needle.as_bytes());
            prop_assert_eq!(found.first().map(|range| range.start), text.find(&needle));
            let covered = (0..text.len()).filter(|at| found.iter().any(|range| range.contains(at)));
            let inside = |at: &usize| (0..=*at).any(|start| start + needle.len() > *at && text[start..].starts_with(&needle));
            prop_assert_eq!(covered.collect::<Vec<_>>(), (0..text.len()).filter(inside).collect::<Vec<_>>());
        }
    }
}
