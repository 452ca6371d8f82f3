//! Why a command failed, and what to do next: the two lines that a person sees and the code that a script sees.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::process::ExitCode;

use portcullis_directory::{Effect, Error, ErrorKind, WalkError};
use portcullis_runtime::{Blame, Error as RuntimeError};
use portcullis_store::Error as StoreError;

use crate::exit::Exit;
use crate::keyring;
use crate::program;
use crate::screen::Screen;
use crate::writing::WriteError;

/// A failure that this program found itself.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    message: String,
    hint: String,
}

impl Failure {
    /// A flag or an argument is wrong.
    pub(crate) fn usage(message: impl Into<String>, hint: impl Into<String>) -> Failure {
        Failure::new(Exit::Usage, message, hint)
    }

    /// Any other failure.
    pub(crate) fn new(exit: Exit, message: impl Into<String>, hint: impl Into<String>) -> Failure {
        Failure { exit, message: message.into(), hint: hint.into() }
    }

    /// The same failure with another hint.
    pub(crate) fn with_hint(self, hint: impl Into<String>) -> Failure {
        Failure { hint: hint.into(), ..self }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for Failure {}

/// What is told of an error.
#[derive(Debug)]
pub(crate) struct Report {
    exit: Exit,
    message: String,
    hint: Option<String>,
}

impl Report {
    /// What went wrong, in one line.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// The code to exit with.
    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }

    /// Prints it, and gives the code to exit with.
    pub(crate) fn print(&self, screen: &mut Screen) -> ExitCode {
        // An error that cannot be written cannot be reported either; the exit code still says it.
        let _ = screen.say("error", &self.message);
        if let Some(hint) = &self.hint {
            let _ = screen.say("hint", hint);
        }
        self.exit.into()
    }
}

/// What to tell of an error, whoever made it.
pub(crate) fn report(error: &anyhow::Error) -> Report {
    let message = format!("{error:#}");
    let (exit, hint) = if let Some(failure) = error.downcast_ref::<Failure>() {
        (failure.exit, Some(failure.hint.clone()))
    } else if let Some(error) = error.downcast_ref::<WalkError>() {
        let repeat = wait(&error.error).map_or("repeat it".to_owned(), |wait| format!("repeat it in {wait}"));
        let hint = format!("what was read is a part of the list, and absence from it proves nothing; {repeat}");
        (Exit::Incomplete, Some(hint))
    } else if let Some(write) = error.downcast_ref::<WriteError>() {
        // Whether it happened is to be found out later, whatever hid it.
        let is_unknown = write.error.effect == Effect::Unknown;
        let exit = if is_unknown { Exit::Unavailable } else { exit(&write.error) };
        (exit, Some(write.hint().unwrap_or_else(|| next_step(&write.error))))
    } else if let Some(error) = error.downcast_ref::<Error>() {
        (exit(error), Some(next_step(error)))
    } else if let Some(error) = error.downcast_ref::<StoreError>() {
        stored(error)
    } else if let Some(error) = error.downcast_ref::<RuntimeError>() {
        runtime(error)
    } else {
        (Exit::Other, None)
    };
    Report { exit, message, hint }
}

/// The code of a failed call. What the sandbox does not hold today it will not hold tomorrow: that is no outage.
fn exit(error: &Error) -> Exit {
    if error.is_limit() { Exit::Incomplete } else { error.kind.into() }
}

/// Whether nobody reads the results any more.
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// A walk that has handed rows out is incomplete, whatever broke it off. One that has not is like any failed call.
pub(crate) fn walk(broken: WalkError) -> anyhow::Error {
    if broken.pages_read == 0 { broken.error.into() } else { broken.into() }
}

/// How long the vendor asks to wait, in words.
fn wait(error: &Error) -> Option<String> {
    error.retry_after_ms.map(|wait| format!("{} s", wait.div_ceil(1000)))
}

fn runtime(error: &RuntimeError) -> (Exit, Option<String>) {
    if error.is_endpoint_refused() {
        let hint = "an endpoint is an `https` URL, or an `http` one at a literal address of this machine, such as \
                    `http://127.0.0.1:8080/scim/1/2/v2`";
        return (Exit::Usage, Some(hint.to_owned()));
    }
    if error.is_other_component() {
        let hint = "`--component` names the right one; to trust this one, add the account again";
        return (Exit::Refused, Some(hint.to_owned()));
    }
    if error.is_certificate_refused() {
        let hint = "`openssl x509 -in FILE -noout -subject` and `openssl pkey -in FILE -noout` tell whether a file is what \
                    it should be";
        return (Exit::Usage, Some(hint.to_owned()));
    }
    match error.blame() {
        Blame::Caller => (Exit::Usage, None),
        Blame::Guest => (Exit::Other, Some("the component is at fault; ask whoever built it".to_owned())),
        Blame::Host => (Exit::Other, None),
    }
}

/// What the reader can do about accounts that cannot be read or written.
fn stored(error: &StoreError) -> (Exit, Option<String>) {
    if let Some((path, mode)) = error.exposed() {
        let path = program::quoted(&path.to_string_lossy()).into_owned();
        let hint =
            format!("`chmod {mode:o} {path}` keeps others out; if somebody may have read it, rotate tokens and key");
        return (Exit::Other, Some(hint));
    }
    let (exit, hint) = if let Some(error) = error.keyring() {
        (Exit::Other, keyring::reading_hint(error))
    } else if let Some(error) = error.keyring_unfit() {
        (Exit::Other, keyring::keeping_hint(error))
    } else if error.is_key_foreign() {
        (Exit::Usage, "unset PORTCULLIS_KEY and PORTCULLIS_KEY_FILE for `--to`, or leave that away")
    } else if error.is_not_found() {
        (Exit::NotFound, "`portcullis account list` tells those that there are")
    } else if error.is_taken() {
        (Exit::Refused, "choose another name, or `portcullis account rotate` to replace its token")
    } else if error.is_key_missing() {
        (
            Exit::Other,
            "PORTCULLIS_KEY, PORTCULLIS_KEY_FILE or the file `key` beside the database has to hold that key; where it is \
             lost, `PORTCULLIS_AUDIT=off portcullis account remove NAME` and `portcullis audit restart` make \
             way for the account to be added again",
        )
    } else if error.is_seal_broken() {
        (Exit::Other, "somebody wrote to the database; find out who, then remove the account and add it again")
    } else if error.is_audit_changed() {
        (
            Exit::Other,
            "`portcullis audit verify` tells what is wrong; keep copies of log and database, find out who can write to \
             them, and then `portcullis audit restart` puts the log aside",
        )
    } else if error.is_damaged() {
        (Exit::Other, "put a copy from a backup in its place; nothing was changed")
    } else if error.is_busy() {
        (Exit::Unavailable, "repeat it in a moment")
    } else if error.is_held() {
        (Exit::Unavailable, "repeat it when that has ended; nothing was sent")
    } else if error.is_caller_fault() {
        (Exit::Usage, "`portcullis account --help` tells what it takes")
    } else {
        return (Exit::Other, None);
    };
    (exit, Some(hint.to_owned()))
}

/// What the reader can do about a failed call.
fn next_step(error: &Error) -> String {
    if error.is_guest_fault() {
        return "the connector is at fault; ask whoever built it".to_owned();
    }
    if error.is_limit() {
        return "the sandbox allows no more; a smaller `--limit` brings smaller pages".to_owned();
    }
    if error.is_busy() {
        return "too much is under way at once; repeat it in a moment".to_owned();
    }
    if error.code.as_deref() == Some("denied") {
        let hint = if error.message.contains("header") {
            "the sandbox lets everyday headers through, such as `accept`, `content-type` and `if-match`"
        } else {
            "the sandbox reaches the account's own endpoint, at addresses that are public, and this machine only by a \
             literal loopback address"
        };
        return hint.to_owned();
    }
    if matches!(error.code.as_deref(), Some("audit" | "credential"))
        && error.message.contains("the keyring of this system")
    {
        return keyring::READING_HINT.to_owned();
    }
    if error.code.as_deref() == Some("audit") {
        return "`portcullis audit verify` tells what is wrong with the audit log, and `--data-dir` is where it is; \
                `PORTCULLIS_AUDIT=off` writes without a record"
            .to_owned();
    }
    if error.code.as_deref() == Some("tls") {
        return "a server is judged by the authorities of this system and those of `--ca-file`; one that asks for a \
                certificate gets that of `--client-cert` and `--client-key`"
            .to_owned();
    }
    if error.code.as_deref() == Some("credential") {
        return "`portcullis account rotate` gives the account a token, or a command that prints one".to_owned();
    }
    match error.kind {
        ErrorKind::InvalidInput => match error.field.as_deref() {
            Some("size") => "`--limit` is the size of one page; `--all` reads every page".to_owned(),
            Some("cursor") => "use a cursor with the endpoint, the command and the `--limit` that it came from, or \
                               start again without one"
                .to_owned(),
            Some("settings") => "`portcullis describe --output json` has the schema of the settings".to_owned(),
            _ => "mend the argument that the message names; `--help` tells what it takes".to_owned(),
        },
        ErrorKind::Unauthorized => {
            "check that `--token-env` or `--token-file` names the token of this endpoint; a new token may end the old \
             one for everybody who uses it"
                .to_owned()
        }
        ErrorKind::Forbidden => "ask an administrator of the vendor's account".to_owned(),
        ErrorKind::NotFound => "`list` and `find` tell the ids that there are".to_owned(),
        ErrorKind::Conflict => "look at what is there, then decide".to_owned(),
        ErrorKind::Unsupported => {
            "`portcullis describe` tells what this connector can do, and which settings change it".to_owned()
        }
        ErrorKind::RateLimited | ErrorKind::Unavailable => match wait(error) {
            Some(wait) => format!("repeat in {wait}, as the vendor asks"),
            None if error.http_status.is_some() => "wait a while and repeat".to_owned(),
            None => "check that `--endpoint` is right and its server is up, then repeat".to_owned(),
        },
        ErrorKind::Protocol => {
            "conclude nothing from it; `portcullis vendor GET …` shows what the vendor really answers".to_owned()
        }
    }
}
