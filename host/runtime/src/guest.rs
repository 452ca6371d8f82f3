//! Connectors that misbehave, for tests: every function of the contract is there, and every one does the same.

use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{ManglingAndAbi, Resolve};

/// A component whose functions all run these instructions and then trap. `$deep` is a function that calls itself, and
/// every import goes by its name in the contract: `$"[constructor]fields"`.
pub(crate) fn component(instructions: &str) -> Vec<u8> {
    component_with(instructions, "")
}

/// A component whose memory holds this text at address [`TEXT`], and room for results below it.
pub(crate) fn component_with(instructions: &str, text: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_path("../../wit").unwrap();
    let world = resolve.select_world(&[package], Some("connector")).unwrap();
    let module = dummy_module(&resolve, world, ManglingAndAbi::Legacy(wit_parser::LiftLowerAbi::Sync));
    let module =
        wasmprinter::print_bytes(module).unwrap().replace("unreachable", &format!("{instructions} unreachable"));
    let module: String = module.lines().map(|line| named(line) + "\n").collect();
    let module = module.replace("(memory (;0;) 0)", "(memory (;0;) 1)");
    let module = module.trim_end().strip_suffix(')').unwrap();
    let module = format!("{module} (func $deep call $deep) (data (i32.const {TEXT}) \"{text}\"))");
    let mut module = wat::parse_str(module).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default().module(&module).unwrap().encode().unwrap()
}

/// An imported function with its name as an identifier; any other line as it is.
fn named(line: &str) -> String {
    match line.split('"').collect::<Vec<_>>()[..] {
        ["  (import ", _, " ", name, _] => line.replacen("(func ", &format!("(func $\"{name}\" "), 1),
        _ => line.to_owned(),
    }
}

pub(crate) const TEXT: u32 = 1024;

/// Instructions that send a `POST` to this place over `http` and do not wait, and the text that they need.
pub(crate) fn post_to(authority: &str, path: &str) -> (String, String) {
    let (authority_length, path_length, path_start) = (authority.len(), path.len(), TEXT as usize + authority.len());
    let instructions = format!(
        r#"
        (i32.store (i32.const 0) (call $"[constructor]outgoing-request" (call $"[constructor]fields")))
        (drop (call $"[method]outgoing-request.set-method" (i32.load (i32.const 0)) (i32.const 2) (i32.const 0) (i32.const 0)))
        (drop (call $"[method]outgoing-request.set-scheme"
            (i32.load (i32.const 0)) (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0)))
        (drop (call $"[method]outgoing-request.set-authority"
            (i32.load (i32.const 0)) (i32.const 1) (i32.const {TEXT}) (i32.const {authority_length})))
        (drop (call $"[method]outgoing-request.set-path-with-query"
            (i32.load (i32.const 0)) (i32.const 1) (i32.const {path_start}) (i32.const {path_length})))
        (call $"handle" (i32.load (i32.const 0)) (i32.const 0) (i32.const 0) (i32.const 8))
        "#
    );
    (instructions, format!("{authority}{path}"))
}
