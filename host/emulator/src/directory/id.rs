//! Resource ids: UUIDs, and the decimal numbers of resources older than 2022-08-29 (zpa-scim.md 3.1).
//! Owns their text form; never says which resource an id belongs to.

use std::fmt;
use std::str::FromStr;

use crate::json;

const VERSION_MASK: u128 = 0xf << 76;
const VERSION_4: u128 = 0x4 << 76;
const VARIANT_MASK: u128 = 0x3 << 62;
const VARIANT_RFC: u128 = 0x2 << 62;

/// One id in 16 bytes. A value that fits in 64 bits is a number; a UUID never does, because of its version bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Id(u128);

impl Id {
    pub(crate) fn number(number: u64) -> Self {
        Self(u128::from(number))
    }

    /// A version 4 UUID out of random bits.
    pub(crate) fn uuid(bits: u128) -> Self {
        Self(bits & !VERSION_MASK & !VARIANT_MASK | VERSION_4 | VARIANT_RFC)
    }

    /// Appends the id as it stands in URLs and JSON; it needs no escaping in either.
    pub(crate) fn write(self, out: &mut Vec<u8>) {
        if let Ok(number) = u64::try_from(self.0) {
            return json::number(out, number);
        }
        for (position, byte) in self.0.to_be_bytes().into_iter().enumerate() {
            if matches!(position, 4 | 6 | 8 | 10) {
                out.push(b'-');
            }
            out.push(json::hex_digit(byte >> 4));
            out.push(json::hex_digit(byte));
        }
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = Vec::with_capacity(36);
        self.write(&mut out);
        f.write_str(&String::from_utf8_lossy(&out))
    }
}

impl FromStr for Id {
    type Err = ();

    /// Reads the one spelling that [`Id::write`] gives; no other text names a resource.
    fn from_str(text: &str) -> Result<Self, ()> {
        let id = if text.len() == 36 {
            u128::from_str_radix(&text.replace('-', ""), 16).map(Self)
        } else {
            text.parse().map(Self::number)
        };
        id.ok().filter(|id| id.to_string() == text).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_id_reads_back_as_itself(bits in any::<u128>(), number in any::<u64>()) {
            for id in [Id::uuid(bits), Id::number(number)] {
                prop_assert_eq!(id.to_string().parse(), Ok(id));
            }
        }

        #[test]
        fn no_text_panics(text in any::<String>()) {
            let _ = text.parse::<Id>();
        }
    }

    #[test]
    fn only_the_canonical_spelling_is_an_id() {
        assert!("5b1d9f0e-6a3c-4f8e-9d21-0c7a4be81f55".parse::<Id>().is_ok());
        for text in ["", "007", "+7", "5B1D9F0E-6A3C-4F8E-9D21-0C7A4BE81F55", "me"] {
            assert_eq!(text.parse::<Id>(), Err(()), "{text}");
        }
    }
}
