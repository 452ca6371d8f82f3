//! How this program was called, so that a command that it prints can be typed as it stands.

use std::borrow::Cow;
use std::env;

/// The program's name as it was called, ready for a shell.
pub(crate) fn name() -> String {
    let called = env::args().next().unwrap_or_default();
    if called.contains(['/', '\\']) { quoted(&called).into_owned() } else { "portcullis".to_owned() }
}

/// A command line of these arguments, ready for a shell.
pub(crate) fn line(arguments: &[impl AsRef<str>]) -> String {
    let mut line = name();
    for argument in arguments {
        line.push(' ');
        line.push_str(&quoted(argument.as_ref()));
    }
    line
}

/// One word of a shell.
pub(crate) fn quoted(word: &str) -> Cow<'_, str> {
    let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:@%+,=".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_bare) {
        return Cow::Borrowed(word);
    }
    Cow::Owned(format!("'{}'", word.replace('\'', r"'\''")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_quoted_where_a_shell_would_read_it_otherwise() {
        assert_eq!(quoted("--limit"), "--limit");
        assert_eq!(quoted("Users?count=1"), "'Users?count=1'");
        assert_eq!(quoted("O'Hara & sons"), r"'O'\''Hara & sons'");
        assert_eq!(quoted(""), "''");
    }
}
