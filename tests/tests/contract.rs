//! The contract itself: every item says what it means, and the built component is exactly what it promises.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "functions of tests fail by panic")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use expect_test::expect;
use wit_parser::decoding::{DecodedWasm, decode};
use wit_parser::{Docs, Resolve, TypeDefKind, WorldItem, WorldKey};

/// The largest that the component may be, in bytes: 256 KiB.
const LARGEST_COMPONENT: usize = 256 * 1024;

#[test]
fn every_item_of_the_contract_is_documented() {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit")).unwrap();
    let mut bare = BTreeSet::new();
    let mut items = 0;
    let mut check = |name: String, docs: &Docs| {
        items += 1;
        if docs.contents.as_ref().is_none_or(|text| text.trim().is_empty()) {
            bare.insert(name);
        }
    };

    let package = &resolve.packages[package];
    check("package".to_owned(), &package.docs);
    for (name, id) in &package.worlds {
        let world = &resolve.worlds[*id];
        check(name.clone(), &world.docs);
    }
    for (name, id) in &package.interfaces {
        let interface = &resolve.interfaces[*id];
        check(name.clone(), &interface.docs);
        for (function, definition) in &interface.functions {
            check(format!("{name}.{function}"), &definition.docs);
            let says_requests = definition.docs.contents.as_ref().is_some_and(|text| text.contains("Requests: "));
            check(format!("{name}.{function}: requests"), if says_requests { &definition.docs } else { &NONE });
        }
        for (type_name, id) in &interface.types {
            let definition = &resolve.types[*id];
            let item = |part: &str| format!("{name}.{type_name}.{part}");
            match &definition.kind {
                // An alias of a type that is documented where it is defined.
                TypeDefKind::Type(_) => continue,
                TypeDefKind::Record(record) => record.fields.iter().for_each(|f| check(item(&f.name), &f.docs)),
                TypeDefKind::Variant(variant) => variant.cases.iter().for_each(|c| check(item(&c.name), &c.docs)),
                TypeDefKind::Enum(enumeration) => enumeration.cases.iter().for_each(|c| check(item(&c.name), &c.docs)),
                TypeDefKind::Flags(flags) => flags.flags.iter().for_each(|f| check(item(&f.name), &f.docs)),
                other => panic!("`{type_name}` is a {} and this test does not look inside", other.as_str()),
            }
            check(format!("{name}.{type_name}"), &definition.docs);
        }
    }
    assert!(items > 150, "only {items} items were looked at");
    assert_eq!(bare, BTreeSet::new());
}

/// What the component imports.
fn imports() -> BTreeSet<String> {
    let DecodedWasm::Component(resolve, world) = decode(portcullis_connectors::ZPA).unwrap() else {
        panic!("the connector is no component");
    };
    let ids = resolve.worlds[world].imports.keys().map(|key| match key {
        WorldKey::Interface(id) => resolve.id_of(*id).unwrap(),
        WorldKey::Name(name) => name.clone(),
    });
    ids.collect()
}

const NONE: Docs = Docs { contents: None };

#[test]
fn the_component_imports_http_and_what_that_needs_and_exports_the_contract() {
    let DecodedWasm::Component(resolve, world) = decode(portcullis_connectors::ZPA).unwrap() else {
        panic!("the connector is no component");
    };
    let world = &resolve.worlds[world];
    let mut text = String::new();
    for (direction, items) in [("import", &world.imports), ("export", &world.exports)] {
        for (key, item) in items {
            assert!(matches!(item, WorldItem::Interface { .. }), "a {direction} outside an interface");
            let WorldKey::Interface(id) = key else { panic!("a {direction} without an interface") };
            writeln!(text, "{direction} {}", resolve.id_of(*id).unwrap()).unwrap();
        }
    }
    expect![[r#"
        import wasi:io/poll@0.2.12
        import wasi:io/error@0.2.12
        import wasi:io/streams@0.2.12
        import wasi:http/types@0.2.12
        import wasi:http/outgoing-handler@0.2.12
        export portcullis:directory/types@0.1.0
        export portcullis:directory/user-directory@0.1.0
        export portcullis:directory/vendor-api@0.1.0
        export portcullis:directory/descriptor@0.1.0
    "#]]
    .assert_eq(&text);
}

#[test]
fn the_component_is_at_most_256_kib() {
    let size = portcullis_connectors::ZPA.len();
    assert!(size <= LARGEST_COMPONENT, "{size} bytes");
}

#[test]
fn the_readme_tells_the_imports_and_the_size_of_the_component() {
    let readme = include_str!("../../README.md");
    let size = portcullis_connectors::ZPA.len() / 1000;
    assert!(readme.contains(&format!("It is {size} KB; ")), "{size} KB");
    let (_, told) = readme.split_once("The component imports this").unwrap();
    let (_, told) = told.split_once("```text\n").unwrap();
    let (told, _) = told.split_once("```").unwrap();
    assert_eq!(told.lines().collect::<BTreeSet<_>>(), imports().iter().map(String::as_str).collect());
}

#[test]
fn the_component_names_no_path_of_the_machine_that_built_it() {
    let text = String::from_utf8_lossy(portcullis_connectors::ZPA);
    for part in ["/home/", "/root/", "/Users/", ".cargo/registry", env!("CARGO_MANIFEST_DIR")] {
        assert!(!text.contains(part), "{part}");
    }
}
