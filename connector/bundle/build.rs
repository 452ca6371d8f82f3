//! Builds the connectors, or takes a ready one that `PORTCULLIS_COMPONENT` names.

use portcullis_component_build::{Failure, component, directive};

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
    Ok(())
}
