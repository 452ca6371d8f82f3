//! `component push` and `component pull`: what is told and asked at the terminal. The registries themselves are in the
//! crate `portcullis-registry`.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use portcullis_connectors::{WIT, ZPA};
use portcullis_registry::{Artifact, Credential, Digest, Error, Reference, Registry};
use portcullis_runtime::Limits;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen::Screen;
use crate::{input, program, token};

/// What to push, and where to.
#[derive(Debug, Args)]
pub(super) struct PushArguments {
    /// Registry, repository and tag, such as `ghcr.io/acme/portcullis-zpa:0.1.0`
    reference: String,
    /// Push this component instead of the built-in connector
    #[arg(long, value_name = "FILE")]
    component: Option<PathBuf>,
    /// Push the WIT package of the contract instead of the connector
    #[arg(long, conflicts_with = "component")]
    wit: bool,
    #[command(flatten)]
    login: LoginArguments,
}

/// What to pull, and where to.
#[derive(Debug, Args)]
pub(super) struct PullArguments {
    /// Registry, repository and digest, such as `ghcr.io/acme/portcullis-zpa@sha256:…`. With a tag, whatever has that tag
    /// today
    reference: String,
    /// The file to write to, over one that is there
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    login: LoginArguments,
}

/// Who asks. Without these it is everybody.
#[derive(Debug, Args)]
struct LoginArguments {
    /// The name at the registry
    #[arg(long, value_name = "NAME", env = "PORTCULLIS_REGISTRY_USER")]
    user: Option<String>,
    /// The environment variable that holds its token or password [default: PORTCULLIS_REGISTRY_TOKEN]
    #[arg(long, value_name = "VAR", conflicts_with = "token_file")]
    token_env: Option<OsString>,
    /// The file that holds it; `-` reads standard input. A line break at its end does not count
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

impl LoginArguments {
    fn read(&self) -> anyhow::Result<Option<Credential>> {
        let token = match (&self.token_file, &self.token_env) {
            (Some(file), _) => Some(token::from_file(file)?),
            (None, Some(name)) => Some(token::from_variable(name)?),
            (None, None) => env::var_os(TOKEN).map(|_| token::from_variable(TOKEN.as_ref())).transpose()?,
        };
        match (&self.user, token) {
            (None, None) => Ok(None),
            (Some(user), Some(token)) => Ok(Some(Credential::new(user, &token).map_err(failure)?)),
            (Some(_), None) => {
                let hint =
                    format!("export {TOKEN}, or name a variable with `--token-env` or a file with `--token-file`");
                Err(Failure::usage("there is a name for the registry, and no token", hint).into())
            }
            (None, Some(_)) => {
                let hint = "`--user` or PORTCULLIS_REGISTRY_USER gives it; some registries take any";
                Err(Failure::usage("there is a token for the registry, and no name", hint).into())
            }
        }
    }
}

/// Pushes, and prints the reference by digest.
pub(super) async fn push(arguments: &PushArguments, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let reference: Reference = arguments.reference.parse().map_err(failure)?;
    let artifact = match &arguments.component {
        Some(file) => {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            let component = input::bytes(file, "the component", "--component")?;
            Artifact::new(component, &name).map_err(|error| of_file(&error, file))?
        }
        None if arguments.wit => Artifact::new(WIT, "portcullis-directory.wit.wasm").map_err(failure)?,
        None => Artifact::new(ZPA, "portcullis-zpa.component.wasm").map_err(failure)?,
    };
    let registry = Registry::new(arguments.login.read()?).map_err(failure)?;
    let digest = registry.push(&reference, &artifact).await.map_err(failure)?;
    let pinned = reference.pinned(digest).to_string();
    writeln!(screen.out(), "{pinned}")?;
    screen.flush()?;
    let pull = program::line(&["component", "pull", &pinned, "--out", "connector.wasm"]);
    screen.tell(&format!("It is pulled by\n  {pull}"))?;
    Ok(Exit::Success)
}

/// Pulls into a file, and prints the reference by digest.
pub(super) async fn pull(arguments: &PullArguments, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let reference: Reference = arguments.reference.parse().map_err(failure)?;
    let registry = Registry::new(arguments.login.read()?).map_err(failure)?;
    let pulled = registry.pull(&reference, Limits::default().component_bytes).await.map_err(failure)?;
    let out = &arguments.out;
    fs::write(out, &pulled.component).with_context(|| format!("`{}` cannot be written", out.display()))?;
    writeln!(screen.out(), "{}", reference.pinned(pulled.digest))?;
    screen.flush()?;
    screen.tell(&format!("`{}` has the SHA-256 {}", out.display(), Digest::of(&pulled.component).hex()))?;
    Ok(Exit::Success)
}

fn of_file(error: &Error, file: &std::path::Path) -> anyhow::Error {
    let hint = "`--component` takes a WebAssembly component, such as `portcullis component export` writes";
    Failure::usage(format!("`{}` cannot be pushed: {error}", file.display()), hint).into()
}

#[expect(clippy::needless_pass_by_value, reason = "it goes into `map_err`")]
fn failure(error: Error) -> anyhow::Error {
    let (exit, hint) = if error.is_caller_fault() {
        (Exit::Usage, "`ghcr.io/acme/portcullis-zpa:0.1.0` is pushed to, and pulled as that or with `@sha256:…`")
    } else if error.is_not_found() {
        (Exit::NotFound, "check registry, repository and tag; some registries say so of what they hide as well")
    } else if error.is_refused() {
        (Exit::Refused, "`--user` with PORTCULLIS_REGISTRY_TOKEN, `--token-env` or `--token-file` says who asks")
    } else if error.is_unavailable() {
        (Exit::Unavailable, "check that the registry is up, then repeat")
    } else {
        (
            Exit::Incomplete,
            "nothing was written; do not use what the registry has there before somebody has looked at it",
        )
    };
    Failure::new(exit, error.to_string(), hint).into()
}

/// Not the variable of the vendor's token, which no registry must get.
const TOKEN: &str = "PORTCULLIS_REGISTRY_TOKEN";
