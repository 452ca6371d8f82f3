//! What a connector says for people to read.

use portcullis_directory::Directory as _;

use crate::attack::{attack, naive, sandboxed};
use crate::naive::Ended;

const NOBODY: &str = "http://127.0.0.1:9/v2";

#[tokio::test]
async fn what_a_connector_says_is_one_short_line_that_no_terminal_obeys() {
    let error = sandboxed(NOBODY).await.request(attack("ERROR", 100_000)).await.unwrap_err();
    let texts = [(&error.message, 500), (error.code.as_ref().unwrap(), 100), (error.field.as_ref().unwrap(), 100)];
    for (text, at_most) in texts {
        assert!(text.len() <= at_most && text.contains("INFO all is well"), "{text}");
        let is_told = |letter: char| !letter.is_control() && letter != '\u{202e}';
        assert!(text.chars().all(is_told), "{text:?}");
    }
    assert!(!format!("{error:?} {error}").contains(['\u{1b}', '\n', '\u{9b}']));

    let ended = naive(NOBODY).await.request(attack("ERROR", 100_000)).await.unwrap_err();
    let Ended::Told { message, code } = ended else { panic!("{ended:?}") };
    assert!(message.len() > 100_000 && message.starts_with("\u{1b}]0;owned\u{7}\u{1b}[2J\r\nINFO all is well"));
    assert!(code.contains('\u{1b}'));
}

#[tokio::test]
async fn ten_megabytes_of_error_are_no_more_than_the_host_takes_in_one_step() {
    // Three texts of it, of which the limit is met before the second is read.
    let error = sandboxed(NOBODY).await.request(attack("ERROR", 10 << 20)).await.unwrap_err();
    assert!(error.is_guest_fault() && error.message.len() <= 500, "{error}");
    let ended = naive(NOBODY).await.request(attack("ERROR", 10 << 20)).await.unwrap_err();
    assert!(matches!(ended, Ended::Told { message, .. } if message.len() >= 10 << 20));
}
