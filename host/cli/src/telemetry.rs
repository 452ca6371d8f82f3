//! What is told of the program at work, to whoever watches it: a log, figures for Prometheus, and spans for a collector
//! of OpenTelemetry. All of it is off until it is asked for, and all of it is made of what the spans of
//! `portcullis-runtime` say, in which there is nobody's name and no token.

#[cfg(feature = "prometheus")]
mod exposition;
#[cfg(feature = "prometheus")]
mod figures;
mod log;
#[cfg(feature = "otel")]
mod otlp;

use clap::Args;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry};

use crate::screen::Screen;

/// The flags of every command.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Telemetry")]
pub(crate) struct TelemetryArguments {
    #[command(flatten)]
    log: log::LogArguments,
    #[cfg(feature = "prometheus")]
    #[command(flatten)]
    figures: exposition::FigureArguments,
    #[cfg(feature = "otel")]
    #[command(flatten)]
    otlp: otlp::OtlpArguments,
}

/// What listens while a command runs.
#[derive(Default)]
pub(crate) struct Telemetry {
    #[cfg(feature = "prometheus")]
    figures: Option<exposition::Exposition>,
    #[cfg(feature = "otel")]
    otlp: Option<otlp::Export>,
}

type Listener = Box<dyn Layer<Registry> + Send + Sync>;

impl TelemetryArguments {
    /// Begins to listen. Called within the executor's context, for what works beside the command.
    #[cfg_attr(not(feature = "prometheus"), expect(unused_variables, reason = "only an address is told"))]
    pub(crate) fn start(&self, screen: &mut Screen<'_>) -> anyhow::Result<Telemetry> {
        let mut listeners: Vec<Listener> = Vec::new();
        listeners.extend(self.log.listener());
        let telemetry = Telemetry {
            #[cfg(feature = "prometheus")]
            figures: self.figures.start(&mut listeners, screen)?,
            #[cfg(feature = "otel")]
            otlp: self.otlp.start(&mut listeners)?,
        };
        if !listeners.is_empty() {
            tracing_subscriber::registry().with(listeners).try_init()?;
        }
        Ok(telemetry)
    }
}

impl Telemetry {
    /// Hands over what is left. Not called from within the executor: it waits.
    #[cfg_attr(
        not(any(feature = "otel", feature = "prometheus")),
        expect(clippy::unnecessary_wraps, reason = "there is nothing to hand over without these")
    )]
    pub(crate) fn finish(self, screen: &mut Screen<'_>) -> anyhow::Result<()> {
        #[cfg(feature = "otel")]
        if let Some(otlp) = self.otlp {
            otlp.finish(screen)?;
        }
        #[cfg(feature = "prometheus")]
        if let Some(figures) = self.figures {
            figures.finish(screen)?;
        }
        #[cfg(not(any(feature = "otel", feature = "prometheus")))]
        let _ = (self, screen);
        Ok(())
    }
}

/// The spans that the runtime promises, and no others: those of libraries may say anything.
#[cfg(any(feature = "otel", feature = "prometheus"))]
fn promised() -> tracing_subscriber::filter::Targets {
    tracing_subscriber::filter::Targets::new().with_target("portcullis::", tracing::Level::INFO)
}
