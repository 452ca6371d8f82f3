//! What a component must bring and may ask for.
//!
//! It is checked by name before anything is linked, so that a refusal names the import or the export; the types behind
//! the names are checked by linking.

use portcullis_directory::text;
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::error::{Error, Kind};
use crate::profile::Imports;

/// The package of the contract.
const PACKAGE: &str = "portcullis:directory/";

/// The version of it that this host speaks.
const VERSION: &str = "0.1.0";

/// The interfaces with functions.
pub(crate) const USER_DIRECTORY: &str = "portcullis:directory/user-directory@0.1.0";
pub(crate) const VENDOR_API: &str = "portcullis:directory/vendor-api@0.1.0";
pub(crate) const DESCRIPTOR: &str = "portcullis:directory/descriptor@0.1.0";

/// World `connector` of `wit/`.
const EXPORTS: [&str; 4] = ["portcullis:directory/types@0.1.0", USER_DIRECTORY, VENDOR_API, DESCRIPTOR];

/// Refuses a component that imports anything outside the profile or lacks an export of the contract.
pub(crate) fn check(engine: &Engine, component: &Component, imports: Imports) -> Result<(), Error> {
    let component = component.component_type();
    if let Some((name, _)) = component.imports(engine).find(|(name, _)| !is_offered(name, imports)) {
        return Err(Kind::Import(text::one_line(name.to_owned(), text::MESSAGE)).into());
    }
    let Some(missing) = EXPORTS.into_iter().find(|name| component.get_export(engine, name).is_none()) else {
        return Ok(());
    };
    match component.exports(engine).find_map(|(name, _)| version(name)) {
        Some(found) => {
            Err(Kind::Version { found: text::one_line(found.to_owned(), text::WORD), wanted: VERSION }.into())
        }
        None => Err(Kind::Export(missing.to_owned()).into()),
    }
}

/// The version of the contract that an export is of, where it is another one.
fn version(export: &str) -> Option<&str> {
    let (_, version) = export.strip_prefix(PACKAGE)?.split_once('@')?;
    (version != VERSION).then_some(version)
}

/// Any release of WASI 0.2 is compatible with any other as far as both go; linking finds what one of them lacks.
fn is_offered(import: &str, imports: Imports) -> bool {
    import.split_once('@').is_some_and(|(interface, version)| {
        imports.interfaces().any(|offered| offered == interface)
            && version.strip_prefix("0.2.").is_some_and(|patch| patch.bytes().all(|byte| byte.is_ascii_digit()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_and_its_vocabulary_are_offered_and_nothing_else() {
        assert!(is_offered("wasi:http/types@0.2.12", Imports::Http));
        assert!(is_offered("wasi:io/poll@0.2.0", Imports::Http));
        for import in [
            "wasi:cli/environment@0.2.12",
            "wasi:cli/exit@0.2.12",
            "wasi:cli/stdout@0.2.12",
            "wasi:random/random@0.2.12",
        ] {
            assert!(!is_offered(import, Imports::Http), "{import}");
            assert!(is_offered(import, Imports::Std), "{import}");
        }
    }

    #[test]
    fn no_profile_has_files_or_sockets_or_another_generation_of_wasi() {
        for import in [
            "wasi:filesystem/types@0.2.12",
            "wasi:filesystem/preopens@0.2.12",
            "wasi:sockets/tcp@0.2.12",
            "wasi:sockets/ip-name-lookup@0.2.12",
            "wasi:sockets/instance-network@0.2.12",
            "wasi:http/incoming-handler@0.2.12",
            "wasi:http/types@0.3.0",
            "wasi:http/types@0.2.0-rc-2023-12-05",
            "wasi:http/types",
            "wasi:cli/run@0.2.12",
            "wasi:keyvalue/store@0.2.0",
            "portcullis:directory/types@0.1.0",
        ] {
            assert!(!is_offered(import, Imports::Http) && !is_offered(import, Imports::Std), "{import}");
        }
    }
}
