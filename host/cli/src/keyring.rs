//! The keyring of the system: whether it is to be used, and what to do where it is of no use.

use std::env;
use std::sync::OnceLock;

use clap::ValueEnum;
use portcullis_store::keyring;
use portcullis_store::{KeyPlace, KeySource, KeyringError, NewKey};

use crate::failure::Failure;

/// Where `account rotate-key` puts the key.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Place {
    #[cfg_attr(
        feature = "keyring",
        doc = "The keyring of the system; the file beside the accounts then only names the entry"
    )]
    #[cfg_attr(
        not(feature = "keyring"),
        doc = "The keyring of the system, for which this build lacks the feature `keyring`"
    )]
    Keyring,
    /// The file beside the accounts
    File,
}

impl From<Place> for KeyPlace {
    fn from(place: Place) -> KeyPlace {
        match place {
            Place::Keyring => KeyPlace::Keyring,
            Place::File => KeyPlace::File,
        }
    }
}

/// The word for where a key is.
pub(crate) fn word(place: KeyPlace) -> &'static str {
    match place {
        KeyPlace::File => "file",
        KeyPlace::Keyring => "keyring",
        KeyPlace::Operator => "operator",
    }
}

/// The store's own key, in the keyring or not as the operator says. A word that is neither is refused: it may have been
/// meant to.
pub(crate) fn own_key() -> anyhow::Result<KeySource> {
    let word = env::var_os(SWITCH).unwrap_or_default();
    let new = match word.to_str() {
        Some("") => NewKey::KeyringOrFile,
        Some("on") => NewKey::Keyring,
        Some("off") => return Ok(KeySource::own()),
        _ => {
            let message = format!("{SWITCH} is neither `on` nor `off`");
            return Err(Failure::usage(message, "unset it, or set it to one of them").into());
        }
    };
    Ok(OWN.get_or_init(|| KeySource::own_in(keyring::system(), new)).clone())
}

/// What to do where the key is in a keyring that is of no use.
pub(crate) fn reading_hint(error: &KeyringError) -> &'static str {
    match error {
        KeyringError::Off => "unset PORTCULLIS_KEYRING, and export PORTCULLIS_KEY where no keyring is to be used",
        KeyringError::NotBuilt => {
            "use a build with `--features keyring`, or export PORTCULLIS_KEY or PORTCULLIS_KEY_FILE with the key"
        }
        _ => READING_HINT,
    }
}

/// What to do where the key is to be put into a keyring that is of no use.
pub(crate) fn keeping_hint(error: &KeyringError) -> &'static str {
    match error {
        KeyringError::Off => "unset PORTCULLIS_KEYRING, or let the key be in the file",
        KeyringError::NotBuilt => "use a build with `--features keyring`, or let the key be in the file",
        _ => {
            "unlock or start it and repeat; or let the key be in the file, without PORTCULLIS_KEYRING and `--to keyring`"
        }
    }
}

pub(crate) const READING_HINT: &str = "log in at the desktop or unlock it there, and repeat; where it cannot be, as over ssh \
    or from cron, export PORTCULLIS_KEY or PORTCULLIS_KEY_FILE with the key, or move it beforehand with `portcullis account \
    rotate-key --to file`";

const SWITCH: &str = "PORTCULLIS_KEYRING";
/// One for all stores of the process, so that a keyring is asked once.
static OWN: OnceLock<KeySource> = OnceLock::new();

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use portcullis_store::keyring::NoKeyring;
    use portcullis_store::{AccountName, Credential, NewAccount, Store, Token};
    use zeroize::Zeroizing;

    use super::*;

    #[tokio::test]
    async fn a_build_without_keyrings_says_so_and_what_to_do() {
        let place = std::env::temp_dir().join(format!("portcullis-keyring-{}", std::process::id()));
        let none = || Arc::new(NoKeyring(KeyringError::NotBuilt));
        let account = || NewAccount {
            name: "acme".parse::<AccountName>().unwrap(),
            endpoint: "https://acme.example/v2".to_owned(),
            settings: None,
            limits: [].into(),
            component: None,
            credential: Some(Credential::Token(Token::new(Zeroizing::new("s3cr3t-t0ken".to_owned())).unwrap())),
        };
        let store = Store::open(&place, KeySource::own_in(none(), NewKey::Keyring)).await.unwrap();
        let error = store.add(account(), 1).await.unwrap_err();
        let expected = (
            "the key cannot be put into the keyring of this system, which this program is built without",
            "use a build with `--features keyring`, or let the key be in the file",
        );
        assert_eq!((&*error.to_string(), keeping_hint(error.keyring_unfit().unwrap())), expected);
        let store = Store::open(&place, KeySource::own_in(none(), NewKey::KeyringOrFile)).await.unwrap();
        let kept = store.add(account(), 1).await.unwrap();
        std::fs::write(place.join("key"), format!("keyring {}", "0123456789abcdef".repeat(2))).unwrap();
        let error = store.credential(&kept).await.unwrap_err();
        let expected = (
            "the key is in the keyring of this system, which this program is built without",
            "use a build with `--features keyring`, or export PORTCULLIS_KEY or PORTCULLIS_KEY_FILE with the key",
        );
        assert_eq!((&*error.to_string(), reading_hint(error.keyring().unwrap())), expected);
        std::fs::remove_dir_all(&place).unwrap();
    }
}
