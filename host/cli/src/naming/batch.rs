//! Many arguments at once. Where the list is shorter than looking each of them up, it is read once; what an argument
//! means is the same either way.

use std::collections::HashMap;

use portcullis_directory::Directory;
use unicase::UniCase;

use super::argument::Argument;
use super::target::{Target, Way};
use super::{candidates, certain, list_candidates, missing};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::finding;
use crate::screen::Screen;

/// The objects that the arguments mean, in their order. Whoever is missing or ambiguous is told of, all of them, before
/// it is an error.
pub(crate) async fn all<D: Directory, T: Target>(
    arguments: &[Argument],
    directory: &D,
    screen: &mut Screen<'_>,
) -> anyhow::Result<Vec<T>> {
    let found: Vec<Vec<T>> = if reads_the_list::<D, T>(arguments, directory).await? {
        let count = arguments.len();
        screen.say("note", format!("reading the list of {}s once to look up {count} of them", T::NOUN))?;
        from_list(arguments, directory, screen).await?
    } else {
        let mut found = Vec::with_capacity(arguments.len());
        for argument in arguments {
            found.push(candidates(argument, directory, screen).await?);
        }
        found
    };
    let (mut objects, mut wrong, mut exit) = (Vec::new(), Vec::new(), Exit::NotFound);
    for (argument, mut candidates) in arguments.iter().zip(found) {
        match (candidates.pop(), candidates.is_empty()) {
            (Some(object), true) => objects.push(object),
            (Some(object), false) => {
                candidates.push(object);
                list_candidates(&candidates, screen)?;
                exit = Exit::Refused;
                wrong.push(format!("`{}` means {} {}s", argument.value(), candidates.len(), T::NOUN));
            }
            (None, _) => wrong.push(missing::<T>(argument).to_string()),
        }
    }
    let hint = "nothing was written; mend or leave out those that are named here";
    match wrong.as_slice() {
        [] => Ok(objects),
        [only] => Err(Failure::new(exit, only, hint).into()),
        several => {
            for wrong in several {
                screen.say("error", wrong)?;
            }
            let message = format!("{} of {} {}s cannot be told", several.len(), arguments.len(), T::NOUN);
            Err(Failure::new(exit, message, hint).into())
        }
    }
}

/// Whether the list has fewer pages than looking everybody up has requests.
async fn reads_the_list<D: Directory, T: Target>(arguments: &[Argument], directory: &D) -> anyhow::Result<bool> {
    if arguments.len() <= FEW {
        return Ok(false);
    }
    let total = T::total(directory).await?.map_or(usize::MAX, |total| usize::try_from(total).unwrap_or(usize::MAX));
    Ok(total / PAGE < arguments.len() * 2)
}

async fn from_list<D: Directory, T: Target>(
    arguments: &[Argument],
    directory: &D,
    screen: &mut Screen<'_>,
) -> anyhow::Result<Vec<Vec<T>>> {
    let mut wanted: HashMap<(Way, UniCase<&str>), Vec<usize>> = HashMap::new();
    for (at, argument) in arguments.iter().enumerate() {
        for way in argument.tried::<T>() {
            wanted.entry((way, UniCase::new(argument.value()))).or_default().push(at);
        }
    }
    let is_wanted = |row: &T| {
        let mut keys = row.keys().into_iter();
        keys.any(|(way, key)| wanted.contains_key(&(way, UniCase::new(key))))
    };
    let walked = finding::read(T::walk(directory), finding::MAX_ROWS, is_wanted, screen).await?;
    let rows = certain(walked)?;
    Ok(arguments.iter().map(|argument| argument.choose(&rows)).collect())
}

/// Arguments that are looked up one by one in any case.
const FEW: usize = 10;
/// Rows of a page, about.
const PAGE: usize = 100;
