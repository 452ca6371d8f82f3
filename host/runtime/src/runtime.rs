//! What a process has once: the engine, its clock, and the parts that accounts are made of.
//!
//! Everything that loosens a rule is set here, by the operator, and nowhere else.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use portcullis_directory::text;
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::background::Background;
use crate::binding::ConnectorPre;
use crate::cache::{Cache, CodeKey};
use crate::certificate::Authorities;
use crate::connector::Connector;
use crate::contract;
use crate::digest::{self, Digest};
use crate::egress::address::Policy;
use crate::egress::pool::Pool;
use crate::egress::resolver::{Resolver, SystemResolver};
use crate::egress::tls::Tls;
use crate::engine;
use crate::epoch::Ticker;
use crate::error::{Error, Kind};
use crate::limit::Limits;
use crate::pace::hosts::Hosts;
use crate::pace::shared::{Shared as Sharing, SharedPace};
use crate::profile::Linkers;
use crate::room::Room;
use crate::state::State;
use crate::terms::Terms;

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
    /// The connections of all accounts.
    pub(crate) pool: Arc<Pool>,
    /// Where accounts of one host meet.
    pub(crate) hosts: Hosts,
    /// Where calls wait for those that run.
    pub(crate) room: Arc<Room>,
    /// Where calls go on that compute for long.
    pub(crate) background: Arc<Background>,
    engine: Engine,
    linkers: Linkers,
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

    /// Loads a component: checks its size, its imports, its exports and the version of the contract that it is for,
    /// compiles it or takes the code from the cache, links it and asks it to describe itself. Takes about a second
    /// without a cache.
    ///
    /// Call it within a Tokio runtime.
    pub async fn load(&self, component: impl AsRef<[u8]> + Send + 'static) -> Result<Connector, Error> {
        self.load_with(component, Terms::default()).await
    }

    /// The same on other terms than the default ones: with another profile of imports, or for one component alone.
    pub async fn load_with(
        &self,
        component: impl AsRef<[u8]> + Send + 'static,
        terms: Terms,
    ) -> Result<Connector, Error> {
        let shared = Arc::clone(&self.0);
        let linked = tokio::task::spawn_blocking(move || shared.link(component.as_ref(), terms));
        let (linked, digest) = linked.await.map_err(|_| Kind::Task)??;
        Connector::describe(linked, digest, Arc::clone(&self.0)).await
    }

    /// Refuses new calls, lets those that run go on for this long, and stops the rest, their requests with them. Tells
    /// how many calls had to be stopped.
    ///
    /// A refused call, and one that waits, is `unavailable` with code `shutdown`; so is a stopped one, whose effect says
    /// whether the vendor may have seen a write. There is no way back: make another runtime. A stopped call ends when
    /// its future is polled next, which is waited for, but for a second at most.
    pub async fn shutdown(&self, time: Duration) -> usize {
        self.0.room.close(time).await
    }
}

impl Shared {
    /// Everything of loading but asking the component what it is.
    pub(crate) fn link(&self, component: &[u8], terms: Terms) -> Result<(ConnectorPre<State>, Digest), Error> {
        let (size, at_most) = (component.len(), self.limits.component_bytes);
        if size > at_most {
            return Err(Kind::ComponentSize { size, at_most }.into());
        }
        let digest = Digest::of(component);
        digest::check(digest, terms.digest)?;
        let component = match &self.cache {
            Some(cache) => cache.component(&self.engine, (component, digest), compile)?,
            None => compile(&self.engine, component)?,
        };
        contract::check(&self.engine, &component, terms.imports)?;
        let linked = self.linkers.of(terms.imports).instantiate_pre(&component).and_then(ConnectorPre::new);
        match linked {
            Ok(linked) => Ok((linked, digest)),
            Err(error) => Err(Kind::Contract(text::one_line(format!("{error:#}"), text::MESSAGE)).into()),
        }
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
    trusted: Option<Authorities>,
    code_cache: Option<(PathBuf, CodeKey)>,
    shared_pace: Option<Sharing>,
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

    /// Trusts servers that these authorities vouch for, as well as those that the platform trusts, for every account.
    /// What else makes a certificate good, its name and dates, is judged all the same. Further calls add to it.
    pub fn trust(mut self, authorities: Authorities) -> RuntimeBuilder {
        self.trusted.get_or_insert_with(Authorities::none).extend(authorities);
        self
    }

    /// Lets accounts keep their pace, and let urgent requests go first, together with other processes that ask the same
    /// vendor for them. A pace without limits is not shared. By default it is each process's own.
    pub fn shared_pace(mut self, shared: impl SharedPace) -> RuntimeBuilder {
        self.shared_pace = Some(Sharing(Arc::new(shared)));
        self
    }

    /// Keeps compiled code in this directory, which is made if it is missing, each file sealed with this key, which must
    /// not lie there. The directory must belong to the user that runs the process and be writable by nobody else.
    ///
    /// What is in a file is run in this process, outside every sandbox. A file that was changed, cut, renamed, sealed
    /// with another key or left by somebody else is never loaded: the component is compiled anew, and the file replaced.
    /// So a cache may come back from a backup, or have been written to by another process or user. Against who can read
    /// the key, or this process, it is no protection.
    pub fn code_cache(mut self, directory: impl Into<PathBuf>, key: CodeKey) -> RuntimeBuilder {
        self.code_cache = Some((directory.into(), key));
        self
    }

    /// Makes the engine and starts its clock.
    pub fn build(self) -> Result<Runtime, Error> {
        let engine = engine::new(&self.limits)?;
        self.build_with(engine)
    }

    pub(crate) fn build_with(self, engine: Engine) -> Result<Runtime, Error> {
        let linkers = Linkers::new(&engine).map_err(|error| Kind::Engine(error.to_string()))?;
        let cache = self.code_cache.map(|(directory, key)| Cache::open(directory, &key));
        Ok(Runtime(Arc::new(Shared {
            room: Room::new(&self.limits),
            background: Arc::default(),
            pool: Pool::new(self.limits.connections),
            limits: self.limits,
            addresses: self.addresses,
            anonymous: self.anonymous,
            resolver: self.resolver.unwrap_or_else(|| Arc::new(SystemResolver)),
            tls: Tls::new(self.trusted.unwrap_or_else(Authorities::none)),
            hosts: Hosts::new(self.shared_pace),
            cache: cache.transpose()?,
            _ticker: Ticker::start(&engine)?,
            engine,
            linkers,
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
            .field("trusted", &self.trusted)
            .field("code_cache", &self.code_cache)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Blame;
    use crate::guest;
    use crate::profile::Imports;

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
    async fn a_connector_built_with_a_standard_library_is_loaded_on_the_operators_terms_alone() {
        let component = guest::std_component("");
        let error = refusal(component.clone()).await;
        assert!(error.refused_import().is_some_and(|import| import.starts_with("wasi:cli/")), "{error}");
        let terms = Terms { imports: Imports::Std, ..Terms::default() };
        let error = Runtime::new().unwrap().load_with(component, terms).await.unwrap_err();
        // It goes as far as that.
        assert_eq!(error.to_string(), "the component cannot describe itself");
    }

    #[tokio::test]
    async fn files_and_sockets_are_refused_in_every_profile() {
        for import in ["wasi:filesystem/preopens@0.2.12", "wasi:filesystem/types@0.2.12", "wasi:sockets/tcp@0.2.12"] {
            for imports in [Imports::Http, Imports::Std] {
                let component = component(&format!(r#"(component (import "{import}" (instance)))"#));
                let terms = Terms { imports, ..Terms::default() };
                let error = Runtime::new().unwrap().load_with(component, terms).await.unwrap_err();
                assert_eq!(error.refused_import(), Some(import));
            }
        }
    }

    #[tokio::test]
    async fn another_component_than_the_pinned_one_is_not_even_compiled() {
        let terms = Terms { digest: Some(Digest::of(b"another")), ..Terms::default() };
        let error = Runtime::new().unwrap().load_with(b"no component", terms).await.unwrap_err();
        let (found, pinned) = (Digest::of(b"no component"), Digest::of(b"another"));
        assert_eq!(error.to_string(), format!("the component is {found}, and {pinned} is pinned"));
        assert_eq!((error.is_other_component(), error.blame()), (true, Blame::Caller));
    }

    #[tokio::test]
    async fn another_version_of_the_contract_is_named_with_the_one_that_is_wanted() {
        let interfaces = ["types", "user-directory", "vendor-api", "descriptor"];
        let export = |name| format!(r#"(export "portcullis:directory/{name}@0.2.0" (instance $empty))"#);
        let exports: String = interfaces.map(export).concat();
        let error = refusal(component(&format!("(component (instance $empty) {exports})"))).await;
        let message = "the component is for version `0.2.0` of the contract, and this host for `0.1.0`";
        assert_eq!((error.to_string().as_str(), error.other_version()), (message, Some("0.2.0")));
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
