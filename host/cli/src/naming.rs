//! Which user or group an argument means. It is never guessed: where an argument may mean two, both are
//! listed and nothing is written.
//!
//! An argument is taken for an id and for the name that one signs in or goes by, both, and has to come to the same
//! object; only where neither is there is it taken for a name to show. A word before a colon (`id:`, `username:`,
//! `name:`, `external-id:`, `email:`) says which it is, and then nothing else is tried.

mod argument;
mod batch;
mod target;

use portcullis_directory::{Directory, Error, ErrorKind, ReadOptions};

pub(crate) use argument::Argument;
pub(crate) use batch::all;
pub(crate) use target::{Target, Way};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::finding::{self, Walked};
use crate::screen::Screen;
use crate::writing::Done;

/// The one object that the argument means; `None` where there is none.
pub(crate) async fn resolve<D: Directory, T: Target>(
    argument: &Argument,
    directory: &D,
    screen: &mut Screen<'_>,
) -> anyhow::Result<Option<T>> {
    let mut candidates = candidates::<D, T>(argument, directory, screen).await?;
    if candidates.len() > 1 {
        return Err(ambiguous(argument, &candidates, screen)?.into());
    }
    Ok(candidates.pop())
}

/// The one object that the argument means, which has to be there.
pub(crate) async fn required<D: Directory, T: Target>(
    argument: &Argument,
    directory: &D,
    screen: &mut Screen<'_>,
) -> anyhow::Result<T> {
    match resolve::<D, T>(argument, directory, screen).await? {
        Some(found) => Ok(found),
        None => Err(missing::<T>(argument).into()),
    }
}

/// The one object that the argument of a read means. An id that is there is the one: nothing is destroyed by a read,
/// and nobody else is asked for. Anything else is looked up as for a write.
pub(crate) async fn read<D: Directory, T: Target>(
    argument: &Argument,
    options: ReadOptions,
    directory: &D,
    screen: &mut Screen<'_>,
) -> anyhow::Result<T> {
    if argument.is_id() {
        match T::get_with(directory, argument.value(), options).await {
            Err(error) if argument.way().is_none() && error.kind == ErrorKind::NotFound => {}
            found => return Ok(found?),
        }
    }
    let Some(found) = resolve::<D, T>(argument, directory, screen).await? else {
        let hint = format!("`portcullis {}s list` and `find` tell which there are", T::NOUN);
        return Err(missing::<T>(argument).with_hint(hint).into());
    };
    // A list may show less of it.
    Ok(T::get_with(directory, found.id(), options).await?)
}

/// What to tell where there is no such object.
pub(crate) fn missing<T: Target>(argument: &Argument) -> Failure {
    let message = format!("no {} has the {} `{}`", T::NOUN, argument.ways::<T>(), argument.value());
    let hint = format!("`portcullis {}s list` and `find` tell which there are; nothing was written", T::NOUN);
    Failure::new(Exit::NotFound, message, hint)
}

/// What comes of deleting what is not there. An id that is gone is what was wanted; a name that nobody has is as likely
/// to be misspelt, and whoever it belongs to is still there.
pub(crate) async fn gone<D: Directory, T: Target>(argument: &Argument, directory: &D) -> anyhow::Result<Done<T>> {
    if argument.is_id() {
        // Behind a wrong endpoint everything is gone; there, the list is not to be had either.
        T::total(directory).await?;
        return Ok(Done::Told(format!(
            "no {} has the id `{}`, so there is nothing to delete",
            T::NOUN,
            argument.value()
        )));
    }
    let hint = "a name may be misspelt; with the id, deleting what is gone succeeds";
    Err(missing::<T>(argument).with_hint(hint).into())
}

/// Every object that the argument may mean.
async fn candidates<D: Directory, T: Target>(
    argument: &Argument,
    directory: &D,
    screen: &mut Screen<'_>,
) -> anyhow::Result<Vec<T>> {
    if let Some(way) = argument.way() {
        return by::<D, T>(way, argument.value(), directory, screen).await;
    }
    let mut found = Vec::new();
    if argument.can_be_id() {
        found = match by(Way::Id, argument.value(), directory, screen).await {
            // Some vendors call what cannot be an id a wrong request.
            Err(error) if is_invalid(&error) && !argument.is_id() => Vec::new(),
            found => found?,
        };
    }
    for other in by::<D, T>(T::OWN_NAME, argument.value(), directory, screen).await? {
        if found.iter().all(|known: &T| known.id() != other.id()) {
            found.push(other);
        }
    }
    if found.is_empty() && argument.can_be_shown_name::<T>() {
        found = by(Way::Name, argument.value(), directory, screen).await?;
    }
    Ok(found)
}

async fn by<D: Directory, T: Target>(
    way: Way,
    value: &str,
    directory: &D,
    screen: &mut Screen<'_>,
) -> anyhow::Result<Vec<T>> {
    if way == Way::Id {
        return match T::get(directory, value).await {
            Ok(found) => Ok(vec![found]),
            Err(error) if error.kind == ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error.into()),
        };
    }
    let (walk, is_sought) = (T::walk(directory), |row: &T| row.has(way, value));
    let walked = if let Some(found) = T::find(directory, way, value).await {
        let sought = finding::Sought { field: way.in_words(), value };
        finding::search(sought, found, walk, finding::MAX_ROWS, is_sought, screen).await?
    } else {
        screen.say("note", format!("reading the list of {}s for the {} `{value}`", T::NOUN, way.in_words()))?;
        finding::read(walk, finding::MAX_ROWS, is_sought, screen).await?
    };
    certain(walked)
}

fn is_invalid(error: &anyhow::Error) -> bool {
    error.downcast_ref::<Error>().is_some_and(|error| error.kind == ErrorKind::InvalidInput)
}

/// What a walk found, if that is all there is to find: one that was not seen may be the one that is meant.
fn certain<T: Target>(walked: Walked<T>) -> anyhow::Result<Vec<T>> {
    let hint = "`id:` and an id name one for certain; nothing was written";
    if let Some(unreadable) = walked.unreadable.first() {
        let message = format!("a {} of the list is unreadable and may be another one: {}", T::NOUN, unreadable.reason);
        return Err(Failure::new(Exit::Incomplete, message, hint).into());
    }
    if walked.ending.is_some_and(|ending| ending.has_moved()) {
        let message = format!("the list of {}s moved while it was read, and another one may be there", T::NOUN);
        return Err(Failure::new(Exit::Moved, message, hint).into());
    }
    Ok(walked.rows)
}

fn ambiguous<T: Target>(argument: &Argument, candidates: &[T], screen: &mut Screen<'_>) -> anyhow::Result<Failure> {
    list_candidates(candidates, screen)?;
    let message = format!("`{}` means {} {}s; nothing was written", argument.value(), candidates.len(), T::NOUN);
    Ok(Failure::new(Exit::Refused, message, "name one by its id, with `id:` in front"))
}

fn list_candidates<T: Target>(candidates: &[T], screen: &mut Screen<'_>) -> anyhow::Result<()> {
    for candidate in candidates.iter().take(LISTED) {
        screen.say("candidate", candidate.label())?;
    }
    if candidates.len() > LISTED {
        screen.say("candidate", format!("{} more", candidates.len() - LISTED))?;
    }
    Ok(())
}

/// Candidates that are listed.
const LISTED: usize = 20;
