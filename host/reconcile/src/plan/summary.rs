//! What a plan comes to, in numbers and in sentences for somebody who decides about it.

use super::{DriftCode, Plan};
use crate::action::Operation;

impl Plan {
    /// How many actions there are of each operation that it has, in its order.
    pub fn counts(&self) -> Vec<(&'static str, u64)> {
        counted(self.actions.iter().map(|action| action.operation.name()))
    }

    /// How many differences there are of each class that it has, in the order of the classes.
    pub fn drift_counts(&self) -> Vec<(DriftCode, u64)> {
        counted(self.drift.iter().map(|drift| drift.code))
    }

    /// Whether something is not as it should be. What the source does not own is as it is.
    pub fn has_drift(&self) -> bool {
        self.drift.iter().any(|drift| drift.code != DriftCode::Unmanaged)
    }

    /// What it would do, what it would take away, and what stands against it.
    pub fn summary(&self) -> String {
        let mut sentences = Vec::new();
        if self.actions.is_empty() {
            sentences.push(if self.has_drift() {
                "Nothing is done, and what differs needs somebody to look.".to_owned()
            } else {
                "Everything is as it should be.".to_owned()
            });
        } else {
            let deeds: Vec<_> = self.counts().into_iter().map(|(name, count)| deed(name, count)).collect();
            sentences.push(format!("The plan would {}.", listed(&deeds)));
            let taken = self.actions.iter().filter(|action| action.operation.is_destructive()).count();
            sentences.push(match taken {
                0 => "It takes nothing away.".to_owned(),
                taken => format!("{taken} of its {} actions take something away.", self.actions.len()),
            });
        }
        let open = self.drift.iter().filter(|drift| matches!(drift.code, DriftCode::Ambiguous | DriftCode::Duplicate));
        let open = open.count();
        if open > 0 {
            sentences.push(format!("Left alone because it is not certain who they are: {open}."));
        }
        if !self.is_complete {
            sentences.push("The directory was not certainly read whole, so nothing is taken away.".to_owned());
        }
        if !self.trips.is_empty() {
            sentences.push(format!("It goes beyond limits and is refused as it stands: {}.", self.trips.len()));
        }
        sentences.join(" ")
    }
}

impl DriftCode {
    /// The code as JSON has it.
    pub fn name(self) -> &'static str {
        match self {
            DriftCode::Missing => "missing",
            DriftCode::Orphaned => "orphaned",
            DriftCode::AttributeDrift => "attribute-drift",
            DriftCode::UnderPrivileged => "under-privileged",
            DriftCode::OverPrivileged => "over-privileged",
            DriftCode::Duplicate => "duplicate",
            DriftCode::Ambiguous => "ambiguous",
            DriftCode::Unmanaged => "unmanaged",
            DriftCode::DanglingMember => "dangling-member",
            DriftCode::ChangedOutOfBand => "changed-out-of-band",
        }
    }

    /// What it means, for a person.
    pub fn meaning(self) -> &'static str {
        match self {
            DriftCode::Missing => "should be there and is not",
            DriftCode::Orphaned => "is there, is owned by the source, and should not be",
            DriftCode::AttributeDrift => "a field has another value",
            DriftCode::UnderPrivileged => "a user lacks a group",
            DriftCode::OverPrivileged => "a user has a group too many",
            DriftCode::Duplicate => "two that should be one; nothing is written",
            DriftCode::Ambiguous => "may be one of several; nothing is written",
            DriftCode::Unmanaged => "not owned by the source, or protected; never touched",
            DriftCode::DanglingMember => "a group has a member that is no user",
            DriftCode::ChangedOutOfBand => "changed since the last run, and not by the source",
        }
    }
}

/// How often each comes, in the order in which they first come. Equal ones stand together.
fn counted<T: PartialEq>(all: impl Iterator<Item = T>) -> Vec<(T, u64)> {
    let mut counts: Vec<(T, u64)> = Vec::new();
    for one in all {
        match counts.last_mut() {
            Some((last, count)) if *last == one => *count += 1,
            _ => counts.push((one, 1)),
        }
    }
    counts
}

/// What actions of this name do, such as `switch off 2 users`.
fn deed(name: &str, count: u64) -> String {
    let (verb, noun) = match name {
        "create-user" => ("make", "user"),
        "activate-user" => ("switch on", "user"),
        "update-user" => ("change", "user"),
        "create-group" => ("make", "group"),
        "update-group" => ("change", "group"),
        "add-member" => ("add", "membership"),
        "remove-member" => ("take away", "membership"),
        "delete-group" => ("delete", "group"),
        "deactivate-user" => ("switch off", "user"),
        _ => ("delete", "user"),
    };
    format!("{verb} {count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// `a, b and c`.
fn listed(texts: &[String]) -> String {
    match texts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The heading of the actions of an operation.
pub(super) fn heading(operation: &Operation) -> &'static str {
    match operation {
        Operation::CreateUser { .. } => "Users that are made",
        Operation::ActivateUser { .. } => "Users that are switched on",
        Operation::UpdateUser { .. } => "Users that are changed",
        Operation::CreateGroup { .. } => "Groups that are made",
        Operation::UpdateGroup { .. } => "Groups that are changed",
        Operation::AddMember { .. } => "Memberships that are added",
        Operation::RemoveMember { .. } => "Memberships that are taken away",
        Operation::DeleteGroup { .. } => "Groups that are deleted",
        Operation::DeactivateUser { .. } => "Users that are switched off",
        Operation::DeleteUser { .. } => "Users that are deleted",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_reads_like_a_sentence() {
        let deeds = [deed("create-user", 1), deed("add-member", 2), deed("deactivate-user", 3)];
        assert_eq!(listed(&deeds), "make 1 user, add 2 memberships and switch off 3 users");
        assert_eq!(listed(&deeds[..1]), "make 1 user");
    }

    #[test]
    fn a_code_is_named_as_json_names_it() {
        for code in [DriftCode::Missing, DriftCode::AttributeDrift, DriftCode::ChangedOutOfBand] {
            assert_eq!(serde_json::to_value(code).unwrap(), code.name());
        }
    }
}
