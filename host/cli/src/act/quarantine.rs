//! `quarantine`: into a restricted group and out of all others, in a way that `release` takes back. Read, write down what
//! was before, confine, and prove it.

mod document;
mod list;
mod person;
mod watch;

use std::time::{Duration, Instant};

use clap::{Args, Subcommand};
use portcullis_directory::{Directory, Group, ReadOptions, User, text};
use portcullis_reconcile::act::{
    Cause, Confinement, GroupName, Manner, Quarantine, confine, remove_from_groups, sweep,
};
use portcullis_runtime::AccountDirectory;
use portcullis_store::{QuarantineRecord, Store};
use serde::Serialize;

use self::person::Person;
use super::caveat::{self, CONFINED, Caveat};
use super::interval::interval;
use super::pause;
use super::person::print_last;
use super::watch::Terms;
use crate::account::AccountArguments;
use crate::accounts::{self, instant};
use crate::auditing::Recorded;
use crate::consent::{Consent, ConsentArguments};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::listing::OutputArguments;
use crate::naming::{self, Argument, Target as _};
use crate::output::{self, Format};
use crate::program;
use crate::rehearsal::Rehearsal;
use crate::screen::Screen;

pub(crate) use document::{all, shown};
pub(super) use document::{parse, write};

/// Confines somebody to one restricted group: into that group first, then out of all others. Ahead of everything else that
/// is asked of the account. `release` gives exactly the groups of before back. Asks first.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Arguments {
    /// The user's id, username or name; `id:`, `username:`, `name:`, `external-id:` or `email:` in front says which
    #[arg(value_name = "USER", required = true)]
    user: Option<Argument>,
    /// The restricted group, by id or name. Access rules decide what it may reach
    #[arg(long, value_name = "GROUP", env = "PORTCULLIS_QUARANTINE_GROUP", hide_env_values = true)]
    group: Option<Argument>,
    /// A group that the user may stay in; can be repeated
    #[arg(long, value_name = "GROUP")]
    keep: Vec<Argument>,
    /// Why, for whoever reads `quarantine list`
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Look into the record of every group first: the user's own record may not show all
    #[arg(long)]
    every_group: bool,
    /// Look again for so long whether the user is still confined, and confine again where not
    #[arg(long, value_name = "TIME", value_parser = interval)]
    watch: Option<Duration>,
    /// How often to look
    #[arg(long, value_name = "TIME", value_parser = interval, default_value = "60s", requires = "watch")]
    every: Duration,
    /// Only say so where the user is back, and end at once
    #[arg(long, requires = "watch")]
    alarm_only: bool,
    /// Show the requests that would be sent, and send none of them. What has to be read for that is read
    #[arg(long, conflicts_with = "watch")]
    dry_run: bool,
    #[command(flatten)]
    consent: ConsentArguments,
    #[command(flatten)]
    output: OutputArguments,
    #[command(flatten)]
    account: AccountArguments,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List who is in quarantine, since when, by whom and why
    List(list::Arguments),
}

/// What is asked for, in groups that are there.
struct Request {
    /// The restricted group, where one is named.
    group: Option<GroupName>,
    /// The groups that are kept, where any are named.
    keep: Option<Vec<GroupName>>,
    cause: Cause,
}

/// What one run of it is about.
struct Case<'a> {
    directory: &'a Recorded,
    store: &'a Store,
    endpoint: &'a str,
    every_group: bool,
    manner: Manner,
    start: Instant,
}

/// What came of all of it.
#[derive(Debug, Serialize)]
struct Report<'a> {
    action: &'static str,
    endpoint: &'a str,
    started_at: String,
    finished_at: String,
    people: &'a [Person],
    not_proven: &'static [Caveat],
    #[serde(skip_serializing_if = "Option::is_none")]
    watch: Option<watch::Summary>,
}

/// Does it.
pub(crate) async fn run(arguments: Arguments, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    if let Some(Command::List(list)) = arguments.command {
        return list::run(list, &arguments.account, screen).await;
    }
    let (start, started_at) = (Instant::now(), instant::shown(accounts::now()));
    let Some(user) = &arguments.user else {
        return Err(Failure::usage("no user is named", "`portcullis quarantine --help` tells what it takes").into());
    };
    let consent = arguments.consent.consent(arguments.dry_run, "putting somebody into quarantine", screen)?;
    let (store, _) = arguments.account.store().await?;
    let link = arguments.account.link().await?;
    let directory = link.directory.map(AccountDirectory::urgent);
    screen.pace = Some(directory.inner().pace());
    let rehearsal = Rehearsal::new(&directory, arguments.dry_run);
    let case = Case {
        directory: rehearsal.directory(),
        store: &store,
        endpoint: &link.endpoint,
        every_group: arguments.every_group,
        manner: if arguments.dry_run { Manner::REHEARSED } else { Manner::PROVEN },
        start,
    };
    let request = arguments.request(&started_at, case.directory, screen).await?;
    let found: User = naming::required(user, case.directory, screen).await?;
    let person = case.person(&found.id, &request, Some(consent), screen).await;
    if arguments.dry_run {
        return rehearsal.conclude_with(person, arguments.output.output, screen, |_, _| Ok(Exit::Success));
    }
    let mut people: Vec<_> = person?.into_iter().collect();
    let format = arguments.output.format(screen);
    print_last(&people, format, screen, Person::print)?;
    let summary = match arguments.watch {
        Some(length) => {
            let terms = Terms { length, every: arguments.every, alarm_only: arguments.alarm_only };
            Some(watch::run(&case, terms, &found, &mut people, format, screen).await?)
        }
        None => None,
    };
    let watched = summary.as_ref().map_or(Exit::Success, watch::Summary::exit);
    let report = Report {
        action: "quarantine",
        endpoint: &link.endpoint,
        started_at,
        finished_at: instant::shown(accounts::now()),
        people: &people,
        not_proven: &CONFINED,
        watch: summary,
    };
    match format {
        Format::Json => output::print_document(&report, screen)?,
        Format::Ndjson | Format::Csv => {}
        Format::Table => caveat::print(&CONFINED, screen)?,
    }
    screen.flush()?;
    let worst = people.iter().map(|person| person.exit).find(|exit| *exit != Exit::Success);
    Ok(worst.unwrap_or(watched))
}

impl Arguments {
    async fn request(&self, since: &str, directory: &Recorded, screen: &mut Screen<'_>) -> anyhow::Result<Request> {
        let group = match &self.group {
            Some(argument) => {
                let Some(group) = naming::resolve::<_, Group>(argument, directory, screen).await? else {
                    return Err(no_group(argument).into());
                };
                Some(GroupName::from(&group))
            }
            None => None,
        };
        let mut keep = Vec::with_capacity(self.keep.len());
        for argument in &self.keep {
            keep.push(GroupName::from(&naming::required::<_, Group>(argument, directory, screen).await?));
        }
        let by = self.account.actor().shown();
        let reason = self.reason.as_ref().map(|reason| text::one_line(reason, text::MESSAGE));
        let cause = Cause { since: since.to_owned(), by, reason: reason.filter(|reason| !reason.is_empty()) };
        Ok(Request { group, keep: Some(keep).filter(|keep| !keep.is_empty()), cause })
    }
}

impl Case<'_> {
    /// Confines one person. Without consent to begin, only a quarantine that there is is gone on with; `None` where there
    /// is none.
    async fn person(
        &self,
        id: &str,
        request: &Request,
        consent: Option<Consent>,
        screen: &mut Screen<'_>,
    ) -> anyhow::Result<Option<Person>> {
        // What was before is read only once nobody else can change it under this.
        let (record, document) = if self.manner.verifies {
            let record = self.store.hold_quarantine(self.endpoint, id)?;
            let document = record.document().await?;
            (Some(record), document)
        } else {
            (None, self.store.quarantines(self.endpoint).await?.remove(id))
        };
        let user = self.directory.get_user(id, ReadOptions::default()).await?;
        let mut groups: Vec<_> = user.groups.iter().map(GroupName::from).collect();
        let mut silent = 0;
        if self.every_group && consent.is_some() {
            // Exactly these are given back, so they have to be known before the first write.
            let found = sweep(self.directory, id, &groups, |_, _| {}).await?;
            groups.extend(found.0);
            silent = found.1;
        }
        let mut quarantine = match (document, consent) {
            (None, None) => return Ok(None),
            (Some(document), _) => same(parse(&document)?, request, &user)?,
            (None, Some(_)) => begin(&user, &groups, request)?,
        };
        quarantine.note(&groups);
        if let Some(consent) = consent {
            consent.obtain(&[what(&quarantine, &user)], "Confine them now?", screen)?;
        }
        if let Some(record) = &record {
            write(record, &quarantine).await?;
        }
        let mut confinement = confine(self.directory, &quarantine, self.manner, &pause).await;
        let mut person = Person::new(&user, self.start.elapsed());
        if silent > 0 {
            let what = format!("{silent} groups do not show their members, so nobody looked into them");
            person.not_done.push(what);
        }
        if let Some(record) = record.filter(|_| confinement.is_entered())
            && let Err(error) = self.finish(&record, &mut quarantine, &mut confinement).await
        {
            person.not_done.push(format!("nobody looked, or wrote down, what came meanwhile: {error:#}"));
        }
        Ok(Some(person.conclude(quarantine, confinement)))
    }

    /// Takes the user out of whatever somebody else put them into meanwhile, and writes down that all of it is done.
    async fn finish(
        &self,
        record: &QuarantineRecord,
        quarantine: &mut Quarantine,
        confinement: &mut Confinement,
    ) -> anyhow::Result<()> {
        let shown = self.directory.get_user(&quarantine.user, ReadOptions::default()).await?;
        let known = quarantine.appeared.len();
        if quarantine.note(&shown.groups.iter().map(GroupName::from).collect::<Vec<_>>()) {
            write(record, quarantine).await?;
            let new = quarantine.appeared.get(known..).unwrap_or_default();
            let left = remove_from_groups(self.directory, &quarantine.user, new, self.manner, &pause).await;
            confinement.left.extend(left);
        }
        if confinement.is_complete() && !quarantine.is_complete {
            quarantine.is_complete = true;
            write(record, quarantine).await?;
        }
        Ok(())
    }
}

/// A quarantine that nobody began yet.
fn begin(user: &User, groups: &[GroupName], request: &Request) -> Result<Quarantine, Failure> {
    let Some(group) = &request.group else {
        let hint = "`--group GROUP` or PORTCULLIS_QUARANTINE_GROUP names it; nothing was written";
        return Err(Failure::usage("no restricted group is named", hint));
    };
    let keep = request.keep.clone().unwrap_or_default();
    Ok(Quarantine::new(user, groups, group.clone(), keep, request.cause.clone()))
}

/// A quarantine that there is, where what is asked for does not contradict it.
fn same(quarantine: Quarantine, request: &Request, user: &User) -> anyhow::Result<Quarantine> {
    let refused = |what: String| {
        let message = format!("the user {} is in quarantine already, {what}; nothing was written", user.label());
        let release = program::line(&["release", &format!("id:{}", user.id)]);
        Err(Failure::new(Exit::Refused, message, format!("`{release}` ends that one first")).into())
    };
    if request.group.as_ref().is_some_and(|group| *group != quarantine.group) {
        return refused(format!("in the group `{}`", quarantine.group));
    }
    if let Some(keep) = &request.keep {
        let all_in = |some: &[GroupName], others: &[GroupName]| some.iter().all(|group| others.contains(group));
        let asked: Vec<_> = keep.iter().filter(|group| **group != quarantine.group).cloned().collect();
        if !all_in(&asked, &quarantine.keep) || !all_in(&quarantine.keep, &asked) {
            return refused("with other groups kept".to_owned());
        }
    }
    Ok(quarantine)
}

fn no_group(argument: &Argument) -> Failure {
    let hint = format!(
        "name another, or make it: `{}`. A new group is in no access rule; what it may reach is for its rules to say. \
         Nothing was written",
        program::line(&["groups", "create", "--name", argument.value()])
    );
    naming::missing::<Group>(argument).with_hint(hint)
}

fn what(quarantine: &Quarantine, user: &User) -> String {
    let names: Vec<_> = quarantine.forbidden().iter().map(ToString::to_string).collect();
    let out = if names.is_empty() { "no other".to_owned() } else { names.join(", ") };
    format!("this puts the user {} into the group `{}`, and out of: {out}", user.label(), quarantine.group)
}
