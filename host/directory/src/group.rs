//! A group of the directory. Mirrors `types.group` of `wit/`; never holds its members.

use serde::{Deserialize, Serialize};

use crate::{Json, extras, json};

/// A group, in unified fields. All but `id` may be absent; members are listed by
/// [`Directory::list_members`](crate::Directory::list_members).
///
/// In JSON an absent field is left out, and fields that are not known are ignored in reading.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The vendor's identifier: opaque text, never empty, compared byte for byte.
    pub id: String,
    /// The identifier that an identity provider gave the group. Not unique on every vendor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The name to show. Not unique on every vendor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What the group is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// `team`, `department` or `group`; any other text is the vendor's own value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_type: Option<String>,
    /// When the record was made: RFC 3339 where the vendor keeps to it, otherwise the vendor's text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// When the record last changed, in the same form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
    /// Fields without a place above, in the order of the record. In JSON one object, left out when empty.
    #[serde(default, with = "extras", skip_serializing_if = "Vec::is_empty")]
    pub extras: Vec<(String, Json)>,
    /// The vendor's own JSON of the group, byte for byte; `None` unless it was asked for.
    #[serde(default, deserialize_with = "json::present", skip_serializing_if = "Option::is_none")]
    pub remote_data: Option<Json>,
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use proptest::option;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_group_has_every_field_under_its_unified_name() {
        let group = Group {
            id: "7".to_owned(),
            external_id: Some("00g1".to_owned()),
            name: Some("Engines".to_owned()),
            description: Some("Builds engines".to_owned()),
            group_type: Some("team".to_owned()),
            created_at: Some("2024-05-01T10:00:00Z".to_owned()),
            updated_at: Some("2024-05-02T10:00:00Z".to_owned()),
            extras: vec![("organization".to_owned(), Json::from_text("\"42\""))],
            remote_data: Some(Json::from_text("{\"id\": 7}")),
        };
        expect![[r#"{"id":"7","external_id":"00g1","name":"Engines","description":"Builds engines","group_type":"team","created_at":"2024-05-01T10:00:00Z","updated_at":"2024-05-02T10:00:00Z","extras":{"organization":"42"},"remote_data":{"id": 7}}"#]].assert_eq(&serde_json::to_string(&group).unwrap());
    }

    #[test]
    fn an_empty_group_is_its_id() {
        let group = Group { id: "7".to_owned(), ..Group::default() };
        expect![[r#"{"id":"7"}"#]].assert_eq(&serde_json::to_string(&group).unwrap());
    }

    proptest! {
        #[test]
        fn a_group_survives_a_round_trip(
            id in ".*",
            name in option::of(".*"),
            description in option::of(".*"),
            extra in option::of((".*", ".*")),
            remote_data in option::of(".*"),
        ) {
            let group = Group {
                id,
                name,
                description,
                extras: extra.into_iter().map(|(name, value)| (name, Json::from_text(&value))).collect(),
                remote_data: remote_data.map(|text| Json::from_text(&text)),
                ..Group::default()
            };
            let json = serde_json::to_string(&group).unwrap();
            prop_assert_eq!(serde_json::from_str::<Group>(&json).unwrap(), group);
        }
    }
}
