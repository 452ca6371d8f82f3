//! The field mapping: which field stands where in a ZPA record. It is data: the vendor's table, and what an account's
//! settings change about it. Reading, writing and `describe` all follow it.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::amendment::Amendment;
use crate::attribute::Path;
use crate::settings::Quirks;
use crate::table;
use crate::unified::{Field, Kind, Unified};

/// The mapping of one kind of record.
#[derive(Clone, Debug, PartialEq)]
pub struct Mapping {
    /// What the rows describe.
    pub resource: Resource,
    /// One row a field.
    pub rows: Vec<Row>,
}

/// A kind of record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    User,
    Group,
}

/// Where one field stands in the vendor's record.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The field.
    pub field: Field,
    /// What its values are.
    pub kind: Kind,
    /// Where it is read; the first path that has a value wins.
    pub read: Vec<Path>,
    /// Where the vendor may say it again. That is not read, nor kept where it is the same.
    pub echo: Vec<Path>,
    /// Where it is written; `None` for a field that the vendor keeps itself.
    pub write: Option<Path>,
    /// What is removed to clear it; `None` for a field that cannot be cleared.
    pub clear: Option<Path>,
    /// Vendor value and unified value, compared without regard to case; others are kept as they are.
    pub values: Vec<(String, String)>,
    /// Whether the vendor's filter finds records by it.
    pub findable: bool,
    /// Where the vendor documents it, or who else says so.
    pub source: &'static str,
}

impl Mapping {
    /// The mapping of this kind of record, as ZPA documents it.
    pub fn standard(resource: Resource, quirks: &Quirks) -> Mapping {
        Mapping { resource, rows: table::rows(resource, quirks) }
    }

    /// The mapping with an account's amendments. Whether they go together, [`Mapping::check`] says.
    pub fn amended(resource: Resource, quirks: &Quirks, amendments: &[Amendment]) -> Mapping {
        let mut mapping = Mapping::standard(resource, quirks);
        for amendment in amendments.iter().filter(|amendment| amendment.resource == resource) {
            match mapping.rows.iter_mut().find(|row| row.field == amendment.field) {
                Some(row) => amendment.apply(row),
                None => mapping.rows.push(amendment.row()),
            }
        }
        mapping
    }

    /// The row of a field of the contract.
    pub fn row(&self, field: Unified) -> Option<&Row> {
        self.rows.iter().find(|row| row.field.is(field))
    }

    /// The row of a field, by its name.
    pub fn named(&self, name: &str) -> Option<&Row> {
        let field = Field::parse(name)?;
        self.rows.iter().find(|row| row.field == field)
    }

    /// Every field can be read, and no two are written at one place, nor one inside the other: what came of that would
    /// hang on their order. The error names the fields that get in each other's way.
    pub fn check(&self) -> Result<(), String> {
        for Row { field, kind, read, write, values, .. } in &self.rows {
            if read.is_empty() {
                return Err(format!("`{field}` has no `read` path"));
            }
            if !values.is_empty() && !matches!(kind, Kind::Text | Kind::Status) {
                return Err(format!("`{field}` is of type `{}`; only a `text` has `values`", kind.name()));
            }
            let mut words = values.iter().map(|(vendor, _)| vendor);
            while let Some(word) = words.next() {
                if words.clone().any(|other| other.eq_ignore_ascii_case(word)) {
                    return Err(format!("`values` of `{field}` has `{word}` twice, in upper or lower case"));
                }
            }
            if let Some((path, why)) = write.as_ref().and_then(|path| Some((path, unwritable(path, *kind)?))) {
                return Err(format!("`{field}` cannot have `{path}` as `write`: {why}"));
            }
        }
        let places: Vec<_> = self.rows.iter().flat_map(|row| row.places().map(|place| (&row.field, place))).collect();
        let mut places = places.iter();
        while let Some((field, path)) = places.next() {
            if let Some((other, place)) = places.clone().find(|(other, place)| other != field && path.overlaps(place)) {
                return Err(format!("`{field}` writes `{path}` and `{other}` writes `{place}`: one place"));
            }
        }
        Ok(())
    }
}

impl Row {
    /// What a change of the field touches. A list is written whole, whatever part of it the path names.
    fn places(&self) -> impl Iterator<Item = Path> {
        let place = |path: &Path| if self.kind.is_list() { path.whole() } else { path.clone() };
        self.write.iter().chain(&self.clear).map(place)
    }
}

/// Why nothing can be written at a path, where that is so.
fn unwritable(path: &Path, kind: Kind) -> Option<&'static str> {
    let filter = path.filter.as_ref().filter(|_| kind != Kind::Emails)?;
    match &path.sub {
        _ if kind.is_list() => Some("a list is written whole, and a filter means a part of it"),
        None => Some("a filter chooses an element, and a value is one part of it"),
        Some(sub) if sub.eq_ignore_ascii_case(&filter.attribute) => Some("it is what its filter chooses by"),
        Some(_) => None,
    }
}

impl Resource {
    /// The name in descriptions and messages.
    pub fn name(self) -> &'static str {
        match self {
            Resource::User => "user",
            Resource::Group => "group",
        }
    }

    /// The collection under the account's endpoint (zpa-scim 2).
    pub fn collection(self) -> &'static str {
        match self {
            Resource::User => "Users",
            Resource::Group => "Groups",
        }
    }

    /// The schema of the record (zpa-scim 3.2, 4).
    pub fn schema(self) -> &'static str {
        match self {
            Resource::User => "urn:ietf:params:scim:schemas:core:2.0:User",
            Resource::Group => "urn:ietf:params:scim:schemas:core:2.0:Group",
        }
    }

    /// Vendor attributes that no field reads and that say nothing about the record: SCIM's own book-keeping, URLs
    /// that are never followed, and the members, which have a function of their own.
    pub fn ignored(self) -> &'static [&'static str] {
        match self {
            Resource::User => &["schemas", "meta.location", "meta.resourceType", "meta.version"],
            Resource::Group => &["schemas", "meta.location", "meta.resourceType", "meta.version", "members"],
        }
    }

    /// Attributes that the vendor keeps itself, or that are written by functions of their own (zpa-scim 3.1, 3.3, 4).
    pub fn kept(self) -> &'static [&'static str] {
        match self {
            Resource::User => &["schemas", "id", "meta", "groups"],
            Resource::Group => &["schemas", "id", "meta", "members"],
        }
    }
}
