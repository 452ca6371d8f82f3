//! What one instance can touch: the tables behind its handles, two clocks and the way out.
//!
//! It is made for one call and dropped with it. There is no environment, argument, file, socket or random source in
//! it to be given by mistake.

use std::sync::{Arc, LazyLock};

use http::{HeaderName, Request, Response};
use http_body_util::{BodyExt, Full};
use tracing::Instrument;
use wasmtime::component::{HasData, Linker, ResourceTable};
use wasmtime_wasi::clocks::{WasiClocks, WasiClocksCtx, WasiClocksCtxView};
use wasmtime_wasi::p2::bindings::{clocks, io};
use wasmtime_wasi_http::{
    Error, ForbiddenHeaderFilter, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks, WasiHttpView,
};

use crate::egress::Egress;
use crate::egress::failure::Failure;
use crate::egress::header;
use crate::egress::trail::Trail;
use crate::limit::Limits;
use crate::meter::Meter;

/// The data of a store.
pub(crate) struct State {
    pub(crate) meter: Meter,
    table: ResourceTable,
    clocks: WasiClocksCtx,
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
        State { meter: Meter::new(limits), table, clocks: WasiClocksCtx::default(), http, gate: Gate { egress, trail } }
    }
}

/// Everything that a connector may import, and nothing else.
pub(crate) fn link(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(linker)?;
    io::error::add_to_linker::<State, Table>(linker, |state| &mut state.table)?;
    io::poll::add_to_linker::<State, Table>(linker, |state| &mut state.table)?;
    io::streams::add_to_linker::<State, Table>(linker, |state| &mut state.table)?;
    clocks::monotonic_clock::add_to_linker::<State, WasiClocks>(linker, State::clocks)?;
    clocks::wall_clock::add_to_linker::<State, WasiClocks>(linker, State::clocks)
}

impl State {
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
        let (egress, trail) = (self.egress.clone(), Arc::clone(&self.trail));
        let exchange = async move {
            let Some(egress) = egress else {
                let failure = Failure::Denied("there is no account that a request could be for".to_owned());
                trail.failed(&failure);
                return Err(failure.code());
            };
            let reply = egress.exchange(request, &trail).await.map_err(|failure| failure.code())?;
            let body = |bytes| Full::new(bytes).map_err(Error::from).boxed_unsync();
            let done: Box<dyn Future<Output = _> + Send> = Box::new(std::future::ready(Ok(())));
            Ok((reply.map(body), done))
        };
        // The exchange runs as a task of its own.
        Box::new(exchange.in_current_span())
    }
}

/// Bytes of one map of headers, and of one of the two chunks that wait in an unsent body. A connector may hold as many
/// of either as it has handles, so these are what bounds the host's own memory: at the default, 40 MiB for a call.
const HEADERS: usize = 16 * 1024;
const CHUNK: usize = 64 * 1024;
