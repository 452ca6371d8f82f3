//! How far a walk or a probe has come, on standard error and for a person alone. Gone when it is over.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use portcullis_runtime::Pace;

/// A line that moves while something runs.
pub(crate) struct Progress {
    bar: ProgressBar,
    pace: Option<Pace>,
}

impl Progress {
    /// Shows nothing where nobody would see it. What is paced says so, unless the pace is none.
    pub(crate) fn new(is_shown: bool, pace: Option<Pace>) -> Progress {
        let target = if is_shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        // The template is a constant that the tests draw.
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style);
        }
        if is_shown {
            bar.set_message("waiting for the vendor");
            // A vendor that takes its time is not a program that hangs.
            bar.enable_steady_tick(TICK);
        }
        Progress { bar, pace: pace.filter(|pace| *pace != Pace::unlimited()) }
    }

    /// So many rows are read, of so many where that is known.
    pub(crate) fn set(&self, rows: u64, total: Option<u32>) {
        self.say(message(rows, total, self.pace));
    }

    /// So far in these words.
    pub(crate) fn say(&self, message: String) {
        self.bar.set_message(message);
    }
}

fn message(rows: u64, total: Option<u32>, pace: Option<Pace>) -> String {
    let total = total.map(|total| format!(" of {total}")).unwrap_or_default();
    let pace = pace.map(|pace| format!(", paced: {pace}")).unwrap_or_default();
    format!("{rows}{total} rows read{pace}")
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

const TICK: Duration = Duration::from_millis(120);
const TEMPLATE: &str = "{spinner} {msg}, {elapsed}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_sees_that_it_is_the_pace_that_takes_time() {
        let steady = Pace::steady(7);
        assert_eq!(message(300, Some(900), Some(steady)), "300 of 900 rows read, paced: at most 7 requests a second");
        assert_eq!(message(300, None, None), "300 rows read");
        assert_eq!(Progress::new(false, Some(Pace::unlimited())).pace, None);
    }

    #[test]
    fn the_template_is_one() {
        assert!(ProgressStyle::with_template(TEMPLATE).is_ok());
    }
}
