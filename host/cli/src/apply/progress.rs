//! How far a plan has come, on standard error and for a person alone; and the wish to stop.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use portcullis_reconcile::{Observer, Step};
use tokio::task::JoinHandle;

/// A bar, and the wish.
pub(super) struct Watch {
    bar: ProgressBar,
    stops: Arc<AtomicBool>,
}

impl Watch {
    /// Shows nothing where nobody would see it.
    pub(super) fn new(is_shown: bool) -> Watch {
        let target = if is_shown { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        // The template is a constant that the tests draw.
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style.with_key("rate", rate));
        }
        if is_shown {
            bar.enable_steady_tick(TICK);
        }
        Watch { bar, stops: Arc::new(AtomicBool::new(false)) }
    }

    /// The first Ctrl-C lets what is under way finish, and the second ends the program: the journal has it all.
    pub(super) fn stop_on_interrupt(&self) -> Interrupt {
        let (stops, bar) = (Arc::clone(&self.stops), self.bar.clone());
        Interrupt(tokio::spawn(async move {
            while tokio::signal::ctrl_c().await.is_ok() {
                if stops.swap(true, Ordering::SeqCst) {
                    std::process::exit(INTERRUPTED);
                }
                bar.println("note: what is under way is finished; Ctrl-C again does not wait for it");
            }
        }))
    }

    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

/// Listens until it is dropped.
pub(super) struct Interrupt(JoinHandle<()>);

impl Drop for Interrupt {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Observer for Watch {
    fn compared(&self, objects: usize, of: usize) {
        self.bar.set_length(of as u64);
        self.bar.set_position(objects as u64);
        self.bar.set_message("objects compared");
    }

    fn begins(&self, actions: usize) {
        self.bar.reset();
        self.bar.set_length(actions as u64);
        self.bar.set_message("actions");
    }

    fn settled(&self, _: &Step) {
        self.bar.inc(1);
    }

    fn wants_to_stop(&self) -> bool {
        self.stops.load(Ordering::SeqCst)
    }
}

fn rate(state: &ProgressState, out: &mut dyn fmt::Write) {
    // A rate that cannot be shown is none that anybody misses.
    let _ = write!(out, "{:.1}/s", state.per_sec());
}

const TICK: Duration = Duration::from_millis(120);
const TEMPLATE: &str = "{spinner} {wide_bar} {pos} of {len} {msg}, {rate}, {eta} left";
/// What shells give a program that Ctrl-C ended: 128 and the number of the signal.
const INTERRUPTED: i32 = 130;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_template_is_one() {
        assert!(ProgressStyle::with_template(TEMPLATE).is_ok());
    }
}
