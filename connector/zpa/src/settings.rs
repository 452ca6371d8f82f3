//! The settings of an account: a JSON object, every member of it known. An unknown one is refused, because a setting
//! that silently does nothing is worse than none.

use serde::Deserialize;

/// What an account's settings say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Behaviour of this tenant where the reference knows none for certain.
    pub quirks: Quirks,
}

/// What the vendor's pages leave open, with safe defaults. Each can be settled by trying it on the tenant.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(
    deny_unknown_fields,
    default,
    rename_all = "kebab-case",
    expecting = "a JSON object"
)]
pub struct Quirks {
    /// Where the members of a group are read (zpa-scim 4).
    pub group_members: GroupMembers,
    /// What a group without `members` means (zpa-scim 4).
    pub missing_members: MissingMembers,
    /// Whether `externalId eq` is known to filter (zpa-scim 6: unknown).
    pub external_id_filter: bool,
    /// Whether `emails.value eq` is known to filter (zpa-scim 6: unknown).
    pub email_filter: bool,
    /// Whether groups are listed by name, which keeps their order still (zpa-scim 5).
    pub sort_groups: bool,
}

/// Where the members of a group are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GroupMembers {
    /// From the group's own record.
    #[default]
    ById,
    /// From the `groups` of each user.
    FromUsers,
}

/// What a group's record without `members` means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MissingMembers {
    /// Nothing: the vendor may have left them out.
    #[default]
    Unsupported,
    /// An empty group: this tenant was seen to send them.
    Empty,
}

impl Default for Quirks {
    fn default() -> Self {
        Quirks {
            group_members: GroupMembers::ById,
            missing_members: MissingMembers::Unsupported,
            external_id_filter: false,
            email_filter: false,
            sort_groups: true,
        }
    }
}

impl Settings {
    /// Reads settings; the error says what is wrong and where.
    pub fn parse(text: &str) -> Result<Settings, String> {
        // Serde would also take the members as a list.
        if !text.trim_start().starts_with('{') {
            return Err("expected a JSON object".to_owned());
        }
        serde_json::from_str(text).map_err(|err| err.to_string())
    }
}

/// JSON Schema of the settings.
pub const SCHEMA: &str = include_str!("settings.schema.json");

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn an_unknown_setting_is_refused_by_name() {
        let refused = |text: &str| Settings::parse(text).unwrap_err();
        assert_eq!(
            refused(r#"{"quirk":{}}"#),
            "unknown field `quirk`, expected `quirks` at line 1 column 8"
        );
        assert_eq!(
            refused(r#"{"quirks":{"group-members":"by-name"}}"#),
            "unknown variant `by-name`, expected `by-id` or `from-users` at line 1 column 36"
        );
        assert_eq!(
            refused("[]"),
            "invalid length 0, expected a JSON object at line 1 column 2"
        );
    }

    #[test]
    fn the_schema_names_every_quirk_with_its_default() {
        let schema: Value = serde_json::from_str(SCHEMA).unwrap();
        let quirks = schema["properties"]["quirks"]["properties"]
            .as_object()
            .unwrap();
        let defaults: serde_json::Map<_, _> = quirks
            .iter()
            .map(|(name, quirk)| (name.clone(), quirk["default"].clone()))
            .collect();
        assert_eq!(quirks.len(), 5);
        let text = Value::Object(
            [("quirks".to_owned(), Value::Object(defaults))]
                .into_iter()
                .collect(),
        )
        .to_string();
        assert_eq!(Settings::parse(&text).unwrap(), Settings::default());
    }
}
