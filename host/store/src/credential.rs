//! A credential in memory, on its way into or out of its seal. It cannot be printed, compared or serialised.

use std::fmt;

use zeroize::Zeroizing;

use crate::error::{Error, Kind};

/// Where the token of an account comes from.
#[derive(Clone, Debug)]
pub enum Credential {
    /// The token itself.
    Token(Token),
    /// A program that prints it, and its arguments. It is sealed as a token is: whoever can plant a command can do
    /// whatever its reader can.
    Command(Vec<String>),
}

/// A token. Its memory is overwritten when it is dropped, and `Debug` shows nothing of it.
#[derive(Clone)]
pub struct Token(Zeroizing<String>);

impl Token {
    /// Takes a token of any form but the empty one.
    pub fn new(text: Zeroizing<String>) -> Result<Token, Error> {
        if text.is_empty() { Err(Kind::EmptyToken.into()) } else { Ok(Token(text)) }
    }

    /// The token itself, for whoever sends it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token(redacted)")
    }
}

impl Credential {
    /// The word for its kind, which is bound into the seal.
    pub fn kind(&self) -> &'static str {
        match self {
            Credential::Token(_) => TOKEN,
            Credential::Command(_) => COMMAND,
        }
    }

    pub(crate) fn to_bytes(&self) -> Result<Zeroizing<Vec<u8>>, Error> {
        Ok(Zeroizing::new(match self {
            Credential::Token(token) => token.0.as_bytes().to_vec(),
            Credential::Command(words) => serde_json::to_vec(words).map_err(|_| Kind::EmptyToken)?,
        }))
    }

    /// `None` where the bytes are none of this kind.
    pub(crate) fn from_bytes(kind: &str, bytes: &[u8]) -> Option<Credential> {
        match kind {
            TOKEN => {
                let text = str::from_utf8(bytes).ok()?;
                Token::new(Zeroizing::new(text.to_owned())).ok().map(Credential::Token)
            }
            COMMAND => serde_json::from_slice(bytes).ok().map(Credential::Command),
            _ => None,
        }
    }
}

const TOKEN: &str = "token";
const COMMAND: &str = "command";

/// The kind of an account that has no credential.
pub(crate) const NONE: &str = "none";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_formatting_contains_the_token(token in "[!-~]{8,64}") {
            let credential = Credential::Token(Token::new(Zeroizing::new(token.clone())).unwrap());
            for text in [format!("{credential:?}"), format!("{credential:#?}")] {
                prop_assert!(!text.contains(&token) || "Token(Token(redacted))".contains(&token));
            }
        }

        #[test]
        fn no_bytes_panic_a_credential(kind in "token|command|none|x", bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = Credential::from_bytes(&kind, &bytes);
        }
    }
}
