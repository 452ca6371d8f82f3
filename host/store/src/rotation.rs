//! Another key for everything that is sealed.

use sqlx::sqlite::SqliteConnection;

use crate::error::{Error, Kind};
use crate::key::{Key, KeyId};
use crate::key_source::{KeyPlace, KeySource};
use crate::schema;
use crate::seal;
use crate::store::{
    accounts, {Store, owner},
};

/// What a rotation did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// The key that everything is sealed with now.
    pub key: KeyId,
    /// Where that key is.
    pub place: KeyPlace,
    /// How many credentials were sealed anew.
    pub resealed: usize,
    /// Keys of the operator's that seal nothing any more, and can be taken away.
    pub idle: Vec<KeyId>,
}

impl Store {
    /// Seals every credential anew, all or none. Of the store's own there is a new key, where the old one is or in another
    /// place, and the old one is lost when nothing needs it. Of the operator's keys the first is taken: put the new one in
    /// front, rotate, take the old one away.
    pub async fn rotate_key(&self, to: Option<KeyPlace>) -> Result<Rotation, Error> {
        let is_movable = matches!(self.keys, KeySource::Own(_)) && to != Some(KeyPlace::Operator);
        if to.is_some() && !is_movable {
            return Err(Kind::KeyForeign.into());
        }
        let mut transaction = self.begin().await?;
        let mut keys = self.sealing_keys(&mut transaction).await?;
        let rows = sqlx::query(accounts!("WHERE credential IS NOT NULL"))
            .fetch_all(&mut *transaction)
            .await
            .map_err(|error| self.failed(&error))?;
        // All are opened before anything is changed.
        let mut opened = Vec::new();
        for row in &rows {
            let account = self.read(row)?;
            let Some((sealed, key)) = self.sealed(row)? else { continue };
            let credential = self.unseal(Some(&keys), &account, &sealed, &key)?;
            opened.push((account, credential, key));
        }
        let mut left = None;
        if let KeySource::Own(own) = &self.keys {
            keys = keys.with_current(Key::generate()?);
            // Both keys are there before the first row needs the new one, and until the last needs the old one.
            left = own.replace(&self.directory, &keys, to).await?;
        }
        let current = keys.current().cloned().ok_or(Kind::Random)?;
        let mut resealed = 0;
        for (account, credential, key) in &opened {
            if key == current.id().as_str() {
                continue;
            }
            let sealed = seal::seal(&current, owner(account), &credential.to_bytes()?)?;
            sqlx::query("UPDATE account SET credential = ?, key = ? WHERE id = ?")
                .bind(sealed)
                .bind(current.id().as_str())
                .bind(&account.id)
                .execute(&mut *transaction)
                .await
                .map_err(|error| self.failed(&error))?;
            resealed += 1;
        }
        self.reseal_audit(&mut transaction, &keys).await?;
        transaction.commit().await.map_err(|error| self.failed(&error))?;
        self.forget(left).await;
        let idle = self.retire().await?;
        let place = self.key_place()?.unwrap_or(KeyPlace::File);
        Ok(Rotation { key: current.id(), place, resealed, idle })
    }

    /// Takes keys that seal nothing from the store's own; of others it says which they are.
    async fn retire(&self) -> Result<Vec<KeyId>, Error> {
        let mut transaction = self.begin().await?;
        let used = self.used(&mut transaction).await?;
        let Some(keys) = self.keys.current(&self.directory).await? else { return Ok(Vec::new()) };
        let kept = keys.clone().retain(&used);
        let idle = keys.ids().into_iter().filter(|id| !kept.ids().contains(id)).collect();
        if let KeySource::Own(own) = &self.keys {
            let left = own.replace(&self.directory, &kept, None).await?;
            self.forget(left).await;
            return Ok(Vec::new());
        }
        Ok(idle)
    }

    /// Takes an entry of a keyring away that is not used any more.
    async fn forget(&self, left: Option<String>) {
        if let (KeySource::Own(own), Some(entry)) = (&self.keys, left) {
            own.forget(&entry).await;
        }
    }

    async fn used(&self, connection: &mut SqliteConnection) -> Result<Vec<String>, Error> {
        sqlx::query_scalar("SELECT key FROM account WHERE key IS NOT NULL UNION SELECT key FROM audit")
            .fetch_all(connection)
            .await
            .map_err(|error| schema::error(&schema::path(&self.directory), &error))
    }
}
