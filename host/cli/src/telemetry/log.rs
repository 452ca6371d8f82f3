//! A log on standard error: a line for each span when it ends, and one for each event.

use std::io;

use clap::{Args, ValueEnum};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::{Layer, fmt};

use super::Listener;

/// The flags of the log.
#[derive(Debug, Default, Args)]
pub(super) struct LogArguments {
    /// Log to standard error from this level on: error, warn, info, debug or trace [default: no log]. Nobody's name is
    /// told at info and above
    #[arg(
        long,
        value_name = "LEVEL",
        env = "PORTCULLIS_LOG",
        hide_env_values = true,
        global = true,
        hide_possible_values = true
    )]
    log: Option<Level>,
    /// What a line of the log looks like: text or json [default: text]
    #[arg(
        long,
        value_name = "FORMAT",
        env = "PORTCULLIS_LOG_FORMAT",
        hide_env_values = true,
        global = true,
        hide_possible_values = true
    )]
    log_format: Option<LogFormat>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Level {
    Off,
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

impl LogArguments {
    /// Who writes the log; `None` where none is asked for.
    pub(super) fn listener(&self) -> Option<Listener> {
        let level = match self.log? {
            Level::Off => return None,
            Level::Error => LevelFilter::ERROR,
            Level::Warn => LevelFilter::WARN,
            Level::Info => LevelFilter::INFO,
            Level::Debug => LevelFilter::DEBUG,
            Level::Trace => LevelFilter::TRACE,
        };
        // What libraries say is their own affair, and may be about anybody.
        let targets = Targets::new().with_target("portcullis", level);
        let lines = fmt::layer().with_writer(io::stderr).with_span_events(FmtSpan::CLOSE).with_ansi(false);
        Some(match self.log_format.unwrap_or(LogFormat::Text) {
            LogFormat::Text => lines.with_filter(targets).boxed(),
            LogFormat::Json => lines.json().with_filter(targets).boxed(),
        })
    }
}
