//! The store on real files.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{ConnectOptions, Connection};
use zeroize::Zeroizing;

use crate::{AccountName, Check, Credential, Error, JournalEntry, KeySource, Keys, NewAccount, Store, Token};

pub(crate) const TOKEN: &str = "s3cr3t-t0ken/of+the=company";

/// A directory that no other test has, removed with it.
pub(crate) struct Place(pub(crate) PathBuf);

impl Place {
    pub(crate) fn new() -> Place {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        Place(std::env::temp_dir().join(format!("portcullis-store-{}-{number}", std::process::id())))
    }

    fn database(&self) -> PathBuf {
        self.0.join("portcullis.db")
    }

    async fn open(&self) -> Result<Store, Error> {
        Store::open(&self.0, KeySource::own()).await
    }

    /// What somebody does to the file who has the file, but not the key.
    pub(crate) async fn tamper(&self, sql: &'static str) {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(self.database());
        let mut connection = options.connect().await.unwrap();
        sqlx::query(sql).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn name(name: &str) -> AccountName {
    name.parse().unwrap()
}

pub(crate) fn token(text: &str) -> Credential {
    Credential::Token(Token::new(Zeroizing::new(text.to_owned())).unwrap())
}

pub(crate) fn account(called: &str, credential: Option<Credential>) -> NewAccount {
    NewAccount {
        name: name(called),
        endpoint: format!("https://{called}.example/v2"),
        settings: Some("{}".to_owned()),
        limits: [("requests".to_owned(), 9)].into(),
        component: None,
        credential,
    }
}

pub(crate) async fn text(store: &Store, called: &str) -> Result<String, Error> {
    let account = store.account(&name(called)).await?;
    match store.credential(&account).await? {
        Some(Credential::Token(token)) => Ok(token.expose().to_owned()),
        Some(Credential::Command(words)) => Ok(words.join(" ")),
        None => Ok("none".to_owned()),
    }
}

#[tokio::test]
async fn a_refused_credential_is_marked_until_it_is_taken_or_replaced() {
    let place = Place::new();
    let store = place.open().await.unwrap();
    let added = store.add(account("acme", Some(token(TOKEN))), 1).await.unwrap();
    let since = async || store.account(&name("acme")).await.unwrap().needs_reauth;
    store.mark_reauth(&added, 5).await.unwrap();
    store.mark_reauth(&added, 9).await.unwrap();
    assert_eq!(since().await, Some(5));
    store.clear_reauth(&added).await.unwrap();
    assert_eq!(since().await, None);
    store.mark_reauth(&added, 11).await.unwrap();
    store.replace_credential(&added, &token("another-token"), 12).await.unwrap();
    assert_eq!(since().await, None);
    // It was the one before that was refused.
    store.mark_reauth(&added, 13).await.unwrap();
    assert_eq!(since().await, None);
}

#[tokio::test]
async fn a_database_of_an_earlier_version_is_brought_up_to_date_with_its_accounts() {
    let place = Place::new();
    place.open().await.unwrap().add(account("acme", Some(token(TOKEN))), 1).await.unwrap();
    place.tamper("ALTER TABLE account DROP COLUMN needs_reauth").await;
    place.tamper("DROP TABLE audit").await;
    place.tamper("DROP TABLE link").await;
    place.tamper("DROP TABLE applied").await;
    place.tamper("DROP TABLE run").await;
    place.tamper("DROP TABLE journal_action").await;
    place.tamper("DROP TABLE journal").await;
    place.tamper("DROP TABLE quarantine").await;
    place.tamper("DELETE FROM _sqlx_migrations WHERE version > 1").await;
    let store = place.open().await.unwrap();
    assert_eq!(text(&store, "acme").await.unwrap(), TOKEN);
    assert_eq!(store.account(&name("acme")).await.unwrap().needs_reauth, None);
}

fn keys(digit: &str) -> String {
    digit.repeat(64)
}

fn given(text: &str) -> KeySource {
    KeySource::Given(Keys::parse(text, "the test").unwrap())
}

#[tokio::test]
async fn what_is_kept_is_there_when_the_store_is_opened_again() {
    let place = Place::new();
    let store = place.open().await.unwrap();
    let added = store.add(account("acme", Some(token(TOKEN))), 1_780_000_000).await.unwrap();
    store.add(account("none", None), 1).await.unwrap();
    let words = ["/bin/helper".to_owned(), "--zpa".to_owned()];
    store.add(account("helped", Some(Credential::Command(words.to_vec()))), 1).await.unwrap();
    store.record_check(&added, &Check { at: 5, outcome: "ok".to_owned() }).await.unwrap();
    drop(store);
    let store = place.open().await.unwrap();
    let names: Vec<_> = store.accounts().await.unwrap().iter().map(|account| account.name.to_string()).collect();
    assert_eq!(names, ["acme", "helped", "none"]);
    let acme = store.account(&name("ACME")).await.unwrap();
    assert_eq!(acme.checked, Some(Check { at: 5, outcome: "ok".to_owned() }));
    assert_eq!((acme.created, acme.limits.get("requests")), (1_780_000_000, Some(&9)));
    assert_eq!(text(&store, "acme").await.unwrap(), TOKEN);
    assert_eq!(text(&store, "helped").await.unwrap(), "/bin/helper --zpa");
    assert_eq!(text(&store, "none").await.unwrap(), "none");
    assert!(!format!("{store:?}{acme:?}").contains(TOKEN));
}

#[tokio::test]
async fn no_file_holds_the_token() {
    let place = Place::new();
    let store = place.open().await.unwrap();
    let added = store.add(account("acme", Some(token(TOKEN))), 1).await.unwrap();
    store.replace_credential(&added, &token(&TOKEN.to_uppercase()), 2).await.unwrap();
    for entry in fs::read_dir(&place.0).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        assert!(!text.contains(TOKEN));
    }
}

#[tokio::test]
async fn a_credential_that_is_replaced_or_removed_is_so_in_every_open_store() {
    let place = Place::new();
    let (one, other) = (place.open().await.unwrap(), place.open().await.unwrap());
    let added = one.add(account("acme", Some(token(TOKEN))), 1).await.unwrap();
    assert_eq!(text(&other, "acme").await.unwrap(), TOKEN);
    one.replace_credential(&added, &token("another-token"), 2).await.unwrap();
    assert_eq!(text(&other, "acme").await.unwrap(), "another-token");
    assert_eq!(other.account(&name("acme")).await.unwrap().rotated, Some(2));
    one.remove(&added).await.unwrap();
    assert!(other.credential(&added).await.unwrap_err().is_not_found());
    assert!(one.remove(&added).await.unwrap_err().is_not_found());
    // An account of the same name is another account.
    one.add(account("acme", Some(token(TOKEN))), 3).await.unwrap();
    assert!(other.credential(&added).await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn a_name_is_given_once() {
    let place = Place::new();
    let store = place.open().await.unwrap();
    store.add(account("acme", None), 1).await.unwrap();
    let error = store.add(account("Acme", None), 1).await.unwrap_err();
    assert_eq!(error.to_string(), "there is an account `Acme` already");
    assert!(error.is_taken());
    let error = store.account(&name("other")).await.unwrap_err();
    assert_eq!(error.to_string(), "there is no account `other`");
}

#[tokio::test]
async fn a_credential_of_one_account_does_not_open_in_another() {
    let place = Place::new();
    let store = place.open().await.unwrap();
    store.add(account("a", Some(token(TOKEN))), 1).await.unwrap();
    store.add(account("b", Some(token("another-token"))), 1).await.unwrap();
    place.tamper("UPDATE account SET credential = (SELECT credential FROM account WHERE name = 'a')").await;
    assert_eq!(text(&store, "a").await.unwrap(), TOKEN);
    let error = text(&store, "b").await.unwrap_err();
    assert_eq!(error.to_string(), "the credential of `b` does not open: it was changed, or sealed for another account");
    assert!(error.is_seal_broken());
}

#[tokio::test]
async fn a_credential_is_for_no_other_endpoint_name_or_kind() {
    for sql in [
        "UPDATE account SET endpoint = 'https://evil.example/v2'",
        "UPDATE account SET name = 'other'",
        "UPDATE account SET credential_kind = 'command'",
        "UPDATE account SET id = 'other'",
        "UPDATE account SET credential = zeroblob(length(credential))",
        "UPDATE account SET credential = x'00'",
    ] {
        let place = Place::new();
        let store = place.open().await.unwrap();
        store.add(account("acme", Some(token(TOKEN))), 1).await.unwrap();
        place.tamper(sql).await;
        let account = store.accounts().await.unwrap().remove(0);
        assert!(store.credential(&account).await.unwrap_err().is_seal_broken(), "{sql}");
        // Nor does a rotation of the key heal it, or change anything.
        assert!(store.rotate_key(None).await.unwrap_err().is_seal_broken(), "{sql}");
    }
}

#[tokio::test]
async fn an_endpoint_that_changed_under_an_open_handle_gets_no_token() {
    let place = Place::new();
    let store = place.open().await.unwrap();
    let mut added = store.add(account("acme", Some(token(TOKEN))), 1).await.unwrap();
    added.endpoint = "https://evil.example/v2".to_owned();
    assert!(store.credential(&added).await.unwrap_err().is_seal_broken());
}

#[tokio::test]
async fn another_key_opens_nothing_and_is_told_from_tampering() {
    let place = Place::new();
    let store = Store::open(&place.0, given(&keys("a"))).await.unwrap();
    store.add(account("acme", Some(token(TOKEN))), 1).await.unwrap();
    let wrong = Store::open(&place.0, given(&keys("b"))).await.unwrap();
    let error = text(&wrong, "acme").await.unwrap_err();
    assert!(error.is_key_missing() && !error.is_seal_broken());
    let message = error.to_string();
    assert!(message.starts_with("the credential of `acme` is sealed with the key "), "{message}");
    assert!(!message.contains(&keys("a")));
    let both = Store::open(&place.0, given(&format!("{},{}", keys("b"), keys("a")))).await.unwrap();
    assert_eq!(text(&both, "acme").await.unwrap(), TOKEN);
    assert!(!place.0.join("key").exists());
}

#[tokio::test]
async fn a_key_of_the_operators_is_rotated_by_putting_another_in_front() {
    let place = Place::new();
    let store = Store::open(&place.0, given(&keys("a"))).await.unwrap();
    store.add(account("acme", Some(token(TOKEN))), 1).await.unwrap();
    let both = Store::open(&place.0, given(&format!("{} {}", keys("b"), keys("a")))).await.unwrap();
    let rotation = both.rotate_key(None).await.unwrap();
    assert_eq!((rotation.resealed, rotation.idle.len()), (1, 1));
    assert_eq!(both.rotate_key(None).await.unwrap().resealed, 0);
    let new = Store::open(&place.0, given(&keys("b"))).await.unwrap();
    assert_eq!(text(&new, "acme").await.unwrap(), TOKEN);
    assert!(text(&store, "acme").await.unwrap_err().is_key_missing());
}

#[tokio::test]
async fn the_own_key_is_rotated_under_stores_that_are_open() {
    let place = Place::new();
    let (one, other) = (place.open().await.unwrap(), place.open().await.unwrap());
    one.add(account("acme", Some(token(TOKEN))), 1).await.unwrap();
    one.add(account("none", None), 1).await.unwrap();
    let before = fs::read_to_string(place.0.join("key")).unwrap();
    let rotation = one.rotate_key(None).await.unwrap();
    assert_eq!((rotation.resealed, rotation.idle.len()), (1, 0));
    let after = fs::read_to_string(place.0.join("key")).unwrap();
    assert_eq!((before.lines().count(), after.lines().count()), (2, 2));
    assert_ne!(before, after);
    assert_eq!(text(&other, "acme").await.unwrap(), TOKEN);
    other.add(account("more", Some(token(TOKEN))), 1).await.unwrap();
    assert_eq!(text(&one, "more").await.unwrap(), TOKEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_and_rotations_side_by_side_lose_nothing() {
    let place = Place::new();
    let mut tasks = Vec::new();
    for number in 0..8 {
        let directory = place.0.clone();
        tasks.push(tokio::spawn(async move {
            // Each makes the directory, the database and the key, or finds those of another.
            let store = Store::open(&directory, KeySource::own()).await.unwrap();
            store.add(account(&format!("a{number}"), Some(token(TOKEN))), 1).await.unwrap();
            if number % 2 == 0 {
                store.rotate_key(None).await.unwrap();
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let store = place.open().await.unwrap();
    for number in 0..8 {
        assert_eq!(text(&store, &format!("a{number}")).await.unwrap(), TOKEN);
    }
    let mut files: Vec<_> = fs::read_dir(&place.0).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    files.sort();
    assert_eq!(files, ["key", "portcullis.db"]);
}

#[tokio::test]
async fn a_key_that_is_lost_is_not_replaced_by_a_new_one() {
    let place = Place::new();
    let store = place.open().await.unwrap();
    store.add(account("acme", Some(token(TOKEN))), 1).await.unwrap();
    fs::remove_file(place.0.join("key")).unwrap();
    assert!(text(&store, "acme").await.unwrap_err().is_key_missing());
    assert!(store.add(account("more", Some(token(TOKEN))), 1).await.unwrap_err().is_key_missing());
    assert!(store.rotate_key(None).await.unwrap_err().is_key_missing());
    assert!(!place.0.join("key").exists());
    // What needs no key goes on.
    assert_eq!(store.accounts().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_damaged_database_is_an_error_and_never_an_empty_one() {
    let place = Place::new();
    let store = place.open().await.unwrap();
    store.add(account("acme", Some(token(TOKEN))), 1).await.unwrap();
    drop(store);
    let whole = fs::read(place.database()).unwrap();
    for length in [0, 1, 50, 100, 1000, 4096, 5000, whole.len() / 2, whole.len() - 4096, whole.len() - 1] {
        fs::write(place.database(), &whole[..length]).unwrap();
        let opened = match place.open().await {
            Ok(store) => store.accounts().await.map(|accounts| accounts.len()),
            Err(error) => Err(error),
        };
        match opened {
            Err(error) => assert!(error.is_damaged(), "{length}: {error}"),
            Ok(accounts) => assert_eq!(accounts, 1, "{length}"),
        }
    }
    fs::write(place.database(), "a text that is no database, and longer than a header of one has to be, by far")
        .unwrap();
    assert!(place.open().await.unwrap_err().is_damaged());
    fs::write(place.database(), &whole).unwrap();
    assert_eq!(text(&place.open().await.unwrap(), "acme").await.unwrap(), TOKEN);
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_left_alone() {
    let place = Place::new();
    drop(place.open().await.unwrap());
    place.tamper("INSERT INTO _sqlx_migrations SELECT 9999, description, installed_on, success, checksum, 0 FROM _sqlx_migrations LIMIT 1").await;
    let error = place.open().await.unwrap_err().to_string();
    assert!(error.ends_with("was written by a newer version of this program"), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn what_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;

    let place = Place::new();
    let store = place.open().await.unwrap();
    store.add(account("acme", Some(token(TOKEN))), 1).await.unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let key = place.0.join("key");
    assert_eq!((mode(&place.0), mode(&place.database()), mode(&key)), (0o700, 0o600, 0o600));
    for (path, loose, wanted) in [
        (place.0.clone(), 0o755, 0o700),
        (place.0.clone(), 0o710, 0o700),
        (place.database(), 0o640, 0o600),
        (key, 0o604, 0o600),
    ] {
        fs::set_permissions(&path, fs::Permissions::from_mode(loose)).unwrap();
        let error = match place.open().await {
            Ok(store) => text(&store, "acme").await.unwrap_err(),
            Err(error) => error,
        };
        assert_eq!(error.exposed(), Some((path.as_path(), wanted)));
        let told = format!("`{}` can be read or written by others (mode {loose:o})", path.display());
        assert_eq!(error.to_string(), told);
        fs::set_permissions(&path, fs::Permissions::from_mode(wanted)).unwrap();
    }
    assert_eq!(text(&place.open().await.unwrap(), "acme").await.unwrap(), TOKEN);
}

#[tokio::test]
async fn links_and_what_was_applied_belong_to_one_endpoint() {
    let place = Place::new();
    let store = place.open().await.unwrap();
    let (one, other) = ("https://a.example/v2", "https://b.example/v2");
    let links = [("00u1".to_owned(), "7".to_owned()), ("00u2".to_owned(), "8".to_owned())];
    store.put_links(one, &links, 5).await.unwrap();
    store.put_links(one, &[("00u1".to_owned(), "9".to_owned())], 6).await.unwrap();
    assert_eq!(store.links(one).await.unwrap()["00u1"], "9");
    assert!(store.links(other).await.unwrap().is_empty());
    assert!(store.break_link(one, "00u1").await.unwrap() && !store.break_link(one, "00u1").await.unwrap());
    assert_eq!(store.links(one).await.unwrap().len(), 1);

    let journal = store.journal(&format!("{one}/"), "sha256:1", 7).await.unwrap();
    for (kind, at) in [("delete", 100), ("delete", 200), ("create", 300)] {
        journal.conclude(&[], &[(kind, 2)].into(), at).await.unwrap();
    }
    let counted = store.count_applied(one, 100).await.unwrap();
    assert_eq!(counted.into_iter().collect::<Vec<_>>(), [("create".to_owned(), 2), ("delete".to_owned(), 2)]);
    assert!(store.count_applied(other, 0).await.unwrap().is_empty());

    assert_eq!(store.last_run(one).await.unwrap(), None);
    store.record_run(one, "{}", 1).await.unwrap();
    store.record_run(one, "{\"people\":1}", 2).await.unwrap();
    assert_eq!(store.last_run(one).await.unwrap().as_deref(), Some("{\"people\":1}"));
}

#[tokio::test]
async fn a_journal_knows_what_was_begun_and_what_came_of_it() {
    let place = Place::new();
    let entry = |number, outcome: Option<&str>| JournalEntry { number, outcome: outcome.map(str::to_owned) };
    {
        let journal = place.open().await.unwrap().journal("https://a.example/v2", "sha256:1", 7).await.unwrap();
        journal.intend(&[1, 2, 3]).await.unwrap();
        journal.conclude(&[(1, "one".to_owned()), (3, "three".to_owned())], &BTreeMap::new(), 8).await.unwrap();
        // What is begun again is unknown again.
        journal.intend(&[3]).await.unwrap();
    }
    let store = place.open().await.unwrap();
    let journal = store.journal("https://a.example/v2/", "sha256:1", 9).await.unwrap();
    assert_eq!((journal.started(), journal.ended()), (7, None));
    assert_eq!(journal.entries().await.unwrap(), [entry(1, Some("one")), entry(2, None), entry(3, None)]);
    journal.end(11).await.unwrap();
    drop(journal);
    let journal = store.journal("https://a.example/v2", "sha256:1", 12).await.unwrap();
    assert_eq!(journal.ended(), Some(11));
    drop(journal);
    let other = store.journal("https://a.example/v2", "sha256:2", 12).await.unwrap();
    assert_eq!(other.entries().await.unwrap(), []);
}

#[tokio::test]
async fn an_endpoint_has_one_journal_open_at_a_time() {
    let place = Place::new();
    let store = place.open().await.unwrap();
    let journal = store.journal("https://a.example/v2", "sha256:1", 7).await.unwrap();
    for plan in ["sha256:1", "sha256:2"] {
        let error = place.open().await.unwrap().journal("https://a.example/v2/", plan, 8).await.unwrap_err();
        assert!(error.is_held());
        let message = format!("the process {} is applying a plan to `https://a.example/v2`", std::process::id());
        assert_eq!(error.to_string(), message);
    }
    store.journal("https://b.example/v2", "sha256:1", 8).await.unwrap();
    drop(journal);
    // The file stays, and locks nobody out.
    store.journal("https://a.example/v2", "sha256:2", 9).await.unwrap();
}

#[tokio::test]
async fn a_quarantine_is_kept_until_it_ends_and_only_whoever_holds_it_writes_it() {
    let place = Place::new();
    let (one, other) = ("https://a.example/v2", "https://b.example/v2");
    {
        let held = place.open().await.unwrap().hold_quarantine(one, "7").unwrap();
        assert_eq!(held.document().await.unwrap(), None);
        held.put("first").await.unwrap();
        held.put("second").await.unwrap();
        let store = place.open().await.unwrap();
        let error = store.hold_quarantine("https://a.example/v2/", "7").unwrap_err();
        assert!(error.is_held());
        let message =
            format!("the process {} is putting the user `7` into quarantine, or out of it", std::process::id());
        assert_eq!(error.to_string(), message);
        // Somebody else, and the same id elsewhere, are other people.
        store.hold_quarantine(one, "8").unwrap().put("of 8").await.unwrap();
        store.hold_quarantine(other, "7").unwrap().put("elsewhere").await.unwrap();
    }
    let store = place.open().await.unwrap();
    let kept = async |endpoint| store.quarantines(endpoint).await.unwrap().into_values().collect::<Vec<_>>();
    assert_eq!(
        (kept(one).await, kept(other).await),
        (vec!["second".to_owned(), "of 8".to_owned()], vec!["elsewhere".to_owned()])
    );
    store.hold_quarantine("https://a.example/v2/", "7").unwrap().end().await.unwrap();
    assert_eq!((kept(one).await.len(), kept(other).await.len()), (1, 1));
    assert_eq!(store.hold_quarantine(one, "7").unwrap().document().await.unwrap(), None);
}

/// Every migration that is missing is made, not only those behind the latest.
#[tokio::test]
async fn a_migration_that_came_between_others_is_caught_up() {
    let place = Place::new();
    place.open().await.unwrap();
    place.tamper("DROP TABLE audit").await;
    place.tamper("DELETE FROM _sqlx_migrations WHERE version = 3").await;
    place.open().await.unwrap();
    // It is there again, or this would fail.
    place.tamper("DELETE FROM audit").await;
}
