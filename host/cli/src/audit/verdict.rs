//! What a check of the log showed, and what no check of it can show.

use std::io::Write;

use portcullis_store::audit::Verification;
use serde::Serialize;

use crate::listing::OutputArguments;
use crate::output::{self, Format};
use crate::screen::Screen;

#[derive(Debug, Serialize)]
struct Verdict {
    is_sound: bool,
    lines: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    anchor: Option<String>,
    findings: Vec<String>,
    #[serde(skip_serializing_if = "is_zero")]
    more_findings: u64,
    unfinished: u64,
    is_ahead: bool,
    torn_bytes: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// Prints it, and beside it what a stopped process left and what is not proved.
pub(super) fn print(
    verification: &Verification,
    output: OutputArguments,
    screen: &mut Screen<'_>,
) -> anyhow::Result<()> {
    let anchor = verification.anchor.map(|anchor| anchor.to_string());
    let verdict = Verdict {
        is_sound: verification.is_sound(),
        lines: verification.lines,
        anchor: anchor.clone(),
        findings: verification.findings.iter().map(ToString::to_string).collect(),
        more_findings: verification.more_findings,
        unfinished: verification.unfinished,
        is_ahead: verification.is_ahead,
        torn_bytes: verification.torn,
    };
    match output.format(screen) {
        Format::Json => output::print_document(&verdict, screen)?,
        Format::Ndjson => output::print_line(&verdict, screen)?,
        Format::Table | Format::Csv => {
            for finding in &verdict.findings {
                writeln!(screen.out(), "found: {finding}")?;
            }
            match (verification.lines, &anchor) {
                _ if !verdict.is_sound => {}
                (0, _) => writeln!(screen.out(), "nothing is recorded")?,
                (lines, None) => writeln!(screen.out(), "{lines} lines are as they were written")?,
                (lines, Some(anchor)) => {
                    writeln!(screen.out(), "{lines} lines are as they were written, and none is missing")?;
                    writeln!(screen.out(), "anchor: {anchor}")?;
                }
            }
        }
    }
    if verification.is_ahead {
        screen.say(
            "note",
            "a process was stopped before the database knew of the last line; the next write mends that",
        )?;
    }
    if verification.torn > 0 {
        let bytes = verification.torn;
        screen.say(
            "note",
            format!("a process was stopped in the middle of a line; the next write takes its {bytes} bytes away"),
        )?;
    }
    if verification.unfinished > 0 {
        let writes = verification.unfinished;
        screen.say("note", format!("writes of which it is not known what became, or that are under way: {writes}"))?;
    }
    if verification.lines > 0 {
        screen.say(
            "note",
            "this proves nothing against whoever has the key, nor that something was not written without a record; that \
             log and database were not both put back to an earlier state, an anchor that is kept elsewhere proves \
             (`--anchor`)",
        )?;
    }
    screen.flush()
}
