//! What a call computes, which is not how long it takes: waiting for the vendor costs nothing.
//!
//! The clock is that of the thread, read around each poll of the call, so that whoever else runs on that thread is not
//! counted. It looks at no deadline.
//!
//! Calls that compute for long, and all calls of an account that computes much, do so one at a time for each account. So
//! an account takes no more of the processors than one thread. A call that computes for long, and any call of an account
//! that lately had one, does so in the background (`background`), and takes no more of that thread than others leave it.

use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::meter::Exceeded;

/// What the calls of one account compute together, and where they take turns when that is much. Its clones are the same.
#[derive(Clone, Debug)]
pub(crate) struct Bench(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// One call at a time.
    turns: Arc<Semaphore>,
    load: Mutex<Load>,
    /// How many calls are under way.
    calls: AtomicU64,
}

/// CPU time that runs off with time.
#[derive(Debug)]
struct Load {
    level: Duration,
    at: Instant,
    /// When a call computed for long.
    long: Option<Instant>,
}

impl Default for Bench {
    fn default() -> Bench {
        let load = Load { level: Duration::ZERO, at: Instant::now(), long: None };
        Bench(Arc::new(Shared { turns: Arc::new(Semaphore::new(1)), load: Mutex::new(load), calls: AtomicU64::new(0) }))
    }
}

impl Bench {
    /// Notes what a call has just computed, and how much it has in all.
    fn spend(&self, time: Duration, in_all: Duration) {
        let mut load = self.load();
        load.settle();
        load.level = (load.level + time).min(MOST);
        if in_all >= BRIEF {
            load.long = Some(load.at);
        }
    }

    /// Whether the account computes so much that its calls are to take turns.
    fn is_busy(&self) -> bool {
        let mut load = self.load();
        load.settle();
        load.level >= MUCH
    }

    /// Whether a call of the account computed for long lately.
    fn was_long(&self) -> bool {
        self.load().long.is_some_and(|long| long.elapsed() < LATELY)
    }

    fn load(&self) -> MutexGuard<'_, Load> {
        self.0.load.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call that is under way, until this is dropped.
pub(crate) struct UnderWay {
    bench: Bench,
    /// Whether no other call of the account was when it began.
    pub(crate) is_alone: bool,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.bench.0.calls.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Load {
    fn settle(&mut self) {
        let now = Instant::now();
        self.level = self.level.saturating_sub((now - self.at).mul_f64(RUNS_OFF));
        self.at = now;
    }
}

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
    bench: Bench,
    /// The turn to compute, given back when the call waits for something.
    turn: Mutex<Option<OwnedSemaphorePermit>>,
}

impl CpuTime {
    pub(crate) fn new(at_most: Duration, bench: Bench) -> CpuTime {
        let (spent, began) = (AtomicU64::new(0), AtomicU64::new(NOT_POLLED));
        CpuTime { at_most, spent, began, bench, turn: Mutex::new(None) }
    }

    /// Does the work, and stops it between two polls when it has had its time.
    pub(crate) async fn within<T>(&self, work: impl Future<Output = wasmtime::Result<T>>) -> wasmtime::Result<T> {
        let mut work = pin!(work);
        std::future::poll_fn(|context| {
            self.began.store(nanoseconds(), Ordering::Relaxed);
            let polled = work.as_mut().poll(context);
            let (before, after) = (self.spent.load(Ordering::Relaxed), self.so_far());
            self.spent.store(after, Ordering::Relaxed);
            self.began.store(NOT_POLLED, Ordering::Relaxed);
            self.bench.spend(Duration::from_nanos(after.saturating_sub(before)), Duration::from_nanos(after));
            if polled.is_pending() {
                self.set_turn(None);
            }
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

    /// Counts the call among those of its account.
    pub(crate) fn enter(&self) -> UnderWay {
        let bench = self.bench.clone();
        let is_alone = bench.0.calls.fetch_add(1, Ordering::Relaxed) == 0;
        UnderWay { bench, is_alone }
    }

    /// Whether the call computes for long, or another one of its account did lately.
    pub(crate) fn is_long(&self) -> bool {
        Duration::from_nanos(self.so_far()) >= BRIEF || self.bench.was_long()
    }

    /// Waits until the call may begin: at once, unless the account computes much.
    pub(crate) async fn begin(&self) {
        if self.bench.is_busy() {
            self.take_turn().await;
        }
    }

    /// Lets others go on, and goes on when it is its turn.
    ///
    /// It must be waited for within [`within`](CpuTime::within), which takes the turn back when the call waits.
    pub(crate) async fn give_way(self: Arc<Self>) {
        // Also for whoever moves a call that has become a long one.
        tokio::task::yield_now().await;
        if Duration::from_nanos(self.so_far()) >= BRIEF || self.bench.is_busy() {
            self.take_turn().await;
        }
    }

    async fn take_turn(&self) {
        self.set_turn(None);
        // The bench is never closed.
        let turn = Arc::clone(&self.bench.0.turns).acquire_owned().await.ok();
        self.set_turn(turn);
    }

    fn set_turn(&self, turn: Option<OwnedSemaphorePermit>) {
        *self.turn.lock().unwrap_or_else(PoisonError::into_inner) = turn;
    }

    fn so_far(&self) -> u64 {
        let (spent, began) = (self.spent.load(Ordering::Relaxed), self.began.load(Ordering::Relaxed));
        if began == NOT_POLLED { spent } else { spent.saturating_add(nanoseconds().saturating_sub(began)) }
    }
}

const NOT_POLLED: u64 = u64::MAX;

/// What a call may compute before it counts as a long one: more than twice what a page of 100 users takes.
const BRIEF: Duration = Duration::from_millis(5);

/// What an account may have computed lately before all of its calls take turns, and the most that is held against it.
const MUCH: Duration = Duration::from_millis(50);
const MOST: Duration = Duration::from_millis(500);

/// What runs off of that in a second: half of what one thread computes.
const RUNS_OFF: f64 = 0.5;

/// How long a call that computed for long is remembered. It is what an account can do to others at its first such call
/// that this makes rare, not what it does by honest work.
const LATELY: Duration = Duration::from_mins(1);

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
        let time = CpuTime::new(Duration::from_millis(20), Bench::default());
        let error = time.within(compute(Duration::from_mins(1))).await.unwrap_err();
        assert_eq!(error.downcast_ref(), Some(&Exceeded::CpuTime(Duration::from_millis(20))));
        // A next piece of work of the same call has none left.
        assert!(time.within(compute(Duration::from_millis(1))).await.is_err());
    }

    #[tokio::test]
    async fn what_others_compute_on_the_same_thread_is_not_counted() {
        let time = CpuTime::new(Duration::from_millis(50), Bench::default());
        let (modest, others) = (compute(Duration::from_millis(5)), || compute(Duration::from_millis(60)));
        let (modest, ..) = tokio::join!(time.within(modest), others(), others());
        modest.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn an_account_that_computes_much_is_busy_for_a_while() {
        let bench = Bench::default();
        bench.spend(Duration::from_millis(49), Duration::from_millis(4));
        assert!(!bench.is_busy() && !bench.was_long());
        bench.spend(Duration::from_mins(1), Duration::from_millis(5));
        assert!(bench.is_busy() && bench.was_long());
        bench.load().at -= Duration::from_millis(800);
        assert!(bench.is_busy());
        bench.load().at -= Duration::from_millis(200);
        assert!(!bench.is_busy());
    }

    /// Computes for a millisecond at a time, as often as this, and gives way in between as a call does. Counts in `side`
    /// how many of those on the bench that have computed for long do so at this moment.
    async fn long(bench: Bench, times: u32, side: &AtomicU64) {
        let time = Arc::new(CpuTime::new(Duration::from_mins(1), bench));
        let work = async {
            for _ in 0..times {
                let is_long = Duration::from_nanos(time.so_far()) >= BRIEF;
                if is_long {
                    assert_eq!(side.fetch_add(1, Ordering::SeqCst), 0, "two of them compute at once");
                }
                let start = nanoseconds();
                while nanoseconds() - start < 1_000_000 {}
                if is_long {
                    side.fetch_sub(1, Ordering::SeqCst);
                }
                Arc::clone(&time).give_way().await;
            }
            Ok(())
        };
        time.within(work).await.unwrap();
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn calls_of_an_account_that_compute_for_long_take_turns() {
        let side = Arc::new(AtomicU64::new(0));
        let bench = Bench::default();
        let spawned = (0..4).map(|_| {
            let (bench, side) = (bench.clone(), Arc::clone(&side));
            tokio::spawn(async move { long(bench, 30, &side).await })
        });
        for call in spawned.collect::<Vec<_>>() {
            call.await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_call_that_waits_holds_nobody_up() {
        let bench = Bench::default();
        let waits = Arc::new(CpuTime::new(Duration::from_mins(1), bench.clone()));
        let waiting = waits.within(async {
            let start = nanoseconds();
            while nanoseconds() - start < 11_000_000 {}
            Arc::clone(&waits).give_way().await;
            std::future::pending::<wasmtime::Result<()>>().await
        });
        let runs = AtomicU64::new(0);
        tokio::select! {
            biased;
            never = waiting => { never.unwrap(); }
            () = long(bench, 20, &runs) => {}
        }
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_costs_nothing() {
        let time = CpuTime::new(Duration::from_millis(50), Bench::default());
        let waits = async {
            tokio::time::sleep(Duration::from_hours(1)).await;
            Ok(())
        };
        time.within(waits).await.unwrap();
        assert!(time.check().is_ok());
    }

    #[tokio::test]
    async fn a_poll_is_counted_while_it_lasts() {
        let time = CpuTime::new(Duration::from_millis(5), Bench::default());
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
