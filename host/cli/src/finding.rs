//! Finding by a key: the vendor's filter, and where it has none, a walk that compares. The walk is announced and has a
//! bound, for it may read a whole directory.

use clap::Args;
use portcullis_directory::{Directory, Ending, Error, ErrorKind, List, Row, Unreadable, Walk};
use unicase::UniCase;

use crate::exit::Exit;
use crate::failure::{self, Failure};
use crate::listing::{OutputArguments, ended};
use crate::output::Printer;
use crate::progress::Progress;
use crate::record::Record;
use crate::screen::Screen;

/// The flags of a search.
#[derive(Debug, Args)]
pub(crate) struct FindArguments {
    /// Rows to read at most where the vendor cannot search and the list is read instead
    #[arg(long, value_name = "N", default_value_t = MAX_ROWS)]
    max_rows: u64,
    #[command(flatten)]
    output: OutputArguments,
}

/// What is looked for, in words.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sought<'a> {
    /// The field, such as `external id`.
    pub(crate) field: &'static str,
    /// Its value.
    pub(crate) value: &'a str,
}

impl FindArguments {
    /// Whether fewer rows may be read than without the flag.
    pub(crate) fn is_bounded(&self) -> bool {
        self.max_rows < MAX_ROWS
    }

    /// Prints what the vendor found, or what a walk finds where the vendor cannot search.
    pub(crate) async fn print<D: Directory, T: Row + Record>(
        &self,
        sought: Sought<'_>,
        found: Result<Vec<T>, Error>,
        walk: Walk<'_, D, T>,
        is_sought: impl Fn(&T) -> bool,
        screen: &mut Screen<'_>,
    ) -> anyhow::Result<Exit> {
        let walked = search(sought, found, walk, self.max_rows, is_sought, screen).await?;
        let count = walked.rows.len();
        let mut printer = Printer::new(self.output.format(screen), false);
        printer.print(&walked.rows, screen)?;
        printer.finish(walked.envelope(), screen)?;
        let exit = match &walked.ending {
            Some(ending) => ended::<T>(ending, &walked.unreadable, screen)?,
            None => Exit::Success,
        };
        if count == 0 && exit == Exit::Success {
            let Sought { field, value } = sought;
            let message = format!("no {} has the {field} `{value}`", T::NOUN);
            let hint = if field == "external id" {
                "external ids are compared byte for byte"
            } else {
                "the whole value is compared, without regard to case"
            };
            return Err(Failure::new(Exit::NotFound, message, hint).into());
        }
        Ok(exit)
    }
}

/// What the vendor found, or what a walk of at most so many rows finds where the vendor cannot search.
pub(crate) async fn search<D: Directory, T: Row + Record>(
    sought: Sought<'_>,
    found: Result<Vec<T>, Error>,
    walk: Walk<'_, D, T>,
    max_rows: u64,
    is_sought: impl Fn(&T) -> bool,
    screen: &mut Screen<'_>,
) -> anyhow::Result<Walked<T>> {
    match found {
        Ok(rows) => Ok(Walked { rows, unreadable: Vec::new(), ending: None }),
        Err(error) if cannot_search(&error) => {
            let (noun, field, code) = (T::NOUN, sought.field, error.code.unwrap_or_default());
            let reading = format!("reading the list, at most {max_rows} {noun}s");
            screen.say("note", format!("the vendor cannot search {noun}s by {field} (`{code}`); {reading}"))?;
            read(walk, max_rows, is_sought, screen).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Reads the whole list for the rows that are sought.
pub(crate) async fn read<D: Directory, T: Row + Record>(
    mut walk: Walk<'_, D, T>,
    max_rows: u64,
    is_sought: impl Fn(&T) -> bool,
    screen: &Screen<'_>,
) -> anyhow::Result<Walked<T>> {
    let progress = Progress::new(screen.shows_progress, screen.pace);
    let (mut rows, mut unreadable) = (Vec::new(), Vec::new());
    while let Some(page) = walk.next_page().await.map_err(failure::walk)? {
        progress.set(walk.rows_read(), page.total);
        rows.extend(page.items.into_iter().filter(&is_sought));
        unreadable.extend(page.unreadable);
        if walk.rows_read() > max_rows && walk.ending().is_none() {
            let message = format!("the list has more than {max_rows} {}s, and was not read further", T::NOUN);
            return Err(Failure::new(Exit::Incomplete, message, "`--max-rows` sets how many are read").into());
        }
    }
    Ok(Walked { rows, unreadable, ending: walk.ending() })
}

/// Whether two values are the same but for upper and lower case, in any script.
pub(crate) fn is_same(found: &str, wanted: &str) -> bool {
    UniCase::new(found) == UniCase::new(wanted)
}

/// What a search brought.
pub(crate) struct Walked<T> {
    /// Those that are sought.
    pub(crate) rows: Vec<T>,
    /// Rows that could not be read, and may be others that are sought.
    pub(crate) unreadable: Vec<Unreadable>,
    /// `None` where the vendor did the search.
    pub(crate) ending: Option<Ending>,
}

impl<T> Walked<T> {
    fn envelope(&self) -> List<T> {
        List {
            result: Vec::new(),
            next_cursor: None,
            prev_cursor: None,
            result_count: self.rows.len(),
            is_partial_response: self.ending.is_some_and(|ending| ending.is_partial()),
            unreadable: self.unreadable.clone(),
            total: None,
        }
    }
}

/// Whether the connector says that the vendor cannot do this search, so that reading the list is what is left.
fn cannot_search(error: &Error) -> bool {
    let codes = ["no-filter", "filter-ignored", "filter-refused"];
    error.kind == ErrorKind::Unsupported && error.code.as_deref().is_some_and(|code| codes.contains(&code))
}

/// Rows that a search reads at most where nothing else is said.
pub(crate) const MAX_ROWS: u64 = 1_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_does_not_count_in_any_script() {
        assert!(is_same("Zoë@A.example", "zOË@a.EXAMPLE"));
        assert!(is_same("ΌΔΟΣ", "όδος"));
        assert!(is_same("Straße", "STRASSE"));
        assert!(!is_same("ann", "anna"));
        assert!(!is_same("admın", "admin"));
    }
}
