//! A member of a group. Mirrors `types.member` of `wit/`.

use serde::{Deserialize, Serialize};

/// A member of a group: a user, or a group where `type` says so.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The `id` of the user or group.
    pub id: String,
    /// `user` or `group`; any other text is the vendor's own value; `None` where the vendor does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
    /// The name to show, where the vendor gives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn check(member: &Member, json: &Expect) {
        let written = serde_json::to_string(member).unwrap();
        json.assert_eq(&written);
        assert_eq!(&serde_json::from_str::<Member>(&written).unwrap(), member);
    }

    #[test]
    fn what_the_vendor_does_not_say_is_left_out() {
        let member = Member { id: "301188".to_owned(), ..Member::default() };
        check(&member, &expect![[r#"{"id":"301188"}"#]]);
        let member = Member { id: "8".to_owned(), r#type: Some("group".to_owned()), name: Some("Brakes".to_owned()) };
        check(&member, &expect![[r#"{"id":"8","type":"group","name":"Brakes"}"#]]);
    }
}
