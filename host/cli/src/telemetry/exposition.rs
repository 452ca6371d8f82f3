//! Where the figures are to be had: at a loopback address while a command runs, or in a file when it has ended.

use std::convert::Infallible;
use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use clap::Args;
use http::header::CONTENT_TYPE;
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tracing_subscriber::Layer;

use super::figures::{Counting, Figures};
use super::{Listener, promised};
use crate::failure::Failure;
use crate::screen::Screen;

/// The flags of the figures.
#[derive(Debug, Default, Args)]
pub(super) struct FigureArguments {
    /// Serve figures for Prometheus at `/metrics` of this loopback address while the command runs; port 0 takes one that
    /// is free, and says which
    #[arg(long, value_name = "ADDRESS:PORT", env = "PORTCULLIS_METRICS", hide_env_values = true, global = true)]
    metrics: Option<SocketAddr>,
    /// Write figures for Prometheus to this file when the command has ended, such as for the textfile collector of
    /// node_exporter
    #[arg(long, value_name = "FILE", env = "PORTCULLIS_METRICS_FILE", hide_env_values = true, global = true)]
    metrics_file: Option<PathBuf>,
}

/// Figures that are asked for.
pub(super) struct Exposition {
    figures: Arc<Figures>,
    file: Option<PathBuf>,
}

impl FigureArguments {
    /// Begins to count, and to serve.
    pub(super) fn start(
        &self,
        listeners: &mut Vec<Listener>,
        screen: &mut Screen<'_>,
    ) -> anyhow::Result<Option<Exposition>> {
        if self.metrics.is_none() && self.metrics_file.is_none() {
            return Ok(None);
        }
        let figures = Arc::new(Figures::new());
        if let Some(address) = self.metrics {
            if !address.ip().is_loopback() {
                let message =
                    format!("`--metrics {address}` is no loopback address, and whoever reaches it reads along");
                return Err(
                    Failure::usage(message, "take `127.0.0.1:0`; a proxy of yours may show it to others").into()
                );
            }
            let bound = serve(address, Arc::clone(&figures))
                .with_context(|| format!("figures cannot be served at {address}"))?;
            screen.say("note", format!("figures are at http://{bound}/metrics"))?;
        }
        listeners.push(Counting(Arc::clone(&figures)).with_filter(promised()).boxed());
        Ok(Some(Exposition { figures, file: self.metrics_file.clone() }))
    }
}

impl Exposition {
    /// Writes the file, where one is asked for.
    pub(super) fn finish(self, _: &mut Screen<'_>) -> anyhow::Result<()> {
        let Some(file) = self.file else { return Ok(()) };
        let written = self.figures.text().map_err(anyhow::Error::from).and_then(|text| write(&file, &text));
        written.with_context(|| format!("the figures cannot be written to `{}`", file.display()))
    }
}

/// Beside the file first and then in its place, so that nobody reads half of it.
fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    let name = file.file_name().context("it has no name")?.to_string_lossy();
    let beside = file.with_file_name(format!(".{name}.{}", std::process::id()));
    let written = fs::write(&beside, text).and_then(|()| fs::rename(&beside, file));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    Ok(written?)
}

/// Serves until the program ends, and says where.
fn serve(address: SocketAddr, figures: Arc<Figures>) -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    let (bound, listener) = (listener.local_addr()?, tokio::net::TcpListener::from_std(listener)?);
    tokio::spawn(async move {
        // Whoever cannot be let in now may come again.
        while let Ok((connection, _)) = listener.accept().await {
            let figures = Arc::clone(&figures);
            tokio::spawn(async move {
                let service = service_fn(move |request: Request<Incoming>| {
                    let answer = answer(&request, &figures);
                    async move { Ok::<_, Infallible>(answer) }
                });
                // A connection that breaks is its reader's affair.
                let _ = http1::Builder::new().serve_connection(TokioIo::new(connection), service).await;
            });
        }
    });
    Ok(bound)
}

fn answer(request: &Request<Incoming>, figures: &Figures) -> Response<Full<Bytes>> {
    let text = match (request.method(), request.uri().path()) {
        (&Method::GET | &Method::HEAD, "/metrics") => figures.text().ok(),
        _ => None,
    };
    let mut answer = Response::new(Full::default());
    match text {
        Some(text) => {
            answer.headers_mut().insert(CONTENT_TYPE, http::HeaderValue::from_static(OPEN_METRICS));
            *answer.body_mut() = Full::from(text);
        }
        None => *answer.status_mut() = StatusCode::NOT_FOUND,
    }
    answer
}

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
