//! `component push` and `component pull` at a registry that nobody here wrote, Debian's `docker-registry` on this machine,
//! and beside `wkg`, the tool that other users of WebAssembly have: each pulls what the other pushed. `.ci/hosts` brings
//! both.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "the helpers of tests end them in the same ways"
)]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Output, Stdio};

use expect_test::expect;
use portcullis_connectors::{WIT, ZPA};
use portcullis_emulator::{Auth, Emulator, Options};
use portcullis_tests::TOKEN;
use portcullis_tests::proxy::built;
use wit_component::DecodedWasm;

/// The password of `acme`, and its line for the registry, by bcrypt.
const PASSWORD: &str = "registry-token";
const HTPASSWD: &str = "acme:$2y$05$abcdefghijklmnopqrstuuWe9O2EmrUpl5vYQmnPMAxa7nycxj1Xm\n";

// The command is waited for by a thread, while the vendor answers on another.
#[tokio::test(flavor = "multi_thread")]
async fn a_connector_that_was_pulled_by_its_digest_works_like_the_built_in_one() {
    let registry = Registry::start("pinned");
    let tag = registry.reference(":0.1.0");
    let pinned = run(&["component", "push", &tag]);
    // The same component is the same artifact, whoever pushes it and when.
    assert_eq!(run(&["component", "push", &tag]), pinned);

    let file = registry.file("pulled.wasm");
    for reference in [&pinned, &tag] {
        assert_eq!(run(&["component", "pull", reference, "--out", &file]), pinned);
        assert!(fs::read(&file).unwrap() == ZPA);
        fs::remove_file(&file).unwrap();
    }
    run(&["component", "pull", &pinned, "--out", &file]);
    let vendor = Emulator::start(Options { users: 3, auth: Auth::Token(TOKEN.to_owned()), ..Options::default() });
    let vendor = vendor.await.unwrap();
    let list = ["users", "list", "--output", "ndjson", "--endpoint", &vendor.endpoint()];
    let users = run(&list);
    assert_eq!((users.lines().count(), vendor.request_count()), (3, 1));
    assert_eq!(run(&[&list[..], &["--component", &file]].concat()), users);
}

#[test]
fn the_contract_is_pulled_as_the_package_that_it_is() {
    let registry = Registry::start("contract");
    let pinned = run(&["component", "push", &registry.reference(":0.1.0"), "--wit"]);
    let file = registry.file("contract.wasm");
    run(&["component", "pull", &pinned, "--out", &file]);
    let pulled = fs::read(&file).unwrap();
    assert!(pulled == WIT);
    let DecodedWasm::WitPackage(resolve, package) = wit_component::decode(&pulled).unwrap() else {
        panic!("a package");
    };
    assert_eq!(resolve.packages[package].name.to_string(), "portcullis:directory@0.1.0");
}

#[test]
fn what_somebody_changed_in_the_registry_is_not_taken() {
    let registry = Registry::start("changed");
    let pinned = run(&["component", "push", &registry.reference(":0.1.0")]);
    let changed = registry.blobs().into_iter().find(|blob| fs::read(blob).unwrap() == ZPA).unwrap();
    let mut bytes = ZPA.to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(changed, bytes).unwrap();

    let file = registry.file("pulled.wasm");
    let output = command(&["component", "pull", &pinned, "--out", &file]).output().unwrap();
    assert_eq!(output.status.code(), Some(7));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.starts_with("error: the component has the digest sha256:"), "{told}");
    assert!(!Path::new(&file).exists());
}

#[test]
fn who_may_not_is_told_what_says_who_asks() {
    let registry = Registry::start("closed");
    let reference = registry.reference(":0.1.0");
    let tell = |command: &mut Command| {
        let output = command.output().unwrap();
        let told = format!("{}exit {}\n", String::from_utf8_lossy(&output.stderr), output.status.code().unwrap());
        assert!(!told.contains(PASSWORD));
        told.replace(&registry.address, "REGISTRY")
    };
    expect![[r#"
        error: `REGISTRY` answers 401 (UNAUTHORIZED) to a request for a manifest
        hint: `--user` with PORTCULLIS_REGISTRY_TOKEN, `--token-env` or `--token-file` says who asks
        exit 4
    "#]]
    .assert_eq(&tell(
        command(&["component", "pull", &reference, "--out", "x"])
            .env_remove("PORTCULLIS_REGISTRY_USER")
            .env_remove("PORTCULLIS_REGISTRY_TOKEN"),
    ));
    expect![[r#"
        error: there is a token for the registry, and no name
        hint: `--user` or PORTCULLIS_REGISTRY_USER gives it; some registries take any
        exit 2
    "#]]
    .assert_eq(&tell(command(&["component", "push", &reference]).env_remove("PORTCULLIS_REGISTRY_USER")));
    expect![[r#"
        error: `REGISTRY` answers 404 (MANIFEST_UNKNOWN) to a request for a manifest
        hint: check registry, repository and tag; some registries say so of what they hide as well
        exit 3
    "#]]
    .assert_eq(&tell(&mut command(&["component", "pull", &reference, "--out", "x"])));
}

#[test]
fn wkg_pulls_what_was_pushed_here_and_the_other_way_round() {
    let registry = Registry::start("wkg");
    let (here, there) = (registry.reference(":here"), registry.reference(":there"));
    run(&["component", "push", &here]);
    let file = registry.file("by-wkg.wasm");
    registry.wkg(&["oci", "pull", "--output", &file, &here]);
    assert!(fs::read(&file).unwrap() == ZPA);

    registry.wkg(&["oci", "push", &there, &file]);
    let pulled = registry.file("by-us.wasm");
    run(&["component", "pull", &there, "--out", &pulled]);
    assert!(fs::read(&pulled).unwrap() == ZPA);
    // Both wrote the same of it, but for the time and what other files are called.
    let configs = registry.blobs().into_iter().filter_map(|blob| {
        let mut config: serde_json::Value = serde_json::from_slice(&fs::read(blob).unwrap()).ok()?;
        config.as_object_mut().unwrap().remove("created").map(|_| config)
    });
    let configs: Vec<_> = configs.collect();
    assert_eq!(configs.len(), 2);
    assert_eq!(configs[0], configs[1]);

    let contract = registry.reference(":contract");
    run(&["component", "push", &contract, "--wit"]);
    registry.wkg(&["oci", "pull", "--output", &file, &contract]);
    assert!(fs::read(&file).unwrap() == WIT);
}

/// A registry with a directory of its own. It ends with this.
struct Registry {
    process: Child,
    /// Kept open, as it logs there.
    _log: BufReader<ChildStderr>,
    address: String,
    directory: PathBuf,
}

impl Registry {
    fn start(name: &str) -> Registry {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("registry").join(name);
        let _ = fs::remove_dir_all(&directory);
        fs::create_dir_all(&directory).unwrap();
        fs::write(directory.join("htpasswd"), HTPASSWD).unwrap();
        let place = directory.display();
        let settings = format!(
            "{{version: 0.1, log: {{level: info, accesslog: {{disabled: true}}}}, http: {{addr: '127.0.0.1:0'}}, \
             storage: {{filesystem: {{rootdirectory: '{place}/data'}}}}, \
             auth: {{htpasswd: {{realm: registry, path: '{place}/htpasswd'}}}}}}"
        );
        fs::write(directory.join("settings.yml"), settings).unwrap();
        let mut command = Command::new(tool("usr/bin/docker-registry"));
        command.arg("serve").arg(directory.join("settings.yml")).env_clear();
        let mut process = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap());
        let address = loop {
            let mut line = String::new();
            assert!(log.read_line(&mut line).unwrap() > 0, "the registry does not come up");
            if let Some((_, address)) = line.split_once("listening on ") {
                break address.split('"').next().unwrap().to_owned();
            }
        };
        Registry { process, _log: log, address, directory }
    }

    fn reference(&self, version: &str) -> String {
        format!("{}/acme/portcullis-zpa{version}", self.address)
    }

    fn file(&self, name: &str) -> String {
        self.directory.join(name).to_str().unwrap().to_owned()
    }

    /// Every blob that it keeps, of whatever kind.
    fn blobs(&self) -> Vec<PathBuf> {
        let (mut found, mut directories) = (Vec::new(), vec![self.directory.join("data/docker/registry/v2/blobs")]);
        while let Some(directory) = directories.pop() {
            for entry in fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { directories.push(path) } else { found.push(path) }
            }
        }
        found
    }

    fn wkg(&self, arguments: &[&str]) {
        let mut command = Command::new(tool("bin/wkg"));
        command.args(arguments).env_clear().env("WKG_OCI_INSECURE", &self.address);
        command.env("WKG_OCI_USERNAME", "acme").env("WKG_OCI_PASSWORD", PASSWORD);
        succeed(arguments, &command.output().unwrap());
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The command, as `acme` at the registry.
fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(built().join("portcullis"));
    command.args(arguments).env_clear().stdin(Stdio::null()).env("PORTCULLIS_TOKEN", TOKEN);
    command.env("PORTCULLIS_KEYRING", "off");
    command.env("PORTCULLIS_REGISTRY_USER", "acme").env("PORTCULLIS_REGISTRY_TOKEN", PASSWORD);
    command
}

/// What it prints, without the line break at its end.
fn run(arguments: &[&str]) -> String {
    succeed(arguments, &command(arguments).output().unwrap())
}

fn succeed(arguments: &[&str], output: &Output) -> String {
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap().trim_end().to_owned()
}

/// What `.ci/hosts` installs.
fn tool(path: &str) -> PathBuf {
    let tool = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tools/hosts").join(path);
    assert!(tool.is_file(), "`{}` is missing; `.ci/hosts` brings it", tool.display());
    tool
}
