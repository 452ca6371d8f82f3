//! The mapping between Zscaler Private Access (ZPA) and the interface `user-directory`.
//!
//! Everything here is a function of its arguments: WIT arguments become an HTTP request, the HTTP response becomes a
//! WIT result. Nothing reads a clock, an environment, a file or randomness, nothing logs, sleeps or remembers. The crate
//! is `no_std`, so none of these can even be named, and what is not linked adds nothing to the component.
//!
//! Operations take a `send` function. The component hands in `wasi:http`, a native test hands in what it likes.
//!
//! Citations such as `zpa-scim 5` name a section of the behaviour reference that the project was written from.

#![no_std]
#![allow(
    clippy::boxed_local,
    clippy::unnecessary_box_returns,
    reason = "an error is a box, wherever it is made and whoever passes it on"
)]

extern crate alloc;
#[cfg(not(target_family = "wasm"))]
extern crate std;

#[allow(
    unexpected_cfgs,
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
        path: "../../wit",
        world: "connector",
        generate_all,
        std_feature,
    });
}
#[cfg(any(target_family = "wasm", test))]
mod arena;
mod block;
#[cfg(target_family = "wasm")]
mod component;
#[cfg(target_family = "wasm")]
mod memory;

pub mod account;
pub mod amendment;
pub mod attribute;
pub mod change;
pub mod create;
pub mod cursor;
pub mod delete;
pub mod description;
pub mod document;
pub mod error;
pub mod field;
pub mod filter;
pub mod find;
pub mod get;
pub mod group;
pub mod http;
pub mod json;
pub mod layout;
pub mod list;
pub mod mapping;
pub mod member;
pub mod membership;
pub mod page;
pub mod patch;
pub mod record;
pub mod retry_after;
pub mod row;
pub mod settings;
pub mod status;
pub mod table;
pub mod tape;
pub mod unified;
pub mod update;
pub mod user;
pub mod vendor;
pub mod verification;

/// The types of the contract, as the bindings generator makes them from `wit/types.wit`.
pub mod wit {
    pub use crate::bindings::exports::portcullis::directory::descriptor::{
        Description, Field, FieldAbilities, Operation, Support,
    };
    pub use crate::bindings::exports::portcullis::directory::types::*;
    pub use crate::bindings::exports::portcullis::directory::vendor_api::Reply;
}
