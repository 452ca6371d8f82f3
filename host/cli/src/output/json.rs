//! JSON of a list that is not in memory: the envelope's beginning, its rows one by one, and its end.
//!
//! Together they are what the envelope is when it is written in one piece. Values of the vendor keep their bytes.

use std::io::{self, Write};

use portcullis_directory::List;
use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{Formatter, PrettyFormatter};

/// What stands before the first row.
pub(crate) const BEGINNING: &[u8] = b"{\n  \"result\": [";

/// Prints a row of the envelope, without the comma.
pub(crate) fn print_row(row: &impl Serialize, out: &mut impl Write) -> io::Result<()> {
    // Two levels deep from the start, where nobody sees the brackets.
    let mut formatter = PrettyFormatter::new();
    formatter.begin_object(&mut io::sink())?;
    formatter.begin_array(&mut io::sink())?;
    out.write_all(b"\n    ")?;
    Ok(row.serialize(&mut Serializer::with_formatter(out, formatter))?)
}

/// Prints what stands behind the last row. The envelope is without rows, whether or not some were printed.
pub(crate) fn print_end<T: Serialize>(envelope: &List<T>, has_rows: bool, out: &mut impl Write) -> io::Result<()> {
    let whole = serde_json::to_vec_pretty(envelope)?;
    let end = whole.strip_prefix(BEGINNING).unwrap_or(&whole);
    out.write_all(if has_rows { b"\n  " } else { BEGINNING })?;
    out.write_all(end)?;
    out.write_all(b"\n")
}

/// Prints a row on a line of its own.
pub(crate) fn print_line(row: &impl Serialize, out: &mut impl Write) -> io::Result<()> {
    let mut line = serde_json::to_vec(row)?;
    // They can only stand between the tokens of a value of the vendor.
    line.retain(|byte| !matches!(byte, b'\n' | b'\r'));
    line.push(b'\n');
    out.write_all(&line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use portcullis_directory::{Json, Page, Unreadable, User};

    fn check(envelope: &List<User>) {
        let mut streamed = Vec::new();
        for (at, row) in envelope.result.iter().enumerate() {
            streamed.extend_from_slice(if at == 0 { BEGINNING } else { b"," });
            print_row(row, &mut streamed).unwrap();
        }
        print_end(&List { result: Vec::new(), ..envelope.clone() }, !envelope.result.is_empty(), &mut streamed)
            .unwrap();
        let whole = serde_json::to_string_pretty(envelope).unwrap();
        assert_eq!(String::from_utf8(streamed).unwrap(), format!("{whole}\n"));
    }

    #[test]
    fn a_streamed_list_is_the_same_as_one_in_memory() {
        let row = |id: &str| User {
            id: id.to_owned(),
            remote_data: Some(Json::from_text("{\n\"n\" :1.50}")),
            ..User::default()
        };
        let mut page = Page { items: vec![], unreadable: vec![], next_cursor: None, prev_cursor: None, total: Some(0) };
        check(&page.clone().into());
        page.unreadable = vec![Unreadable { position: 3, reason: "no id".to_owned(), ..Unreadable::default() }];
        page.next_cursor = Some("c".to_owned());
        page.items = vec![row("1")];
        check(&page.clone().into());
        page.items = vec![row("1"), row("2"), row("3")];
        check(&page.into());
    }

    #[test]
    fn a_line_is_one_line() {
        let row = User {
            id: "a\nb".to_owned(),
            remote_data: Some(Json::from_text("{\r\n  \"n\": 1.50\n}")),
            ..User::default()
        };
        let mut line = Vec::new();
        print_line(&row, &mut line).unwrap();
        let expected = "{\"id\":\"a\\nb\",\"emails\":[],\"groups\":[],\"remote_data\":{  \"n\": 1.50}}\n";
        assert_eq!(String::from_utf8(line).unwrap(), expected);
    }
}
