//! One call of a connector: a fresh instance, its limits, and what becomes of it when it misbehaves.
//!
//! Whatever a connector does ends here as an answer or as a `portcullis_directory::Error`. Nothing of a call is kept
//! for the next.

use std::sync::Arc;
use std::time::{Duration, Instant};

use portcullis_directory::{Effect, Error, ErrorKind};
use wasmtime::{PoolConcurrencyLimitError, Store, Trap, UpdateDeadline};

use crate::binding::{Connector, ConnectorPre, types};
use crate::egress::Egress;
use crate::egress::failure::Failure;
use crate::egress::trail::Trail;
use crate::limit::Limits;
use crate::meter::Exceeded;
use crate::state::State;
use crate::text;

/// A fresh instance, ready for the one function that it is made for.
pub(crate) struct Call {
    pub(crate) store: Store<State>,
    pub(crate) connector: Connector,
    pub(crate) watch: Watch,
}

impl Call {
    /// Makes an instance. The time of the call runs from here.
    pub(crate) async fn start(
        component: &ConnectorPre<State>,
        limits: Limits,
        egress: Option<Arc<Egress>>,
    ) -> Result<Call, Error> {
        let watch = Watch { trail: Arc::default(), start: Instant::now(), time: limits.call_time };
        let state = State::new(limits, egress, Arc::clone(&watch.trail));
        let mut store = Store::new(component.engine(), state);
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
        Ok(Call { store, connector, watch })
    }
}

/// The deadline of a call, and what it has done on the network.
pub(crate) struct Watch {
    trail: Arc<Trail>,
    start: Instant,
    time: Duration,
}

impl Watch {
    /// Waits for the connector's answer, but no longer than the call may take.
    pub(crate) async fn settle<T>(
        &self,
        answer: impl Future<Output = wasmtime::Result<Result<T, types::Error>>>,
    ) -> Result<T, Error> {
        let outcome = self.within(answer).await.and_then(|answer| answer.map_err(|error| self.explained(error.into())));
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
            return Error::limit("there is no room for another call", effect);
        }
        let reason = match error.downcast_ref::<Trap>() {
            Some(trap) => trap.to_string(),
            None => error.root_cause().to_string(),
        };
        Error::guest_fault(text::one_line(format!("the connector failed: {reason}"), text::MESSAGE), effect)
    }

    /// The connector's error, with the host's reason where the connector could only see that there was no reply.
    fn explained(&self, error: Error) -> Error {
        if error.kind != ErrorKind::Unavailable || error.http_status.is_some() {
            return error;
        }
        let Some(failure) = self.trail.failure() else {
            return error;
        };
        let kind = match failure {
            Failure::Credential(_) => ErrorKind::Unauthorized,
            _ => error.kind,
        };
        Error {
            kind,
            code: Some(failure.word().to_owned()),
            message: text::one_line(failure.to_string(), text::MESSAGE),
            ..error
        }
    }
}

/// The call took too long.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the time of the call is over")]
struct Expired;
