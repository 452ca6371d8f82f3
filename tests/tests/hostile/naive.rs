//! A host as one writes it in an hour: everything of WASI linked, the library's default hooks for HTTP, no limits, and
//! one instance for all calls. It stands for whoever embeds a component without thinking of attackers; what bounds it is
//! the harness.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use portcullis_directory::{Reply, VendorRequest};
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Config, Engine, ResourceLimiter, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView, default_hooks};

use self::bindings::Connector;
use self::bindings::exports::portcullis::directory::types;

#[allow(unreachable_pub, clippy::all, clippy::pedantic, reason = "generated")]
mod bindings {
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

/// A host with one instance of a component.
pub(crate) struct Naive {
    store: Store<Everything>,
    connector: Connector,
    endpoint: String,
    settings: Option<String>,
    time: Duration,
}

/// How a call ended that brought no answer.
#[derive(Debug)]
pub(crate) enum Ended {
    /// The connector says why.
    Told { code: String, message: String },
    /// It trapped.
    Trapped(String),
    /// It went on for longer than the harness lets it.
    Endless,
}

impl Naive {
    /// Loads a component for an account at this endpoint.
    pub(crate) async fn load(component: &[u8], endpoint: &str) -> Result<Naive, String> {
        let engine = Engine::new(Config::new().epoch_interruption(true)).unwrap();
        let component = Component::from_binary(&engine, component).unwrap();
        let mut linker = Linker::new(&engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker).unwrap();
        wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker).unwrap();
        let (table, wasi, http) = (ResourceTable::new(), WasiCtx::default(), WasiHttpCtx::new());
        let mut store = Store::new(&engine, Everything { table, wasi, http, memory: Memory(0) });
        store.limiter(|everything| &mut everything.memory);
        store.set_epoch_deadline(1);
        let connector = Connector::instantiate_async(&mut store, &component, &linker).await;
        let connector = connector.map_err(|error| format!("{error:#}"))?;
        let (endpoint, time) = (endpoint.to_owned(), Duration::from_secs(30));
        Ok(Naive { store, connector, endpoint, settings: None, time })
    }

    /// The same with settings, which is where such a host leaves a credential.
    pub(crate) fn with_settings(self, settings: &str) -> Naive {
        Naive { settings: Some(settings.to_owned()), ..self }
    }

    /// The same for another account.
    pub(crate) fn at(self, endpoint: &str) -> Naive {
        Naive { endpoint: endpoint.to_owned(), ..self }
    }

    /// The same, which the harness ends sooner.
    pub(crate) fn within(self, time: Duration) -> Naive {
        Naive { time, ..self }
    }

    /// Calls the pass-through.
    pub(crate) async fn request(&mut self, request: VendorRequest) -> Result<Reply, Ended> {
        let account = types::Account { endpoint: self.endpoint.clone(), settings: self.settings.clone() };
        let harness = Harness::new(&self.store, self.time);
        let interface = self.connector.portcullis_directory_vendor_api();
        let VendorRequest { method, path, query, headers, body } = request;
        let call = interface.call_request(&mut self.store, &account, &method, &path, &query, &headers, body.as_deref());
        let outcome = tokio::time::timeout(harness.time, call).await;
        match outcome {
            Err(_) => Err(Ended::Endless),
            Ok(Err(error)) if error.downcast_ref() == Some(&wasmtime::Trap::Interrupt) => Err(Ended::Endless),
            Ok(Err(error)) => Err(Ended::Trapped(error.root_cause().to_string())),
            Ok(Ok(Err(error))) => Err(Ended::Told { code: error.code.unwrap_or_default(), message: error.message }),
            Ok(Ok(Ok(reply))) => Ok(Reply { status: reply.status, headers: reply.headers, body: reply.body }),
        }
    }

    /// The cursor that the connector gives for the next page.
    pub(crate) async fn next_cursor(&mut self, cursor: Option<&str>) -> Option<String> {
        let account = types::Account { endpoint: self.endpoint.clone(), settings: None };
        let interface = self.connector.portcullis_directory_user_directory();
        let options = types::ReadOptions::REMOTE_DATA;
        let page = interface.call_list_users(&mut self.store, &account, cursor, None, options).await;
        page.unwrap().unwrap().next_cursor
    }

    /// How much memory the connector has, in bytes.
    pub(crate) fn memory(&self) -> usize {
        self.store.data().memory.0
    }
}

/// Ends a call that computes for too long, from another thread.
struct Harness {
    time: Duration,
    _done: mpsc::Sender<()>,
}

impl Harness {
    fn new(store: &Store<Everything>, time: Duration) -> Harness {
        let (done, told) = mpsc::channel::<()>();
        let engine = store.engine().clone();
        thread::spawn(move || {
            if told.recv_timeout(time) == Err(mpsc::RecvTimeoutError::Timeout) {
                engine.increment_epoch();
            }
        });
        Harness { time, _done: done }
    }
}

struct Everything {
    table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    memory: Memory,
}

/// What a connector has been given, which is all that it asks for.
struct Memory(usize);

impl ResourceLimiter for Memory {
    fn memory_growing(&mut self, _: usize, wanted: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        self.0 = wanted;
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(true)
    }
}

impl WasiView for Everything {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for Everything {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { hooks: default_hooks(), table: &mut self.table, ctx: &mut self.http }
    }
}
