//! The mapping, laid out for reading: which attributes of a record are worth decoding, and where each field finds its
//! value among them. One layout serves all rows of a page.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::attribute::{Path, ValueFilter};
use crate::mapping::{Kind, Mapping, Resource, Unified};

/// A mapping, ready for reading.
#[derive(Debug)]
pub struct Layout {
    /// What is read.
    pub resource: Resource,
    /// The attributes that fields read, or that are ignored; their place is the slot of [`crate::row::Row`].
    pub attributes: Vec<Attribute>,
    /// URNs of the extensions that those attributes stand in.
    pub schemas: Vec<String>,
    /// The fields, in the order of the mapping.
    pub fields: Vec<Field>,
}

/// An attribute that the layout knows.
#[derive(Debug)]
pub struct Attribute {
    /// Place of the extension in [`Layout::schemas`]; `None` at the root.
    pub schema: Option<usize>,
    /// The name.
    pub name: String,
    /// Whether single sub-attributes are read, so that what is left of it must be looked for.
    pub is_complex: bool,
    /// The sub-attributes that fields read or that are ignored.
    pub subs: Vec<String>,
}

/// A field, and where it is read.
#[derive(Debug)]
pub struct Field {
    /// The field of the contract.
    pub field: Unified,
    /// What its values are.
    pub kind: Kind,
    /// Where it is read; the first that has a value wins.
    pub reads: Vec<Read>,
    /// The value map.
    pub values: Vec<(String, String)>,
}

/// One place of a field.
#[derive(Debug)]
pub struct Read {
    /// The attribute's slot.
    pub slot: usize,
    /// Which elements are meant.
    pub filter: Option<ValueFilter>,
    /// The sub-attribute.
    pub sub: Option<String>,
}

impl Layout {
    /// Lays a mapping out.
    pub fn new(mapping: &Mapping) -> Layout {
        let mut layout =
            Layout { resource: mapping.resource, attributes: Vec::new(), schemas: Vec::new(), fields: Vec::new() };
        for row in &mapping.rows {
            let single = matches!(row.kind, Kind::Text | Kind::Status);
            let reads = row.read.iter().map(|path| layout.read(path, single)).collect();
            let field = Field { field: row.field, kind: row.kind, reads, values: row.values.clone() };
            layout.fields.push(field);
        }
        for path in mapping.resource.ignored().iter().filter_map(|path| Path::parse(path).ok()) {
            layout.read(&path, true);
        }
        layout
    }

    /// The slot of an attribute, found without regard to case (RFC 7643 section 2.1).
    pub fn slot(&self, schema: Option<usize>, name: &str) -> Option<usize> {
        // Vendors keep to the case of the standard, so look for that first.
        let place = |same: fn(&str, &str) -> bool| {
            self.attributes.iter().position(|known| known.schema == schema && same(&known.name, name))
        };
        place(|a, b| a == b).or_else(|| place(str::eq_ignore_ascii_case))
    }

    /// The path of an attribute, for a value that no field takes.
    pub fn path(&self, schema: Option<usize>, name: &str) -> String {
        match schema.and_then(|place| self.schemas.get(place)) {
            Some(schema) => format!("{schema}:{name}"),
            None => name.to_owned(),
        }
    }

    fn read(&mut self, path: &Path, single: bool) -> Read {
        let schema = path.schema.as_ref().map(|urn| {
            self.schemas.iter().position(|known| known.eq_ignore_ascii_case(urn)).unwrap_or_else(|| {
                self.schemas.push(urn.clone());
                self.schemas.len() - 1
            })
        });
        let slot = self.slot(schema, &path.attribute).unwrap_or_else(|| {
            self.attributes.push(Attribute {
                schema,
                name: path.attribute.clone(),
                is_complex: false,
                subs: Vec::new(),
            });
            self.attributes.len() - 1
        });
        if let (Some(sub), Some(attribute)) = (&path.sub, self.attributes.get_mut(slot)) {
            attribute.is_complex |= single;
            attribute.subs.push(sub.clone());
        }
        Read { slot, filter: path.filter.clone(), sub: path.sub.clone() }
    }
}
