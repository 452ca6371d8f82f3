//! What a process has once: the engine, its clock, and the parts that accounts are made of.
//!
//! Everything that loosens a rule is set here, by the operator, and nowhere else.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use portcullis_directory::text;
use tokio::sync::Semaphore;
use wasmtime::Engine;
use wasmtime::component::{Component, Linker};

use crate::binding::ConnectorPre;
use crate::cache::Cache;
use crate::connector::Connector;
use crate::contract;
use crate::egress::address::Policy;
use crate::egress::resolver::{Resolver, SystemResolver};
use crate::egress::tls::Tls;
use crate::engine;
use crate::epoch::Ticker;
use crate::error::{Error, Kind};
use crate::limit::Limits;
use crate::pace::hosts::Hosts;
use crate::state::{self, State};

/// Loads connectors and runs them. Cheap to clone; one is enough for a process.
///
/// It reserves terabytes of addresses where it can get them, and almost no memory.
#[derive(Clone, Debug)]
pub struct Runtime(pub(crate) Arc<Shared>);

/// What the connectors and handles of a runtime share. It lives until the last of them is dropped.
pub(crate) struct Shared {
    pub(crate) limits: Limits,
    pub(crate) addresses: Policy,
    /// Whether accounts elsewhere than at loopback may go without a credential.
    pub(crate) anonymous: bool,
    pub(crate) resolver: Arc<dyn Resolver>,
    pub(crate) tls: Tls,
    /// Where accounts of one host meet.
    pub(crate) hosts: Hosts,
    /// One permit for each call that may run.
    pub(crate) calls: Arc<Semaphore>,
    engine: Engine,
    linker: Linker<State>,
    cache: Option<Cache>,
    _ticker: Ticker,
}

impl Runtime {
    /// A runtime with every default: the default limits, the public internet only, no cache.
    pub fn new() -> Result<Runtime, Error> {
        Runtime::builder().build()
    }

    /// A runtime with the operator's choices.
    pub fn builder() -> RuntimeBuilder {
        RuntimeBuilder::default()
    }

    /// Loads a component: checks its size, its imports and its exports, compiles it or takes the code from the cache,
    /// links it and asks it to describe itself. Takes about a second without a cache.
    ///
    /// Call it within a Tokio runtime.
    pub async fn load(&self, component: impl AsRef<[u8]> + Send + 'static) -> Result<Connector, Error> {
        let shared = Arc::clone(&self.0);
        let linked = tokio::task::spawn_blocking(move || shared.link(component.as_ref()));
        let linked = linked.await.map_err(|_| Kind::Task)??;
        Connector::describe(linked, Arc::clone(&self.0)).await
    }
}

impl Shared {
    /// Everything of loading but asking the component what it is.
    pub(crate) fn link(&self, component: &[u8]) -> Result<ConnectorPre<State>, Error> {
        let (size, at_most) = (component.len(), self.limits.component_bytes);
        if size > at_most {
            return Err(Kind::ComponentSize { size, at_most }.into());
        }
        let component = match &self.cache {
            Some(cache) => cache.component(&self.engine, component, compile)?,
            None => compile(&self.engine, component)?,
        };
        contract::check(&self.engine, &component)?;
        let linked = self.linker.instantiate_pre(&component).and_then(ConnectorPre::new);
        linked.map_err(|error| Kind::Contract(text::one_line(format!("{error:#}"), text::MESSAGE)).into())
    }
}

fn compile(engine: &Engine, component: &[u8]) -> Result<Component, Error> {
    Component::from_binary(engine, component)
        .map_err(|error| Kind::Component(text::one_line(format!("{error:#}"), text::MESSAGE)).into())
}

impl fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Shared")
            .field("limits", &self.limits)
            .field("addresses", &self.addresses)
            .finish_non_exhaustive()
    }
}

/// The operator's choices for a [`Runtime`].
#[derive(Default)]
#[must_use]
pub struct RuntimeBuilder {
    limits: Limits,
    addresses: Policy,
    anonymous: bool,
    resolver: Option<Arc<dyn Resolver>>,
    code_cache: Option<PathBuf>,
}

impl RuntimeBuilder {
    /// What each call may use.
    pub fn limits(mut self, limits: Limits) -> RuntimeBuilder {
        self.limits = limits;
        self
    }

    /// Lets accounts reach this machine: loopback addresses, over `http` too. Off by default.
    pub fn allow_loopback(mut self, allowed: bool) -> RuntimeBuilder {
        self.addresses.loopback = allowed;
        self
    }

    /// Lets accounts reach private networks (RFC 1918, RFC 6598, RFC 4193), over `https` only. Off by default.
    pub fn allow_private(mut self, allowed: bool) -> RuntimeBuilder {
        self.addresses.private = allowed;
        self
    }

    /// Lets accounts go without a credential anywhere; a literal loopback address needs no such permission. Off by
    /// default.
    pub fn allow_anonymous(mut self, allowed: bool) -> RuntimeBuilder {
        self.anonymous = allowed;
        self
    }

    /// Looks names up here instead of asking the operating system. The answers are filtered all the same.
    pub fn resolver(mut self, resolver: impl Resolver) -> RuntimeBuilder {
        self.resolver = Some(Arc::new(resolver));
        self
    }

    /// Keeps compiled code in this directory, which is made if it is missing. It must belong to the user that runs the
    /// process and be writable by nobody else: who can write there can run code in this process.
    pub fn code_cache(mut self, directory: impl Into<PathBuf>) -> RuntimeBuilder {
        self.code_cache = Some(directory.into());
        self
    }

    /// Makes the engine and starts its clock.
    pub fn build(self) -> Result<Runtime, Error> {
        let engine = engine::new(&self.limits)?;
        self.build_with(engine)
    }

    pub(crate) fn build_with(self, engine: Engine) -> Result<Runtime, Error> {
        let calls = usize::try_from(self.limits.concurrent_calls).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS);
        let mut linker = Linker::new(&engine);
        state::link(&mut linker).map_err(|error| Kind::Engine(error.to_string()))?;
        Ok(Runtime(Arc::new(Shared {
            limits: self.limits,
            addresses: self.addresses,
            anonymous: self.anonymous,
            resolver: self.resolver.unwrap_or_else(|| Arc::new(SystemResolver)),
            tls: Tls::default(),
            hosts: Hosts::default(),
            calls: Arc::new(Semaphore::new(calls)),
            cache: self.code_cache.map(Cache::open).transpose()?,
            _ticker: Ticker::start(&engine)?,
            engine,
            linker,
        })))
    }
}

impl fmt::Debug for RuntimeBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RuntimeBuilder")
            .field("limits", &self.limits)
            .field("addresses", &self.addresses)
            .field("anonymous", &self.anonymous)
            .field("code_cache", &self.code_cache)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Blame;
    use crate::guest;

    async fn refusal(component: Vec<u8>) -> Error {
        Runtime::new().unwrap().load(component).await.unwrap_err()
    }

    fn component(text: &str) -> Vec<u8> {
        wat::parse_str(text).unwrap()
    }

    #[tokio::test]
    async fn an_import_outside_the_profile_is_refused_by_name() {
        let error = refusal(component(r#"(component (import "wasi:cli/environment@0.2.12" (instance)))"#)).await;
        let message = "the component imports `wasi:cli/environment@0.2.12`, which this host does not offer";
        assert_eq!((error.to_string().as_str(), error.blame()), (message, Blame::Guest));
        assert_eq!(error.refused_import(), Some("wasi:cli/environment@0.2.12"));
    }

    #[tokio::test]
    async fn a_missing_export_is_named() {
        let error = refusal(component("(component)")).await;
        assert_eq!(error.to_string(), "the component does not export `portcullis:directory/types@0.1.0`");
        assert_eq!(error.missing_export(), Some("portcullis:directory/types@0.1.0"));
    }

    #[tokio::test]
    async fn exports_of_another_shape_are_refused() {
        let interfaces = ["types", "user-directory", "vendor-api", "descriptor"];
        let export = |name| format!(r#"(export "portcullis:directory/{name}@0.1.0" (instance $empty))"#);
        let exports: String = interfaces.map(export).concat();
        let error = refusal(component(&format!("(component (instance $empty) {exports})"))).await;
        let message = "the component does not keep to the contract: instance export \
                       `portcullis:directory/user-directory@0.1.0` does not have export `list-users`";
        assert_eq!((error.to_string().as_str(), error.blame()), (message, Blame::Guest));
    }

    #[tokio::test]
    async fn what_is_no_component_is_refused() {
        for bytes in [Vec::new(), b"\x7fELF".to_vec(), component("(module)")] {
            let error = refusal(bytes).await;
            assert!(error.to_string().starts_with("the component cannot be compiled: "), "{error}");
            assert_eq!(error.blame(), Blame::Guest);
        }
    }

    #[tokio::test]
    async fn a_component_beyond_the_bound_is_not_even_parsed() {
        let runtime = Runtime::builder().limits(Limits { component_bytes: 9, ..Limits::default() }).build().unwrap();
        let error = runtime.load([0; 10]).await.unwrap_err();
        assert_eq!(error.to_string(), "the component has 10 bytes, more than the allowed 9");
    }

    #[tokio::test]
    async fn a_component_that_cannot_describe_itself_is_refused() {
        let error = refusal(guest::component("")).await;
        assert_eq!((error.to_string().as_str(), error.blame()), ("the component cannot describe itself", Blame::Guest));
    }
}
