//! Putting back what an [`Undo`] says that somebody was: active again, and in the groups of before. Takes nobody out of a
//! group that was joined since.

use portcullis_directory::{Directory, Error, ErrorKind, ReadOptions, WriteOptions};

use super::cut_off::{State, state};
use super::manner::{Manner, may_help_again};
use super::membership::{MembershipChange, add_to_groups};
use super::undo::Undo;

/// What came of putting somebody back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Restoration {
    /// What the directory shows of the user now.
    pub state: State,
    /// Whether the user is as active as before, and that was read.
    pub is_active_as_before: bool,
    /// What became of each group.
    pub memberships: Vec<MembershipChange>,
    /// Why the status is not as before.
    pub error: Option<Error>,
}

impl Restoration {
    /// Whether all is as before.
    pub fn is_complete(&self) -> bool {
        self.is_active_as_before && self.memberships.iter().all(MembershipChange::is_settled)
    }
}

/// Puts the user with this id back. It is the one of the undo, or one that was made anew in its place.
///
/// The user is switched on first and put into groups then: whether a vendor takes a member that is switched off is not
/// known.
pub async fn restore<D: Directory>(
    directory: &D,
    undo: &Undo,
    id: &str,
    manner: Manner,
    pause: &impl AsyncFn(u32, Option<u32>),
) -> Restoration {
    let mut restoration =
        Restoration { state: State::Unknown, is_active_as_before: false, memberships: Vec::new(), error: None };
    for number in 1..=manner.tries {
        match activate(directory, undo, id, manner).await {
            Ok(state) => {
                restoration.state = state;
                restoration.is_active_as_before = true;
                restoration.error = None;
                break;
            }
            Err((state, error)) => {
                let again = number < manner.tries && may_help_again(&error);
                let wait = error.retry_after_ms;
                (restoration.state, restoration.error) = (state, Some(error));
                if !again {
                    break;
                }
                pause(number, wait).await;
            }
        }
    }
    if restoration.is_active_as_before {
        restoration.memberships = add_to_groups(directory, id, &undo.groups, manner, pause).await;
    }
    restoration
}

async fn activate<D: Directory>(directory: &D, undo: &Undo, id: &str, manner: Manner) -> Result<State, (State, Error)> {
    let read = async || match directory.get_user(id, ReadOptions::default()).await {
        Ok(user) => Ok(state(&user)),
        Err(error) if error.kind == ErrorKind::NotFound => Err((State::Gone, error)),
        Err(error) => Err((State::Unknown, error)),
    };
    let before = read().await?;
    if !undo.was_active || before == State::Active {
        return Ok(before);
    }
    let written = directory.set_user_active(id, true, WriteOptions::default()).await;
    if !manner.verifies {
        return written.map(|_| State::Unknown).map_err(|error| (before, error));
    }
    match (read().await, written) {
        (Ok(State::Active), _) => Ok(State::Active),
        (Ok(state) | Err((state, _)), Err(error)) => Err((state, error)),
        (Ok(state), Ok(_)) => {
            let message = "the vendor accepted the change, and its record does not show the user active";
            Err((state, Error::new(ErrorKind::Protocol, message)))
        }
        (Err(failed), Ok(_)) => Err(failed),
    }
}
