//! How far a walk or a probe has come, on standard error and for a person alone. Gone when it is over.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A line that moves while something runs.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// Shows nothing where nobody would see it.
    pub(crate) fn new(is_shown: bool) -> Progress {
        let target = if is_shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        // The template is a constant that the tests draw.
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style);
        }
        if is_shown {
            // A vendor that takes its time is not a program that hangs.
            bar.enable_steady_tick(TICK);
        }
        Progress(bar)
    }

    /// So many rows are read, of so many where that is known.
    pub(crate) fn set(&self, rows: u64, total: Option<u32>) {
        let message = match total {
            Some(total) => format!("{rows} of {total} rows read"),
            None => format!("{rows} rows read"),
        };
        self.say(message);
    }

    /// So far in these words.
    pub(crate) fn say(&self, message: String) {
        self.0.set_message(message);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

const TICK: Duration = Duration::from_millis(120);
const TEMPLATE: &str = "{spinner} {msg}, {elapsed}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_one() {
        assert!(ProgressStyle::with_template(TEMPLATE).is_ok());
    }
}
