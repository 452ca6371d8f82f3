//! The mapping, laid out for reading: which attributes of a record are worth keeping, and where each field finds its
//! value among them. One layout serves all rows of a page.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::cell::Cell;

use crate::attribute::{Path, ValueFilter};
use crate::json::Json;
use crate::mapping::{Mapping, Resource, Row};
use crate::unified::{self, Kind};

/// A mapping, ready for reading.
#[derive(Debug)]
pub struct Layout {
    /// What is read.
    pub resource: Resource,
    /// The fields, in the order of the mapping.
    pub fields: Vec<Field>,
    /// The values of a record that are kept.
    pub slots: Vec<Slot>,
    /// The objects that are looked into; the first is the record itself.
    levels: Vec<Level>,
}

/// A value that is kept.
#[derive(Debug)]
pub struct Slot {
    /// Its path, for the extras.
    pub path: String,
    /// Whether fields read only parts of it, so that the rest of it is to be kept, too.
    pub is_partial: bool,
}

/// An object that is looked into: the record, an extension in it, or a complex attribute.
#[derive(Debug)]
pub struct Level {
    /// What stands before a name in a path: nothing, the URN and a colon, or the attribute and a dot.
    pub prefix: String,
    names: Vec<Name>,
    /// The name that was found last.
    last: Cell<usize>,
}

/// A name that is known in an object.
#[derive(Debug)]
struct Name {
    text: String,
    place: Place,
    /// The name that came after it in the record before: a vendor writes all of them in one order.
    after: Cell<usize>,
}

/// What becomes of a member.
#[derive(Clone, Copy, Debug)]
pub enum Place {
    /// It is kept in this slot of [`crate::row::Row`].
    Slot(usize),
    /// It is looked into.
    Level(usize),
}

/// A field, and where it is read.
#[derive(Debug)]
pub struct Field {
    /// The field.
    pub field: unified::Field,
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
    /// Where the value is kept.
    pub slot: usize,
    /// Its path, for the extras.
    pub path: String,
    /// Which elements of it are meant.
    pub filter: Option<ValueFilter>,
    /// What of an element is meant.
    pub sub: Option<String>,
    /// Whether it only says again what another place has said.
    pub is_echo: bool,
}

impl Layout {
    /// Lays a mapping out.
    pub fn new(mapping: &Mapping) -> Layout {
        let record = Level { prefix: String::new(), names: Vec::new(), last: Cell::new(0) };
        let mut layout =
            Layout { resource: mapping.resource, fields: Vec::new(), slots: Vec::new(), levels: vec![record] };
        for row in &mapping.rows {
            let mut reads: Vec<_> = row.read.iter().map(|path| layout.read(path, mapping, row.kind)).collect();
            let echo = row.echo.iter().map(|path| Read { is_echo: true, ..layout.read(path, mapping, row.kind) });
            reads.extend(echo);
            let field = Field { field: row.field.clone(), kind: row.kind, reads, values: row.values.clone() };
            layout.fields.push(field);
        }
        for path in mapping.resource.ignored().iter().filter_map(|path| Path::parse(path).ok()) {
            layout.read(&path, mapping, Kind::Text);
        }
        layout
    }

    /// An object that is looked into.
    pub fn level(&self, level: usize) -> Option<&Level> {
        self.levels.get(level)
    }

    fn read(&mut self, path: &Path, mapping: &Mapping, kind: Kind) -> Read {
        let Path { schema, attribute, filter, sub } = path;
        let mut level = match schema {
            Some(urn) => self.enter(0, urn, ':'),
            None => 0,
        };
        // An attribute of which only sub-attributes are read is looked into once, for all of them.
        let (name, sub) = match sub {
            Some(name) if !mapping.rows.iter().any(|row| takes_whole(row, path)) => {
                level = self.enter(level, attribute, '.');
                (name, None)
            }
            sub => (attribute, sub.clone()),
        };
        let known = self.levels.get(level).and_then(|level| level.named(name));
        let prefix = self.levels.get(level).map(|level| level.prefix.as_str()).unwrap_or_default();
        let whole = format!("{prefix}{name}");
        let path = match &sub {
            Some(sub) if !kind.is_list() => format!("{whole}.{sub}"),
            _ => whole.clone(),
        };
        let is_partial = filter.is_some() || (sub.is_some() && !kind.is_list());
        let slot = if let Some(Place::Slot(slot)) = known {
            if let Some(slot) = self.slots.get_mut(slot) {
                slot.is_partial &= is_partial;
            }
            slot
        } else {
            self.put(level, name, Place::Slot(self.slots.len()));
            self.slots.push(Slot { path: whole, is_partial });
            self.slots.len() - 1
        };
        Read { slot, path, filter: filter.clone(), sub, is_echo: false }
    }

    /// The level of this name in another one, made where it is new.
    fn enter(&mut self, outer: usize, name: &str, separator: char) -> usize {
        let Some(level) = self.levels.get(outer) else { return outer };
        if let Some(Place::Level(inner)) = level.named(name) {
            return inner;
        }
        let prefix = format!("{}{name}{separator}", level.prefix);
        let inner = self.levels.len();
        self.levels.push(Level { prefix, names: Vec::new(), last: Cell::new(0) });
        self.put(outer, name, Place::Level(inner));
        inner
    }

    fn put(&mut self, level: usize, name: &str, place: Place) {
        if let Some(level) = self.levels.get_mut(level) {
            level.names.push(Name { text: name.to_owned(), place, after: Cell::new(0) });
        }
    }
}

impl Level {
    fn named(&self, name: &str) -> Option<Place> {
        self.names.iter().find(|known| known.text.eq_ignore_ascii_case(name)).map(|known| known.place)
    }

    /// What becomes of a member.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "it is asked of every member, and the guest's compiler inlines little")]
    pub fn place(&self, member: Json<'_>) -> Option<Place> {
        let last = self.names.get(self.last.get())?;
        let mut at = last.after.get();
        if !member.is_named(&self.names.get(at)?.text) {
            at = self.names.iter().position(|known| member.is_named(&known.text))?;
            last.after.set(at);
        }
        self.last.set(at);
        self.names.get(at).map(|known| known.place)
    }
}

/// Whether a row reads the attribute of this path as a whole: as a list, by a filter, or without a sub-attribute.
fn takes_whole(row: &Row, path: &Path) -> bool {
    row.read
        .iter()
        .filter(|other| other.is_of_attribute(path))
        .any(|other| row.kind.is_list() || other.filter.is_some() || other.sub.is_none())
}
