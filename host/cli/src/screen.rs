//! Where a command prints, and what may be printed there.

use std::borrow::Cow;
use std::env;
use std::fmt::Display;
use std::io::{self, BufWriter, IsTerminal, Write};

use portcullis_directory::text::is_unprintable;
use portcullis_runtime::Pace;
use zeroize::Zeroizing;

use crate::output::Format;

#[expect(clippy::struct_excessive_bools, reason = "four independent facts about a screen, not one state")]
/// Where a command prints: results on one side, notes and errors on the other.
pub(crate) struct Screen<'a> {
    out: Box<dyn Write + 'a>,
    err: Box<dyn Write + 'a>,
    /// The format where none is asked for.
    pub(crate) format: Format,
    /// Columns of the terminal; `None` where a line may have any length.
    pub(crate) width: Option<usize>,
    /// Whether results may have colours.
    pub(crate) is_coloured: bool,
    /// Whether a person reads the results as they come.
    pub(crate) is_terminal: bool,
    /// Whether a person reads the notes as they come.
    pub(crate) shows_progress: bool,
    /// Whether there is a person who can be asked.
    pub(crate) can_ask: bool,
    /// How fast the vendor is asked, once there is an account.
    pub(crate) pace: Option<Pace>,
}

impl Screen<'_> {
    /// Standard output and standard error, as they are connected.
    pub(crate) fn standard() -> Screen<'static> {
        let is_terminal = io::stdout().is_terminal();
        Screen {
            out: Box::new(BufWriter::new(io::stdout())),
            err: Box::new(io::stderr()),
            format: if is_terminal { Format::Table } else { Format::Json },
            width: width(is_terminal),
            is_coloured: is_terminal && allows_colours(),
            is_terminal,
            shows_progress: io::stderr().is_terminal(),
            can_ask: io::stderr().is_terminal() && io::stdin().is_terminal(),
            pace: None,
        }
    }

    /// The results.
    pub(crate) fn out(&mut self) -> &mut impl Write {
        &mut self.out
    }

    /// Hands what is written so far to its reader.
    pub(crate) fn flush(&mut self) -> anyhow::Result<()> {
        Ok(self.out.flush()?)
    }

    /// Prints a line of guidance beside the results.
    pub(crate) fn tell(&mut self, line: &str) -> anyhow::Result<()> {
        Ok(writeln!(self.err, "{line}")?)
    }

    /// Says something beside the results, on a line of its own.
    pub(crate) fn say(&mut self, word: &str, text: impl Display) -> anyhow::Result<()> {
        // Results that cannot be written are one more reason to say it.
        let flushed = self.flush();
        writeln!(self.err, "{word}: {}", plain(&text.to_string()))?;
        flushed
    }

    /// Asks the person at the terminal. Whatever is not a yes is a no, the end of the input included.
    pub(crate) fn ask(&mut self, question: &str) -> anyhow::Result<bool> {
        self.flush()?;
        write!(self.err, "{} [y/N] ", plain(question))?;
        self.err.flush()?;
        let mut answer = String::new();
        io::stdin().read_line(&mut answer)?;
        if !answer.ends_with('\n') {
            writeln!(self.err)?;
        }
        Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
    }

    /// Asks for what must not be seen: nothing of the answer is shown while it is typed.
    pub(crate) fn ask_secretly(&mut self, question: &str) -> anyhow::Result<Zeroizing<String>> {
        self.flush()?;
        write!(self.err, "{}: ", plain(question))?;
        self.err.flush()?;
        Ok(Zeroizing::new(console::Term::stderr().read_secure_line()?))
    }
}

impl<'a> Screen<'a> {
    /// Results into a buffer, in the manner of a terminal of this width; notes to nobody.
    pub(crate) fn buffer(out: &'a mut Vec<u8>, width: Option<usize>, is_coloured: bool) -> Screen<'a> {
        Screen {
            out: Box::new(out),
            err: Box::new(io::sink()),
            format: Format::Table,
            width,
            is_coloured,
            is_terminal: true,
            shows_progress: false,
            can_ask: false,
            pace: None,
        }
    }
}

/// The text without what could move the cursor, turn the direction of writing or hide: it is the vendor's.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    if text.chars().any(is_unprintable) {
        Cow::Owned(text.chars().map(|c| if is_unprintable(c) { ' ' } else { c }).collect())
    } else {
        Cow::Borrowed(text)
    }
}

/// `COLUMNS` where it is set, as in many shells' tools, otherwise what the terminal says.
fn width(is_terminal: bool) -> Option<usize> {
    let named = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).filter(|columns| *columns > 0);
    let asked = || console::Term::stdout().size_checked().map(|(_, columns)| usize::from(columns));
    named.or_else(|| if is_terminal { asked() } else { None })
}

/// <https://no-color.org>: set and not empty, whatever the value.
fn allows_colours() -> bool {
    let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    !is_set("NO_COLOR") && env::var_os("TERM").is_none_or(|term| term != "dumb")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moves_the_cursor_is_not_shown() {
        assert_eq!(plain("a\u{1b}[2Jb\r\nc\u{202e}d\u{9b}e"), "a [2Jb  c d e");
        assert!(matches!(plain("Zoë 東京"), Cow::Borrowed(_)));
    }
}
