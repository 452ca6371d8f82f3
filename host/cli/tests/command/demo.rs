//! `demo`.

use crate::run::{bare, output};

#[test]
fn the_demo_shows_what_it_promises() {
    let output = output(&mut bare(&["demo"]));
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap().as_str()), (Some(0), ""), "{text}");
    let steps: Vec<_> = text.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit())).collect();
    assert_eq!(steps.len(), 7, "{text}");
    let commands = text.lines().filter(|line| line.starts_with("  $ ")).count();
    assert_eq!(commands, 17, "{text}");
    for told in [
        "would send: PATCH Users/",
        "status        inactive",
        "Requests that arrived there: 0.",
        "Bearer [redacted]",
        "each with the token",
    ] {
        assert!(text.contains(told), "{told}: {text}");
    }
}
