//! Which actions of a plan are made: a part of it first, to see what it does.

use std::str::FromStr;

use crate::action::{Action, Operation, Reference};

/// Which actions are made. The others are skipped, and are left for another run.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// Only actions that one of these matches; every action where there is none.
    pub only: Vec<Selector>,
    /// At most so many, the first of those that are left.
    pub max_changes: Option<usize>,
}

/// What an action is chosen by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// `operation:create-user`
    Operation(String),
    /// `user:ID`: what changes the user or a membership of it. The id may be a placeholder of the plan.
    User(String),
    /// `group:ID`, likewise.
    Group(String),
    /// `number:7` or `number:7-12`
    Numbers(u32, u32),
    /// `label:TEXT`: what has this in its label, without regard to the case of ASCII letters.
    Label(String),
}

/// Why a text is no selector.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is none of `operation:NAME`, `user:ID`, `group:ID`, `number:N`, `number:N-M` and `label:TEXT`")]
pub struct SelectorError;

impl FromStr for Selector {
    type Err = SelectorError;

    fn from_str(text: &str) -> Result<Selector, SelectorError> {
        let (way, value) = text.split_once(':').filter(|(_, value)| !value.is_empty()).ok_or(SelectorError)?;
        let number = |text: &str| text.parse::<u32>().map_err(|_| SelectorError);
        match way {
            "operation" if OPERATIONS.contains(&value) => Ok(Selector::Operation(value.to_owned())),
            "user" => Ok(Selector::User(value.to_owned())),
            "group" => Ok(Selector::Group(value.to_owned())),
            "label" => Ok(Selector::Label(value.to_ascii_lowercase())),
            "number" => {
                let (first, last) = value.split_once('-').unwrap_or((value, value));
                Ok(Selector::Numbers(number(first)?, number(last)?))
            }
            _ => Err(SelectorError),
        }
    }
}

impl Choice {
    /// Whether the action is one that may be made. How many may be is counted elsewhere.
    pub(super) fn has(&self, action: &Action) -> bool {
        self.only.is_empty() || self.only.iter().any(|selector| selector.matches(action))
    }
}

impl Selector {
    /// Whether it chooses the action.
    pub fn matches(&self, action: &Action) -> bool {
        match self {
            Selector::Operation(name) => action.operation.name() == name,
            Selector::User(id) => user(&action.operation) == Some(id),
            Selector::Group(id) => group(&action.operation) == Some(id),
            Selector::Numbers(first, last) => (first..=last).contains(&&action.number),
            Selector::Label(text) => action.label.to_ascii_lowercase().contains(text),
        }
    }
}

/// The user that an operation is about.
pub(super) fn user(operation: &Operation) -> Option<&String> {
    match operation {
        Operation::CreateUser { user, .. }
        | Operation::ActivateUser { user }
        | Operation::UpdateUser { user, .. }
        | Operation::AddMember { user: Reference::Id(user) | Reference::New(user), .. }
        | Operation::RemoveMember { user, .. }
        | Operation::DeactivateUser { user }
        | Operation::DeleteUser { user } => Some(user),
        Operation::CreateGroup { .. } | Operation::UpdateGroup { .. } | Operation::DeleteGroup { .. } => None,
    }
}

/// The group that an operation is about.
pub(super) fn group(operation: &Operation) -> Option<&String> {
    match operation {
        Operation::CreateGroup { group, .. }
        | Operation::UpdateGroup { group, .. }
        | Operation::AddMember { group: Reference::Id(group) | Reference::New(group), .. }
        | Operation::RemoveMember { group, .. }
        | Operation::DeleteGroup { group } => Some(group),
        Operation::CreateUser { .. }
        | Operation::ActivateUser { .. }
        | Operation::UpdateUser { .. }
        | Operation::DeactivateUser { .. }
        | Operation::DeleteUser { .. } => None,
    }
}

const OPERATIONS: [&str; 10] = [
    "create-user",
    "activate-user",
    "update-user",
    "create-group",
    "update-group",
    "add-member",
    "remove-member",
    "delete-group",
    "deactivate-user",
    "delete-user",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selector_says_by_what_it_chooses() {
        let operation =
            Operation::AddMember { group: Reference::Id("7".to_owned()), user: Reference::New("user-1".to_owned()) };
        let action = Action { number: 4, label: "Mara in Ops".to_owned(), operation };
        let matches = |text: &str| text.parse::<Selector>().unwrap().matches(&action);
        for text in ["operation:add-member", "user:user-1", "group:7", "number:4", "number:1-9", "label:mara IN"] {
            assert!(matches(text), "{text}");
        }
        for text in ["operation:create-user", "user:7", "group:user-1", "number:5", "number:9-1", "label:nobody"] {
            assert!(!matches(text), "{text}");
        }
        for text in ["", "user", "user:", "operation:rename", "number:x", "number:1-", "colour:red"] {
            assert_eq!(text.parse::<Selector>(), Err(SelectorError), "{text}");
        }
    }
}
