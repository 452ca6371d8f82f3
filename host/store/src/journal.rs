//! What was about to be done at a vendor, and what came of it, on the disk before anything goes on.
//!
//! It knows a plan by a text and its actions by numbers, and keeps outcomes as the text that it is given. While a journal
//! is open nobody else on this machine who uses the same directory opens one for the same endpoint.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write as _};

use sha2::{Digest as _, Sha256};
use sqlx::Row;
use sqlx::sqlite::SqliteTransaction;

use crate::error::{Error, Kind};
use crate::place;
use crate::store::Store;

/// An open journal of one plan at one endpoint. Dropping it gives the endpoint free.
#[derive(Debug)]
pub struct Journal {
    store: Store,
    run: i64,
    started: i64,
    ended: Option<i64>,
    /// Locked as long as it is open. The system gives it free when the process ends, however that happens, so that no
    /// lock is ever stale.
    _lock: File,
}

/// An action that was begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalEntry {
    /// The action's number in the plan.
    pub number: u32,
    /// What came of it; `None` where that is unknown.
    pub outcome: Option<String>,
}

impl Store {
    /// Opens the journal of a plan at an endpoint, and makes it where the plan was not begun yet. `now` is in seconds
    /// after 1970, here and below.
    pub async fn journal(&self, endpoint: &str, plan: &str, now: i64) -> Result<Journal, Error> {
        let endpoint = endpoint.trim_end_matches('/');
        let lock = self.lock(endpoint)?;
        let mut transaction = self.begin().await?;
        let failed = |error| self.failed(&error);
        sqlx::query("INSERT INTO journal (endpoint, plan, started) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
            .bind(endpoint)
            .bind(plan)
            .bind(now)
            .execute(&mut *transaction)
            .await
            .map_err(failed)?;
        let row = sqlx::query("SELECT run, started, ended FROM journal WHERE endpoint = ? AND plan = ?")
            .bind(endpoint)
            .bind(plan)
            .fetch_one(&mut *transaction)
            .await
            .map_err(failed)?;
        transaction.commit().await.map_err(failed)?;
        Ok(Journal {
            store: self.clone(),
            run: row.try_get("run").map_err(failed)?,
            started: row.try_get("started").map_err(failed)?,
            ended: row.try_get("ended").map_err(failed)?,
            _lock: lock,
        })
    }

    /// Takes the endpoint for one plan at a time.
    fn lock(&self, endpoint: &str) -> Result<File, Error> {
        let mut name = String::from("apply-");
        for byte in Sha256::digest(endpoint).iter().take(8) {
            // Writing to a text cannot fail.
            let _ = write!(name, "{byte:02x}");
        }
        let path = self.directory.join(name + ".lock");
        let unusable = |error| place::unusable(&path, "cannot be written", &error);
        let mut file = place::open_own(&path).map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(std::fs::TryLockError::WouldBlock) => {
                let mut owner = String::new();
                // Who holds it is told as well as it can be read.
                let _ = file.take(20).read_to_string(&mut owner);
                let process = owner.trim().parse::<u32>().ok();
                return Err(Kind::Applying { endpoint: endpoint.to_owned(), process }.into());
            }
            Err(std::fs::TryLockError::Error(error)) => return Err(unusable(error)),
        }
        let written = file.set_len(0).and_then(|()| file.seek(SeekFrom::Start(0)));
        written.and_then(|_| writeln!(file, "{}", std::process::id())).map_err(unusable)?;
        Ok(file)
    }
}

impl Journal {
    /// When the plan was begun.
    pub fn started(&self) -> i64 {
        self.started
    }

    /// When all of the plan was done; `None` where something is left.
    pub fn ended(&self) -> Option<i64> {
        self.ended
    }

    /// The actions that were begun, by their numbers.
    pub async fn entries(&self) -> Result<Vec<JournalEntry>, Error> {
        let failed = |error| self.store.failed(&error);
        let rows = sqlx::query("SELECT number, outcome FROM journal_action WHERE run = ? ORDER BY number")
            .bind(self.run)
            .fetch_all(&self.store.pool)
            .await
            .map_err(failed)?;
        let entry = |row: &sqlx::sqlite::SqliteRow| {
            Ok(JournalEntry {
                number: row.try_get("number").map_err(failed)?,
                outcome: row.try_get("outcome").map_err(failed)?,
            })
        };
        rows.iter().map(entry).collect()
    }

    /// Writes down that these actions are about to be done, all of them at once. They are on the disk when it answers.
    pub async fn intend(&self, numbers: &[u32]) -> Result<(), Error> {
        let mut transaction = self.store.begin().await?;
        for number in numbers {
            sqlx::query(
                "INSERT INTO journal_action (run, number) VALUES (?, ?) ON CONFLICT (run, number) DO UPDATE SET \
                 outcome = NULL",
            )
            .bind(self.run)
            .bind(number)
            .execute(&mut *transaction)
            .await
            .map_err(|error| self.store.failed(&error))?;
        }
        self.commit(transaction).await
    }

    /// Writes down what came of actions, all of them at once. They are on the disk when it answers.
    pub async fn conclude(&self, outcomes: &[(u32, String)]) -> Result<(), Error> {
        let mut transaction = self.store.begin().await?;
        for (number, outcome) in outcomes {
            sqlx::query("UPDATE journal_action SET outcome = ? WHERE run = ? AND number = ?")
                .bind(outcome)
                .bind(self.run)
                .bind(number)
                .execute(&mut *transaction)
                .await
                .map_err(|error| self.store.failed(&error))?;
        }
        self.commit(transaction).await
    }

    /// Writes down that nothing of the plan is left.
    pub async fn end(&self, now: i64) -> Result<(), Error> {
        let mut transaction = self.store.begin().await?;
        sqlx::query("UPDATE journal SET ended = ? WHERE run = ?")
            .bind(now)
            .bind(self.run)
            .execute(&mut *transaction)
            .await
            .map_err(|error| self.store.failed(&error))?;
        self.commit(transaction).await
    }

    async fn commit(&self, transaction: SqliteTransaction<'static>) -> Result<(), Error> {
        transaction.commit().await.map_err(|error| self.store.failed(&error))
    }
}
