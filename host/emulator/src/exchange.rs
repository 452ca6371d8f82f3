//! What was said on the wire, kept for assertions: the newest so many, each with bounded bodies.

use std::collections::VecDeque;

use bytes::Bytes;
use http::{HeaderMap, Method};

/// One request and its reply.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// Counted from 1 since the start, whether or not older ones are still kept.
    pub number: u64,
    /// The method.
    pub method: Method,
    /// Path and query as they arrived, percent-encoded.
    pub target: String,
    /// The headers of the request. `authorization` prints as `Sensitive`; its value can be read.
    pub request_headers: HeaderMap,
    /// The beginning of the request's body.
    pub request_body: Bytes,
    /// `None` where the connection was reset instead.
    pub status: Option<u16>,
    /// The headers of the reply, but for those that the HTTP library adds.
    pub response_headers: HeaderMap,
    /// The beginning of what was sent as body.
    pub response_body: Bytes,
    /// How many bytes of body were sent.
    pub response_length: usize,
    /// The faults that this request met, as rules.
    pub faults: Vec<String>,
}

impl Exchange {
    /// A header of the request, where it is text.
    pub fn request_header(&self, name: &str) -> Option<&str> {
        self.request_headers.get(name)?.to_str().ok()
    }
}

/// The newest exchanges.
#[derive(Debug, Default)]
pub(crate) struct Record {
    kept: VecDeque<Exchange>,
    limit: usize,
    count: u64,
}

impl Record {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, ..Self::default() }
    }

    pub(crate) fn keeps(&self) -> bool {
        self.limit > 0
    }

    /// Counts a request that is not kept.
    pub(crate) fn skip(&mut self) {
        self.count += 1;
    }

    pub(crate) fn push(&mut self, exchange: Exchange) {
        self.count += 1;
        if self.kept.len() >= self.limit {
            self.kept.pop_front();
        }
        let number = self.count;
        self.kept.push_back(Exchange { number, ..exchange });
    }

    pub(crate) fn kept(&self) -> Vec<Exchange> {
        self.kept.iter().cloned().collect()
    }

    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    pub(crate) fn clear(&mut self) {
        self.kept.clear();
        self.count = 0;
    }
}

/// The beginning of a body. A copy where something is cut off, so that a long body is not kept alive by a short one.
pub(crate) fn beginning(body: &Bytes, limit: usize) -> Bytes {
    body.get(..limit).map_or_else(|| body.clone(), Bytes::copy_from_slice)
}
