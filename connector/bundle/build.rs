//! Builds the connectors, or takes a ready one that `PORTCULLIS_COMPONENT` names, and plugs the HTTP service to it where
//! the feature `service` asks for that.

use std::path::{Path, PathBuf};

use portcullis_component_build::{Failure, component, directive};

#[cfg(feature = "service")]
#[path = "build/service.rs"]
mod service;

fn main() -> Result<(), Failure> {
    directive("rerun-if-env-changed", "PORTCULLIS_COMPONENT");
    let path = match std::env::var_os("PORTCULLIS_COMPONENT") {
        Some(ready) => {
            let path = std::path::absolute(&ready)?;
            if !path.is_file() {
                return Err(format!("PORTCULLIS_COMPONENT names `{}`, which is no file", path.display()).into());
            }
            directive("rerun-if-changed", &path.display().to_string());
            path
        }
        None => component("portcullis-zpa", "connector/zpa")?,
    };
    directive("rustc-env", &format!("PORTCULLIS_ZPA_COMPONENT={}", path.display()));
    directive("rustc-env", &format!("PORTCULLIS_WIT={}", contract()?.display()));
    #[cfg(feature = "service")]
    directive("rustc-env", &format!("PORTCULLIS_ZPA_SERVICE={}", service::of(&path)?.display()));
    Ok(())
}

/// The WIT package in the form in which registries hold one.
fn contract() -> Result<PathBuf, Failure> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../wit");
    directive("rerun-if-changed", &directory.display().to_string());
    let mut resolve = wit_parser::Resolve::default();
    let (package, _) = resolve.push_dir(&directory)?;
    let path = PathBuf::from(std::env::var("OUT_DIR")?).join("portcullis-directory.wit.wasm");
    std::fs::write(&path, wit_component::encode(&resolve, package)?)?;
    Ok(path)
}
