//! The JSON form of `extras`: an object whose members keep their order. Never drops a member, not even a repeated one.

use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserializer, Serializer};

use crate::Json;

pub(crate) fn serialize<S: Serializer>(extras: &[(String, Json)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(extras.iter().map(|(name, value)| (name, value)))
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<(String, Json)>, D::Error> {
    deserializer.deserialize_map(Extras)
}

struct Extras;

impl<'de> Visitor<'de> for Extras {
    type Value = Vec<(String, Json)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of extra fields")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut extras = Vec::new();
        while let Some(extra) = map.next_entry()? {
            extras.push(extra);
        }
        Ok(extras)
    }
}
