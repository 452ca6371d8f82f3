//! Who is in quarantine at an endpoint. What was before the quarantine is known nowhere else, so it is on the disk before
//! anything goes on, and nobody writes it but whoever holds it.
//!
//! It knows a user by an id, and keeps what it is given as text.

use std::collections::BTreeMap;
use std::fs::File;

use sqlx::Row;

use crate::error::{Error, Kind};
use crate::lock;
use crate::store::Store;

/// The record of one user's quarantine, held against every other process. Dropping it gives it free.
#[derive(Debug)]
pub struct QuarantineRecord {
    store: Store,
    endpoint: String,
    user: String,
    _lock: File,
}

impl Store {
    /// The documents of all who are in quarantine at an endpoint, by the ids of the users.
    pub async fn quarantines(&self, endpoint: &str) -> Result<BTreeMap<String, String>, Error> {
        let rows = sqlx::query("SELECT user, document FROM quarantine WHERE endpoint = ?").bind(known_by(endpoint));
        let rows = rows.fetch_all(&self.pool).await.map_err(|error| self.failed(&error))?;
        let pair = |row: &sqlx::sqlite::SqliteRow| Ok((row.try_get("user")?, row.try_get("document")?));
        rows.iter().map(pair).collect::<Result<_, sqlx::Error>>().map_err(|error| self.failed(&error))
    }

    /// Takes hold of the record of a user, whether or not there is one yet. An error that
    /// [is held](Error::is_held) where another process has it.
    pub fn hold_quarantine(&self, endpoint: &str, user: &str) -> Result<QuarantineRecord, Error> {
        let endpoint = known_by(endpoint);
        let held = |process| Kind::Quarantining { user: user.to_owned(), process };
        let lock = lock::take(&self.directory, "quarantine", &format!("{endpoint}\n{user}"), held)?;
        Ok(QuarantineRecord { store: self.clone(), endpoint: endpoint.to_owned(), user: user.to_owned(), _lock: lock })
    }
}

impl QuarantineRecord {
    /// What was written down last; `None` where the user is in no quarantine.
    pub async fn document(&self) -> Result<Option<String>, Error> {
        let document = sqlx::query_scalar("SELECT document FROM quarantine WHERE endpoint = ? AND user = ?")
            .bind(&self.endpoint)
            .bind(&self.user);
        document.fetch_optional(&self.store.pool).await.map_err(|error| self.store.failed(&error))
    }

    /// Writes a document down in place of the one before. It is on the disk when this answers.
    pub async fn put(&self, document: &str) -> Result<(), Error> {
        let written = sqlx::query("INSERT OR REPLACE INTO quarantine (endpoint, user, document) VALUES (?, ?, ?)")
            .bind(&self.endpoint)
            .bind(&self.user)
            .bind(document)
            .execute(&self.store.pool)
            .await;
        written.map(drop).map_err(|error| self.store.failed(&error))
    }

    /// Forgets it: the quarantine is over.
    pub async fn end(self) -> Result<(), Error> {
        let ended = sqlx::query("DELETE FROM quarantine WHERE endpoint = ? AND user = ?")
            .bind(&self.endpoint)
            .bind(&self.user)
            .execute(&self.store.pool)
            .await;
        ended.map(drop).map_err(|error| self.store.failed(&error))
    }
}

/// An endpoint however it ends.
fn known_by(endpoint: &str) -> &str {
    endpoint.trim_end_matches('/')
}
