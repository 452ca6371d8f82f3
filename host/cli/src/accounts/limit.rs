//! Limits of an account's calls by name, as the operator sets them. They may be higher than the defaults, too: the
//! runtime of a command is for one account, so they are the runtime's.

use std::collections::BTreeMap;
use std::time::Duration;

use portcullis_runtime::Limits;

use crate::exit::Exit;
use crate::failure::Failure;

/// `NAME=N`.
pub(super) fn parse(text: &str) -> Result<(String, u64), String> {
    let (name, number) = text.split_once('=').ok_or("expected `NAME=NUMBER`")?;
    let number = number.parse().ok().filter(|number| *number > 0).ok_or("the number is none, or is zero")?;
    set(&mut Limits::default(), name, number).ok_or_else(|| format!("the limits are {NAMES}"))?;
    Ok((name.to_owned(), number))
}

/// The defaults, and what differs from them.
pub(crate) fn limits(differing: &BTreeMap<String, u64>) -> anyhow::Result<Limits> {
    let mut limits = Limits::default();
    for (name, number) in differing {
        set(&mut limits, name, *number).ok_or_else(|| {
            let message = format!("the account has a limit `{name}` of {number}, which this version does not know");
            Failure::new(Exit::Other, message, "it was added by another version; remove it and add it again")
        })?;
    }
    Ok(limits)
}

/// `None` where there is no such limit, or the number does not fit it.
fn set(limits: &mut Limits, name: &str, number: u64) -> Option<()> {
    let size = usize::try_from(number).ok();
    let time = Duration::from_secs(number);
    match name {
        "memory" => limits.memory = size?,
        "table-elements" => limits.table_elements = size?,
        "instances" => limits.instances = size?,
        "handles" => limits.handles = size?,
        "result-bytes" => limits.result_bytes = size?,
        "cpu-time" => limits.cpu_time = time,
        "call-time" => limits.call_time = time,
        "requests" => limits.requests = u32::try_from(number).ok()?,
        "request-time" => limits.request_time = time,
        "connect-time" => limits.connect_time = time,
        "request-bytes" => limits.request_bytes = size?,
        "reply-bytes" => limits.reply_bytes = size?,
        _ => return None,
    }
    Some(())
}

const NAMES: &str = "`memory`, `request-bytes`, `reply-bytes` and `result-bytes` in bytes, `cpu-time`, `call-time`, \
                     `request-time` and `connect-time` in seconds, and `requests`, `handles`, `instances` and \
                     `table-elements`";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_one_that_there_is_and_a_number_that_fits() {
        assert_eq!(parse("requests=9"), Ok(("requests".to_owned(), 9)));
        for wrong in ["requests", "requests=", "requests=0", "requests=-1", "requests=4294967296", "calls=1", "=1"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
        let limits = limits(&[("call-time".to_owned(), 5), ("memory".to_owned(), 7)].into()).unwrap();
        assert_eq!((limits.call_time, limits.memory), (Duration::from_secs(5), 7));
    }

    #[test]
    fn every_limit_of_a_call_has_a_name() {
        let mut limits = Limits::default();
        for name in NAMES.split('`').skip(1).step_by(2) {
            set(&mut limits, name, 7).unwrap();
        }
        // What is left is about many calls, or about none.
        let Limits {
            component_bytes, concurrent_calls, calls_per_account, queued_calls, queue_time, connections, ..
        } = Limits::default();
        let (seven, time) = (7, Duration::from_secs(7));
        let all = Limits {
            component_bytes,
            concurrent_calls,
            calls_per_account,
            queued_calls,
            queue_time,
            connections,
            memory: seven,
            table_elements: seven,
            instances: seven,
            handles: seven,
            result_bytes: seven,
            cpu_time: time,
            call_time: time,
            requests: 7,
            request_time: time,
            connect_time: time,
            request_bytes: seven,
            reply_bytes: seven,
        };
        assert_eq!(limits, all);
    }
}
