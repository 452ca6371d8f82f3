//! What became of a change of membership. Mirrors `types.membership-result` of `wit/`.

use serde::{Deserialize, Serialize};

use crate::Error;

/// What became of each member of a change of membership. Every member of the call is in exactly one of the lists.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MembershipResult {
    /// Members that the call added or removed.
    #[serde(default)]
    pub applied: Vec<String>,
    /// Members that already were as wanted.
    #[serde(default)]
    pub unchanged: Vec<String>,
    /// Members for which it failed, with the reason.
    #[serde(default)]
    pub failed: Vec<FailedMember>,
}

/// A member that could not be added or removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedMember {
    /// The member's `id`.
    pub id: String,
    /// Why it failed.
    pub error: Error,
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::ErrorKind;

    #[test]
    fn every_member_is_in_one_of_the_lists() {
        let result = MembershipResult {
            applied: vec!["1".to_owned()],
            unchanged: vec!["2".to_owned()],
            failed: vec![FailedMember {
                id: "3".to_owned(),
                error: Error::new(ErrorKind::NotFound, "there is no user `3`"),
            }],
        };
        let json = serde_json::to_string(&result).unwrap();
        expect![[r#"{"applied":["1"],"unchanged":["2"],"failed":[{"id":"3","error":{"kind":"not-found","message":"there is no user `3`","effect":"none"}}]}"#]].assert_eq(&json);
        assert_eq!(serde_json::from_str::<MembershipResult>(&json).unwrap(), result);
    }
}
