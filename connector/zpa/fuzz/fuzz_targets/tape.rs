//! A text as JSON. It is one where `serde_json` says so, and what is in it is what `serde_json` reads.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis_zpa::json::Json;
use portcullis_zpa::tape::Tape;
use serde::de::IgnoredAny;

fuzz_target!(|text: &str| {
    let plain = text.strip_prefix('\u{feff}').unwrap_or(text);
    let tape = Tape::read(text);
    assert_eq!(tape.is_ok(), serde_json::from_str::<IgnoredAny>(plain).is_ok());
    if let Ok(tape) = tape {
        assert_eq!(tape.root().json(), plain.trim_ascii());
        check(tape.root());
    }
});

/// Each value in it is a value by itself, and has as many in it as are told.
fn check(json: Json<'_>) {
    assert!(serde_json::from_str::<IgnoredAny>(json.json()).is_ok());
    match json.other_than_object() {
        None => json.values().for_each(check),
        Some("a list") => json.elements().for_each(check),
        Some("a text") => {
            assert_eq!(json.text().as_deref(), serde_json::from_str::<String>(json.json()).ok().as_deref())
        }
        Some(_) => {}
    }
}
