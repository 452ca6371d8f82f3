//! The contract as Rust, generated from `wit/`.
//!
//! `wit/` here is a link to that of the repository, so that the published package has it too.
//!
//! Nothing is written by hand here, and no type of it leaves the crate: `conversion` turns each into one of
//! `portcullis_directory`.

#![allow(missing_docs, unreachable_pub, clippy::all, clippy::pedantic)]

wasmtime::component::bindgen!({
    path: "wit",
    world: "connector",
    exports: { default: async },
    require_store_data_send: true,
    with: {
        "wasi:clocks": wasmtime_wasi::p2::bindings::clocks,
        "wasi:http": wasmtime_wasi_http::p2::bindings::http,
        "wasi:io": wasmtime_wasi::p2::bindings::io,
    },
});

pub use self::exports::portcullis::directory::{descriptor, types, vendor_api};
