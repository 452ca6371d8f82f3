//! Rows in the form that was asked for, as they come: nothing here keeps a row that is printed.

mod csv;
mod json;
mod pretty;
mod table;

use std::io::Write;

use clap::ValueEnum;
use portcullis_directory::{Json, List};
use serde::Serialize;

use crate::record::Record;
use crate::screen::{Screen, plain};
use table::Table;

/// What results look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Columns that fit the terminal; long values end with `…`, and columns that do not fit are left out
    Table,
    /// One document: the envelope with `result`, `next_cursor` and `is_partial_response`, or the object. A list that
    /// breaks off leaves the document unfinished
    Json,
    /// One object a line
    Ndjson,
    /// A header and a row a line; lists joined by `;`. A cell that a spreadsheet would take for a formula gets a `'`
    /// in front
    Csv,
}

/// Prints a list, page by page.
pub(crate) struct Printer<T: Record> {
    format: Format,
    has_more: bool,
    table: Option<Table<T>>,
    has_header: bool,
    rows: usize,
}

impl<T: Record> Printer<T> {
    /// Nothing is printed before the first rows are there; `has_more` says that others may come behind them.
    pub(crate) fn new(format: Format, has_more: bool) -> Printer<T> {
        Printer { format, has_more, table: None, has_header: false, rows: 0 }
    }

    /// How many rows are printed.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Prints rows behind those before, and hands them to whoever reads.
    pub(crate) fn print(&mut self, rows: &[T], screen: &mut Screen<'_>) -> anyhow::Result<()> {
        match self.format {
            Format::Table if rows.is_empty() => {}
            Format::Table => {
                let table = self.table.get_or_insert_with(|| Table::fitting(rows, self.has_more, screen.width));
                if !std::mem::replace(&mut self.has_header, true) {
                    table.print_header(screen)?;
                }
                for row in rows {
                    table.print_row(row, screen)?;
                }
            }
            Format::Json => {
                for (at, row) in (self.rows..).zip(rows) {
                    screen.out().write_all(if at == 0 { json::BEGINNING } else { b"," })?;
                    json::print_row(row, screen.out())?;
                }
            }
            Format::Ndjson => {
                for row in rows {
                    json::print_line(row, screen.out())?;
                }
            }
            Format::Csv => {
                self.print_csv_header(screen)?;
                for row in rows {
                    csv::print(T::FIELDS.iter().map(|field| (field.text)(row)), screen.out())?;
                }
            }
        }
        self.rows += rows.len();
        screen.flush()
    }

    /// Prints what stands behind the rows. The envelope's own rows are those that were printed.
    pub(crate) fn finish(mut self, envelope: List<T>, screen: &mut Screen<'_>) -> anyhow::Result<()> {
        match self.format {
            Format::Table | Format::Ndjson => {}
            Format::Json => {
                let envelope = List { result: Vec::new(), result_count: self.rows, ..envelope };
                json::print_end(&envelope, self.rows > 0, screen.out())?;
            }
            Format::Csv => self.print_csv_header(screen)?,
        }
        screen.flush()
    }

    /// Once, and also where there are no rows.
    fn print_csv_header(&mut self, screen: &mut Screen<'_>) -> anyhow::Result<()> {
        if !std::mem::replace(&mut self.has_header, true) {
            csv::print(T::FIELDS.iter().map(|field| field.name.into()), screen.out())?;
        }
        Ok(())
    }
}

/// Prints one object.
pub(crate) fn print_one<T: Record>(format: Format, record: &T, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    match format {
        Format::Table => table::print_record(record, screen),
        Format::Json => print_document(record, screen),
        Format::Ndjson => Ok(json::print_line(record, screen.out())?),
        Format::Csv => {
            csv::print(T::FIELDS.iter().map(|field| field.name.into()), screen.out())?;
            Ok(csv::print(T::FIELDS.iter().map(|field| (field.text)(record)), screen.out())?)
        }
    }
}

/// Prints any value as one JSON document.
pub(crate) fn print_document(value: &impl Serialize, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    serde_json::to_writer_pretty(screen.out(), value).map_err(std::io::Error::from)?;
    Ok(writeln!(screen.out())?)
}

/// Prints any value as JSON on one line.
pub(crate) fn print_line(value: &impl Serialize, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    Ok(json::print_line(value, screen.out())?)
}

/// Prints JSON of someone else with a member a line, and its values as they are.
pub(crate) fn print_pretty(json: &Json, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let pretty = pretty::indented(json.as_str());
    for line in pretty.lines() {
        writeln!(screen.out(), "{}", plain(line))?;
    }
    Ok(())
}

/// Prints a heading above lines that belong together.
pub(crate) fn print_heading(text: &str, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let text = table::bold(text, screen.is_coloured);
    Ok(writeln!(screen.out(), "{text}")?)
}
