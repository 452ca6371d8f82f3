//! What a user or a group is looked up by.

/// What to look a user up by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserKey {
    /// `username`, compared without regard to case.
    Username(String),
    /// `external_id`, compared byte for byte.
    ExternalId(String),
    /// An address of `emails`, compared without regard to case.
    Email(String),
}

/// What to look a group up by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GroupKey {
    /// `name`, compared without regard to case.
    Name(String),
    /// `external_id`, compared byte for byte.
    ExternalId(String),
}
