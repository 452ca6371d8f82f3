//! What a call computes, which is not how long it takes: waiting for the vendor costs nothing.
//!
//! The clock is that of the thread, read around each poll of the call, so that whoever else runs on that thread is not
//! counted. It looks at no deadline.

use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;

use crate::meter::Exceeded;

/// The time that one call has used of a processor.
///
/// Its polls come one after another, though not always on the same thread, so no two of them write here at once.
#[derive(Debug)]
pub(crate) struct CpuTime {
    at_most: Duration,
    /// Nanoseconds of the polls that are over.
    spent: AtomicU64,
    /// The clock of the thread when the poll that is under way began; [`NOT_POLLED`] between two polls.
    began: AtomicU64,
}

impl CpuTime {
    pub(crate) fn new(at_most: Duration) -> CpuTime {
        CpuTime { at_most, spent: AtomicU64::new(0), began: AtomicU64::new(NOT_POLLED) }
    }

    /// Does the work, and stops it between two polls when it has had its time.
    pub(crate) async fn within<T>(&self, work: impl Future<Output = wasmtime::Result<T>>) -> wasmtime::Result<T> {
        let mut work = pin!(work);
        std::future::poll_fn(|context| {
            self.began.store(nanoseconds(), Ordering::Relaxed);
            let polled = work.as_mut().poll(context);
            self.spent.store(self.so_far(), Ordering::Relaxed);
            self.began.store(NOT_POLLED, Ordering::Relaxed);
            match (polled, self.check()) {
                (Poll::Pending, Err(exceeded)) => Poll::Ready(Err(exceeded.into())),
                (polled, _) => polled,
            }
        })
        .await
    }

    /// Whether there is time left. Within a poll it is to be asked on the thread that polls.
    pub(crate) fn check(&self) -> Result<(), Exceeded> {
        if Duration::from_nanos(self.so_far()) < self.at_most { Ok(()) } else { Err(Exceeded::CpuTime(self.at_most)) }
    }

    fn so_far(&self) -> u64 {
        let (spent, began) = (self.spent.load(Ordering::Relaxed), self.began.load(Ordering::Relaxed));
        if began == NOT_POLLED { spent } else { spent.saturating_add(nanoseconds().saturating_sub(began)) }
    }
}

const NOT_POLLED: u64 = u64::MAX;

fn nanoseconds() -> u64 {
    u64::try_from(clock::now().as_nanos()).unwrap_or(NOT_POLLED - 1)
}

pub(crate) use self::clock::NAME;

#[cfg(any(target_os = "android", target_os = "freebsd", target_os = "linux", target_vendor = "apple"))]
mod clock {
    use std::time::Duration;

    use rustix::time::{ClockId, clock_gettime};

    /// What is measured, for messages.
    pub(crate) const NAME: &str = "CPU time";

    pub(super) fn now() -> Duration {
        Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
    }
}

/// Without a clock for a thread, a poll costs as long as it lasts.
#[cfg(not(any(target_os = "android", target_os = "freebsd", target_os = "linux", target_vendor = "apple")))]
mod clock {
    use std::sync::LazyLock;
    use std::time::{Duration, Instant};

    /// What is measured, for messages.
    pub(crate) const NAME: &str = "polling time";

    pub(super) fn now() -> Duration {
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        START.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computes for so long by the clock that is under test, and gives way once in each millisecond.
    async fn compute(time: Duration) -> wasmtime::Result<()> {
        for _ in 0..time.as_millis() {
            let start = nanoseconds();
            while nanoseconds() - start < 1_000_000 {}
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    #[tokio::test]
    async fn work_ends_between_two_polls_when_it_has_had_its_time() {
        let time = CpuTime::new(Duration::from_millis(20));
        let error = time.within(compute(Duration::from_mins(1))).await.unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&Exceeded::CpuTime(Duration::from_millis(20))));
        // A next piece of work of the same call has none left.
        assert!(time.within(compute(Duration::from_millis(1))).await.is_err());
    }

    #[tokio::test]
    async fn what_others_compute_on_the_same_thread_is_not_counted() {
        let time = CpuTime::new(Duration::from_millis(50));
        let (modest, others) = (compute(Duration::from_millis(5)), || compute(Duration::from_millis(60)));
        let (modest, ..) = tokio::join!(time.within(modest), others(), others());
        modest.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_costs_nothing() {
        let time = CpuTime::new(Duration::from_millis(50));
        let waits = async {
            tokio::time::sleep(Duration::from_hours(1)).await;
            Ok(())
        };
        time.within(waits).await.unwrap();
        assert!(time.check().is_ok());
    }

    #[tokio::test]
    async fn a_poll_is_counted_while_it_lasts() {
        let time = CpuTime::new(Duration::from_millis(5));
        let exceeded = time.within(async {
            let before = time.check();
            let start = nanoseconds();
            while nanoseconds() - start < 6_000_000 {}
            Ok((before, time.check()))
        });
        let at_most = Duration::from_millis(5);
        assert_eq!(exceeded.await.unwrap(), (Ok(()), Err(Exceeded::CpuTime(at_most))));
    }
}
