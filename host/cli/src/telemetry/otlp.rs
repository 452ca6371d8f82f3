//! Spans for a collector of OpenTelemetry: OTLP over HTTP, in protobuf.
//!
//! The collector is the operator's own and usually on this machine, so plain `http` is all there is.

use std::time::Duration;

use anyhow::Context;
use clap::Args;
use http::{Request, Response, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use opentelemetry::trace::TracerProvider;
use opentelemetry_http::{HttpClient, HttpError};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tokio::runtime::Handle;
use tracing_subscriber::Layer;

use super::{Listener, promised};
use crate::failure::Failure;
use crate::screen::Screen;

/// The flag of the collector.
#[derive(Debug, Default, Args)]
pub(super) struct OtlpArguments {
    /// Send spans to the collector of OpenTelemetry at this `http` URL, below which is `/v1/traces`
    #[arg(long, value_name = "URL", env = "OTEL_EXPORTER_OTLP_ENDPOINT", hide_env_values = true, global = true)]
    otlp: Option<Uri>,
}

/// Spans on their way.
pub(super) struct Export(SdkTracerProvider);

impl OtlpArguments {
    /// Begins to gather.
    pub(super) fn start(&self, listeners: &mut Vec<Listener>) -> anyhow::Result<Option<Export>> {
        let Some(url) = &self.otlp else { return Ok(None) };
        if url.scheme_str() != Some("http") || url.host().is_none() {
            let message = "the collector of OpenTelemetry is not named by an `http` URL";
            return Err(Failure::usage(message, "take `http://127.0.0.1:4318`, a collector on this machine").into());
        }
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Sender::new(Handle::current()))
            .with_protocol(Protocol::HttpBinary)
            .with_timeout(PATIENCE)
            .with_endpoint(format!("{}/v1/traces", url.to_string().trim_end_matches('/')))
            .build()
            .context("spans cannot be exported")?;
        let resource = Resource::builder().with_service_name("portcullis").build();
        let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build();
        let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("portcullis")).with_location(false);
        listeners.push(layer.with_threads(false).with_filter(promised()).boxed());
        Ok(Some(Export(provider)))
    }
}

impl Export {
    /// Sends what is left. That a collector is not there is no failure of the command.
    pub(super) fn finish(self, screen: &mut Screen<'_>) -> anyhow::Result<()> {
        if let Err(error) = self.0.shutdown_with_timeout(PATIENCE) {
            screen.say("warning", format!("spans did not reach the collector: {error}"))?;
        }
        Ok(())
    }
}

/// Sends from a thread that has no executor of its own.
#[derive(Debug)]
struct Sender {
    client: Client<HttpConnector, Full<Bytes>>,
    executor: Handle,
}

impl Sender {
    fn new(executor: Handle) -> Sender {
        Sender { client: Client::builder(TokioExecutor::new()).build_http(), executor }
    }
}

#[async_trait::async_trait]
impl HttpClient for Sender {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        let sent = self.executor.spawn(async move {
            let answer = tokio::time::timeout(PATIENCE, client.request(request.map(Full::from))).await??;
            let (parts, body) = answer.into_parts();
            let body = Limited::new(body, LONGEST).collect().await?.to_bytes();
            Ok::<_, HttpError>(Response::from_parts(parts, body))
        });
        sent.await?
    }
}

const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of a collector's answer.
const LONGEST: usize = 1 << 20;
