//! Who pushes, or pulls what is not for everybody.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use zeroize::Zeroizing;

use crate::error::{Error, Kind};

/// A name and a password, or the token that a registry wants in its place.
pub struct Credential(HeaderValue);

impl Credential {
    /// A name and its password.
    ///
    /// # Errors
    ///
    /// They must be fit for `Basic` (RFC 7617): no control characters, and no `:` in the name.
    pub fn new(user: &str, password: &str) -> Result<Credential, Error> {
        if user.contains(':') || user.is_empty() || user.chars().chain(password.chars()).any(char::is_control) {
            return Err(Kind::Credential.into());
        }
        let both = Zeroizing::new(format!("{user}:{password}"));
        let text = Zeroizing::new(format!("Basic {}", STANDARD.encode(both.as_bytes())));
        let mut header = HeaderValue::from_str(&text).map_err(|_| Kind::Credential)?;
        header.set_sensitive(true);
        Ok(Credential(header))
    }

    pub(crate) fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Credential(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_is_not_shown_and_one_that_cannot_be_sent_is_refused() {
        // RFC 7617, section 2.
        let credential = Credential::new("Aladdin", "open sesame").unwrap();
        assert_eq!(credential.header(), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        assert_eq!(format!("{credential:?} {:?}", credential.header()), "Credential(…) Sensitive");
        for (user, password) in [("", "x"), ("a:b", "x"), ("a\n", "x"), ("a", "x\r\ny")] {
            assert!(Credential::new(user, password).is_err());
        }
    }
}
