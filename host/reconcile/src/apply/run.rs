//! One run through the actions of a plan: what is known of each, what comes next, and when to stop.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::{StreamExt, stream};
use portcullis_directory::{Directory, Effect};

use super::choice::{Choice, group, user};
use super::journal::{Begun, Journal, JournalError};
use super::outcome::Outcome;
use super::receipt::{KnownLink, Receipt, Step};
use super::refusal::Refusal;
use super::{ApplyOptions, Observer};
use crate::action::{Action, Operation, Reference};
use crate::digest::Digest;
use crate::plan::{ObjectKind, Plan};

/// A run.
pub(super) struct Run<'a, D, J> {
    pub(super) plan: &'a Plan,
    pub(super) directory: &'a D,
    pub(super) journal: &'a J,
    pub(super) options: &'a ApplyOptions,
    /// What earlier runs left.
    pub(super) begun: Begun,
    /// The numbers of the actions that put a user into a group, by the user's id.
    additions: HashMap<&'a str, Vec<u32>>,
    state: Mutex<State>,
}

/// What changes while it goes on.
struct State {
    /// What came of actions, also of those of earlier runs that are done.
    outcomes: BTreeMap<u32, Outcome>,
    /// The ids of what was made, by their placeholders.
    ids: HashMap<String, String>,
    /// What objects are like by now; `None` where this plan changed one and nobody saw it afterwards.
    expected: HashMap<(ObjectKind, String), Option<Digest>>,
    /// Why nothing more is begun.
    halted: Option<String>,
}

impl<'a, D: Directory, J: Journal> Run<'a, D, J> {
    /// A run that goes on where earlier ones broke off.
    pub(super) fn new(
        plan: &'a Plan,
        directory: &'a D,
        journal: &'a J,
        options: &'a ApplyOptions,
        begun: Begun,
    ) -> Run<'a, D, J> {
        let mut additions: HashMap<&str, Vec<u32>> = HashMap::new();
        for action in &plan.actions {
            if let Operation::AddMember { user: Reference::Id(user), .. } = &action.operation {
                additions.entry(user).or_default().push(action.number);
            }
        }
        let expected = plan.touched.iter().map(|touched| {
            let object = (touched.kind, touched.id.clone());
            (object, Some(touched.digest.clone()))
        });
        let mut state =
            State { outcomes: BTreeMap::new(), ids: HashMap::new(), expected: expected.collect(), halted: None };
        for action in &plan.actions {
            match begun.get(&action.number) {
                Some(Some(outcome)) => state.note(action, outcome.clone(), Outcome::is_good(outcome)),
                Some(None) => state.forget(action),
                None => {}
            }
        }
        Run { plan, directory, journal, options, begun, additions, state: Mutex::new(state) }
    }

    /// The actions that are left and chosen, in their order.
    pub(super) fn choose(&self, choice: &Choice) -> Result<Vec<&'a Action>, Refusal> {
        let state = self.state();
        let left = self.plan.actions.iter().filter(|action| !state.outcomes.contains_key(&action.number));
        let left: Vec<_> = left.collect();
        let most = choice.max_changes.unwrap_or(usize::MAX);
        let chosen: Vec<_> = left.iter().copied().filter(|action| choice.has(action)).take(most).collect();
        if chosen.is_empty() && !left.is_empty() {
            return Err(Refusal::NothingChosen);
        }
        Ok(chosen)
    }

    /// Makes them.
    pub(super) async fn perform(self, chosen: &[&'a Action], observer: &impl Observer) -> Receipt {
        observer.begins(chosen.len());
        let concurrency = self.options.concurrency.get();
        let run = &self;
        for part in chosen.chunk_by(|one, other| one.operation.phase() == other.operation.phase()) {
            let is_membership = part.first().is_some_and(|action| is_membership(&action.operation));
            if is_membership {
                // Calls of one group come one after another: what a vendor makes of two at once is not known.
                let queues = stream::iter(by_group(part));
                queues.for_each_concurrent(concurrency, |queue| run.change_members(queue, observer)).await;
            } else {
                let actions = stream::iter(part.iter().copied());
                actions.for_each_concurrent(concurrency, |action| run.make(action, observer)).await;
            }
        }
        self.into_receipt(chosen)
    }

    /// Makes one action that is no membership.
    async fn make(&self, action: &'a Action, observer: &impl Observer) {
        if self.is_over(observer) {
            return;
        }
        if let Err(error) = self.journal.intend(&[action.number]).await {
            return self.halt(&error);
        }
        let outcome = self.write(action).await;
        self.conclude(vec![(action, outcome)], observer).await;
    }

    /// Whether nothing more is begun.
    pub(super) fn is_over(&self, observer: &impl Observer) -> bool {
        let mut state = self.state();
        if state.halted.is_none() && observer.wants_to_stop() {
            state.halted = Some("it was asked to stop".to_owned());
        }
        state.halted.is_some()
    }

    pub(super) fn halt(&self, error: &JournalError) {
        self.state().halted.get_or_insert_with(|| error.to_string());
    }

    /// Writes down what came of actions: on the disk what is known, in memory all of it.
    pub(super) async fn conclude(&self, outcomes: Vec<(&'a Action, Outcome)>, observer: &impl Observer) {
        let known = outcomes.iter().filter(|(_, outcome)| outcome.is_known());
        let known: Vec<_> = known.map(|(action, outcome)| Step::new(action, outcome.clone())).collect();
        let written = if known.is_empty() { Ok(()) } else { self.journal.conclude(&known).await };
        if let Err(error) = written {
            self.halt(&error);
        }
        for (action, outcome) in outcomes {
            let step = Step::new(action, outcome.clone());
            self.note(action, outcome);
            observer.settled(&step);
        }
    }

    /// Keeps in memory what came of an action.
    pub(super) fn note(&self, action: &Action, outcome: Outcome) {
        let mut state = self.state();
        if outcome.is_bad() && self.options.stops_on_error {
            let reason = format!("the action {} was not done", action.number);
            state.halted.get_or_insert(reason);
        }
        state.note(action, outcome, true);
    }

    /// Why an action of memberships cannot be made, because of another one.
    pub(super) fn hindrance(&self, action: &Action) -> Option<String> {
        let state = self.state();
        match &action.operation {
            Operation::AddMember { group, user } => [group, user].into_iter().find_map(|reference| match reference {
                Reference::New(name) if !state.ids.contains_key(name) => {
                    Some(format!("it is about `{name}`, which was not made"))
                }
                _ => None,
            }),
            // Who could not be put into a group keeps those that he has.
            Operation::RemoveMember { user, .. } => {
                let failed = |number: &&u32| state.outcomes.get(number).is_some_and(|outcome| !outcome.is_good());
                let failed = self.additions.get(user.as_str())?.iter().find(failed)?;
                Some(format!("the action {failed}, which puts the user into another group, was not done"))
            }
            _ => None,
        }
    }

    /// The id behind a reference. A placeholder of what was not made stands for itself; it is never sent.
    pub(super) fn id(&self, reference: &Reference) -> String {
        match reference {
            Reference::Id(id) => id.clone(),
            Reference::New(name) => self.state().ids.get(name).unwrap_or(name).clone(),
        }
    }

    /// What an object is like by now, as far as this plan has to do with it; `None` where nobody knows.
    pub(super) fn expected(&self, kind: ObjectKind, id: &str) -> Option<Digest> {
        self.state().expected.get(&(kind, id.to_owned())).cloned().flatten()
    }

    /// Whether an action was begun and nothing is known of its end.
    pub(super) fn is_in_doubt(&self, action: &Action) -> bool {
        self.begun.get(&action.number) == Some(&None)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn into_receipt(self, chosen: &[&Action]) -> Receipt {
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        let State { mut outcomes, ids, halted, .. } = state;
        let links = self.plan.links.iter().filter_map(|link| {
            let user = match &link.user {
                Reference::Id(id) => id.clone(),
                Reference::New(name) => ids.get(name)?.clone(),
            };
            Some(KnownLink { key: link.key.clone(), user })
        });
        let links = links.collect();
        let chosen: std::collections::HashSet<_> = chosen.iter().map(|action| action.number).collect();
        let steps = self.plan.actions.iter().map(|action| {
            let outcome = outcomes.remove(&action.number).unwrap_or_else(|| {
                Outcome::skipped(if chosen.contains(&action.number) {
                    "the run ended before"
                } else {
                    "it was not chosen"
                })
            });
            Step::new(action, outcome)
        });
        let steps = steps.collect();
        let is_overridden = self.options.override_guards.is_some();
        Receipt::new(self.plan, is_overridden, !self.begun.is_empty(), halted, steps).linking(links)
    }
}

impl State {
    /// What follows from an outcome. One that is left to be tried again is not kept.
    fn note(&mut self, action: &Action, outcome: Outcome, is_kept: bool) {
        if let Operation::CreateUser { user: name, .. } | Operation::CreateGroup { group: name, .. } = &action.operation
            && outcome.is_good()
            && let Some(id) = &outcome.id
        {
            self.ids.insert(name.clone(), id.clone());
        }
        if let Some(object) = object(&action.operation)
            && outcome.effect != Effect::None
        {
            self.expected.insert(object, outcome.after.clone());
        }
        if is_kept {
            self.outcomes.insert(action.number, outcome);
        }
    }

    /// What follows from an action of which nothing is known.
    fn forget(&mut self, action: &Action) {
        if let Some(object) = object(&action.operation) {
            self.expected.insert(object, None);
        }
    }
}

/// The object that is there and that an action changes.
pub(super) fn object(operation: &Operation) -> Option<(ObjectKind, String)> {
    match operation {
        Operation::ActivateUser { user }
        | Operation::UpdateUser { user, .. }
        | Operation::DeactivateUser { user }
        | Operation::DeleteUser { user } => Some((ObjectKind::User, user.clone())),
        Operation::UpdateGroup { group, .. } | Operation::DeleteGroup { group } => {
            Some((ObjectKind::Group, group.clone()))
        }
        Operation::CreateUser { .. }
        | Operation::CreateGroup { .. }
        | Operation::AddMember { .. }
        | Operation::RemoveMember { .. } => None,
    }
}

fn is_membership(operation: &Operation) -> bool {
    user(operation).is_some() && group(operation).is_some()
}

/// The actions of each group, groups in the order in which they are met.
fn by_group<'a>(actions: &[&'a Action]) -> Vec<Vec<&'a Action>> {
    let mut places = HashMap::new();
    let mut queues: Vec<Vec<&Action>> = Vec::new();
    for action in actions {
        let place = *places.entry(group(&action.operation)).or_insert(queues.len());
        match queues.get_mut(place) {
            Some(queue) => queue.push(action),
            None => queues.push(vec![action]),
        }
    }
    queues
}
