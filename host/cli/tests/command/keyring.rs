//! The keyring of the system where there is none. A real one is asked by the end-to-end test `keyring`, which brings its
//! own.

use std::fs;
use std::process::Command;

use expect_test::expect;

use crate::run::{Company, output, tell};
#[cfg(all(feature = "keyring", unix, not(target_os = "macos")))]
use crate::run::{TOKEN, tell_with};
use crate::stored::Desk;

const LIST: [&str; 4] = ["users", "list", "--account", "acme"];

#[test]
fn a_word_that_is_neither_on_nor_off_is_refused() {
    let desk = Desk::new(Company::small());
    for key in [None, Some(("PORTCULLIS_KEY", "a1".repeat(32)))] {
        let mut list = desk.command(&["account", "list"]);
        expect![[r#"
            error: PORTCULLIS_KEYRING is neither `on` nor `off`
            hint: unset it, or set it to one of them
            exit 2
        "#]]
        .assert_eq(&tell(list.env("PORTCULLIS_KEYRING", "yes").envs(key)));
    }
    assert!(!desk.data.exists());
}

#[test]
fn a_keyring_that_is_off_is_not_asked_for_a_key_that_is_in_it() {
    let desk = Desk::new(Company::small());
    desk.add("acme", &[]);
    moved(&desk);
    desk.check(
        &LIST,
        &expect![[r#"
        error: the key is in the keyring of this system, which this program is told not to use
        hint: unset PORTCULLIS_KEYRING, and export PORTCULLIS_KEY where no keyring is to be used
        exit 1
    "#]],
    );
    desk.check(
        &["account", "rotate-key", "--to", "file"],
        &expect![[r#"
        error: the key is in the keyring of this system, which this program is told not to use
        hint: unset PORTCULLIS_KEYRING, and export PORTCULLIS_KEY where no keyring is to be used
        exit 1
    "#]],
    );
}

#[test]
fn a_key_of_the_operators_is_stronger_than_a_keyring_and_is_not_moved() {
    let desk = Desk::new(Company::small());
    desk.add("acme", &[]);
    let key = moved(&desk);
    let code = |command: &mut Command| output(command.env("PORTCULLIS_KEY", &key)).status.code();
    assert_eq!(code(&mut desk.command(&LIST)), Some(0));
    let mut rotate = desk.command(&["account", "rotate-key", "--to", "file"]);
    expect![[r#"
        error: the key is the operator's, and is not the store's to move
        hint: unset PORTCULLIS_KEY and PORTCULLIS_KEY_FILE for `--to`, or leave that away
        exit 2
    "#]]
    .assert_eq(&desk.blind(&tell(rotate.env("PORTCULLIS_KEY", &key))));
}

/// Where there is no bus, whatever the machine has.
#[cfg(all(feature = "keyring", unix, not(target_os = "macos")))]
#[test]
fn without_a_bus_there_is_no_keyring_and_a_command_says_so_where_it_needs_one() {
    let desk = Desk::new(Company::small());
    let endpoint = desk.company.emulator.endpoint();
    let add = ["account", "add", "acme", "--endpoint", &endpoint, "--token-stdin"];
    let told = tell_with(TOKEN, busless(&mut desk.command(&add)).env("PORTCULLIS_KEYRING", "on"));
    expect![[r#"
        warning: use the token that is there: generating a new one at Zscaler very likely ends the old one, and with it the customer's own sync from Entra ID, Okta or another provider
        error: the key cannot be put into the keyring of this system, which is not there (zbus error: Failed to connect to address `unix:path=/nowhere`: No such file or directory
        hint: unlock or start it and repeat; or let the key be in the file, without PORTCULLIS_KEYRING and `--to keyring`
        exit 1
    "#]].assert_eq(&desk.blind(&told));
    desk.check(
        &["account", "list"],
        &expect![[r#"
        []
        note: no account is kept; `portcullis account add` keeps one
        exit 0
    "#]],
    );
    assert!(!desk.data.join("key").exists());
    // Nobody asked for it: the key is in the file, and stays there.
    tell_with(TOKEN, busless(&mut desk.command(&add)));
    let key = fs::read_to_string(desk.data.join("key")).unwrap();
    let told = tell(busless(&mut desk.command(&["account", "rotate-key", "--to", "keyring"])));
    expect![[r#"
        error: the key cannot be put into the keyring of this system, which is not there (zbus error: Failed to connect to address `unix:path=/nowhere`: No such file or directory
        hint: unlock or start it and repeat; or let the key be in the file, without PORTCULLIS_KEYRING and `--to keyring`
        exit 1
    "#]].assert_eq(&desk.blind(&told));
    assert_eq!(fs::read_to_string(desk.data.join("key")).unwrap(), key);
    assert_eq!(output(busless(&mut desk.command(&LIST))).status.code(), Some(0));
    moved(&desk);
    expect![[r#"
        error: the key is in the keyring of this system, which is not there (zbus error: Failed to connect to address `unix:path=/nowhere`: No such file or directory
        hint: log in at the desktop or unlock it there, and repeat; where it cannot be, as over ssh or from cron, export PORTCULLIS_KEY or PORTCULLIS_KEY_FILE with the key, or move it beforehand with `portcullis account rotate-key --to file`
        exit 1
    "#]].assert_eq(&desk.blind(&tell(busless(&mut desk.command(&LIST)))));
    // A write that cannot be recorded for want of the key is not sent.
    let mut write = desk.command(&["groups", "create", "--name", "Night", "--account", "acme"]);
    expect![[r#"
        error: the key is in the keyring of this system, which is not there (zbus error: Failed to connect to address `unix:path=/nowhere`: No such file or directory
        hint: log in at the desktop or unlock it there, and repeat; where it cannot be, as over ssh or from cron, export PORTCULLIS_KEY or PORTCULLIS_KEY_FILE with the key, or move it beforehand with `portcullis account rotate-key --to file`
        exit 1
    "#]].assert_eq(&desk.blind(&tell(busless(&mut write))));
    let mut write = desk.command(&["groups", "create", "--name", "Night", "--endpoint", &endpoint]);
    write.env("PORTCULLIS_TOKEN", TOKEN);
    expect![[r#"
        error: the write was not sent, because it cannot be recorded: the key is in the keyring of this system, which is not there (zbus error: Failed to connect to address `unix:path=/nowhere`: No such file or directory (`audit`)
        hint: log in at the desktop or unlock it there, and repeat; where it cannot be, as over ssh or from cron, export PORTCULLIS_KEY or PORTCULLIS_KEY_FILE with the key, or move it beforehand with `portcullis account rotate-key --to file`
        exit 4
    "#]].assert_eq(&desk.blind(&tell(busless(&mut write))));
}

#[cfg(all(feature = "keyring", unix, not(target_os = "macos")))]
fn busless(command: &mut Command) -> &mut Command {
    command.env_remove("PORTCULLIS_KEYRING").env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
}

/// Says in the file that the key is in a keyring, as where the directory comes from another machine. Gives the key.
fn moved(desk: &Desk) -> String {
    let file = desk.data.join("key");
    let text = fs::read_to_string(&file).unwrap();
    let key = text.lines().find(|line| !line.starts_with('#')).unwrap().to_owned();
    fs::write(&file, format!("keyring {}\n", "0123456789abcdef".repeat(2))).unwrap();
    key
}
