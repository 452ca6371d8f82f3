//! What a component must bring and may ask for.
//!
//! It is checked by name before anything is linked, so that a refusal names the import or the export; the types behind
//! the names are checked by linking.

use portcullis_directory::text;
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::error::{Error, Kind};

/// The one import profile: HTTP, and what HTTP is expressed in.
const IMPORTS: [&str; 7] = [
    "wasi:clocks/monotonic-clock",
    "wasi:clocks/wall-clock",
    "wasi:http/outgoing-handler",
    "wasi:http/types",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
];

/// World `connector` of `wit/`.
const EXPORTS: [&str; 4] = [
    "portcullis:directory/types@0.1.0",
    "portcullis:directory/user-directory@0.1.0",
    "portcullis:directory/vendor-api@0.1.0",
    "portcullis:directory/descriptor@0.1.0",
];

/// Refuses a component that imports anything outside the profile or lacks an export of the contract.
pub(crate) fn check(engine: &Engine, component: &Component) -> Result<(), Error> {
    let component = component.component_type();
    if let Some((name, _)) = component.imports(engine).find(|(name, _)| !is_offered(name)) {
        return Err(Kind::Import(text::one_line(name.to_owned(), text::MESSAGE)).into());
    }
    match EXPORTS.into_iter().find(|name| component.get_export(engine, name).is_none()) {
        Some(name) => Err(Kind::Export(name.to_owned()).into()),
        None => Ok(()),
    }
}

/// Any release of WASI 0.2 is compatible with any other as far as both go; linking finds what one of them lacks.
fn is_offered(import: &str) -> bool {
    import.split_once('@').is_some_and(|(interface, version)| {
        IMPORTS.contains(&interface)
            && version.strip_prefix("0.2.").is_some_and(|patch| patch.bytes().all(|byte| byte.is_ascii_digit()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_and_its_vocabulary_are_offered_and_nothing_else() {
        assert!(is_offered("wasi:http/types@0.2.12"));
        assert!(is_offered("wasi:io/poll@0.2.0"));
        for import in [
            "wasi:http/incoming-handler@0.2.12",
            "wasi:http/types@0.3.0",
            "wasi:http/types@0.2.0-rc-2023-12-05",
            "wasi:http/types",
            "wasi:cli/environment@0.2.12",
            "wasi:filesystem/types@0.2.12",
            "wasi:sockets/tcp@0.2.12",
            "wasi:random/random@0.2.12",
            "portcullis:directory/types@0.1.0",
        ] {
            assert!(!is_offered(import), "{import}");
        }
    }
}
