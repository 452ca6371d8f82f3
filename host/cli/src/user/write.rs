//! Making, changing, switching and deleting users.

use clap::{Args, Subcommand};
use portcullis_directory::{Change, Description, Directory, Error, User, Value, WriteOptions};
use portcullis_runtime::AccountDirectory;

use super::fields::UserFields;
use crate::auditing::Recorded;
use crate::change::{Changes, Form};
use crate::consent::ConsentArguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::naming::{self, Argument, Target};
use crate::rehearsal::Rehearsal;
use crate::screen::Screen;
use crate::writing::{Done, WriteArguments, WriteError, read_back, reason};

/// What changes a user.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a user
    Create {
        #[command(flatten)]
        fields: Box<UserFields>,
        #[command(flatten)]
        write: WriteArguments,
    },
    /// Set and clear fields of a user, and leave all others alone
    Update {
        #[command(flatten)]
        user: UserArgument,
        #[command(flatten)]
        fields: Box<UserFields>,
        /// A field to clear, such as `department`; can be repeated
        #[arg(long, value_name = "FIELD", help_heading = "Fields")]
        clear: Vec<String>,
        /// Permit a change of the username, which to the vendor may be another user
        #[arg(long)]
        allow_rename: bool,
        #[command(flatten)]
        consent: ConsentArguments,
        #[command(flatten)]
        write: WriteArguments,
    },
    /// Let a user in again
    Activate {
        #[command(flatten)]
        user: UserArgument,
        #[command(flatten)]
        write: WriteArguments,
    },
    /// Lock a user out; may delete the user, and asks first
    Deactivate {
        #[command(flatten)]
        user: UserArgument,
        #[command(flatten)]
        consent: ConsentArguments,
        #[command(flatten)]
        write: WriteArguments,
    },
    /// Delete a user for good; asks first
    Delete {
        #[command(flatten)]
        user: UserArgument,
        #[command(flatten)]
        consent: ConsentArguments,
        #[command(flatten)]
        write: WriteArguments,
    },
}

/// The user that is meant.
#[derive(Debug, Args)]
pub(crate) struct UserArgument {
    /// The user's id, username or name; `id:`, `username:`, `name:`, `external-id:` or `email:` in front says which
    #[arg(value_name = "USER")]
    pub(super) user: Argument,
}

/// Does it, and prints what came of it, or what would be sent.
pub(crate) async fn run(command: Command, directory: &Recorded, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let (Command::Create { write, .. }
    | Command::Update { write, .. }
    | Command::Activate { write, .. }
    | Command::Deactivate { write, .. }
    | Command::Delete { write, .. }) = &command;
    // Cutting a person off does not wait behind what others of this account's users are about.
    let urgent = matches!(command, Command::Deactivate { .. }).then(|| directory.map(AccountDirectory::urgent));
    let rehearsal = Rehearsal::new(urgent.as_ref().unwrap_or(directory), write.dry_run);
    let output = write.output;
    let done = perform(command, rehearsal.directory(), screen).await;
    rehearsal.conclude(done, output, screen)
}

async fn perform<D: Directory>(command: Command, directory: &D, screen: &mut Screen<'_>) -> anyhow::Result<Done<User>> {
    let description = directory.describe().await?;
    match command {
        Command::Create { fields, write } => create(&fields, &write, &description, directory).await,
        Command::Update { user, fields, clear, allow_rename, consent, write } => {
            let mut changes = Changes::new(Form::new("user", &description.fields));
            fields.gather(&mut changes, false)?;
            clear.iter().try_for_each(|name| changes.clear(name))?;
            let changes = changes.into_changes();
            if changes.is_empty() {
                let hint = "name fields by their flags, `--set`, `--clear` or `--file`";
                return Err(Failure::usage("there is nothing to change", hint).into());
            }
            let options = WriteOptions { allow_rename, ..write.options() };
            let is_off = changes.iter().any(is_switched_off);
            let switch =
                if is_off { Some(consent.consent(write.dry_run, "deactivating a user", screen)?) } else { None };
            let user: User = naming::required(&user.user, directory, screen).await?;
            if let Some(consent) = switch {
                consent.obtain(&deactivation(&user, &description), "Deactivate this user?", screen)?;
            }
            let updated = directory.update_user(&user.id, &changes, options).await;
            shown(updated.map_err(|error| failed(error, &user.id))?, &user, is_off, directory, screen).await
        }
        Command::Activate { user, write } => {
            let Some(found) = naming::resolve::<D, User>(&user.user, directory, screen).await? else {
                let hint = "a user that was deleted is made again with `portcullis users create`";
                return Err(naming::missing::<User>(&user.user).with_hint(hint).into());
            };
            let updated = directory.set_user_active(&found.id, true, write.options()).await;
            shown(updated.map_err(|error| failed(error, &found.id))?, &found, false, directory, screen).await
        }
        Command::Deactivate { user, consent, write } => {
            let consent = consent.consent(write.dry_run, "deactivating a user", screen)?;
            let user: User = naming::required(&user.user, directory, screen).await?;
            consent.obtain(&deactivation(&user, &description), "Deactivate this user?", screen)?;
            let updated = directory.set_user_active(&user.id, false, write.options()).await;
            shown(updated.map_err(|error| failed(error, &user.id))?, &user, true, directory, screen).await
        }
        Command::Delete { user, consent, write } => {
            let consent = consent.consent(write.dry_run, "deleting a user", screen)?;
            let Some(found) = naming::resolve::<D, User>(&user.user, directory, screen).await? else {
                return naming::gone(&user.user, directory).await;
            };
            let mut what = vec![format!("this deletes the user {}", found.label())];
            what.extend(reason(&description, "delete-user").map(str::to_owned));
            consent.obtain(&what, "Delete this user?", screen)?;
            let deleted = directory.delete_user(&found.id, write.options()).await;
            deleted.map_err(|error| failed(error, &found.id))?;
            Ok(Done::Told(format!("the user {} is deleted", found.label())))
        }
    }
}

async fn create<D: Directory>(
    fields: &UserFields,
    write: &WriteArguments,
    description: &Description,
    directory: &D,
) -> anyhow::Result<Done<User>> {
    let mut changes = Changes::new(Form::new("user", &description.fields));
    fields.gather(&mut changes, true)?;
    let changes = changes.into_changes();
    let username = changes.iter().find_map(|change| match (&*change.field, &change.value) {
        ("username", Some(Value::Text(username))) => Some(username.as_str()),
        _ => None,
    });
    let Some(username) = username else {
        let hint = "`--username`, `--set username=…` or `--file` gives it";
        return Err(Failure::usage("a user needs a username", hint).into());
    };
    let created = directory.create_user(&changes, write.options()).await;
    let lookup = ["users", "find", "--username", username];
    Ok(Done::Object(created.map_err(|error| WriteError::once(error, &lookup))?))
}

/// The user after a change, read where the vendor did not show it. One that is gone was deleted, if it was switched off.
async fn shown<D: Directory>(
    updated: Option<User>,
    before: &User,
    is_switched_off: bool,
    directory: &D,
    screen: &mut Screen<'_>,
) -> anyhow::Result<Done<User>> {
    match updated {
        Some(user) => Ok(Done::Object(user)),
        None => read_back(before, is_switched_off, directory, screen).await,
    }
}

fn failed(error: Error, id: &str) -> WriteError {
    WriteError::repeatable(error, &["users", "get", id])
}

fn deactivation(user: &User, description: &Description) -> Vec<String> {
    let mut what = vec![format!("this deactivates the user {}", user.label())];
    what.extend(reason(description, "set-user-active").map(str::to_owned));
    what
}

/// Whether a change switches the user off. A connector lets no other field write where the status stands.
fn is_switched_off(change: &Change) -> bool {
    change.field == "status" && change.value != Some(Value::Text("active".to_owned()))
}
