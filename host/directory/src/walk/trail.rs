//! Finds out that cursors go round, in the memory of two cursors.

/// The cursors of one reading, by Brent's method: one cursor is remembered for ever longer stretches, so that a circle
/// of any length comes back to it. That takes at most about three times the pages that there are.
pub(super) struct CursorTrail {
    landmark: Option<String>,
    steps: u64,
    stretch: u64,
}

impl CursorTrail {
    pub(super) fn new() -> Self {
        Self { landmark: None, steps: 0, stretch: 1 }
    }

    /// Follows this cursor, and says whether it leads back to where the reading has been.
    pub(super) fn returns(&mut self, cursor: &str) -> bool {
        if self.landmark.as_deref() == Some(cursor) {
            return true;
        }
        self.steps += 1;
        if self.steps == self.stretch {
            self.landmark = Some(cursor.to_owned());
            self.steps = 0;
            self.stretch *= 2;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_circle_is_found_and_nothing_else_is(lead in 0..200_usize, circle in 1..50_usize) {
            let mut trail = CursorTrail::new();
            let cursors = (0..lead).chain((lead..lead + circle).cycle());
            let found = cursors.map(|cursor| trail.returns(&cursor.to_string())).position(|returned| returned).unwrap();
            prop_assert!(found >= lead + circle);
            prop_assert!(found <= 3 * (lead + circle) + 4);
        }
    }
}
