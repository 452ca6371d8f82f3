//! `attributes` and `excludedAttributes` (RFC 7644 3.9): a reply cut down to what was asked for.
//! For the strict mode alone: what ZPA does with them is UNKNOWN (zpa-scim.md 6).

use serde_json::{Map, Value};

use crate::error_body::Problem;
use crate::filter::{AttributePath, Path};
use crate::query::Query;

/// Which attributes are shown. `id` and `schemas` always are.
#[derive(Debug)]
pub(crate) struct Projected {
    paths: Vec<AttributePath>,
    is_exclusion: bool,
}

impl Projected {
    /// `None` where nothing is asked for.
    pub(crate) fn of(query: &Query) -> Result<Option<Self>, Problem> {
        let given = |name| query.value(name).filter(|names| !names.trim().is_empty());
        let (names, is_exclusion) = match (given("attributes"), given("excludedAttributes")) {
            (None, None) => return Ok(None),
            (Some(names), None) => (names, false),
            (None, Some(names)) => (names, true),
            (Some(_), Some(_)) => {
                let detail = "`attributes` and `excludedAttributes` exclude each other";
                return Err(Problem::new(400, detail).of_type("invalidValue"));
            }
        };
        let paths = names.split(',').filter_map(|name| Path::parse(name.trim())).map(|path| path.attribute);
        Ok(Some(Self { paths: paths.collect(), is_exclusion }))
    }

    /// A resource, or each of a list.
    pub(crate) fn body(&self, body: &[u8]) -> Vec<u8> {
        let Ok(mut value) = serde_json::from_slice::<Value>(body) else {
            return body.to_vec();
        };
        match value.get_mut("Resources") {
            Some(Value::Array(rows)) => rows.iter_mut().for_each(|row| self.row(row)),
            _ => self.row(&mut value),
        }
        serde_json::to_vec(&value).unwrap_or_else(|_| body.to_vec())
    }

    fn row(&self, row: &mut Value) {
        if let Value::Object(members) = row {
            members.retain(|name, value| match name.as_str() {
                "id" | "schemas" => true,
                urn if urn.starts_with("urn:") => self.extension(urn, value),
                name => self.keeps(name, value, AttributePath::is_core),
            });
        }
    }

    /// An extension is chosen as a whole by its URN, or by its attributes.
    fn extension(&self, urn: &str, value: &mut Value) -> bool {
        let is_of = |path: &AttributePath| path.urn.as_deref().is_some_and(|other| other.eq_ignore_ascii_case(urn));
        if self.paths.iter().any(|path| is_of(path) && path.name.is_empty()) {
            return !self.is_exclusion;
        }
        let Value::Object(members) = value else {
            return self.is_exclusion;
        };
        members.retain(|name, value| self.keeps(name, value, is_of));
        !members.is_empty()
    }

    fn keeps(&self, name: &str, value: &mut Value, is_of: impl Fn(&AttributePath) -> bool) -> bool {
        let named: Vec<&AttributePath> =
            self.paths.iter().filter(|path| is_of(path) && path.name.eq_ignore_ascii_case(name)).collect();
        if named.is_empty() {
            return self.is_exclusion;
        }
        let parts: Option<Vec<&str>> = named.iter().map(|path| path.sub.as_deref()).collect();
        let Some(parts) = parts else {
            return !self.is_exclusion;
        };
        let keep = |part: &str| parts.iter().any(|other| other.eq_ignore_ascii_case(part)) != self.is_exclusion;
        let cut = |members: &mut Map<String, Value>| members.retain(|part, _| keep(part));
        match value {
            Value::Object(members) => cut(members),
            Value::Array(values) => values.iter_mut().filter_map(Value::as_object_mut).for_each(cut),
            _ => {}
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn projected(query: &str) -> Value {
        let row = json!({
            "schemas": ["s"], "id": "1", "userName": "m", "name": {"givenName": "M", "familyName": "L"},
            "emails": [{"value": "a"}],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "D", "division": "E"},
        });
        let projected = Projected::of(&Query::parse(query).unwrap()).unwrap().unwrap();
        serde_json::from_slice(&projected.body(row.to_string().as_bytes())).unwrap()
    }

    #[test]
    fn what_is_asked_for_comes_with_id_and_schemas() {
        let row = projected("attributes=USERNAME,name.givenName");
        assert_eq!(row, json!({"schemas": ["s"], "id": "1", "userName": "m", "name": {"givenName": "M"}}));
        let row = projected("attributes=urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department");
        let extension = json!({"department": "D"});
        assert_eq!(
            row,
            json!({"schemas": ["s"], "id": "1", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": extension})
        );
    }

    #[test]
    fn what_is_excluded_is_gone_but_for_id_and_schemas() {
        let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        let row = projected(&format!("excludedAttributes=id,emails,name.familyName,{urn}"));
        assert_eq!(row, json!({"schemas": ["s"], "id": "1", "userName": "m", "name": {"givenName": "M"}}));
    }

    #[test]
    fn both_at_once_are_refused() {
        let query = Query::parse("attributes=a&excludedAttributes=b").unwrap();
        assert!(Projected::of(&query).is_err());
        assert!(Projected::of(&Query::parse("attributes=").unwrap()).unwrap().is_none());
    }
}
