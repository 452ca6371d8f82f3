//! `component`: the built-in connector and its contract, for those who load them elsewhere: as files, which needs no
//! repository, as both are part of this program; and at an OCI registry.

mod registry;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, Subcommand};

use crate::exit::Exit;
use crate::screen::Screen;

/// Takes the connector out of this program.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Push the connector to an OCI registry, as `wkg oci push` does; prints the reference that pins it
    Push(registry::PushArguments),
    /// Pull a component from an OCI registry, checked against its digest; prints the reference that pins it
    Pull(registry::PullArguments),
    /// Write the component and the WIT package of its contract, over files of the same names
    Export {
        /// The directory to write to; made if it is missing
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
}

/// Does it.
pub(crate) async fn run(arguments: &Arguments, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    match &arguments.command {
        Command::Export { out } => export(out, screen),
        Command::Push(arguments) => registry::push(arguments, screen).await,
        Command::Pull(arguments) => registry::pull(arguments, screen).await,
    }
}

/// Writes the files, and prints the path of each.
fn export(out: &Path, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let component = ("portcullis-zpa.component.wasm", portcullis_connectors::ZPA);
    let files = WIT.iter().map(|(name, text)| (*name, text.as_bytes()));
    #[cfg(feature = "service")]
    let files = files.chain([("portcullis-zpa.service.wasm", portcullis_connectors::ZPA_SERVICE)]);
    for (name, bytes) in std::iter::once(component).chain(files) {
        let path = out.join(name);
        let directory = path.parent().unwrap_or(out);
        fs::create_dir_all(directory).with_context(|| format!("`{}` cannot be made", directory.display()))?;
        fs::write(&path, bytes).with_context(|| format!("`{}` cannot be written", path.display()))?;
        writeln!(screen.out(), "{}", path.display())?;
    }
    Ok(Exit::Success)
}

macro_rules! wit {
    ($($name:literal),* $(,)?) => {
        &[$((concat!("wit/", $name), include_str!(concat!("../../../wit/", $name)))),*]
    };
}

/// The files of the WIT package.
const WIT: &[(&str, &str)] = wit![
    "deps/clocks.wit",
    "deps/http.wit",
    "deps/io.wit",
    "descriptor.wit",
    "types.wit",
    "user-directory.wit",
    "vendor-api.wit",
    "world.wit",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_package_is_exported() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut found = Vec::new();
        let mut directories = vec![root.join("wit")];
        while let Some(directory) = directories.pop() {
            for entry in fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    directories.push(path);
                } else {
                    found.push(path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/"));
                }
            }
        }
        found.sort();
        assert_eq!(found, WIT.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    }
}
