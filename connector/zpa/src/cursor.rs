//! Cursors: where a page starts, and what is needed to tell that it is the right one.
//!
//! A cursor is opaque to callers. It is text of the form `1u.start.size.step.total.scope.first.previous.check`, all
//! numbers in hexadecimal: `1` is the version, `check` covers the rest and the endpoint, so that a cursor of another
//! account, or one that was touched, is refused. It is no secret and carries no right.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;

use crate::account::Endpoint;
use crate::error::{Error, invalid_input};

/// A position in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// What is listed.
    pub list: List,
    /// Index of the first row, from 1.
    pub start: u32,
    /// How many rows to ask for.
    pub size: u32,
    /// How many rows the first page brought.
    pub step: u32,
    /// How many rows there are, as the vendor last said.
    pub total: Option<u32>,
    /// Fingerprint of what the list is restricted to; 0 for nothing.
    pub scope: u64,
    /// Fingerprint of the first row of the first page; 0 where it is unknown.
    pub first: u64,
    /// Fingerprint of the first row of the page before; 0 where it is unknown.
    pub previous: u64,
}

/// A list that cursors lead through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    Users,
    Groups,
    Members,
}

impl List {
    fn tag(self) -> &'static str {
        match self {
            List::Users => "1u",
            List::Groups => "1g",
            List::Members => "1m",
        }
    }

    fn from_tag(tag: &str) -> Option<List> {
        [List::Users, List::Groups, List::Members].into_iter().find(|list| list.tag() == tag)
    }
}

impl Cursor {
    /// The beginning of a list.
    pub fn beginning(list: List, size: u32, scope: u64) -> Cursor {
        Cursor { list, start: 1, size, step: 0, total: None, scope, first: 0, previous: 0 }
    }

    /// The cursor as text, bound to an endpoint.
    pub fn encode(&self, endpoint: &Endpoint) -> String {
        let total = self.total.map_or_else(|| "-".to_owned(), |total| format!("{total:x}"));
        let Cursor { list, start, size, step, scope, first, previous, .. } = self;
        let tag = list.tag();
        let text = format!("{tag}.{start:x}.{size:x}.{step:x}.{total}.{scope:x}.{first:x}.{previous:x}");
        let check = check(&text, endpoint);
        format!("{text}.{check:x}")
    }

    /// Reads a cursor of this endpoint. The error says nothing about what is inside: a caller can only start over.
    pub fn decode(text: &str, endpoint: &Endpoint) -> Result<Cursor, Error> {
        let refused = || invalid_input("cursor", "the cursor is not one of this account, list and size");
        let (rest, sum) = text.rsplit_once('.').ok_or_else(refused)?;
        let mut parts = rest.split('.');
        let mut part = || parts.next().unwrap_or_default();
        let cursor = (|| {
            Some(Cursor {
                list: List::from_tag(part())?,
                start: short(part())?,
                size: short(part())?,
                step: short(part())?,
                total: match part() {
                    "-" => None,
                    total => Some(short(total)?),
                },
                scope: long(part())?,
                first: long(part())?,
                previous: long(part())?,
            })
        })();
        let cursor = cursor.filter(|cursor| cursor.start > 0 && cursor.size > 0);
        // Encoding it again catches what a lenient reading of numbers let through.
        cursor
            .filter(|cursor| long(sum) == Some(check(rest, endpoint)) && cursor.encode(endpoint) == text)
            .ok_or_else(refused)
    }

    /// This cursor and those of the pages after it, at most `at_most` and never more than a thousand: each is a step
    /// further, up to the total.
    pub fn ahead(&self, at_most: u32) -> impl Iterator<Item = Cursor> + use<> {
        const MOST: u32 = 1000;
        let first = *self;
        (0..at_most.min(MOST)).map_while(move |place| {
            let total = first.total.filter(|_| first.step > 0)?;
            let start = place
                .checked_mul(first.step)?
                .checked_add(first.start)
                .filter(|start| place == 0 || *start <= total)?;
            let previous = if place == 0 { first.previous } else { 0 };
            Some(Cursor { start, previous, ..first })
        })
    }
}

/// FNV-1a: a fingerprint that is the same everywhere. It guards against mistakes, not against an adversary, who could
/// as well ask for the page.
pub fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn check(text: &str, endpoint: &Endpoint) -> u64 {
    fingerprint(&format!("{text} {}", endpoint.url()))
}

fn short(text: &str) -> Option<u32> {
    u32::from_str_radix(text, 16).ok()
}

fn long(text: &str) -> Option<u64> {
    u64::from_str_radix(text, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::Account;
    use crate::wit;
    use proptest::prelude::*;
    use std::prelude::v1::*;

    fn endpoint(url: &str) -> Endpoint {
        Account::parse(&wit::Account { endpoint: url.to_owned(), settings: None }).unwrap().endpoint
    }

    fn cursor() -> Cursor {
        Cursor {
            list: List::Users,
            start: 101,
            size: 100,
            step: 100,
            total: Some(450),
            scope: 0,
            first: 7,
            previous: 9,
        }
    }

    #[test]
    fn a_cursor_of_another_account_is_refused() {
        let text = cursor().encode(&endpoint("https://a.example/scim/1/7/v2"));
        let err = Cursor::decode(&text, &endpoint("https://a.example/scim/1/8/v2")).unwrap_err();
        assert_eq!(err.kind, wit::ErrorKind::InvalidInput);
        assert_eq!(err.field.as_deref(), Some("cursor"));
        assert_eq!(err.message, "the cursor is not one of this account, list and size");
        assert_eq!(Cursor::decode(&text, &endpoint("https://A.example/scim/1/7/v2/")).unwrap(), cursor());
    }

    #[test]
    fn pages_ahead_step_by_what_the_first_page_brought_up_to_the_total() {
        let starts = |at_most| cursor().ahead(at_most).map(|cursor| cursor.start).collect::<Vec<_>>();
        assert_eq!(starts(2), [101, 201]);
        assert_eq!(starts(u32::MAX), [101, 201, 301, 401]);
        // The given cursor is the first, also where its page only confirms the end.
        let confirming = Cursor { start: 451, ..cursor() };
        assert_eq!(confirming.ahead(5).collect::<Vec<_>>(), [confirming]);
        assert_eq!(Cursor { total: None, ..cursor() }.ahead(5).count(), 0);
        let lie = Cursor { total: Some(u32::MAX), step: 1, ..cursor() };
        assert_eq!(lie.ahead(u32::MAX).count(), 1000);
    }

    proptest! {
        #[test]
        fn no_text_panics_and_none_but_its_own_is_taken(text in ".{0,80}") {
            prop_assert!(Cursor::decode(&text, &endpoint("https://a.example")).is_err());
        }

        #[test]
        fn a_touched_cursor_is_refused(place: proptest::sample::Index, digit in "[0-9a-f.ug-]") {
            let endpoint = endpoint("https://a.example");
            let text = cursor().encode(&endpoint);
            let (place, digit) = (place.index(text.len()), digit.chars().next().unwrap());
            let touched: String =
                text.chars().enumerate().map(|(at, c)| if at == place { digit } else { c }).collect();
            prop_assert_eq!(Cursor::decode(&touched, &endpoint).is_ok(), touched == text);
        }

        #[test]
        fn a_cursor_reads_back_as_itself(
            start in 1_u32.., size in 1_u32.., step: u32, total: Option<u32>, scope: u64, first: u64, previous: u64,
        ) {
            let cursor = Cursor { list: List::Members, start, size, step, total, scope, first, previous };
            let endpoint = endpoint("https://a.example");
            prop_assert_eq!(Cursor::decode(&cursor.encode(&endpoint), &endpoint).unwrap(), cursor);
        }
    }
}
