//! A user of the directory and what hangs on one. Mirrors `types.user` of `wit/`; never interprets a value.

use serde::{Deserialize, Serialize};

use crate::{Json, extras, json};

/// A user, in unified fields. All but `id` may be absent.
///
/// In JSON an absent field is left out, `emails` and `groups` are always there, and fields that are not known are
/// ignored in reading.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The vendor's identifier: opaque text, never empty, compared byte for byte.
    pub id: String,
    /// The identifier that an identity provider gave the user. Not unique on every vendor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The name that the user signs in with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The name to show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Given name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// Family name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// The name the user goes by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nick_name: Option<String>,
    /// Job title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The kind of user, in the vendor's word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_type: Option<String>,
    /// `active`, `inactive`, `deleted` or `invited`; any other text is the vendor's own value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Addresses in the vendor's order; empty when there is none.
    #[serde(default)]
    pub emails: Vec<Email>,
    /// Groups in the vendor's order, as complete as the vendor makes them on a user; empty when there is none.
    #[serde(default)]
    pub groups: Vec<GroupReference>,
    /// Department.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
    /// Cost centre.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_center: Option<String>,
    /// Division.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub division: Option<String>,
    /// Organization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// When the record was made: RFC 3339 where the vendor keeps to it, otherwise the vendor's text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// When the record last changed, in the same form.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<String>,
    /// Fields without a place above, in the order of the record. In JSON one object, left out when empty.
    #[serde(default, with = "extras", skip_serializing_if = "Vec::is_empty")]
    pub extras: Vec<(String, Json)>,
    /// The vendor's own JSON of the user, byte for byte; `None` unless it was asked for.
    #[serde(default, deserialize_with = "json::present", skip_serializing_if = "Option::is_none")]
    pub remote_data: Option<Json>,
}

/// An e-mail address of a user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Email {
    /// The address as the vendor wrote it.
    pub email: String,
    /// What it is for, in the vendor's word, such as `work`; `None` where the vendor does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
    /// Whether the vendor calls it the primary one; `None` where the vendor does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_primary: Option<bool>,
}

/// A group that a user belongs to, as the user's own record shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupReference {
    /// The group's `id`.
    pub id: String,
    /// The group's `name`, where the user's record carries it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;

    use super::*;

    fn check(user: &User, json: &Expect) {
        json.assert_eq(&serde_json::to_string(user).unwrap());
    }

    #[test]
    fn an_empty_user_has_its_id_and_its_lists() {
        let user = User { id: "301188".to_owned(), ..User::default() };
        check(&user, &expect![[r#"{"id":"301188","emails":[],"groups":[]}"#]]);
    }

    #[test]
    fn a_full_user_has_every_field_under_its_unified_name() {
        let text = |text: &str| Some(text.to_owned());
        let user = User {
            id: "301188".to_owned(),
            external_id: text("00u1"),
            username: text("ada@example.com"),
            name: text("Ada Lovelace"),
            first_name: text("Ada"),
            last_name: text("Lovelace"),
            nick_name: text("Ada"),
            title: text("Analyst"),
            user_type: text("Employee"),
            status: text("active"),
            emails: vec![
                Email { email: "ada@example.com".to_owned(), r#type: text("work"), is_primary: Some(true) },
                Email { email: "ada@example.org".to_owned(), ..Email::default() },
            ],
            groups: vec![
                GroupReference { id: "7".to_owned(), name: text("Engines") },
                GroupReference { id: "8".to_owned(), name: None },
            ],
            department: text("Engines"),
            cost_center: text("4711"),
            division: text("Research"),
            organization: text("Example"),
            created_at: text("2024-05-01T10:00:00Z"),
            updated_at: text("yesterday"),
            extras: vec![
                ("custom.badge".to_owned(), Json::from_text("1.50")),
                ("avatar".to_owned(), Json::from_text("no JSON")),
            ],
            remote_data: Some(Json::from_text("{\"id\": 301188,\n \"active\":\"True\"}")),
        };
        check(
            &user,
            &expect![[r#"
                {"id":"301188","external_id":"00u1","username":"ada@example.com","name":"Ada Lovelace","first_name":"Ada","last_name":"Lovelace","nick_name":"Ada","title":"Analyst","user_type":"Employee","status":"active","emails":[{"email":"ada@example.com","type":"work","is_primary":true},{"email":"ada@example.org"}],"groups":[{"id":"7","name":"Engines"},{"id":"8"}],"department":"Engines","cost_center":"4711","division":"Research","organization":"Example","created_at":"2024-05-01T10:00:00Z","updated_at":"yesterday","extras":{"custom.badge":1.50,"avatar":"no JSON"},"remote_data":{"id": 301188,
                 "active":"True"}}"#]],
        );
    }

    #[test]
    fn unknown_fields_and_nulls_are_no_error() {
        let json = r#"{"id":"1","title":null,"shoe_size":42,"remote_data":null}"#;
        let user: User = serde_json::from_str(json).unwrap();
        check(&user, &expect![[r#"{"id":"1","emails":[],"groups":[],"remote_data":null}"#]]);
    }

    #[test]
    fn a_repeated_extra_is_kept_in_its_place() {
        let json = r#"{"id":"1","emails":[],"groups":[],"extras":{"b":1,"a":2,"b":3}}"#;
        let user: User = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&user).unwrap(), json);
    }

    fn email() -> impl Strategy<Value = Email> {
        (".*", option::of(".*"), option::of(any::<bool>())).prop_map(|(email, r#type, is_primary)| Email {
            email,
            r#type,
            is_primary,
        })
    }

    fn user() -> impl Strategy<Value = User> {
        let texts = vec(option::of(".*"), 15);
        let groups = vec((".*", option::of(".*")).prop_map(|(id, name)| GroupReference { id, name }), 0..3);
        let extras = vec((".*", ".*".prop_map(|text| Json::from_text(&text))), 0..3);
        let remote_data = option::of(".*".prop_map(|text| Json::from_text(&text)));
        (".*", texts, vec(email(), 0..3), groups, extras, remote_data).prop_map(
            |(id, texts, emails, groups, extras, remote_data)| {
                let mut texts = texts.into_iter();
                let mut text = || texts.next().unwrap();
                User {
                    id,
                    external_id: text(),
                    username: text(),
                    name: text(),
                    first_name: text(),
                    last_name: text(),
                    nick_name: text(),
                    title: text(),
                    user_type: text(),
                    status: text(),
                    emails,
                    groups,
                    department: text(),
                    cost_center: text(),
                    division: text(),
                    organization: text(),
                    created_at: text(),
                    updated_at: text(),
                    extras,
                    remote_data,
                }
            },
        )
    }

    proptest! {
        #[test]
        fn a_user_survives_a_round_trip(user in user()) {
            let json = serde_json::to_string(&user).unwrap();
            prop_assert_eq!(serde_json::from_str::<User>(&json).unwrap(), user);
        }
    }
}
