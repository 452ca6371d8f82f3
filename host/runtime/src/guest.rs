//! Connectors that misbehave, for tests: every function of the contract is there, and every one does the same.

use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{ManglingAndAbi, Resolve};

/// A component whose functions all run these instructions and then trap. `$deep` is a function that calls itself.
pub(crate) fn component(instructions: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_path("../../wit").unwrap();
    let world = resolve.select_world(&[package], Some("connector")).unwrap();
    let module = dummy_module(&resolve, world, ManglingAndAbi::Legacy(wit_parser::LiftLowerAbi::Sync));
    let text = wasmprinter::print_bytes(module).unwrap();
    let text = text.replace("unreachable", &format!("{instructions} unreachable"));
    let text = format!("{} (func $deep call $deep))", text.trim_end().strip_suffix(')').unwrap());
    let mut module = wat::parse_str(text).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default().module(&module).unwrap().encode().unwrap()
}
