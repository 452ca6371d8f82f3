//! What a connector prints, as lines of the log.
//!
//! It is the connector's text, perhaps with the vendor's data in it, so it is bounded, made fit to read, and told at the
//! level for debugging and no other.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use portcullis_directory::text;
use wasmtime_wasi::async_trait;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

/// Standard output or standard error of one call. Its clones are the same.
#[derive(Clone, Debug)]
pub(crate) struct Output(Arc<Mutex<Lines>>);

#[derive(Debug)]
struct Lines {
    stream: &'static str,
    /// The beginning of a line that has no end yet.
    line: Vec<u8>,
    /// Lines that may still be told.
    left: u32,
}

impl Output {
    pub(crate) fn new(stream: &'static str) -> Output {
        Output(Arc::new(Mutex::new(Lines { stream, line: Vec::new(), left: LINES })))
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lines {
    /// The lines that end in these bytes.
    fn take(&mut self, bytes: &[u8]) -> Vec<String> {
        let mut lines = Vec::new();
        let mut parts = bytes.split(|byte| *byte == b'\n');
        if let Some(rest) = parts.next() {
            self.append(rest);
        }
        for part in parts {
            lines.extend(self.end());
            self.append(part);
        }
        lines
    }

    /// Keeps a little more than what is told of a line, for it to be seen that it was cut.
    fn append(&mut self, part: &[u8]) {
        let room = (text::MESSAGE + 1).saturating_sub(self.line.len());
        self.line.extend(part.iter().take(room));
    }

    fn end(&mut self) -> Option<String> {
        let line = std::mem::take(&mut self.line);
        if line.is_empty() || self.left == 0 {
            return None;
        }
        self.left -= 1;
        Some(text::one_line(String::from_utf8_lossy(&line), text::MESSAGE))
    }
}

/// A last line need not end as the others do.
impl Drop for Lines {
    fn drop(&mut self) {
        if let Some(line) = self.end() {
            tell(self.stream, &line);
        }
    }
}

fn tell(stream: &'static str, line: &str) {
    tracing::debug!(stream, line, "the connector printed");
}

impl IsTerminal for Output {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Output {
    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }

    /// For WASI 0.3, which no profile has.
    fn async_stream(&self) -> Box<dyn tokio::io::AsyncWrite + Send + Sync> {
        Box::new(tokio::io::sink())
    }
}

#[async_trait]
impl OutputStream for Output {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        let mut lines = self.lines();
        for line in lines.take(&bytes) {
            tell(lines.stream, &line);
        }
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(CHUNK)
    }
}

#[async_trait]
impl Pollable for Output {
    async fn ready(&mut self) {}
}

/// Lines of one call that are told, of each of its streams.
const LINES: u32 = 100;

/// Bytes that are taken at once.
const CHUNK: usize = 4096;

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use tracing::field::{Field, Visit};
    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Metadata, Subscriber};

    use super::*;

    fn printed(parts: &[&[u8]]) -> Vec<String> {
        let mut lines = Lines { stream: "stdout", line: Vec::new(), left: LINES };
        let mut told: Vec<_> = parts.iter().flat_map(|part| lines.take(part)).collect();
        told.extend(lines.end());
        told
    }

    #[test]
    fn lines_are_told_whole_however_they_come() {
        assert_eq!(printed(&[b"he", b"llo\n\nwor", b"ld\nbye"]), ["hello", "world", "bye"]);
    }

    /// Keeps the level and the fields of what is told.
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<String>>>);

    impl Visit for Log {
        fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
            self.0.lock().unwrap().push(format!("{field} {value:?}"));
        }
    }

    impl Subscriber for Log {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }

        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }

        fn record(&self, _: &Id, _: &Record<'_>) {}

        fn record_follows_from(&self, _: &Id, _: &Id) {}

        fn event(&self, event: &Event<'_>) {
            self.0.lock().unwrap().push(event.metadata().level().to_string());
            event.record(&mut self.clone());
        }

        fn enter(&self, _: &Id) {}

        fn exit(&self, _: &Id) {}
    }

    #[test]
    fn what_is_printed_is_told_for_debugging_and_the_last_line_at_the_end() {
        let log = Log::default();
        tracing::subscriber::with_default(log.clone(), || {
            let output = Output::new("stderr");
            for mut stream in [output.p2_stream(), output.p2_stream()] {
                stream.write(Bytes::from_static(b"one\nha")).unwrap();
            }
        });
        let told = log.0.lock().unwrap().join("; ");
        let line = |line| format!("DEBUG; message the connector printed; stream \"stderr\"; line {line:?}");
        assert_eq!(told, [line("one"), line("haone"), line("ha")].join("; "));
    }

    #[test]
    fn a_line_is_fit_to_read() {
        assert_eq!(printed(&[b"a\x1b[31m\r\xff\xe2\x80\xaeb\n"]), ["a [31m \u{fffd} b"]);
    }

    #[test]
    fn lines_are_bounded_in_length_and_in_number() {
        assert_eq!(printed(&[&[b'x'; 300], &[b'x'; 300], b"\n"]), ["x".repeat(497) + "…"]);
        assert_eq!(printed(&[&b"x\n".repeat(1000)]).len(), 100);
    }
}
