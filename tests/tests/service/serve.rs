//! A server of HTTP components on wasmtime's own libraries, as `wasmtime serve` is one; but the way out is this host's, so
//! it can add the credential, which `wasmtime serve` cannot.

use std::sync::Arc;

use http::{HeaderValue, Request, Response, header};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use portcullis_connectors::ZPA_SERVICE;
use portcullis_tests::{TOKEN, directory};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use wasmtime::component::{Component, Linker, ResourceTable};
use wasmtime::{Engine, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::p2::bindings::ProxyPre;
use wasmtime_wasi_http::p2::bindings::http::types::Scheme;
use wasmtime_wasi_http::p2::body::HyperOutgoingBody;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks, WasiHttpView};

use crate::{check, environment, vendor};

#[tokio::test]
async fn a_server_on_wasmtime_serves_it_and_adds_the_credential() {
    let vendor = vendor().await;
    let engine = Engine::default();
    let mut linker = Linker::new(&engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker).unwrap();
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker).unwrap();
    let component = Component::new(&engine, ZPA_SERVICE).unwrap();
    let server = Arc::new(Server {
        pre: ProxyPre::new(linker.instantiate_pre(&component).unwrap()).unwrap(),
        environment: environment(&vendor.endpoint()).to_vec(),
        client: Client::builder(TokioExecutor::new()).build_http(),
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let server = Arc::clone(&server);
            let service = service_fn(move |request| {
                let server = Arc::clone(&server);
                async move { server.handle(request).await }
            });
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });

    check(&url, &vendor, &directory(&vendor.endpoint(), Some(TOKEN)).await).await;
}

struct Server {
    pre: ProxyPre<State>,
    environment: Vec<(&'static str, String)>,
    client: Client<HttpConnector, WasiBody>,
}

impl Server {
    /// A fresh instance for each request.
    async fn handle(&self, request: Request<Incoming>) -> wasmtime::Result<Response<HyperOutgoingBody>> {
        let state = State {
            table: ResourceTable::new(),
            wasi: WasiCtx::builder().envs(&self.environment).build(),
            http: WasiHttpCtx::new(),
            way_out: WayOut(self.client.clone()),
        };
        let mut store = Store::new(self.pre.engine(), state);
        let (sender, answer) = oneshot::channel();
        let request = store.data_mut().http().new_incoming_request(Scheme::Http, request)?;
        let sender = store.data_mut().http().new_response_outparam(sender)?;
        let pre = self.pre.clone();
        let call = tokio::spawn(async move {
            let proxy = pre.instantiate_async(&mut store).await?;
            proxy.wasi_http_incoming_handler().call_handle(store, request, sender).await
        });
        match answer.await {
            Ok(answer) => Ok(answer?),
            Err(_) => Err(call.await?.err().unwrap_or_else(|| wasmtime::Error::msg("nothing was answered"))),
        }
    }
}

struct State {
    table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    way_out: WayOut,
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.way_out }
    }
}

/// One vendor and one token: a real host asks here where the request goes.
struct WayOut(Client<HttpConnector, WasiBody>);

type Sent = Result<(Response<WasiBody>, Box<dyn Future<Output = Result<(), Error>> + Send>), Error>;

impl WasiHttpHooks for WayOut {
    fn send_request(
        &mut self,
        mut request: Request<WasiBody>,
        _: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        let client = self.0.clone();
        Box::new(async move {
            let credential = HeaderValue::from_str(&format!("Bearer {TOKEN}")).map_err(|_| Error::HttpProtocolError)?;
            request.headers_mut().insert(header::AUTHORIZATION, credential);
            let answer = client.request(request).await.map_err(|_| Error::ConnectionTerminated)?;
            let body = |body: Incoming| body.map_err(|_| Error::ConnectionTerminated).boxed_unsync();
            let done: Box<dyn Future<Output = _> + Send> = Box::new(std::future::ready(Ok(())));
            Ok((answer.map(body), done))
        })
    }
}
