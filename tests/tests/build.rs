//! How the component is built, in a copy of the workspace: what rebuilds it, what does not, and that neither the
//! place nor the flags of the build around it change a byte.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "functions of tests fail by panic")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

#[test]
fn only_what_the_component_is_made_of_rebuilds_it_and_nothing_else_changes_it() {
    let copy = Copy::new("edits");
    let first = copy.build(&[]);
    assert!(first.component == portcullis_connectors::ZPA, "another directory makes another component");
    assert!(copy.build(&[]).is_fresh, "an unchanged workspace rebuilds it");

    copy.append("host/directory/src/lib.rs", "\n// An edit that has nothing to do with the connector.\n");
    assert!(copy.build(&[]).is_fresh, "an unrelated edit rebuilds it");

    copy.append("Cargo.lock", "\n# A change of the lock file.\n");
    assert!(!copy.build(&[]).is_fresh, "a changed lock file does not rebuild it");

    for (name, value) in [
        ("RUSTFLAGS", "-Cdebug-assertions=on -Copt-level=0"),
        ("CARGO_BUILD_TARGET_DIR", "elsewhere"),
        ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ] {
        assert!(copy.build(&[(name, value)]).component == first.component, "{name} reaches the guest");
    }

    copy.replace("Cargo.toml", "inherits = \"release\"\nopt-level = 2", "inherits = \"release\"\nopt-level = 1");
    assert!(copy.build(&[]).component != first.component, "a changed profile does not rebuild it");

    copy.replace("connector/zpa/src/account.rs", "names no host", "has no host");
    let text = copy.build(&[]).component;
    assert!(contains(&text, b"has no host"), "a changed source does not rebuild it");
}

#[test]
fn a_ready_component_is_taken_as_it_is() {
    let copy = Copy::new("ready");
    let ready = copy.0.join("ready.wasm");
    fs::write(&ready, b"any bytes").unwrap();
    assert_eq!(copy.build(&[("PORTCULLIS_COMPONENT", ready.to_str().unwrap())]).component, b"any bytes");
    let err = copy.try_build(&[("PORTCULLIS_COMPONENT", "absent.wasm")]).unwrap_err();
    assert!(err.contains("PORTCULLIS_COMPONENT names `") && err.contains("absent.wasm`, which is no file"), "{err}");
}

/// The toolchain is asked for the target through `RUSTC`; here it says that it has none, and there is no rustup.
#[cfg(unix)]
#[test]
fn a_target_that_cannot_be_added_is_an_error_with_the_command_to_run() {
    use std::os::unix::fs::PermissionsExt as _;

    let copy = Copy::new("target");
    let rustc = copy.0.join("rustc-without-target");
    let script = "#!/bin/sh\ncase \"$*\" in *target-libdir*) echo /nowhere;; *) exec rustc \"$@\";; esac\n";
    fs::write(&rustc, script).unwrap();
    fs::set_permissions(&rustc, fs::Permissions::from_mode(0o755)).unwrap();
    let rustup = copy.0.join("rustup");
    fs::write(&rustup, "#!/bin/sh\nexit 1\n").unwrap();
    fs::set_permissions(&rustup, fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", copy.0.display(), std::env::var("PATH").unwrap());

    let err = copy.try_build(&[("RUSTC", rustc.to_str().unwrap()), ("PATH", &path)]).unwrap_err();
    let advice = "the Rust target `wasm32-unknown-unknown` is missing and could not be added; run `rustup target add \
                  wasm32-unknown-unknown`";
    assert!(err.contains(advice), "{err}");
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// A copy of the files of the workspace, but for what git ignores. Each has a target directory of its own: tests run side
/// by side, and one of them with another compiler.
struct Copy(PathBuf);

#[derive(Debug)]
struct Built {
    is_fresh: bool,
    component: Vec<u8>,
}

impl Copy {
    fn new(name: &str) -> Copy {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("build").join(name);
        // What was built there before is of use, what was edited there is not.
        let listed = Command::new("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(&root)
            .output()
            .unwrap();
        assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
        for file in listed.stdout.split(|byte| *byte == 0).filter(|file| !file.is_empty()) {
            let file = Path::new(str::from_utf8(file).unwrap());
            // A link to a directory is none of the bundle's.
            if root.join(file).is_dir() {
                continue;
            }
            let to = copy.join(file);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::write(to, fs::read(root.join(file)).unwrap()).unwrap();
        }
        Copy(copy)
    }

    fn build(&self, environment: &[(&str, &str)]) -> Built {
        self.try_build(environment).unwrap()
    }

    /// Builds the bundle; the error is what cargo says.
    fn try_build(&self, environment: &[(&str, &str)]) -> Result<Built, String> {
        let output = Command::new(env!("CARGO"))
            .args(["build", "--locked", "--package", "portcullis-connectors", "--message-format", "json"])
            // What encodes the component is built anew for each copy, which takes longest.
            .args(["--config", "profile.dev.package.'*'.opt-level=0"])
            .arg("--target-dir")
            .arg(self.0.join("target"))
            .current_dir(&self.0)
            .env_remove("RUSTFLAGS")
            .envs(environment.iter().copied())
            .output()
            .unwrap();
        if !output.status.success() {
            return Err(format!("{environment:?}: {}", String::from_utf8_lossy(&output.stderr)));
        }
        let messages = String::from_utf8(output.stdout).unwrap();
        let messages = messages.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let (mut is_fresh, mut component) = (None, None);
        for message in
            messages.filter(|message| message["package_id"].as_str().is_some_and(|id| id.contains("/bundle")))
        {
            match message["reason"].as_str() {
                Some("compiler-artifact") if message["target"]["kind"][0] == "lib" => {
                    is_fresh = message["fresh"].as_bool();
                }
                Some("build-script-executed") => {
                    let path = message["env"].as_array().unwrap().iter().find_map(|pair| {
                        (pair[0] == "PORTCULLIS_ZPA_COMPONENT").then(|| pair[1].as_str().unwrap().to_owned())
                    });
                    component = Some(fs::read(path.unwrap()).unwrap());
                }
                _ => {}
            }
        }
        Ok(Built { is_fresh: is_fresh.unwrap(), component: component.unwrap() })
    }

    fn append(&self, file: &str, text: &str) {
        let path = self.0.join(file);
        fs::write(&path, fs::read_to_string(&path).unwrap() + text).unwrap();
    }

    fn replace(&self, file: &str, from: &str, to: &str) {
        let path = self.0.join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} has no `{from}`");
        fs::write(&path, text.replace(from, to)).unwrap();
    }
}
