//! Attacks on the machine that the host runs on. Each ends by itself where nothing stops it, but for the loop.

use std::hint::black_box;
use std::mem;

use crate::bindings::wasi::http::types::Fields;
use crate::exports::{Error, Reply};
use crate::failed;

/// Computes for ever.
pub(crate) fn endless() -> ! {
    let mut number = 1_u64;
    loop {
        number = black_box(number.wrapping_mul(6_364_136_223_846_793_005));
    }
}

/// Calls itself for ever.
#[allow(unconditional_recursion, reason = "what it is for")]
pub(crate) fn deep(depth: u64) -> u64 {
    black_box(deep(black_box(depth + 1))) + 1
}

/// Takes so many mebibytes of memory and tells how many it got.
pub(crate) fn allocate(mebibytes: usize) -> u64 {
    let mut got = 0;
    for _ in 0..mebibytes {
        mem::forget(black_box(Vec::<u8>::with_capacity(1 << 20)));
        got += 1;
    }
    got
}

/// Makes so many handles, gives none of them back, and tells how many it got.
pub(crate) fn leak(handles: usize) -> u64 {
    let mut got = 0;
    for _ in 0..handles {
        mem::forget(Fields::new());
        got += 1;
    }
    got
}

/// An answer of so many bytes.
pub(crate) fn huge(bytes: usize) -> Reply {
    Reply { status: 200, headers: Vec::new(), body: vec![b'x'; bytes] }
}

/// An error of so many bytes, in each of its texts: lines of their own that look like those of a log, and words that
/// terminals obey.
pub(crate) fn error(bytes: usize) -> Error {
    const PIECE: &str = "\u{1b}]0;owned\u{7}\u{1b}[2J\r\nINFO all is well\u{202e}\u{0}\u{9b}31m ";
    let text = PIECE.repeat(bytes / PIECE.len() + 1);
    Error { code: Some(text.clone()), field: Some(text.clone()), ..failed("", text) }
}

/// A number as an answer.
pub(crate) fn done(number: u64) -> Reply {
    told(number.to_string())
}

/// A text as an answer.
pub(crate) fn told(text: String) -> Reply {
    Reply { status: 200, headers: Vec::new(), body: text.into_bytes() }
}
