//! A JSON value as the text it came in. What is in it is cut out when it is asked for, and what nobody asks for is
//! kept byte for byte, numbers of any length included.
//!
//! Whether a text is JSON is said once, by [`Tape`]. Behind it nothing can fail, and a component does without the
//! machinery for turning values into types.

use alloc::borrow::Cow;
use alloc::string::String;
use core::str::Chars;

use crate::tape::{Mark, Tape};

/// A JSON value, without white space around it.
#[derive(Clone, Copy, Debug)]
pub struct Json<'a> {
    tape: &'a Tape<'a>,
    at: usize,
}

/// Two values are equal when they are written in the same way.
impl PartialEq for Json<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.json() == other.json()
    }
}

impl Eq for Json<'_> {}

impl<'a> Json<'a> {
    pub(crate) fn at(tape: &'a Tape<'a>, at: usize) -> Json<'a> {
        Json { tape, at }
    }

    /// Its JSON text.
    pub fn json(self) -> &'a str {
        let mark = self.mark();
        self.tape.cut(mark.start, mark.end)
    }

    /// What kind of value it is, for a message; `None` for an object.
    #[inline]
    pub fn other_than_object(self) -> Option<&'static str> {
        Some(match self.first() {
            b'{' => return None,
            b'[' => "a list",
            b'"' => "a text",
            b't' | b'f' => "a boolean",
            b'n' => "null",
            _ => "a number",
        })
    }

    /// A single value as text: numbers and booleans as they were written. `None` for null, lists, objects, and texts
    /// that cannot be (a lone half of a surrogate pair).
    #[inline]
    pub fn text(self) -> Option<Cow<'a, str>> {
        let mark = self.mark();
        match self.first() {
            b'"' => between(self.tape.cut(mark.start + 1, mark.end - 1), mark.is_plain),
            b'{' | b'[' | b'n' => None,
            _ => Some(Cow::Borrowed(self.json())),
        }
    }

    /// A boolean, also where it was written as text in any case (zpa-scim 3.4).
    pub fn boolean(self) -> Option<bool> {
        let text = self.text()?;
        let is = |word: &str| text.eq_ignore_ascii_case(word);
        if is("true") { Some(true) } else { is("false").then_some(false) }
    }

    /// Whether it is null.
    pub fn is_null(self) -> bool {
        self.first() == b'n'
    }

    /// Whether there is nothing in it: null, or a list or object without elements.
    #[inline]
    pub fn is_empty(self) -> bool {
        match self.first() {
            b'n' => true,
            b'{' | b'[' => self.mark().next == self.at + 1,
            _ => false,
        }
    }

    /// The elements of a list; a single value counts as a list of one, null as an empty one.
    pub fn elements(self) -> impl Iterator<Item = Json<'a>> {
        let next = self.mark().next;
        let at = match self.first() {
            b'[' => self.at + 1,
            b'n' => next,
            _ => self.at,
        };
        Values { tape: self.tape, at, end: next }
    }

    /// The members of an object, in order; none for any other value.
    pub fn members(self) -> impl Iterator<Item = (Cow<'a, str>, Json<'a>)> {
        self.values().map(|value| (value.key(), value))
    }

    /// The values of the members of an object, in order; none for any other value.
    pub fn values(self) -> impl Iterator<Item = Json<'a>> {
        let next = self.mark().next;
        let at = if self.first() == b'{' { self.at + 1 } else { next };
        Values { tape: self.tape, at, end: next }
    }

    /// The member of this name, found without regard to case (RFC 7643 section 2.1).
    pub fn member(self, name: &str) -> Option<Json<'a>> {
        self.values().find(|value| value.is_named(name))
    }

    /// Whether it is the member of this name, without regard to case.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "most names that are asked for are of another length")]
    pub fn is_named(self, name: &str) -> bool {
        let mark = self.mark();
        (mark.key_end - mark.key == name.len() || !mark.is_key_plain) && self.is_spelt(name)
    }

    fn is_spelt(self, name: &str) -> bool {
        let mark = self.mark();
        if !mark.is_key_plain {
            return self.key().eq_ignore_ascii_case(name);
        }
        let key = self.tape.bytes(mark.key, mark.key_end);
        // Vendors keep to the case of the standard.
        is_same(key, name.as_bytes()) || key.eq_ignore_ascii_case(name.as_bytes())
    }

    /// The name that it has in its object. A key that cannot be text has no name that anybody could ask for; its JSON
    /// stands for it.
    pub fn key(self) -> Cow<'a, str> {
        let mark = self.mark();
        let key = self.tape.cut(mark.key, mark.key_end);
        between(key, mark.is_key_plain)
            .unwrap_or_else(|| Cow::Borrowed(self.tape.cut(mark.key.saturating_sub(1), mark.key_end + 1)))
    }

    #[inline]
    fn mark(self) -> &'a Mark {
        self.tape.mark(self.at)
    }

    #[inline]
    fn first(self) -> u8 {
        self.mark().first
    }
}

/// Whether two texts of one length are the same. Most names have up to 16 bytes; a sandbox's own comparison of memory
/// goes byte by byte.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    let eights =
        |text: &[u8]| Some((u64::from_le_bytes(*text.first_chunk()?), u64::from_le_bytes(*text.last_chunk()?)));
    let fours = |text: &[u8]| Some((u32::from_le_bytes(*text.first_chunk()?), u32::from_le_bytes(*text.last_chunk()?)));
    match one.len() {
        4..8 => fours(one) == fours(other),
        8..=16 => eights(one) == eights(other),
        _ => one == other,
    }
}

/// Values that stand beside each other.
struct Values<'a> {
    tape: &'a Tape<'a>,
    at: usize,
    end: usize,
}

impl<'a> Iterator for Values<'a> {
    type Item = Json<'a>;

    fn next(&mut self) -> Option<Json<'a>> {
        if self.at >= self.end {
            return None;
        }
        let value = Json { tape: self.tape, at: self.at };
        self.at = value.mark().next;
        Some(value)
    }
}

/// A text as JSON, with its quotes.
pub fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c < ' ' => {
                let digit = |shift: u32| char::from_digit((u32::from(c) >> shift) & 15, 16).unwrap_or('0');
                quoted.extend(['\\', 'u', '0', '0', digit(4), digit(0)]);
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// A list of these JSON texts.
pub fn list(elements: &[String]) -> String {
    let mut list = String::from("[");
    for element in elements {
        separate(&mut list);
        list.push_str(element);
    }
    list.push(']');
    list
}

/// An object of these names and JSON texts, without those that there is none of.
pub fn object(members: &[(&str, Option<String>)]) -> String {
    let mut object = String::from("{");
    for (name, value) in members {
        if let Some(value) = value {
            separate(&mut object);
            object.push_str(&quoted(name));
            object.push(':');
            object.push_str(value);
        }
    }
    object.push('}');
    object
}

fn separate(text: &mut String) {
    if text.len() > 1 {
        text.push(',');
    }
}

/// The text between two quotes, borrowed where it has no escapes.
#[inline]
fn between(text: &str, is_plain: bool) -> Option<Cow<'_, str>> {
    if is_plain { Some(Cow::Borrowed(text)) } else { unescape(text).map(Cow::Owned) }
}

fn unescape(text: &str) -> Option<String> {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        plain.push(match c {
            '\\' => match chars.next()? {
                'b' => '\u{8}',
                'f' => '\u{c}',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => match unit(&mut chars)? {
                    // Two halves make one character; a half alone makes none.
                    high @ 0xd800..0xdc00 => {
                        let is_pair = chars.next()? == '\\' && chars.next()? == 'u';
                        let low = unit(&mut chars).filter(|low| is_pair && (0xdc00..0xe000).contains(low))?;
                        char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00))?
                    }
                    unit => char::from_u32(unit)?,
                },
                c => c,
            },
            c => c,
        });
    }
    Some(plain)
}

/// Four hexadecimal digits.
fn unit(chars: &mut Chars<'_>) -> Option<u32> {
    (0..4).try_fold(0, |unit, _| Some(unit * 16 + chars.next()?.to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;
    use std::format;
    use std::prelude::v1::*;

    fn tape(text: &str) -> Tape<'_> {
        Tape::read(text).unwrap()
    }

    #[test]
    fn a_single_value_is_text_as_it_was_written() {
        assert_eq!(tape(r#""a\"\u00fc\ud83d\ude00\/""#).root().text().as_deref(), Some("a\"ü😀/"));
        assert_eq!(tape("12345678901234567890.10").root().text().as_deref(), Some("12345678901234567890.10"));
        assert_eq!(tape("true").root().text().as_deref(), Some("true"));
        for text in ["null", "[]", "{}", r#""\ud800""#, r#""\ud800\u0041""#, r#""\udc00""#] {
            assert_eq!(tape(text).root().text(), None, "{text}");
        }
    }

    #[test]
    fn names_of_members_have_no_case() {
        assert_eq!(tape(r#"{"GIVENNAME":"Mara"}"#).root().member("givenName").map(Json::json), Some("\"Mara\""));
    }

    #[test]
    fn empty_is_null_and_what_has_no_elements() {
        for text in ["null", "[ ]", "{\n}"] {
            assert!(tape(text).root().is_empty(), "{text}");
        }
        for text in ["0", "false", "\"\"", "[null]"] {
            assert!(!tape(text).root().is_empty(), "{text}");
        }
    }

    /// Puts a value together again out of what it was cut into.
    fn rebuilt(json: Json<'_>) -> Value {
        match json.other_than_object() {
            None => json.members().map(|(key, value)| (key.into_owned(), rebuilt(value))).collect(),
            Some("a list") => json.elements().map(rebuilt).collect(),
            Some("a text") => Value::from(json.text().unwrap().into_owned()),
            Some(_) => serde_json::from_str(json.json()).unwrap(),
        }
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<i32>().prop_map(|number| Value::from(f64::from(number) / 8.0)),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                proptest::collection::btree_map(any::<String>(), inner, 0..5)
                    .prop_map(|members| members.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_value_that_was_cut_up_is_whole_again(value in any_value(), pretty: bool) {
            let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
            prop_assert_eq!(rebuilt(tape(&text.unwrap()).root()), value);
        }

        #[test]
        fn a_quoted_text_reads_back_as_itself(text: String) {
            let json_text = quoted(&text);
            let tape = tape(&json_text);
            prop_assert_eq!(tape.root().text().unwrap(), text.as_str());
            prop_assert_eq!(serde_json::from_str::<String>(&json_text).unwrap(), text);
        }

        #[test]
        fn no_text_panics(text in "[\\[\\]{}\",:\\\\u0-9a-f .-]{0,40}") {
            if let Ok(tape) = Tape::read(&text) {
                let json = tape.root();
                let _ = (json.text(), json.boolean(), json.elements().count(), json.members().count(), json.is_empty());
            }
            let _ = format!("{:?}", unescape(&text));
        }
    }
}
