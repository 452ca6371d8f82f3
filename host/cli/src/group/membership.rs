//! Who belongs to a group: adding and removing members, and what became of each.

use std::collections::HashSet;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use portcullis_directory::{
    Directory, Error, ErrorKind, FailedMember, Group, MembershipResult, Support, User, Walk, WalkOptions, WriteOptions,
};

use super::outcome::MembershipChange;
use super::write::GroupArgument;
use crate::auditing::Recorded;
use crate::consent::{Consent, ConsentArguments};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::naming::{self, Argument, Target, Way};
use crate::rehearsal::Rehearsal;
use crate::screen::Screen;
use crate::writing::{WriteArguments, WriteError, reason};

/// What changes who belongs to a group.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Add users to a group; nobody else's membership is touched
    #[command(visible_alias = "add-members")]
    AddMember {
        #[command(flatten)]
        members: MembersArguments,
    },
    /// Remove users from a group; nobody else's membership is touched
    #[command(visible_alias = "remove-members")]
    RemoveMember {
        #[command(flatten)]
        members: MembersArguments,
        /// Permit a removal that leaves the group without members
        #[arg(long)]
        allow_empty: bool,
        #[command(flatten)]
        consent: ConsentArguments,
    },
}

/// The group and the users.
#[derive(Debug, Args)]
pub(crate) struct MembersArguments {
    #[command(flatten)]
    group: GroupArgument,
    /// The users' ids, usernames or names; `id:` in front is not looked up
    #[arg(value_name = "USER", required_unless_present = "file")]
    users: Vec<Argument>,
    /// The file with users, one a line; `-` reads standard input
    #[arg(long, short, value_name = "FILE")]
    file: Option<PathBuf>,
    #[command(flatten)]
    write: WriteArguments,
}

/// Does it, and prints what became of each member, or what would be sent.
pub(crate) async fn run(command: Command, directory: &Recorded, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let (Command::AddMember { members } | Command::RemoveMember { members, .. }) = &command;
    let (output, rehearsal) = (members.write.output, Rehearsal::new(directory, members.write.dry_run));
    let done = perform(command, rehearsal.directory(), screen).await;
    rehearsal.conclude_with(done, output.output, screen, |change, screen| {
        change.print(output.format(screen), screen)?;
        change.exit()
    })
}

async fn perform<D: Directory>(
    command: Command,
    directory: &D,
    screen: &mut Screen<'_>,
) -> anyhow::Result<MembershipChange> {
    let (members, removal) = match command {
        Command::AddMember { members } => (members, None),
        Command::RemoveMember { members, allow_empty, consent } => (members, Some((allow_empty, consent))),
    };
    let arguments = members.arguments()?;
    let description = directory.describe().await?;
    let operation = if removal.is_some() { "remove-members" } else { "add-members" };
    let is_destructive =
        description.operations.iter().any(|known| known.name == operation && known.support == Support::Destructive);
    let consent = match removal {
        Some((_, consent)) if is_destructive => {
            consent.consent(members.write.dry_run, "removing members from a group", screen)?
        }
        _ => Consent::Needless,
    };
    let group: Group = naming::required(&members.group.group, directory, screen).await?;
    let ids = ids(&arguments, directory, screen).await?;
    let count = if ids.len() == 1 { "1 user".to_owned() } else { format!("{} users", ids.len()) };
    let mut what = vec![format!("this takes {count} out of the group {}", group.label())];
    what.extend(reason(&description, operation).map(str::to_owned));
    consent.obtain(&what, "Remove them?", screen)?;
    let allow_empty = removal.is_some_and(|(allow_empty, _)| allow_empty);
    let options = WriteOptions { allow_empty, ..members.write.options() };
    let is_removal = removal.is_some();
    let result = apply(&ids, is_removal, &group, options, directory).await?;
    Ok(MembershipChange { group_id: group.id, is_removal, result })
}

impl MembersArguments {
    fn arguments(&self) -> anyhow::Result<Vec<Argument>> {
        let mut arguments = self.users.clone();
        if let Some(file) = &self.file {
            let text = input::text(file, "the list of users", "--file")?;
            for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
                // Only a word and a colon with nothing behind it names nobody.
                let argument = line.parse().map_err(|reason| {
                    Failure::usage(
                        format!("the line `{line}` of {}: {reason}", input::name(file)),
                        "a line is one user",
                    )
                })?;
                arguments.push(argument);
            }
        }
        if arguments.is_empty() {
            return Err(Failure::usage("no user is named", "a file has one user a line").into());
        }
        Ok(arguments)
    }
}

/// The ids of the users, each once, in their order. Nothing may be written before all of them are known.
async fn ids<D: Directory>(
    arguments: &[Argument],
    directory: &D,
    screen: &mut Screen<'_>,
) -> anyhow::Result<Vec<String>> {
    let is_certain = |argument: &&Argument| argument.way() == Some(Way::Id);
    let named: Vec<_> = arguments.iter().filter(|argument| !is_certain(argument)).cloned().collect();
    let mut named = naming::all::<D, User>(&named, directory, screen).await?.into_iter();
    let mut seen = HashSet::new();
    let ids = arguments.iter().filter_map(|argument| {
        let id = if is_certain(&argument) { argument.value().to_owned() } else { named.next()?.id };
        seen.insert(id.clone()).then_some(id)
    });
    Ok(ids.collect())
}

/// Makes the change in calls that the sandbox has room for. What fails after others were applied fails for its own
/// members alone, and what was not tried is told as failed.
async fn apply<D: Directory>(
    ids: &[String],
    is_removal: bool,
    group: &Group,
    options: WriteOptions,
    directory: &D,
) -> Result<MembershipResult, WriteError> {
    let failed_whole = |error| WriteError::repeatable(error, &["groups", "members", &group.id, "--all"]);
    if is_removal && !options.allow_empty && ids.len() > PART {
        spare_one(ids, group, directory).await.map_err(failed_whole)?;
    }
    let mut result = MembershipResult::default();
    for (at, part) in ids.chunks(PART).enumerate() {
        let done = if is_removal {
            directory.remove_members(&group.id, part, options).await
        } else {
            directory.add_members(&group.id, part, options).await
        };
        match done {
            Ok(done) => {
                result.applied.extend(done.applied);
                result.unchanged.extend(done.unchanged);
                result.failed.extend(done.failed);
            }
            Err(error) if at == 0 => return Err(failed_whole(error)),
            Err(error) => {
                let failed = |id: &String, error: &Error| FailedMember { id: id.clone(), error: error.clone() };
                result.failed.extend(part.iter().map(|id| failed(id, &error)));
                let untried = Error::new(error.kind, format!("not tried, because another part failed: {error}"));
                let rest = ids.iter().skip((at + 1) * PART);
                result.failed.extend(rest.map(|id| failed(id, &untried)));
                break;
            }
        }
    }
    Ok(result)
}

/// Refuses a removal of everybody. The connector sees each part alone, and would do so when the others are gone.
async fn spare_one<D: Directory>(ids: &[String], group: &Group, directory: &D) -> Result<(), Error> {
    let named: HashSet<&str> = ids.iter().map(String::as_str).collect();
    let mut walk = Walk::members(directory, &group.id, WalkOptions::default());
    let mut members = 0_usize;
    while let Some(page) = walk.next_page().await.map_err(|broken| broken.error)? {
        if page.items.iter().any(|member| !named.contains(member.id.as_str())) {
            return Ok(());
        }
        members += page.items.len();
    }
    if members == 0 {
        return Ok(());
    }
    let message = format!("`members` are all {members} members of the group; `allow-empty` empties it");
    Err(Error::new(ErrorKind::InvalidInput, message))
}

/// Members of one call: at most twenty requests, of the 64 that the sandbox allows by default.
const PART: usize = 1000;
