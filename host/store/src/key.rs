//! Keys: 32 random bytes each, written as 64 hexadecimal digits. The first of several seals; all of them open.

use std::fmt;

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::error::{Error, Kind};

/// A key. Its memory is overwritten when it is dropped.
#[derive(Clone)]
pub(crate) struct Key(Zeroizing<[u8; 32]>);

/// What tells a key from others without telling the key: the first 8 bytes of a hash of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyId(String);

/// Keys, of which the first is the current one.
#[derive(Clone)]
pub struct Keys(Vec<Key>);

impl Keys {
    /// Reads keys: 64 hexadecimal digits each, separated by spaces, commas or line breaks; `#` starts a line of words.
    /// `place` is where they come from, for the message; the text itself is never repeated.
    pub fn parse(text: &str, place: &str) -> Result<Keys, Error> {
        let refused = |reason| Error::from(Kind::KeyText { place: place.to_owned(), reason });
        let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
        let words = lines.flat_map(|line| line.split([' ', '\t', ',', '\r'])).filter(|word| !word.is_empty());
        let mut keys = Vec::new();
        for word in words {
            keys.push(Key::parse(word).ok_or_else(|| refused("does not hold keys: each is 64 hexadecimal digits"))?);
        }
        if keys.is_empty() { Err(refused("holds no key")) } else { Ok(Keys(keys)) }
    }

    pub(crate) fn of(key: Key) -> Keys {
        Keys(vec![key])
    }

    /// The key that seals. There is always one.
    pub(crate) fn current(&self) -> Option<&Key> {
        self.0.first()
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Key> {
        self.0.iter().find(|key| key.id().0 == id)
    }

    /// The same with another in front.
    pub(crate) fn with_current(&self, key: Key) -> Keys {
        Keys(std::iter::once(key).chain(self.0.iter().cloned()).collect())
    }

    /// The first, and of the others those that are in use.
    pub(crate) fn retain(self, used: &[String]) -> Keys {
        let mut keys = self.0.into_iter();
        let first = keys.next();
        Keys(first.into_iter().chain(keys.filter(|key| used.contains(&key.id().0))).collect())
    }

    pub(crate) fn ids(&self) -> Vec<KeyId> {
        self.0.iter().map(Key::id).collect()
    }

    pub(crate) fn to_text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(self.0.len() * 65));
        for key in &self.0 {
            for byte in key.0.iter() {
                push_hex(&mut text, *byte);
            }
            text.push('\n');
        }
        text
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Keys(redacted)")
    }
}

impl Key {
    pub(crate) fn generate() -> Result<Key, Error> {
        let mut key = Zeroizing::new([0; 32]);
        getrandom::fill(&mut *key).map_err(|_| Kind::Random)?;
        Ok(Key(key))
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub(crate) fn id(&self) -> KeyId {
        let hash = Sha256::new().chain_update(b"portcullis key id\0").chain_update(self.0.as_slice()).finalize();
        let mut id = String::with_capacity(16);
        for byte in hash.iter().take(8) {
            push_hex(&mut id, *byte);
        }
        KeyId(id)
    }

    fn parse(word: &str) -> Option<Key> {
        let mut key = Zeroizing::new([0; 32]);
        let digits = word.as_bytes();
        if digits.len() != 64 {
            return None;
        }
        for (byte, pair) in key.iter_mut().zip(digits.chunks_exact(2)) {
            let value = |digit: &u8| char::from(*digit).to_digit(16);
            let [high, low] = pair else { return None };
            *byte = u8::try_from(value(high)? * 16 + value(low)?).ok()?;
        }
        Some(Key(key))
    }
}

impl KeyId {
    /// The id as it is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn stored(id: String) -> KeyId {
        KeyId(id)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Two digits behind the text, of which no copy is left behind.
pub(crate) fn push_hex(text: &mut String, byte: u8) {
    for digit in [byte >> 4, byte & 15] {
        text.push(char::from_digit(digit.into(), 16).unwrap_or('0'));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keys_are_read_back_as_they_were_written() {
        let keys = Keys::of(Key::generate().unwrap()).with_current(Key::generate().unwrap());
        let read = Keys::parse(&keys.to_text(), "the test").unwrap();
        assert_eq!(read.ids(), keys.ids());
        assert_ne!(keys.ids()[0], keys.ids()[1]);
    }

    #[test]
    fn what_is_no_key_is_not_repeated() {
        let message = |text: &str| Keys::parse(text, "PORTCULLIS_KEY").unwrap_err().to_string();
        let refused = "PORTCULLIS_KEY does not hold keys: each is 64 hexadecimal digits";
        assert_eq!(message("hunter2"), refused);
        assert_eq!(message(&"g".repeat(64)), refused);
        assert_eq!(message(&"ä".repeat(32)), refused);
        assert_eq!(message("\n# a word\n"), "PORTCULLIS_KEY holds no key");
        assert_eq!(format!("{:?}", Keys::parse(&"0".repeat(64), "").unwrap()), "Keys(redacted)");
    }

    proptest! {
        #[test]
        fn no_text_panics_the_reader(text in "\\PC{0,80}|[0-9a-f ,#\n]{60,140}") {
            let _ = Keys::parse(&text, "the test");
        }
    }
}
