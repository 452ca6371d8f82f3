//! CSV of RFC 4180, with lines that end like those of any other text.

use std::borrow::Cow;
use std::io::{self, Write};

/// Prints a row.
pub(crate) fn print<'a>(cells: impl Iterator<Item = Cow<'a, str>>, out: &mut impl Write) -> io::Result<()> {
    for (at, text) in cells.enumerate() {
        if at > 0 {
            out.write_all(b",")?;
        }
        out.write_all(cell(&text).as_bytes())?;
    }
    out.write_all(b"\n")
}

/// A value as a cell: quoted where it must be, and disarmed where a spreadsheet would run it. Names are whatever
/// somebody typed, and whoever opens the file is often an administrator
/// (<https://owasp.org/www-community/attacks/CSV_Injection>).
fn cell(text: &str) -> Cow<'_, str> {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let is_quoted = text.contains(['"', ',', '\n', '\r']);
    if !is_formula && !is_quoted {
        return Cow::Borrowed(text);
    }
    let text = format!("{}{text}", if is_formula { "'" } else { "" });
    Cow::Owned(if is_quoted { format!("\"{}\"", text.replace('"', "\"\"")) } else { text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_quoted_only_where_it_must_be() {
        assert_eq!(cell("Zoë; Ann"), "Zoë; Ann");
        assert_eq!(cell("a,b"), "\"a,b\"");
        assert_eq!(cell("say \"hi\"\n"), "\"say \"\"hi\"\"\n\"");
        assert_eq!(cell(""), "");
    }

    #[test]
    fn a_cell_is_never_a_formula() {
        assert_eq!(cell("=1+1"), "'=1+1");
        assert_eq!(cell("@SUM(A1,A2)"), "\"'@SUM(A1,A2)\"");
        assert_eq!(cell("-x"), "'-x");
        assert_eq!(cell("a=b"), "a=b");
    }
}
