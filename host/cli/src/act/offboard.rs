//! `offboard`: the kill switch. Read, write the undo file, cut off, prove it, and only then take memberships away.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;
use portcullis_directory::{Directory, ErrorKind, ReadOptions, User};
use portcullis_reconcile::act::{CutOff, GroupName, Manner, Means, State, Undo, cut_off, remove_from_groups, sweep};
use portcullis_runtime::AccountDirectory;
use serde::Serialize;

use super::caveat::{self, Caveat, NOT_PROVEN};
use super::interval::interval;
use super::person::{Person, Shown, Verdict, Who, print_last};
use super::{pause, undo_file, watch};
use crate::account::AccountArguments;
use crate::accounts::{self, instant};
use crate::auditing::Recorded;
use crate::consent::{Consent, ConsentArguments};
use crate::exit::Exit;
use crate::failure::{self, Failure};
use crate::finding::is_same;
use crate::input;
use crate::listing::OutputArguments;
use crate::naming::{self, Argument, Target};
use crate::output::{self, Format};
use crate::rehearsal::Rehearsal;
use crate::screen::Screen;
use crate::writing::reason;

/// Cuts people off now: switches each off, proves it by reading, and takes them out of their groups. Ahead of everything
/// else that is asked of the account. Asks first.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct Arguments {
    /// The users' ids, usernames or names; `id:`, `username:`, `name:`, `external-id:` or `email:` in front says which
    #[arg(value_name = "USER", required_unless_present = "file")]
    users: Vec<Argument>,
    /// The file with users, one a line; `-` reads standard input
    #[arg(long, short, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Delete the users, in place of switching them off
    #[arg(long)]
    delete: bool,
    /// Look into the record of every group as well, once the users are cut off: their own records may not show all
    #[arg(long)]
    every_group: bool,
    /// Where to write down what was before [default: `undo` in the data directory]
    #[arg(long, value_name = "DIR")]
    undo_dir: Option<PathBuf>,
    /// Look again for so long whether the users are still cut off, and cut them off again where they are not
    #[arg(long, value_name = "TIME", value_parser = interval)]
    watch: Option<Duration>,
    /// How often to look
    #[arg(long, value_name = "TIME", value_parser = interval, default_value = "60s", requires = "watch")]
    every: Duration,
    /// Only say so where somebody is back, and end at once
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
}

/// What one run of it is about.
pub(super) struct Case<'a> {
    pub(super) directory: &'a Recorded,
    pub(super) endpoint: &'a str,
    pub(super) account: Option<&'a str>,
    pub(super) undo_directory: &'a Path,
    pub(super) means: Means,
    pub(super) every_group: bool,
    pub(super) manner: Manner,
    pub(super) start: Instant,
}

/// What came of all of it.
#[derive(Debug, Serialize)]
struct Report<'a> {
    action: &'static str,
    endpoint: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'a str>,
    started_at: String,
    finished_at: String,
    people: &'a [Person],
    relied_on: &'static str,
    not_proven: &'static [Caveat],
    #[serde(skip_serializing_if = "Option::is_none")]
    watch: Option<watch::Summary>,
}

/// Does it.
pub(crate) async fn run(arguments: Arguments, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let (start, started_at) = (Instant::now(), instant::shown(accounts::now()));
    let consent = arguments.consent.consent(arguments.dry_run, "cutting somebody off", screen)?;
    let named = arguments.named()?;
    let undo_directory = arguments.undo_directory()?;
    if !arguments.dry_run {
        undo_file::prepare(&undo_directory)?;
    }
    let link = arguments.account.link().await?;
    let directory = link.directory.map(AccountDirectory::urgent);
    screen.pace = Some(directory.inner().pace());
    let rehearsal = Rehearsal::new(&directory, arguments.dry_run);
    let account = arguments.account.name();
    let case = Case {
        directory: rehearsal.directory(),
        endpoint: &link.endpoint,
        account: account.as_deref(),
        undo_directory: &undo_directory,
        means: if arguments.delete { Means::Delete } else { Means::Deactivate },
        every_group: arguments.every_group,
        manner: if arguments.dry_run { Manner::REHEARSED } else { Manner::PROVEN },
        start,
    };
    let format = arguments.output.format(screen);
    let people = case.all(&named, consent, format, screen).await;
    if arguments.dry_run {
        let told = people.and_then(|people| all_named(&people));
        return rehearsal.conclude_with(told, arguments.output.output, screen, |(), _| Ok(Exit::Success));
    }
    let mut people = people?;
    let summary = match arguments.watch {
        Some(length) => {
            let terms = watch::Terms { length, every: arguments.every, alarm_only: arguments.alarm_only };
            Some(watch::run(&case, terms, &mut people, format, screen).await?)
        }
        None => None,
    };
    let exit = summary.as_ref().map_or(Exit::Success, watch::Summary::exit);
    let report = Report {
        action: "offboard",
        endpoint: &link.endpoint,
        account: account.as_deref(),
        started_at,
        finished_at: instant::shown(accounts::now()),
        people: &people,
        relied_on: relied_on(arguments.every_group),
        not_proven: &NOT_PROVEN,
        watch: summary,
    };
    match format {
        Format::Json => output::print_document(&report, screen)?,
        Format::Ndjson | Format::Csv => {}
        Format::Table => print_caveats(arguments.every_group, screen)?,
    }
    Ok(if worst(&people) == Exit::Success { exit } else { worst(&people) })
}

impl Arguments {
    fn named(&self) -> anyhow::Result<Vec<Argument>> {
        let mut named = self.users.clone();
        if let Some(file) = &self.file {
            let text = input::text(file, "the list of users", "--file")?;
            for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
                let argument = line.parse().map_err(|reason| {
                    let message = format!("the line `{line}` of {}: {reason}", input::name(file));
                    Failure::usage(message, "a line is one user")
                })?;
                named.push(argument);
            }
        }
        if named.is_empty() {
            return Err(Failure::usage("no user is named", "a file has one user a line").into());
        }
        Ok(named)
    }

    fn undo_directory(&self) -> anyhow::Result<PathBuf> {
        match &self.undo_dir {
            Some(directory) => Ok(directory.clone()),
            None => Ok(self.account.data_directory()?.join("undo")),
        }
    }
}

impl Case<'_> {
    /// Everybody, one after another. Who cannot be told keeps nobody else in.
    async fn all(
        &self,
        named: &[Argument],
        consent: Consent,
        format: Format,
        screen: &mut Screen<'_>,
    ) -> anyhow::Result<Vec<Person>> {
        let mut people = Vec::with_capacity(named.len());
        if matches!(consent, Consent::Asked) {
            let mut found = Vec::with_capacity(named.len());
            for argument in named {
                found.push(self.find(argument, screen).await);
            }
            let what = self.warnings(&found).await?;
            if !what.is_empty() {
                consent.obtain(&what, "Cut them off now?", screen)?;
            }
            for (argument, found) in named.iter().zip(found) {
                people.push(self.one(argument, found).await?);
                self.show(&people, format, screen)?;
            }
        } else {
            for argument in named {
                let found = self.find(argument, screen).await;
                people.push(self.one(argument, found).await?);
                self.show(&people, format, screen)?;
            }
        }
        Ok(people)
    }

    /// Shows who was last. A rehearsal shows requests, and whom it could not tell.
    fn show(&self, people: &[Person], format: Format, screen: &mut Screen<'_>) -> anyhow::Result<()> {
        if self.manner.verifies {
            return print_last(people, format, screen, Person::print);
        }
        match people.last() {
            Some(person) if person.result == Verdict::NobodyNamed => {
                person.not_done.iter().try_for_each(|what| screen.say("error", format!("`{}`: {what}", person.asked)))
            }
            _ => Ok(()),
        }
    }

    async fn warnings(&self, found: &[anyhow::Result<User>]) -> anyhow::Result<Vec<String>> {
        let mut what: Vec<_> = found
            .iter()
            .filter_map(|found| found.as_ref().ok())
            .map(|user| format!("this cuts off the user {}, now", user.label()))
            .collect();
        if !what.is_empty() {
            let operation = if self.means == Means::Delete { "delete-user" } else { "set-user-active" };
            what.extend(reason(&self.directory.describe().await?, operation).map(str::to_owned));
        }
        Ok(what)
    }

    /// The record of who is meant, read by id. Where nobody is there, an earlier run that broke off may have left a word:
    /// the record of that is what there is to go on from, marked as deleted.
    async fn find(&self, argument: &Argument, screen: &mut Screen<'_>) -> anyhow::Result<User> {
        let Some(found) = naming::resolve::<_, User>(argument, self.directory, screen).await? else {
            let is_meant = |undo: &Undo| {
                let username = undo.user.username.as_deref();
                undo.is_open_for(&undo.user.id, self.endpoint)
                    && (undo.user.id == argument.value()
                        || username.is_some_and(|known| is_same(known, argument.value())))
            };
            let Some((_, undo)) = undo_file::newest(self.undo_directory, is_meant) else {
                let hint = "nothing was done";
                return Err(naming::missing::<User>(argument).with_hint(hint).into());
            };
            return match self.directory.get_user(&undo.user.id, ReadOptions { remote_data: true }).await {
                Err(error) if error.kind == ErrorKind::NotFound => {
                    // Behind a wrong endpoint nobody is there either.
                    <User as Target>::total(self.directory).await?;
                    Ok(User { status: Some("deleted".to_owned()), groups: Vec::new(), ..undo.user })
                }
                read => Ok(read?),
            };
        };
        // What is found by a name may be less than the record, and is older.
        let options = ReadOptions { remote_data: true };
        match self.directory.get_user(&found.id, options).await {
            Err(error) if error.kind == ErrorKind::NotFound => Ok(User { status: Some("deleted".to_owned()), ..found }),
            read => Ok(read?),
        }
    }

    async fn one(&self, argument: &Argument, found: anyhow::Result<User>) -> anyhow::Result<Person> {
        match found {
            Ok(user) => self.person(argument.value(), user).await,
            Err(error) => {
                let report = failure::report(&error);
                Ok(Person::unnamed(argument.value().to_owned(), report.message(), report.exit()))
            }
        }
    }

    /// Cuts one person off.
    pub(super) async fn person(&self, asked: &str, user: User) -> anyhow::Result<Person> {
        let mut person = Person::unnamed(asked.to_owned(), "", Exit::Success);
        person.not_done.clear();
        person.user = Some(Who::from(&user));
        let (path, mut undo) = self.write_down(&user)?;
        person.undo_file = path.as_ref().map(|path| path.display().to_string());
        let cut = cut_off(self.directory, &user, self.means, self.manner, &pause).await;
        let after = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        person.cut_off = Some(Shown {
            is_proven: cut.is_proven,
            state: cut.state,
            was_already: cut.was_already,
            after_ms: cut.is_proven.then_some(after),
        });
        if goes_on(&cut) || !self.manner.verifies {
            self.take_out(&user, &mut undo, path.as_deref(), &mut person).await?;
        } else if !undo.groups.is_empty() {
            person.not_done.push(format!("the user is still in {} groups: none was tried", undo.groups.len()));
        }
        person.conclude(&cut);
        Ok(person)
    }

    /// The undo file, on the disk before the first write; one of an earlier run is gone on with.
    fn write_down(&self, user: &User) -> anyhow::Result<(Option<PathBuf>, Undo)> {
        let made_at = instant::shown(accounts::now());
        let undo = Undo::new(self.endpoint, self.account, made_at, user.clone());
        let earlier = undo_file::newest(self.undo_directory, |known| known.is_of(user, self.endpoint));
        if let Some((path, mut known)) = earlier {
            // What came since is taken down as well.
            if known.extend(undo.groups) && self.manner.verifies {
                undo_file::replace(&path, &known)?;
            }
            return Ok((Some(path), known));
        }
        if !self.manner.verifies {
            return Ok((None, undo));
        }
        Ok((Some(undo_file::create(self.undo_directory, &undo)?), undo))
    }

    /// Takes the user out of the groups of before, and of those that turn up since.
    async fn take_out(
        &self,
        user: &User,
        undo: &mut Undo,
        path: Option<&Path>,
        person: &mut Person,
    ) -> anyhow::Result<()> {
        let (directory, manner) = (self.directory, self.manner);
        person.memberships = remove_from_groups(directory, &user.id, &undo.groups, manner, &pause).await;
        if !manner.verifies {
            return Ok(());
        }
        let mut more: Vec<GroupName> = Vec::new();
        if let Ok(shown) = directory.get_user(&user.id, ReadOptions::default()).await {
            let known = |group: &GroupName| undo.groups.contains(group);
            more.extend(shown.groups.iter().map(GroupName::from).filter(|group| !known(group)));
        }
        if self.every_group {
            let known = [undo.groups.clone(), more.clone()].concat();
            match sweep(directory, &user.id, &known, |_, _| {}).await {
                Ok((found, silent)) => {
                    more.extend(found);
                    if silent > 0 {
                        let what = format!("{silent} groups do not show their members, so nobody looked into them");
                        person.not_done.push(what);
                    }
                }
                Err(error) => {
                    let what = format!("not every group was looked into: {error}");
                    person.not_done.push(what);
                }
            }
        }
        if undo.extend(more.iter().cloned())
            && let Some(path) = path
        {
            undo_file::replace(path, undo)?;
        }
        person.memberships.extend(remove_from_groups(directory, &user.id, &more, manner, &pause).await);
        Ok(())
    }
}

/// Whether it makes sense to go on to the memberships. Where the vendor ignored or refused this one write, groups are
/// what is left to take away; where it answers nothing or lets nobody in, they are not to be had either.
fn goes_on(cut: &CutOff) -> bool {
    let is_shut = |kind| {
        matches!(kind, ErrorKind::Unauthorized | ErrorKind::Forbidden | ErrorKind::RateLimited | ErrorKind::Unavailable)
    };
    cut.is_proven || (cut.state != State::Unknown && !cut.error.as_ref().is_some_and(|error| is_shut(error.kind)))
}

/// In a rehearsal it is a failure that somebody cannot be told.
fn all_named(people: &[Person]) -> anyhow::Result<()> {
    let unnamed: Vec<_> = people.iter().filter(|person| person.result == Verdict::NobodyNamed).collect();
    let Some(first) = unnamed.first() else { return Ok(()) };
    let message = format!("{} of {} users cannot be told", unnamed.len(), people.len());
    Err(Failure::new(first.exit, message, "the others would be cut off all the same").into())
}

/// The code of the worst that happened: who is not cut off counts before a group that is left.
fn worst(people: &[Person]) -> Exit {
    let failed = |is: fn(Verdict) -> bool| people.iter().find(|person| is(person.result)).map(|person| person.exit);
    let first = people.iter().map(|person| person.exit).find(|exit| *exit != Exit::Success);
    failed(|result| result == Verdict::NotCutOff)
        .or_else(|| failed(|result| result == Verdict::NobodyNamed))
        .or(first)
        .unwrap_or(Exit::Success)
}

fn print_caveats(every_group: bool, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    caveat::print(&NOT_PROVEN, screen)?;
    writeln!(screen.out(), "Groups: {}.", relied_on(every_group))?;
    screen.flush()
}

fn relied_on(every_group: bool) -> &'static str {
    if every_group {
        "those in the user's own record, and every group whose record names the user"
    } else {
        "those in the user's own record, which may not show all; `--every-group` looks into each group"
    }
}
