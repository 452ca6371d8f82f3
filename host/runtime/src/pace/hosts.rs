//! The hosts of a runtime, each for as long as an account is bound to it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::shared::Shared;
use super::turn::Turns;

/// What the accounts of one host share, found by its authority.
#[derive(Debug, Default)]
pub(crate) struct Hosts {
    turns: Mutex<HashMap<String, Weak<Turns>>>,
    shared: Option<Shared>,
}

impl Hosts {
    /// Those of a runtime whose accounts keep their pace together with other processes, where that is wanted.
    pub(crate) fn new(shared: Option<Shared>) -> Hosts {
        Hosts { turns: Mutex::default(), shared }
    }

    /// The turns of this host, new ones where no account of it is left.
    pub(crate) fn turns(&self, authority: &str) -> Arc<Turns> {
        let mut hosts = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(turns) = hosts.get(authority).and_then(Weak::upgrade) {
            return turns;
        }
        hosts.retain(|_, turns| turns.strong_count() > 0);
        let turns = Turns::new(self.shared.clone());
        hosts.insert(authority.to_owned(), Arc::downgrade(&turns));
        turns
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pace::Pace;

    #[test]
    fn accounts_of_a_host_meet_and_a_host_without_accounts_is_forgotten() {
        let hosts = Hosts::default();
        let account = hosts.turns("a.example").join(Pace::default(), "account");
        assert!(Arc::ptr_eq(account.turns(), &hosts.turns("a.example")));
        assert!(!Arc::ptr_eq(account.turns(), &hosts.turns("b.example")));
        drop(account);
        drop(hosts.turns("c.example"));
        assert_eq!(hosts.turns.lock().unwrap().keys().collect::<Vec<_>>(), ["c.example"]);
    }
}
