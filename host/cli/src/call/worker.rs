//! A process for many calls: requests in, responses out, a line each. Responses come as they are ready.

use std::io::{self, BufRead, Read};

use clap::Args;
use portcullis_directory::rpc::{Request, Response};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::print;
use crate::account::AccountArguments;
use crate::exit::Exit;
use crate::input;
use crate::screen::Screen;

/// Answers JSON-RPC requests, a line each, until standard input ends. Responses come as they are ready, so a request
/// that builds on another is sent when that one is answered. Nothing is asked: a method that deletes deletes.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    account: AccountArguments,
    /// Calls that are made at the same moment
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..))]
    concurrency: u16,
}

/// Answers until there is nothing more to answer. An interrupt ends the reading, not the calls that were begun.
pub(crate) async fn run(arguments: Arguments, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    input::claim_standard()?;
    let directory = arguments.account.connect().await?;
    let mut lines = Some(lines());
    let mut calls = JoinSet::new();
    loop {
        let has_room = calls.len() < usize::from(arguments.concurrency);
        let is_open = lines.is_some();
        tokio::select! {
            line = next(&mut lines), if is_open && has_room => match line {
                None => lines = None,
                Some(line) => match line?.request() {
                    None => {}
                    Some(Err(response)) => print(&response, screen)?,
                    Some(Ok(request)) => {
                        let directory = directory.clone();
                        calls.spawn(async move { request.call(&directory).await });
                    }
                },
            },
            Some(response) = calls.join_next() => print(&response?, screen)?,
            interrupt = tokio::signal::ctrl_c(), if is_open => {
                interrupt?;
                lines = None;
            }
            else => return Ok(Exit::Success),
        }
    }
}

async fn next(lines: &mut Option<mpsc::Receiver<io::Result<Line>>>) -> Option<io::Result<Line>> {
    lines.as_mut()?.recv().await
}

/// A line of input.
enum Line {
    Text(Vec<u8>),
    TooLong,
}

impl Line {
    /// The request on it, or what to answer where there is none; nothing for an empty line.
    fn request(self) -> Option<Result<Request, Response>> {
        match self {
            Line::Text(bytes) if bytes.trim_ascii().is_empty() => None,
            Line::Text(bytes) => Some(Request::read(&bytes)),
            Line::TooLong => Some(Err(Response::too_long(LONGEST))),
        }
    }
}

/// The lines of standard input, read by a thread of their own: such a read cannot be given up.
fn lines() -> mpsc::Receiver<io::Result<Line>> {
    let (sender, receiver) = mpsc::channel(1);
    std::thread::spawn(move || {
        let mut input = io::stdin().lock();
        while let Some(line) = line(&mut input).transpose() {
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

/// One line, of which no more than may be is kept.
fn line(input: &mut impl BufRead) -> io::Result<Option<Line>> {
    let mut bytes = Vec::new();
    let read = input.by_ref().take(LONGEST as u64).read_until(b'\n', &mut bytes)?;
    if read == 0 {
        return Ok(None);
    }
    if read < LONGEST || bytes.ends_with(b"\n") {
        return Ok(Some(Line::Text(bytes)));
    }
    input.skip_until(b'\n')?;
    Ok(Some(Line::TooLong))
}

/// Bytes of a request: more than the sandbox lets a call send.
const LONGEST: usize = 8 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_too_long_is_skipped_and_the_next_is_read() {
        let mut text = vec![b'x'; LONGEST + 5];
        text.extend(b"\n\nlast");
        let mut input = text.as_slice();
        let mut lines = Vec::new();
        while let Some(line) = line(&mut input).unwrap() {
            lines.push(match line {
                Line::Text(bytes) => Some(bytes),
                Line::TooLong => None,
            });
        }
        assert_eq!(lines, [None, Some(b"\n".to_vec()), Some(b"last".to_vec())]);
    }
}
