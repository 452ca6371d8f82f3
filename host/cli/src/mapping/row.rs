//! A field of the mapping, and what it reads out of a sample.

use std::borrow::Cow;
use std::io::Write;

use portcullis_directory::{Field, Group, Json, User};
use serde::Serialize;

use crate::record::{self, Column, Record};
use crate::screen::{Screen, plain};

/// A field as it is in force.
#[derive(Debug, Serialize)]
pub(crate) struct MappedField {
    /// `user` or `group`.
    pub(crate) resource: String,
    name: String,
    r#type: String,
    read: Vec<String>,
    write: Option<String>,
    clear: Option<String>,
    source: String,
    /// What it reads out of the sample; `None` where it reads nothing, or there is no sample.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Json>,
}

impl From<&Field> for MappedField {
    fn from(field: &Field) -> MappedField {
        MappedField {
            resource: field.resource.clone(),
            name: field.name.clone(),
            r#type: field.r#type.clone(),
            read: field.read.clone(),
            write: field.write.clone(),
            clear: field.clear.clone(),
            source: field.source.clone(),
            value: None,
        }
    }
}

impl MappedField {
    /// Prints it in a block of lines, for paths are long.
    pub(crate) fn print(&self, has_sample: bool, screen: &mut Screen<'_>) -> anyhow::Result<()> {
        writeln!(screen.out(), "{} ({})", plain(&self.name), plain(&self.r#type))?;
        let none = "nothing";
        let lines = [
            ("reads", Cow::Owned(self.read.join(", or "))),
            ("writes", Cow::Borrowed(self.write.as_deref().unwrap_or(none))),
            ("clears", Cow::Borrowed(self.clear.as_deref().unwrap_or(none))),
            ("from", Cow::Borrowed(&*self.source)),
        ];
        for (word, text) in lines {
            writeln!(screen.out(), "  {word:7}{}", plain(&text))?;
        }
        if has_sample {
            writeln!(screen.out(), "  {:7}{}", "sample", plain(self.value.as_ref().map_or(none, Json::as_str)))?;
        }
        Ok(())
    }
}

/// What a record has: its fields by name, and then its extras.
#[derive(Debug)]
pub(crate) struct Values {
    fields: serde_json::Value,
    extras: Vec<(String, Json)>,
}

impl From<User> for Values {
    fn from(user: User) -> Values {
        Values::new(User { extras: Vec::new(), ..user.clone() }, user.extras)
    }
}

impl From<Group> for Values {
    fn from(group: Group) -> Values {
        Values::new(Group { extras: Vec::new(), ..group.clone() }, group.extras)
    }
}

impl Values {
    fn new(record: impl Serialize, extras: Vec<(String, Json)>) -> Values {
        Values { fields: serde_json::to_value(record).unwrap_or_default(), extras }
    }
}

/// Gives the rows of this kind of object their values, and returns the extras that no row reads.
pub(crate) fn fill(rows: &mut [MappedField], resource: &str, values: Values) -> Vec<(String, Json)> {
    let Values { fields, mut extras } = values;
    for row in rows.iter_mut().filter(|row| row.resource == resource) {
        let field = fields.get(&row.name).filter(|value| value.as_array().is_none_or(|rows| !rows.is_empty()));
        let extra = extras.iter().position(|(name, _)| *name == row.name);
        row.value = match extra {
            Some(place) => Some(extras.remove(place).1),
            None => field.map(|value| Json::from_text(&value.to_string())),
        };
    }
    extras
}

impl Record for MappedField {
    const NOUN: &'static str = "field";
    const FIELDS: &'static [record::Field<MappedField>] = &[
        record::Field { name: "resource", text: |row| Cow::Borrowed(&row.resource) },
        record::Field { name: "name", text: |row| Cow::Borrowed(&row.name) },
        record::Field { name: "type", text: |row| Cow::Borrowed(&row.r#type) },
        record::Field { name: "read", text: |row| Cow::Owned(row.read.join(";")) },
        record::Field { name: "write", text: |row| Cow::Borrowed(row.write.as_deref().unwrap_or_default()) },
        record::Field { name: "clear", text: |row| Cow::Borrowed(row.clear.as_deref().unwrap_or_default()) },
        record::Field { name: "source", text: |row| Cow::Borrowed(&row.source) },
        record::Field { name: "value", text: |row| Cow::Borrowed(row.value.as_ref().map_or("", Json::as_str)) },
    ];
    const COLUMNS: &'static [Column] = &[];
}
