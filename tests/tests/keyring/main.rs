//! The key of a store in a real keyring: GNOME's, on a bus of its own, with a home of its own. `.ci/hosts` brings
//! `gnome-keyring-daemon`, `dbus-daemon` and `dbus-send` where the system has none.
#![cfg(target_os = "linux")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "the helpers of tests end them in the same ways"
)]
#![expect(clippy::needless_raw_string_hashes, reason = "`UPDATE_EXPECT=1` writes every expectation that way")]

mod session;

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use expect_test::expect;
use portcullis_emulator::{Auth, Emulator, Options};
use portcullis_tests::TOKEN;
use serde_json::{Value, json};

use session::Session;

const LIST: [&str; 6] = ["users", "list", "--account", "acme", "--output", "ndjson"];
const LOCKED: &str = "\
error: the key is in the keyring of this system, which is locked
hint: log in at the desktop or unlock it there, and repeat; where it cannot be, as over ssh or from cron, export PORTCULLIS_KEY or PORTCULLIS_KEY_FILE with the key, or move it beforehand with `portcullis account rotate-key --to file`
exit 1
";

#[tokio::test(flavor = "multi_thread")]
async fn a_new_store_keeps_its_key_in_the_keyring_and_every_command_finds_it() {
    let (vendor, mut session) = (vendor().await, Session::start("new"));
    session.add("acme", &vendor.endpoint());
    let entry = session.entry();
    assert_eq!(session.file(), [format!("keyring {entry}")]);
    assert_eq!(session.entries(), 1);
    let show = session.tell(&["account", "show", "acme"]);
    assert!(show.contains("\n  \"key\": \"keyring\",\n"), "{show}");
    for command in [
        &LIST[..],
        &["groups", "create", "--name", "Night", "--account", "acme"],
        &["account", "list"],
        &["account", "check", "acme"],
        &["audit", "verify"],
    ] {
        session.succeed(command);
    }
    // It outlives the daemon that keeps it, and the place of the directory.
    session.stop();
    session.unlock();
    fs::rename(session.data(), session.data().with_file_name("elsewhere")).unwrap();
    session.move_data("elsewhere");
    session.succeed(&LIST);
    session.succeed(&["groups", "create", "--name", "Day", "--account", "acme"]);
    session.succeed(&["audit", "verify"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_moved_in_and_out_and_rotated_under_a_process_that_runs() {
    let (vendor, session) = (vendor().await, Session::start("moved"));
    session.add("acme", &vendor.endpoint());
    let worker = session.command(&["worker", "--account", "acme"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut worker = worker.unwrap();
    let (mut requests, mut answers) = (worker.stdin.take().unwrap(), BufReader::new(worker.stdout.take().unwrap()));
    let mut ask = |id: usize| {
        let name = format!("Group {id}");
        let request =
            json!({"jsonrpc": "2.0", "id": id, "method": "create-group", "params": {"changes": {"name": name}}});
        writeln!(requests, "{request}").unwrap();
        let mut line = String::new();
        answers.read_line(&mut line).unwrap();
        let answer: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(answer["result"]["name"], json!(name), "{line}");
    };
    ask(0);
    for (number, to) in ["keyring", "file", "file", "keyring", "keyring"].into_iter().enumerate() {
        let told = session.succeed(&["account", "rotate-key", "--to", to]);
        assert!(told.ends_with(&format!(", in the {to}")), "{told}");
        assert_eq!(session.entries(), usize::from(to == "keyring"));
        assert_eq!(session.file()[0].starts_with("keyring "), to == "keyring");
        ask(number + 1);
    }
    session.succeed(&["audit", "verify"]);
    drop(requests);
    assert!(worker.wait().unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_stores_in_one_keyring_do_not_see_the_keys_of_each_other() {
    let (vendor, mut session) = (vendor().await, Session::start("two"));
    session.add("acme", &vendor.endpoint());
    let file = fs::read(session.data().join("key")).unwrap();
    session.move_data("other");
    session.add("acme", &vendor.endpoint());
    assert_eq!(session.entries(), 2);
    session.succeed(&LIST);
    session.write_key(&file);
    let told = session.tell(&LIST);
    assert!(told.starts_with("error: the credential of `acme` is sealed with the key "), "{told}");
    session.move_data("data");
    session.succeed(&LIST);
    session.succeed(&["account", "rotate-key"]);
    assert_eq!(session.entries(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keyring_that_is_locked_absent_or_hung_is_an_error_in_bounded_time() {
    let (vendor, mut session) = (vendor().await, Session::start("locked"));
    session.add("acme", &vendor.endpoint());
    session.lock();
    assert_eq!(session.tell(&LIST), LOCKED);
    assert_eq!(session.tell(&["account", "rotate-key", "--to", "file"]), LOCKED);
    // What needs no key goes on.
    session.succeed(&["account", "list"]);

    // A new store asks nobody to unlock it.
    session.move_data("new");
    let add = ["account", "add", "acme", "--endpoint", &vendor.endpoint(), "--token-env", "PORTCULLIS_TOKEN"];
    let mut must = session.command(&add);
    expect![[r#"
        warning: use the token that is there: generating a new one at Zscaler very likely ends the old one, and with it the customer's own sync from Entra ID, Okta or another provider
        error: the key cannot be put into the keyring of this system, which is locked
        hint: unlock or start it and repeat; or let the key be in the file, without PORTCULLIS_KEYRING and `--to keyring`
        exit 1
    "#]]
    .assert_eq(&session::told(must.env("PORTCULLIS_KEYRING", "on").env("PORTCULLIS_TOKEN", TOKEN)));
    session.add("acme", &vendor.endpoint());
    assert_eq!(session.file()[0].len(), 64);

    session.move_data("data");
    session.stop();
    session.unlock();
    session.succeed(&LIST);
    session.freeze();
    let (start, hung) = (Instant::now(), LOCKED.replace("is locked", "does not answer"));
    assert_eq!(session.tell(&LIST), hung);
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());

    session.stop();
    let told = session.tell(&LIST);
    assert_eq!(told.lines().skip(1).collect::<Vec<_>>(), LOCKED.lines().skip(1).collect::<Vec<_>>());
    expect!["error: the key is in the keyring of this system, which is not there (zbus error: org.freedesktop.DBus.Error.ServiceUnknown: The name org.freedesktop.secrets was not provided by any .service files)"]
        .assert_eq(told.lines().next().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_somebody_deleted_is_named_and_made_way_for() {
    let (vendor, session) = (vendor().await, Session::start("deleted"));
    session.add("acme", &vendor.endpoint());
    let entry = session.entry();
    session.delete();
    let expected = expect![[r#"
        error: the entry `ENTRY` of the keyring is gone, and credentials are sealed with what was in it
        hint: PORTCULLIS_KEY, PORTCULLIS_KEY_FILE or the file `key` beside the database has to hold that key; where it is lost, `PORTCULLIS_AUDIT=off portcullis account remove NAME` and `portcullis audit restart` make way for the account to be added again
        exit 1
    "#]];
    expected.assert_eq(&session.tell(&LIST).replace(&entry, "ENTRY"));
    expected.assert_eq(&session.tell(&["account", "rotate-key"]).replace(&entry, "ENTRY"));
    assert_eq!(session.entries(), 0);
    let mut remove = session.command(&["account", "remove", "acme", "--yes"]);
    assert!(session::told(remove.env("PORTCULLIS_AUDIT", "off")).ends_with("exit 0\n"));
    session.succeed(&["audit", "restart", "--reason", "the key is lost"]);
    session.add("acme", &vendor.endpoint());
    session.succeed(&LIST);
    assert_eq!((session.entries(), session.entry() == entry), (1, false));
}

/// The process is killed at each message that it sends to the bus: before that arrives, and after.
#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_that_is_killed_at_any_message_to_the_keyring_loses_nothing() {
    let (vendor, session) = (vendor().await, Session::start("killed"));
    session.add("acme", &vendor.endpoint());
    for (from, to) in [("file", "keyring"), ("keyring", "file"), ("keyring", "keyring")] {
        for arrives in [false, true] {
            let mut messages = 0;
            loop {
                session.succeed(&["account", "rotate-key", "--to", from]);
                messages += 1;
                if session.is_killed_at(messages, arrives, &["account", "rotate-key", "--to", to]) {
                    session.succeed(&LIST);
                    session.succeed(&["audit", "verify"]);
                } else {
                    break;
                }
            }
            // A connection, a session and a call at least.
            assert!(messages > 10, "{from} {to}: {messages}");
            session.succeed(&LIST);
        }
    }
}

async fn vendor() -> Emulator {
    let options = Options { users: 3, auth: Auth::Token(TOKEN.to_owned()), ..Options::default() };
    Emulator::start(options).await.unwrap()
}

/// The lines of a file that are no notes.
fn lines(file: &Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap();
    text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
}
