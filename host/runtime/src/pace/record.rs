//! What is kept of an account's pace for other processes, as bytes.
//!
//! The bytes may be anybody's: what is not a record, or comes from another time, is taken for nothing.

use std::time::Duration;

use super::rate::State;
use super::shared::Others;

/// The two kinds of requests, reads first.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Record {
    /// When it was written.
    pub(crate) written: Duration,
    pub(crate) lanes: [(State, Others); 2],
}

impl Record {
    /// The record in these bytes, where it says something of now.
    pub(crate) fn read(bytes: &[u8], now: Duration) -> Option<Record> {
        let mut words = Words(bytes);
        if words.next()? != MAGIC {
            return None;
        }
        let written = words.time()?;
        let record = Record { written, lanes: [words.lane()?, words.lane()?] };
        let is_closed = record.lanes.iter().any(|(state, _)| state.filled > now);
        let is_of_now = written <= now.saturating_add(JUMP) && (is_closed || now <= written.saturating_add(KEPT));
        (words.0.is_empty() && is_of_now).then_some(record)
    }

    pub(crate) fn write(&self, bytes: &mut Vec<u8>) {
        bytes.clear();
        let mut put = |word: u64| bytes.extend_from_slice(&word.to_le_bytes());
        put(MAGIC);
        put(nanoseconds(self.written));
        for (state, others) in &self.lanes {
            for number in [state.per_second, state.tokens, state.ceiling, state.proven, state.cap] {
                put(number.to_bits());
            }
            for time in [state.filled, state.grown, state.cap_until, others.urgent_until, others.waiting_until] {
                put(nanoseconds(time));
            }
            for time in [state.lowered, state.refused] {
                put(time.map_or(0, |time| nanoseconds(time).saturating_add(1)));
            }
            for number in [u64::from(state.vague), others.urgent_by, others.last_by, others.waiting_by] {
                put(number);
            }
            let newest = state.taken.len().saturating_sub(MOST);
            put((state.taken.len() - newest) as u64);
            state.taken.iter().skip(newest).for_each(|time| put(nanoseconds(*time)));
        }
    }
}

/// Bytes that are read eight at a time.
struct Words<'a>(&'a [u8]);

impl Words<'_> {
    fn next(&mut self) -> Option<u64> {
        let (word, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u64::from_le_bytes(*word))
    }

    fn time(&mut self) -> Option<Duration> {
        self.next().map(Duration::from_nanos)
    }

    /// A number within these bounds.
    fn number(&mut self, least: f64, most: f64) -> Option<f64> {
        Some(f64::from_bits(self.next()?)).filter(|number| (least..=most).contains(number))
    }

    fn lane(&mut self) -> Option<(State, Others)> {
        let per_second = self.number(f64::MIN_POSITIVE, LARGEST)?;
        let tokens = self.number(-LARGEST, LARGEST)?;
        let ceiling = self.number(f64::MIN_POSITIVE, f64::INFINITY)?;
        let (proven, cap) = (self.number(0.0, LARGEST)?, self.number(f64::MIN_POSITIVE, LARGEST)?);
        let (filled, grown, cap_until) = (self.time()?, self.time()?, self.time()?);
        let (urgent_until, waiting_until) = (self.time()?, self.time()?);
        let (lowered, refused) = (moment(self.next()?), moment(self.next()?));
        let vague = u32::try_from(self.next()?).ok()?;
        let (urgent_by, last_by, waiting_by) = (self.next()?, self.next()?, self.next()?);
        let count = usize::try_from(self.next()?).ok().filter(|count| *count <= MOST)?;
        let taken = (0..count).map(|_| self.time()).collect::<Option<_>>()?;
        let state = State {
            per_second,
            tokens,
            filled,
            ceiling,
            proven,
            lowered,
            refused,
            grown,
            vague,
            taken,
            cap,
            cap_until,
        };
        Some((state, Others { urgent_by, urgent_until, last_by, waiting_by, waiting_until }))
    }
}

/// An instant that may be none, as it is written.
fn moment(word: u64) -> Option<Duration> {
    word.checked_sub(1).map(Duration::from_nanos)
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// `pace` and the version of the form.
const MAGIC: u64 = u64::from_le_bytes(*b"pace\0\0\0\x01");
/// Times of requests that are kept: those of a second at the highest rate, and more.
const MOST: usize = 128;
/// No rate and no number of tokens is that large.
const LARGEST: f64 = 1e9;
/// By how much a clock may be put back, so that a record of the future is still one.
const JUMP: Duration = Duration::from_secs(5);
/// How long a record holds that nobody writes any more, unless a vendor asked to wait for longer.
const KEPT: Duration = Duration::from_mins(10);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Duration = Duration::from_secs(1_780_000_000);

    fn record() -> Record {
        let state = State {
            per_second: 7.5,
            tokens: -0.25,
            filled: NOW,
            ceiling: f64::INFINITY,
            proven: 0.0,
            lowered: None,
            refused: Some(Duration::ZERO),
            grown: NOW,
            vague: 3,
            taken: [NOW, NOW].into(),
            cap: 50.0,
            cap_until: NOW,
        };
        let others = Others { urgent_by: 1, urgent_until: NOW, last_by: 2, waiting_by: 3, waiting_until: NOW };
        Record { written: NOW, lanes: [(state.clone(), others), (state, Others::default())] }
    }

    fn written(record: &Record) -> Vec<u8> {
        let mut bytes = b"what was there".to_vec();
        record.write(&mut bytes);
        bytes
    }

    #[test]
    fn what_is_written_is_read() {
        assert_eq!(Record::read(&written(&record()), NOW), Some(record()));
    }

    #[test]
    fn a_record_of_another_time_is_none() {
        let (bytes, later) = (written(&record()), NOW + KEPT + Duration::from_secs(1));
        assert_eq!(Record::read(&bytes, later), None);
        assert_eq!(Record::read(&bytes, NOW.saturating_sub(JUMP)), Some(record()));
        assert_eq!(Record::read(&bytes, NOW.saturating_sub(JUMP * 2)), None);
        let mut closed = record();
        closed.lanes[1].0.filled = later + Duration::from_secs(1);
        assert_eq!(Record::read(&written(&closed), later), Some(closed));
    }

    #[test]
    fn half_a_record_is_none() {
        let bytes = written(&record());
        for length in 0..bytes.len() {
            assert_eq!(Record::read(&bytes[..length], NOW), None);
        }
        assert_eq!(Record::read(&[bytes, vec![0]].concat(), NOW), None);
    }

    proptest! {
        #[test]
        fn no_bytes_panic_a_record(at in 0_usize..500, with in prop::collection::vec(any::<u8>(), 0..32)) {
            let mut bytes = written(&record());
            let at = at.min(bytes.len());
            let end = (at + with.len()).min(bytes.len());
            bytes.splice(at..end, with);
            if let Some(record) = Record::read(&bytes, NOW) {
                prop_assert!(record.lanes.iter().all(|(state, _)| state.per_second > 0.0 && state.tokens.is_finite()));
            }
        }
    }
}
