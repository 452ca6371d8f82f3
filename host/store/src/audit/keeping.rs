//! The record of what is done to the accounts that are kept, as every write has one: before it, and completed after it.
//!
//! Never holds a credential: of that it says whether it is a token or a command.

use portcullis_directory::{Effect, Error as CallError, ErrorKind};
use serde_json::json;

use super::actor::Actor;
use super::auditor::Auditor;
use super::entry::{AuditedAccount, Entry, Event, Object, Outcome};
use crate::error::Error;
use crate::key_file;

/// What is done to an account that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    /// It is kept from now on, with a credential of this kind where it has one.
    Add(Option<&'static str>),
    /// Its credential is replaced by one of this kind.
    Rotate(&'static str),
    /// It is forgotten, with its credential.
    Remove,
}

impl Auditor {
    /// Does it, once it is recorded who asks for it; what cannot be recorded is not done.
    pub async fn keep<T>(
        &self,
        actor: Actor,
        account: AuditedAccount,
        keeping: Keeping,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let (operation, credential) = match keeping {
            Keeping::Add(credential) => ("add-account", credential),
            Keeping::Rotate(credential) => ("rotate-account", Some(credential)),
            Keeping::Remove => ("remove-account", None),
        };
        let (operation, id) = (Some(operation.to_owned()), key_file::random_name()?);
        let object = Some(Object { kind: "account".to_owned(), id: None, name: account.name.clone() });
        let outcome =
            Entry { operation: operation.clone(), object: object.clone(), ..Entry::new(Event::Outcome, id.clone()) };
        let request = credential.map(|kind| json!({ "credential": kind }));
        let (actor, account) = (Some(actor), Some(account));
        self.append(Entry { actor, account, operation, object, request, ..Entry::new(Event::Intent, id) }).await?;
        let done = work.await;
        let (ended, error) = match &done {
            Ok(_) => (Outcome::Done, None),
            Err(error) => (Outcome::Failed, Some(CallError::new(ErrorKind::Unavailable, error.to_string()))),
        };
        // Nothing was asked of the vendor.
        self.conclude(Entry { outcome: Some(ended), effect: Some(Effect::None), error, ..outcome }).await;
        done
    }
}
