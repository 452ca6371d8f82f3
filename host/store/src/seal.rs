//! The seal: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha), whose nonce is long enough to be drawn at random, over a
//! credential and everything that says whose it is. Pure but for the nonce.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use crate::error::{Error, Kind};
use crate::key::Key;

/// What a sealed credential is bound to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Owner<'a> {
    pub(crate) id: &'a str,
    pub(crate) name: &'a str,
    pub(crate) endpoint: &'a str,
    pub(crate) kind: &'a str,
}

/// Nonce, ciphertext and tag.
pub(crate) fn seal(key: &Key, owner: Owner<'_>, clear: &[u8]) -> Result<Vec<u8>, Error> {
    let mut nonce = [0; NONCE];
    getrandom::fill(&mut nonce).map_err(|_| Kind::Random)?;
    let bound = owner.bytes(key);
    let payload = Payload { msg: clear, aad: &bound };
    let sealed = cipher(key).encrypt(&XNonce::from(nonce), payload).map_err(|_| Kind::Seal(owner.name.to_owned()))?;
    Ok([&nonce[..], &sealed].concat())
}

/// What was sealed, where it was sealed with this key for this owner.
pub(crate) fn open(key: &Key, owner: Owner<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
    let broken = || Kind::Seal(owner.name.to_owned());
    let (nonce, sealed) = sealed.split_first_chunk::<NONCE>().ok_or_else(broken)?;
    let bound = owner.bytes(key);
    let payload = Payload { msg: sealed, aad: &bound };
    let clear = cipher(key).decrypt(&XNonce::from(*nonce), payload).map_err(|_| broken())?;
    Ok(Zeroizing::new(clear))
}

fn cipher(key: &Key) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.bytes().into())
}

impl Owner<'_> {
    /// Each part behind its length, so that no two owners come to the same bytes.
    fn bytes(self, key: &Key) -> Vec<u8> {
        let key = key.id();
        let parts = [VERSION, COLUMN, self.id, self.name, self.endpoint, self.kind, key.as_str()];
        let mut bytes = Vec::new();
        for part in parts {
            bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bytes.extend_from_slice(part.as_bytes());
        }
        bytes
    }
}

const VERSION: &str = "portcullis-store 1";
const COLUMN: &str = "account.credential";
const NONCE: usize = 24;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const OWNER: Owner<'_> = Owner { id: "1", name: "acme", endpoint: "https://a.example/v2", kind: "token" };

    #[test]
    fn a_seal_opens_for_its_owner_and_key_alone() {
        let (key, other) = (Key::generate().unwrap(), Key::generate().unwrap());
        let sealed = seal(&key, OWNER, b"s3cr3t").unwrap();
        assert_eq!(open(&key, OWNER, &sealed).unwrap().as_slice(), b"s3cr3t");
        assert!(open(&other, OWNER, &sealed).unwrap_err().is_seal_broken());
        for owner in [
            Owner { id: "2", ..OWNER },
            Owner { name: "acme2", ..OWNER },
            Owner { endpoint: "https://evil.example/v2", ..OWNER },
            Owner { kind: "command", ..OWNER },
            // The same letters, cut elsewhere.
            Owner { id: "1a", name: "cme", ..OWNER },
        ] {
            assert!(open(&key, owner, &sealed).unwrap_err().is_seal_broken(), "{owner:?}");
        }
    }

    #[test]
    fn two_seals_of_one_token_have_nothing_in_common() {
        let key = Key::generate().unwrap();
        let (first, second) = (seal(&key, OWNER, b"s3cr3t").unwrap(), seal(&key, OWNER, b"s3cr3t").unwrap());
        assert_ne!(first[..NONCE], second[..NONCE]);
        assert_ne!(first[NONCE..], second[NONCE..]);
    }

    proptest! {
        #[test]
        fn a_seal_with_any_bit_turned_does_not_open(at in any::<prop::sample::Index>(), bit in 0..8_u32) {
            let key = Key::generate().unwrap();
            let mut sealed = seal(&key, OWNER, b"s3cr3t").unwrap();
            let at = at.index(sealed.len());
            sealed[at] ^= 1_u8 << bit;
            prop_assert!(open(&key, OWNER, &sealed).is_err());
        }

        #[test]
        fn no_bytes_panic_the_opener(sealed in proptest::collection::vec(any::<u8>(), 0..64)) {
            prop_assert!(open(&Key::generate().unwrap(), OWNER, &sealed).is_err());
        }
    }
}
