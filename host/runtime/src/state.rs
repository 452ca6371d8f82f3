//! What one instance can touch: the tables behind its handles, two clocks and the way out; with the profile `std` also
//! standard streams, random bytes, and an environment and arguments that are empty.
//!
//! It is made for one call and dropped with it. No function of files or sockets is ever linked to it.

use std::sync::{Arc, LazyLock};

use http::{HeaderName, Request, Response};
use http_body_util::{BodyExt, Full};
use tracing::Instrument;
use wasmtime::component::{HasData, Linker, ResourceTable};
use wasmtime_wasi::WasiCtx;
use wasmtime_wasi::cli::{WasiCli, WasiCliCtxView};
use wasmtime_wasi::clocks::{WasiClocks, WasiClocksCtx, WasiClocksCtxView};
use wasmtime_wasi::p2::bindings::{cli, clocks, io, random};
use wasmtime_wasi::random::WasiRandom;
use wasmtime_wasi_http::{
    Error, ForbiddenHeaderFilter, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks, WasiHttpView,
};

use crate::egress::Egress;
use crate::egress::failure::Failure;
use crate::egress::header;
use crate::egress::trail::Trail;
use crate::limit::Limits;
use crate::meter::Meter;
use crate::output::Output;

/// The data of a store.
pub(crate) struct State {
    pub(crate) meter: Meter,
    table: ResourceTable,
    clocks: WasiClocksCtx,
    /// For the profile `std`; made when it is first asked for, which a connector of another profile cannot.
    std: Option<WasiCtx>,
    http: WasiHttpCtx,
    gate: Gate,
}

impl State {
    /// For one call. Without an `egress` every request is denied.
    pub(crate) fn new(limits: Limits, egress: Option<Arc<Egress>>, trail: Arc<Trail>) -> State {
        let mut table = ResourceTable::new();
        table.set_max_capacity(limits.handles);
        let mut http = WasiHttpCtx::new();
        http.set_field_size_limit(HEADERS);
        let (meter, clocks, gate) = (Meter::new(limits), WasiClocksCtx::default(), Gate { egress, trail });
        State { meter, table, clocks, std: None, http, gate }
    }
}

/// Everything that a connector of the profile `http` may import, and nothing else.
pub(crate) fn link(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(linker)?;
    io::error::add_to_linker::<State, Table>(linker, |state| &mut state.table)?;
    io::poll::add_to_linker::<State, Table>(linker, |state| &mut state.table)?;
    io::streams::add_to_linker::<State, Table>(linker, |state| &mut state.table)?;
    clocks::monotonic_clock::add_to_linker::<State, WasiClocks>(linker, State::clocks)?;
    clocks::wall_clock::add_to_linker::<State, WasiClocks>(linker, State::clocks)
}

/// What a connector of the profile `std` may import on top of that, and nothing else.
pub(crate) fn link_std(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    cli::environment::add_to_linker::<State, WasiCli>(linker, State::cli)?;
    cli::exit::add_to_linker::<State, WasiCli>(linker, State::cli)?;
    cli::stdin::add_to_linker::<State, WasiCli>(linker, State::cli)?;
    cli::stdout::add_to_linker::<State, WasiCli>(linker, State::cli)?;
    cli::stderr::add_to_linker::<State, WasiCli>(linker, State::cli)?;
    cli::terminal_input::add_to_linker::<State, WasiCli>(linker, State::cli)?;
    cli::terminal_output::add_to_linker::<State, WasiCli>(linker, State::cli)?;
    cli::terminal_stdin::add_to_linker::<State, WasiCli>(linker, State::cli)?;
    cli::terminal_stdout::add_to_linker::<State, WasiCli>(linker, State::cli)?;
    cli::terminal_stderr::add_to_linker::<State, WasiCli>(linker, State::cli)?;
    random::random::add_to_linker::<State, WasiRandom>(linker, |state| state.std().0.random())?;
    random::insecure::add_to_linker::<State, WasiRandom>(linker, |state| state.std().0.random())?;
    random::insecure_seed::add_to_linker::<State, WasiRandom>(linker, |state| state.std().0.random())
}

impl State {
    /// A context with nothing in it but what is put there here. That wasmtime's has files and sockets as well is no harm:
    /// both are empty and denied, and none of their functions is linked.
    fn std(&mut self) -> (&mut WasiCtx, &mut ResourceTable) {
        let context = self.std.get_or_insert_with(|| {
            let mut context = WasiCtx::builder();
            context.stdout(Output::new("stdout")).stderr(Output::new("stderr")).max_random_size(RANDOM);
            context.allow_tcp(false).allow_udp(false).build()
        });
        (context, &mut self.table)
    }

    fn cli(&mut self) -> WasiCliCtxView<'_> {
        let (context, table) = self.std();
        WasiCliCtxView { ctx: context.cli(), table }
    }

    fn clocks(&mut self) -> WasiClocksCtxView<'_> {
        WasiClocksCtxView { ctx: &mut self.clocks, table: &mut self.table }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { hooks: &mut self.gate, table: &mut self.table, ctx: &mut self.http }
    }
}

struct Table;

impl HasData for Table {
    type Data<'a> = &'a mut ResourceTable;
}

/// Where `wasi:http` meets the egress pipeline.
struct Gate {
    egress: Option<Arc<Egress>>,
    trail: Arc<Trail>,
}

type Sent = Result<(Response<WasiBody>, Box<dyn Future<Output = Result<(), Error>> + Send>), Error>;

impl WasiHttpHooks for Gate {
    fn is_forbidden_header(&mut self, name: &HeaderName) -> bool {
        header::is_withheld(name)
    }

    /// Trailers are held against this one, not against the function above.
    fn forbidden_header_filter(&mut self) -> ForbiddenHeaderFilter {
        static FILTER: LazyLock<ForbiddenHeaderFilter> = LazyLock::new(|| Arc::new(header::is_withheld));
        FILTER.clone()
    }

    /// The host is written where the request is rebuilt.
    fn set_host_header(&mut self) -> bool {
        false
    }

    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        CHUNK
    }

    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        // The operator's limits of time hold.
        _: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        let Some(egress) = self.egress.clone() else {
            let failure = Failure::Denied("there is no account that a request could be for".to_owned());
            self.trail.failed(&failure);
            return Box::new(std::future::ready(Err(failure.code())));
        };
        // Begun here and not within the task, which may not have run at all when the call ends.
        let reply = egress.exchange(request, Arc::clone(&self.trail));
        let exchange = async move {
            let reply = reply.await.map_err(|failure| failure.code())?;
            let body = |bytes| Full::new(bytes).map_err(Error::from).boxed_unsync();
            let done: Box<dyn Future<Output = _> + Send> = Box::new(std::future::ready(Ok(())));
            Ok((reply.map(body), done))
        };
        // The exchange runs as a task of its own.
        Box::new(exchange.in_current_span())
    }
}

/// Bytes of one map of headers, and of a chunk that waits in an unsent body. A connector may hold as many requests as it
/// has handles, each with headers, trailers and two chunks, so these are what bounds the host's own memory: at the
/// default of 1000 handles, 1000 · 2 · (16 KiB + 4 KiB), which is 39 MiB for a call. A larger chunk would save nothing, as
/// `blocking-write-and-flush` takes no more than 4 KiB at once.
const HEADERS: usize = 16 * 1024;
const CHUNK: usize = 4 * 1024;

/// Random bytes that are given at once. Making them is one step of the host, which nothing interrupts.
const RANDOM: u64 = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::StaticToken;
    use crate::egress::tests::egress;

    /// A gate to an account, and the trail of its call.
    fn gate() -> Gate {
        let egress = egress("https://vendor.example/v2", StaticToken::new("open-sesame").unwrap());
        Gate { egress: Some(egress), trail: Arc::new(Trail::new(&Limits::default())) }
    }

    fn post(uri: &str) -> Request<WasiBody> {
        Request::post(uri).body(Full::default().map_err(Error::from).boxed_unsync()).unwrap()
    }

    #[test]
    fn what_waits_to_be_sent_takes_forty_mebibytes_of_the_host_at_most() {
        assert_eq!(gate().p2_outgoing_body_buffer_chunks(), 1, "the channel of a body has room for one more");
        assert!(Limits::default().handles * 2 * (HEADERS + gate().p2_outgoing_body_chunk_size()) <= 40 << 20);
    }

    #[test]
    fn a_write_that_nobody_waits_for_may_have_been_sent() {
        let mut gate = gate();
        drop(gate.send_request(post("https://vendor.example/v2/Users"), None, Box::new(std::future::ready(Ok(())))));
        assert!(gate.trail.may_have_written());
    }

    #[test]
    fn a_write_that_is_denied_has_a_reason_before_anybody_waits_for_it() {
        let mut gate = gate();
        drop(gate.send_request(post("https://vendor.example/v3/Users"), None, Box::new(std::future::ready(Ok(())))));
        assert!(!gate.trail.may_have_written());
        let reason = "the request goes to another path than the account's endpoint".to_owned();
        assert_eq!(gate.trail.failure(), Some(Failure::Denied(reason)));
    }
}
