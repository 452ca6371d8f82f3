//! A JSON value as the text it came in. What is in it is read when it is asked for, and what nobody asks for is kept
//! byte for byte, numbers of any length included.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A well-formed JSON value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Json<'a>(&'a str);

impl<'a> Json<'a> {
    /// JSON null.
    pub const NULL: Json<'static> = Json("null");

    /// Reads one JSON value, and nothing after it.
    pub fn parse(text: &'a str) -> Result<Json<'a>, serde_json::Error> {
        serde_json::from_str::<&RawValue>(text).map(Json::from)
    }

    /// Reads the members of one JSON object, and nothing after it, in one go.
    pub fn of_object(text: &'a str) -> Result<Vec<(Cow<'a, str>, Json<'a>)>, serde_json::Error> {
        serde_json::from_str(text).map(|Members(members)| members)
    }

    /// Its JSON text.
    pub fn json(self) -> &'a str {
        self.0
    }

    /// What kind of value it is, for a message; `None` for an object.
    pub fn other_than_object(self) -> Option<&'static str> {
        Some(match self.0.bytes().next() {
            Some(b'{') => return None,
            Some(b'[') => "a list",
            Some(b'"') => "a text",
            Some(b't' | b'f') => "a boolean",
            Some(b'n') | None => "null",
            Some(_) => "a number",
        })
    }

    /// A single value as text: numbers and booleans as they were written. `None` for null, lists, objects, and texts
    /// that cannot be (a lone half of a surrogate pair).
    pub fn text(self) -> Option<Cow<'a, str>> {
        match self.0.bytes().next()? {
            b'"' => match self.0.get(1..self.0.len() - 1)? {
                plain if !plain.contains('\\') => Some(Cow::Borrowed(plain)),
                _ => serde_json::from_str(self.0).ok().map(Cow::Owned),
            },
            b'{' | b'[' | b'n' => None,
            _ => Some(Cow::Borrowed(self.0)),
        }
    }

    /// A boolean, also where it was written as text in any case (zpa-scim 3.4).
    pub fn boolean(self) -> Option<bool> {
        let text = self.text()?;
        let is = |word: &str| text.eq_ignore_ascii_case(word);
        if is("true") {
            Some(true)
        } else {
            is("false").then_some(false)
        }
    }

    /// Whether there is nothing in it: null, or a list or object without elements.
    pub fn is_empty(self) -> bool {
        let mut inner = self.0.bytes().filter(|byte| !byte.is_ascii_whitespace());
        matches!(
            (inner.next(), inner.next()),
            (Some(b'n'), _) | (Some(b'['), Some(b']')) | (Some(b'{'), Some(b'}'))
        )
    }

    /// The elements of a list; a single value counts as a list of one, null as an empty one.
    pub fn elements(self) -> Vec<Json<'a>> {
        match self.0.bytes().next() {
            Some(b'[') => {
                let elements: Vec<&RawValue> = serde_json::from_str(self.0).unwrap_or_default();
                elements.into_iter().map(Json::from).collect()
            }
            Some(b'n') => Vec::new(),
            _ => vec![self],
        }
    }

    /// The members of an object, in order; none for any other value.
    pub fn members(self) -> Vec<(Cow<'a, str>, Json<'a>)> {
        match self.0.bytes().next() {
            Some(b'{') => Json::of_object(self.0).unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    /// The member of this name, found without regard to case (RFC 7643 section 2.1).
    pub fn member(self, name: &str) -> Option<Json<'a>> {
        self.members()
            .into_iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }
}

impl<'a> From<&'a RawValue> for Json<'a> {
    fn from(raw: &'a RawValue) -> Self {
        Json(raw.get())
    }
}

/// A text as JSON, with its quotes.
pub fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

/// The members of an object.
struct Members<'a>(Vec<(Cow<'a, str>, Json<'a>)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;

        impl<'de> Visitor<'de> for MembersVisitor {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((Key(key), value)) = map.next_entry::<Key<'de>, &'de RawValue>()? {
                    members.push((key, Json::from(value)));
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(MembersVisitor)
    }
}

/// A key of an object, borrowed where it has no escapes.
struct Key<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Key<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;

        impl<'de> Visitor<'de> for KeyVisitor {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Borrowed(value)))
            }

            fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Owned(value.to_owned())))
            }
        }

        deserializer.deserialize_str(KeyVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn json(text: &str) -> Json<'_> {
        Json::parse(text).unwrap()
    }

    #[test]
    fn a_single_value_is_text_as_it_was_written() {
        assert_eq!(json(r#""a\"\u00fc""#).text().as_deref(), Some("a\"ü"));
        assert_eq!(
            json("12345678901234567890.10").text().as_deref(),
            Some("12345678901234567890.10")
        );
        assert_eq!(json("true").text().as_deref(), Some("true"));
        for text in ["null", "[]", "{}", r#""\ud800""#] {
            assert_eq!(json(text).text(), None, "{text}");
        }
    }

    #[test]
    fn names_of_members_have_no_case() {
        assert_eq!(
            json(r#"{"GIVENNAME":"Mara"}"#).member("givenName"),
            Some(json("\"Mara\""))
        );
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

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,60}") {
            if let Ok(json) = Json::parse(&text) {
                let _ = (json.text(), json.boolean(), json.elements(), json.members(), json.is_empty());
            }
        }
    }
}
