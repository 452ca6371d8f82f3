//! One call of a connector: a fresh instance, its limits, and what becomes of it when it misbehaves.
//!
//! Whatever a connector does ends here as an answer or as a `portcullis_directory::Error`. Nothing of a call is kept
//! for the next.

use std::sync::Arc;
use std::time::{Duration, Instant};

use portcullis_directory::text;
use portcullis_directory::{Effect, Error, ErrorKind};
use tokio::sync::OwnedSemaphorePermit;
use wasmtime::{PoolConcurrencyLimitError, Store, Trap, UpdateDeadline};

use crate::binding::{Connector, ConnectorPre, types};
use crate::egress::Egress;
use crate::egress::failure::Failure;
use crate::egress::trail::Trail;
use crate::limit::Limits;
use crate::meter::Exceeded;
use crate::runtime::Shared;
use crate::state::State;

/// A fresh instance, ready for the one function that it is made for.
pub(crate) struct Call {
    /// Ended before the instance is dropped.
    _ending: Ending,
    pub(crate) store: Store<State>,
    pub(crate) connector: Connector,
    pub(crate) watch: Watch,
    /// Given back after the instance, so that there is a slot for whoever takes it.
    _room: OwnedSemaphorePermit,
}

impl Call {
    /// Makes an instance, if there is room for one. The time of the call runs from here.
    pub(crate) async fn start(
        runtime: &Shared,
        component: &ConnectorPre<State>,
        egress: Option<Arc<Egress>>,
    ) -> Result<Call, Error> {
        let limits = runtime.limits;
        // Not every allocator counts its instances, so the calls are counted here.
        let room = Arc::clone(&runtime.calls).try_acquire_owned().map_err(|_| no_room())?;
        let watch = Watch::new(&limits);
        let state = State::new(limits, egress, Arc::clone(&watch.trail));
        let mut store = Store::new(component.engine(), state);
        let ending = Ending(Arc::clone(&watch.trail));
        store.limiter(|state| &mut state.meter);
        store.set_hostcall_fuel(limits.result_bytes);
        store.set_max_component_handles(limits.handles);
        store.set_epoch_deadline(1);
        let (start, time) = (watch.start, watch.time);
        // The timer of the executor may be late when connectors keep its threads busy, so the deadline is looked at
        // here, too.
        store.epoch_deadline_callback(move |_| {
            if start.elapsed() >= time {
                return Err(Expired.into());
            }
            Ok(UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now())))
        });
        let connector = watch.within(component.instantiate_async(&mut store)).await?;
        Ok(Call { _ending: ending, store, connector, watch, _room: room })
    }
}

/// Marks the end of a call when it is dropped.
struct Ending(Arc<Trail>);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// The deadline of a call, and what it has done on the network.
pub(crate) struct Watch {
    trail: Arc<Trail>,
    start: Instant,
    time: Duration,
}

impl Watch {
    fn new(limits: &Limits) -> Watch {
        Watch { trail: Arc::new(Trail::new(limits)), start: Instant::now(), time: limits.call_time }
    }

    /// Waits for the connector's answer, but no longer than the call may take.
    pub(crate) async fn settle<T>(
        &self,
        answer: impl Future<Output = wasmtime::Result<Result<T, types::Error>>>,
    ) -> Result<T, Error> {
        let explained = |error: types::Error| self.counted(self.explained(error.into()));
        let outcome = self.within(answer).await.and_then(|answer| answer.map_err(explained));
        tracing::debug!(
            outcome = outcome.as_ref().err().map_or("answered", |error| error.kind.name()),
            requests = self.trail.requests(),
            elapsed = ?self.start.elapsed(),
            "the call ended",
        );
        outcome
    }

    async fn within<T>(&self, work: impl Future<Output = wasmtime::Result<T>>) -> Result<T, Error> {
        let left = self.time.saturating_sub(self.start.elapsed());
        match tokio::time::timeout(left, work).await {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(self.fault(&error)),
            Err(_) => Err(self.fault(&Expired.into())),
        }
    }

    /// What a connector did that it should not have done.
    fn fault(&self, error: &wasmtime::Error) -> Error {
        let effect = if self.trail.may_have_written() { Effect::Unknown } else { Effect::None };
        if error.is::<Expired>() {
            return Error::timeout(format!("the connector did not answer within {:?}", self.time), effect);
        }
        if let Some(exceeded) = error.downcast_ref::<Exceeded>() {
            return Error::limit(exceeded.to_string(), effect);
        }
        if error.is::<PoolConcurrencyLimitError>() {
            return no_room();
        }
        let reason = match error.downcast_ref::<Trap>() {
            Some(trap) => trap.to_string(),
            None => error.root_cause().to_string(),
        };
        Error::guest_fault(format!("the connector failed: {reason}"), effect)
    }

    /// The error with the number of tries that came to it, where there were several.
    fn counted(&self, error: Error) -> Error {
        match self.trail.tries() {
            0 | 1 => error,
            tries => {
                let message = text::one_line(format!("after {tries} tries: {}", error.message), text::MESSAGE);
                Error { message, ..error }
            }
        }
    }

    /// The connector's error, with the host's reason where the connector could only see that there was no reply.
    fn explained(&self, error: Error) -> Error {
        let is_without_reply =
            matches!(error.kind, ErrorKind::Unavailable | ErrorKind::Forbidden | ErrorKind::Protocol);
        if !is_without_reply || error.http_status.is_some() {
            return error;
        }
        let Some(failure) = self.trail.failure() else {
            return error;
        };
        // A connector whose body was not taken may know no more than that, and so neither kind nor effect.
        let kind = match failure {
            Failure::Credential(_) => ErrorKind::Unauthorized,
            Failure::Denied(_) | Failure::Address(_) => ErrorKind::Forbidden,
            Failure::Late(_) => ErrorKind::RateLimited,
            _ => error.kind,
        };
        let retry_after_ms = match failure {
            Failure::Late(wait) => Some(u32::try_from(wait.as_millis()).unwrap_or(u32::MAX)),
            _ => error.retry_after_ms,
        };
        let is_untouched = failure.is_before_writing() && !self.trail.may_have_written();
        Error {
            kind,
            effect: if is_untouched { Effect::None } else { error.effect },
            code: Some(failure.word().to_owned()),
            message: text::one_line(failure.to_string(), text::MESSAGE),
            retry_after_ms,
            ..error
        }
    }
}

fn no_room() -> Error {
    Error::limit("there is no room for another call", Effect::None)
}

/// The call took too long.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the time of the call is over")]
struct Expired;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::StaticToken;
    use crate::egress::tests::egress;
    use crate::runtime::Runtime;
    use crate::{engine, guest};

    /// What becomes of a call of a connector that does this.
    async fn called(instructions: &str, limits: Limits) -> Error {
        called_in(&Runtime::builder().limits(limits).build().unwrap(), instructions).await
    }

    async fn called_in(runtime: &Runtime, instructions: &str) -> Error {
        called_with(runtime, &guest::component(instructions), None).await
    }

    async fn called_with(runtime: &Runtime, component: &[u8], egress: Option<Arc<Egress>>) -> Error {
        let component = runtime.0.link(component).unwrap();
        let mut call = match Call::start(&runtime.0, &component, egress).await {
            Ok(call) => call,
            Err(error) => return error,
        };
        let descriptor = call.connector.portcullis_directory_descriptor();
        call.watch.settle(descriptor.call_describe(&mut call.store, None)).await.unwrap_err()
    }

    const GROW: &str = "(loop $again (drop (memory.grow (i32.const 16))) br $again)";

    fn limits() -> Limits {
        Limits { concurrent_calls: 4, call_time: Duration::from_millis(100), ..Limits::default() }
    }

    #[tokio::test]
    async fn a_trap_is_the_connectors_fault() {
        let error = called("", limits()).await;
        assert_eq!(error.message, "the connector failed: wasm trap: wasm `unreachable` instruction executed");
        assert_eq!((error.kind, error.is_guest_fault(), error.effect), (ErrorKind::Protocol, true, Effect::None));
    }

    #[tokio::test]
    async fn endless_recursion_is_the_connectors_fault() {
        let error = called("call $deep", limits()).await;
        assert_eq!(error.message, "the connector failed: wasm trap: call stack exhausted");
        assert!(error.is_guest_fault());
    }

    #[tokio::test]
    async fn an_endless_loop_ends_in_time_and_lets_others_work() {
        // One thread for both calls: the loop has to give way.
        let (endless, other) = tokio::join!(called("(loop $again br $again)", limits()), called("", limits()));
        assert_eq!(endless.message, "the connector did not answer within 100ms");
        assert_eq!((endless.kind, endless.is_timeout()), (ErrorKind::Unavailable, true));
        assert!(other.is_guest_fault());
    }

    #[tokio::test]
    async fn a_connector_that_takes_all_memory_meets_its_limit() {
        let error = called(GROW, Limits { memory: 1 << 20, ..limits() }).await;
        assert_eq!(error.message, "the connector needs more than 1048576 bytes of memory");
        assert_eq!((error.kind, error.is_limit()), (ErrorKind::Unavailable, true));
    }

    #[tokio::test]
    async fn a_call_beyond_the_bound_is_refused_at_once_whatever_the_allocator() {
        let limits = Limits { concurrent_calls: 2, ..limits() };
        for (allocator, config) in engine::allocators(&limits) {
            let engine = wasmtime::Engine::new(&config).unwrap();
            let runtime = Runtime::builder().limits(limits).build_with(engine).unwrap();
            let component = runtime.0.link(&guest::component("")).unwrap();
            let start = async || Call::start(&runtime.0, &component, None).await;
            let (first, _second) = (start().await.unwrap(), start().await.unwrap());
            let refused = start().await.err().unwrap();
            let message = "there is no room for another call";
            assert_eq!((refused.message.as_str(), refused.is_limit()), (message, true), "{allocator}");
            drop(first);
            assert!(start().await.is_ok(), "{allocator}");
        }
    }

    #[tokio::test]
    async fn a_connector_meets_its_limits_whatever_the_allocator() {
        let limits = Limits { memory: 1 << 20, ..limits() };
        for (allocator, config) in engine::allocators(&limits) {
            for (instructions, message) in [
                ("", "the connector failed: wasm trap: wasm `unreachable` instruction executed"),
                ("call $deep", "the connector failed: wasm trap: call stack exhausted"),
                ("(loop $again br $again)", "the connector did not answer within 100ms"),
                (GROW, "the connector needs more than 1048576 bytes of memory"),
            ] {
                let engine = wasmtime::Engine::new(&config).unwrap();
                let runtime = Runtime::builder().limits(limits).build_with(engine).unwrap();
                assert_eq!(called_in(&runtime, instructions).await.message, message, "{allocator}");
            }
        }
    }

    #[tokio::test]
    async fn a_connector_that_sends_a_write_and_traps_may_have_changed_something() {
        let runtime = Runtime::builder().limits(limits()).build().unwrap();
        // Bound and not listening.
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let authority = socket.local_addr().unwrap().to_string();
        for (path, effect) in [("/v2/Users", Effect::Unknown), ("/v3/Users", Effect::None)] {
            let (instructions, text) = guest::post_to(&authority, path);
            let egress = egress(&format!("http://{authority}/v2"), StaticToken::new("open-sesame").unwrap());
            let component = guest::component_with(&instructions, &text);
            let error = called_with(&runtime, &component, Some(egress)).await;
            assert_eq!((error.is_guest_fault(), error.effect), (true, effect), "{path}");
        }
    }

    #[tokio::test]
    async fn a_call_is_over_before_its_instance_is_dropped() {
        struct Last(Arc<Trail>);
        impl Drop for Last {
            fn drop(&mut self) {
                assert!(self.0.is_over());
            }
        }
        let runtime = Runtime::builder().limits(limits()).build().unwrap();
        let component = runtime.0.link(&guest::component("")).unwrap();
        let mut call = Call::start(&runtime.0, &component, None).await.unwrap();
        let trail = Arc::clone(&call.watch.trail);
        assert!(!trail.is_over());
        let last = Last(Arc::clone(&trail));
        call.store.epoch_deadline_callback(move |_| {
            let _ = &last;
            Ok(UpdateDeadline::Yield(1))
        });
        drop(call);
        assert!(trail.is_over());
    }

    #[test]
    fn a_failure_of_the_host_explains_the_connectors_error() {
        let watch = Watch::new(&limits());
        let vague = Error::new(ErrorKind::Unavailable, "no answer: HTTP-request-denied").with_effect(Effect::Applied);
        watch.trail.sending(&http::Method::PATCH);
        watch.trail.failed(&Failure::Credential("the vault is sealed".to_owned()));
        let error = watch.explained(vague.clone());
        assert_eq!(error.message, "there is no credential: the vault is sealed");
        assert_eq!((error.kind, error.code.as_deref()), (ErrorKind::Unauthorized, Some("credential")));
        assert_eq!(error.effect, Effect::Applied);
        // Nothing failed since, so there is nothing to explain.
        assert_eq!(watch.explained(vague.clone()), vague);
    }

    #[test]
    fn a_denied_write_is_forbidden_and_changed_nothing_whatever_the_connector_makes_of_it() {
        let watch = Watch::new(&limits());
        let vague = Error::new(ErrorKind::Unavailable, "the body was not taken").with_effect(Effect::Unknown);
        watch.trail.failed(&Failure::Denied("the request has trailers".to_owned()));
        let error = watch.explained(vague);
        assert_eq!((error.kind, error.effect), (ErrorKind::Forbidden, Effect::None));
    }

    #[test]
    fn a_fault_after_a_write_may_have_changed_something() {
        let watch = Watch::new(&limits());
        watch.trail.sending(&http::Method::POST);
        assert_eq!(watch.fault(&Expired.into()).effect, Effect::Unknown);
    }
}
