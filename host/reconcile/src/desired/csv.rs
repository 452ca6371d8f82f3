//! A source as CSV (RFC 4180): a header with columns, a row a person.

use std::collections::{BTreeMap, BTreeSet};

use csv::{ReaderBuilder, StringRecord};
use serde_json::Value;

use super::{Fields, GROUPS, Person, SourceError, groups};
use crate::rules::Rules;

pub(super) fn read(text: &[u8], rules: &Rules, fields: &Fields) -> Result<Vec<Person>, SourceError> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text);
    let mut rows = reader.records();
    let wrong = |line, reason: String| SourceError { line, reason };
    let broken = |error: &csv::Error| {
        let line = error.position().map_or(1, csv::Position::line);
        SourceError { line, reason: format!("it cannot be read as CSV in UTF-8: {error}") }
    };
    let header = match rows.next() {
        Some(Ok(header)) => header,
        Some(Err(error)) => return Err(broken(&error)),
        None => return Err(wrong(1, "there is no header".to_owned())),
    };
    let columns = columns(&header, rules, fields).map_err(|reason| wrong(1, reason))?;
    let mut people = Vec::new();
    for row in rows {
        let row = row.map_err(|error| broken(&error))?;
        let line = row.position().map_or(0, csv::Position::line);
        if row.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if row.len() != header.len() {
            return Err(wrong(line, format!("it has {} cells, and the header has {}", row.len(), header.len())));
        }
        let cells = header.iter().map(str::trim).zip(&columns).zip(&row);
        people.push(person(line, cells, rules, fields).map_err(|reason| wrong(line, reason))?);
    }
    Ok(people)
}

/// The field of each column; `None` for one that is left out.
fn columns(header: &StringRecord, rules: &Rules, fields: &Fields) -> Result<Vec<Option<String>>, String> {
    let columns: Vec<_> = header.iter().map(|column| fields.column(column, rules)).collect::<Result<_, _>>()?;
    let mut seen = BTreeSet::new();
    match columns.iter().flatten().find(|field| !seen.insert(field.as_str())) {
        Some(twice) => Err(format!("two columns are `{twice}`")),
        None => Ok(columns),
    }
}

fn person<'a>(
    line: u64,
    cells: impl Iterator<Item = ((&'a str, &'a Option<String>), &'a str)>,
    rules: &Rules,
    fields: &Fields,
) -> Result<Person, String> {
    let (mut values, mut named, mut held) = (BTreeMap::new(), None, Vec::new());
    let list = |cell: &str| -> Vec<String> {
        let parts = cell.split(rules.separator()).map(str::trim).filter(|part| !part.is_empty());
        parts.map(str::to_owned).collect()
    };
    for ((column, field), cell) in cells {
        if rules.roles.as_ref().is_some_and(|roles| roles.column == column) {
            held = list(cell);
        }
        match field.as_deref() {
            None => {}
            Some(GROUPS) => named = Some(list(cell).into_iter().collect()),
            Some(_) if cell.trim().is_empty() && !rules.empty_clears => {}
            Some(field) if cell.trim().is_empty() => {
                values.insert(field.to_owned(), Value::Null);
            }
            Some(field) => {
                values.insert(field.to_owned(), fields.value(field, cell, rules)?);
            }
        }
    }
    let groups = groups(named, &held, &values, rules)?;
    Ok(Person { line, fields: values, groups })
}
