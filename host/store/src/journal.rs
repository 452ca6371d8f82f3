//! What was about to be done at a vendor, and what came of it, on the disk before anything goes on.
//!
//! It knows a plan by a text and its actions by numbers, and keeps outcomes as the text that it is given. While a journal
//! is open nobody else on this machine who uses the same directory opens one for the same endpoint.

use std::collections::BTreeMap;
use std::fs::File;

use sqlx::Row;
use sqlx::sqlite::SqliteTransaction;

use crate::error::{Error, Kind};
use crate::lock;
use crate::store::Store;

/// An open journal of one plan at one endpoint. Dropping it gives the endpoint free.
#[derive(Debug)]
pub struct Journal {
    store: Store,
    run: i64,
    started: i64,
    ended: Option<i64>,
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
        // One plan at a time.
        let held = |process| Kind::Applying { endpoint: endpoint.to_owned(), process };
        let lock = lock::take(&self.directory, "apply", endpoint, held)?;
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

    /// Writes down what came of actions and how many of each kind were applied, for [`Store::count_applied`]; all of it
    /// at once. It is on the disk when it answers.
    pub async fn conclude(
        &self,
        outcomes: &[(u32, String)],
        applied: &BTreeMap<&str, u32>,
        now: i64,
    ) -> Result<(), Error> {
        let mut transaction = self.store.begin().await?;
        for (kind, count) in applied {
            sqlx::query(
                "INSERT INTO applied (endpoint, kind, count, at) SELECT endpoint, ?, ?, ? FROM journal WHERE run = ?",
            )
            .bind(kind)
            .bind(count)
            .bind(now)
            .bind(self.run)
            .execute(&mut *transaction)
            .await
            .map_err(|error| self.store.failed(&error))?;
        }
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
