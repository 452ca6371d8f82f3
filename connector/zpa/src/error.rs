//! Errors of the contract, and the bounds of their text.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;

use crate::wit::{self, Effect, ErrorKind};

/// An error of the contract. Boxed, as it is large, and passed up far more often than made.
pub type Error = Box<wit::Error>;

/// The longest message, in bytes.
pub const LONGEST_MESSAGE: usize = 500;

/// An error of a call that changed nothing.
pub fn error(kind: ErrorKind, message: &str) -> Error {
    Box::new(wit::Error {
        kind,
        code: None,
        message: line(message, LONGEST_MESSAGE),
        field: None,
        http_status: None,
        retry_after_ms: None,
        effect: Effect::None,
    })
}

/// The call is wrong; `field` names the argument or the field at fault.
pub fn invalid_input(field: &str, message: &str) -> Error {
    let mut err = error(ErrorKind::InvalidInput, message);
    err.field = Some(field.to_owned());
    err
}

/// The vendor's answer makes no sense.
pub fn protocol(message: &str) -> Error {
    error(ErrorKind::Protocol, message)
}

/// It cannot be done here; `code` is the finer reason.
pub fn unsupported(code: &str, message: &str) -> Error {
    let mut err = error(ErrorKind::Unsupported, message);
    err.code = Some(code.to_owned());
    err
}

/// The error of a call whose write was done before it failed.
pub fn after_write(mut err: Error) -> Error {
    err.effect = Effect::Applied;
    err
}

/// A better account of a refusal, with the code and the status of the vendor's own.
pub fn instead_of(refusal: Error, mut err: Error) -> Error {
    err.code = refusal.code;
    err.http_status = refusal.http_status;
    err
}

impl From<Error> for wit::Error {
    fn from(err: Error) -> wit::Error {
        *err
    }
}

/// One line of at most `longest` bytes: control characters become spaces, what is too long is cut with an ellipsis.
pub fn line(text: &str, longest: usize) -> String {
    let mut line = String::with_capacity(text.len().min(longest));
    for c in text.trim_ascii().chars().map(|c| if is_control(c) { ' ' } else { c }) {
        if line.len() + c.len_utf8() + '…'.len_utf8() > longest {
            line.push('…');
            break;
        }
        line.push(c);
    }
    line
}

/// Control characters, and those that turn the direction of text, with which a vendor could dress a message up.
fn is_control(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::prelude::v1::*;

    #[test]
    fn a_message_is_one_line_without_control_characters() {
        assert_eq!(line("a\nb\u{1b}[31mc\u{202e}d", 100), "a b [31mc d");
    }

    proptest! {
        #[test]
        fn a_line_is_never_too_long(text in ".{0,50}", longest in 4_usize..30) {
            prop_assert!(line(&text, longest).len() <= longest);
        }
    }
}
