//! The chain: a line out of an entry, and an entry out of a line that was not changed. Pure.

use std::fmt;

use ring::hmac;
use zeroize::Zeroizing;

use super::entry::Entry;
use crate::key::push_hex;

/// The key of a chain.
pub(crate) struct ChainKey(hmac::Key);

/// The MAC of a line.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mac(pub(crate) [u8; 32]);

impl Mac {
    /// What stands before the first line of all.
    pub(crate) const START: Mac = Mac([0; 32]);

    pub(crate) fn to_hex(self) -> String {
        let mut text = String::with_capacity(64);
        for byte in self.0 {
            push_hex(&mut text, byte);
        }
        text
    }

    pub(crate) fn from_hex(text: &[u8]) -> Option<Mac> {
        let mut mac = [0; 32];
        if text.len() != 64 {
            return None;
        }
        for (byte, pair) in mac.iter_mut().zip(text.chunks_exact(2)) {
            let [high, low] = pair else { return None };
            *byte = digit(*high)? << 4 | digit(*low)?;
        }
        Some(Mac(mac))
    }
}

/// One way to write it, so that one MAC has one text.
fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

impl fmt::Debug for Mac {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.to_hex())
    }
}

/// What is in a line.
#[derive(Debug)]
pub(crate) enum Line {
    /// As it was written.
    Genuine(Box<Entry>, Mac),
    /// Not as it was written, or never written with this key. What stands where its MAC should be, if it is one.
    Changed(Option<Mac>),
}

impl ChainKey {
    pub(crate) fn new(bytes: &Zeroizing<Vec<u8>>) -> ChainKey {
        ChainKey(hmac::Key::new(hmac::HMAC_SHA256, bytes))
    }

    /// The entry as a line with its line break, and the MAC of that line.
    pub(crate) fn line(&self, entry: &Entry) -> serde_json::Result<(String, Mac)> {
        let mut line = serde_json::to_string(entry)?;
        line.pop();
        let mac = self.mac(LINE, line.as_bytes());
        line.push_str(BEFORE);
        line.push_str(&mac.to_hex());
        line.push_str(AFTER);
        line.push('\n');
        Ok((line, mac))
    }

    /// What is in a line, given without its line break.
    pub(crate) fn read(&self, line: &[u8]) -> Line {
        let Some((content, mac)) = split(line) else { return Line::Changed(None) };
        if !self.is(LINE, content, mac) {
            return Line::Changed(Some(mac));
        }
        match serde_json::from_slice(&[content, b"}"].concat()) {
            Ok(entry) => Line::Genuine(Box::new(entry), mac),
            Err(_) => Line::Changed(Some(mac)),
        }
    }

    pub(crate) fn mac(&self, domain: &[u8], content: &[u8]) -> Mac {
        let mut signing = hmac::Context::with_key(&self.0);
        signing.update(domain);
        signing.update(content);
        let mut mac = [0; 32];
        mac.copy_from_slice(signing.sign().as_ref());
        Mac(mac)
    }

    pub(crate) fn is(&self, domain: &[u8], content: &[u8], mac: Mac) -> bool {
        hmac::verify(&self.0, &[domain, content].concat(), &mac.0).is_ok()
    }
}

/// What the MAC is over, and the MAC.
fn split(line: &[u8]) -> Option<(&[u8], Mac)> {
    let line = line.strip_suffix(AFTER.as_bytes())?;
    let (line, mac) = line.split_at_checked(line.len().checked_sub(64)?)?;
    Some((line.strip_suffix(BEFORE.as_bytes())?, Mac::from_hex(mac)?))
}

const LINE: &[u8] = b"portcullis audit line 1\0";
/// The domain of what the database knows of the end.
pub(crate) const END: &[u8] = b"portcullis audit end 1\0";
const BEFORE: &str = ",\"mac\":\"";
const AFTER: &str = "\"}";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::audit::entry::Event;

    fn key(byte: u8) -> ChainKey {
        ChainKey::new(&Zeroizing::new(vec![byte; 32]))
    }

    fn entry() -> Entry {
        let previous = Mac::START.to_hex();
        Entry {
            sequence: 1,
            note: Some("a \"quoted\" note".to_owned()),
            previous,
            ..Entry::new(Event::Restart, String::new())
        }
    }

    #[test]
    fn a_line_is_read_back_with_its_key_alone() {
        let (line, mac) = key(1).line(&entry()).unwrap();
        let line = line.strip_suffix('\n').unwrap().as_bytes();
        match key(1).read(line) {
            Line::Genuine(read, its) => assert_eq!((*read, its), (entry(), mac)),
            changed @ Line::Changed(_) => panic!("{changed:?}"),
        }
        assert!(matches!(key(2).read(line), Line::Changed(Some(its)) if its == mac));
        let value: serde_json::Value = serde_json::from_slice(line).unwrap();
        assert_eq!(value["mac"], mac.to_hex());
    }

    proptest! {
        #[test]
        fn a_line_with_any_bit_turned_is_changed(at in any::<prop::sample::Index>(), bit in 0..8_u32) {
            let (line, _) = key(1).line(&entry()).unwrap();
            let mut line = line.into_bytes();
            line.pop();
            let at = at.index(line.len());
            line[at] ^= 1_u8 << bit;
            prop_assert!(matches!(key(1).read(&line), Line::Changed(_)));
        }

        #[test]
        fn no_bytes_panic_the_reader(line in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(matches!(key(1).read(&line), Line::Changed(_)));
        }
    }
}
