//! The login keychain of macOS and the Credential Manager of Windows. Their calls block, and may wait for somebody to
//! answer a window: each has a thread of its own, which nobody waits for when the time is up.

use std::thread;

#[cfg(target_os = "macos")]
use apple_native_keyring_store::keychain::Store;
use keyring_core::api::CredentialStoreApi;
use keyring_core::{Entry, Error};
use tokio::sync::oneshot;
#[cfg(windows)]
use windows_native_keyring_store::Store;
use zeroize::Zeroizing;

use super::{Answer, Keyring, KeyringError, PATIENCE, SERVICE};

/// The keyring of the user who runs this.
#[derive(Debug)]
pub(super) struct Native;

impl Keyring for Native {
    fn get<'a>(&'a self, entry: &'a str) -> Answer<'a, Option<Zeroizing<String>>> {
        Box::pin(apart(entry, |entry| match entry.get_secret() {
            Ok(bytes) => {
                let text = String::from_utf8(bytes).map_err(|_| KeyringError::failed("the entry holds no text"))?;
                Ok(Some(Zeroizing::new(text)))
            }
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(failed(error)),
        }))
    }

    fn set<'a>(&'a self, entry: &'a str, text: &'a str) -> Answer<'a, ()> {
        let text = Zeroizing::new(text.to_owned());
        Box::pin(apart(entry, move |entry| entry.set_secret(text.as_bytes()).map_err(failed)))
    }

    fn remove<'a>(&'a self, entry: &'a str) -> Answer<'a, ()> {
        Box::pin(apart(entry, |entry| match entry.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(failed(error)),
        }))
    }
}

async fn apart<T: Send + 'static>(
    entry: &str,
    work: impl FnOnce(Entry) -> Result<T, KeyringError> + Send + 'static,
) -> Result<T, KeyringError> {
    let (name, (done, answer)) = (entry.to_owned(), oneshot::channel());
    let work = move || {
        let entry = Store::new().and_then(|store| store.build(SERVICE, &name, None));
        // Perhaps nobody waits any more.
        let _ = done.send(entry.map_err(KeyringError::absent).and_then(work));
    };
    thread::Builder::new().name("keyring".to_owned()).spawn(work).map_err(KeyringError::failed)?;
    match tokio::time::timeout(PATIENCE, answer).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) => Err(KeyringError::failed("the call broke off")),
        Err(_) => Err(KeyringError::Silent),
    }
}

fn failed(error: Error) -> KeyringError {
    match error {
        Error::NoStorageAccess(_) => KeyringError::Locked,
        error => KeyringError::failed(error),
    }
}
