//! Builds a guest crate into a WASI component from a build script.
//!
//! It owns the nested cargo run: its environment, its profile, its target directory, and the encoding of the core
//! module as a component. It must never let the settings of the outer build reach the guest, and never decide itself
//! whether the guest is up to date: the nested cargo does.

mod environment;
mod target;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use wasmparser::BinaryReader;

/// What went wrong, as one text for the person at the terminal.
pub type Failure = Box<dyn Error>;

/// Compiles `package`, whose sources are in `directory` (relative to the workspace root), encodes it as a component
/// in `OUT_DIR` and returns its path. To be called from a build script.
///
/// The build script runs again when the guest's sources, `wit/`, the root manifest, the lock file or the toolchain
/// change, and not for anything else.
pub fn component(package: &str, directory: &str) -> Result<PathBuf, Failure> {
    let root = workspace_root()?;
    for input in [directory, "wit", "Cargo.toml", "Cargo.lock", "rust-toolchain.toml"] {
        directive("rerun-if-changed", &root.join(input).display().to_string());
    }

    target::ensure(&root)?;
    let out = PathBuf::from(variable("OUT_DIR")?);
    let module = compile(package, &root, &target_directory(&out))?;

    let bytes = wit_component::ComponentEncoder::default()
        .validate(true)
        .module(&fs::read(&module)?)
        .and_then(|mut encoder| encoder.encode())
        .map_err(|err| format!("`{}` cannot be encoded as a component: {err:#}", module.display()))?;
    let component = out.join(format!("{package}.component.wasm"));
    fs::write(&component, without_names(&bytes)?)?;
    Ok(component)
}

/// The component without the names of its inner parts, which nobody calls by them.
fn without_names(component: &[u8]) -> Result<Vec<u8>, Failure> {
    const CUSTOM: u8 = 0;
    let (header, sections) = component.split_at_checked(8).ok_or("the component has no header")?;
    let mut kept = header.to_vec();
    let mut reader = BinaryReader::new(sections, 0);
    while !reader.eof() {
        let start = reader.current_position();
        let id = reader.read_u8()?;
        let length = reader.read_var_u32()?;
        let body = reader.read_bytes(usize::try_from(length)?)?;
        let is_names = id == CUSTOM && BinaryReader::new(body, 0).read_string()? == "component-name";
        if !is_names {
            kept.extend_from_slice(sections.get(start..reader.current_position()).unwrap_or_default());
        }
    }
    Ok(kept)
}

/// Prints one line for cargo, such as `cargo::rustc-env=NAME=value`.
#[allow(clippy::print_stdout, reason = "this is how a build script speaks to cargo")]
pub fn directive(name: &str, value: &str) {
    println!("cargo::{name}={value}");
}

/// Runs the nested cargo and returns the path of the core module.
fn compile(package: &str, root: &Path, target_directory: &Path) -> Result<PathBuf, Failure> {
    let mut cargo = Command::new(variable("CARGO")?);
    environment::clean(&mut cargo, root);
    let status = cargo
        .current_dir(root)
        .args(["build", "--locked", "--lib", "--profile", "component"])
        .args(["--target", target::TRIPLE, "--package", package])
        .arg("--target-dir")
        .arg(target_directory)
        .status()?;
    if !status.success() {
        return Err(format!("the guest crate `{package}` does not build, see above").into());
    }
    let file = format!("{}.wasm", package.replace('-', "_"));
    Ok(target_directory.join(target::TRIPLE).join("component").join(file))
}

/// A directory beside the outer build's own, shared by all profiles. The outer cargo holds a lock on its own one.
fn target_directory(out: &Path) -> PathBuf {
    let root = out.ancestors().find(|directory| directory.join("CACHEDIR.TAG").exists());
    root.unwrap_or(out).join("component")
}

fn workspace_root() -> Result<PathBuf, Failure> {
    let manifest = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let root = manifest.ancestors().find(|directory| directory.join("Cargo.lock").exists());
    Ok(root.ok_or("no `Cargo.lock` above the crate that is being built")?.to_owned())
}

fn variable(name: &str) -> Result<String, Failure> {
    env::var(name).map_err(|_| format!("`{name}` is not set: this is for build scripts").into())
}
