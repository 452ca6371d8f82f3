//! Tables: columns as wide as the first rows need and the terminal allows. Later rows keep to them, so that a list of
//! any length is printed as it comes.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::io::Write;
use std::marker::PhantomData;

use crate::record::{Column, Field, Record};
use crate::screen::{Screen, plain};

/// A table of rows of a type.
pub(crate) struct Table<T: Record> {
    columns: Vec<(&'static Field<T>, usize)>,
    /// Whether a cell ends with its column.
    is_cut: bool,
    rows: PhantomData<fn(&T)>,
}

impl<T: Record> Table<T> {
    /// A table of at most this width for these rows, and for others like them where more are to come.
    pub(crate) fn fitting(rows: &[T], has_more: bool, width: Option<usize>) -> Table<T> {
        let fields = T::COLUMNS.iter().filter_map(|column| {
            let field = T::FIELDS.iter().find(|field| field.name == column.field)?;
            let cells = rows.iter().map(|row| console::measure_text_width(&cell(field, row)));
            Some((field, *column, cells.max()?))
        });
        // A column that is empty all over says nothing.
        let fields: Vec<_> = fields.filter(|(_, _, cells)| has_more || *cells > 0).collect();
        let natural = |field: &Field<T>, cells: usize| cells.max(field.name.len());
        let needs: Vec<_> = fields.iter().map(|(field, column, cells)| (*column, natural(field, *cells))).collect();
        let widths = fit(&needs, width);
        let columns = fields.into_iter().zip(widths).filter_map(|((field, ..), width)| Some((field, width?)));
        Table { columns: columns.collect(), is_cut: width.is_some(), rows: PhantomData }
    }

    /// Prints the names of the columns.
    pub(crate) fn print_header(&self, screen: &mut Screen<'_>) -> anyhow::Result<()> {
        let cells = self.columns.iter().map(|(field, _)| Cow::Owned(field.name.to_uppercase().replace('_', " ")));
        let line = bold(&self.line(cells), screen.is_coloured).into_owned();
        Ok(writeln!(screen.out(), "{line}")?)
    }

    /// Prints a row.
    pub(crate) fn print_row(&self, row: &T, screen: &mut Screen<'_>) -> anyhow::Result<()> {
        let line = self.line(self.columns.iter().map(|(field, _)| cell(field, row)));
        let is_off = T::FIELDS.iter().any(|field| field.name == "status" && is_off(&(field.text)(row)));
        let line = if is_off && screen.is_coloured { format!("{DIM}{line}{PLAIN}") } else { line };
        Ok(writeln!(screen.out(), "{line}")?)
    }

    fn line<'a>(&self, cells: impl Iterator<Item = Cow<'a, str>>) -> String {
        let mut line = String::new();
        for ((_, width), text) in self.columns.iter().zip(cells) {
            let text = if self.is_cut { console::truncate_str(&text, *width, "…") } else { text };
            line.push_str(&console::pad_str(&text, *width, console::Alignment::Left, None));
            line.push_str(GAP);
        }
        line.truncate(line.trim_end().len());
        line
    }
}

/// Prints one record: a field a line, those that are there.
pub(crate) fn print_record<T: Record>(record: &T, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let widest = T::FIELDS.iter().map(|field| field.name.len()).max().unwrap_or_default();
    for field in T::FIELDS {
        let text = cell(field, record);
        if !text.is_empty() {
            let name = format!("{:widest$}", field.name);
            let name = bold(&name, screen.is_coloured).into_owned();
            writeln!(screen.out(), "{name}{GAP}{text}")?;
        }
    }
    Ok(())
}

/// The text in bold, where colours are wanted.
pub(crate) fn bold(text: &str, is_coloured: bool) -> Cow<'_, str> {
    if is_coloured { Cow::Owned(format!("{BOLD}{text}{PLAIN}")) } else { Cow::Borrowed(text) }
}

fn cell<'a, T: Record>(field: &Field<T>, row: &'a T) -> Cow<'a, str> {
    let text = (field.text)(row);
    match plain(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(plain) => Cow::Owned(plain),
    }
}

fn is_off(status: &str) -> bool {
    matches!(status, "inactive" | "deleted")
}

/// The width of each column: what it needs where there is room, otherwise less, and nothing for those that do not fit
/// at their narrowest beside columns of higher rank.
fn fit(needs: &[(Column, usize)], width: Option<usize>) -> Vec<Option<usize>> {
    let Some(width) = width else {
        return needs.iter().map(|(_, natural)| Some(*natural)).collect();
    };
    let mut by_rank: Vec<_> = needs.iter().enumerate().collect();
    by_rank.sort_by_key(|(_, (column, _))| Reverse(column.rank));
    let mut columns = Vec::new();
    let mut taken = 0;
    for (at, (column, natural)) in by_rank {
        let least = column.least.min(*natural);
        let gap = if columns.is_empty() { 0 } else { GAP.len() };
        if taken + gap + least <= width {
            taken += gap + least;
            columns.push((at, least));
        } else if columns.is_empty() {
            taken = width;
            columns.push((at, width));
        }
    }
    // Hand out what is left, a character at a time, to the narrowest column that needs more.
    for _ in taken..width {
        let wanting =
            columns.iter_mut().filter(|(at, given)| needs.get(*at).is_some_and(|(_, natural)| given < natural));
        match wanting.min_by_key(|(_, given)| *given) {
            Some((_, given)) => *given += 1,
            None => break,
        }
    }
    let given = |at| columns.iter().find(|(column, _)| *column == at).map(|(_, given)| *given);
    (0..needs.len()).map(given).collect()
}

const GAP: &str = "  ";
const BOLD: &str = "\u{1b}[1m";
const DIM: &str = "\u{1b}[2m";
const PLAIN: &str = "\u{1b}[0m";

#[cfg(test)]
mod tests {
    use super::*;

    fn check(needs: &[(usize, usize, u8)], width: Option<usize>, expected: &[Option<usize>]) {
        let needs: Vec<_> = needs
            .iter()
            .map(|(natural, least, rank)| (Column { field: "", least: *least, rank: *rank }, *natural))
            .collect();
        let widths = fit(&needs, width);
        assert_eq!(widths, expected);
        let taken: usize = widths.iter().flatten().map(|width| width + GAP.len()).sum();
        assert!(width.is_none_or(|width| taken <= width + GAP.len()));
    }

    #[test]
    fn columns_have_what_they_need_where_there_is_room() {
        check(&[(30, 5, 2), (40, 5, 1)], None, &[Some(30), Some(40)]);
        check(&[(30, 5, 2), (40, 5, 1)], Some(72), &[Some(30), Some(40)]);
    }

    #[test]
    fn the_widest_columns_give_way() {
        check(&[(30, 5, 2), (40, 5, 1), (4, 9, 3)], Some(48), &[Some(20), Some(20), Some(4)]);
        check(&[(30, 30, 2), (40, 5, 1)], Some(42), &[Some(30), Some(10)]);
    }

    #[test]
    fn a_column_is_left_out_before_others_become_unreadable() {
        check(&[(36, 36, 9), (30, 14, 8), (30, 12, 1)], Some(60), &[Some(36), Some(22), None]);
        check(&[(36, 36, 8), (30, 14, 9), (30, 10, 1)], Some(30), &[None, Some(14), Some(14)]);
        check(&[(36, 36, 8), (30, 14, 9)], Some(9), &[None, Some(9)]);
    }
}
