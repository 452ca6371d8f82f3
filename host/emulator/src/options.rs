//! What an emulator is started with.

use std::fmt;
use std::time::SystemTime;

use crate::{Fault, Switches};

/// How large, how strict and how faulty an emulator is.
#[derive(Clone, Debug)]
pub struct Options {
    /// The numeric id of the identity provider, which is the tenant's key in the URL (zpa-scim.md 1).
    pub idp: String,
    /// Users in the generated directory.
    pub users: u32,
    /// Groups in the generated directory.
    pub groups: u32,
    /// The same seed gives the same directory, byte for byte.
    pub seed: u64,
    /// Who is let in.
    pub auth: Auth,
    /// The port on 127.0.0.1; 0 lets the system pick one.
    pub port: u16,
    /// Faults in force from the start.
    pub faults: Vec<Fault>,
    /// ZPA with what the reference leaves open, or the RFCs: [`Switches::zpa`], [`Switches::strict`].
    pub switches: Switches,
    /// The newest so many exchanges are kept; 0 keeps none.
    pub record: usize,
    /// So many bytes of each request and response body are kept.
    pub record_body: usize,
    /// The clock behind `meta` of what is written and the date form of `Retry-After`; nothing else asks for the time.
    pub clock: fn() -> SystemTime,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            idp: "111222333444555666".to_owned(),
            users: 100,
            groups: 8,
            seed: 7,
            auth: Auth::Token("emulator-token".to_owned()),
            port: 0,
            faults: Vec::new(),
            switches: Switches::default(),
            record: 1000,
            record_body: 256 * 1024,
            clock: SystemTime::now,
        }
    }
}

/// Who is let in. Only loopback is bound, whatever is chosen.
#[derive(Clone, PartialEq, Eq)]
pub enum Auth {
    /// Those who send `Authorization: Bearer` and this token (zpa-scim.md 1).
    Token(String),
    /// Everyone: for hosts that cannot add a credential.
    None,
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Token(_) => "Token(…)",
            Self::None => "None",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_not_printed() {
        let auth = Auth::Token("open-sesame".to_owned());
        assert_eq!(format!("{auth:?}"), "Token(…)");
    }
}
