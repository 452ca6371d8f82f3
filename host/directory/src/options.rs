//! How a read or a write is made. Everything is off by default.

/// What a read brings besides the unified fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// Fill `remote_data`.
    pub remote_data: bool,
}

/// How a write is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WriteOptions {
    /// Read the object back after the write and compare: a write that the vendor accepted and ignored is then an error
    /// of kind [`Protocol`](crate::ErrorKind::Protocol). Costs one request more for each request of the write.
    pub verify: bool,
    /// Permit a change of `username`, which some vendors treat as deleting one user and making another.
    pub allow_rename: bool,
    /// Permit a removal that leaves a group without members.
    pub allow_empty: bool,
}
