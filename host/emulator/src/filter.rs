//! Filters and the paths of a PATCH as trees (RFC 7644 3.4.2.2 and 3.5.2).
//! Says what a text means; never decides whether ZPA knows it.

mod evaluate;
mod parse;

#[cfg(test)]
mod oracle;

use serde_json::Value;

/// A whole filter. A conjunction or disjunction has at least two parts.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Filter {
    And(Vec<Filter>),
    Or(Vec<Filter>),
    Not(Box<Filter>),
    Present(AttributePath),
    Compare(AttributePath, Operator, Value),
    /// `emails[type eq "work"]`
    Values(AttributePath, Box<Filter>),
}

/// `urn:…:User:name.givenName`; names are kept as they were written and have no case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AttributePath {
    pub(crate) urn: Option<String>,
    /// Empty where the path names the extension of that URN as a whole.
    pub(crate) name: String,
    pub(crate) sub: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    NotEqual,
    Contains,
    StartsWith,
    EndsWith,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

/// Where an operation of a PATCH works: an attribute, perhaps some of its values, perhaps one part of those.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Path {
    pub(crate) attribute: AttributePath,
    pub(crate) values: Option<Filter>,
    pub(crate) sub: Option<String>,
}

pub(crate) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub(crate) const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
pub(crate) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

impl AttributePath {
    /// The path of a member of a resource, which is taken whole: its name or the URN of an extension.
    pub(crate) fn of_member(name: &str) -> Self {
        if name.eq_ignore_ascii_case(ENTERPRISE) {
            return Self { urn: Some(name.to_owned()), name: String::new(), sub: None };
        }
        Self { urn: None, name: name.to_owned(), sub: None }
    }

    /// Whether the attribute is in the extension of enterprise users.
    pub(crate) fn is_enterprise(&self) -> bool {
        self.urn.as_deref().is_some_and(|urn| urn.eq_ignore_ascii_case(ENTERPRISE))
    }

    /// Whether the attribute is in one of the core schemas.
    pub(crate) fn is_core(&self) -> bool {
        let urn = self.urn.as_deref();
        urn.is_none_or(|urn| [USER, GROUP].iter().any(|core| core.eq_ignore_ascii_case(urn)))
    }

    /// Name and sub-attribute in lower case, for a `match`.
    pub(crate) fn folded(&self) -> (String, Option<String>) {
        (self.name.to_ascii_lowercase(), self.sub.as_ref().map(|sub| sub.to_ascii_lowercase()))
    }
}
