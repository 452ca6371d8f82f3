//! JSON of someone else, kept as the text it came in. Never re-formats it, and never refuses it.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

/// One JSON value as text: numbers keep their digits, objects their order, and nothing is re-formatted.
///
/// Two values are equal when their bytes are. The text may span lines, which whoever writes a value a line must mend;
/// a line break can only stand between tokens.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Json(Box<RawValue>);

impl Json {
    /// The value that this text spells, without white space around it. Text that is not JSON becomes a JSON string: a
    /// connector that lies about its JSON must not cost the object around it.
    pub fn from_text(text: &str) -> Self {
        let raw = match serde_json::from_str::<&RawValue>(text) {
            Ok(raw) => raw.to_owned(),
            Err(_) => serde_json::value::to_raw_value(text).unwrap_or_else(|_| RawValue::NULL.to_owned()),
        };
        Self(raw)
    }

    /// The value as JSON text.
    pub fn as_str(&self) -> &str {
        self.0.get()
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Json {}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Reads a member that is there: `null` is then the value `null`, where `Option` alone would take it for absence.
pub(crate) fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Json>, D::Error> {
    Json::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn digits_order_and_spacing_are_kept() {
        let text = r#"{"b": 1.10,  "a":123456789012345678901234567890, "a":1e2}"#;
        assert_eq!(Json::from_text(text).as_str(), text);
    }

    #[test]
    fn white_space_around_a_value_is_no_part_of_it() {
        assert_eq!(Json::from_text(" \n[1]\t").as_str(), "[1]");
    }

    #[test]
    fn text_that_is_not_json_becomes_a_string() {
        for (text, expected) in [
            ("", r#""""#),
            ("{\"id\":", r#""{\"id\":""#),
            ("NaN", r#""NaN""#),
            ("1 2", r#""1 2""#),
            ("\u{0}", r#""\u0000""#),
        ] {
            assert_eq!(Json::from_text(text).as_str(), expected);
        }
    }

    #[test]
    fn deep_nesting_is_no_danger() {
        let text = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(Json::from_text(&text).as_str(), text);
        let open = "[".repeat(100_000);
        assert_eq!(Json::from_text(&open).as_str(), format!("\"{open}\""));
    }

    proptest! {
        #[test]
        fn any_text_becomes_json(text in ".*") {
            let json = Json::from_text(&text);
            prop_assert!(serde_json::from_str::<serde::de::IgnoredAny>(json.as_str()).is_ok());
        }

        #[test]
        fn json_survives_a_round_trip(text in ".*") {
            let json = Json::from_text(&text);
            let written = serde_json::to_string(&json).unwrap();
            prop_assert_eq!(&written, json.as_str());
            prop_assert_eq!(serde_json::from_str::<Json>(&written).unwrap(), json);
        }
    }
}
