//! What the database knows of the end of the log, under a MAC, and the key of the chain, sealed. Nothing here touches the
//! file.

use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use zeroize::Zeroizing;

use super::chain::{self, ChainKey, Mac};
use crate::error::{Error, Kind};
use crate::key::{KeyId, Keys};
use crate::key_file;
use crate::schema;
use crate::seal::{self, Owner};
use crate::store::Store;

/// Where the file begins and ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct End {
    /// The number of the last line before the file, which a restart put aside.
    pub(crate) first: u64,
    /// The MAC of that line.
    pub(crate) start: Mac,
    /// The number of the last line.
    pub(crate) count: u64,
    /// The MAC of that line.
    pub(crate) head: Mac,
    /// Bytes of the file.
    pub(crate) length: u64,
}

impl End {
    /// Of a log without lines.
    pub(crate) const EMPTY: End = End { first: 0, start: Mac::START, count: 0, head: Mac::START, length: 0 };

    fn bytes(&self) -> Vec<u8> {
        let End { first, start, count, head, length } = self;
        [&first.to_be_bytes()[..], &start.0, &count.to_be_bytes(), &head.0, &length.to_be_bytes()].concat()
    }
}

impl Store {
    /// The key and the end of the log; `None` where nothing was ever recorded.
    pub(crate) async fn audit_end(&self, connection: &mut SqliteConnection) -> Result<Option<(ChainKey, End)>, Error> {
        let row = sqlx::query("SELECT * FROM audit").fetch_optional(connection).await;
        let Some(row) = row.map_err(|error| self.failed(&error))? else { return Ok(None) };
        let (sealed, key) = self.audit_sealed(&row)?;
        let keys = self.keys.opening(&self.directory, &key).await?;
        let key = ChainKey::new(&self.audit_key(keys.as_ref(), &sealed, &key)?);
        let end = self.read_end(&row)?;
        let tag: Vec<u8> = row.try_get("tag").map_err(|error| self.failed(&error))?;
        let tag = <[u8; 32]>::try_from(tag).map(Mac).map_err(|_| Kind::AuditEnd)?;
        if key.is(chain::END, &end.bytes(), tag) { Ok(Some((key, end))) } else { Err(Kind::AuditEnd.into()) }
    }

    /// The same, made where nothing was ever recorded.
    pub(crate) async fn audit_begin(&self, connection: &mut SqliteConnection) -> Result<(ChainKey, End), Error> {
        if let Some(known) = self.audit_end(connection).await? {
            return Ok(known);
        }
        let keys = self.sealing_keys(connection).await?;
        let mut bytes = Zeroizing::new(vec![0; 32]);
        getrandom::fill(&mut bytes).map_err(|_| Kind::Random)?;
        let (chain_key, end) = (ChainKey::new(&bytes), End::EMPTY);
        let key = keys.current().ok_or(Kind::Random)?;
        sqlx::query("INSERT INTO audit (one, sealed, key, first, start, count, head, length, tag) VALUES (1, ?, ?, 0, ?, 0, ?, 0, ?)")
            .bind(seal::seal(key, OWNER, &bytes)?)
            .bind(key.id().as_str())
            .bind(&end.start.0[..])
            .bind(&end.head.0[..])
            .bind(&chain_key.mac(chain::END, &end.bytes()).0[..])
            .execute(connection)
            .await
            .map_err(|error| self.failed(&error))?;
        Ok((chain_key, end))
    }

    /// Writes the end down.
    pub(crate) async fn audit_set(
        &self,
        connection: &mut SqliteConnection,
        key: &ChainKey,
        end: &End,
    ) -> Result<(), Error> {
        let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        sqlx::query("UPDATE audit SET first = ?, start = ?, count = ?, head = ?, length = ?, tag = ?")
            .bind(number(end.first))
            .bind(&end.start.0[..])
            .bind(number(end.count))
            .bind(&end.head.0[..])
            .bind(number(end.length))
            .bind(&key.mac(chain::END, &end.bytes()).0[..])
            .execute(connection)
            .await
            .map_err(|error| self.failed(&error))?;
        Ok(())
    }

    /// Forgets key and end.
    pub(crate) async fn audit_forget(&self, connection: &mut SqliteConnection) -> Result<(), Error> {
        let forgotten = sqlx::query("DELETE FROM audit").execute(connection).await;
        forgotten.map_err(|error| self.failed(&error)).map(drop)
    }

    /// Seals the key of the chain with another key of the store, where it is not sealed with that one already.
    pub(crate) async fn reseal_audit(&self, connection: &mut SqliteConnection, keys: &Keys) -> Result<(), Error> {
        let row = sqlx::query("SELECT * FROM audit").fetch_optional(&mut *connection).await;
        let Some(row) = row.map_err(|error| self.failed(&error))? else { return Ok(()) };
        let (sealed, key) = self.audit_sealed(&row)?;
        let current = keys.current().ok_or(Kind::Random)?;
        if current.id().as_str() == key {
            return Ok(());
        }
        let clear = self.audit_key(Some(keys), &sealed, &key)?;
        sqlx::query("UPDATE audit SET sealed = ?, key = ?")
            .bind(seal::seal(current, OWNER, &clear)?)
            .bind(current.id().as_str())
            .execute(connection)
            .await
            .map_err(|error| self.failed(&error))?;
        Ok(())
    }

    fn audit_key(&self, keys: Option<&Keys>, sealed: &[u8], key: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
        let keys = keys.ok_or_else(|| Kind::KeyLost(key_file::own(&self.directory)))?;
        let key = keys.get(key).ok_or_else(|| Kind::AuditKey(KeyId::stored(key.to_owned())))?;
        seal::open(key, OWNER, sealed).map_err(|_| Kind::AuditSeal.into())
    }

    fn audit_sealed(&self, row: &SqliteRow) -> Result<(Vec<u8>, String), Error> {
        let failed = |error| self.failed(&error);
        Ok((row.try_get("sealed").map_err(failed)?, row.try_get("key").map_err(failed)?))
    }

    fn read_end(&self, row: &SqliteRow) -> Result<End, Error> {
        let failed = |error| self.failed(&error);
        let damaged = || Kind::Damaged { path: schema::path(&self.directory), reason: "the audit row".to_owned() };
        let number = |name| -> Result<u64, Error> {
            let number: i64 = row.try_get(name).map_err(failed)?;
            Ok(u64::try_from(number).map_err(|_| damaged())?)
        };
        let mac = |name| -> Result<Mac, Error> {
            let bytes: Vec<u8> = row.try_get(name).map_err(failed)?;
            Ok(<[u8; 32]>::try_from(bytes).map(Mac).map_err(|_| damaged())?)
        };
        Ok(End {
            first: number("first")?,
            start: mac("start")?,
            count: number("count")?,
            head: mac("head")?,
            length: number("length")?,
        })
    }
}

/// No account has such a kind of credential, so neither seal opens in the place of the other.
const OWNER: Owner<'_> = Owner { id: "audit", name: "audit", endpoint: "", kind: "audit-key" };
