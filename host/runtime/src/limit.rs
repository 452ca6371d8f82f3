//! What one call may use.
//!
//! Only numbers live here. `runtime` enforces the size of components; `room` the number of calls; `egress::pool` that of
//! connections; `call` the time of a call, handles and results; `cpu` what it computes; `meter` memory, tables and
//! instances; `state` handles once more, those of the host; and `egress` everything about requests.

use std::time::Duration;

/// Limits of a call, set by the operator when the runtime is built, and for an account that is to have less by
/// [`Account::with_limits`](crate::Account::with_limits). Every one has a default; name those that differ and take the
/// rest from [`Limits::default`].
///
/// | Limit | Default | What is beyond it |
/// |---|---|---|
/// | `component_bytes` | 16 MiB | is not loaded |
/// | `concurrent_calls` | 1000 | waits, or is `busy` |
/// | `calls_per_account` | 250 | waits, or is `busy` |
/// | `queued_calls` | 1000 | is `busy` at once |
/// | `queue_time` | 5 s | is `busy` |
/// | `connections` | 1000 | waits within `connect_time`, or is `busy` |
/// | `memory` | 64 MiB | ends the call, code `limit` |
/// | `table_elements` | 20,000 | ends the call, code `limit` |
/// | `instances` | 20 | ends the call, code `guest-fault` |
/// | `handles` | 1000 | ends the call, code `guest-fault` |
/// | `result_bytes` | 32 MiB | ends the call, code `guest-fault` |
/// | `cpu_time` | 10 s | ends the call, code `limit` |
/// | `call_time` | 60 s | ends the call, code `timeout` |
/// | `requests` | 64 | is not sent, code `limit` |
/// | `request_time` | 30 s | is given up, code `timeout` |
/// | `connect_time` | 10 s | is given up, code `timeout` |
/// | `request_bytes` | 4 MiB | is not sent, code `denied` |
/// | `reply_bytes` | 16 MiB | is given up, code `limit` |
///
/// Calls that have computed for 5 ms go on one at a time for each account, and so do all calls of an account that computes
/// more than half of the time, once it is 50 ms ahead of that.
///
/// What is fixed: a message is one line of 500 bytes, a code or a name one of 100, a cursor one of 4 KiB; a connector of
/// the profile [`Std`](crate::Imports::Std) prints 100 lines a call into the log, on each of its two streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Size of a component that is loaded, in bytes. The runtime's alone. Default 16 MiB.
    pub component_bytes: usize,
    /// Calls that run at the same moment in the whole runtime; [urgent](crate::AccountDirectory::urgent) ones may be 8
    /// more. The runtime's alone. Default 1000.
    pub concurrent_calls: u32,
    /// Calls of one account, as it was bound, that run at the same moment, and as many that wait. Urgent ones are not
    /// counted. Name it along with `concurrent_calls`, where accounts are not to take all of those. Default 250.
    pub calls_per_account: u32,
    /// Calls that wait until another one is over; one more is refused at once with code `busy`. Urgent ones go first
    /// and are counted apart. The runtime's alone. Default 1000.
    pub queued_calls: u32,
    /// How long a call waits for that before it is refused with code `busy`. It is not part of the call's own time.
    /// Default 5 s.
    pub queue_time: Duration,
    /// Connections to vendors at the same moment in the whole runtime, idle ones included: of those the one that was used
    /// the longest ago makes room for another account's. Of more than 16, 8 are for urgent requests alone. A process needs
    /// as many file descriptors. The runtime's alone. Default 1000.
    pub connections: u32,
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
    /// CPU time of a call: what the thread that polls it uses while it does, which waiting for the vendor does not. Where
    /// the platform has no clock for that, such as Windows, the wall time of the polls, called polling time. Default 10 s.
    pub cpu_time: Duration,
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

impl Limits {
    /// The lower of the two, limit by limit.
    #[must_use]
    pub fn lower(self, other: Limits) -> Limits {
        Limits {
            component_bytes: self.component_bytes.min(other.component_bytes),
            concurrent_calls: self.concurrent_calls.min(other.concurrent_calls),
            calls_per_account: self.calls_per_account.min(other.calls_per_account),
            queued_calls: self.queued_calls.min(other.queued_calls),
            queue_time: self.queue_time.min(other.queue_time),
            connections: self.connections.min(other.connections),
            memory: self.memory.min(other.memory),
            table_elements: self.table_elements.min(other.table_elements),
            instances: self.instances.min(other.instances),
            handles: self.handles.min(other.handles),
            result_bytes: self.result_bytes.min(other.result_bytes),
            cpu_time: self.cpu_time.min(other.cpu_time),
            call_time: self.call_time.min(other.call_time),
            requests: self.requests.min(other.requests),
            request_time: self.request_time.min(other.request_time),
            connect_time: self.connect_time.min(other.connect_time),
            request_bytes: self.request_bytes.min(other.request_bytes),
            reply_bytes: self.reply_bytes.min(other.reply_bytes),
        }
    }
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            component_bytes: 16 * MIB,
            concurrent_calls: 1000,
            calls_per_account: 250,
            queued_calls: 1000,
            queue_time: Duration::from_secs(5),
            connections: 1000,
            memory: 64 * MIB,
            table_elements: 20_000,
            instances: 20,
            handles: 1000,
            result_bytes: 32 * MIB,
            cpu_time: Duration::from_secs(10),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_limits_the_lower_holds() {
        let (few, long) = (Limits { requests: 2, ..Limits::default() }, Duration::from_mins(9));
        let lower = few.lower(Limits { requests: 9, memory: 7, call_time: long, ..Limits::default() });
        assert_eq!(lower, Limits { requests: 2, memory: 7, ..Limits::default() });
    }
}
