//! What one call has done on the network so far.
//!
//! It outlives the connector's instance, so that an error of the host can say whether anything may have changed at the
//! vendor. It holds no data of the vendor.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use http::Method;

use super::failure::Failure;

/// The requests of one call.
#[derive(Debug, Default)]
pub(crate) struct Trail {
    requests: AtomicU32,
    writes: AtomicU32,
    /// Why the latest request had no reply; `None` when it had one.
    failure: Mutex<Option<Failure>>,
}

impl Trail {
    /// Counts a request, unless the call has made `at_most` already.
    pub(crate) fn begin(&self, at_most: u32) -> Result<(), Failure> {
        self.set_failure(None);
        if self.requests.fetch_add(1, Ordering::Relaxed) < at_most { Ok(()) } else { Err(Failure::Requests(at_most)) }
    }

    /// From here on the request may be written to a connection.
    pub(crate) fn sending(&self, method: &Method) {
        if is_write(method) {
            self.writes.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The request that was being sent turned out not to have been written.
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
fn is_write(method: &Method) -> bool {
    *method != Method::GET && *method != Method::HEAD
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_has_so_many_requests_and_no_more() {
        let trail = Trail::default();
        assert_eq!([trail.begin(2), trail.begin(2), trail.begin(2)], [Ok(()), Ok(()), Err(Failure::Requests(2))]);
    }

    #[test]
    fn only_a_write_that_left_may_have_changed_something() {
        let trail = Trail::default();
        trail.sending(&Method::GET);
        trail.sending(&Method::PATCH);
        trail.unsent(&Method::PATCH);
        assert!(!trail.may_have_written());
        trail.sending(&Method::DELETE);
        assert!(trail.may_have_written());
    }

    #[test]
    fn a_failure_is_forgotten_when_the_next_request_begins() {
        let trail = Trail::default();
        trail.failed(&Failure::Unsent);
        assert_eq!(trail.begin(9), Ok(()));
        assert_eq!(trail.failure(), None);
    }
}
