//! The store: accounts by name, credentials by id.

use std::path::{Path, PathBuf};

use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqlitePool, SqliteRow, SqliteTransaction};

use crate::account::{Account, AccountName, Check, NewAccount};
use crate::credential::{Credential, NONE};
use crate::error::{Error, Kind};
use crate::key::{KeyId, Keys};
use crate::key_file;
use crate::key_source::{KeyPlace, KeySource};
use crate::schema;
use crate::seal::{self, Owner};

/// A query of whole accounts. The columns have names, since a connection may learn in the middle of one that another
/// process added some, and takes `*` for those that it knew.
macro_rules! accounts {
    ($rest:literal) => {
        concat!(
            "SELECT id, name, endpoint, settings, limits, component, credential_kind, credential, key, created, rotated, \
             checked, outcome, needs_reauth FROM account ",
            $rest
        )
    };
}
pub(crate) use accounts;

/// An open store. Clones share their connections.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) directory: PathBuf,
    pub(crate) keys: KeySource,
    pub(crate) pool: SqlitePool,
}

impl Store {
    /// Whether a store was ever made in a directory.
    pub fn is_in(directory: &Path) -> bool {
        schema::path(directory).exists()
    }

    /// Opens the store in a directory; makes both where they are not there. Refuses what others can reach.
    pub async fn open(directory: impl Into<PathBuf>, keys: KeySource) -> Result<Store, Error> {
        let directory = directory.into();
        let pool = schema::open(&directory).await?;
        Ok(Store { directory, keys, pool })
    }

    /// Keeps a new account. `now` is in seconds after 1970, here and below.
    pub async fn add(&self, account: NewAccount, now: i64) -> Result<Account, Error> {
        let id = key_file::random_name()?;
        let NewAccount { name, endpoint, settings, limits, component, credential } = account;
        let mut transaction = self.begin().await?;
        let sealed = match &credential {
            None => None,
            Some(credential) => {
                let owner = Owner { id: &id, name: name.as_str(), endpoint: &endpoint, kind: credential.kind() };
                Some(self.seal(&mut transaction, owner, credential).await?)
            }
        };
        let (sealed, key) = sealed.unzip();
        let added = sqlx::query(
            "INSERT INTO account (id, name, endpoint, settings, limits, component, credential_kind, credential, key, \
             created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(&id)
        .bind(name.as_str())
        .bind(&endpoint)
        .bind(&settings)
        .bind(serde_json::to_string(&limits).map_err(|error| Kind::Database(error.to_string()))?)
        .bind(&component)
        .bind(credential.as_ref().map_or(NONE, Credential::kind))
        .bind(sealed)
        .bind(key.as_ref().map(KeyId::as_str))
        .bind(now)
        .execute(&mut *transaction)
        .await;
        match added {
            Err(error) if error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_unique_violation) => {
                return Err(Kind::Taken(name.to_string()).into());
            }
            added => added.map_err(|error| self.failed(&error))?,
        };
        transaction.commit().await.map_err(|error| self.failed(&error))?;
        self.account(&name).await
    }

    /// All accounts, by name.
    pub async fn accounts(&self) -> Result<Vec<Account>, Error> {
        let rows = sqlx::query(accounts!("ORDER BY name")).fetch_all(&self.pool).await;
        rows.map_err(|error| self.failed(&error))?.iter().map(|row| self.read(row)).collect()
    }

    /// The account of this name.
    pub async fn account(&self, name: &AccountName) -> Result<Account, Error> {
        let row = sqlx::query(accounts!("WHERE name = ?")).bind(name.as_str()).fetch_optional(&self.pool);
        match row.await.map_err(|error| self.failed(&error))? {
            Some(row) => self.read(&row),
            None => Err(Kind::NotFound(name.to_string()).into()),
        }
    }

    /// Forgets the account of this id, and overwrites its sealed credential.
    pub async fn remove(&self, account: &Account) -> Result<(), Error> {
        let removed = sqlx::query("DELETE FROM account WHERE id = ?").bind(&account.id).execute(&self.pool).await;
        self.touched_one(removed, account)
    }

    /// Puts another credential in place of the one that there is, at once.
    pub async fn replace_credential(&self, account: &Account, credential: &Credential, now: i64) -> Result<(), Error> {
        let Account { id, name, endpoint, .. } = account;
        let owner = Owner { id, name: name.as_str(), endpoint, kind: credential.kind() };
        let mut transaction = self.begin().await?;
        let (sealed, key) = self.seal(&mut transaction, owner, credential).await?;
        let replaced =
            sqlx::query("UPDATE account SET credential_kind = ?, credential = ?, key = ?, rotated = ?, needs_reauth = NULL WHERE id = ?")
                .bind(credential.kind())
                .bind(sealed)
                .bind(key.as_str())
                .bind(now)
                .bind(id)
                .execute(&mut *transaction)
                .await;
        self.touched_one(replaced, account)?;
        transaction.commit().await.map_err(|error| self.failed(&error))
    }

    /// The credential of an account as it is now; `None` where it has none. An account that was removed, or whose
    /// endpoint is not the one of `account` any more, gives nothing but an error.
    pub async fn credential(&self, account: &Account) -> Result<Option<Credential>, Error> {
        self.current(account).await.map(|(_, credential)| credential)
    }

    /// The same, with the account as it is now.
    pub async fn current(&self, account: &Account) -> Result<(Account, Option<Credential>), Error> {
        match self.read_current(account).await {
            // Perhaps it was rotated after the row was read, and before the keys were.
            Err(error) if error.is_key_missing() => self.read_current(account).await,
            read => read,
        }
    }

    async fn read_current(&self, account: &Account) -> Result<(Account, Option<Credential>), Error> {
        let row = sqlx::query(accounts!("WHERE id = ?")).bind(&account.id).fetch_optional(&self.pool);
        let Some(row) = row.await.map_err(|error| self.failed(&error))? else {
            return Err(Kind::NotFound(account.name.to_string()).into());
        };
        let (current, sealed) = (self.read(&row)?, self.sealed(&row)?);
        if current.endpoint != account.endpoint {
            return Err(Kind::Seal(account.name.to_string()).into());
        }
        let Some((sealed, key)) = sealed else { return Ok((current, None)) };
        let keys = self.keys.opening(&self.directory, &key).await?;
        let credential = self.unseal(keys.as_ref(), &current, &sealed, &key)?;
        Ok((current, Some(credential)))
    }

    /// Writes down that the vendor refuses the credential that `account` had when it was read; nothing where that has
    /// been replaced since.
    pub async fn mark_reauth(&self, account: &Account, now: i64) -> Result<(), Error> {
        let marked =
            sqlx::query("UPDATE account SET needs_reauth = coalesce(needs_reauth, ?) WHERE id = ? AND rotated IS ?")
                .bind(now)
                .bind(&account.id)
                .bind(account.rotated)
                .execute(&self.pool)
                .await;
        marked.map(drop).map_err(|error| self.failed(&error))
    }

    /// Writes down that the vendor takes the credential.
    pub async fn clear_reauth(&self, account: &Account) -> Result<(), Error> {
        let cleared = sqlx::query("UPDATE account SET needs_reauth = NULL WHERE id = ?").bind(&account.id);
        cleared.execute(&self.pool).await.map(drop).map_err(|error| self.failed(&error))
    }

    /// Writes down how a check went.
    pub async fn record_check(&self, account: &Account, check: &Check) -> Result<(), Error> {
        let recorded = sqlx::query("UPDATE account SET checked = ?, outcome = ? WHERE id = ?")
            .bind(check.at)
            .bind(&check.outcome)
            .bind(&account.id)
            .execute(&self.pool)
            .await;
        self.touched_one(recorded, account)
    }

    /// A transaction that no other writer runs beside.
    pub(crate) async fn begin(&self) -> Result<SqliteTransaction<'static>, Error> {
        self.pool.begin_with("BEGIN IMMEDIATE").await.map_err(|error| self.failed(&error))
    }

    /// Seals with the key that is current while nobody else can write, so that no rotation comes between.
    async fn seal(
        &self,
        connection: &mut SqliteConnection,
        owner: Owner<'_>,
        credential: &Credential,
    ) -> Result<(Vec<u8>, KeyId), Error> {
        let keys = self.sealing_keys(connection).await?;
        let key = keys.current().ok_or(Kind::Random)?;
        Ok((seal::seal(key, owner, &credential.to_bytes()?)?, key.id()))
    }

    /// The keys, made where nothing is sealed yet.
    pub(crate) async fn sealing_keys(&self, connection: &mut SqliteConnection) -> Result<Keys, Error> {
        let missing = match self.keys.current(&self.directory).await {
            Ok(Some(keys)) => return Ok(keys),
            Ok(None) => Kind::KeyLost(key_file::own(&self.directory)).into(),
            Err(error) if error.is_key_missing() => error,
            Err(error) => return Err(error),
        };
        let sealed: i64 = sqlx::query_scalar(
            "SELECT (SELECT count(*) FROM account WHERE credential IS NOT NULL) + (SELECT count(*) FROM audit)",
        )
        .fetch_one(connection)
        .await
        .map_err(|error| self.failed(&error))?;
        if sealed > 0 { Err(missing) } else { self.keys.make(&self.directory).await }
    }

    pub(crate) fn unseal(
        &self,
        keys: Option<&Keys>,
        account: &Account,
        sealed: &[u8],
        key: &str,
    ) -> Result<Credential, Error> {
        let keys = keys.ok_or_else(|| Kind::KeyLost(key_file::own(&self.directory)))?;
        let name = account.name.to_string();
        let Some(key) = keys.get(key) else {
            return Err(Kind::KeyUnknown { name, key: KeyId::stored(key.to_owned()) }.into());
        };
        let clear = seal::open(key, owner(account), sealed)?;
        Credential::from_bytes(&account.credential_kind, &clear).ok_or_else(|| Kind::Seal(name).into())
    }

    /// The account in a row.
    pub(crate) fn read(&self, row: &SqliteRow) -> Result<Account, Error> {
        let failed = |error| self.failed(&error);
        let damaged = |reason: String| Kind::Damaged { path: schema::path(&self.directory), reason };
        let name: String = row.try_get("name").map_err(failed)?;
        let limits: String = row.try_get("limits").map_err(failed)?;
        let (checked, outcome) = (row.try_get("checked").map_err(failed)?, row.try_get("outcome").map_err(failed)?);
        Ok(Account {
            id: row.try_get("id").map_err(failed)?,
            name: name.parse().map_err(|error: Error| damaged(error.to_string()))?,
            endpoint: row.try_get("endpoint").map_err(failed)?,
            settings: row.try_get("settings").map_err(failed)?,
            limits: serde_json::from_str(&limits).map_err(|error| damaged(error.to_string()))?,
            component: row.try_get("component").map_err(failed)?,
            credential_kind: row.try_get("credential_kind").map_err(failed)?,
            created: row.try_get("created").map_err(failed)?,
            rotated: row.try_get("rotated").map_err(failed)?,
            checked: Option::zip(checked, outcome).map(|(at, outcome)| Check { at, outcome }),
            needs_reauth: row.try_get("needs_reauth").map_err(failed)?,
        })
    }

    /// The sealed credential in a row, and the id of its key.
    pub(crate) fn sealed(&self, row: &SqliteRow) -> Result<Option<(Vec<u8>, String)>, Error> {
        let sealed = row.try_get("credential").map_err(|error| self.failed(&error))?;
        let key = row.try_get("key").map_err(|error| self.failed(&error))?;
        Ok(Option::zip(sealed, key))
    }

    pub(crate) fn failed(&self, error: &sqlx::Error) -> Error {
        schema::error(&schema::path(&self.directory), error)
    }

    fn touched_one(
        &self,
        done: Result<sqlx::sqlite::SqliteQueryResult, sqlx::Error>,
        account: &Account,
    ) -> Result<(), Error> {
        if done.map_err(|error| self.failed(&error))?.rows_affected() == 0 {
            return Err(Kind::NotFound(account.name.to_string()).into());
        }
        Ok(())
    }

    /// Where the key is; `None` where there is none yet.
    pub fn key_place(&self) -> Result<Option<KeyPlace>, Error> {
        self.keys.place(&self.directory)
    }

    /// The directory that it is in.
    pub fn directory(&self) -> &Path {
        &self.directory
    }
}

pub(crate) fn owner(account: &Account) -> Owner<'_> {
    Owner { id: &account.id, name: account.name.as_str(), endpoint: &account.endpoint, kind: &account.credential_kind }
}
