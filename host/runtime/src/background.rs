//! Where calls go on that compute for long: threads of their own, which the operating system lets run when no other
//! thread wants to.
//!
//! A call begins on the thread of whoever makes it, or in a task of the same executor where another call of the account is
//! under way, so that calls that are made side by side compute side by side; and nearly every call ends there. One that
//! has computed for long is taken from there at its next pause, as that thread may be the one that looks after everybody's
//! sockets; the next calls of the account begin here. A call never goes back, and its answer comes to its caller as ever.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::Poll;
use std::{io, panic, thread};

use portcullis_directory::{Effect, Error};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

use crate::cpu::CpuTime;

/// The threads, which are started when the first call needs them.
#[derive(Default)]
pub(crate) struct Background(OnceLock<Option<Runtime>>);

/// What a call does.
pub(crate) type Work<T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send>>;

impl Background {
    /// Does the work of a call. When its future is dropped, the work stops at its next pause.
    pub(crate) async fn run<T: Send + 'static>(
        self: Arc<Background>,
        work: Work<T>,
        cpu: Arc<CpuTime>,
    ) -> Result<T, Error> {
        let under_way = cpu.enter();
        if under_way.is_alone {
            self.settle(work, &cpu).await
        } else {
            Moved(tokio::spawn(async move { self.settle(work, &cpu).await })).outcome().await
        }
    }

    async fn settle<T: Send + 'static>(&self, mut work: Work<T>, cpu: &CpuTime) -> Result<T, Error> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpu::Bench;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread::ThreadId;
    use std::time::{Duration, Instant};

    fn cpu(bench: &Bench) -> Arc<CpuTime> {
        Arc::new(CpuTime::new(Duration::from_mins(1), bench.clone()))
    }

    /// The thread on which it has ended, after it has computed so long.
    async fn compute(cpu: Arc<CpuTime>, time: Duration) -> Result<ThreadId, Error> {
        let work = async {
            let start = Instant::now();
            while start.elapsed() < time {}
            tokio::task::yield_now().await;
            Ok(thread::current().id())
        };
        Ok(cpu.within(work).await.unwrap())
    }

    async fn place(background: &Arc<Background>, bench: &Bench, time: Duration) -> ThreadId {
        let cpu = cpu(bench);
        Arc::clone(background).run(Box::pin(compute(Arc::clone(&cpu), time)), cpu).await.unwrap()
    }

    #[tokio::test]
    async fn whoever_has_computed_for_long_goes_elsewhere_and_so_does_the_next_of_the_account() {
        let (background, here) = (Arc::<Background>::default(), thread::current().id());
        let (bench, other) = (Bench::default(), Bench::default());
        assert_eq!(place(&background, &bench, Duration::ZERO).await, here);
        assert_ne!(place(&background, &bench, Duration::from_millis(20)).await, here);
        assert_ne!(place(&background, &bench, Duration::ZERO).await, here);
        assert_eq!(place(&background, &other, Duration::ZERO).await, here);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn calls_that_are_made_side_by_side_compute_side_by_side() {
        let (background, bench) = (Arc::<Background>::default(), Bench::default());
        let meeting = Arc::new(std::sync::Barrier::new(2));
        let calls = [(); 2].map(|()| {
            let meeting = Arc::clone(&meeting);
            let work = async move {
                tokio::task::yield_now().await;
                // Each waits for the other, and gives its thread to nobody meanwhile.
                Ok(meeting.wait().is_leader())
            };
            Arc::clone(&background).run(Box::pin(work), cpu(&bench))
        });
        let [first, second] = calls;
        let (first, second) = tokio::join!(first, second);
        assert_ne!(first.unwrap(), second.unwrap());
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn its_threads_let_others_go_first() {
        let priority = || rustix::process::getpriority_process(None).unwrap();
        let (background, cpu, before) = (Arc::<Background>::default(), cpu(&Bench::default()), priority());
        let long = compute(Arc::clone(&cpu), Duration::from_millis(20));
        let work = async move { long.await.map(|_| priority()) };
        assert_eq!((background.run(Box::pin(work), cpu).await.unwrap(), priority()), (LAST, before));
    }

    #[tokio::test]
    async fn what_nobody_waits_for_stops() {
        struct Stopped(Arc<AtomicBool>);
        impl Drop for Stopped {
            fn drop(&mut self) {
                self.0.store(true, Ordering::SeqCst);
            }
        }
        let (background, cpu, is_stopped) = (Arc::<Background>::default(), cpu(&Bench::default()), Arc::default());
        let held = Stopped(Arc::clone(&is_stopped));
        let (moved, is_moved) = tokio::sync::oneshot::channel();
        let (long, here) = (compute(Arc::clone(&cpu), Duration::from_millis(20)), thread::current().id());
        let work = async move {
            let _held = held;
            assert_ne!(long.await?, here);
            moved.send(()).unwrap();
            std::future::pending::<Result<(), Error>>().await
        };
        let mut run = Box::pin(background.run(Box::pin(work), cpu));
        tokio::select! {
            _ = &mut run => unreachable!("it never ends"),
            told = is_moved => told.unwrap(),
        }
        drop(run);
        while !is_stopped.load(Ordering::SeqCst) {
            tokio::task::yield_now().await;
        }
    }
}
