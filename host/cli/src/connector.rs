//! The connector that a command runs: the built-in one, or one from a file.

use std::borrow::Cow;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use portcullis_runtime::{Authorities, Connector, Digest, Limits, Runtime, Terms};

use crate::code_key;
use crate::failure::Failure;
use crate::pace::Sharing;

/// The flag that names a connector.
#[derive(Debug, Default, Args)]
pub(crate) struct ConnectorArguments {
    /// Load this connector instead of the built-in one for ZPA
    #[arg(long, value_name = "FILE", global = true)]
    component: Option<PathBuf>,
}

impl ConnectorArguments {
    /// Loads the connector into a sandbox of its own.
    pub(crate) async fn load(&self, allows_loopback: bool) -> anyhow::Result<Connector> {
        self.load_pinned(allows_loopback, Limits::default(), None, None, None).await
    }

    /// The same with other limits; where a digest is given only if the component has it; where a directory is given with
    /// paces that are kept there; and with more authorities that vouch for servers.
    pub(crate) async fn load_pinned(
        &self,
        allows_loopback: bool,
        limits: Limits,
        digest: Option<Digest>,
        paces: Option<PathBuf>,
        trusted: Option<Authorities>,
    ) -> anyhow::Result<Connector> {
        let runtime = runtime_within(allows_loopback, limits, paces.as_deref(), trusted.as_ref())?;
        let terms = Terms { digest, ..Terms::default() };
        Ok(match self.bytes()? {
            Cow::Borrowed(component) => runtime.load_with(component, terms).await?,
            Cow::Owned(component) => runtime.load_with(component, terms).await?,
        })
    }

    fn bytes(&self) -> anyhow::Result<Cow<'static, [u8]>> {
        let Some(file) = &self.component else { return Ok(Cow::Borrowed(portcullis_connectors::ZPA)) };
        let component = fs::read(file).map_err(|error| {
            let message = format!("the component cannot be read from `{}`: {error}", file.display());
            Failure::usage(message, "`--component` takes a WebAssembly component")
        })?;
        if !component.starts_with(COMPONENT) {
            let what = if component.starts_with(MODULE) {
                "a module of WebAssembly, but no component"
            } else {
                "no component"
            };
            let message = format!("`{}` is {what}", file.display());
            let hint = "`--component` takes a WebAssembly component, such as `portcullis component export` writes";
            return Err(Failure::usage(message, hint).into());
        }
        Ok(Cow::Owned(component))
    }
}

/// A runtime that keeps compiled code in the user's cache, where there is one that is private enough, and a key to seal
/// it with.
pub(crate) fn runtime(allows_loopback: bool) -> anyhow::Result<Runtime> {
    runtime_within(allows_loopback, Limits::default(), None, None)
}

fn runtime_within(
    allows_loopback: bool,
    limits: Limits,
    paces: Option<&Path>,
    trusted: Option<&Authorities>,
) -> anyhow::Result<Runtime> {
    let builder = || {
        let mut builder = Runtime::builder().allow_loopback(allows_loopback).limits(limits);
        if let Some(directory) = paces {
            builder = builder.shared_pace(Sharing::new(directory.to_owned()));
        }
        if let Some(authorities) = trusted {
            builder = builder.trust(authorities.clone());
        }
        builder
    };
    let Some((directory, key)) = cache_directory().zip(code_key::read()) else { return Ok(builder().build()?) };
    match builder().code_cache(directory, key).build() {
        // It then compiles each time, which costs a moment and nothing else.
        Err(error) if error.is_cache_refused() => Ok(builder().build()?),
        built => Ok(built?),
    }
}

/// `$XDG_CACHE_HOME/portcullis` (XDG Base Directory Specification), or where caches are on this system.
fn cache_directory() -> Option<PathBuf> {
    let path = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let caches = path("XDG_CACHE_HOME")
        .or_else(|| if cfg!(windows) { path("LOCALAPPDATA") } else { path("HOME").map(|home| home.join(".cache")) });
    caches.map(|caches| caches.join("portcullis"))
}

/// What a component starts with: magic, version 13, layer 1 (Component Model, `Binary.md`).
const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";
/// What any WebAssembly starts with.
const MODULE: &[u8] = b"\0asm";
