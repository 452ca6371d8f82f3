//! How many writes a second takes (zpa-scim.md 9). Counts by the instants that it is given; never asks a clock.

use crate::error_body::Problem;

/// The writes of the latest second.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    second: u32,
    writes: u32,
}

impl Pace {
    /// Counts a write, or says that it is one too many. A `limit` of 0 is none.
    pub(crate) fn take(&mut self, now: u32, limit: u32) -> Result<(), Problem> {
        if now != self.second {
            *self = Self { second: now, writes: 0 };
        }
        self.writes = self.writes.saturating_add(1);
        if limit > 0 && self.writes > limit {
            return Err(Problem::new(429, format!("more than {limit} updates in a second")));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_second_begins_anew() {
        let mut pace = Pace::default();
        let taken = [1, 1, 1, 2, 2, 2].map(|now| pace.take(now, 2).is_ok());
        assert_eq!(taken, [true, true, false, true, true, false]);
        assert!((0..1000).all(|_| pace.take(2, 0).is_ok()));
    }
}
