//! The clock that interrupts connectors.
//!
//! Compiled code looks at a counter in every loop and function; this thread moves it. It knows nothing of deadlines.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use wasmtime::Engine;

use crate::error::{Error, Kind};

/// How often running connectors give way to other tasks and look at their deadline.
const PERIOD: Duration = Duration::from_millis(10);

/// Keeps the counter of an engine moving for as long as it lives.
#[derive(Debug)]
pub(crate) struct Ticker {
    /// Never sent on: the thread ends when it is dropped.
    _alive: Sender<()>,
}

impl Ticker {
    pub(crate) fn start(engine: &Engine) -> Result<Ticker, Error> {
        let engine = engine.weak();
        let (alive, dropped) = channel();
        let tick = move || {
            while dropped.recv_timeout(PERIOD) == Err(RecvTimeoutError::Timeout) {
                let Some(engine) = engine.upgrade() else {
                    return;
                };
                engine.increment_epoch();
            }
        };
        let thread = thread::Builder::new().name("portcullis-epoch".to_owned()).spawn(tick);
        thread.map_err(|error| Kind::Engine(error.to_string()))?;
        Ok(Ticker { _alive: alive })
    }
}
