//! What names a component for good: the SHA-256 of its bytes.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};

use crate::error::{Error, Kind};

/// The SHA-256 of a component, written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of these bytes.
    pub fn of(component: &[u8]) -> Digest {
        Digest(Sha256::digest(component).into())
    }

    pub(crate) fn new(bytes: [u8; 32]) -> Digest {
        Digest(bytes)
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Refuses a component other than the pinned one.
pub(crate) fn check(found: Digest, pinned: Option<Digest>) -> Result<(), Error> {
    match pinned {
        Some(pinned) if pinned != found => Err(Kind::Pinned { found, pinned }.into()),
        _ => Ok(()),
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl FromStr for Digest {
    type Err = Error;

    /// 64 hexadecimal digits of either case.
    fn from_str(text: &str) -> Result<Digest, Error> {
        let mut digest = [0; 32];
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(Kind::Digest.into());
        }
        for (byte, digits) in digest.iter_mut().zip(text.as_bytes().chunks(2)) {
            let digits = str::from_utf8(digits).map_err(|_| Kind::Digest)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| Kind::Digest)?;
        }
        Ok(Digest(digest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-2, appendix B.1.
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn a_digest_is_read_as_it_is_written() {
        let digest = Digest::of(b"abc");
        assert_eq!((digest.to_string().as_str(), format!("{digest:?}").as_str()), (ABC, ABC));
        assert_eq!(ABC.parse::<Digest>().unwrap(), digest);
        assert_eq!(ABC.to_ascii_uppercase().parse::<Digest>().unwrap(), digest);
    }

    #[test]
    fn anything_but_64_digits_is_no_digest() {
        for text in ["", "ab", &ABC[1..], &format!("{ABC}0"), &ABC.replace('b', "g"), &format!("+{}", &ABC[1..])] {
            let error = text.parse::<Digest>().unwrap_err();
            assert_eq!(error.to_string(), "a digest is 64 hexadecimal digits");
        }
    }
}
