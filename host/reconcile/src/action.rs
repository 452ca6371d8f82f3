//! One step of a plan: one change of one object or one membership.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A step of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// Its place in the plan, from 1; what receipts and the journal call it by.
    pub number: u32,
    /// What it is about, for a person: `mara.lind@acme.example`, or `mara.lind@acme.example in Ops`.
    pub label: String,
    /// What is done.
    #[serde(flatten)]
    pub operation: Operation,
}

/// What an action does. A plan has them in the order of the cases, and nothing of one case depends on a later one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "operation", rename_all = "kebab-case")]
pub enum Operation {
    /// Makes a user, whom later actions call `user`.
    CreateUser {
        /// The placeholder that stands for the id until there is one, such as `user-3`.
        user: String,
        /// What is set.
        fields: Vec<FieldChange>,
    },
    /// Switches a user on.
    ActivateUser {
        /// The user's id.
        user: String,
    },
    /// Changes fields of a user.
    UpdateUser {
        /// The user's id.
        user: String,
        /// What is set and cleared.
        fields: Vec<FieldChange>,
    },
    /// Makes a group, which later actions call `group`.
    CreateGroup {
        /// The placeholder that stands for the id until there is one, such as `group-3`.
        group: String,
        /// What is set.
        fields: Vec<FieldChange>,
    },
    /// Changes fields of a group.
    UpdateGroup {
        /// The group's id.
        group: String,
        /// What is set and cleared.
        fields: Vec<FieldChange>,
    },
    /// Puts a user into a group.
    AddMember {
        /// The group.
        group: Reference,
        /// The user.
        user: Reference,
    },
    /// Takes a user out of a group.
    RemoveMember {
        /// The group's id.
        group: String,
        /// The user's id.
        user: String,
    },
    /// Deletes a group.
    DeleteGroup {
        /// The group's id.
        group: String,
    },
    /// Switches a user off, which on some vendors deletes.
    DeactivateUser {
        /// The user's id.
        user: String,
    },
    /// Deletes a user.
    DeleteUser {
        /// The user's id.
        user: String,
    },
}

impl Operation {
    /// The name that JSON has for it.
    pub fn name(&self) -> &'static str {
        match self {
            Operation::CreateUser { .. } => "create-user",
            Operation::ActivateUser { .. } => "activate-user",
            Operation::UpdateUser { .. } => "update-user",
            Operation::CreateGroup { .. } => "create-group",
            Operation::UpdateGroup { .. } => "update-group",
            Operation::AddMember { .. } => "add-member",
            Operation::RemoveMember { .. } => "remove-member",
            Operation::DeleteGroup { .. } => "delete-group",
            Operation::DeactivateUser { .. } => "deactivate-user",
            Operation::DeleteUser { .. } => "delete-user",
        }
    }

    /// The place of its kind in the order of a plan, which is that of the cases.
    pub(crate) fn phase(&self) -> u8 {
        match self {
            Operation::CreateUser { .. } => 0,
            Operation::ActivateUser { .. } => 1,
            Operation::UpdateUser { .. } => 2,
            Operation::CreateGroup { .. } => 3,
            Operation::UpdateGroup { .. } => 4,
            Operation::AddMember { .. } => 5,
            Operation::RemoveMember { .. } => 6,
            Operation::DeleteGroup { .. } => 7,
            Operation::DeactivateUser { .. } => 8,
            Operation::DeleteUser { .. } => 9,
        }
    }

    /// Whether it takes something away that may not come back.
    pub fn is_destructive(&self) -> bool {
        matches!(
            self,
            Operation::RemoveMember { .. }
                | Operation::DeleteGroup { .. }
                | Operation::DeactivateUser { .. }
                | Operation::DeleteUser { .. }
        )
    }
}

/// An object that is there, or that an earlier action makes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reference {
    /// The id of an object that is there.
    Id(String),
    /// The placeholder of one that an earlier action makes.
    New(String),
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Reference::Id(text) | Reference::New(text)) = self;
        f.write_str(text)
    }
}

/// One field of a change, with what was there. Values are as in the unified JSON of an object, and as
/// [`Value::from_json`](portcullis_directory::Value::from_json) reads them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldChange {
    /// The unified name, or `custom.<name>`.
    pub field: String,
    /// The value when the plan was made; absent where there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// The value that it gets; absent where it is cleared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn an_action_is_one_flat_object() {
        let operation =
            Operation::AddMember { group: Reference::Id("7".to_owned()), user: Reference::New("user-1".to_owned()) };
        let action = Action { number: 2, label: "mara.lind@acme.example in Ops".to_owned(), operation };
        let json = serde_json::to_string(&action).unwrap();
        expect![[r#"{"number":2,"label":"mara.lind@acme.example in Ops","operation":"add-member","group":{"id":"7"},"user":{"new":"user-1"}}"#]].assert_eq(&json);
        assert_eq!(serde_json::from_str::<Action>(&json).unwrap(), action);
    }
}
