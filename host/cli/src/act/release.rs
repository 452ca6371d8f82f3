//! `release`: the end of a quarantine. Exactly the groups of before are given back, and only once that is seen the
//! restricted one is taken away.

use std::io::Write as _;

use clap::Args;
use portcullis_directory::{Directory as _, Error, ErrorKind, ReadOptions, User};
use portcullis_reconcile::act::{GroupName, Manner, MembershipChange, Outcome, Quarantine, Release, release};
use portcullis_runtime::AccountDirectory;
use portcullis_store::{QuarantineRecord, Store};
use serde::Serialize;

use super::caveat::{self, ADMITTED, Caveat};
use super::person::{self, Who};
use super::{pause, quarantine};
use crate::account::AccountArguments;
use crate::auditing::Recorded;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::finding::is_same;
use crate::listing::OutputArguments;
use crate::naming::{self, Argument, Target as _};
use crate::output::{self, Format};
use crate::rehearsal::Rehearsal;
use crate::screen::{Screen, plain};

/// Ends a quarantine: gives exactly the groups of before back, and takes the restricted one away. Groups that somebody else
/// put the user into since are left as they are, and named.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The user's id, username or name; `id:`, `username:`, `name:`, `external-id:` or `email:` in front says which
    #[arg(value_name = "USER")]
    user: Argument,
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
    /// Whether the quarantine is over, and that was read.
    is_over: bool,
    user: Who,
    /// The quarantine as it was written down.
    quarantine: Quarantine,
    #[serde(flatten)]
    release: Release,
    /// Groups that somebody else put the user into since.
    added_since: Vec<Newcomer>,
    not_done: Vec<String>,
    not_proven: &'static [Caveat],
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Error>,
}

/// A group that somebody else put the user into since.
#[derive(Debug, Serialize)]
struct Newcomer {
    group: GroupName,
    /// Whether the user's record shows it now; absent where it was not read.
    #[serde(skip_serializing_if = "Option::is_none")]
    is_in: Option<bool>,
}

/// Does it.
pub(crate) async fn run(arguments: Arguments, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let (store, _) = arguments.account.store().await?;
    let link = arguments.account.link().await?;
    let directory = link.directory.map(AccountDirectory::urgent);
    screen.pace = Some(directory.inner().pace());
    let rehearsal = Rehearsal::new(&directory, arguments.dry_run);
    let case = Case { directory: rehearsal.directory(), store: &store, endpoint: &link.endpoint };
    let id = case.who(&arguments.user, screen).await?;
    let done = case.release(&id, arguments.dry_run).await;
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

struct Case<'a> {
    directory: &'a Recorded,
    store: &'a Store,
    endpoint: &'a str,
}

impl Case<'_> {
    /// The id of who is meant: of a user that is there, or of one that was when the quarantine began.
    async fn who(&self, argument: &Argument, screen: &mut Screen<'_>) -> anyhow::Result<String> {
        if let Some(user) = naming::resolve::<_, User>(argument, self.directory, screen).await? {
            return Ok(user.id);
        }
        let is_meant = |known: &Quarantine| {
            let username = known.username.as_deref();
            known.user == argument.value() || username.is_some_and(|known| is_same(known, argument.value()))
        };
        let known = quarantine::all(self.store, self.endpoint).await?;
        let mut meant = known.into_values().filter(is_meant);
        match (meant.next(), meant.next()) {
            (Some(known), None) => Ok(known.user),
            _ => Err(naming::missing::<User>(argument).into()),
        }
    }

    async fn release(&self, id: &str, is_rehearsed: bool) -> anyhow::Result<Report> {
        let (record, document) = if is_rehearsed {
            (None, self.store.quarantines(self.endpoint).await?.remove(id))
        } else {
            let record = self.store.hold_quarantine(self.endpoint, id)?;
            let document = record.document().await?;
            (Some(record), document)
        };
        let Some(document) = document else {
            let message = format!("the user `{id}` is in no quarantine that is kept here");
            let hint = "`portcullis quarantine list` tells who is; nothing was written";
            return Err(Failure::new(Exit::NotFound, message, hint).into());
        };
        let mut known = quarantine::parse(&document)?;
        let user = match self.directory.get_user(id, ReadOptions::default()).await {
            Err(error) if error.kind == ErrorKind::NotFound => return Err(self.gone(record, &known).await?.into()),
            read => read?,
        };
        known.note(&user.groups.iter().map(GroupName::from).collect::<Vec<_>>());
        if let Some(record) = &record {
            quarantine::write(record, &known).await?;
        }
        let manner = if is_rehearsed { Manner::REHEARSED } else { Manner::PROVEN };
        let release = release(self.directory, &known, manner, &pause).await;
        let now = if is_rehearsed { None } else { self.directory.get_user(id, ReadOptions::default()).await.ok() };
        if let Some(record) = record
            && release.is_complete()
        {
            record.end().await?;
        }
        Ok(Report::new(&user, known, release, now.as_ref()))
    }

    /// A record that was deleted does not come back, and whoever is made anew is somebody else: there is nobody left to
    /// release.
    async fn gone(&self, record: Option<QuarantineRecord>, known: &Quarantine) -> anyhow::Result<Failure> {
        // Behind a wrong endpoint nobody is there either.
        User::total(self.directory).await?;
        let name = known.username.as_ref().unwrap_or(&known.user);
        let (message, hint) = (
            format!("the user `{name}` is gone, and what was deleted cannot be let back; nothing was written"),
            format!("the groups were: {}", names(&known.taken)),
        );
        match record {
            Some(record) => {
                record.end().await?;
                Ok(Failure::new(Exit::NotFound, message, format!("{hint}. The quarantine is forgotten")))
            }
            None => Ok(Failure::new(Exit::NotFound, message, hint)),
        }
    }
}

impl Report {
    fn new(user: &User, known: Quarantine, release: Release, now: Option<&User>) -> Report {
        let is_over = release.is_complete();
        let reason = |error: Option<&Error>| error.map(|error| format!(": {error}")).unwrap_or_default();
        let mut not_done = Vec::new();
        for change in &release.restored {
            match change.outcome {
                Outcome::GroupGone => {
                    not_done.push(format!("the group `{}` is gone and cannot be given back", change.group));
                }
                _ if change.is_settled() => {}
                _ => {
                    let what = format!("the user is not known to be in the group `{}`", change.group);
                    not_done.push(format!("{what}{}", reason(change.error.as_ref())));
                }
            }
        }
        // Somebody else's loss is told even of a change that was done.
        let all = || release.restored.iter().chain(&release.left);
        for change in all().filter(|change| change.is_settled() && change.error.is_some()) {
            not_done.push(format!("look at the group `{}`{}", change.group, reason(change.error.as_ref())));
        }
        if release.is_stranded {
            let what = "every group of before is gone, so the user is left in the restricted one: put them into \
                        another, and release them again";
            not_done.push(what.to_owned());
        } else if !is_over {
            let error = release.left.as_ref().and_then(|change| change.error.as_ref());
            not_done.push(format!("the user stays in the group `{}`{}", known.group, reason(error)));
        }
        let is_in = |group: &GroupName| now.map(|user| user.groups.iter().any(|known| known.id == group.id));
        let newcomer = |group: &GroupName| Newcomer { group: group.clone(), is_in: is_in(group) };
        Report {
            action: "release",
            is_over,
            user: Who::from(user),
            added_since: known.appeared.iter().map(newcomer).collect(),
            not_done,
            not_proven: &ADMITTED,
            error: all().find_map(|change| change.error.clone()),
            quarantine: known,
            release,
        }
    }

    fn exit(&self) -> Exit {
        let is_back = self.release.restored.iter().any(MembershipChange::is_settled);
        match &self.error {
            _ if self.not_done.is_empty() => Exit::Success,
            Some(error) if !is_back && !self.is_over => error.kind.into(),
            _ => Exit::Other,
        }
    }

    fn print(&self, screen: &mut Screen<'_>) -> anyhow::Result<()> {
        let word = if self.is_over { "RELEASED" } else { "NOT RELEASED" };
        output::print_heading(&format!("{word}: {}", plain(&self.user.label())), screen)?;
        let back: Vec<_> = self.release.restored.iter().filter(|change| change.is_settled()).collect();
        let groups: Vec<_> = back.iter().map(|change| change.group.clone()).collect();
        let count = format!("{} of {} of before", back.len(), self.release.restored.len());
        let seen = |changes: &[&MembershipChange]| person::seen(changes.iter().copied());
        writeln!(screen.out(), "  groups    {count}: {}; {}", plain(&names(&groups)), seen(&back))?;
        if let Some(left) = self.release.left.as_ref().filter(|left| left.is_out()) {
            writeln!(screen.out(), "  left      {}; {}", plain(&left.group.to_string()), seen(&[left]))?;
        } else if self.release.was_member {
            writeln!(screen.out(), "  stays in  {}, as before", plain(&self.quarantine.group.to_string()))?;
        }
        for Newcomer { group, is_in } in &self.added_since {
            let now = match is_in {
                Some(true) => "the user is in it",
                Some(false) => "it was taken away, and is not given back",
                None => "whether the user is in it is not known",
            };
            writeln!(screen.out(), "  since     {}: put there by somebody else; {now}", plain(&group.to_string()))?;
        }
        for what in &self.not_done {
            writeln!(screen.out(), "  NOT DONE  {}", plain(what))?;
        }
        caveat::print(&ADMITTED, screen)
    }
}

fn names(groups: &[GroupName]) -> String {
    if groups.is_empty() {
        return "none".to_owned();
    }
    groups.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
