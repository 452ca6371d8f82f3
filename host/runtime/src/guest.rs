//! Connectors that misbehave, for tests: every function of the contract is there, and every one does the same.

use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{ManglingAndAbi, Resolve, WorldId};

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
    encoded(&resolve, world, instructions, text)
}

/// A component like [`component`] that imports everything of the profile `std`, and the monotonic clock.
pub(crate) fn std_component(instructions: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    resolve.push_path("../../wit").unwrap();
    let package = resolve.push_source("std.wit", STD).unwrap();
    let world = resolve.select_world(&[package], Some("connector")).unwrap();
    encoded(&resolve, world, instructions, "")
}

fn encoded(resolve: &Resolve, world: WorldId, instructions: &str, text: &str) -> Vec<u8> {
    let module = dummy_module(resolve, world, ManglingAndAbi::Legacy(wit_parser::LiftLowerAbi::Sync));
    let module = wasmprinter::print_bytes(module).unwrap();
    let module = module.replace("unreachable", &format!("{instructions} unreachable"));
    let module: String = module.lines().map(|line| named(line) + "\n").collect();
    let module = module.replace("(memory (;0;) 0)", "(memory (;0;) 1)");
    let module = module.trim_end().strip_suffix(')').unwrap();
    let module = format!("{module} (func $deep call $deep) {REALLOC} (data (i32.const {TEXT}) \"{text}\"))");
    let mut module = wat::parse_str(module).unwrap();
    embed_component_metadata(&mut module, resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default().module(&module).unwrap().encode().unwrap()
}

/// An imported function with its name as an identifier; any other line as it is.
fn named(line: &str) -> String {
    match line.split('"').collect::<Vec<_>>()[..] {
        ["  (import ", _, " ", name, _] => line.replacen("(func ", &format!("(func $\"{name}\" "), 1),
        // Its own would misbehave like the others; this one gives room for what the host hands over.
        ["  (export ", "cabi_realloc", _] => "(export \"cabi_realloc\" (func $realloc))".to_owned(),
        _ => line.to_owned(),
    }
}

pub(crate) const TEXT: u32 = 1024;
const REALLOC: &str = "(func $realloc (param i32 i32 i32 i32) (result i32) (i32.const 2048))";

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

/// The profile `std`, as WASI 0.2 has it.
const STD: &str = r#"
    package portcullis:guest;

    world connector {
        include portcullis:directory/connector@0.1.0;
        import wasi:clocks/monotonic-clock@0.2.12;
        import wasi:cli/environment@0.2.12;
        import wasi:cli/exit@0.2.12;
        import wasi:cli/stdin@0.2.12;
        import wasi:cli/stdout@0.2.12;
        import wasi:cli/stderr@0.2.12;
        import wasi:cli/terminal-stdin@0.2.12;
        import wasi:cli/terminal-stdout@0.2.12;
        import wasi:cli/terminal-stderr@0.2.12;
        import wasi:random/random@0.2.12;
        import wasi:random/insecure@0.2.12;
        import wasi:random/insecure-seed@0.2.12;
    }

    package wasi:cli@0.2.12 {
        interface environment {
            get-environment: func() -> list<tuple<string, string>>;
            get-arguments: func() -> list<string>;
            initial-cwd: func() -> option<string>;
        }
        interface exit { exit: func(status: result); }
        interface stdin { use wasi:io/streams@0.2.12.{input-stream}; get-stdin: func() -> input-stream; }
        interface stdout { use wasi:io/streams@0.2.12.{output-stream}; get-stdout: func() -> output-stream; }
        interface stderr { use wasi:io/streams@0.2.12.{output-stream}; get-stderr: func() -> output-stream; }
        interface terminal-input { resource terminal-input; }
        interface terminal-output { resource terminal-output; }
        interface terminal-stdin {
            use terminal-input.{terminal-input};
            get-terminal-stdin: func() -> option<terminal-input>;
        }
        interface terminal-stdout {
            use terminal-output.{terminal-output};
            get-terminal-stdout: func() -> option<terminal-output>;
        }
        interface terminal-stderr {
            use terminal-output.{terminal-output};
            get-terminal-stderr: func() -> option<terminal-output>;
        }
    }

    package wasi:random@0.2.12 {
        interface random { get-random-bytes: func(len: u64) -> list<u8>; get-random-u64: func() -> u64; }
        interface insecure {
            get-insecure-random-bytes: func(len: u64) -> list<u8>;
            get-insecure-random-u64: func() -> u64;
        }
        interface insecure-seed { insecure-seed: func() -> tuple<u64, u64>; }
    }
"#;
