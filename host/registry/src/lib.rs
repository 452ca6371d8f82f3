//! Components at OCI registries, in the form that `wkg` and other tools for WebAssembly have there (CNCF, "Wasm OCI
//! Artifact"): a manifest, a config that tells what the component imports and exports, and one layer, the component.
//!
//! Everything that a registry says is checked against the digests that name it, and bounded before it is read. The
//! password goes to the registry, and to whoever it names for tokens, only when asked for; a storage that it redirects to
//! gets none. Cleartext goes to literal loopback addresses alone. It knows no vendor, runs nothing, and prints nothing.

mod artifact;
mod challenge;
mod client;
mod credential;
mod digest;
mod error;
mod reference;
mod registry;

pub use artifact::Artifact;
pub use credential::Credential;
pub use digest::Digest;
pub use error::Error;
pub use reference::Reference;
pub use registry::{Pulled, Registry};
