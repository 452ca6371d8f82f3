//! One call of a connector: a fresh instance, its limits, and what becomes of it when it misbehaves.
//!
//! Whatever a connector does ends here as an answer or as a `portcullis_directory::Error`. Nothing of a call is kept
//! for the next.

use std::sync::Arc;
use std::time::{Duration, Instant};

use portcullis_directory::text;
use portcullis_directory::{Effect, Error, ErrorKind};
use wasmtime::component::{ComponentNamedList, Instance, Lift, Lower};
use wasmtime::{PoolConcurrencyLimitError, Store, Trap, UpdateDeadline};
use wasmtime_wasi::I32Exit;

use crate::binding::{Connector, ConnectorPre, descriptor, types};
use crate::cpu::CpuTime;
use crate::egress::Egress;
use crate::egress::trail::Trail;
use crate::limit::Limits;
use crate::meter::Exceeded;
use crate::room::{self, Place, Room};
use crate::runtime::Shared;
use crate::span;
use crate::state::State;

/// A fresh instance, ready for the one function that it is made for.
pub(crate) struct Call {
    /// Ended before the instance is dropped.
    _ending: Ending,
    pub(crate) store: Store<State>,
    instance: Instance,
    pub(crate) watch: Watch,
    /// Given back after the instance, so that there is a slot for whoever takes it.
    _place: Place,
}

/// Whose call it is, and what it may use.
pub(crate) struct Caller {
    /// What the account goes by where calls wait.
    pub(crate) number: u64,
    /// What the call may compute, and has.
    pub(crate) cpu: Arc<CpuTime>,
    pub(crate) limits: Limits,
    /// Without one every request is denied.
    pub(crate) egress: Option<Arc<Egress>>,
}

impl Call {
    /// Makes an instance when there is room for one. The time of the call runs from then.
    pub(crate) async fn start(
        runtime: &Shared,
        component: &ConnectorPre<State>,
        Caller { number, cpu, limits, egress }: Caller,
    ) -> Result<Call, Error> {
        let is_urgent = egress.as_ref().is_some_and(|egress| egress.is_urgent);
        // Not every allocator counts its instances, so the calls are counted by themselves.
        let place = runtime.room.enter(room::Caller::new(number, &limits, is_urgent)).await?;
        let watch = Watch::new(&limits, Arc::clone(place.room()), cpu);
        let state = State::new(limits, egress, Arc::clone(&watch.trail));
        let mut store = Store::new(component.engine(), state);
        let ending = Ending(Arc::clone(&watch.trail));
        store.limiter(|state| &mut state.meter);
        store.set_hostcall_fuel(limits.result_bytes);
        store.set_max_component_handles(limits.handles);
        store.set_epoch_deadline(1);
        let (start, time, cpu) = (watch.start, watch.time, Arc::clone(&watch.cpu));
        // The timer of the executor may be late when connectors keep its threads busy, so the deadline is looked at
        // here, too.
        store.epoch_deadline_callback(move |_| {
            if start.elapsed() >= time {
                return Err(Expired.into());
            }
            cpu.check()?;
            Ok(UpdateDeadline::YieldCustom(1, Box::pin(Arc::clone(&cpu).give_way())))
        });
        let begun = async {
            watch.cpu.begin().await;
            component.instance_pre().instantiate_async(&mut store).await
        };
        let instance = watch.within(begun).await?;
        Ok(Call { _ending: ending, store, instance, watch, _place: place })
    }

    /// Calls a function of an interface. What it is called with and answers is compared with its type here, and not for
    /// all functions when the instance is made, which would take a tenth of the time of a small call.
    pub(crate) async fn function<P, R>(&mut self, interface: &str, name: &str, arguments: P) -> Result<R, Error>
    where
        P: ComponentNamedList + Lower + Send + Sync,
        R: Lift + Send + Sync + 'static,
    {
        let Call { store, instance, watch, .. } = self;
        let answer = async {
            let exports = instance.get_export_index(&mut *store, None, interface);
            let function = instance.get_export_index(&mut *store, exports.as_ref(), name);
            let function = function.ok_or_else(|| wasmtime::format_err!("there is no `{interface}.{name}`"))?;
            let function = instance.get_typed_func::<P, (Result<R, types::Error>,)>(&mut *store, &function)?;
            let (answer,) = function.call_async(&mut *store, arguments).await?;
            Ok(answer)
        };
        watch.settle(answer).await
    }

    /// Asks the component what it is, once it is known that every function is of the type that the contract gives it.
    pub(crate) async fn describe(&mut self) -> Result<descriptor::Description, Error> {
        let Call { store, instance, watch, .. } = self;
        let connector = watch.within(async { Connector::new(&mut *store, instance) }).await?;
        watch.settle(connector.portcullis_directory_descriptor().call_describe(store, None)).await
    }
}

/// Marks the end of a call when it is dropped.
struct Ending(Arc<Trail>);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// What may end a call before its answer, and what it has done on the network.
pub(crate) struct Watch {
    trail: Arc<Trail>,
    room: Arc<Room>,
    cpu: Arc<CpuTime>,
    start: Instant,
    time: Duration,
}

impl Watch {
    fn new(limits: &Limits, room: Arc<Room>, cpu: Arc<CpuTime>) -> Watch {
        Watch { trail: Arc::new(Trail::new(limits)), room, cpu, start: Instant::now(), time: limits.call_time }
    }

    /// Waits for the connector's answer, but no longer than the call may take.
    pub(crate) async fn settle<T>(
        &self,
        answer: impl Future<Output = wasmtime::Result<Result<T, types::Error>>>,
    ) -> Result<T, Error> {
        let explained = |error: types::Error| self.trail.counted(self.explained(error.into()));
        // What the connector says is looked at on its own time.
        let answer = async { Ok(answer.await?.map_err(explained)) };
        let outcome = self.within(answer).await.and_then(|answer| answer);
        tracing::debug!(
            outcome = outcome.as_ref().err().map_or("answered", |error| error.kind.name()),
            requests = self.trail.requests(),
            elapsed = ?self.start.elapsed(),
            "the call ended",
        );
        span::ended(&outcome, self.trail.requests());
        outcome
    }

    async fn within<T>(&self, work: impl Future<Output = wasmtime::Result<T>>) -> Result<T, Error> {
        let left = self.time.saturating_sub(self.start.elapsed());
        let work = tokio::time::timeout(left, self.cpu.within(work));
        tokio::select! {
            biased;
            () = self.room.stopped() => {
                Err(Error::shutdown("the runtime was shut down before the connector answered", self.effect()))
            }
            outcome = work => match outcome {
                Ok(Ok(value)) => Ok(value),
                Ok(Err(error)) => Err(self.fault(&error)),
                Err(_) => Err(self.fault(&Expired.into())),
            },
        }
    }

    /// What the host knows of the requests that it let out.
    fn effect(&self) -> Effect {
        if self.trail.may_have_written() { Effect::Unknown } else { Effect::None }
    }

    /// An answer was refused, which does not undo what the connector did for it.
    pub(crate) fn judged(&self, error: Error) -> Error {
        let error = error.with_effect(self.effect());
        span::ended::<()>(&Err(error.clone()), self.trail.requests());
        error
    }

    /// What a connector did that it should not have done.
    fn fault(&self, error: &wasmtime::Error) -> Error {
        let effect = self.effect();
        if error.is::<Expired>() {
            return Error::timeout(format!("the connector did not answer within {:?}", self.time), effect);
        }
        if let Some(exceeded) = error.downcast_ref::<Exceeded>() {
            return Error::limit(exceeded.to_string(), effect);
        }
        if error.is::<PoolConcurrencyLimitError>() {
            return Error::busy("there is no room for another call");
        }
        if let Some(I32Exit(status)) = error.downcast_ref() {
            return Error::guest_fault(format!("the connector exited with status {status}"), effect);
        }
        let reason = match error.downcast_ref::<Trap>() {
            Some(trap) => trap.to_string(),
            None => error.root_cause().to_string(),
        };
        Error::guest_fault(format!("the connector failed: {reason}"), effect)
    }

    /// The connector's error, with the host's reason where the connector could only see that there was no reply.
    fn explained(&self, error: Error) -> Error {
        let failure = self.trail.failure();
        // Where the connector's last write had no answer, it cannot know that nothing happened, whatever it says.
        let is_in_doubt = failure.as_ref().is_some_and(|failure| self.trail.is_in_doubt(failure));
        let error = match error.effect {
            Effect::None if is_in_doubt => error.with_effect(Effect::Unknown),
            _ => error,
        };
        let is_without_reply =
            matches!(error.kind, ErrorKind::Unavailable | ErrorKind::Forbidden | ErrorKind::Protocol);
        if !is_without_reply || error.http_status.is_some() {
            return error;
        }
        let Some(failure) = failure else {
            return error;
        };
        // A connector whose body was not taken may know no more than that, and so neither kind nor effect.
        let kind = failure.kind().unwrap_or(error.kind);
        let retry_after_ms = failure.wait_ms().or(error.retry_after_ms);
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

/// The call took too long.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the time of the call is over")]
struct Expired;

#[cfg(test)]
mod tests;
