//! What one call may use.
//!
//! Only numbers live here. `runtime` enforces the size of components and the number of calls; `call` the time of a call,
//! handles and results; `meter` memory, tables and instances; `state` handles once more, those of the host; and `egress`
//! everything about requests.

use std::time::Duration;

/// Limits of a call, set by the operator when the runtime is built. Every one has a default; name those that differ
/// and take the rest from [`Limits::default`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Size of a component that is loaded, in bytes. Default 16 MiB.
    pub component_bytes: usize,
    /// Calls that run at the same moment in the whole runtime; one more is refused with code `limit`. Default 1000.
    pub concurrent_calls: u32,
    /// Linear memory of the connector, in bytes, all its memories together. Default 64 MiB.
    pub memory: usize,
    /// Elements of all tables together. Default 20,000.
    pub table_elements: usize,
    /// Core instances of the connector, and so memories and tables too. Default 20.
    pub instances: usize,
    /// Handles and host resources that the connector holds at the same moment. Default 1000.
    pub handles: usize,
    /// Bytes that the connector hands over in one step, its result included. Default 32 MiB.
    pub result_bytes: usize,
    /// Wall time of a call, with all its requests. Default 60 s.
    pub call_time: Duration,
    /// Requests of a call. Default 64.
    pub requests: u32,
    /// Wall time of a request, from the fetching of the credential to the last byte of the reply. Default 30 s.
    pub request_time: Duration,
    /// Time to resolve, connect and agree on TLS, within the request's. Default 10 s.
    pub connect_time: Duration,
    /// Bodies of all requests of a call, in bytes. Default 4 MiB.
    pub request_bytes: usize,
    /// Bodies of all replies of a call, in bytes. Default 16 MiB.
    pub reply_bytes: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            component_bytes: 16 * MIB,
            concurrent_calls: 1000,
            memory: 64 * MIB,
            table_elements: 20_000,
            instances: 20,
            handles: 1000,
            result_bytes: 32 * MIB,
            call_time: Duration::from_mins(1),
            requests: 64,
            request_time: Duration::from_secs(30),
            connect_time: Duration::from_secs(10),
            request_bytes: 4 * MIB,
            reply_bytes: 16 * MIB,
        }
    }
}

const MIB: usize = 1024 * 1024;
