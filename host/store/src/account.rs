//! What is kept of an account, but for its credential.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::credential::Credential;
use crate::error::{Error, Kind};

/// An account as it is kept. It holds no secret and may be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// What stays when everything else changes; never used again once the account is removed.
    pub id: String,
    /// What people call it.
    pub name: AccountName,
    /// The vendor's base URL. It stays as it was given: the credential is for no other.
    pub endpoint: String,
    /// The connector's settings, JSON.
    pub settings: Option<String>,
    /// Limits of a call that differ from the defaults, by name.
    pub limits: BTreeMap<String, u64>,
    /// The SHA-256 of the only component that may run for it, in hexadecimal; `None` where any may.
    pub component: Option<String>,
    /// `token`, `command` or `none`: where the credential comes from.
    pub credential_kind: String,
    /// Seconds after 1970 at which it was added.
    pub created: i64,
    /// Seconds after 1970 at which its credential was last replaced.
    pub rotated: Option<i64>,
    /// How the last check went.
    pub checked: Option<Check>,
    /// Seconds after 1970 since when the vendor refuses its credential, which is over with the next that it takes, or
    /// when another one is kept.
    pub needs_reauth: Option<i64>,
}

/// How a check of an account went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Seconds after 1970.
    pub at: i64,
    /// A word, such as `ok`.
    pub outcome: String,
}

/// An account that is to be kept.
#[derive(Debug)]
pub struct NewAccount {
    /// What to call it.
    pub name: AccountName,
    /// The vendor's base URL.
    pub endpoint: String,
    /// The connector's settings, JSON.
    pub settings: Option<String>,
    /// Limits of a call that differ from the defaults, by name.
    pub limits: BTreeMap<String, u64>,
    /// The SHA-256 of the only component that may run for it, in hexadecimal.
    pub component: Option<String>,
    /// The credential; `None` for a server that wants none.
    pub credential: Option<Credential>,
}

/// What an account is called: 1 to 64 ASCII letters, digits, `.`, `_` and `-`, the first a letter or a digit. Two names
/// that differ in case alone name one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountName(String);

impl AccountName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AccountName {
    type Err = Error;

    /// The text is not repeated where it is refused: it may be a token that was typed in the wrong place.
    fn from_str(text: &str) -> Result<AccountName, Error> {
        let is_fit = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        let begins = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
        if begins && text.len() <= 64 && text.bytes().all(is_fit) {
            Ok(AccountName(text.to_owned()))
        } else {
            Err(Kind::Name.into())
        }
    }
}

impl fmt::Display for AccountName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_plain_word() {
        for name in ["acme", "7", "Acme-EU_2.test"] {
            assert_eq!(name.parse::<AccountName>().unwrap().as_str(), name);
        }
        for name in ["", "-acme", ".acme", "acme eu", "acme/eu", "äcme", "a\n", &"a".repeat(65)] {
            assert_eq!(
                name.parse::<AccountName>().unwrap_err().to_string(),
                "a name is 1 to 64 letters, digits, `.`, `_` and `-`, and begins with a letter or a digit"
            );
        }
    }
}
