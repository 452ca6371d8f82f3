//! One record as it came over the wire: the attributes that the layout knows, and the rest, all borrowed.
//!
//! Decoding is total: a row of any shape decodes, one that is no object to a description of what it is, so that one
//! bad row never hides a page.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::json::Json;
use crate::layout::{Layout, Place};

/// A decoded record.
#[derive(Debug)]
pub struct Row<'a> {
    /// The values that the layout keeps.
    pub slots: Vec<Option<Json<'a>>>,
    /// What the layout does not know, as pairs of vendor path and value.
    pub rest: Vec<(String, Json<'a>)>,
}

impl<'a> Row<'a> {
    /// Sorts the attributes of a record. The error says what it is instead of one.
    pub fn decode(json: Json<'a>, layout: &Layout) -> Result<Row<'a>, String> {
        if let Some(other) = json.other_than_object() {
            return Err(format!("it is {other} and not an object"));
        }
        let mut row = Row { slots: vec![None; layout.slots.len()], rest: Vec::new() };
        row.sort(json, 0, layout);
        Ok(row)
    }

    /// Sorts the members of an object that the layout looks into.
    fn sort(&mut self, json: Json<'a>, level: usize, layout: &Layout) {
        let Some(level) = layout.level(level) else { return };
        let path = |member: Json<'_>| format!("{}{}", level.prefix, member.key());
        for value in json.values() {
            match level.place(value) {
                Some(Place::Slot(slot)) => {
                    let place = self.slots.get_mut(slot);
                    let before = place.and_then(|place| place.replace(value));
                    // A name that comes twice has two values; the last is taken, as most readers do.
                    if let Some(before) = before.filter(|before| *before != value && !before.is_empty()) {
                        self.rest.push((path(value), before));
                    }
                }
                Some(Place::Level(inner)) if value.other_than_object().is_none() => self.sort(value, inner, layout),
                _ if value.is_empty() => {}
                _ => self.rest.push((path(value), value)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::{Mapping, Resource};
    use crate::settings::Quirks;
    use crate::tape::Tape;
    use proptest::prelude::*;
    use std::prelude::v1::*;

    fn layout() -> Layout {
        Layout::new(&Mapping::standard(Resource::User, &Quirks::default()))
    }

    #[test]
    fn what_the_layout_does_not_know_is_kept_byte_for_byte() {
        let text = r#"{"locale":"de","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":
            {"employeeNumber": 12345678901234567890123, "department":"IT"},"urn:x:1":{ "a" : 1.50 },"none":null}"#;
        let tape = Tape::read(text).unwrap();
        let row = Row::decode(tape.root(), &layout()).unwrap();
        let rest: Vec<_> = row.rest.iter().map(|(path, value)| (path.as_str(), value.json())).collect();
        assert_eq!(
            rest,
            [
                ("locale", r#""de""#),
                (
                    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber",
                    "12345678901234567890123"
                ),
                ("urn:x:1", r#"{ "a" : 1.50 }"#),
            ]
        );
    }

    #[test]
    fn a_row_that_is_no_object_is_described() {
        for (text, what) in [("[1,{}]", "a list"), ("null", "null"), ("-1", "a number"), ("\"x\"", "a text")] {
            let err = Row::decode(Tape::read(text).unwrap().root(), &layout()).unwrap_err();
            assert_eq!(err, format!("it is {what} and not an object"));
        }
    }

    proptest! {
        #[test]
        fn no_text_panics_the_decoder(text in ".{0,200}") {
            if let Ok(tape) = Tape::read(&text) {
                let _ = Row::decode(tape.root(), &layout());
            }
        }
    }
}
