//! Memberships of one group: many in one call, each with an outcome of its own.

use std::collections::HashMap;

use portcullis_directory::{Directory, Effect, Error, ErrorKind, WriteOptions};

use super::Observer;
use super::journal::Journal;
use super::outcome::Outcome;
use super::perform::{TRIES, in_doubt};
use super::run::Run;
use super::settle::Sight;
use crate::action::{Action, Operation};

/// A membership that is to be changed.
struct Seat<'a> {
    action: &'a Action,
    user: String,
    /// Whether it may have been changed already.
    is_in_doubt: bool,
}

impl<'a, D: Directory, J: Journal> Run<'a, D, J> {
    /// Changes the memberships of one group, all of one kind, a call after another.
    pub(super) async fn change_members(&self, actions: Vec<&'a Action>, observer: &impl Observer) {
        let mut free = Vec::new();
        for action in actions {
            match self.hindrance(action) {
                Some(reason) => {
                    let step = super::Step::new(action, Outcome::skipped(reason.as_str()));
                    self.note(action, Outcome::skipped(reason));
                    observer.settled(&step);
                }
                None => free.push(action),
            }
        }
        for part in free.chunks(PART) {
            if self.is_over(observer) {
                return;
            }
            let numbers: Vec<_> = part.iter().map(|action| action.number).collect();
            if let Err(error) = self.journal.intend(&numbers).await {
                return self.halt(&error);
            }
            let outcomes = self.change_part(part).await;
            self.conclude(outcomes, observer).await;
        }
    }

    async fn change_part(&self, part: &[&'a Action]) -> Vec<(&'a Action, Outcome)> {
        let mut outcomes = Vec::with_capacity(part.len());
        let mut group = String::new();
        let mut is_removal = false;
        let mut seats = Vec::with_capacity(part.len());
        for action in part {
            let user = match &action.operation {
                Operation::AddMember { group: of, user } => {
                    group = self.id(of);
                    self.id(user)
                }
                Operation::RemoveMember { group: of, user } => {
                    group.clone_from(of);
                    is_removal = true;
                    user.clone()
                }
                _ => continue,
            };
            seats.push(Seat { action, user, is_in_doubt: self.is_in_doubt(action) });
        }
        let mut last: HashMap<u32, Error> = HashMap::new();
        for attempt in 0..=TRIES {
            let mut ready = Vec::with_capacity(seats.len());
            for seat in seats {
                if !seat.is_in_doubt {
                    ready.push(seat);
                    continue;
                }
                match self.look_at_member(&seat.user, &group, is_removal).await {
                    Sight::Good { id, after } => outcomes.push((seat.action, Outcome::done(id, after).settled())),
                    Sight::Ready => ready.push(seat),
                    Sight::Other(reason) => outcomes.push((seat.action, Outcome::differs(reason))),
                    Sight::Unread(error) => outcomes.push((seat.action, in_doubt(error))),
                }
            }
            if attempt == TRIES || ready.is_empty() {
                seats = ready;
                break;
            }
            let users: Vec<_> = ready.iter().map(|seat| seat.user.clone()).collect();
            let mut told = self.call(&group, is_removal, &users).await;
            seats = Vec::new();
            for mut seat in ready {
                let user = Some(seat.user.clone());
                match told.remove(&seat.user) {
                    Some(Ok(true)) => outcomes.push((seat.action, Outcome::done(user, None))),
                    Some(Ok(false)) => outcomes.push((seat.action, Outcome::unchanged(user, None))),
                    Some(Err(error)) if error.effect == Effect::Unknown => {
                        last.insert(seat.action.number, error);
                        seat.is_in_doubt = true;
                        seats.push(seat);
                    }
                    Some(Err(error)) => outcomes.push((seat.action, Outcome { id: user, ..Outcome::error(error) })),
                    None => {
                        let error =
                            Error::new(ErrorKind::Protocol, "the answer does not tell what became of the member");
                        outcomes.push((seat.action, in_doubt(error)));
                    }
                }
            }
        }
        for seat in seats {
            // Looked for after every try, and it was not there.
            let error = last.remove(&seat.action.number);
            let error = error.unwrap_or_else(|| Error::new(ErrorKind::Unavailable, "no try had an answer"));
            outcomes.push((seat.action, Outcome::error(Error { effect: Effect::None, ..error })));
        }
        outcomes
    }

    /// What became of each: whether it was changed, or was so already, or why not. Where the vendor refuses all of them
    /// it may be because of one, and each is asked for by itself.
    async fn call(&self, group: &str, is_removal: bool, users: &[String]) -> HashMap<String, Result<bool, Error>> {
        let mut told = self.call_once(group, is_removal, users).await;
        if users.len() > 1 {
            for user in users {
                if told.get(user).is_some_and(is_refused) {
                    told.extend(self.call_once(group, is_removal, std::slice::from_ref(user)).await);
                }
            }
        }
        told
    }

    async fn call_once(&self, group: &str, is_removal: bool, users: &[String]) -> HashMap<String, Result<bool, Error>> {
        let options = WriteOptions { allow_empty: self.may_empty(group), ..self.write_options() };
        let done = if is_removal {
            match self.directory.remove_members(group, users, options).await {
                // The connector cannot look who is left. The plan's guards have.
                Err(error) if is_blind(&error) && !options.allow_empty => {
                    let options = WriteOptions { allow_empty: true, ..options };
                    self.directory.remove_members(group, users, options).await
                }
                done => done,
            }
        } else {
            self.directory.add_members(group, users, options).await
        };
        match done {
            Ok(result) => {
                let mut told: HashMap<_, _> = result.applied.into_iter().map(|user| (user, Ok(true))).collect();
                told.extend(result.unchanged.into_iter().map(|user| (user, Ok(false))));
                told.extend(result.failed.into_iter().map(|failed| (failed.id, Err(failed.error))));
                told
            }
            Err(error) => users.iter().map(|user| (user.clone(), Err(error.clone()))).collect(),
        }
    }

    /// Whether a group may be left without members: only one that the plan deletes, or where whoever applies it took its
    /// limits upon himself.
    fn may_empty(&self, group: &str) -> bool {
        self.options.override_guards.is_some()
            || self.plan.actions.iter().any(
                |action| matches!(&action.operation, Operation::DeleteGroup { group: deleted } if deleted == group),
            )
    }
}

fn is_refused(told: &Result<bool, Error>) -> bool {
    let kinds = [ErrorKind::InvalidInput, ErrorKind::NotFound, ErrorKind::Conflict];
    told.as_ref().is_err_and(|error| error.effect == Effect::None && kinds.contains(&error.kind))
}

fn is_blind(error: &Error) -> bool {
    error.kind == ErrorKind::Unsupported && error.effect == Effect::None
}

/// Members of one call: as many as ZPA's connector puts into one request.
const PART: usize = 100;
