//! What two sides compare to know that they speak of the same thing: SHA-256 of its JSON.

use std::fmt::{self, Write as _};
use std::io;

use portcullis_directory::{Group, User};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// A SHA-256, as `sha256:` and 64 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Digest(String);

impl Digest {
    /// Of these bytes.
    pub fn of(bytes: &[u8]) -> Digest {
        let mut hasher = Hasher::default();
        hasher.update(bytes);
        hasher.finish()
    }

    /// Of the JSON that a value is written as, without line breaks: they can only stand between the tokens of a value
    /// of the vendor, and are not kept where a value has a line of its own.
    pub fn of_json(value: &impl Serialize) -> Digest {
        // A value of this crate cannot fail to be written: its keys are texts, and nothing in it answers an error.
        let mut json = serde_json::to_vec(value).unwrap_or_default();
        json.retain(|byte| !is_line_break(*byte));
        Digest::of(&json)
    }

    /// One that somebody else computed, from its 64 hexadecimal digits; `None` for anything else.
    pub fn from_hex(digits: &str) -> Option<Digest> {
        let is_digest = digits.len() == 64 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_digest.then(|| Digest(format!("sha256:{}", digits.to_ascii_lowercase())))
    }

    /// Of a user as a plan means it. Groups are left out, since each membership is compared by itself, and so are
    /// `remote_data` and what the vendor keeps about the record: whether a membership changes `updated_at` is unknown
    /// (zpa-scim 13).
    pub fn of_user(user: &User) -> Digest {
        let mut user = user.clone();
        user.groups.clear();
        user.remote_data = None;
        user.created_at = None;
        user.updated_at = None;
        Digest::of_json(&user)
    }

    /// Of a group as a plan means it, without its members, likewise.
    pub fn of_group(group: &Group) -> Digest {
        let mut group = group.clone();
        group.remote_data = None;
        group.created_at = None;
        group.updated_at = None;
        Digest::of_json(&group)
    }

    /// The whole of it, `sha256:` included.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A digest of bytes that come a piece at a time.
#[derive(Default)]
pub(crate) struct Hasher(Sha256);

impl Hasher {
    /// These bytes as well.
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Of all of them.
    pub(crate) fn finish(self) -> Digest {
        let mut text = String::from("sha256:");
        for byte in self.0.finalize() {
            // Writing to a text cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        Digest(text)
    }
}

impl io::Write for Hasher {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Whether a byte of JSON ends a line.
pub(crate) fn is_line_break(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use portcullis_directory::{GroupReference, Json};

    use super::*;

    #[test]
    fn a_digest_says_what_it_is() {
        let empty = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Digest::of(b"").as_str(), empty);
        assert_eq!(empty.strip_prefix("sha256:").and_then(Digest::from_hex), Some(Digest::of(b"")));
        assert_eq!([empty, "12", ""].map(Digest::from_hex), [None, None, None]);
    }

    #[test]
    fn a_line_break_of_the_vendor_changes_no_digest() {
        let user = |badge: &str| User { extras: vec![("badge".to_owned(), Json::from_text(badge))], ..User::default() };
        assert_eq!(Digest::of_user(&user("[1,\r\n2]")), Digest::of_user(&user("[1,2]")));
        assert_ne!(Digest::of_user(&user("[1,2]")), Digest::of_user(&user("[1, 2]")));
    }

    #[test]
    fn what_a_plan_does_not_mean_changes_no_digest() {
        let user = User { id: "7".to_owned(), title: Some("Analyst".to_owned()), ..User::default() };
        let touched = User {
            groups: vec![GroupReference::default()],
            updated_at: Some("2026-01-01T00:00:00Z".to_owned()),
            remote_data: Some(Json::from_text("{}")),
            ..user.clone()
        };
        assert_eq!(Digest::of_user(&user), Digest::of_user(&touched));
        let promoted = User { title: Some("Head".to_owned()), ..user.clone() };
        assert_ne!(Digest::of_user(&user), Digest::of_user(&promoted));
    }
}
