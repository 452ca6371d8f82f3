//! What a directory should be like, as a source says it: people with fields and, where the source tells, their groups.
//! A source is read whole or refused, with the line that is wrong.

mod csv;
mod ndjson;

use std::collections::{BTreeMap, BTreeSet};

use portcullis_directory::Description;
use serde_json::Value;

use crate::digest::Digest;
use crate::normal::normal;
use crate::plan::Source;
use crate::rules::Rules;
use crate::snapshot::Snapshot;

/// A source, read.
#[derive(Clone, Debug, PartialEq)]
pub struct Desired {
    /// What it is.
    pub source: Source,
    /// The people in it, in its order.
    pub people: Vec<Person>,
    /// The names of the groups in it and in its rules, by what they are compared by.
    pub groups: BTreeMap<String, String>,
}

/// Somebody in a source.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    /// Where the source has them: the line, from 1.
    pub line: u64,
    /// Unified fields and their values, as in the JSON of a user; `null` clears.
    pub fields: BTreeMap<String, Value>,
    /// Names of their groups; `None` where the source does not say.
    pub groups: Option<BTreeSet<String>>,
}

/// Why a source is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct SourceError {
    /// The line, from 1.
    pub line: u64,
    /// What is wrong there.
    pub reason: String,
}

impl Person {
    /// What the source calls this person by, whatever else changes: the external id, or else the username. Links are
    /// kept under it.
    pub fn key(&self) -> String {
        self.text("external_id").or(self.text("username")).map(normal).unwrap_or_default()
    }

    /// What a person calls this person.
    pub fn label(&self) -> &str {
        self.text("username").or(self.text("external_id")).unwrap_or_default()
    }

    pub(crate) fn text(&self, field: &str) -> Option<&str> {
        self.fields.get(field).and_then(Value::as_str).filter(|text| !text.trim().is_empty())
    }
}

/// The fields that can be written, with their types, as the connector describes them.
#[derive(Clone, Debug)]
pub struct Fields(BTreeMap<String, String>);

impl Fields {
    /// The writable fields of users, and `status`.
    pub fn of(description: &Description) -> Fields {
        let users = description.fields.iter().filter(|field| field.resource == "user");
        let written = users.filter(|field| field.abilities.writable || field.name == "status");
        Fields(written.map(|field| (field.name.clone(), field.r#type.clone())).collect())
    }

    fn kind(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The field that a column is, or why it is none.
    fn column(&self, column: &str, rules: &Rules) -> Result<Option<String>, String> {
        let known = column.trim();
        let is_role = rules.roles.as_ref().is_some_and(|roles| roles.column == known);
        let field = match rules.columns.get(known) {
            Some(None) => return Ok(None),
            Some(Some(field)) => field.as_str(),
            None if is_role => return Ok(None),
            None => known,
        };
        if field == GROUPS || self.kind(field).is_some() {
            return Ok(Some(field.to_owned()));
        }
        let known: Vec<_> = self.0.keys().map(String::as_str).collect();
        Err(format!(
            "the column `{column}` is no field that can be written; name its field under `columns` of the rules, or `null` to \
             leave it out; there are {} and {GROUPS}",
            known.join(", ")
        ))
    }

    /// The value that a cell says for a field.
    fn value(&self, field: &str, cell: &str, rules: &Rules) -> Result<Value, String> {
        let cell = cell.trim();
        let list = || cell.split(rules.separator()).map(str::trim).filter(|text| !text.is_empty());
        match self.kind(field) {
            Some("boolean") => match normal(cell).as_str() {
                "true" | "yes" | "1" => Ok(Value::Bool(true)),
                "false" | "no" | "0" => Ok(Value::Bool(false)),
                _ => Err(format!("`{cell}` is neither true nor false, which `{field}` is")),
            },
            Some("number") => match cell.parse::<f64>() {
                Ok(number) if number.is_finite() => Ok(Value::from(number)),
                _ => Err(format!("`{cell}` is no number, which `{field}` is")),
            },
            Some("texts" | "emails") => Ok(list().map(Value::from).collect::<Vec<_>>().into()),
            Some("status") => status(cell),
            _ => Ok(Value::from(cell)),
        }
    }
}

fn status(text: &str) -> Result<Value, String> {
    match normal(text).as_str() {
        "active" | "true" | "enabled" => Ok(Value::from("active")),
        "inactive" | "false" | "disabled" => Ok(Value::from("inactive")),
        _ => Err(format!("the status `{text}` is neither `active` nor `inactive`")),
    }
}

impl Desired {
    /// Reads CSV: a header, and a row a person. Columns are unified fields, and `groups`.
    pub fn from_csv(name: &str, text: &[u8], rules: &Rules, fields: &Fields) -> Result<Desired, SourceError> {
        let people = csv::read(text, rules, fields)?;
        Desired::of(name, text, people, rules)
    }

    /// Reads NDJSON: an object a line, in the form of a user; `groups` are names, or objects with a `name`.
    pub fn from_ndjson(name: &str, text: &[u8], rules: &Rules, fields: &Fields) -> Result<Desired, SourceError> {
        let people = ndjson::read(text, rules, fields)?;
        Desired::of(name, text, people, rules)
    }

    /// Takes a snapshot of a directory, such as another account's, for what this one should be like. Ids stay behind;
    /// fields that cannot be written here do, too.
    pub fn from_snapshot(
        name: &str,
        snapshot: &Snapshot,
        rules: &Rules,
        fields: &Fields,
    ) -> Result<Desired, SourceError> {
        let people = ndjson::of_snapshot(snapshot, rules, fields)?;
        Desired::of(name, snapshot.header.content.as_str().as_bytes(), people, rules)
    }

    fn of(name: &str, text: &[u8], people: Vec<Person>, rules: &Rules) -> Result<Desired, SourceError> {
        let mut keys: BTreeMap<String, u64> = BTreeMap::new();
        for person in &people {
            let line = person.line;
            if person.text("username").is_none() {
                return Err(SourceError { line, reason: "there is no `username`".to_owned() });
            }
            for field in ["username", "external_id"] {
                let Some(text) = person.text(field) else { continue };
                if let Some(first) = keys.insert(format!("{field} {}", normal(text)), line) {
                    let reason = format!("the {field} `{text}` is in line {first} as well");
                    return Err(SourceError { line, reason });
                }
            }
        }
        let named = people.iter().flat_map(|person| &person.groups).flatten();
        let by_attribute = rules.groups.iter().flat_map(|rule| &rule.groups);
        let by_role = rules.roles.iter().flat_map(|roles| roles.table.values().flatten());
        let groups: BTreeMap<_, _> =
            named.chain(by_attribute).chain(by_role).map(|name| (normal(name), name.trim().to_owned())).collect();
        let digest = Digest::of_json(&(Digest::of(text), rules));
        let source = Source { name: name.to_owned(), digest, people: people.len() as u64, groups: groups.len() as u64 };
        Ok(Desired { source, people, groups })
    }
}

/// The groups of a person: those that the source names, and those that the rules give.
fn groups(
    named: Option<BTreeSet<String>>,
    held: &[String],
    fields: &BTreeMap<String, Value>,
    rules: &Rules,
) -> Result<Option<BTreeSet<String>>, String> {
    if named.is_none() && rules.groups.is_empty() && rules.roles.is_none() {
        return Ok(None);
    }
    let mut groups = named.unwrap_or_default();
    for rule in rules.groups.iter().filter(|rule| rule.applies(fields)) {
        groups.extend(rule.groups.iter().cloned());
    }
    if let Some(table) = &rules.roles {
        for role in held {
            let found = table.table.iter().find(|(name, _)| normal(name) == normal(role));
            let (_, named) = found.ok_or_else(|| format!("the role `{role}` is not in the table of roles"))?;
            groups.extend(named.iter().cloned());
        }
    }
    Ok(Some(groups))
}

/// The column or member with a person's groups.
const GROUPS: &str = "groups";

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn fields() -> Fields {
        let kinds = [
            ("username", "text"),
            ("external_id", "text"),
            ("first_name", "text"),
            ("title", "text"),
            ("department", "text"),
            ("emails", "emails"),
            ("status", "status"),
            ("custom.badge", "number"),
        ];
        Fields(kinds.map(|(name, kind)| (name.to_owned(), kind.to_owned())).into())
    }

    fn read(text: &str, rules: &str) -> Result<Desired, String> {
        let rules = Rules::parse(rules).unwrap();
        Desired::from_csv("people.csv", text.as_bytes(), &rules, &fields()).map_err(|error| error.to_string())
    }

    #[test]
    fn columns_are_fields_and_an_empty_cell_says_nothing() {
        let desired = read("\u{feff}username,title,emails,groups\nmara@a.example,Analyst,m@a.example;n@a.example,Ops; VPN\nolli@a.example,,,\n", "{}").unwrap();
        let [mara, olli] = &desired.people[..] else { panic!("{desired:?}") };
        assert_eq!(mara.fields["emails"], serde_json::json!(["m@a.example", "n@a.example"]));
        assert_eq!(mara.groups, Some(BTreeSet::from(["Ops".to_owned(), "VPN".to_owned()])));
        assert_eq!((mara.line, olli.line), (2, 3));
        assert_eq!(olli.fields.keys().collect::<Vec<_>>(), ["username"]);
        assert_eq!(olli.groups, Some(BTreeSet::new()));
        assert_eq!((desired.source.people, desired.source.groups), (2, 2));
    }

    #[test]
    fn a_source_without_groups_says_nothing_of_memberships() {
        assert_eq!(read("username\nmara\n", "{}").unwrap().people[0].groups, None);
    }

    #[test]
    fn rules_and_roles_give_groups() {
        let rules = r#"{"columns": {"Mail": "username", "Phone": null}, "groups": [{"if": {"department": "finance"}, "groups": ["Finance EU"]}],
            "roles": {"column": "Role", "table": {"analyst": ["Reports", "VPN"]}}}"#;
        let desired = read("Mail,Phone,department,Role\nmara,1,Finance,Analyst\nolli,2,Legal,\n", rules).unwrap();
        let groups = |at: usize| desired.people[at].groups.clone().unwrap().into_iter().collect::<Vec<_>>();
        assert_eq!(groups(0), ["Finance EU", "Reports", "VPN"]);
        assert!(groups(1).is_empty());
        assert_eq!(desired.groups.len(), 3);
        let refused = read("Mail,Phone,department,Role\nmara,1,Finance,Chief\n", rules).unwrap_err();
        assert_eq!(refused, "line 2: the role `Chief` is not in the table of roles");
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        for (text, reason) in [
            (
                "username,shoe\nmara,42\n",
                "line 1: the column `shoe` is no field that can be written; name its field under `columns` of the rules, or `null` to leave it out; there are custom.badge, department, emails, external_id, first_name, status, title, username and groups",
            ),
            ("title\nAnalyst\n", "line 2: there is no `username`"),
            ("username,title\nmara\n", "line 2: it has 1 cells, and the header has 2"),
            ("username\nmara\nMARA\n", "line 3: the username `MARA` is in line 2 as well"),
            ("username,status\nmara,gone\n", "line 2: the status `gone` is neither `active` nor `inactive`"),
            ("username,custom.badge\nmara,seven\n", "line 2: `seven` is no number, which `custom.badge` is"),
            ("username,username\na,b\n", "line 1: two columns are `username`"),
            ("", "line 1: there is no header"),
        ] {
            assert_eq!(read(text, "{}").unwrap_err(), reason);
        }
    }

    #[test]
    fn lines_of_json_say_the_same_as_rows() {
        let text = "{\"username\":\"mara\",\"emails\":[\"m@a.example\"],\"groups\":[\"Ops\",{\"id\":\"7\",\"name\":\"VPN\"}],\"title\":null}\n\n";
        let desired = Desired::from_ndjson("people", text.as_bytes(), &Rules::default(), &fields()).unwrap();
        assert_eq!(desired.people[0].fields["title"], Value::Null);
        assert_eq!(desired.people[0].groups.as_ref().map(BTreeSet::len), Some(2));
        let refused = |text: &str| {
            Desired::from_ndjson("people", text.as_bytes(), &Rules::default(), &fields()).unwrap_err().to_string()
        };
        assert_eq!(refused("{\"username\":\"mara\"}\n{\"shoe\":1}"), "line 2: the field `shoe` cannot be written");
        assert_eq!(refused("[]"), "line 1: it is no JSON object");
        assert_eq!(
            refused("{\"username\":\"mara\",\"title\":{}}"),
            "line 1: `title` has a value that no field can have"
        );
    }
}
