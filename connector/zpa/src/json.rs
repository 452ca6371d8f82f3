//! A JSON value as the text it came in. What is in it is cut out when it is asked for, and what nobody asks for is
//! kept byte for byte, numbers of any length included.
//!
//! `serde_json` says whether a text is JSON, once, at the door. Behind it a text is only cut up: where a value ends is
//! then plain to see, nothing can fail, and a component does without the machinery for turning values into types.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::str::Chars;

use serde::de::IgnoredAny;

/// A JSON value, without white space around it.
#[derive(Clone, Copy, Debug)]
pub struct Json<'a> {
    json: &'a str,
    /// Whether it is known to have no escapes, so that nobody need look for them.
    is_plain: bool,
}

/// Two values are equal when they are written in the same way.
impl PartialEq for Json<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.json == other.json
    }
}

impl Eq for Json<'_> {}

impl<'a> Json<'a> {
    /// JSON null.
    pub const NULL: Json<'static> = Json::of("null");

    /// Reads one JSON value, and nothing after it. A byte order mark before it is passed over. The error says where
    /// the text stops being JSON.
    pub fn parse(text: &'a str) -> Result<Json<'a>, String> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        match serde_json::from_str::<IgnoredAny>(text) {
            Ok(IgnoredAny) => Ok(Json::of(text.trim_ascii())),
            Err(err) => Err(err.to_string()),
        }
    }

    /// Its JSON text.
    pub fn json(self) -> &'a str {
        self.json
    }

    /// What kind of value it is, for a message; `None` for an object.
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
    pub fn text(self) -> Option<Cow<'a, str>> {
        match self.first() {
            b'"' => {
                let inner = self.json.get(1..self.json.len() - 1)?;
                if self.is_plain { Some(Cow::Borrowed(inner)) } else { unescape(inner) }
            }
            b'{' | b'[' | b'n' => None,
            _ => Some(Cow::Borrowed(self.json)),
        }
    }

    /// A boolean, also where it was written as text in any case (zpa-scim 3.4).
    pub fn boolean(self) -> Option<bool> {
        let text = self.text()?;
        let is = |word: &str| text.eq_ignore_ascii_case(word);
        if is("true") { Some(true) } else { is("false").then_some(false) }
    }

    /// Whether there is nothing in it: null, or a list or object without elements.
    pub fn is_empty(self) -> bool {
        let mut inner = self.json.bytes().filter(|byte| !byte.is_ascii_whitespace());
        matches!((inner.next(), inner.next()), (Some(b'n'), _) | (Some(b'['), Some(b']')) | (Some(b'{'), Some(b'}')))
    }

    /// The elements of a list; a single value counts as a list of one, null as an empty one.
    pub fn elements(self) -> impl Iterator<Item = Json<'a>> {
        match self.first() {
            b'[' => Rest { text: self.json, at: 1 },
            b'n' => Rest { text: "", at: 0 },
            _ => Rest { text: self.json, at: 0 },
        }
    }

    /// The members of an object, in order; none for any other value.
    pub fn members(self) -> impl Iterator<Item = (Cow<'a, str>, Json<'a>)> {
        let mut rest = self.inside(b'{');
        // A key that cannot be text has no name that anybody could ask for; its JSON stands for it.
        core::iter::from_fn(move || {
            let key = rest.next()?;
            Some((key.text().unwrap_or(Cow::Borrowed(key.json)), rest.next()?))
        })
    }

    /// The members of an object, each with the elements of its value where that is a list: a long list is gone through
    /// once for both.
    pub fn members_with_elements(self) -> impl Iterator<Item = (Cow<'a, str>, Json<'a>, Option<Vec<Json<'a>>>)> {
        let mut rest = self.inside(b'{');
        core::iter::from_fn(move || {
            let key = rest.next()?;
            let (value, elements) = rest.next_with_elements()?;
            Some((key.text().unwrap_or(Cow::Borrowed(key.json)), value, elements))
        })
    }

    /// The member of this name, found without regard to case (RFC 7643 section 2.1).
    pub fn member(self, name: &str) -> Option<Json<'a>> {
        self.members().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    const fn of(json: &'a str) -> Json<'a> {
        Json { json, is_plain: false }
    }

    /// What is within this bracket; nothing where the value begins with another.
    fn inside(self, bracket: u8) -> Rest<'a> {
        if self.first() == bracket { Rest { text: self.json, at: 1 } } else { Rest { text: "", at: 0 } }
    }

    fn first(self) -> u8 {
        self.json.bytes().next().unwrap_or(b'n')
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

/// What is left of a list or an object.
struct Rest<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Rest<'a> {
    /// The next value, and its elements where it is a list.
    fn next_with_elements(&mut self) -> Option<(Json<'a>, Option<Vec<Json<'a>>>)> {
        let start = self.start();
        if self.text.as_bytes().get(start) != Some(&b'[') {
            return Some((self.next()?, None));
        }
        self.at = start + 1;
        let elements = self.by_ref().collect();
        self.at += 1;
        Some((Json::of(self.text.get(start..self.at)?), Some(elements)))
    }

    /// Where the next value starts, or the list or object ends.
    fn start(&mut self) -> usize {
        let bytes = self.text.as_bytes();
        while bytes.get(self.at).is_some_and(|byte| is_between(*byte)) {
            self.at += 1;
        }
        self.at
    }
}

impl<'a> Iterator for Rest<'a> {
    type Item = Json<'a>;

    /// The next value, or key, before the end of the list or object.
    fn next(&mut self) -> Option<Json<'a>> {
        let (bytes, start) = (self.text.as_bytes(), self.start());
        let mut at = start;
        let (mut depth, mut is_plain) = (0_u32, true);
        while let Some(&byte) = bytes.get(at) {
            match byte {
                b'"' => at = after_text(bytes, at, &mut is_plain),
                b'[' | b'{' => {
                    depth += 1;
                    at += 1;
                }
                b']' | b'}' if depth == 0 => break,
                b']' | b'}' => {
                    depth -= 1;
                    at += 1;
                }
                byte if depth == 0 && is_between(byte) => break,
                _ => at += 1,
            }
            if depth == 0 && matches!(byte, b'"' | b']' | b'}') {
                break;
            }
        }
        self.at = at;
        let json = self.text.get(start..at).filter(|value| !value.is_empty())?;
        Some(Json { json, is_plain })
    }
}

/// Whether it stands between values.
#[inline(always)]
#[allow(clippy::inline_always, reason = "it is asked for every byte, and the guest's compiler inlines next to nothing")]
fn is_between(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b',' | b':')
}

/// The place after the text that starts at `at`. Most bytes of an answer are in texts, so they are looked at eight at a
/// time. A text with an escape is not a plain one.
fn after_text(bytes: &[u8], at: usize, is_plain: &mut bool) -> usize {
    let mut at = at + 1;
    loop {
        while let Some(&word) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
            let word = u64::from_le_bytes(word);
            let found = places(word, b'"') | places(word, b'\\');
            if found != 0 {
                at += found.trailing_zeros() as usize / 8;
                break;
            }
            at += 8;
        }
        match bytes.get(at) {
            Some(b'"') => return at + 1,
            Some(b'\\') => {
                *is_plain = false;
                at += 2;
            }
            Some(_) => at += 1,
            None => return at,
        }
    }
}

/// The highest bit of each byte that is this one. Of those after the first it may have too many.
#[inline(always)]
#[allow(clippy::inline_always, reason = "as above")]
fn places(word: u64, byte: u8) -> u64 {
    const LOW: u64 = u64::from_le_bytes([0x01; 8]);
    const HIGH: u64 = u64::from_le_bytes([0x80; 8]);
    let zero = word ^ (LOW * u64::from(byte));
    zero.wrapping_sub(LOW) & !zero & HIGH
}

/// The text between two quotes, borrowed where it has no escapes.
fn unescape(text: &str) -> Option<Cow<'_, str>> {
    if !text.as_bytes().contains(&b'\\') {
        return Some(Cow::Borrowed(text));
    }
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
    Some(Cow::Owned(plain))
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

    fn json(text: &str) -> Json<'_> {
        Json::parse(text).unwrap()
    }

    #[test]
    fn a_single_value_is_text_as_it_was_written() {
        assert_eq!(json(r#""a\"\u00fc\ud83d\ude00\/""#).text().as_deref(), Some("a\"ü😀/"));
        assert_eq!(json("12345678901234567890.10").text().as_deref(), Some("12345678901234567890.10"));
        assert_eq!(json("true").text().as_deref(), Some("true"));
        for text in ["null", "[]", "{}", r#""\ud800""#, r#""\ud800\u0041""#, r#""\udc00""#] {
            assert_eq!(json(text).text(), None, "{text}");
        }
    }

    #[test]
    fn names_of_members_have_no_case() {
        assert_eq!(json(r#"{"GIVENNAME":"Mara"}"#).member("givenName"), Some(json("\"Mara\"")));
    }

    #[test]
    fn empty_is_null_and_what_has_no_elements() {
        for text in ["null", "[ ]", "{\n}"] {
            assert!(json(text).is_empty(), "{text}");
        }
        for text in ["0", "false", "\"\"", "[null]"] {
            assert!(!json(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn what_is_no_json_is_refused_with_the_place() {
        let refused = |text: &str| Json::parse(text).unwrap_err();
        assert_eq!(refused("<html>"), "expected value at line 1 column 1");
        assert_eq!(refused("{\"a\":1"), "EOF while parsing an object at line 1 column 6");
        assert_eq!(refused("1 2"), "trailing characters at line 1 column 3");
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
            prop_assert_eq!(rebuilt(json(&text.unwrap())), value);
        }

        #[test]
        fn a_quoted_text_reads_back_as_itself(text: String) {
            let json_text = quoted(&text);
            prop_assert_eq!(json(&json_text).text().unwrap(), text.as_str());
            prop_assert_eq!(serde_json::from_str::<String>(&json_text).unwrap(), text);
        }

        #[test]
        fn no_text_panics(text in "[\\[\\]{}\",:\\\\u0-9a-f .-]{0,40}") {
            if let Ok(json) = Json::parse(&text) {
                let _ = (json.text(), json.boolean(), json.elements().count(), json.members().count(), json.is_empty());
            }
            let _ = format!("{:?}", unescape(&text));
        }
    }
}
