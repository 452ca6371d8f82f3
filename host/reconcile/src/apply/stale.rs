//! Whether the objects that a plan touches are as they were when it was made.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::{StreamExt, TryStreamExt, stream};
use portcullis_directory::{Directory, Error, Row, Walk, WalkOptions};

use super::Observer;
use super::choice::{group, user};
use super::field::Object;
use super::journal::Journal;
use super::refusal::{Change, Refusal, noun};
use super::run::{Run, object};
use crate::action::{Action, FieldChange, Operation};
use crate::digest::Digest;
use crate::plan::{ObjectKind, Touched};

/// Reads every object that the chosen actions touch and refuses them all where one changed. What an earlier run left in
/// doubt is compared when its action is settled.
pub(super) async fn check<D: Directory, J: Journal>(
    run: &Run<'_, D, J>,
    chosen: &[&Action],
    observer: &impl Observer,
) -> Result<(), Refusal> {
    let mut wanted: HashSet<(ObjectKind, &str)> = HashSet::new();
    let mut open: HashSet<(ObjectKind, String)> = HashSet::new();
    let mut fields: HashMap<(ObjectKind, String), &[FieldChange]> = HashMap::new();
    for action in chosen {
        let operation = &action.operation;
        wanted.extend(user(operation).map(|id| (ObjectKind::User, id.as_str())));
        wanted.extend(group(operation).map(|id| (ObjectKind::Group, id.as_str())));
        let Some(object) = object(operation) else { continue };
        if run.is_in_doubt(action) {
            open.insert(object);
        } else if let Operation::UpdateUser { fields: changed, .. } | Operation::UpdateGroup { fields: changed, .. } =
            operation
        {
            fields.insert(object, changed);
        }
    }
    let touched: Vec<_> = run
        .plan
        .touched
        .iter()
        .filter(|touched| wanted.contains(&(touched.kind, touched.id.as_str())))
        .filter(|touched| !open.contains(&(touched.kind, touched.id.clone())))
        .collect();
    let check =
        Check { run, fields, compared: AtomicUsize::new(0), of: touched.len(), changes: Mutex::default(), observer };
    for kind in [ObjectKind::User, ObjectKind::Group] {
        let of_kind: Vec<_> = touched.iter().copied().filter(|touched| touched.kind == kind).collect();
        let left = match kind {
            ObjectKind::User => {
                check.walk(Walk::users(run.directory, WalkOptions::default()), of_kind, user_seen).await
            }
            ObjectKind::Group => {
                check.walk(Walk::groups(run.directory, WalkOptions::default()), of_kind, group_seen).await
            }
        };
        let reads = stream::iter(left).map(|touched| Ok(check.read(touched)));
        let reads = reads.try_buffer_unordered(run.options.concurrency.get());
        reads.try_for_each(|()| std::future::ready(Ok(()))).await?;
    }
    let mut changes = check.changes.into_inner().unwrap_or_else(PoisonError::into_inner);
    if changes.is_empty() {
        return Ok(());
    }
    changes.sort_by(|one, other| (one.kind, &one.id).cmp(&(other.kind, &other.id)));
    Err(Refusal::Stale(changes))
}

/// An object that was read.
struct Seen {
    object: Object,
    digest: Digest,
}

fn user_seen(user: &portcullis_directory::User) -> Seen {
    Seen { object: Object::of_user(user), digest: Digest::of_user(user) }
}

fn group_seen(group: &portcullis_directory::Group) -> Seen {
    Seen { object: Object::of_group(group), digest: Digest::of_group(group) }
}

struct Check<'a, 'r, D, J, O> {
    run: &'r Run<'a, D, J>,
    /// What the plan knows of the fields of an object.
    fields: HashMap<(ObjectKind, String), &'r [FieldChange]>,
    compared: AtomicUsize,
    of: usize,
    changes: Mutex<Vec<Change>>,
    observer: &'r O,
}

impl<D: Directory, J: Journal, O: Observer> Check<'_, '_, D, J, O> {
    /// Compares what a reading of the whole list shows where that takes fewer requests, and answers what is left to be
    /// read one by one. A list that breaks off is no reason to give up.
    async fn walk<'t, T: Row>(
        &self,
        mut walk: Walk<'_, D, T>,
        touched: Vec<&'t Touched>,
        seen: impl Fn(&T) -> Seen,
    ) -> Vec<&'t Touched> {
        if touched.len() < FEW {
            return touched;
        }
        let mut left: HashMap<_, _> = touched.into_iter().map(|touched| (touched.id.as_str(), touched)).collect();
        while !left.is_empty()
            && let Ok(Some(page)) = walk.next_page().await
        {
            for row in &page.items {
                if let Some(touched) = left.remove(row.id()) {
                    self.compare(touched, Some(&seen(row)));
                }
            }
            let rows = page.items.len().max(1);
            if page.total.is_none_or(|total| total as usize / rows > left.len()) {
                break;
            }
        }
        left.into_values().collect()
    }

    async fn read(&self, touched: &Touched) -> Result<(), Refusal> {
        let unread = |error: Error| {
            let object = format!("the {} `{}` (`{}`)", noun(touched.kind), touched.name, touched.id);
            Refusal::Unread { object, error }
        };
        let seen = match touched.kind {
            ObjectKind::User => self.run.user(&touched.id).await.map_err(unread)?.as_ref().map(user_seen),
            ObjectKind::Group => self.run.group(&touched.id).await.map_err(unread)?.as_ref().map(group_seen),
        };
        self.compare(touched, seen.as_ref());
        Ok(())
    }

    fn compare(&self, touched: &Touched, seen: Option<&Seen>) {
        let fields = self.fields.get(&(touched.kind, touched.id.clone())).copied().unwrap_or_default();
        let changed = match seen {
            None => Some((None, "is gone".to_owned())),
            Some(Seen { object, digest }) => {
                let named = || object.changed_field(fields).map(|(field, detail)| (Some(field), detail));
                match self.run.expected(touched.kind, &touched.id) {
                    Some(expected) if expected == *digest => None,
                    Some(_) => {
                        Some(named().unwrap_or((None, "changed in a field that the plan leaves alone".to_owned())))
                    }
                    // This plan changed it, and nobody saw what came of it.
                    None => named(),
                }
            }
        };
        if let Some((field, detail)) = changed {
            let Touched { kind, id, name, .. } = touched.clone();
            let change = Change { kind, id, name, field, detail };
            self.changes.lock().unwrap_or_else(PoisonError::into_inner).push(change);
        }
        let compared = self.compared.fetch_add(1, Ordering::Relaxed) + 1;
        self.observer.compared(compared, self.of);
    }
}

/// Objects that are read one by one in any case.
const FEW: usize = 20;
