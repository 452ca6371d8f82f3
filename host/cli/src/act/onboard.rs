//! `onboard`: somebody new, whole, by one command that may be repeated: the record made or adopted, its fields, then its
//! groups, each read back. Nobody else's record is changed.

use std::collections::BTreeMap;
use std::io::Write as _;

use clap::Args;
use portcullis_directory::{Change, Directory, Error, ErrorKind, Group, ReadOptions, User, Value};
use portcullis_reconcile::act::{
    Claim, GroupName, Manner, MembershipChange, Origin, Settlement, State, add_to_groups, claim, create, settle, state,
};
use serde::Serialize;

use super::caveat::{self, ADMITTED, Caveat};
use super::person::{self, Who};
use super::{pause, quarantine};
use crate::account::AccountArguments;
use crate::auditing::Recorded;
use crate::change::{Changes, Form};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::listing::OutputArguments;
use crate::naming::{self, Argument, Target as _};
use crate::output::{self, Format};
use crate::rehearsal::Rehearsal;
use crate::screen::{Screen, plain};
use crate::user::UserFields;
use crate::writing::WriteError;

/// Takes somebody on: makes the user, or adopts the one that has the username and no other external id, then sets fields
/// and adds groups, and proves each by reading. May be repeated. Other fields and groups are left alone.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    fields: Box<UserFields>,
    /// A group to add the user to, by id or name; can be repeated
    #[arg(long = "group", value_name = "GROUP")]
    groups: Vec<Argument>,
    /// Show the requests that would be sent, and send none of them. What has to be read for that is read
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    output: OutputArguments,
    #[command(flatten)]
    account: AccountArguments,
}

#[derive(Debug, Serialize)]
struct Report {
    action: &'static str,
    /// Whether everything was read to be as it was asked for.
    is_proven: bool,
    origin: Origin,
    user: Who,
    /// What the record says, read by its id.
    state: State,
    /// Fields that were written to a record that was there.
    written: Vec<String>,
    memberships: Vec<MembershipChange>,
    not_done: Vec<String>,
    not_proven: &'static [Caveat],
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Error>,
}

/// Does it.
pub(crate) async fn run(arguments: Arguments, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let link = arguments.account.link().await?;
    screen.pace = Some(link.directory.inner().pace());
    let rehearsal = Rehearsal::new(&link.directory, arguments.dry_run);
    let description = rehearsal.directory().describe().await?;
    let mut changes = Changes::new(Form::new("user", &description.fields));
    arguments.fields.gather(&mut changes, true)?;
    let wanted = Wanted::new(changes.into_changes())?;
    let confined = match arguments.account.known_store().await? {
        Some(store) => quarantine::all(&store, &link.endpoint).await?,
        None => BTreeMap::new(),
    };
    let case = Case {
        directory: rehearsal.directory(),
        manner: if arguments.dry_run { Manner::REHEARSED } else { Manner::PROVEN },
        wanted: &wanted,
    };
    let done = case.onboard(&arguments.groups, |user| confined.get(user).map(quarantine::shown), screen).await;
    rehearsal.conclude_with(done, arguments.output.output, screen, |report, screen| {
        match arguments.output.format(screen) {
            Format::Table => report.print(screen)?,
            Format::Json => output::print_document(&report, screen)?,
            Format::Ndjson | Format::Csv => output::print_line(&report, screen)?,
        }
        screen.flush()?;
        Ok(report.exit())
    })
}

/// Who somebody is to be.
struct Wanted {
    changes: Vec<Change>,
    username: String,
    external_id: Option<String>,
    /// Whether a user that is switched off is to be switched on.
    is_activated: bool,
}

impl Wanted {
    fn new(changes: Vec<Change>) -> Result<Wanted, Failure> {
        let text = |field: &str| {
            changes.iter().find_map(|change| match &change.value {
                Some(Value::Text(text)) if change.field == field => Some(text.clone()),
                _ => None,
            })
        };
        let Some(username) = text("username") else {
            let hint = "`--username`, `--set username=…` or `--file` gives it";
            return Err(Failure::usage("a user needs a username", hint));
        };
        let status = text("status");
        if status.as_deref().is_some_and(|status| status != "active") {
            let hint = "`portcullis offboard` and `users deactivate` switch somebody off";
            return Err(Failure::usage("nobody is taken on switched off", hint));
        }
        Ok(Wanted { username, external_id: text("external_id"), is_activated: status.is_some(), changes })
    }
}

struct Case<'a> {
    directory: &'a Recorded,
    manner: Manner,
    wanted: &'a Wanted,
}

impl Case<'_> {
    async fn onboard(
        &self,
        groups: &[Argument],
        quarantine: impl Fn(&str) -> Option<String>,
        screen: &mut Screen<'_>,
    ) -> anyhow::Result<Report> {
        let mut found: Vec<GroupName> = Vec::with_capacity(groups.len());
        for group in naming::all::<_, Group>(groups, self.directory, screen).await? {
            let group = GroupName::from(&group);
            if !found.contains(&group) {
                found.push(group);
            }
        }
        let known = self.known(screen).await?;
        if let Some(why) = known.as_ref().and_then(|user| quarantine(&user.id)) {
            return Err(refused(known.as_ref(), &format!("is in quarantine {why}"), "`portcullis release` ends it"));
        }
        let (user, origin) = match known {
            Some(user) => (user, Origin::Adopted),
            None => self.make().await?,
        };
        let settlement = if origin == Origin::Created && !self.manner.verifies {
            // In a rehearsal there is no record to look at.
            Settlement { user, written: Vec::new(), open: Vec::new(), error: None }
        } else {
            settle(self.directory, user, &self.wanted.changes, self.manner, &pause).await
        };
        let is_ready = settlement.open.is_empty() && !is_off(&settlement.user);
        let memberships = if is_ready {
            add_to_groups(self.directory, &settlement.user.id, &found, self.manner, &pause).await
        } else {
            Vec::new()
        };
        Ok(Report::new(settlement, origin, memberships, found.len()))
    }

    /// The record that is theirs, read by its id; `None` where one is to be made.
    async fn known(&self, screen: &mut Screen<'_>) -> anyhow::Result<Option<User>> {
        let Wanted { username, external_id, is_activated, .. } = self.wanted;
        let by_username: Option<User> = self.find("username", username, screen).await?;
        let is_confirmed = by_username.as_ref().is_some_and(|user| user.external_id.is_some());
        if let Some(external_id) = external_id
            && !is_confirmed
            && let Some(other) = self.find("external-id", external_id, screen).await?
            && by_username.as_ref().is_none_or(|user| user.id != other.id)
        {
            let hint = "`users update --allow-rename` renames a user; `--external-id` is left out where it is wrong";
            return Err(refused(Some(&other), &format!("has the external id `{external_id}`"), hint));
        }
        let Some(found) = by_username else { return Ok(None) };
        let user = self.directory.get_user(&found.id, ReadOptions::default()).await?;
        match claim(&user, username, external_id.as_deref()) {
            Claim::Theirs => {}
            Claim::OtherExternalId => {
                let known = user.external_id.as_deref().unwrap_or_default();
                let what =
                    format!("has the username `{username}`, and the external id `{known}`: it is somebody else's");
                return Err(refused(Some(&user), &what, "look at both, and mend the one that is wrong"));
            }
            Claim::OtherUsername => {
                let what = format!("was found by the username `{username}`, and has another");
                return Err(refused(Some(&user), &what, "somebody is changing it; repeat it in a moment"));
            }
        }
        if is_off(&user) && !is_activated {
            let hint = "where that is over, `--set status=active` switches it on";
            return Err(refused(Some(&user), "is switched off", hint));
        }
        Ok(Some(user))
    }

    async fn find(&self, way: &str, value: &str, screen: &mut Screen<'_>) -> anyhow::Result<Option<User>> {
        let argument: Argument = format!("{way}:{value}").parse().map_err(anyhow::Error::msg)?;
        naming::resolve(&argument, self.directory, screen).await
    }

    /// A record that is new, read by its id.
    async fn make(&self) -> anyhow::Result<(User, Origin)> {
        let lookup = ["users", "find", "--username", &self.wanted.username];
        let failed = |error| WriteError::once(error, &lookup);
        let (made, origin) = create(self.directory, &self.wanted.changes, self.manner, &pause).await.map_err(failed)?;
        if !self.manner.verifies {
            return Ok((made, origin));
        }
        let mut number = 1;
        loop {
            match self.directory.get_user(&made.id, ReadOptions::default()).await {
                // Some vendors show a write late.
                Err(error) if error.kind == ErrorKind::NotFound && number < self.manner.tries => {
                    pause(number, None).await;
                    number += 1;
                }
                // One that was there after all is looked at like any other.
                Ok(user) if origin == Origin::Adopted && is_off(&user) && !self.wanted.is_activated => {
                    return Err(refused(Some(&user), "is switched off", "`--set status=active` switches it on"));
                }
                Ok(user) => return Ok((user, origin)),
                Err(error) => {
                    return Err(failed(error.with_effect(portcullis_directory::Effect::Applied)).into());
                }
            }
        }
    }
}

fn is_off(user: &User) -> bool {
    matches!(state(user), State::Inactive | State::Gone)
}

fn refused(user: Option<&User>, what: &str, hint: &str) -> anyhow::Error {
    let label = user.map(User::label).unwrap_or_default();
    let message = format!("the user {label} {what}; nothing was written");
    Failure::new(Exit::Refused, message, hint).into()
}

impl Report {
    fn new(settlement: Settlement, origin: Origin, memberships: Vec<MembershipChange>, groups: usize) -> Report {
        let Settlement { user, written, open, error } = settlement;
        let reason = |error: Option<&Error>| error.map(|error| format!(": {error}")).unwrap_or_default();
        let mut not_done = Vec::new();
        if !open.is_empty() {
            let what = format!("the record is not as it was asked for, in {}", open.join(", "));
            not_done.push(format!("{what}{}", reason(error.as_ref())));
        }
        if is_off(&user) {
            not_done.push("the user is switched off; `users activate` switches it on".to_owned());
        }
        if memberships.is_empty() && groups > 0 {
            not_done.push(format!("none of {groups} groups was tried"));
        }
        for change in memberships.iter().filter(|change| !change.is_settled()) {
            let what = format!("the user is not known to be in the group `{}`", change.group);
            not_done.push(format!("{what}{}", reason(change.error.as_ref())));
        }
        // Somebody else's loss is told even of a change that was done.
        for change in memberships.iter().filter(|change| change.is_settled() && change.error.is_some()) {
            not_done.push(format!("look at the group `{}`{}", change.group, reason(change.error.as_ref())));
        }
        Report {
            action: "onboard",
            is_proven: not_done.is_empty(),
            origin,
            state: state(&user),
            user: Who::from(&user),
            written,
            not_done,
            not_proven: &ADMITTED,
            error: error.or_else(|| memberships.iter().find_map(|change| change.error.clone())),
            memberships,
        }
    }

    fn exit(&self) -> Exit {
        match &self.error {
            _ if self.is_proven => Exit::Success,
            Some(error) if self.memberships.is_empty() => error.kind.into(),
            _ => Exit::Other,
        }
    }

    fn print(&self, screen: &mut Screen<'_>) -> anyhow::Result<()> {
        let word = if self.is_proven { "ONBOARDED" } else { "NOT ONBOARDED" };
        output::print_heading(&format!("{word}: {}", plain(&self.user.label())), screen)?;
        let record = match (self.origin, self.written.is_empty()) {
            (Origin::Created, true) => "made, and read by its id".to_owned(),
            (Origin::Adopted, true) => "there already, and read by its id".to_owned(),
            (Origin::Created, false) => format!("made; written once more: {}", self.written.join(", ")),
            (Origin::Adopted, false) => format!("there already; written: {}", self.written.join(", ")),
        };
        writeln!(screen.out(), "  record    {record}")?;
        let settled: Vec<_> = self.memberships.iter().filter(|change| change.is_settled()).collect();
        let names: Vec<_> = settled.iter().map(|change| change.group.to_string()).collect();
        if !settled.is_empty() {
            let (of, seen) = (self.memberships.len(), person::seen(settled.iter().copied()));
            writeln!(screen.out(), "  groups    in {} of {of}: {}; {seen}", settled.len(), plain(&names.join(", ")))?;
        }
        for what in &self.not_done {
            writeln!(screen.out(), "  NOT DONE  {}", plain(what))?;
        }
        caveat::print(&ADMITTED, screen)
    }
}
