//! Credentials of accounts that are kept: out of the store, or from a program of the operator's. Both are asked at the
//! moment of sending, and nothing here prints.

use std::process::Stdio;
use std::sync::{Mutex as StdMutex, PoisonError};
use std::time::{Duration, Instant};

use portcullis_runtime::{Credential as Answer, CredentialError, CredentialProvider, Noted, Secret};
use portcullis_store::{Account, Credential, Store};
use tokio::io::AsyncReadExt;
use tokio::process::Command;
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use crate::accounts;
use crate::data::KEY;
use crate::token;

/// The credential of one account, as the store has it when it is asked.
pub(crate) struct StoreCredential {
    store: Store,
    account: Account,
    /// The account as it was when its credential was last read.
    seen: StdMutex<Account>,
    /// What a command last printed, so that not every request starts a program.
    printed: Mutex<Option<Printed>>,
}

struct Printed {
    words: Vec<String>,
    secret: Secret,
    at: Instant,
}

impl StoreCredential {
    pub(crate) fn new(store: Store, account: Account) -> StoreCredential {
        StoreCredential { store, seen: StdMutex::new(account.clone()), account, printed: Mutex::new(None) }
    }

    async fn read(&self) -> Result<Secret, CredentialError> {
        let failed = |error: portcullis_store::Error| CredentialError::new(error.to_string());
        let (account, credential) = self.store.current(&self.account).await.map_err(failed)?;
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = account;
        match credential {
            Some(Credential::Token(token)) => {
                Secret::new(token.expose()).map_err(|error| CredentialError::new(error.to_string()))
            }
            Some(Credential::Command(words)) => self.ask(words).await,
            None => Err(CredentialError::new("the account has none any more")),
        }
    }

    /// Marks the account where the vendor refuses its token, and takes the mark away where it does not. A mark that cannot
    /// be written is no reason to fail a request that was answered.
    async fn note(&self, is_accepted: bool) {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if is_accepted {
            if seen.needs_reauth.is_some() {
                let _ = self.store.clear_reauth(&seen).await;
            }
            return;
        }
        // Perhaps the program has another one by now.
        *self.printed.lock().await = None;
        if seen.needs_reauth.is_none() {
            let _ = self.store.mark_reauth(&seen, accounts::now()).await;
        }
    }

    /// Asks the command, unless it was asked a moment ago.
    async fn ask(&self, words: Vec<String>) -> Result<Secret, CredentialError> {
        let mut printed = self.printed.lock().await;
        if let Some(printed) = printed.as_ref().filter(|printed| printed.words == words && printed.at.elapsed() < KEPT)
        {
            return Ok(printed.secret.clone());
        }
        let secret = run(&words).await.map_err(|reason| CredentialError::new(format!("the token command {reason}")))?;
        *printed = Some(Printed { words, secret: secret.clone(), at: Instant::now() });
        Ok(secret)
    }
}

impl CredentialProvider for StoreCredential {
    fn credential(&self) -> Answer<'_> {
        Box::pin(self.read())
    }

    fn judged(&self, is_accepted: bool) -> Noted<'_> {
        Box::pin(self.note(is_accepted))
    }
}

/// Runs the command without a shell, and takes its first line of output for the token. What it says besides is not
/// shown: a secret may be in it.
async fn run(words: &[String]) -> Result<Secret, String> {
    let [program, arguments @ ..] = words else { return Err("is empty".to_owned()) };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
    // It has no business with these.
    command.env_remove(KEY).env_remove(token::DEFAULT);
    let mut running = command.spawn().map_err(|error| format!("cannot be started: {error}"))?;
    let output = running.stdout.take().ok_or("has no output")?;
    let mut text = Zeroizing::new(Vec::with_capacity(LONGEST));
    let read = async {
        output.take(LONGEST as u64).read_to_end(&mut text).await.map_err(|error| format!("cannot be read: {error}"))?;
        running.wait().await.map_err(|error| format!("cannot be waited for: {error}"))
    };
    let status = tokio::time::timeout(PATIENCE, read).await.map_err(|_| "took more than 20 s".to_owned())??;
    if !status.success() {
        return Err(format!("failed: {status}"));
    }
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = str::from_utf8(line).map_err(|_| "printed no text")?.trim_end();
    Secret::new(line).map_err(|error| format!("printed no token: {error}"))
}

/// How long what a command printed is used. A rotated token works after that.
const KEPT: Duration = Duration::from_mins(1);
/// How long a command may take; within a request's own time.
const PATIENCE: Duration = Duration::from_secs(20);
/// Bytes that are read of what a command prints. A pipe that is read no further ends most programs.
const LONGEST: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use portcullis_directory::{Directory, ErrorKind, PageQuery};
    use portcullis_emulator::{Auth, Emulator, Options};
    use portcullis_store::{KeySource, NewAccount, Token};

    use super::*;
    use crate::account::link_stored;
    use crate::connector::ConnectorArguments;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_token_that_is_rotated_is_sent_by_what_runs_already() {
        let token = "s3cr3t-t0ken/of+the=company";
        let options = Options { users: 3, groups: 2, auth: Auth::Token(token.to_owned()), ..Options::default() };
        let emulator = Emulator::start(options).await.unwrap();
        let place = std::env::temp_dir().join(format!("portcullis-credential-{}", std::process::id()));
        let store = Store::open(&place, KeySource::own()).await.unwrap();
        let credential = |text: &str| Credential::Token(Token::new(text.to_owned().into()).unwrap());
        let account = NewAccount {
            name: "acme".parse().unwrap(),
            endpoint: emulator.endpoint(),
            settings: None,
            limits: [].into(),
            component: None,
            credential: Some(credential("an-old-t0ken")),
        };
        let account = store.add(account, 1).await.unwrap();
        let link = link_stored(
            store.clone(),
            account.clone(),
            None,
            &ConnectorArguments::default(),
            &crate::certificate::CertificateArguments::default(),
            crate::pace::PaceArguments::default(),
        )
        .await
        .unwrap();
        let read = async || link.directory.list_users(PageQuery::default()).await;
        assert_eq!(read().await.unwrap_err().kind, ErrorKind::Unauthorized);
        // By another process, as it were.
        let other = Store::open(&place, KeySource::own()).await.unwrap();
        other.replace_credential(&account, &credential(token), 2).await.unwrap();
        assert_eq!(read().await.unwrap().items.len(), 3);
        other.rotate_key(None).await.unwrap();
        assert_eq!(read().await.unwrap().items.len(), 3);
        other.remove(&account).await.unwrap();
        let error = read().await.unwrap_err();
        assert_eq!(error.code.as_deref(), Some("credential"));
        assert!(!format!("{error:?}").contains(token));
        std::fs::remove_dir_all(&place).unwrap();
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_command_is_run_without_a_shell_and_its_words_are_not_repeated() {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let reason = async |given: &[&str]| run(&words(given)).await.unwrap_err();
        assert!(run(&words(&["/bin/echo", "s3cr3t-t0ken"])).await.is_ok());
        assert!(run(&words(&["/bin/echo", "$HOME;s3cr3t"])).await.is_ok());
        assert_eq!(reason(&[]).await, "is empty");
        assert_eq!(reason(&["/bin/sh", "-c", "echo s3cr3t-t0ken; exit 3"]).await, "failed: exit status: 3");
        assert_eq!(
            reason(&["/bin/echo", "-n", "two words"]).await,
            "printed no token: the secret holds a character that cannot stand in a header"
        );
        assert_eq!(reason(&["/bin/sh", "-c", "printf '\\377'"]).await, "printed no text");
        assert!(reason(&["/nowhere/helper"]).await.starts_with("cannot be started: "));
        // A program that never stops printing is not waited for.
        assert!(run(&words(&["/bin/sh", "-c", "while echo 0123456789; do :; done"])).await.is_err());
    }
}
