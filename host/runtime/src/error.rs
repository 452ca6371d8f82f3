//! Why something could not be built, loaded or bound.
//!
//! A failed call is a `portcullis_directory::Error` instead. No message holds a secret.

use std::fmt;

use crate::digest::Digest;

/// A runtime could not be built, a component not be loaded, or an account not be bound.
#[derive(Debug)]
pub struct Error(Box<Kind>);

/// Whose affair an error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// The component is not what it should be: ask whoever built it.
    Guest,
    /// This machine or its configuration: ask the operator.
    Host,
    /// An argument: mend it.
    Caller,
}

impl Error {
    /// Whose affair it is.
    pub fn blame(&self) -> Blame {
        match &*self.0 {
            // A host without room says nothing of the component.
            Kind::Description(error) if error.is_busy() || error.is_shutdown() => Blame::Host,
            Kind::ComponentSize { .. }
            | Kind::Component(_)
            | Kind::Import(_)
            | Kind::Export(_)
            | Kind::Version { .. }
            | Kind::Contract(_)
            | Kind::Description(_) => Blame::Guest,
            Kind::Engine(_) | Kind::Cache { .. } | Kind::Tls(_) | Kind::Certificate { .. } | Kind::Task => Blame::Host,
            Kind::Endpoint { .. } | Kind::Secret(_) | Kind::Digest | Kind::Pinned { .. } => Blame::Caller,
        }
    }

    /// The import that the profile does not have, where a component was refused for one.
    pub fn refused_import(&self) -> Option<&str> {
        if let Kind::Import(name) = &*self.0 { Some(name) } else { None }
    }

    /// The export that the contract has and the component has not, where it was refused for one.
    pub fn missing_export(&self) -> Option<&str> {
        if let Kind::Export(name) = &*self.0 { Some(name) } else { None }
    }

    /// The version of the contract that the component is for, where that is another than this host's.
    pub fn other_version(&self) -> Option<&str> {
        if let Kind::Version { found, .. } = &*self.0 { Some(found) } else { None }
    }

    /// Whether a component was refused because another one is pinned.
    pub fn is_other_component(&self) -> bool {
        matches!(*self.0, Kind::Pinned { .. })
    }

    /// Whether an account's endpoint was refused.
    pub fn is_endpoint_refused(&self) -> bool {
        matches!(*self.0, Kind::Endpoint { .. })
    }

    /// Whether a certificate or key of the operator's cannot be used.
    pub fn is_certificate_refused(&self) -> bool {
        matches!(*self.0, Kind::Certificate { .. })
    }

    /// Whether the directory for compiled code was refused.
    pub fn is_cache_refused(&self) -> bool {
        matches!(*self.0, Kind::Cache { .. })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

impl From<Kind> for Error {
    fn from(kind: Kind) -> Error {
        Error(Box::new(kind))
    }
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum Kind {
    #[error("the component has {size} bytes, more than the allowed {at_most}")]
    ComponentSize { size: usize, at_most: usize },
    #[error("the component cannot be compiled: {0}")]
    Component(String),
    #[error("the component imports `{0}`, which this host does not offer")]
    Import(String),
    #[error("the component does not export `{0}`")]
    Export(String),
    #[error("the component is for version `{found}` of the contract, and this host for `{wanted}`")]
    Version { found: String, wanted: &'static str },
    #[error("the component does not keep to the contract: {0}")]
    Contract(String),
    #[error("the component cannot describe itself")]
    Description(#[source] portcullis_directory::Error),
    #[error("the engine cannot be made: {0}")]
    Engine(String),
    #[error("the cache directory `{path}` {reason}")]
    Cache { path: String, reason: String },
    #[error("the platform's certificates cannot be read: {0}")]
    Tls(String),
    #[error("the PEM of the {what} {reason}")]
    Certificate { what: &'static str, reason: String },
    #[error("the task that compiles was stopped")]
    Task,
    #[error("the endpoint `{endpoint}` {reason}")]
    Endpoint { endpoint: String, reason: &'static str },
    #[error("a digest is 64 hexadecimal digits")]
    Digest,
    #[error("the component is {found}, and {pinned} is pinned")]
    Pinned { found: Digest, pinned: Digest },
    #[error("the secret {0}")]
    Secret(&'static str),
}
