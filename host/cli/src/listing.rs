//! Lists: one page, or a walk over all of them that is printed as it goes. A list that is not whole says so in its
//! exit code, and in the document where there is one.

use clap::Args;
use portcullis_directory::{
    Directory, Ending, List, Outcome, Page, PageQuery, ReadOptions, Row, Unreadable, Walk, WalkOptions,
};
use portcullis_runtime::Pace;

use crate::exit::Exit;
use crate::failure;
use crate::output::{Format, Printer};
use crate::pace;
use crate::progress::Progress;
use crate::record::Record;
use crate::screen::Screen;

/// The flags of a list.
#[derive(Debug, Default, Args)]
pub(crate) struct ListArguments {
    /// Rows to a page [default: the vendor's largest page]
    #[arg(long, value_name = "N")]
    limit: Option<u32>,
    /// The page to read: `next_cursor` or `prev_cursor` of another, with the same `--limit`
    #[arg(long, value_name = "C", conflicts_with = "all")]
    cursor: Option<String>,
    /// Read every page, and print the rows as they come
    #[arg(long)]
    pub(crate) all: bool,
    #[command(flatten)]
    output: OutputArguments,
}

/// The flag of everything that prints rows.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(crate) struct OutputArguments {
    /// What results look like [default: table on a terminal, json elsewhere]
    #[arg(long, short, value_name = "FORMAT")]
    pub(crate) output: Option<Format>,
}

impl OutputArguments {
    /// The format that was asked for, or that fits the screen.
    pub(crate) fn format(self, screen: &Screen<'_>) -> Format {
        self.output.unwrap_or(screen.format)
    }
}

impl ListArguments {
    /// The page that is asked for.
    pub(crate) fn query(&self, options: ReadOptions) -> PageQuery {
        PageQuery { cursor: self.cursor.clone(), size: self.limit, options }
    }

    /// The walk that is asked for.
    pub(crate) fn walk(&self, options: ReadOptions, pace: Option<Pace>) -> WalkOptions {
        let concurrency = pace::concurrency(pace);
        WalkOptions { size: self.limit, remote_data: options.remote_data, concurrency, ..WalkOptions::default() }
    }

    /// Prints one page.
    pub(crate) fn print_page<T: Record>(&self, page: Page<T>, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
        let format = self.output.format(screen);
        let mut envelope = List::from(page);
        let mut printer = Printer::new(format, false);
        printer.print(&std::mem::take(&mut envelope.result), screen)?;
        let (rows, total, next) = (printer.rows(), envelope.total, envelope.next_cursor.clone());
        let unreadable = envelope.unreadable.clone();
        printer.finish(envelope, screen)?;
        if format != Format::Json {
            let count = counted::<T>(rows as u64, total);
            if let Some(next) = next {
                screen.say("note", format!("{count}; `--all` reads all, `--cursor {next}` the next page"))?;
            } else if rows == 0 {
                screen.say("note", count)?;
            }
        }
        unreadable_rows::<T>(&unreadable, screen)
    }

    /// Walks, and prints each page as it comes.
    pub(crate) async fn print_walk<D: Directory, T: Row + Record>(
        &self,
        mut walk: Walk<'_, D, T>,
        screen: &mut Screen<'_>,
    ) -> anyhow::Result<Exit> {
        let format = self.output.format(screen);
        let progress = Progress::new(screen.shows_progress && !screen.is_terminal, screen.pace);
        let mut printer = Printer::new(format, true);
        let mut unreadable = Vec::new();
        while let Some(page) = walk.next_page().await.map_err(failure::walk)? {
            printer.print(&page.items, screen)?;
            progress.set(walk.rows_read(), page.total);
            unreadable.extend(page.unreadable);
        }
        drop(progress);
        // `next_page` has answered that the list has ended.
        let Some(ending) = walk.ending() else { anyhow::bail!("the walk has no ending") };
        let envelope = List::walked(Vec::new(), unreadable.clone(), &ending);
        printer.finish(envelope, screen)?;
        if ending.rows == 0 && format != Format::Json {
            screen.say("note", counted::<T>(0, Some(0)))?;
        }
        ended::<T>(&ending, &unreadable, screen)
    }
}

/// Says what the rows of a walk may be relied on for.
pub(crate) fn ended<T: Record>(
    ending: &Ending,
    unreadable: &[Unreadable],
    screen: &mut Screen<'_>,
) -> anyhow::Result<Exit> {
    let exit = unreadable_rows::<T>(unreadable, screen)?;
    if let Outcome::Moved { first_total, last_total, .. } = ending.outcome {
        let moved = if first_total == last_total {
            format!("changed while it was read, though it has {last_total} rows again; rows: {}", ending.rows)
        } else {
            ending.to_string()
        };
        screen.say("warning", format!("the list of {}s {moved}; absence proves nothing", T::NOUN))?;
        return Ok(if exit == Exit::Success { Exit::Moved } else { exit });
    }
    if ending.outcome == (Outcome::Complete { total: None }) {
        screen
            .say("note", format!("the vendor does not count these {}s; nothing confirms that they are all", T::NOUN))?;
    }
    Ok(exit)
}

/// Reports rows that could not be read: whoever compares lists must know.
fn unreadable_rows<T: Record>(rows: &[Unreadable], screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    for row in rows.iter().take(REPORTED) {
        let id = row.id.as_ref().map(|id| format!(" `{id}`")).unwrap_or_default();
        let place = u64::from(row.position) + 1;
        screen.say("warning", format!("{}{id} in place {place} of its page is unreadable: {}", T::NOUN, row.reason))?;
    }
    if rows.len() > REPORTED {
        screen.say("warning", format!("{} more {}s are unreadable", rows.len() - REPORTED, T::NOUN))?;
    }
    Ok(if rows.is_empty() { Exit::Success } else { Exit::Incomplete })
}

/// `6 of 240 users`.
fn counted<T: Record>(rows: u64, total: Option<u32>) -> String {
    match total {
        Some(total) => format!("{rows} of {total} {}s", T::NOUN),
        None => format!("{rows} {}s", T::NOUN),
    }
}

/// Unreadable rows that are reported one by one.
const REPORTED: usize = 10;
