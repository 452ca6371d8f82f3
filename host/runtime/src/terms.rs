//! What the operator asks of a component before it runs.

use crate::digest::Digest;
use crate::profile::Imports;

/// The operator's terms for one component: name those that differ and take the rest from [`Terms::default`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// What it may import. Default [`Imports::Http`].
    pub imports: Imports,
    /// The component that it has to be; any may be loaded where this is `None`, the default. It is compared before
    /// anything else is done with the bytes.
    pub digest: Option<Digest>,
}
