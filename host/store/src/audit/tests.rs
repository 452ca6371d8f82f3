//! The log on real files, and what becomes of it in the hands of somebody who can write to them.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use sqlx::{ConnectOptions, Connection};

use super::*;
use crate::{Error, KeySource, Keys, Store};

/// A data directory that no other test has, removed with it.
struct Place(PathBuf);

impl Place {
    fn new() -> Place {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        Place(std::env::temp_dir().join(format!("portcullis-audit-{}-{number}", std::process::id())))
    }

    /// One with so many records.
    async fn with(records: u32) -> Place {
        let place = Place::new();
        place.record(records).await;
        place
    }

    fn auditor(&self) -> Auditor {
        self.auditor_with(KeySource::own())
    }

    fn auditor_with(&self, keys: KeySource) -> Auditor {
        Auditor::new(&self.0, keys, || SystemTime::UNIX_EPOCH + Duration::from_secs(1_780_000_000))
    }

    async fn record(&self, records: u32) {
        let auditor = self.auditor();
        for number in 0..records {
            auditor.append(entry(&number.to_string())).await.unwrap();
        }
    }

    fn file(&self) -> PathBuf {
        file::path(&self.0)
    }

    fn database(&self) -> PathBuf {
        self.0.join("portcullis.db")
    }

    fn lines(&self) -> Vec<String> {
        fs::read_to_string(self.file()).unwrap().lines().map(str::to_owned).collect()
    }

    fn set_lines(&self, lines: &[String]) {
        fs::write(self.file(), lines.join("\n") + "\n").unwrap();
    }

    async fn verify(&self) -> Verification {
        self.auditor().read(None, drop).await.unwrap()
    }

    /// What is found, in words.
    async fn found(&self) -> Vec<String> {
        self.verify().await.findings.iter().map(Finding::to_string).collect()
    }

    /// Why nothing more is recorded.
    async fn refusal(&self) -> String {
        let before = fs::read(self.file()).ok();
        let error = self.auditor().append(entry("more")).await.unwrap_err();
        assert_eq!(fs::read(self.file()).ok(), before);
        assert!(error.is_audit_changed());
        error.to_string()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn entry(id: &str) -> Entry {
    Entry { operation: Some("delete-user".to_owned()), ..Entry::new(Event::Intent, id.to_owned()) }
}

fn copy(from: &Path) -> Vec<u8> {
    fs::read(from).unwrap()
}

#[tokio::test]
async fn what_is_recorded_is_read_back_in_its_order() {
    let place = Place::with(3).await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let visit = {
        let seen = Arc::clone(&seen);
        move |entry: Entry| seen.lock().unwrap().push((entry.sequence, entry.id, entry.time))
    };
    let verification = place.auditor().read(None, visit).await.unwrap();
    assert!(verification.is_sound());
    assert_eq!((verification.lines, verification.unfinished), (3, 3));
    let time = "2026-05-28T20:26:40.000Z";
    let expected = ["0", "1", "2"].map(|id| (id.parse::<u64>().unwrap() + 1, id.to_owned(), time.to_owned()));
    assert_eq!(*seen.lock().unwrap(), expected);
}

#[tokio::test]
async fn a_log_of_which_nothing_was_recorded_is_sound_and_makes_no_key() {
    let place = Place::new();
    assert_eq!(place.verify().await, Verification::default());
    assert!(!place.0.join("key").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn many_writers_make_one_chain() {
    let place = Place::new();
    let writers = (0..4).map(|_| {
        let auditor = place.auditor();
        tokio::spawn(async move {
            for number in 0..8 {
                auditor.append(entry(&number.to_string())).await.unwrap();
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let verification = place.verify().await;
    assert_eq!((verification.is_sound(), verification.lines), (true, 32));
}

#[tokio::test]
async fn an_edited_line_is_found_and_named() {
    let place = Place::with(4).await;
    let mut lines = place.lines();
    lines[1] = lines[1].replace("delete-user", "update-user");
    place.set_lines(&lines);
    assert_eq!(place.found().await, ["line 2 is not as it was written"]);
}

#[tokio::test]
async fn a_line_that_was_removed_is_found_and_its_place_named() {
    let place = Place::with(5).await;
    let mut lines = place.lines();
    lines.drain(1..3);
    place.set_lines(&lines);
    assert_eq!(place.found().await, ["before line 2, records 2 to 3 are missing"]);
    assert_eq!(place.refusal().await, "the audit log is not as it was left: its end is cut off");
}

#[tokio::test]
async fn lines_in_another_order_are_found() {
    let place = Place::with(3).await;
    let mut lines = place.lines();
    lines.swap(0, 1);
    place.set_lines(&lines);
    let found = ["before line 1, record 1 is missing", "line 2 is record 1, which belongs elsewhere"];
    assert_eq!(place.found().await[..2], found);
}

#[tokio::test]
async fn a_tail_that_was_cut_is_found_and_nothing_is_written_behind_it() {
    let place = Place::with(4).await;
    let mut lines = place.lines();
    lines.truncate(2);
    place.set_lines(&lines);
    assert_eq!(place.found().await, ["at the end, records 3 to 4 are missing"]);
    assert_eq!(place.refusal().await, "the audit log is not as it was left: its end is cut off");
    fs::remove_file(place.file()).unwrap();
    assert_eq!(place.found().await, ["at the end, records 1 to 4 are missing"]);
    assert_eq!(place.refusal().await, "the audit log is not as it was left: the file is gone");
}

#[tokio::test]
async fn a_log_that_was_written_anew_with_another_key_is_found() {
    let (place, other) = (Place::with(3).await, Place::with(3).await);
    fs::copy(other.file(), place.file()).unwrap();
    let found = [1, 2, 3].map(|line| format!("line {line} is not as it was written"));
    assert_eq!(place.found().await, found);
    assert_eq!(place.refusal().await, "the audit log is not as it was left: its last line is another one");
    // With the other database, but without its key, it cannot be judged at all.
    fs::copy(other.database(), place.database()).unwrap();
    let error = place.auditor().read(None, drop).await.unwrap_err();
    assert!(error.is_key_missing(), "{error}");
}

#[tokio::test]
async fn a_line_that_somebody_adds_is_found() {
    let place = Place::with(2).await;
    let mut lines = place.lines();
    lines.push(lines[1].replace("\"sequence\":2", "\"sequence\":3"));
    place.set_lines(&lines);
    assert_eq!(place.found().await[0], "line 3 is not as it was written");
    let refusal = "the audit log is not as it was left: something is added to it that is not the next line";
    assert_eq!(place.refusal().await, refusal);
}

#[tokio::test]
async fn a_database_that_was_put_back_alone_is_found() {
    let place = Place::with(2).await;
    let old = copy(&place.database());
    place.record(3).await;
    fs::write(place.database(), old).unwrap();
    let found = ["the database knows of 2 records and there are 5: an older one was put in its place"];
    assert_eq!(place.found().await, found);
    assert_eq!(
        place.refusal().await,
        "the audit log is not as it was left: something is added to it that is not the next line"
    );
}

#[tokio::test]
async fn file_and_database_that_were_put_back_together_are_found_by_an_anchor_alone() {
    let place = Place::with(2).await;
    let (file, database) = (copy(&place.file()), copy(&place.database()));
    place.record(2).await;
    let anchor = place.verify().await.anchor.unwrap();
    assert_eq!(anchor.to_string().parse(), Ok(anchor));
    fs::write(place.file(), file).unwrap();
    fs::write(place.database(), database).unwrap();
    assert!(place.verify().await.is_sound());
    let anchored = place.auditor().read(Some(anchor), drop).await.unwrap();
    assert_eq!(anchored.findings, [Finding::NotAnchored { sequence: 4 }]);
    // Other records in the place of those that are gone do not have its MAC.
    place.auditor().append(entry("other")).await.unwrap();
    place.auditor().append(entry("others")).await.unwrap();
    let anchored = place.auditor().read(Some(anchor), drop).await.unwrap();
    assert_eq!(anchored.findings, [Finding::NotAnchored { sequence: 4 }]);
    let earlier = place.verify().await.anchor;
    place.record(1).await;
    assert!(place.auditor().read(earlier, drop).await.unwrap().is_sound());
}

#[tokio::test]
async fn an_end_that_was_written_into_the_database_by_hand_is_found() {
    for sql in [
        "UPDATE audit SET count = 2",
        "UPDATE audit SET head = start",
        "UPDATE audit SET length = 0",
        "UPDATE audit SET first = 1",
        "UPDATE audit SET tag = zeroblob(32)",
        "UPDATE audit SET sealed = zeroblob(length(sealed))",
    ] {
        let place = Place::with(3).await;
        tamper(&place, sql).await;
        let error = place.auditor().read(None, drop).await.unwrap_err();
        assert!(error.is_audit_changed(), "{sql}: {error}");
        place.refusal().await;
    }
    let place = Place::with(3).await;
    tamper(&place, "DELETE FROM audit").await;
    let error = place.auditor().read(None, drop).await.unwrap_err().to_string();
    assert!(error.ends_with("of which the database knows nothing"), "{error}");
    place.refusal().await;
}

async fn tamper(place: &Place, sql: &'static str) {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(place.database());
    let mut connection = options.connect().await.unwrap();
    sqlx::query(sql).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

#[tokio::test]
async fn a_writer_that_was_stopped_before_the_database_knew_is_no_tampering_and_is_mended() {
    let place = Place::with(2).await;
    let database = copy(&place.database());
    place.record(1).await;
    fs::write(place.database(), database).unwrap();
    let verification = place.verify().await;
    assert_eq!((verification.is_sound(), verification.is_ahead, verification.lines), (true, true, 3));
    place.record(1).await;
    let verification = place.verify().await;
    assert_eq!((verification.is_sound(), verification.is_ahead, verification.lines), (true, false, 4));
}

#[tokio::test]
async fn a_writer_that_was_stopped_in_the_middle_of_a_line_is_no_tampering_and_is_told() {
    let place = Place::with(2).await;
    let whole = place.lines();
    let mut bytes = copy(&place.file());
    bytes.extend_from_slice(&whole[0].as_bytes()[..40]);
    fs::write(place.file(), bytes).unwrap();
    let verification = place.verify().await;
    assert_eq!((verification.is_sound(), verification.torn), (true, 40));
    place.record(1).await;
    let lines = place.lines();
    assert!(place.verify().await.is_sound());
    assert_eq!((lines.len(), &lines[..2]), (4, &whole[..]));
    assert!(lines[2].contains("\"event\":\"recovery\"") && lines[2].contains("40 bytes"), "{}", lines[2]);
}

#[tokio::test]
async fn a_rotated_key_of_the_store_leaves_the_chain_as_it_is() {
    let place = Place::with(2).await;
    let before = copy(&place.0.join("key"));
    Store::open(&place.0, KeySource::own()).await.unwrap().rotate_key(None).await.unwrap();
    assert_ne!(copy(&place.0.join("key")), before);
    place.record(2).await;
    let verification = place.verify().await;
    assert_eq!((verification.is_sound(), verification.lines), (true, 4));
}

#[tokio::test]
async fn a_key_of_the_operators_is_needed_and_can_be_taken_away_after_a_rotation() {
    let place = Place::new();
    let (old, new) = ("a".repeat(64), "b".repeat(64));
    let given = |text: &str| KeySource::Given(Keys::parse(text, "the test").unwrap());
    place.auditor_with(given(&old)).append(entry("1")).await.unwrap();
    let error = place.auditor_with(given(&new)).append(entry("2")).await.unwrap_err();
    assert!(error.is_key_missing() && !error.is_audit_changed(), "{error}");
    let both = given(&format!("{new},{old}"));
    let rotation = Store::open(&place.0, both).await.unwrap().rotate_key(None).await.unwrap();
    assert_eq!(rotation.idle.len(), 1);
    place.auditor_with(given(&new)).append(entry("2")).await.unwrap();
    let verification = place.auditor_with(given(&new)).read(None, drop).await.unwrap();
    assert_eq!((verification.is_sound(), verification.lines), (true, 2));
}

#[tokio::test]
async fn after_a_restart_the_chain_goes_on_and_the_old_file_is_still_there() {
    let place = Place::with(3).await;
    let mut lines = place.lines();
    lines.truncate(1);
    place.set_lines(&lines);
    let actor = Actor::default().saying("the operator");
    let aside = place.auditor().restart(actor, "a tail was cut").await.unwrap().unwrap();
    assert_eq!(aside.file_name().unwrap(), "audit.3.jsonl");
    assert_eq!(fs::read_to_string(&aside).unwrap().lines().collect::<Vec<_>>(), lines);
    place.record(1).await;
    let lines = place.lines();
    assert!(
        lines[0].starts_with("{\"sequence\":4,") && lines[0].contains("a tail was cut (`audit.3.jsonl` was put aside)")
    );
    assert_eq!(place.verify().await.anchor.unwrap().sequence, 5);
    assert!(place.found().await.is_empty());
    // Nor is there another way out where the database knows nothing any more.
    tamper(&place, "UPDATE audit SET count = 2").await;
    place.refusal().await;
    place.auditor().restart(Actor::default(), "it was changed").await.unwrap();
    place.record(1).await;
    assert_eq!((place.found().await, place.lines().len()), (Vec::new(), 2));
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::with(1).await;
    assert_eq!(fs::metadata(place.file()).unwrap().permissions().mode() & 0o777, 0o600);
    fs::set_permissions(place.file(), fs::Permissions::from_mode(0o644)).unwrap();
    let error: Error = place.auditor().append(entry("2")).await.unwrap_err();
    assert_eq!(error.exposed(), Some((&*place.file(), 0o600)));
}

#[tokio::test]
async fn a_log_without_a_place_records_nothing_and_says_why() {
    let auditor = Auditor::nowhere("there is no directory", || SystemTime::UNIX_EPOCH);
    assert_eq!(auditor.append(entry("1")).await.unwrap_err().to_string(), "there is no directory");
}
