//! Figures of calls and requests, out of the spans that say them. No label is an account's or a person's: the number of
//! time series does not grow with either.

use std::fmt;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Instant;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

type Labels = Vec<(&'static str, String)>;
type Durations = Family<Labels, Histogram, fn() -> Histogram>;

/// What is counted.
pub(super) struct Figures {
    registry: Mutex<Registry>,
    calls: Family<Labels, Counter>,
    call_time: Durations,
    requests: Family<Labels, Counter>,
    request_time: Durations,
    waits: Durations,
    throttles: Family<Labels, Counter>,
}

impl Figures {
    pub(super) fn new() -> Figures {
        let durations = || Durations::new_with_constructor(|| Histogram::new(BUCKETS));
        let figures = Figures {
            registry: Mutex::new(Registry::with_prefix("portcullis")),
            calls: Family::default(),
            call_time: durations(),
            requests: Family::default(),
            request_time: durations(),
            waits: durations(),
            throttles: Family::default(),
        };
        let mut registry = figures.registry.lock().unwrap_or_else(PoisonError::into_inner);
        registry.register("calls", "Calls by operation, outcome and whose affair a failure was", figures.calls.clone());
        registry.register("call_duration_seconds", "How long calls took", figures.call_time.clone());
        registry.register(
            "requests",
            "Tries of requests by method, status and number of the try",
            figures.requests.clone(),
        );
        registry.register(
            "request_duration_seconds",
            "How long tries took, without the wait",
            figures.request_time.clone(),
        );
        registry.register("queue_wait_seconds", "How long tries waited for their turn", figures.waits.clone());
        registry.register(
            "throttles",
            "Requests that the vendor put off or for which there was no turn",
            figures.throttles.clone(),
        );
        drop(registry);
        figures
    }

    /// The figures as text of OpenMetrics 1.0.
    pub(super) fn text(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry.lock().unwrap_or_else(PoisonError::into_inner))?;
        Ok(text)
    }

    fn count(&self, span: &'static str, seen: &Seen) {
        let (time, text) =
            (seen.begun.elapsed().as_secs_f64(), |text: &Option<String>| text.clone().unwrap_or_default());
        if span == "call" {
            let operation = ("operation", text(&seen.operation));
            // A call that was given up says nothing.
            let outcome = ("outcome", seen.outcome.clone().unwrap_or_else(|| "dropped".to_owned()));
            let blame = ("blame", seen.blame.clone().unwrap_or_else(|| "none".to_owned()));
            self.calls.get_or_create(&vec![operation.clone(), outcome, blame]).inc();
            self.call_time.get_or_create(&vec![operation]).observe(time);
        } else if span == "request" {
            let method = ("method", text(&seen.method));
            let status = seen.status.map(|status| status.to_string()).or_else(|| seen.error.clone());
            let status = ("status", status.unwrap_or_else(|| "dropped".to_owned()));
            let attempt = ("attempt", (seen.resends + 1).to_string());
            self.requests.get_or_create(&vec![method.clone(), status, attempt]).inc();
            self.request_time.get_or_create(&vec![method]).observe(time);
            self.waits.get_or_create(&Vec::new()).observe(seen.wait);
            if matches!(seen.status, Some(429 | 503)) {
                self.throttles.get_or_create(&vec![("by", "vendor".to_owned())]).inc();
            }
        }
    }
}

/// What a span has said so far.
struct Seen {
    begun: Instant,
    operation: Option<String>,
    outcome: Option<String>,
    blame: Option<String>,
    method: Option<String>,
    error: Option<String>,
    status: Option<u64>,
    resends: u64,
    wait: f64,
}

impl Seen {
    fn now() -> Seen {
        Seen {
            begun: Instant::now(),
            operation: None,
            outcome: None,
            blame: None,
            method: None,
            error: None,
            status: None,
            resends: 0,
            wait: 0.0,
        }
    }
}

impl Visit for Seen {
    fn record_str(&mut self, field: &Field, value: &str) {
        let place = match field.name() {
            "operation" => &mut self.operation,
            "outcome" => &mut self.outcome,
            "blame" => &mut self.blame,
            "http.request.method" => &mut self.method,
            "error.type" => &mut self.error,
            _ => return,
        };
        *place = Some(value.to_owned());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        match field.name() {
            "http.response.status_code" => self.status = Some(value),
            "http.request.resend_count" => self.resends = value,
            _ => {}
        }
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        if field.name() == "pace.wait" {
            self.wait = value;
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}

/// Counts what the spans say.
pub(super) struct Counting(pub(super) std::sync::Arc<Figures>);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Counting {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut seen = Seen::now();
        attributes.record(&mut seen);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(seen);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(seen) = span.extensions_mut().get_mut::<Seen>()
        {
            values.record(seen);
        }
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut seen = Seen::now();
        event.record(&mut seen);
        if matches!(seen.error.as_deref(), Some("busy" | "paced")) {
            self.0.throttles.get_or_create(&vec![("by", "host".to_owned())]).inc();
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        if let Some(seen) = span.extensions().get::<Seen>() {
            self.0.count(span.name(), seen);
        }
    }
}

/// Seconds: from what a server on this machine takes to the limit of a call.
const BUCKETS: [f64; 13] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0];
