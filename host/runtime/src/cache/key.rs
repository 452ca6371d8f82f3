//! The key that compiled code is sealed with.

use std::fmt;

use ring::hmac;
use zeroize::Zeroizing;

/// 32 random bytes that seal the files of a [code cache](crate::RuntimeBuilder::code_cache).
///
/// Keep them where whoever can write to the cache cannot read them, and in no copy or backup that has the cache; a new
/// key costs one compilation of each component. It cannot be printed.
pub struct CodeKey(Zeroizing<[u8; 32]>);

impl CodeKey {
    /// A key of these bytes, which must come from a source that nobody can guess.
    pub fn new(bytes: [u8; 32]) -> CodeKey {
        CodeKey(Zeroizing::new(bytes))
    }

    /// The key as it is computed with.
    pub(super) fn seal(&self) -> hmac::Key {
        hmac::Key::new(hmac::HMAC_SHA256, self.0.as_slice())
    }
}

impl fmt::Debug for CodeKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CodeKey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_not_printed() {
        assert_eq!(format!("{:?}", CodeKey::new(*b"0123456789abcdef0123456789abcdef")), "CodeKey(…)");
    }
}
