//! `--watch`: looking again whether somebody is still confined. Who is not is confined again, or told of.

use std::time::Instant;

use portcullis_directory::User;
use portcullis_reconcile::act::{GroupName, Quarantine, is_in, look};
use serde::Serialize;

use super::person::{Person, Verdict};
use super::{Case, Request, document};
use crate::accounts::{self, instant};
use crate::act::person::print_last;
use crate::act::watch::{Looks, Terms};
use crate::consent::Consent;
use crate::exit::Exit;
use crate::naming::Target as _;
use crate::output::Format;
use crate::screen::Screen;

/// What was seen.
#[derive(Debug, Default, Serialize)]
pub(super) struct Summary {
    #[serde(flatten)]
    looks: Looks,
    /// Whether the quarantine was ended by somebody meanwhile.
    is_released: bool,
    /// What was back.
    returned: Vec<Returned>,
}

/// Somebody who was back.
#[derive(Debug, Serialize)]
struct Returned {
    at: String,
    id: String,
    /// Whether it is another record than the one that was confined.
    is_new_record: bool,
    /// Groups that the user is in and should not be.
    groups: Vec<GroupName>,
    /// Whether the user was confined again, and that was read; absent where it was not tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    is_confined_again: Option<bool>,
}

impl Summary {
    /// Somebody who is back and was not confined again is the alarm.
    pub(super) fn exit(&self) -> Exit {
        self.looks.exit(self.returned.iter().any(|returned| returned.is_confined_again != Some(true)))
    }
}

/// Watches until the time is over, the quarantine is, or somebody presses Ctrl-C.
pub(super) async fn run(
    case: &Case<'_>,
    terms: Terms,
    who: &User,
    people: &mut Vec<Person>,
    format: Format,
    screen: &mut Screen<'_>,
) -> anyhow::Result<Summary> {
    let mut summary = Summary::default();
    let end = Instant::now() + terms.length;
    screen.say("note", format!("watching for {} s; Ctrl-C ends it", terms.length.as_secs()))?;
    while terms.wait(end, screen).await? {
        let Some(document) = case.store.quarantines(case.endpoint).await?.remove(&who.id) else {
            summary.is_released = true;
            screen.say("note", "the quarantine was ended by somebody else, and so the watch is")?;
            return Ok(summary);
        };
        let quarantine = document::parse(&document)?;
        let found = match returned(case, &quarantine, who, &mut summary.looks).await {
            Ok(found) => found,
            Err(error) => {
                summary.looks.failed("confined", &error, screen)?;
                continue;
            }
        };
        summary.looks.answered += 1;
        summary.looks.is_current = true;
        for (user, groups) in found {
            let at = instant::shown(accounts::now());
            screen.say("warning", format!("BACK at {at}: the user {}", user.label()))?;
            let is_new_record = user.id != who.id;
            let returned = Returned { at, id: user.id.clone(), is_new_record, groups, is_confined_again: None };
            summary.returned.push(returned);
            if terms.alarm_only {
                screen.say("error", "somebody is back; nothing was done about it")?;
                return Ok(summary);
            }
            let request = Request {
                group: Some(quarantine.group.clone()),
                keep: Some(quarantine.keep.clone()).filter(|keep| !keep.is_empty()),
                cause: quarantine.cause.clone(),
            };
            // A quarantine that was ended in this moment is not begun again.
            let consent = is_new_record.then_some(Consent::Needless);
            match case.person(&user.id, &request, consent, screen).await {
                Ok(Some(person)) => {
                    if let Some(returned) = summary.returned.last_mut() {
                        returned.is_confined_again = Some(person.result == Verdict::Confined);
                    }
                    people.push(person);
                    print_last(people, format, screen, Person::print)?;
                }
                Ok(None) => drop(summary.returned.pop()),
                Err(error) => screen.say("warning", format!("they are NOT confined again: {error:#}"))?,
            }
        }
    }
    Ok(summary)
}

/// Who is out of the restricted group, or in a group that is neither it nor kept.
async fn returned(
    case: &Case<'_>,
    quarantine: &Quarantine,
    who: &User,
    looks: &mut Looks,
) -> Result<Vec<(User, Vec<GroupName>)>, portcullis_directory::Error> {
    let sighting = look(case.directory, &who.id, who.username.as_deref()).await?;
    let mut returned = Vec::new();
    for user in looks.seen(sighting) {
        let groups: Vec<_> = user.groups.iter().map(GroupName::from).collect();
        let forbidden = quarantine.to_leave(&groups);
        let is_confined =
            groups.contains(&quarantine.group) || is_in(case.directory, &user.id, &quarantine.group.id).await?;
        if !forbidden.is_empty() || !is_confined {
            returned.push((user, forbidden));
        }
    }
    Ok(returned)
}
