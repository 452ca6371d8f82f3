//! How fast a command asks the vendor.

mod sharing;

use clap::Args;
use portcullis_directory::WalkOptions;
use portcullis_runtime::Pace;

pub(crate) use sharing::Sharing;

/// The flag that sets a pace. `vendor probe` has its own of this name, which sets this one too.
#[derive(Clone, Copy, Debug, Default, Args)]
pub(crate) struct PaceArguments {
    /// Reads a second at most, and as many writes, up to 50 [default: 10 and 5 to begin with, then as many as the vendor
    /// bears; without this flag a server on this machine is asked without a limit, and nothing is tried again there]
    #[arg(
        long,
        value_name = "N",
        global = true,
        help_heading = "Account",
        value_parser = clap::value_parser!(u32).range(1..=50)
    )]
    rate: Option<u32>,
}

impl PaceArguments {
    /// The pace for an account at this place. What a server on this machine answers is shown as it is: it is an emulator
    /// whose faults are there to be seen.
    pub(crate) fn pace(self, is_on_this_machine: bool) -> Pace {
        match self.rate {
            Some(rate) => Pace::steady(rate),
            None if is_on_this_machine => Pace::unlimited(),
            None => Pace::default(),
        }
    }
}

/// Pages to read at the same time at this pace. One for each that may be asked for in a second is enough for a vendor that
/// answers within one, and more would only come in gushes.
pub(crate) fn concurrency(pace: Option<Pace>) -> u32 {
    let pace = pace.unwrap_or_default();
    WalkOptions::default().concurrency.min(pace.reads_per_second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_pace_reads_fewer_pages_at_a_time() {
        let paces = [Pace::unlimited(), Pace::default(), Pace::steady(3)];
        assert_eq!(paces.map(|pace| concurrency(Some(pace))), [16, 10, 3]);
    }

    #[test]
    fn only_a_server_on_this_machine_is_asked_without_a_limit_and_a_flag_limits_that_too() {
        let pace = |rate, is_on_this_machine| PaceArguments { rate }.pace(is_on_this_machine);
        assert_eq!(pace(None, false), Pace::default());
        assert_eq!(pace(None, true), Pace::unlimited());
        assert_eq!([pace(Some(7), false), pace(Some(7), true)], [Pace::steady(7); 2]);
    }
}
