//! The database file: how it comes to be, and how an older one is brought up to date. Both are done whole or not at
//! all, whichever process comes first.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::error::DatabaseError;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqlSafeStr};

use crate::error::{Error, Kind};
use crate::key_file::random_name;
use crate::place;

/// Opens the database in a directory, which is made where there is none.
pub(crate) async fn open(directory: &Path) -> Result<SqlitePool, Error> {
    place::make_directory(directory)?;
    let path = path(directory);
    if fs::symlink_metadata(&path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
        make(directory).await?;
    }
    place::check(&path, 0o600)?;
    // SQLite takes an empty file for a new database, and every account would be gone without a word.
    if fs::metadata(&path).is_ok_and(|metadata| metadata.len() == 0) {
        return Err(Kind::Damaged { path, reason: "the file is empty".to_owned() }.into());
    }
    let failed = |error| self::error(&path, &error);
    let pool = SqlitePoolOptions::new().max_connections(4).connect_with(options(&path)).await.map_err(failed)?;
    let applied: Vec<i64> =
        sqlx::query_scalar("SELECT version FROM _sqlx_migrations").fetch_all(&pool).await.map_err(failed)?;
    match applied.iter().max() {
        // One that was added between others may be missing below the latest.
        Some(&LATEST) if applied.len() == MIGRATIONS.len() => {}
        Some(&version) if version > LATEST => return Err(Kind::Newer(path).into()),
        _ => {
            let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?;
            let migrated = migrator().run_direct(None, &mut *transaction, false).await;
            migrated.map_err(|error| Kind::Database(error.to_string()))?;
            transaction.commit().await.map_err(failed)?;
        }
    }
    Ok(pool)
}

/// Where the database is.
pub(crate) fn path(directory: &Path) -> PathBuf {
    directory.join("portcullis.db")
}

/// What an error of the database comes to.
pub(crate) fn error(path: &Path, error: &sqlx::Error) -> Error {
    let code = error.as_database_error().and_then(DatabaseError::code).and_then(|code| code.parse::<u32>().ok());
    // The low byte is the code proper (<https://sqlite.org/rescode.html>).
    match code.map(|code| code & 0xff) {
        Some(BUSY | LOCKED) => Kind::Busy.into(),
        Some(CORRUPT | NOT_A_DATABASE | GENERIC) => {
            Kind::Damaged { path: path.to_owned(), reason: words(error) }.into()
        }
        _ => Kind::Database(words(error)).into(),
    }
}

fn words(error: &sqlx::Error) -> String {
    error.as_database_error().map_or_else(|| error.to_string(), |error| error.message().to_owned())
}

/// Builds a database under another name and links it into place, so that nobody ever sees half of one.
async fn make(directory: &Path) -> Result<(), Error> {
    let beside = directory.join(format!("portcullis.db.{}", random_name()?));
    place::write_new(&beside, b"")?;
    let made = build(&beside).await.and_then(|()| match fs::hard_link(&beside, path(directory)) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
            Err(place::unusable(&path(directory), "cannot be made", &error))
        }
        _ => place::persist(directory),
    });
    let _ = fs::remove_file(&beside);
    made
}

async fn build(path: &Path) -> Result<(), Error> {
    let failed = |error| self::error(path, &error);
    let mut connection = options(path).connect().await.map_err(failed)?;
    migrator().run_direct(None, &mut connection, false).await.map_err(|error| Kind::Database(error.to_string()))?;
    connection.close().await.map_err(failed)
}

/// With the rollback journal no file stays behind beside the database; what is deleted is overwritten. What is committed
/// outlives a loss of power, which in this mode takes `EXTRA`: with `FULL` the rollback journal may come back
/// (<https://sqlite.org/pragma.html#pragma_synchronous>).
fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .journal_mode(SqliteJournalMode::Delete)
        .synchronous(SqliteSynchronous::Extra)
        .busy_timeout(Duration::from_secs(10))
        .pragma("secure_delete", "ON")
        .pragma("trusted_schema", "OFF")
        .disable_statement_logging()
}

fn migrator() -> Migrator {
    let migrations = MIGRATIONS.iter().map(|(version, name, sql)| {
        Migration::new(*version, (*name).into(), MigrationType::Simple, (*sql).into_sql_str(), false)
    });
    Migrator::with_migrations(migrations.collect())
}

/// In the order of their versions. One that was published is never changed.
const MIGRATIONS: [(i64, &str, &str); 6] = [
    (1, "account", include_str!("../migrations/0001_account.sql")),
    (2, "needs_reauth", include_str!("../migrations/0002_needs_reauth.sql")),
    (3, "audit", include_str!("../migrations/0003_audit.sql")),
    (4, "link", include_str!("../migrations/0004_link.sql")),
    (5, "journal", include_str!("../migrations/0005_journal.sql")),
    (LATEST, "quarantine", include_str!("../migrations/0006_quarantine.sql")),
];
const LATEST: i64 = 6;

const GENERIC: u32 = 1;
const BUSY: u32 = 5;
const LOCKED: u32 = 6;
const CORRUPT: u32 = 11;
const NOT_A_DATABASE: u32 = 26;
