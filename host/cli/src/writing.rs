//! What every write has in common: its flags, and what is told when it fails. A write that may have happened is never
//! told as one that did not.

use std::fmt;

use clap::Args;
use portcullis_directory::{Description, Directory, Effect, Error, ErrorKind, Support, WriteOptions};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::listing::OutputArguments;
use crate::naming::Target;
use crate::program;
use crate::screen::Screen;

/// The flags of every write.
#[derive(Debug, Default, Args)]
pub(crate) struct WriteArguments {
    /// Read the object back after the write and compare: a write that the vendor ignored is then an error
    #[arg(long)]
    verify: bool,
    /// Show the requests that would be sent, and send none of them. What has to be read for that is read
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) output: OutputArguments,
}

impl WriteArguments {
    /// How the write is made. What is only shown has changed nothing that could be read back.
    pub(crate) fn options(&self) -> WriteOptions {
        WriteOptions { verify: self.verify && !self.dry_run, ..WriteOptions::default() }
    }
}

/// What came of a write.
#[derive(Debug)]
pub(crate) enum Done<T> {
    /// The object as it is now.
    Object(T),
    /// There is nothing to show but a sentence.
    Told(String),
}

/// The object after a write that showed nothing. The write is done, whatever becomes of this. Only one that switches
/// somebody off may have deleted the object; after any other, one that is not there is lost, and that is an error.
pub(crate) async fn read_back<D: Directory, T: Target>(
    before: &T,
    may_delete: bool,
    directory: &D,
    screen: &mut Screen<'_>,
) -> anyhow::Result<Done<T>> {
    match T::get(directory, before.id()).await {
        Ok(object) => Ok(Done::Object(object)),
        Err(error) if error.kind == ErrorKind::NotFound && !may_delete => {
            let message = format!("the change was accepted, and the {} {} is gone", T::NOUN, before.label());
            let hint = format!(
                "somebody else may have deleted it, or it is seen later: `{}` tells; do not make it again before",
                program::line(&[&format!("{}s", T::NOUN), "get", &format!("id:{}", before.id())])
            );
            Err(Failure::new(Exit::NotFound, message, hint).into())
        }
        Err(error) if error.kind == ErrorKind::NotFound => {
            Ok(Done::Told(format!("the {} {} is gone now", T::NOUN, before.label())))
        }
        Err(error) => {
            screen.say("warning", format!("it could not be read back: {error}"))?;
            Ok(Done::Told(format!("the {} {} is changed", T::NOUN, before.label())))
        }
    }
}

/// A write that failed, and where to look what became of it.
#[derive(Debug)]
pub(crate) struct WriteError {
    /// Why.
    pub(crate) error: Error,
    /// The command that tells what is there now, ready to be typed.
    lookup: String,
    /// Whether the same command can be repeated without looking.
    is_repeatable: bool,
}

impl WriteError {
    /// A write that does no harm twice; these arguments of the program show the object.
    pub(crate) fn repeatable(error: Error, lookup: &[&str]) -> WriteError {
        WriteError { error, lookup: program::line(lookup), is_repeatable: true }
    }

    /// A write that would make a second object.
    pub(crate) fn once(error: Error, lookup: &[&str]) -> WriteError {
        WriteError { error, lookup: program::line(lookup), is_repeatable: false }
    }

    /// What the reader does next, where it is another thing than after a failed read.
    pub(crate) fn hint(&self) -> Option<String> {
        let lookup = &self.lookup;
        match self.error.effect {
            Effect::Unknown if self.is_repeatable => {
                Some(format!("it may have been done: `{lookup}` tells; repeating it does no harm"))
            }
            Effect::Unknown => Some(format!("it may have been done: `{lookup}` tells; do not repeat it before")),
            Effect::Applied => Some(format!("something was changed: `{lookup}` tells what is there now")),
            Effect::None => self.permission().map(|flag| format!("`{flag}` permits it")),
        }
    }

    /// The flag that permits what the connector refused for want of it.
    fn permission(&self) -> Option<&'static str> {
        let is_about = |option: &str| self.error.message.contains(option);
        match self.error.kind {
            ErrorKind::InvalidInput if is_about("allow-rename") => Some("--allow-rename"),
            ErrorKind::InvalidInput if is_about("allow-empty") => Some("--allow-empty"),
            _ => None,
        }
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for WriteError {}

/// What the connector warns of at an operation that it offers.
pub(crate) fn reason<'a>(description: &'a Description, operation: &str) -> Option<&'a str> {
    let known = description.operations.iter().find(|known| known.name == operation)?;
    if known.support == Support::Unsupported { None } else { known.reason.as_deref() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint(error: Error) -> Option<String> {
        WriteError::once(error, &["users", "find", "--username", "a b"]).hint()
    }

    #[test]
    fn what_may_have_happened_is_looked_up_before_it_is_repeated() {
        let failed = || Error::new(ErrorKind::Unavailable, "no answer");
        let expected = "it may have been done: `portcullis users find --username 'a b'` tells; do not repeat it before";
        assert_eq!(
            hint(failed().with_effect(Effect::Unknown)).unwrap().replace(&program::name(), "portcullis"),
            expected
        );
        let repeatable = WriteError::repeatable(failed().with_effect(Effect::Unknown), &["users", "get", "7"]);
        assert!(repeatable.hint().unwrap().ends_with("tells; repeating it does no harm"));
        assert!(hint(failed().with_effect(Effect::Applied)).unwrap().starts_with("something was changed"));
        assert_eq!(hint(failed()), None);
    }
}
