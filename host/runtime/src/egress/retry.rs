//! Whether a request is sent again, and when.
//!
//! A write that the vendor may have done is never sent again, unless doing it twice is doing it once. Nothing here waits
//! or sends; the dice are the caller's, too.

use std::time::Duration;

use bytes::Bytes;
use http::header::{IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_UNMODIFIED_SINCE};
use http::{HeaderMap, Method, Response, StatusCode};

use super::failure::Failure;
use super::retry_after;
use super::trail::is_write;
use crate::pace::host::Verdict;

/// What came of one try.
pub(crate) type Outcome = Result<Response<Bytes>, Failure>;

/// The tries of one request.
#[derive(Debug)]
pub(crate) struct Tries {
    is_safe: bool,
    writes: bool,
    made: u32,
    /// What came of the try after which the vendor may have done the write.
    doubt: Option<Outcome>,
}

impl Tries {
    /// None so far, of a request with this method and these headers.
    pub(crate) fn new(method: &Method, headers: &HeaderMap) -> Tries {
        let conditions = [IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_UNMODIFIED_SINCE];
        let writes = is_write(method);
        // The second of two conditional writes is refused for what the first one did (RFC 9110 section 13.1).
        let is_conditional = writes && conditions.iter().any(|name| headers.contains_key(name));
        let is_idempotent = [Method::GET, Method::HEAD, Method::PUT, Method::DELETE].contains(method);
        Tries { is_safe: is_idempotent && !is_conditional, writes, made: 0, doubt: None }
    }

    /// How many were made.
    pub(crate) fn made(&self) -> u32 {
        self.made
    }

    /// How long to wait for the next try after one that came to this; `None` when there is none. `dice` is between 0 and
    /// 1.
    pub(crate) fn next(&mut self, outcome: &Outcome, dice: f64) -> Option<Duration> {
        self.made += 1;
        let cause = cause(outcome);
        if self.writes && cause == Cause::Doubt {
            self.doubt = Some(outcome.clone());
        }
        let is_due = match cause {
            Cause::Untouched => true,
            Cause::Doubt => self.is_safe,
            Cause::Settled => false,
        };
        if !is_due || self.made >= MOST {
            return None;
        }
        let asked = outcome.as_ref().ok().and_then(|reply| retry_after::wait(reply.headers()));
        Some(match asked {
            // Not all who were put off come back at the same moment, and none comes early.
            Some(asked) => asked.saturating_add(LEAST.mul_f64(dice)),
            None => (LEAST * (1 << self.made.min(8))).mul_f64(0.5 + dice / 2.0),
        })
    }

    /// What is told of all tries: the last, unless that one changed nothing and another may have.
    pub(crate) fn told(self, last: Outcome) -> Outcome {
        match self.doubt {
            Some(doubt) if cause(&last) == Cause::Untouched => doubt,
            _ => last,
        }
    }
}

/// What an outcome says to the pace.
pub(crate) fn verdict(outcome: &Outcome) -> Verdict {
    match outcome {
        Ok(reply) if [StatusCode::TOO_MANY_REQUESTS, StatusCode::SERVICE_UNAVAILABLE].contains(&reply.status()) => {
            Verdict::Refused(retry_after::wait(reply.headers()))
        }
        Ok(_) => Verdict::Taken,
        Err(failure) if failure.is_before_writing() => Verdict::Unsent,
        Err(_) => Verdict::Silent,
    }
}

/// What an outcome says of the token; `None` where it says nothing. A vendor that is out of order, or has no such object,
/// may not have looked at it.
pub(crate) fn judgement(outcome: &Outcome) -> Option<bool> {
    match outcome {
        Ok(reply) if reply.status() == StatusCode::UNAUTHORIZED => Some(false),
        Ok(reply) if reply.status().is_success() => Some(true),
        Ok(_) | Err(_) => None,
    }
}

/// What an outcome says of another try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cause {
    /// Certainly nothing was done, and another try may come to more.
    Untouched,
    /// Something may have been done.
    Doubt,
    /// It would come to the same.
    Settled,
}

fn cause(outcome: &Outcome) -> Cause {
    match outcome {
        Ok(reply) => match reply.status().as_u16() {
            429 => Cause::Untouched,
            502..=504 => Cause::Doubt,
            _ => Cause::Settled,
        },
        Err(Failure::Connection(_) | Failure::ConnectTime(_) | Failure::Unsent | Failure::Late(_)) => Cause::Untouched,
        Err(Failure::Broken(_) | Failure::Time(_)) => Cause::Doubt,
        Err(
            Failure::Denied(_)
            | Failure::Requests(_)
            | Failure::Busy(_)
            | Failure::Connections(_)
            | Failure::Credential(_)
            | Failure::Name { .. }
            | Failure::Address(_)
            | Failure::Tls(_)
            | Failure::Size(_)
            | Failure::Encoding(_),
        ) => Cause::Settled,
    }
}

/// Tries of one request.
const MOST: u32 = 4;
/// The first wait is this to twice this, and each one is twice the one before.
const LEAST: Duration = Duration::from_millis(250);

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "an outcome as the others are")]
    fn reply(status: u16) -> Outcome {
        Ok(Response::builder().status(status).body(Bytes::new()).unwrap())
    }

    fn broken() -> Outcome {
        Err(Failure::Broken(String::new()))
    }

    fn refused() -> Outcome {
        Err(Failure::Connection(String::new()))
    }

    fn tries(method: &Method) -> Tries {
        Tries::new(method, &HeaderMap::new())
    }

    /// The methods that are sent again after this.
    fn again(outcome: &Outcome) -> String {
        let methods = [Method::GET, Method::HEAD, Method::PUT, Method::DELETE, Method::POST, Method::PATCH];
        let again = methods.iter().filter(|method| tries(method).next(outcome, 0.0).is_some());
        again.map(Method::as_str).collect::<Vec<_>>().join(" ")
    }

    const SAFE: &str = "GET HEAD PUT DELETE";
    const ALL: &str = "GET HEAD PUT DELETE POST PATCH";

    #[test]
    fn a_write_that_may_have_been_done_is_not_sent_again() {
        for outcome in [broken(), Err(Failure::Time(Duration::ZERO)), reply(502), reply(503), reply(504)] {
            assert_eq!(again(&outcome), SAFE, "{outcome:?}");
        }
        for outcome in [refused(), Err(Failure::Unsent), Err(Failure::ConnectTime(Duration::ZERO)), reply(429)] {
            assert_eq!(again(&outcome), ALL, "{outcome:?}");
        }
    }

    #[test]
    fn only_success_and_401_judge_the_token() {
        let judged = |status| judgement(&reply(status));
        assert_eq!([judged(401), judged(200), judged(204)], [Some(false), Some(true), Some(true)]);
        assert_eq!([302, 400, 403, 404, 407, 429, 500, 503].map(judged), [None; 8]);
        assert_eq!(judgement(&broken()), None);
    }

    #[test]
    fn every_other_answer_is_an_answer() {
        for status in (200..600).filter(|status| ![429, 502, 503, 504].contains(status)) {
            assert_eq!(again(&reply(status)), "", "{status}");
        }
        for failure in [
            Failure::Denied(String::new()),
            Failure::Requests(1),
            Failure::Busy(1),
            Failure::Connections(1),
            Failure::Credential(String::new()),
            Failure::Name { name: String::new(), reason: String::new() },
            Failure::Address(String::new()),
            Failure::Tls(String::new()),
            Failure::Size(1),
            Failure::Encoding(String::new()),
        ] {
            assert_eq!(again(&Err(failure)), "");
        }
    }

    #[test]
    fn a_conditional_write_is_sent_again_only_where_nothing_was_done() {
        let headers: HeaderMap = [(IF_MATCH, "\"1\"".parse().unwrap())].into_iter().collect();
        let next = |method, outcome| Tries::new(method, &headers).next(&outcome, 0.0).is_some();
        assert!(!next(&Method::PUT, broken()) && next(&Method::PUT, reply(429)) && next(&Method::GET, broken()));
    }

    #[test]
    fn waits_grow_and_end() {
        let waits = |dice| {
            let mut tries = tries(&Method::GET);
            std::array::from_fn(|_| tries.next(&broken(), dice).map(|wait| wait.as_millis()))
        };
        assert_eq!(waits(0.0), [Some(250), Some(500), Some(1000), None]);
        assert_eq!(waits(1.0), [Some(500), Some(1000), Some(2000), None]);
    }

    #[test]
    fn a_wait_that_the_vendor_asks_for_is_kept_and_a_little_more() {
        let asks = Response::builder().status(429).header("retry-after", "13s").body(Bytes::new());
        let asks = Ok(asks.unwrap());
        let wait = |dice| tries(&Method::PATCH).next(&asks, dice).map(|wait| wait.as_millis());
        assert_eq!((wait(0.0), wait(1.0)), (Some(13_000), Some(13_250)));
        assert_eq!(verdict(&asks), Verdict::Refused(Some(Duration::from_secs(13))));
    }

    #[test]
    fn a_try_that_may_have_written_is_told_rather_than_one_that_certainly_did_not() {
        for method in [Method::PUT, Method::DELETE] {
            for later in [refused(), reply(429), Err(Failure::Late(Duration::ZERO))] {
                for first in [broken(), reply(503)] {
                    let mut tries = tries(&method);
                    tries.next(&first, 0.0);
                    tries.next(&later, 0.0);
                    assert_eq!(format!("{:?}", tries.told(later.clone())), format!("{first:?}"));
                }
            }
        }
        let mut reads = tries(&Method::GET);
        reads.next(&broken(), 0.0);
        reads.next(&refused(), 0.0);
        assert!(matches!(reads.told(refused()), Err(Failure::Connection(_))));
        let mut done = tries(&Method::PUT);
        done.next(&broken(), 0.0);
        done.next(&reply(200), 0.0);
        assert!(matches!(done.told(reply(200)), Ok(reply) if reply.status() == 200));
    }
}
