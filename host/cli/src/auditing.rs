//! The record of what commands write: every account that a command is connected to goes through here, so that no write
//! is made without it unless the operator said so. It asks the clock and the system who asks; nothing here prints.

use std::env;
use std::sync::OnceLock;
use std::time::SystemTime;

use clap::Args;
use portcullis_runtime::AccountDirectory;
use portcullis_store::AccountName;
use portcullis_store::audit::{Actor, Audited, AuditedAccount, Auditor, Keeping};

use crate::data::DataArguments;
use crate::failure::Failure;

/// A directory whose writes are recorded.
pub(crate) type Recorded = Audited<AccountDirectory>;

/// The flag that says who asks.
#[derive(Debug, Default, Args)]
pub(crate) struct AuditArguments {
    /// Who asks, or why, for the audit log; the user of this system is written there in any case
    #[arg(
        long,
        value_name = "TEXT",
        env = "PORTCULLIS_ACTOR",
        hide_env_values = true,
        global = true,
        help_heading = "Account"
    )]
    actor: Option<String>,
}

impl AuditArguments {
    /// The directory with the record around it.
    pub(crate) fn record(
        &self,
        directory: AccountDirectory,
        data: &DataArguments,
        account: AuditedAccount,
    ) -> anyhow::Result<Recorded> {
        if is_off()? {
            return Ok(Audited::unrecorded(directory));
        }
        let auditor = AUDITOR.get_or_init(|| data.auditor()).clone();
        Ok(Audited::new(directory, auditor, account, self.actor()).with_witness(|directory| {
            let (directory, witness) = directory.witnessed();
            (directory, Box::new(move || witness.request_ids()))
        }))
    }

    /// Does something to an account that is kept, on the record.
    pub(crate) async fn keep<T>(
        &self,
        data: &DataArguments,
        (name, endpoint): (&AccountName, &str),
        keeping: Keeping,
        work: impl Future<Output = Result<T, portcullis_store::Error>>,
    ) -> anyhow::Result<T> {
        if is_off()? {
            return Ok(work.await?);
        }
        let auditor = AUDITOR.get_or_init(|| data.auditor());
        let account = AuditedAccount { name: Some(name.to_string()), endpoint: endpoint.to_owned() };
        Ok(auditor.keep(self.actor(), account, keeping, work).await?)
    }

    /// Who asks, as this system knows him, and what he says of himself.
    pub(crate) fn actor(&self) -> Actor {
        let actor = user();
        match &self.actor {
            Some(text) => actor.saying(text),
            None => actor,
        }
    }
}

/// How many writes of this process read as unfinished, because what came of them could not be recorded.
pub(crate) fn unrecorded() -> u64 {
    AUDITOR.get().map_or(0, Auditor::unrecorded)
}

/// The time of now.
pub(crate) fn clock() -> SystemTime {
    SystemTime::now()
}

/// Whether the operator turned the record off. A word that is neither is refused: it may have been meant to.
fn is_off() -> anyhow::Result<bool> {
    let word = env::var_os(SWITCH).unwrap_or_default();
    match word.to_str() {
        Some("off") => Ok(true),
        Some("" | "on") => Ok(false),
        _ => {
            Err(Failure::usage(format!("{SWITCH} is neither `on` nor `off`"), "unset it, or set it to one of them")
                .into())
        }
    }
}

#[cfg(unix)]
fn user() -> Actor {
    let uid = rustix::process::getuid().as_raw();
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    Actor { user: name(&users, uid), uid: Some(uid), text: None }
}

#[cfg(not(unix))]
fn user() -> Actor {
    Actor { user: env::var("USERNAME").ok(), uid: None, text: None }
}

/// The name of a user in the text of `/etc/passwd`; a directory of users elsewhere is not asked, and the number is
/// enough.
#[cfg(unix)]
fn name(users: &str, uid: u32) -> Option<String> {
    users.lines().find_map(|line| {
        let mut parts = line.split(':');
        let name = parts.next()?;
        (parts.nth(1)?.parse() == Ok(uid)).then(|| name.to_owned())
    })
}

/// One for all accounts of the process.
static AUDITOR: OnceLock<Auditor> = OnceLock::new();

const SWITCH: &str = "PORTCULLIS_AUDIT";

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_found_by_his_number() {
        let users = "root:x:0:0:root:/root:/bin/sh\nbroken\nalice:x:1000:1000::/home/alice:/bin/sh\n";
        assert_eq!(name(users, 1000).as_deref(), Some("alice"));
        assert_eq!((name(users, 0).as_deref(), name(users, 7)), (Some("root"), None));
    }
}
