//! The one unsafe step of this crate: taking bytes for code.

#![allow(unsafe_code)]

use wasmtime::Engine;
use wasmtime::component::Component;

/// `None` when the bytes are not code of this engine and this version of wasmtime.
pub(super) fn deserialize(engine: &Engine, code: &[u8]) -> Option<Component> {
    // SAFETY: the bytes must have been made by `Component::serialize`. They come from a file that carries their digest,
    // in a directory that was found to belong to this user and to be writable by nobody else, and this crate writes
    // nothing there but what `Component::serialize` made. wasmtime itself refuses another version's or engine's code.
    unsafe { Component::deserialize(engine, code) }.ok()
}
