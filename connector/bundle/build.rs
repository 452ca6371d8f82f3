//! Builds the connectors, or takes a ready one that `PORTCULLIS_COMPONENT` names, and plugs the HTTP service to it where
//! the feature `service` asks for that.

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
    #[cfg(feature = "service")]
    directive("rustc-env", &format!("PORTCULLIS_ZPA_SERVICE={}", service::of(&path)?.display()));
    Ok(())
}
