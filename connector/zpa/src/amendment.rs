//! What an account's settings change about the mapping: single fields of the contract, and fields of its own.
//!
//! A field keeps what its amendment does not name. One that would do nothing, or something that nobody can mean, is
//! refused with the field and the place.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::attribute::Path;
use crate::json::Json;
use crate::mapping::{Resource, Row};
use crate::settings::object;
use crate::unified::{Field, Kind, Unified};

/// A change of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Amendment {
    /// Whose field it is.
    pub resource: Resource,
    /// The field.
    pub field: Field,
    kind: Option<Kind>,
    read: Option<Vec<Path>>,
    write: Target,
    clear: Target,
    values: Option<Vec<(String, String)>>,
}

/// What becomes of a path to write or to remove.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Target {
    /// It stays as it is.
    #[default]
    Kept,
    /// There is none any more.
    Taken,
    At(Path),
}

impl Target {
    fn or(self, before: Option<Path>) -> Option<Path> {
        match self {
            Target::Kept => before,
            Target::Taken => None,
            Target::At(path) => Some(path),
        }
    }
}

impl Amendment {
    /// Reads those of one kind of record: an object of field names.
    pub fn parse_all(resource: Resource, json: Json<'_>) -> Result<Vec<Amendment>, String> {
        let fields = object(json, &format!("`mapping.{}`", resource.name()))?;
        fields.members().map(|(name, value)| Amendment::parse(resource, &name, value)).collect()
    }

    fn parse(resource: Resource, name: &str, json: Json<'_>) -> Result<Amendment, String> {
        let Some(field) = Field::parse(name).filter(|field| field.belongs_to(resource)) else {
            let resource = resource.name();
            return Err(format!(
                "there is no {resource} field `{name}`; one of your own is `custom.` and letters, digits, `_` or `-`"
            ));
        };
        if field.is(Unified::Id) {
            return Err("`id` is what everything else hangs on, and cannot be mapped".to_owned());
        }
        let mut amendment = Amendment {
            resource,
            field,
            kind: None,
            read: None,
            write: Target::Kept,
            clear: Target::Kept,
            values: None,
        };
        for (key, value) in object(json, &format!("the mapping of `{name}`"))?.members() {
            match &*key {
                "type" => amendment.kind = Some(kind(name, value)?),
                "read" => amendment.read = Some(read(name, value)?),
                "write" => amendment.write = amendment.target(name, "write", value)?,
                "clear" => amendment.clear = amendment.target(name, "clear", value)?,
                "values" if amendment.field.is(Unified::Status) => {
                    return Err("`status` is a boolean to the vendor, so its `values` cannot be changed".to_owned());
                }
                "values" => amendment.values = Some(values(name, value)?),
                _ => {
                    return Err(format!(
                        "the mapping of `{name}` has `{key}`, which is none of `type`, `read`, `write`, `clear`, `values`"
                    ));
                }
            }
        }
        if amendment.kind.is_some() && matches!(amendment.field, Field::Unified(_)) {
            return Err(format!("`{name}` is a field of the contract, whose `type` cannot be changed"));
        }
        Ok(amendment)
    }

    /// A path to write or to remove. What the vendor keeps itself is none, nor is what only one field may write.
    fn target(&self, name: &str, key: &str, json: Json<'_>) -> Result<Target, String> {
        if json.is_null() {
            return Ok(Target::Taken);
        }
        let path = path(name, key, json)?;
        let is = |attribute: &str| path.schema.is_none() && path.attribute.eq_ignore_ascii_case(attribute);
        let refused = |why: &str| Err(format!("`{name}` cannot have `{path}` as `{key}`: {why}"));
        if let Some(kept) = self.resource.kept().iter().find(|kept| is(kept)) {
            return refused(&format!("the vendor keeps `{kept}` itself"));
        }
        // Renaming and switching off ask for leave by these fields' names.
        for (attribute, field) in [("userName", Unified::Username), ("active", Unified::Status)] {
            if is(attribute) && !self.field.is(field) {
                return refused(&format!("only `{}` is written there", field.name()));
            }
        }
        Ok(Target::At(path))
    }

    /// Changes a row of the table.
    pub(crate) fn apply(&self, row: &mut Row) {
        row.source = "the account's settings";
        let Amendment { read, write, clear, values, .. } = self.clone();
        row.read = read.unwrap_or_else(|| core::mem::take(&mut row.read));
        row.write = write.or(row.write.take());
        row.clear = clear.or(row.clear.take());
        row.values = values.unwrap_or_else(|| core::mem::take(&mut row.values));
    }

    /// The row of a field that the table does not have.
    pub(crate) fn row(&self) -> Row {
        let mut row = Row {
            field: self.field.clone(),
            kind: self.kind.unwrap_or(Kind::Text),
            read: Vec::new(),
            echo: Vec::new(),
            write: None,
            clear: None,
            values: Vec::new(),
            findable: false,
            source: "",
        };
        self.apply(&mut row);
        row
    }
}

fn kind(name: &str, json: Json<'_>) -> Result<Kind, String> {
    let text = json.text().unwrap_or_default();
    let kinds = [Kind::Text, Kind::Boolean, Kind::Number, Kind::Texts];
    kinds.into_iter().find(|kind| kind.name() == text).ok_or_else(|| {
        format!("`{name}` has the type `{}`, which is none of `text`, `boolean`, `number`, `texts`", json.json())
    })
}

fn read(name: &str, json: Json<'_>) -> Result<Vec<Path>, String> {
    json.elements().map(|element| path(name, "read", element)).collect()
}

fn path(name: &str, key: &str, json: Json<'_>) -> Result<Path, String> {
    let text = json.text().unwrap_or_else(|| json.json().into());
    Path::parse(&text).map_err(|err| format!("`{name}` has `{text}` as `{key}`, which is no path: {err}"))
}

fn values(name: &str, json: Json<'_>) -> Result<Vec<(String, String)>, String> {
    let mut values = Vec::new();
    for (vendor, unified) in object(json, &format!("`values` of `{name}`"))?.members() {
        let Some(unified) = unified.text() else {
            return Err(format!("`values` of `{name}` has no text for `{vendor}`"));
        };
        values.push(((*vendor).to_owned(), unified.to_string()));
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::Mapping;
    use crate::settings::Settings;
    use std::prelude::v1::*;

    fn users(json: &str) -> Result<Mapping, String> {
        Settings::parse(&format!(r#"{{"mapping":{{"user":{json}}}}}"#)).map(|settings| settings.mapping(Resource::User))
    }

    #[test]
    fn a_field_keeps_what_its_amendment_does_not_name() {
        let mapping = users(r#"{"title":{"read":["urn:acme:2.0:User:job","title"]}}"#).unwrap();
        let row = mapping.named("title").unwrap();
        let paths = |paths: &[Path]| paths.iter().map(Path::to_string).collect::<Vec<_>>();
        assert_eq!(paths(&row.read), ["urn:acme:2.0:User:job", "title"]);
        assert_eq!(row.write.as_ref().unwrap().to_string(), "title");
        assert_eq!(row.source, "the account's settings");
    }

    #[test]
    fn null_takes_a_path_away() {
        let mapping = users(r#"{"title":{"write":null,"clear":null}}"#).unwrap();
        let row = mapping.named("title").unwrap();
        assert_eq!((&row.write, &row.clear), (&None, &None));
    }

    #[test]
    fn a_custom_field_has_a_type_and_paths_of_its_own() {
        let mapping = users(r#"{"custom.badge":{"type":"number","read":"urn:acme:2.0:User:badge"}}"#).unwrap();
        let row = mapping.named("custom.badge").unwrap();
        assert_eq!((row.kind, row.write.is_some(), row.findable), (Kind::Number, false, false));
    }

    #[test]
    fn what_nobody_can_mean_is_refused_with_field_and_place() {
        let refused = |json: &str| users(json).unwrap_err();
        assert_eq!(
            refused(r#"{"title":{"read":["title","job title"]}}"#),
            "`title` has `job title` as `read`, which is no path: expected `.`, `[` or the end at position 3"
        );
        assert_eq!(
            refused(r#"{"titel":{"read":"title"}}"#),
            "there is no user field `titel`; one of your own is `custom.` and letters, digits, `_` or `-`"
        );
        assert_eq!(
            refused(r#"{"custom.job":{"read":"title","write":"title"}}"#),
            "`title` writes `title` and `custom.job` writes `title`: one place"
        );
        assert_eq!(
            refused(r#"{"custom.all":{"read":"name","write":"NAME"}}"#),
            "`first_name` writes `name.givenName` and `custom.all` writes `NAME`: one place"
        );
        assert_eq!(
            refused(r#"{"custom.home":{"read":"emails","write":"emails[type eq \"home\"].value"}}"#),
            "`emails` writes `emails` and `custom.home` writes `emails[type eq \"home\"].value`: one place"
        );
        assert_eq!(
            refused(r#"{"custom.born":{"type":"date","read":"born"}}"#),
            "`custom.born` has the type `\"date\"`, which is none of `text`, `boolean`, `number`, `texts`"
        );
        assert_eq!(
            refused(r#"{"title":{"type":"number"}}"#),
            "`title` is a field of the contract, whose `type` cannot be changed"
        );
        assert_eq!(
            refused(r#"{"custom.g":{"read":"groups","write":"groups"}}"#),
            "`custom.g` cannot have `groups` as `write`: the vendor keeps `groups` itself"
        );
        assert_eq!(
            refused(r#"{"custom.login":{"read":"userName","write":"USERNAME"}}"#),
            "`custom.login` cannot have `USERNAME` as `write`: only `username` is written there"
        );
        assert_eq!(
            refused(r#"{"title":{"write":"active"}}"#),
            "`title` cannot have `active` as `write`: only `status` is written there"
        );
        assert_eq!(
            refused(r#"{"id":{"read":["externalId","id"]}}"#),
            "`id` is what everything else hangs on, and cannot be mapped"
        );
        assert_eq!(
            refused(r#"{"status":{"values":{"true":"inactive"}}}"#),
            "`status` is a boolean to the vendor, so its `values` cannot be changed"
        );
        assert_eq!(refused(r#"{"custom.x":{"write":"x"}}"#), "`custom.x` has no `read` path");
        assert_eq!(refused(r#"{"title":{"read":[]}}"#), "`title` has no `read` path");
        assert_eq!(
            refused(r#"{"custom.n":{"type":"number","read":"n","values":{"1":"one"}}}"#),
            "`custom.n` is of type `number`; only a `text` has `values`"
        );
        assert_eq!(refused(r#"{"title":{"values":{"a":[]}}}"#), "`values` of `title` has no text for `a`");
        assert_eq!(
            refused(r#"{"title":{"values":{"a":"x","A":"y"}}}"#),
            "`values` of `title` has `a` twice, in upper or lower case"
        );
        assert_eq!(
            refused(r#"{"custom.t":{"type":"texts","read":"t","write":"t.a"},"custom.u":{"read":"t","write":"t.b"}}"#),
            "`custom.t` writes `t` and `custom.u` writes `t.b`: one place"
        );
        assert_eq!(
            refused(r#"{"custom.t":{"type":"texts","read":"t","write":"t[type eq \"a\"].value"}}"#),
            "`custom.t` cannot have `t[type eq \"a\"].value` as `write`: a list is written whole, and a filter means a \
             part of it"
        );
        assert_eq!(
            refused(r#"{"custom.t":{"read":"t","write":"t[type eq \"a\"]"}}"#),
            "`custom.t` cannot have `t[type eq \"a\"]` as `write`: a filter chooses an element, and a value is one part \
             of it"
        );
        assert_eq!(
            refused(r#"{"custom.t":{"read":"t","write":"t[type eq \"a\"].Type"}}"#),
            "`custom.t` cannot have `t[type eq \"a\"].Type` as `write`: it is what its filter chooses by"
        );
        assert_eq!(
            refused(r#"{"title":{"path":"title"}}"#),
            "the mapping of `title` has `path`, which is none of `type`, `read`, `write`, `clear`, `values`"
        );
        assert_eq!(refused(r#"{"title":{},"title":{}}"#), "`mapping.user` has `title` twice");
        assert_eq!(refused(r#"{"title":"title"}"#), "the mapping of `title` must be a JSON object and is a text");
    }
}
