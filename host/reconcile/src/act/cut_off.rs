//! Switching one user off, or deleting it, and seeing that it is so.

use portcullis_directory::{Directory, Effect, Error, ErrorKind, ReadOptions, User, WriteOptions};
use serde::Serialize;

use super::manner::{Manner, may_help_again};

/// How somebody is cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Means {
    /// Switched off, which deletes on some vendors.
    Deactivate,
    /// Deleted.
    Delete,
}

/// What the directory shows of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It may sign in.
    Active,
    /// It is switched off.
    Inactive,
    /// There is no user with this id.
    Gone,
    /// Nobody saw, or the record does not say.
    Unknown,
}

/// What came of cutting somebody off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CutOff {
    /// What the directory showed last, read by id.
    pub state: State,
    /// Whether that is what was wanted, and was read after the last write.
    pub is_proven: bool,
    /// Whether it was so before anything was written.
    pub was_already: bool,
    /// Why it is not proven.
    pub error: Option<Error>,
}

/// The state that a record shows.
pub fn state(user: &User) -> State {
    match user.status.as_deref() {
        Some("inactive") => State::Inactive,
        Some("deleted") => State::Gone,
        Some(_) => State::Active,
        None => State::Unknown,
    }
}

/// Cuts a user off, whose record was read by its id just now. `pause` is called between two tries with the number of the
/// one that failed and what the vendor asked to wait, in milliseconds.
///
/// The proof is a read by id after the write. A user that is not found then counts as gone: its record was there a moment
/// ago, at the same endpoint.
pub async fn cut_off<D: Directory>(
    directory: &D,
    user: &User,
    means: Means,
    manner: Manner,
    pause: &impl AsyncFn(u32, Option<u32>),
) -> CutOff {
    let is_wanted = |state| state == State::Gone || (state == State::Inactive && means == Means::Deactivate);
    let before = state(user);
    if is_wanted(before) {
        return CutOff { state: before, is_proven: true, was_already: true, error: None };
    }
    let mut last = CutOff { state: before, is_proven: false, was_already: false, error: None };
    for number in 1..=manner.tries {
        let written = match means {
            Means::Deactivate => directory.set_user_active(&user.id, false, WriteOptions::default()).await.map(drop),
            Means::Delete => directory.delete_user(&user.id, WriteOptions::default()).await,
        };
        if !manner.verifies {
            return CutOff { state: State::Unknown, error: written.err(), ..last };
        }
        last.error = written.err();
        // What was certainly not done need not be looked for, unless there is nobody to do it to.
        let is_worth_a_look =
            last.error.as_ref().is_none_or(|error| error.effect != Effect::None || error.kind == ErrorKind::NotFound);
        if is_worth_a_look {
            match seen(directory, &user.id).await {
                Ok(state) => {
                    last.state = state;
                    if is_wanted(state) {
                        return CutOff { is_proven: true, error: None, ..last };
                    }
                    last.error.get_or_insert_with(|| ignored(state));
                }
                Err(error) => {
                    last.state = State::Unknown;
                    last.error.get_or_insert(error.with_effect(Effect::Unknown));
                }
            }
        }
        let Some(error) = last.error.as_ref().filter(|error| may_help_again(error)) else { break };
        if number < manner.tries {
            pause(number, error.retry_after_ms).await;
            // Some vendors show a write late.
            if let Ok(state) = seen(directory, &user.id).await
                && is_wanted(state)
            {
                return CutOff { state, is_proven: true, was_already: false, error: None };
            }
        }
    }
    last
}

async fn seen<D: Directory>(directory: &D, id: &str) -> Result<State, Error> {
    match directory.get_user(id, ReadOptions::default()).await {
        Ok(user) => Ok(state(&user)),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(State::Gone),
        Err(error) => Err(error),
    }
}

fn ignored(state: State) -> Error {
    let shown = match state {
        State::Active => "shows the user active still",
        State::Inactive => "shows the user inactive and not gone",
        State::Gone | State::Unknown => "does not say whether the user is active",
    };
    Error::new(ErrorKind::Protocol, format!("the vendor accepted the change, and its record {shown}"))
        .with_effect(Effect::Unknown)
}
