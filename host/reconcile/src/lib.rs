//! Keeps a user directory right: reads it whole, compares it with what it should be, plans, guards, applies and proves.
//!
//! It works on any [`Directory`](portcullis_directory::Directory). Nothing in this crate knows a vendor, WebAssembly or
//! HTTP, and nothing here prints or reads an environment variable or a clock: instants are given.

#![warn(missing_docs)]
