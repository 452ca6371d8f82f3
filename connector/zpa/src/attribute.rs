//! Attribute paths of RFC 7644 section 3.10: `displayName`, `name.givenName`, `emails[type eq "work"].value`,
//! `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department`.
//!
//! The one parser of such paths, for reading, writing and settings. A value filter is a single `eq` on one
//! sub-attribute, which is all that the mapping needs and all that ZPA documents (zpa-scim 7).

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;

use crate::tape::Tape;

/// A parsed attribute path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// URN of the schema extension that holds the attribute; `None` for the core schema.
    pub schema: Option<String>,
    /// The attribute.
    pub attribute: String,
    /// Which elements of a multi-valued attribute are meant; `None` for all.
    pub filter: Option<ValueFilter>,
    /// The sub-attribute, where one is meant.
    pub sub: Option<String>,
}

/// `[attribute eq value]` in a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueFilter {
    /// The sub-attribute that is compared.
    pub attribute: String,
    /// What it is compared with, as JSON text: a string, a number, `true` or `false`.
    pub value: String,
}

/// Why a text is no path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathError {
    /// Byte offset at which it stops being one.
    pub position: usize,
    /// What is wrong there.
    pub reason: &'static str,
}

/// The core schemas, whose attributes stand at the root of a resource (RFC 7643 section 4).
const CORE: [&str; 2] = ["urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:core:2.0:Group"];

impl Path {
    /// Parses a path.
    pub fn parse(text: &str) -> Result<Path, PathError> {
        let (schema, start) = split_schema(text);
        let mut rest = Rest { text, at: start };
        let attribute = rest.name()?;
        let filter = if rest.take('[') { Some(value_filter(&mut rest)?) } else { None };
        let sub = if rest.take('.') { Some(rest.name()?) } else { None };
        if rest.at < text.len() {
            return Err(rest.error("expected `.`, `[` or the end"));
        }
        let schema = schema.filter(|urn| !CORE.iter().any(|core| core.eq_ignore_ascii_case(urn)));
        Ok(Path { schema: schema.map(str::to_owned), attribute, filter, sub })
    }

    /// The attribute as a whole, whatever part of it the path means.
    #[must_use]
    pub fn whole(&self) -> Path {
        Path { filter: None, sub: None, ..self.clone() }
    }

    /// Whether the two name the same attribute of the same schema.
    pub fn is_of_attribute(&self, other: &Path) -> bool {
        let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
        let schemas = match (&self.schema, &other.schema) {
            (Some(a), Some(b)) => same(a, b),
            (a, b) => a.is_none() && b.is_none(),
        };
        schemas && same(&self.attribute, &other.attribute)
    }

    /// Whether a value at one of the two is, or is part of, a value at the other. An attribute is one object or a list
    /// of elements, so a path with a filter is not apart from one without.
    pub fn overlaps(&self, other: &Path) -> bool {
        let subs = || match (&self.sub, &other.sub) {
            (Some(a), Some(b)) if self.filter.is_some() == other.filter.is_some() => a.eq_ignore_ascii_case(b),
            _ => true,
        };
        self.is_of_attribute(other) && subs() && self.agreement(other) != Some(false)
    }

    /// Whether the two mean parts of one element of a list.
    pub fn is_of_element(&self, other: &Path) -> bool {
        self.is_of_attribute(other) && self.agreement(other) == Some(true)
    }

    /// Whether the filters choose the same elements; `None` where they look at different things, so that an element may
    /// be meant by both.
    fn agreement(&self, other: &Path) -> Option<bool> {
        let (a, b) = self.filter.as_ref().zip(other.filter.as_ref())?;
        let values = Tape::read(&a.value).ok().zip(Tape::read(&b.value).ok());
        let texts = values.as_ref().and_then(|(a, b)| a.root().text().zip(b.root().text()));
        // Elements are chosen without regard to case as well.
        let is_same = texts.is_some_and(|(a, b)| a.eq_ignore_ascii_case(&b));
        a.attribute.eq_ignore_ascii_case(&b.attribute).then_some(is_same)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(schema) = &self.schema {
            write!(f, "{schema}:")?;
        }
        f.write_str(&self.attribute)?;
        if let Some(ValueFilter { attribute, value }) = &self.filter {
            write!(f, "[{attribute} eq {value}]")?;
        }
        if let Some(sub) = &self.sub {
            write!(f, ".{sub}")?;
        }
        Ok(())
    }
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at position {}", self.reason, self.position)
    }
}

/// Splits off the schema URN: all before the last colon that stands outside a value filter. `urn` alone is none, but the
/// name of an attribute.
fn split_schema(text: &str) -> (Option<&str>, usize) {
    let is_urn = text.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("urn:"));
    let path = text.split('[').next().unwrap_or(text);
    match path.rsplit_once(':') {
        Some((schema, _)) if is_urn && schema.contains(':') => (Some(schema), schema.len() + 1),
        _ => (None, 0),
    }
}

fn value_filter(rest: &mut Rest<'_>) -> Result<ValueFilter, PathError> {
    let attribute = rest.name()?;
    rest.spaces()?;
    if !rest.tail().get(..2).is_some_and(|word| word.eq_ignore_ascii_case("eq")) {
        return Err(rest.error("expected the operator `eq`"));
    }
    rest.at += 2;
    rest.spaces()?;
    let length = value_length(rest.tail());
    let value = rest.tail().get(..length).and_then(|value| Tape::read(value).ok());
    let Some(value) = value.filter(|value| value.root().text().is_some()) else {
        return Err(rest.error("expected a JSON string, number or boolean"));
    };
    rest.at += length;
    if !rest.take(']') {
        return Err(rest.error("expected `]`"));
    }
    Ok(ValueFilter { attribute, value: value.root().json().to_owned() })
}

/// The length of the value that a text starts with: a text up to its closing quote, anything else up to the bracket.
fn value_length(text: &str) -> usize {
    let mut escaped = false;
    let end = text.char_indices().skip(1).find(|&(_, c)| {
        let ends = if text.starts_with('"') { c == '"' && !escaped } else { c == ']' };
        escaped = c == '\\' && !escaped;
        ends
    });
    match end {
        Some((at, '"')) => at + 1,
        Some((at, _)) => at,
        None => text.len(),
    }
}

/// What is left to parse.
struct Rest<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Rest<'a> {
    fn tail(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn take(&mut self, wanted: char) -> bool {
        let found = self.tail().starts_with(wanted);
        self.at += usize::from(found) * wanted.len_utf8();
        found
    }

    fn spaces(&mut self) -> Result<(), PathError> {
        let length = self.tail().len() - self.tail().trim_start_matches(' ').len();
        self.at += length;
        if length == 0 { Err(self.error("expected a space")) } else { Ok(()) }
    }

    /// An attribute name of RFC 7643 section 2.1, or one that starts with `$`, as `$ref` does.
    fn name(&mut self) -> Result<String, PathError> {
        let tail = self.tail();
        let part_of_name = |(at, c): (usize, char)| match c {
            'a'..='z' | 'A'..='Z' => true,
            '$' => at == 0,
            '0'..='9' | '-' | '_' => at > 0,
            _ => false,
        };
        let length = tail.char_indices().find(|&found| !part_of_name(found)).map_or(tail.len(), |(at, _)| at);
        if length == 0 {
            return Err(self.error("expected an attribute name"));
        }
        self.at += length;
        Ok(tail.get(..length).unwrap_or_default().to_owned())
    }

    fn error(&self, reason: &'static str) -> PathError {
        PathError { position: self.at, reason }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::prelude::v1::*;

    #[test]
    fn every_form_of_the_rfc_that_the_mapping_needs_is_read_and_written_back() {
        for text in [
            "displayName",
            "name.givenName",
            "emails.value",
            "emails[type eq \"work\"].value",
            "members[value eq \"2819c223-7f76-453a-919d-413861904646\"]",
            "addresses[primary eq true]",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.displayName",
            "urn:example:2.0:X:a[b eq \"]:.\"].c",
            "$ref",
        ] {
            assert_eq!(Path::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_core_schema_urn_means_the_root_of_the_resource() {
        let path = Path::parse("urn:ietf:params:scim:schemas:core:2.0:User:name.givenName").unwrap();
        assert_eq!(path, Path::parse("name.givenName").unwrap());
    }

    #[test]
    fn a_text_that_is_no_path_is_refused_with_the_position() {
        let refused = |text: &str| Path::parse(text).unwrap_err().to_string();
        assert_eq!(refused(""), "expected an attribute name at position 0");
        assert_eq!(refused("name."), "expected an attribute name at position 5");
        assert_eq!(refused("name.given name"), "expected `.`, `[` or the end at position 10");
        assert_eq!(refused("emails[type co \"work\"]"), "expected the operator `eq` at position 12");
        assert_eq!(refused("emails[type eq work]"), "expected a JSON string, number or boolean at position 15");
        assert_eq!(refused("emails[type eq \"work\""), "expected `]` at position 21");
        assert_eq!(refused("urn:example:2.0:X:"), "expected an attribute name at position 18");
        assert_eq!(refused("9lives"), "expected an attribute name at position 0");
        // As a schema it would be one key with the attribute `urn`.
        assert_eq!(refused("urn:x"), "expected `.`, `[` or the end at position 3");
    }

    #[test]
    fn paths_are_apart_only_where_no_value_can_be_at_both() {
        let overlap = |a: &str, b: &str| {
            let (a, b) = (Path::parse(a).unwrap(), Path::parse(b).unwrap());
            assert_eq!(a.overlaps(&b), b.overlaps(&a));
            a.overlaps(&b)
        };
        assert!(!overlap("name.givenName", "name.familyName"));
        assert!(!overlap("tags[type eq \"a\"].value", "tags[type eq \"b\"].value"));
        assert!(!overlap("tags[type eq \"a\"].value", "tags[type eq \"a\"].display"));
        assert!(overlap("name", "NAME.givenName"));
        assert!(overlap("tags[type eq \"a\"].value", "tags[TYPE eq \"\\u0041\"].value"));
        assert!(overlap("tags[type eq \"a\"].value", "tags[primary eq true].value"));
        assert!(overlap("tags[type eq \"a\"].value", "tags.display"));
    }

    proptest! {
        #[test]
        fn no_text_panics_the_parser(text in ".{0,60}") {
            let _ = Path::parse(&text);
        }

        #[test]
        fn a_path_reads_back_as_itself(
            schema in proptest::option::of("urn:[a-z]{1,5}:2\\.0:[A-Z]"),
            attribute in "[a-z][A-Za-z0-9_-]{0,8}",
            filter in proptest::option::of(("[a-z]{1,5}", ".{0,10}")),
            sub in proptest::option::of("[a-z]{1,5}"),
        ) {
            let filter = filter.map(|(attribute, value)| ValueFilter {
                attribute,
                value: serde_json::to_string(&value).unwrap(),
            });
            let path = Path { schema, attribute, filter, sub };
            prop_assert_eq!(Path::parse(&path.to_string()), Ok(path));
        }
    }
}
