//! Compiled code that is kept between two runs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run::{bare, directory, output};

fn describe(place: &Path) -> Command {
    let mut command = bare(&["describe"]);
    command.env("XDG_CACHE_HOME", place.join("cache")).env("XDG_STATE_HOME", place.join("state"));
    command
}

fn run(place: &Path) -> Vec<u8> {
    let output = output(&mut describe(place));
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// The one file of compiled code.
fn file(place: &Path) -> PathBuf {
    let mut files = fs::read_dir(place.join("cache/portcullis")).unwrap();
    let file = files.next().unwrap().unwrap().path();
    assert!(files.next().is_none());
    file
}

#[test]
fn code_that_somebody_planted_is_not_run_and_is_replaced() {
    let (place, foreign) = (directory(), directory());
    let told = run(&place);
    let own = fs::read(file(&place)).unwrap();
    // Whole, of this component and this machine, and sealed with another key.
    assert_eq!(run(&foreign), told);
    let planted = fs::read(file(&foreign)).unwrap();
    assert_ne!(planted, own);
    fs::write(file(&place), planted).unwrap();
    assert_eq!(run(&place), told);
    assert_eq!(fs::read(file(&place)).unwrap(), own);
}

#[cfg(unix)]
#[test]
fn the_key_is_the_users_own_and_one_that_others_can_read_seals_nothing() {
    use std::os::unix::fs::PermissionsExt;

    let place = directory();
    let told = run(&place);
    let key = place.join("state/portcullis/code-key");
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!file(&place).starts_with(key.parent().unwrap()));
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    fs::remove_file(file(&place)).unwrap();
    assert_eq!(run(&place), told);
    assert_eq!(fs::read_dir(place.join("cache/portcullis")).unwrap().count(), 0);
}
