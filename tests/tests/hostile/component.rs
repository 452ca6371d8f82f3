//! Components that are not what they should be.

use portcullis_runtime::{Limits, Runtime};
use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{LiftLowerAbi, ManglingAndAbi, Resolve};

use crate::attack::{HOSTILE, attack, load};
use crate::naive::Naive;

/// A component of the contract whose functions all do this, with one import more than the contract has, where one is
/// given.
fn component(instructions: &str, import: &str) -> Vec<u8> {
    let mut resolve = Resolve::default();
    resolve.push_path("../wit").unwrap();
    let more = if import.is_empty() { String::new() } else { format!("import {import};") };
    let world = format!(
        "package portcullis:guest;
        world guest {{ include portcullis:directory/connector@0.1.0; {more} }}
        package wasi:cli@0.2.12 {{ interface environment {{ get-arguments: func() -> list<string>; }} }}
        package wasi:filesystem@0.2.12 {{ interface preopens {{ get-directories: func() -> list<tuple<u32, string>>; }} }}
        package wasi:random@0.2.12 {{ interface random {{ get-random-u64: func() -> u64; }} }}"
    );
    let package = resolve.push_source("guest.wit", &world).unwrap();
    let world = resolve.select_world(&[package], Some("guest")).unwrap();
    let module = dummy_module(&resolve, world, ManglingAndAbi::Legacy(LiftLowerAbi::Sync));
    let module = wasmprinter::print_bytes(module).unwrap().replace("unreachable", instructions);
    // Room for what the host hands over; its own would do what the others do.
    let realloc = "(func $realloc (param i32 i32 i32 i32) (result i32) (i32.const 2048))";
    let module: String = module
        .lines()
        .map(|line| {
            if line.contains("\"cabi_realloc\"") {
                "(export \"cabi_realloc\" (func $realloc))\n".to_owned()
            } else {
                line.to_owned() + "\n"
            }
        })
        .collect();
    let module = module.replace("(memory (;0;) 0)", "(memory (;0;) 1)");
    let module = module.trim_end().strip_suffix(')').unwrap();
    let module = format!("{module} {realloc} (table $hoard 0 funcref))");
    let mut module = wat::parse_str(module).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    ComponentEncoder::default().module(&module).unwrap().encode().unwrap()
}

/// A component that grows a table to so many elements in every function, and divides by zero when it has them all.
pub(crate) fn growing_tables(elements: u32) -> Vec<u8> {
    let grow = format!(
        "(loop $more
            (if (i32.lt_s (table.grow $hoard (ref.null func) (i32.const 1000)) (i32.const 0)) (then unreachable))
            (br_if $more (i32.lt_u (table.size $hoard) (i32.const {elements}))))
        (drop (i32.div_u (i32.const 1) (i32.const 0)))
        unreachable"
    );
    component(&grow, "")
}

#[tokio::test]
async fn a_component_with_one_import_too_many_is_refused_and_the_import_named() {
    for import in ["wasi:cli/environment@0.2.12", "wasi:random/random@0.2.12"] {
        let component: &'static [u8] = component("unreachable", import).leak();
        let error = load(component).await.unwrap_err();
        assert_eq!(error.to_string(), format!("the component imports `{import}`, which this host does not offer"));
        assert_eq!(error.refused_import(), Some(import));
        // It is given the environment of the process, or whatever else it asks for.
        assert!(Naive::load(component, "").await.is_ok(), "{import}");
    }
    let files: &'static [u8] = component("unreachable", "wasi:filesystem/preopens@0.2.12").leak();
    assert_eq!(load(files).await.unwrap_err().refused_import(), Some("wasi:filesystem/preopens@0.2.12"));
}

#[tokio::test]
async fn a_component_without_an_export_or_beyond_the_bound_is_refused() {
    let empty: &'static [u8] = b"\0asm\x0d\0\x01\0";
    let told = load(empty).await.unwrap_err().to_string();
    assert!(told.contains("`portcullis:directory/types@0.1.0`"), "{told}");
    assert!(Naive::load(empty, "").await.err().unwrap().contains("portcullis:directory"), "its bindings look for them");

    let small = Limits { component_bytes: HOSTILE.len() - 1, ..Limits::default() };
    let error = Runtime::builder().limits(small).build().unwrap().load(HOSTILE).await.unwrap_err();
    let told = format!("the component has {} bytes, more than the allowed {}", HOSTILE.len(), HOSTILE.len() - 1);
    assert_eq!(error.to_string(), told);
    let mut naive = Naive::load(HOSTILE, "").await.unwrap();
    assert!(naive.request(attack("SETTINGS", 0)).await.is_ok());
}
