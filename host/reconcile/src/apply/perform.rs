//! Making one action: it is looked for where it may have been made, sent, and looked for again where no answer told.

use portcullis_directory::{Directory, Effect, Error, ErrorKind, WriteOptions};

use super::field;
use super::journal::Journal;
use super::outcome::Outcome;
use super::run::{Run, object};
use super::settle::Sight;
use crate::action::{Action, FieldChange, Operation};
use crate::digest::Digest;

impl<D: Directory, J: Journal> Run<'_, D, J> {
    /// Makes an action that is no membership.
    pub(super) async fn write(&self, action: &Action) -> Outcome {
        let before = object(&action.operation).and_then(|(kind, id)| self.expected(kind, &id));
        Outcome { before, ..self.try_write(action).await }
    }

    async fn try_write(&self, action: &Action) -> Outcome {
        let mut is_in_doubt = self.is_in_doubt(action);
        let mut last = None;
        for attempt in 0..=TRIES {
            if is_in_doubt || looks_first(&action.operation) {
                match self.look(action).await {
                    Sight::Good { id, after } if is_in_doubt => return Outcome::done(id, after).settled(),
                    Sight::Good { id, after } => return Outcome::unchanged(id, after),
                    Sight::Ready => {}
                    Sight::Other(reason) => return Outcome::differs(reason),
                    Sight::Unread(error) if is_in_doubt => return in_doubt(error),
                    Sight::Unread(error) => return Outcome::error(error),
                }
            }
            if attempt == TRIES {
                break;
            }
            let error = match self.send(action).await {
                Ok(outcome) => return outcome,
                Err(error) => error,
            };
            let is_made = matches!(action.operation, Operation::CreateUser { .. } | Operation::CreateGroup { .. });
            match error.effect {
                // Somebody else may have made it since the plan.
                Effect::None if error.kind == ErrorKind::Conflict && is_made => {
                    return match self.look(action).await {
                        Sight::Good { id, after } => Outcome::unchanged(id, after),
                        Sight::Other(reason) => Outcome { error: Some(error), ..Outcome::differs(reason) },
                        Sight::Ready | Sight::Unread(_) => Outcome::error(error),
                    };
                }
                Effect::None => return Outcome::error(error),
                // It was made, and what came back makes no sense or is not what was asked for.
                Effect::Applied => {
                    return match self.look(action).await {
                        Sight::Good { id, after } => Outcome::done(id, after).settled(),
                        _ => Outcome::error(error),
                    };
                }
                Effect::Unknown => {
                    is_in_doubt = true;
                    last = Some(error);
                }
            }
        }
        // Looked for after every try, and it was not there.
        let error = last.unwrap_or_else(|| Error::new(ErrorKind::Unavailable, "no try had an answer"));
        Outcome::error(Error { effect: Effect::None, ..error })
    }

    async fn send(&self, action: &Action) -> Result<Outcome, Error> {
        let directory = self.directory;
        let options = self.write_options();
        Ok(match &action.operation {
            Operation::CreateUser { fields, .. } => {
                let user = directory.create_user(&field::changes(fields)?, options).await?;
                let after = Digest::of_user(&user);
                Outcome::done(Some(user.id), Some(after))
            }
            Operation::CreateGroup { fields, .. } => {
                let group = directory.create_group(&field::changes(fields)?, options).await?;
                let after = Digest::of_group(&group);
                Outcome::done(Some(group.id), Some(after))
            }
            Operation::UpdateUser { user, fields } => {
                let options = WriteOptions { allow_rename: renames(fields), ..options };
                let after = directory.update_user(user, &field::changes(fields)?, options).await?;
                Outcome::done(Some(user.clone()), after.as_ref().map(Digest::of_user))
            }
            Operation::UpdateGroup { group, fields } => {
                let after = directory.update_group(group, &field::changes(fields)?, options).await?;
                Outcome::done(Some(group.clone()), after.as_ref().map(Digest::of_group))
            }
            Operation::ActivateUser { user } | Operation::DeactivateUser { user } => {
                let is_active = matches!(action.operation, Operation::ActivateUser { .. });
                let after = directory.set_user_active(user, is_active, options).await?;
                Outcome::done(Some(user.clone()), after.as_ref().map(Digest::of_user))
            }
            Operation::DeleteGroup { group } => {
                directory.delete_group(group, options).await?;
                Outcome::done(Some(group.clone()), None)
            }
            Operation::DeleteUser { user } => {
                directory.delete_user(user, options).await?;
                Outcome::done(Some(user.clone()), None)
            }
            Operation::AddMember { .. } | Operation::RemoveMember { .. } => {
                return Err(Error::new(ErrorKind::InvalidInput, "a membership is changed with others of its group"));
            }
        })
    }

    pub(super) fn write_options(&self) -> WriteOptions {
        WriteOptions { verify: self.options.verify, ..WriteOptions::default() }
    }
}

/// What came of an action is not known, and could not be found out.
pub(super) fn in_doubt(error: Error) -> Outcome {
    Outcome::error(Error { effect: Effect::Unknown, ..error })
}

/// Whether what an action is about is looked at right before it: what takes away stands at the end of a plan, long after
/// everything was compared, and names of groups are not unique (zpa-scim 8), so that no conflict would tell of another.
fn looks_first(operation: &Operation) -> bool {
    match operation {
        Operation::CreateGroup { .. }
        | Operation::DeleteGroup { .. }
        | Operation::DeactivateUser { .. }
        | Operation::DeleteUser { .. } => true,
        Operation::CreateUser { .. }
        | Operation::ActivateUser { .. }
        | Operation::UpdateUser { .. }
        | Operation::UpdateGroup { .. }
        | Operation::AddMember { .. }
        | Operation::RemoveMember { .. } => false,
    }
}

fn renames(fields: &[FieldChange]) -> bool {
    fields.iter().any(|change| change.field == "username")
}

/// How often an action is sent whose answers are lost.
pub(super) const TRIES: usize = 3;
