//! What the sandbox costs the mapping.
//!
//! `list-users` of the shipped component, each time on a fresh instance and with interruption on, against the same
//! function natively, on the same page of 100 users and on an empty one, which is taken off. The answer comes out of
//! memory. Each is measured some times in a row, so that the processor's caches hold what it needs, and then the next.
//! Of all measurements the least counts, as the one with the least noise in it.
//!
//! `COMPONENT=FILE` measures another build of the component.

use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use portcullis_tests::{House, page};
use portcullis_zpa::{account, wit};
use wasmtime::component::{Component, HasData, Linker, ResourceTable};
use wasmtime::{Config, Enabled, Engine, PoolingAllocationConfig, Store};
use wasmtime_wasi::p2::bindings::io;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks, WasiHttpView};

use self::binding::ConnectorPre;
use self::binding::exports::portcullis::directory::types;
use crate::Scale;
use crate::row::{self, Table};

mod binding {
    #![allow(missing_docs, unreachable_pub, clippy::all, clippy::pedantic)]
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "connector",
        exports: { default: async },
        require_store_data_send: true,
        with: {
            "wasi:clocks": wasmtime_wasi::p2::bindings::clocks,
            "wasi:http": wasmtime_wasi_http::p2::bindings::http,
            "wasi:io": wasmtime_wasi::p2::bindings::io,
        },
    });
}

const TURNS: u32 = 100;
const CALLS: u32 = 10;
const ENDPOINT: &str = "https://vendor.example/v2";

/// Measures, in turns.
pub(crate) fn measure(table: &mut Table, scale: Scale) {
    // On one thread: nothing else has anything to do.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let full = Bytes::from(page::body(&House::new(1000, 40).await).await);
        let empty = Bytes::from_static(br#"{"totalResults":0,"startIndex":1,"itemsPerPage":0,"Resources":[]}"#);
        let component = std::env::var("COMPONENT")
            .map_or_else(|_| portcullis_connectors::ZPA.to_vec(), |path| std::fs::read(path).unwrap());
        let sandbox = Sandbox::new(&component);
        assert_eq!((sandbox.users(&full).await, native(&full)), (100, 100));
        let mut least = [[Duration::MAX; 2]; 2];
        for _ in 0..TURNS * scale.rounds {
            for (body, [sandboxed, natively]) in [&full, &empty].into_iter().zip(&mut least) {
                for _ in 0..CALLS {
                    let start = Instant::now();
                    sandbox.users(body).await;
                    *sandboxed = start.elapsed().min(*sandboxed);
                }
                for _ in 0..CALLS {
                    let start = Instant::now();
                    native(body);
                    *natively = start.elapsed().min(*natively);
                }
            }
        }
        let [[sandboxed, natively], [sandboxed_empty, natively_empty]] = least;
        let above = |full: Duration, empty: Duration| full.as_secs_f64() - empty.as_secs_f64();
        let (sandboxed, natively) = (above(sandboxed, sandboxed_empty), above(natively, natively_empty));
        table.add("mapping of 100 users natively", natively * 1e6, "µs", row::Target::None);
        table.add("mapping of 100 users in the sandbox, of natively", sandboxed / natively, "times", row::at_most(1.6));
    });
}

fn native(body: &[u8]) -> usize {
    let account = wit::Account { endpoint: ENDPOINT.to_owned(), settings: None };
    page::natively(&account::Account::parse(&account).unwrap(), body).items.len()
}

/// A host with the runtime's engine and nothing of its pipeline.
struct Sandbox {
    engine: Engine,
    connector: ConnectorPre<State>,
}

impl Sandbox {
    fn new(component: &[u8]) -> Sandbox {
        let mut pool = PoolingAllocationConfig::new();
        pool.max_memory_size(64 << 20)
            .linear_memory_keep_resident(288 * 1024)
            .table_keep_resident(16 * 1024)
            .pagemap_scan(Enabled::Auto);
        let mut config = Config::new();
        config.concurrency_support(false).epoch_interruption(true);
        config.allocation_strategy(pool).memory_reservation(4 << 30).memory_guard_size(32 << 20);
        let engine = Engine::new(&config).unwrap();
        let mut linker = Linker::<State>::new(&engine);
        wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker).unwrap();
        io::error::add_to_linker::<State, Resources>(&mut linker, |state| &mut state.table).unwrap();
        io::poll::add_to_linker::<State, Resources>(&mut linker, |state| &mut state.table).unwrap();
        io::streams::add_to_linker::<State, Resources>(&mut linker, |state| &mut state.table).unwrap();
        let component = Component::from_binary(&engine, component).unwrap();
        let connector = ConnectorPre::new(linker.instantiate_pre(&component).unwrap()).unwrap();
        Sandbox { engine, connector }
    }

    async fn users(&self, body: &Bytes) -> usize {
        let state = State { table: ResourceTable::new(), http: WasiHttpCtx::new(), vendor: Vendor(body.clone()) };
        let mut store = Store::new(&self.engine, state);
        store.set_epoch_deadline(1 << 40);
        let connector = self.connector.instantiate_async(&mut store).await.unwrap();
        let account = types::Account { endpoint: ENDPOINT.to_owned(), settings: None };
        let directory = connector.portcullis_directory_user_directory();
        let options = types::ReadOptions::empty();
        directory.call_list_users(&mut store, &account, None, None, options).await.unwrap().unwrap().items.len()
    }
}

struct State {
    table: ResourceTable,
    http: WasiHttpCtx,
    vendor: Vendor,
}

struct Resources;

impl HasData for Resources {
    type Data<'a> = &'a mut ResourceTable;
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { hooks: &mut self.vendor, table: &mut self.table, ctx: &mut self.http }
    }
}

/// Answers every request with one body.
struct Vendor(Bytes);

type Sent = Result<(Response<WasiBody>, Box<dyn Future<Output = Result<(), Error>> + Send>), Error>;

impl WasiHttpHooks for Vendor {
    fn send_request(
        &mut self,
        _: Request<WasiBody>,
        _: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        let body = Full::new(self.0.clone()).map_err(Error::from).boxed_unsync();
        let done: Box<dyn Future<Output = _> + Send> = Box::new(std::future::ready(Ok(())));
        Box::new(std::future::ready(Ok((Response::new(body), done))))
    }
}
