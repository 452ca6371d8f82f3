//! What a connector may import, as the operator chooses when it is loaded.
//!
//! There is no profile with files or sockets, and there must never be one.

use wasmtime::Engine;
use wasmtime::component::Linker;

use crate::state::{self, State};

/// A profile of imports. Whatever it is, the connector reaches nothing but its account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Imports {
    /// `wasi:http`, and what that is expressed in: `wasi:io` and `wasi:clocks`.
    #[default]
    Http,
    /// [`Http`](Imports::Http), and `wasi:cli` and `wasi:random` as connectors need them that are built for plain WASI
    /// 0.2, such as Rust's target `wasm32-wasip2` with its standard library:
    ///
    /// - an environment, arguments and a standard input that are empty, and no terminal;
    /// - standard output and error, which go into the log at level `debug`, line by line: 100 lines a call of each, of at
    ///   most 500 bytes, without control characters;
    /// - `exit`, which ends the call as the connector's fault, whatever the status;
    /// - random bytes, 64 KiB at most at once, of a generator that is seeded by the operating system's for each call.
    ///   They tell a connector nothing of the host or of another call. Its answers then depend on more than what it was
    ///   given, which is why it is not the default.
    ///
    /// A connector that imports `wasi:filesystem` or `wasi:sockets` is refused all the same. Rust 1.95 imports neither
    /// for programs that print, keep hash maps and exit.
    Std,
}

impl Imports {
    /// The interfaces of the profile.
    pub(crate) fn interfaces(self) -> impl Iterator<Item = &'static str> {
        let more = match self {
            Imports::Http => &[][..],
            Imports::Std => &STD,
        };
        HTTP.iter().chain(more).copied()
    }
}

/// A linker for each profile.
pub(crate) struct Linkers {
    http: Linker<State>,
    std: Linker<State>,
}

impl Linkers {
    pub(crate) fn new(engine: &Engine) -> wasmtime::Result<Linkers> {
        let mut http = Linker::new(engine);
        state::link(&mut http)?;
        let mut std = http.clone();
        state::link_std(&mut std)?;
        Ok(Linkers { http, std })
    }

    pub(crate) fn of(&self, imports: Imports) -> &Linker<State> {
        match imports {
            Imports::Http => &self.http,
            Imports::Std => &self.std,
        }
    }
}

const HTTP: [&str; 7] = [
    "wasi:clocks/monotonic-clock",
    "wasi:clocks/wall-clock",
    "wasi:http/outgoing-handler",
    "wasi:http/types",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
];

const STD: [&str; 13] = [
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stderr",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stderr",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:random/insecure",
    "wasi:random/insecure-seed",
    "wasi:random/random",
];
