//! Where calls go on that compute for long: threads of their own, which the operating system lets run when no other
//! thread wants to.
//!
//! A call begins on the thread of whoever makes it, and nearly every call ends there. One that has computed for long, or
//! whose account has computed much lately, is taken from there at its next pause: that thread may be the one that looks
//! after everybody's sockets. It never goes back, and its answer comes to its caller as ever.

use std::future::poll_fn;
use std::sync::OnceLock;
use std::task::Poll;
use std::{io, panic, thread};

use portcullis_directory::{Effect, Error};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

use crate::cpu::CpuTime;

/// The threads, which are started when the first call needs them.
#[derive(Default)]
pub(crate) struct Background(OnceLock<Option<Runtime>>);

impl Background {
    /// Does the work of a call. When its future is dropped, the work stops at its next pause.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Error>> + Send + 'static,
        cpu: &CpuTime,
    ) -> Result<T, Error> {
        let mut work = Box::pin(work);
        let here = poll_fn(|context| {
            if cpu.is_long() {
                return Poll::Ready(None);
            }
            match work.as_mut().poll(context) {
                Poll::Pending if cpu.is_long() => Poll::Ready(None),
                polled => polled.map(Some),
            }
        });
        if let Some(outcome) = here.await {
            return outcome;
        }
        match self.0.get_or_init(|| start().ok()) {
            Some(threads) => Moved(threads.spawn(work)).outcome().await,
            // Without threads for it, it goes on here.
            None => work.await,
        }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        // The last to hold a runtime may be a task, which must not wait for threads.
        if let Some(Some(threads)) = self.0.take() {
            threads.shutdown_background();
        }
    }
}

fn start() -> io::Result<Runtime> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    Builder::new_multi_thread()
        .worker_threads(threads)
        .thread_name("portcullis-long")
        .on_thread_start(step_back)
        .enable_all()
        .build()
}

/// Lets all other threads of the machine go first. Where that cannot be said of one thread alone, they share as threads
/// do.
fn step_back() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::setpriority_process(None, LAST);
}

#[cfg(target_os = "linux")]
const LAST: i32 = 19;

/// Work that was moved, and is stopped when nobody waits for it.
struct Moved<T>(JoinHandle<Result<T, Error>>);

impl<T> Moved<T> {
    async fn outcome(mut self) -> Result<T, Error> {
        match (&mut self.0).await {
            Ok(outcome) => outcome,
            Err(error) => match error.try_into_panic() {
                Ok(payload) => panic::resume_unwind(payload),
                Err(_) => Err(Error::shutdown("the runtime went away before the connector answered", Effect::Unknown)),
            },
        }
    }
}

impl<T> Drop for Moved<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}
