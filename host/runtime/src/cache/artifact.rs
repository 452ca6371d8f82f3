//! The one unsafe step of this crate: taking bytes for code.

#![allow(unsafe_code)]

use wasmtime::Engine;
use wasmtime::component::Component;

/// `None` when the bytes are not code of this engine and this version of wasmtime.
pub(super) fn deserialize(engine: &Engine, code: &[u8]) -> Option<Component> {
    // SAFETY: the bytes must have been made by `Component::serialize`. Their MAC was verified a moment ago, under a key
    // that seals nothing but what `Component::serialize` made of this component for this engine, and they were not read
    // again since. wasmtime itself refuses another version's or engine's code.
    unsafe { Component::deserialize(engine, code) }.ok()
}
