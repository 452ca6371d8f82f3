//! How a source is read and what of a directory it owns: a small JSON file that an operator writes, beside the data.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::guard::Limits;
use crate::normal::{fits, normal};

/// The rules of a source. Every part may be left out; a member that is not known is refused.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// Columns under another name than their field's: `{"Mail": "username"}`; `null` leaves a column out.
    pub columns: BTreeMap<String, Option<String>>,
    /// What stands between the elements of a list in one cell; `;` by default.
    pub separator: Option<String>,
    /// Whether an empty cell clears the field. By default it says nothing of it.
    pub empty_clears: bool,
    /// Groups by what a person is: `{"if": {"department": "Finance"}, "groups": ["Finance EU"]}`.
    pub groups: Vec<GroupRule>,
    /// Groups by role: the column, and for each of its values the groups.
    pub roles: Option<Roles>,
    /// What of the directory the source owns.
    pub scope: Scope,
    /// What is never touched, whatever the source says.
    pub protected: Protected,
    /// Whether a user whose username differs is renamed. Some vendors treat it as one user deleted and another made.
    pub allow_rename: bool,
    /// Limits that differ from the default ones.
    pub limits: Limits,
}

/// Who is in which groups by attributes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupRule {
    /// Fields and the values that they must have, all of them; compared without regard to case.
    #[serde(rename = "if")]
    pub condition: BTreeMap<String, String>,
    /// The groups, by name.
    pub groups: Vec<String>,
}

/// Groups by role.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Roles {
    /// The column that holds the role, or several.
    pub column: String,
    /// Groups for each role, by name. A role that is not in it is refused.
    pub table: BTreeMap<String, Vec<String>>,
}

/// What of a directory a source owns. What it does not own is unmanaged, and never touched.
///
/// By default that is little: users whom the source once named, which the links tell, and the groups that it names.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scope {
    /// Users with one of these ids.
    pub user_ids: BTreeSet<String>,
    /// Users whose username fits one of these patterns, such as `*@acme.example`.
    pub usernames: Vec<String>,
    /// Users in one of these groups, by name.
    pub members_of: Vec<String>,
    /// Users with these values in these fields, all of them.
    pub fields: BTreeMap<String, String>,
    /// Groups with one of these ids, beside those that the source names.
    pub group_ids: BTreeSet<String>,
    /// Groups whose name fits one of these patterns, likewise.
    pub groups: Vec<String>,
}

/// What is never touched. Patterns: `*` stands for anything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Protected {
    /// Users, by id or username.
    pub users: Vec<String>,
    /// Groups, by id or name.
    pub groups: Vec<String>,
}

impl Rules {
    /// Reads the file. The error names the place.
    pub fn parse(text: &str) -> Result<Rules, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    /// What stands between the elements of a list in one cell.
    pub(crate) fn separator(&self) -> &str {
        self.separator.as_deref().filter(|separator| !separator.is_empty()).unwrap_or(";")
    }
}

impl GroupRule {
    /// Whether a person is as the rule says.
    pub(crate) fn applies(&self, fields: &BTreeMap<String, Value>) -> bool {
        have(fields, &self.condition)
    }
}

/// Whether fields have these values.
pub(crate) fn have(fields: &BTreeMap<String, Value>, wanted: &BTreeMap<String, String>) -> bool {
    wanted.iter().all(|(field, wanted)| {
        let text = match fields.get(field) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Null) | None => return false,
            Some(value) => value.to_string(),
        };
        normal(&text) == normal(wanted)
    })
}

impl Protected {
    /// Whether this user is protected.
    pub(crate) fn has_user(&self, id: &str, username: &str) -> bool {
        self.users.iter().any(|pattern| pattern == id || fits(pattern, username))
    }

    /// Whether this group is protected.
    pub(crate) fn has_group(&self, id: &str, name: &str) -> bool {
        self.groups.iter().any(|pattern| pattern == id || fits(pattern, name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_rule_is_refused_by_its_name() {
        let error = Rules::parse(r#"{"protectd": {}}"#).unwrap_err();
        assert!(error.starts_with("unknown field `protectd`, expected one of `columns`"), "{error}");
        assert_eq!(Rules::parse("{}"), Ok(Rules::default()));
    }

    #[test]
    fn a_rule_compares_without_regard_to_case() {
        let rules =
            Rules::parse(r#"{"groups": [{"if": {"department": "finance"}, "groups": ["Finance EU"]}]}"#).unwrap();
        let person = |department: &str| BTreeMap::from([("department".to_owned(), Value::from(department))]);
        assert!(rules.groups[0].applies(&person(" Finance")));
        assert!(!rules.groups[0].applies(&person("Legal")));
    }
}
