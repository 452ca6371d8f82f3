//! A JSON text, read once from end to end: whether it is JSON, and where each value in it is.
//!
//! Every byte of a vendor's answer passes through here, inside a sandbox, so it is the one loop of this crate that is
//! written for speed: it takes two thirds of the time of a parser and a reader behind it, and 8 KB less code in the
//! component. What makes a text JSON is for `serde_json` to say: tests compare the two on any text.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::block;
use crate::json::Json;

/// A JSON text and its values.
#[derive(Debug)]
pub struct Tape<'a> {
    text: &'a str,
    /// The values in the order of their first bytes: what is inside of one comes after it, before what is behind it.
    marks: Vec<Mark>,
}

/// Where a value is, in bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    /// The value begins and ends here.
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Its key between the quotes; nothing for an element of a list.
    pub(crate) key: usize,
    pub(crate) key_end: usize,
    /// The place of the mark behind all that is inside of this one.
    pub(crate) next: usize,
    /// Whether the key has no escapes.
    pub(crate) is_key_plain: bool,
    /// The first byte of the value, which tells what kind it is.
    pub(crate) first: u8,
    /// Whether it is not a text with escapes.
    pub(crate) is_plain: bool,
}

impl<'a> Tape<'a> {
    /// Reads one JSON value, and nothing after it. A byte order mark before it is passed over. The error says where
    /// the text stops being JSON.
    pub fn read(text: &'a str) -> Result<Tape<'a>, String> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = Reader { bytes: text.as_bytes(), at: 0, marks: Vec::new() };
        if reader.document().is_none() {
            return Err(reader.failure());
        }
        let mut marks = reader.marks;
        // Of the largest groups half of the sandbox's memory would be taken by what is not used.
        marks.shrink_to_fit();
        Ok(Tape { text, marks })
    }

    /// The value that the text is.
    pub fn root(&self) -> Json<'_> {
        Json::at(self, 0)
    }

    #[inline]
    pub(crate) fn mark(&self, at: usize) -> &Mark {
        self.marks.get(at).unwrap_or(&NOWHERE)
    }

    #[inline]
    pub(crate) fn cut(&self, start: usize, end: usize) -> &str {
        self.text.get(start..end).unwrap_or_default()
    }

    #[inline]
    pub(crate) fn bytes(&self, start: usize, end: usize) -> &[u8] {
        self.text.as_bytes().get(start..end).unwrap_or_default()
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    marks: Vec<Mark>,
}

/// What is not in the text.
static NOWHERE: Mark =
    Mark { start: 0, end: 0, key: 0, key_end: 0, next: usize::MAX, first: b'n', is_key_plain: true, is_plain: true };

/// No mark: what is around the outermost value.
const OUTSIDE: usize = usize::MAX;

impl Reader<'_> {
    /// Marks the values of the text; `None` where it is no JSON.
    fn document(&mut self) -> Option<()> {
        // The object or list that is being read. Its own mark keeps what is around it, until it ends.
        let (mut open, mut is_object) = (OUTSIDE, false);
        loop {
            let mut mark =
                Mark { start: 0, end: 0, key: 0, key_end: 0, next: 0, first: 0, is_key_plain: true, is_plain: true };
            if is_object {
                self.spaces();
                mark.key = self.at + 1;
                mark.is_key_plain = self.text()?;
                mark.key_end = self.at - 1;
                self.spaces();
                self.take(b':')?;
            }
            self.spaces();
            mark.start = self.at;
            mark.first = self.first();
            match mark.first {
                b'"' => mark.is_plain = self.text()?,
                bracket @ (b'{' | b'[') => {
                    self.at += 1;
                    self.spaces();
                    if self.first() != bracket + 2 {
                        mark.next = open;
                        (open, is_object) = (self.marks.len(), bracket == b'{');
                        self.marks.push(mark);
                        continue;
                    }
                    self.at += 1;
                }
                b't' => self.word(b"true")?,
                b'f' => self.word(b"false")?,
                b'n' => self.word(b"null")?,
                _ => self.number()?,
            }
            mark.end = self.at;
            mark.next = self.marks.len() + 1;
            self.marks.push(mark);
            // What comes after a value: another one, or the end of what it is in.
            loop {
                self.spaces();
                let behind = self.marks.len();
                let Some(outer) = self.marks.get_mut(open) else {
                    return (self.at == self.bytes.len()).then_some(());
                };
                let byte = self.bytes.get(self.at).copied()?;
                self.at += 1;
                if byte == b',' {
                    break;
                }
                if byte != if is_object { b'}' } else { b']' } {
                    self.at -= 1;
                    return None;
                }
                open = outer.next;
                outer.end = self.at;
                outer.next = behind;
                is_object = self.marks.get(open).is_some_and(|outer| outer.first == b'{');
            }
        }
    }

    /// Where the text stops being JSON.
    #[cold]
    fn failure(&self) -> String {
        let read = self.bytes.get(..self.at).unwrap_or(self.bytes);
        let Some(byte) = self.bytes.get(self.at) else { return "it ends too early".to_owned() };
        let lines = (1..).zip(read.split(|byte| *byte == b'\n'));
        let (line, column) = lines.last().map_or((1, 1), |(line, rest)| (line, rest.len() + 1));
        format!("unexpected `{}` at line {line} column {column}", byte.escape_ascii())
    }

    fn first(&self) -> u8 {
        self.bytes.get(self.at).copied().unwrap_or_default()
    }

    fn spaces(&mut self) {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        let is_there = self.bytes.get(self.at) == Some(&byte);
        self.at += usize::from(is_there);
        is_there.then_some(())
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        let is_there = self.bytes.get(self.at..)?.starts_with(word);
        self.at += if is_there { word.len() } else { 0 };
        is_there.then_some(())
    }

    fn number(&mut self) -> Option<()> {
        let _ = self.take(b'-');
        if self.take(b'0').is_none() {
            self.digits()?;
        }
        if self.take(b'.').is_some() {
            self.digits()?;
        }
        if self.take(b'e').or_else(|| self.take(b'E')).is_some() {
            let _ = self.take(b'+').or_else(|| self.take(b'-'));
            self.digits()?;
        }
        Some(())
    }

    /// One digit, and all behind it.
    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.first().is_ascii_digit() {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    /// A text with its quotes, and whether it has no escapes. Most bytes of an answer are in texts, so they are looked
    /// at a block at a time.
    fn text(&mut self) -> Option<bool> {
        self.take(b'"')?;
        let mut is_plain = true;
        loop {
            while let Some(&block) = self.bytes.get(self.at..).and_then(<[u8]>::first_chunk) {
                let plain = block::plain(block);
                self.at += plain;
                if plain < block.len() {
                    break;
                }
            }
            match self.bytes.get(self.at)? {
                b'"' => {
                    self.at += 1;
                    return Some(is_plain);
                }
                b'\\' => {
                    is_plain = false;
                    self.escape()?;
                }
                ..b' ' => return None,
                // Only at the end of the text are there fewer than in a block.
                _ => self.at += 1,
            }
        }
    }

    fn escape(&mut self) -> Option<()> {
        self.at += 1;
        let escaped = self.first();
        let digits = match escaped {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => 0,
            b'u' => 4,
            _ => return None,
        };
        self.at += 1;
        for _ in 0..digits {
            self.first().is_ascii_hexdigit().then_some(())?;
            self.at += 1;
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde::de::IgnoredAny;
    use std::prelude::v1::*;

    #[test]
    fn what_is_no_json_is_refused_with_the_place() {
        let refused = |text: &str| Tape::read(text).unwrap_err();
        assert_eq!(refused("<html>"), "unexpected `<` at line 1 column 1");
        assert_eq!(refused("{\"a\":1"), "it ends too early");
        assert_eq!(refused("1 2"), "unexpected `2` at line 1 column 3");
        assert_eq!(refused("{\n \"a\": nil}"), "unexpected `n` at line 2 column 7");
        assert_eq!(refused("[\"a\nb\"]"), "unexpected `\\n` at line 1 column 4");
        assert_eq!(refused("[\"\\u00g0\"]"), "unexpected `g` at line 1 column 7");
        assert_eq!(refused("[1,]"), "unexpected `]` at line 1 column 4");
    }

    #[test]
    fn a_control_character_is_found_wherever_it_is() {
        for length in 0..20 {
            for place in 0..=length {
                for byte in ['\0', '\u{1f}', ' ', '!', '\u{7f}', 'ü'] {
                    let text = format!("\"{}{byte}{}\"", "x".repeat(place), "y".repeat(length - place));
                    assert_eq!(Tape::read(&text).is_ok(), byte >= ' ', "{text:?}");
                }
            }
        }
    }

    #[test]
    fn nesting_has_no_limit_of_its_own() {
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        assert!(Tape::read(&deep).is_ok());
        assert!(Tape::read(&deep[1..]).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]
        #[test]
        fn a_text_is_json_where_serde_json_says_so(
            text in "([\\[\\]{}\",: ]|\"[a-z\u{1}\\\\]{0,9}\":?|\\\\[bfnrtux\"/\\\\]|\\\\u[0-9a-fg]{3,4}|[-+]?[0-9.eE]{1,4}|true|false|null|\n|ü){0,12}",
        ) {
            let is_json = serde_json::from_str::<IgnoredAny>(&text).is_ok();
            prop_assert_eq!(Tape::read(&text).is_ok(), is_json, "{}", text);
        }

        #[test]
        fn json_with_one_byte_changed_is_still_json_where_serde_json_says_so(at in any::<prop::sample::Index>(), byte in 0_u8..128) {
            let json = r#"{"a":[1,-0.5e+7,{"b\n":"\u00e9 some text","c":true},null,false],"d":{},"e":[],"f":"0123456789"}"#;
            let mut changed = json.as_bytes().to_owned();
            let at = at.index(changed.len());
            changed[at] = byte;
            let changed = String::from_utf8(changed).unwrap();
            let is_json = serde_json::from_str::<IgnoredAny>(&changed).is_ok();
            prop_assert_eq!(Tape::read(&changed).is_ok(), is_json, "{}", changed);
        }
    }
}
