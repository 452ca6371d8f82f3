//! An HTTP service in front of a connector, for hosts that serve components (`wasmtime serve`, `jco serve`, Spin,
//! wasmCloud): a request's body is one JSON-RPC 2.0 request, the answer's one response, in the very form of
//! `portcullis call`.
//!
//! It imports the contract, and is plugged to any connector that exports it. The account is in the environment:
//! `PORTCULLIS_ENDPOINT`, `PORTCULLIS_SETTINGS`, and `PORTCULLIS_SERVICE_KEY`, which callers have to show. It must never
//! hold the account's token: its endpoint is that of something which adds the token, or its host does.

#[cfg(target_family = "wasm")]
#[allow(
    unsafe_code,
    unreachable_pub,
    clippy::all,
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "generated"
)]
mod bindings {
    wit_bindgen::generate!({
        path: ["../../wit", "service.wit"],
        world: "portcullis:service/service",
        generate_all,
    });

    use crate::handler::Service;
    export!(Service);
}

/// The contract as the runtime names it, so that both turn it into the types of `portcullis_directory` by one file.
#[cfg(target_family = "wasm")]
mod binding {
    pub(crate) use crate::bindings::portcullis::directory::{descriptor, types, user_directory, vendor_api};
}

#[cfg(target_family = "wasm")]
#[path = "../../../host/runtime/src/conversion.rs"]
mod conversion;
#[cfg(target_family = "wasm")]
mod directory;
pub mod gate;
#[cfg(target_family = "wasm")]
mod handler;
