//! A credential in memory.
//!
//! It can be moved, cloned and forgotten. It can never be printed, compared or serialised, and only the egress
//! pipeline reads it.

use std::fmt;

use zeroize::Zeroizing;

use crate::error::{Error, Kind};

/// A bearer token. Its memory is overwritten when it is dropped.
///
/// There is no `Display`, no serialisation and no accessor; `Debug` shows that there is a secret and nothing of it.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a token: at least 8 characters of visible ASCII, which is what can stand in a header.
    ///
    /// The lower bound is there because the token is removed from whatever the vendor answers: a token of one letter
    /// would turn into holes in every name.
    pub fn new(text: impl Into<String>) -> Result<Secret, Error> {
        let text = Zeroizing::new(text.into());
        if text.len() < SHORTEST {
            return Err(Kind::Secret("is shorter than 8 characters").into());
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Kind::Secret("holds a character that cannot stand in a header").into());
        }
        Ok(Secret(text))
    }

    /// The token itself, for the header and for the search in replies.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(redacted)")
    }
}

const SHORTEST: usize = 8;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_token_that_no_header_can_carry_is_refused() {
        let message = |text: &str| Secret::new(text).unwrap_err().to_string();
        assert_eq!(message("short"), "the secret is shorter than 8 characters");
        let unfit = "the secret holds a character that cannot stand in a header";
        assert_eq!(message("a token with spaces"), unfit);
        assert_eq!(message("a-token-from-a-file\n"), unfit);
        assert_eq!(message("tökentöken"), unfit);
    }

    proptest! {
        #[test]
        fn no_formatting_contains_the_token(token in "[!-~]{8,64}") {
            let secret = Secret::new(token.clone()).unwrap();
            for text in [format!("{secret:?}"), format!("{secret:#?}"), format!("{:?}", Some(&secret))] {
                // The fixed text of the redaction may itself be what the generator made.
                prop_assert!(!text.contains(&token) || "Some(Secret(redacted))".contains(&token));
            }
        }

        #[test]
        fn no_refusal_contains_the_token(token in "\\PC{0,7}|[a-z]{4} [a-z]{9}") {
            if let Err(error) = Secret::new(token.clone()) {
                let fixed = ["the secret is shorter than 8 characters", "the secret holds a character that cannot stand in a header"];
                prop_assert!(fixed.contains(&error.to_string().as_str()));
            }
        }
    }
}
