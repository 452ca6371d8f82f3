//! Acting on people now: cutting off and putting back (`offboard`, `restore`), confining and letting back (`quarantine`,
//! `release`), and taking on (`onboard`).

mod caveat;
mod interval;
mod offboard;
mod onboard;
mod person;
mod quarantine;
mod release;
mod restore;
mod undo_file;
mod watch;

pub(crate) use offboard::{Arguments as OffboardArguments, run as offboard};
pub(crate) use onboard::{Arguments as OnboardArguments, run as onboard};
pub(crate) use quarantine::{
    Arguments as QuarantineArguments, all as quarantines, run as quarantine, shown as quarantine_shown,
};
pub(crate) use release::{Arguments as ReleaseArguments, run as release};
pub(crate) use restore::{Arguments as RestoreArguments, run as restore};

use std::time::Duration;

/// Waits between two tries: as long as the vendor asks, within reason, and otherwise twice as long each time.
async fn pause(number: u32, asked_ms: Option<u32>) {
    let own = FIRST_PAUSE.saturating_mul(1 << number.saturating_sub(1).min(5));
    let asked = asked_ms.map(|asked| Duration::from_millis(asked.into()).min(LONGEST_PAUSE));
    tokio::time::sleep(asked.unwrap_or(own)).await;
}

const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
