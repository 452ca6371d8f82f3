//! Making, renaming and deleting groups.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use portcullis_directory::{Change, Directory, Error, Group, Value};

use crate::auditing::Recorded;
use crate::change::{Assignment, Changes, Form, assignment};
use crate::consent::ConsentArguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::naming::{self, Argument, Target};
use crate::rehearsal::Rehearsal;
use crate::screen::Screen;
use crate::writing::{Done, WriteArguments, WriteError, read_back, reason};

/// What changes a group, but for its members.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a group, without members
    Create {
        #[command(flatten)]
        fields: GroupFields,
        #[command(flatten)]
        write: WriteArguments,
    },
    /// Give a group another name; it stays the same group
    Rename {
        #[command(flatten)]
        group: GroupArgument,
        /// The new name
        #[arg(value_name = "NEW NAME")]
        name: String,
        #[command(flatten)]
        write: WriteArguments,
    },
    /// Delete a group for good, and none of its members; asks first
    Delete {
        #[command(flatten)]
        group: GroupArgument,
        #[command(flatten)]
        consent: ConsentArguments,
        #[command(flatten)]
        write: WriteArguments,
    },
}

/// The group that is meant.
#[derive(Debug, Args)]
pub(crate) struct GroupArgument {
    /// The group's id or name; `id:`, `name:` or `external-id:` in front says which
    #[arg(value_name = "GROUP")]
    pub(crate) group: Argument,
}

/// Fields of a group, as they are to be.
#[derive(Debug, Default, Args)]
pub(crate) struct GroupFields {
    /// The name to show
    #[arg(long, value_name = "TEXT", help_heading = "Fields")]
    name: Option<String>,
    /// The id that an identity provider gave the group
    #[arg(long, value_name = "TEXT", help_heading = "Fields")]
    external_id: Option<String>,
    /// Any field that `describe` calls writable; can be repeated
    #[arg(long, value_name = "FIELD=VALUE", value_parser = assignment, help_heading = "Fields")]
    set: Vec<Assignment>,
    /// The file with fields of one group in JSON, as `get --output json` prints it; `-` reads standard input
    #[arg(long, short, value_name = "FILE", help_heading = "Fields")]
    file: Option<PathBuf>,
}

/// Does it, and prints what came of it, or what would be sent.
pub(crate) async fn run(command: Command, directory: &Recorded, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let (Command::Create { write, .. } | Command::Rename { write, .. } | Command::Delete { write, .. }) = &command;
    let (output, rehearsal) = (write.output, Rehearsal::new(directory, write.dry_run));
    let done = perform(command, rehearsal.directory(), screen).await;
    rehearsal.conclude(done, output, screen)
}

async fn perform<D: Directory>(
    command: Command,
    directory: &D,
    screen: &mut Screen<'_>,
) -> anyhow::Result<Done<Group>> {
    match command {
        Command::Create { fields, write } => create(&fields, &write, directory).await,
        Command::Rename { group, name, write } => {
            let group: Group = naming::required(&group.group, directory, screen).await?;
            let change = Change { field: "name".to_owned(), value: Some(Value::Text(name)) };
            let renamed = directory.update_group(&group.id, &[change], write.options()).await;
            match renamed.map_err(|error| failed(error, &group.id))? {
                Some(group) => Ok(Done::Object(group)),
                None => read_back(&group, false, directory, screen).await,
            }
        }
        Command::Delete { group, consent, write } => {
            let consent = consent.consent(write.dry_run, "deleting a group", screen)?;
            let Some(found) = naming::resolve::<D, Group>(&group.group, directory, screen).await? else {
                return naming::gone(&group.group, directory).await;
            };
            let description = directory.describe().await?;
            let mut what = vec![format!("this deletes the group {}", found.label())];
            what.extend(reason(&description, "delete-group").map(str::to_owned));
            consent.obtain(&what, "Delete this group?", screen)?;
            let deleted = directory.delete_group(&found.id, write.options()).await;
            deleted.map_err(|error| failed(error, &found.id))?;
            Ok(Done::Told(format!("the group {} is deleted", found.label())))
        }
    }
}

async fn create<D: Directory>(
    fields: &GroupFields,
    write: &WriteArguments,
    directory: &D,
) -> anyhow::Result<Done<Group>> {
    let description = directory.describe().await?;
    let mut changes = Changes::new(Form::new("group", &description.fields));
    fields.gather(&mut changes)?;
    let changes = changes.into_changes();
    let name = changes.iter().find_map(|change| match (&*change.field, &change.value) {
        ("name", Some(Value::Text(name))) => Some(name.as_str()),
        _ => None,
    });
    let Some(name) = name else {
        return Err(Failure::usage("a group needs a name", "`--name`, `--set name=…` or `--file` gives it").into());
    };
    let created = directory.create_group(&changes, write.options()).await;
    let lookup = ["groups", "find", "--name", name];
    Ok(Done::Object(created.map_err(|error| WriteError::once(error, &lookup))?))
}

impl GroupFields {
    fn gather(&self, changes: &mut Changes<'_>) -> anyhow::Result<()> {
        if let Some(file) = &self.file {
            changes.read(&input::text(file, "the group", "--file")?, true)?;
        }
        for (name, text) in [("name", &self.name), ("external_id", &self.external_id)] {
            if let Some(text) = text {
                changes.set(name, &[text])?;
            }
        }
        Ok(changes.assign(&self.set)?)
    }
}

fn failed(error: Error, id: &str) -> WriteError {
    WriteError::repeatable(error, &["groups", "get", id])
}
