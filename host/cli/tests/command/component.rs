//! `component` and `describe`.

use std::fs;

use expect_test::expect;

use crate::run::{Company, bare, directory, output, tell};

#[test]
fn the_connector_and_its_contract_are_exported() {
    let out = directory().join("out");
    let told = tell(&mut bare(&["component", "export", "--out", out.to_str().unwrap()]));
    expect![[r#"
        OUT/portcullis-zpa.component.wasm
        OUT/wit/deps/clocks.wit
        OUT/wit/deps/http.wit
        OUT/wit/deps/io.wit
        OUT/wit/descriptor.wit
        OUT/wit/types.wit
        OUT/wit/user-directory.wit
        OUT/wit/vendor-api.wit
        OUT/wit/world.wit
        exit 0
    "#]]
    .assert_eq(&told.replace(out.to_str().unwrap(), "OUT").replace("OUT/portcullis-zpa.service.wasm\n", ""));
    let service = out.join("portcullis-zpa.service.wasm");
    assert_eq!(service.exists(), cfg!(feature = "service"));
    assert!(fs::read(out.join("portcullis-zpa.component.wasm")).unwrap().starts_with(b"\0asm"));
    assert!(fs::read_to_string(out.join("wit/world.wit")).unwrap().contains("world connector"));
}

#[test]
fn an_exported_connector_works_like_the_built_in_one() {
    let (out, company) = (directory(), Company::small());
    output(&mut bare(&["component", "export", "--out", out.to_str().unwrap()]));
    let component = out.join("portcullis-zpa.component.wasm");
    let component = component.to_str().unwrap();
    assert_eq!(company.run(&["users", "list", "--component", component]), company.run(&["users", "list"]));
    let described = |arguments: &[&str]| output(&mut bare(arguments)).stdout;
    assert_eq!(described(&["describe", "--component", component]), described(&["describe"]));
}

#[test]
fn what_is_no_component_is_refused_by_its_name() {
    let file = directory().join("file");
    let file = file.to_str().unwrap();
    let refused = |bytes: &[u8]| {
        fs::write(file, bytes).unwrap();
        tell(&mut bare(&["describe", "--component", file])).replace(file, "FILE")
    };
    expect![[r#"
        error: `FILE` is no component
        hint: `--component` takes a WebAssembly component, such as `portcullis component export` writes
        exit 2
    "#]]
    .assert_eq(&refused(b"no component"));
    expect![[r#"
        error: `FILE` is a module of WebAssembly, but no component
        hint: `--component` takes a WebAssembly component, such as `portcullis component export` writes
        exit 2
    "#]]
    .assert_eq(&refused(b"\0asm\x01\0\0\0"));
    assert_eq!(refused(b""), refused(b"no component"));
}

#[test]
fn a_connector_describes_itself_without_an_account() {
    let told = tell(&mut bare(&["describe", "--output", "table"]));
    let beginning: Vec<_> = told.lines().take(6).collect();
    expect![[r#"
        zpa 0.1.0: Zscaler Private Access (SCIM 2.0)
        pages of at most 100 rows

        OPERATIONS
        list-users              supported
        get-user                supported"#]]
    .assert_eq(&beginning.join("\n"));
    let described: serde_json::Value = serde_json::from_slice(&output(&mut bare(&["describe"])).stdout).unwrap();
    assert_eq!(described["name"], "zpa");
}

#[test]
fn settings_change_what_is_described() {
    let file = directory().join("settings.json");
    fs::write(&file, r#"{"quirks":{"external-id-filter":true}}"#).unwrap();
    let arguments = ["describe", "--output", "table", "--settings", file.to_str().unwrap()];
    let told = tell(&mut bare(&arguments));
    assert!(told.lines().any(|line| line.starts_with("find-user:external-id   degraded: ")), "{told}");
    fs::write(&file, "{").unwrap();
    expect![[r#"
        error: the settings are wrong: it ends too early
        hint: `portcullis describe --output json` has the schema of the settings
        exit 2
    "#]]
    .assert_eq(&tell(&mut bare(&arguments)));
}
