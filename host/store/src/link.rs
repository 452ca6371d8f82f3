//! What reconciling remembers of the directory at an endpoint: who in a source is who, what was applied lately, and what
//! the last run found. Kept by endpoint and not by account, since two accounts with one endpoint have one directory.

use std::collections::BTreeMap;

use sqlx::Row;

use crate::error::Error;
use crate::store::Store;

impl Store {
    /// The ids of users by the source's keys.
    pub async fn links(&self, endpoint: &str) -> Result<BTreeMap<String, String>, Error> {
        let rows = sqlx::query("SELECT key, id FROM link WHERE endpoint = ? ORDER BY key").bind(endpoint);
        let rows = rows.fetch_all(&self.pool).await.map_err(|error| self.failed(&error))?;
        let pair = |row: &sqlx::sqlite::SqliteRow| Ok((row.try_get("key")?, row.try_get("id")?));
        rows.iter().map(pair).collect::<Result<_, sqlx::Error>>().map_err(|error| self.failed(&error))
    }

    /// Keeps links, in place of those with the same keys; all of them or none. `now` is in seconds after 1970, here and
    /// below.
    pub async fn put_links(&self, endpoint: &str, links: &[(String, String)], now: i64) -> Result<(), Error> {
        let mut transaction = self.begin().await?;
        for (key, id) in links {
            sqlx::query("INSERT OR REPLACE INTO link (endpoint, key, id, made) VALUES (?, ?, ?, ?)")
                .bind(endpoint)
                .bind(key)
                .bind(id)
                .bind(now)
                .execute(&mut *transaction)
                .await
                .map_err(|error| self.failed(&error))?;
        }
        transaction.commit().await.map_err(|error| self.failed(&error))
    }

    /// Forgets the link of this key. Tells whether there was one.
    pub async fn break_link(&self, endpoint: &str, key: &str) -> Result<bool, Error> {
        let broken = sqlx::query("DELETE FROM link WHERE endpoint = ? AND key = ?").bind(endpoint).bind(key);
        Ok(broken.execute(&self.pool).await.map_err(|error| self.failed(&error))?.rows_affected() > 0)
    }

    /// How many actions of each kind were applied since a time, by [`Journal::conclude`](crate::Journal::conclude).
    pub async fn count_applied(&self, endpoint: &str, since: i64) -> Result<BTreeMap<String, u64>, Error> {
        let rows =
            sqlx::query("SELECT kind, sum(count) AS count FROM applied WHERE endpoint = ? AND at > ? GROUP BY kind")
                .bind(endpoint.trim_end_matches('/'))
                .bind(since)
                .fetch_all(&self.pool)
                .await
                .map_err(|error| self.failed(&error))?;
        let count = |row: &sqlx::sqlite::SqliteRow| {
            Ok((row.try_get("kind")?, u64::try_from(row.try_get::<i64, _>("count")?).unwrap_or(0)))
        };
        rows.iter().map(count).collect::<Result<_, sqlx::Error>>().map_err(|error| self.failed(&error))
    }

    /// The document of the last run, where there was one.
    pub async fn last_run(&self, endpoint: &str) -> Result<Option<String>, Error> {
        let run = sqlx::query_scalar("SELECT document FROM run WHERE endpoint = ?").bind(endpoint);
        run.fetch_optional(&self.pool).await.map_err(|error| self.failed(&error))
    }

    /// Keeps the document of a run in place of the one before.
    pub async fn record_run(&self, endpoint: &str, document: &str, now: i64) -> Result<(), Error> {
        let kept = sqlx::query("INSERT OR REPLACE INTO run (endpoint, document, at) VALUES (?, ?, ?)");
        let kept = kept.bind(endpoint).bind(document).bind(now).execute(&self.pool).await;
        kept.map(drop).map_err(|error| self.failed(&error))
    }
}
