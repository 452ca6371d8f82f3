//! The connectors that ship with Portcullis, as bytes. It owns nothing else, and must never hold a component that was
//! not built from this workspace, unless `PORTCULLIS_COMPONENT` named one at build time.

/// The connector for Zscaler Private Access, a WASI component of the world `portcullis:directory/connector`.
pub const ZPA: &[u8] = include_bytes!(env!("PORTCULLIS_ZPA_COMPONENT"));

/// The contract, the WIT package `portcullis:directory` with all that it names, in the binary form.
pub const WIT: &[u8] = include_bytes!(env!("PORTCULLIS_WIT"));

/// The same connector as an HTTP service: a WASI component that exports `wasi:http/incoming-handler` and answers
/// JSON-RPC.
#[cfg(feature = "service")]
pub const ZPA_SERVICE: &[u8] = include_bytes!(env!("PORTCULLIS_ZPA_SERVICE"));
