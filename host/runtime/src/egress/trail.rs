//! What one call has done on the network so far.
//!
//! It outlives the connector's instance, so that an error of the host can say whether anything may have changed at the
//! vendor. It holds no data of the vendor.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use http::Method;
use portcullis_directory::{Error, text};
use tokio::time::Instant;

use super::body::Budget;
use super::failure::Failure;
use crate::limit::Limits;

/// The requests of one call, and what it has left of its bytes.
#[derive(Debug)]
pub(crate) struct Trail {
    pub(crate) sent: Budget,
    pub(crate) received: Budget,
    /// When the call ends, whatever it does.
    end: Instant,
    at_most: u32,
    requests: AtomicU32,
    /// How often the latest request was sent.
    tries: AtomicU32,
    writes: AtomicU32,
    is_over: AtomicBool,
    /// Why the latest request had no reply; `None` when it had one.
    failure: Mutex<Option<Failure>>,
}

impl Trail {
    pub(crate) fn new(limits: &Limits) -> Trail {
        Trail {
            sent: Budget::new(limits.request_bytes),
            received: Budget::new(limits.reply_bytes),
            end: Instant::now() + limits.call_time,
            at_most: limits.requests,
            requests: AtomicU32::new(0),
            tries: AtomicU32::new(0),
            writes: AtomicU32::new(0),
            is_over: AtomicBool::new(false),
            failure: Mutex::new(None),
        }
    }

    /// Counts a request, unless the call has made all that it may make.
    pub(crate) fn begin(&self) -> Result<(), Failure> {
        self.set_failure(None);
        self.tries.store(0, Ordering::Relaxed);
        let made = self.requests.fetch_add(1, Ordering::Relaxed);
        if made < self.at_most { Ok(()) } else { Err(Failure::Requests(self.at_most)) }
    }

    /// From here on the request may be on its way, whether or not the connector waits for it.
    pub(crate) fn sending(&self, method: &Method) {
        if is_write(method) {
            self.writes.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The latest request was sent so often.
    pub(crate) fn tried(&self, times: u32) {
        self.tries.store(times, Ordering::Relaxed);
    }

    /// How often the latest request was sent.
    pub(crate) fn tries(&self) -> u32 {
        self.tries.load(Ordering::Relaxed)
    }

    /// The error with the number of tries that came to it, where there were several.
    pub(crate) fn counted(&self, error: Error) -> Error {
        match self.tries() {
            0 | 1 => error,
            tries => {
                let message = text::one_line(format!("after {tries} tries: {}", error.message), text::MESSAGE);
                Error { message, ..error }
            }
        }
    }

    /// What the call has left of its time.
    pub(crate) fn left(&self) -> Duration {
        self.end.saturating_duration_since(Instant::now())
    }

    /// The request turned out not to have been written.
    pub(crate) fn unsent(&self, method: &Method) {
        if is_write(method) {
            self.writes.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Keeps the reason for the error that the connector is about to make of it.
    pub(crate) fn failed(&self, failure: &Failure) {
        self.set_failure(Some(failure.clone()));
    }

    /// Why the latest request had no reply.
    pub(crate) fn failure(&self) -> Option<Failure> {
        self.failure.lock().map_or(None, |mut failure| failure.take())
    }

    /// Whether the vendor may have seen a request that changes something.
    pub(crate) fn may_have_written(&self) -> bool {
        self.writes.load(Ordering::Relaxed) > 0
    }

    /// The call is over, and its instance about to be dropped.
    pub(crate) fn end(&self) {
        self.is_over.store(true, Ordering::Release);
    }

    /// Whether the call is over, so that a body that ended may have ended early.
    pub(crate) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Acquire)
    }

    /// How many requests were made, those that were denied included.
    pub(crate) fn requests(&self) -> u32 {
        self.requests.load(Ordering::Relaxed)
    }

    fn set_failure(&self, failure: Option<Failure>) {
        if let Ok(mut place) = self.failure.lock() {
            *place = failure;
        }
    }
}

/// RFC 9110 section 9.2.1: the other methods that a connector has are safe.
pub(crate) fn is_write(method: &Method) -> bool {
    *method != Method::GET && *method != Method::HEAD
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_has_so_many_requests_and_no_more() {
        let trail = Trail::new(&Limits { requests: 2, ..Limits::default() });
        assert_eq!([trail.begin(), trail.begin(), trail.begin()], [Ok(()), Ok(()), Err(Failure::Requests(2))]);
    }

    #[test]
    fn only_a_write_that_left_may_have_changed_something() {
        let trail = Trail::new(&Limits::default());
        trail.sending(&Method::GET);
        trail.sending(&Method::PATCH);
        trail.unsent(&Method::PATCH);
        assert!(!trail.may_have_written());
        trail.sending(&Method::DELETE);
        assert!(trail.may_have_written());
    }

    #[test]
    fn a_failure_is_forgotten_when_the_next_request_begins() {
        let trail = Trail::new(&Limits::default());
        trail.failed(&Failure::Unsent);
        assert_eq!(trail.begin(), Ok(()));
        assert_eq!(trail.failure(), None);
    }
}
