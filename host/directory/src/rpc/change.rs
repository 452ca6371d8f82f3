//! Changes as a JSON object of fields: a value sets, `null` clears.

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use std::fmt;

use crate::{Change, Value};

/// The changes of an object, in its order. A field that comes twice is refused.
#[derive(Debug)]
pub(super) struct Changes(pub(super) Vec<Change>);

impl<'de> Deserialize<'de> for Changes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Changes, D::Error> {
        deserializer.deserialize_map(ChangesVisitor)
    }
}

struct ChangesVisitor;

impl<'de> Visitor<'de> for ChangesVisitor {
    type Value = Changes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of fields to set, and of `null` for those to clear")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Changes, A::Error> {
        let mut changes: Vec<Change> = Vec::new();
        while let Some((field, json)) = map.next_entry::<String, serde_json::Value>()? {
            if changes.iter().any(|change| change.field == field) {
                return Err(A::Error::custom(format!("the field `{field}` comes twice")));
            }
            let refused = || A::Error::custom(format!("the field `{field}` has a value that no field can have"));
            let value = match json {
                serde_json::Value::Null => None,
                json => Some(Value::from_json(&field, json).ok_or_else(refused)?),
            };
            changes.push(Change { field, value });
        }
        Ok(Changes(changes))
    }
}
