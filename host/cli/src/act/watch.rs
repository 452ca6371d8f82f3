//! `--watch`: looking again whether people are still cut off. Who is back is cut off again, or told of.

use std::time::{Duration, Instant};

use portcullis_directory::{Directory as _, Error, ReadOptions, User};
use portcullis_reconcile::act::{NameSearch, Sighting, State, look, state};
use serde::Serialize;

use super::offboard::Case;
use super::person::{Person, Verdict, print_last};
use crate::accounts::{self, instant};
use crate::exit::Exit;
use crate::naming::Target as _;
use crate::output::Format;
use crate::screen::Screen;

/// How long and how often, and what then.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    pub(super) length: Duration,
    pub(super) every: Duration,
    pub(super) alarm_only: bool,
}

impl Terms {
    /// Waits for the next look. False where there is none: the time is over, or somebody pressed Ctrl-C.
    pub(super) async fn wait(self, end: Instant, screen: &mut Screen<'_>) -> anyhow::Result<bool> {
        let wait = self.every.min(end.saturating_duration_since(Instant::now()));
        if wait.is_zero() {
            return Ok(false);
        }
        tokio::select! {
            () = tokio::time::sleep(wait) => Ok(true),
            _ = tokio::signal::ctrl_c() => {
                screen.say("note", "the watch was ended")?;
                Ok(false)
            }
        }
    }
}

/// The looks of a watch.
#[derive(Debug, Serialize)]
pub(super) struct Looks {
    /// Looks that were answered.
    #[serde(rename = "looks")]
    pub(super) answered: u64,
    /// Looks that were not.
    #[serde(rename = "failed_looks")]
    failed: u64,
    /// Whether the last look at everybody was answered. Where not, it is not known how they are now.
    pub(super) is_current: bool,
    /// Whether somebody new under the same username would have been seen.
    searches_by_username: bool,
}

impl Default for Looks {
    fn default() -> Looks {
        Looks { answered: 0, failed: 0, is_current: true, searches_by_username: true }
    }
}

impl Looks {
    /// Everybody who was seen: the one who is watched, and whoever has the same username.
    pub(super) fn seen(&mut self, Sighting { by_id, by_name }: Sighting) -> Vec<User> {
        let mut seen: Vec<User> = by_id.into_iter().collect();
        match by_name {
            NameSearch::Found(others) => seen.extend(others),
            NameSearch::Impossible => self.searches_by_username = false,
        }
        seen
    }

    /// Nothing was seen; `how` is what somebody was to be.
    pub(super) fn failed(&mut self, how: &str, error: &Error, screen: &mut Screen<'_>) -> anyhow::Result<()> {
        self.failed += 1;
        self.is_current = false;
        screen.say("warning", format!("it is NOT KNOWN whether they are still {how}: {error}"))
    }

    /// Somebody who is back and was not dealt with is the alarm.
    pub(super) fn exit(&self, is_alarm: bool) -> Exit {
        match (is_alarm, self.is_current) {
            (true, _) => Exit::Other,
            (false, false) => Exit::Unavailable,
            (false, true) => Exit::Success,
        }
    }
}

/// What was seen.
#[derive(Debug, Default, Serialize)]
pub(super) struct Summary {
    #[serde(flatten)]
    looks: Looks,
    /// Who was back.
    returned: Vec<Returned>,
}

/// Somebody who was back.
#[derive(Debug, Serialize)]
struct Returned {
    at: String,
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    /// Whether it is another record than the one that was cut off.
    is_new_record: bool,
    is_active: bool,
    /// Names of the groups that the user is in again.
    groups: Vec<String>,
    /// Whether the user was cut off again, and that was read; absent where it was not tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    is_cut_off_again: Option<bool>,
}

impl Summary {
    /// Somebody who is back and was not cut off again is the alarm.
    pub(super) fn exit(&self) -> Exit {
        self.looks.exit(self.returned.iter().any(|returned| returned.is_cut_off_again != Some(true)))
    }
}

/// Watches those who were told apart, until the time is over or somebody presses Ctrl-C.
pub(super) async fn run(
    case: &Case<'_>,
    terms: Terms,
    people: &mut Vec<Person>,
    format: Format,
    screen: &mut Screen<'_>,
) -> anyhow::Result<Summary> {
    let mut summary = Summary::default();
    let end = Instant::now() + terms.length;
    let watched: Vec<_> = people.iter().filter_map(|person| person.user.clone()).collect();
    if watched.is_empty() {
        return Ok(summary);
    }
    screen.say("note", format!("watching for {} s; Ctrl-C ends it", terms.length.as_secs()))?;
    while terms.wait(end, screen).await? {
        summary.looks.is_current = true;
        for who in &watched {
            let sighting = match look(case.directory, &who.id, who.username.as_deref()).await {
                Ok(sighting) => sighting,
                Err(error) => {
                    summary.looks.failed("cut off", &error, screen)?;
                    continue;
                }
            };
            summary.looks.answered += 1;
            for user in summary.looks.seen(sighting).into_iter().filter(is_back) {
                let mut returned = Returned::new(&user, user.id != who.id);
                screen.say("warning", format!("BACK at {}: the user {}", returned.at, user.label()))?;
                if terms.alarm_only {
                    summary.returned.push(returned);
                    screen.say("error", "somebody is back; nothing was done about it")?;
                    return Ok(summary);
                }
                let options = ReadOptions { remote_data: true };
                let read = case.directory.get_user(&user.id, options).await.unwrap_or(user);
                let person = case.person(&who.id, read).await?;
                returned.is_cut_off_again = Some(person.result == Verdict::CutOff);
                people.push(person);
                print_last(people, format, screen, Person::print)?;
                summary.returned.push(returned);
            }
        }
    }
    Ok(summary)
}

/// Whether a record gives access again, or may.
fn is_back(user: &User) -> bool {
    !matches!(state(user), State::Inactive | State::Gone) || !user.groups.is_empty()
}

impl Returned {
    fn new(user: &User, is_new_record: bool) -> Returned {
        let name =
            |group: &portcullis_directory::GroupReference| group.name.clone().unwrap_or_else(|| group.id.clone());
        Returned {
            at: instant::shown(accounts::now()),
            id: user.id.clone(),
            username: user.username.clone(),
            is_new_record,
            is_active: !matches!(state(user), State::Inactive | State::Gone),
            groups: user.groups.iter().map(name).collect(),
            is_cut_off_again: None,
        }
    }
}
