//! The environment of the nested cargo. Whatever shapes the outer build stays outside: flags, wrappers, profiles,
//! targets. Each of these was seen to break the guest's build or to change its bytes.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Cargo's variables that say where things come from, not how they are built.
const KEPT: &[&str] = &["CARGO_HOME", "CARGO_HTTP_", "CARGO_NET_", "CARGO_REGISTRIES_", "CARGO_REGISTRY_"];

/// Memory that an instance has from the beginning: with what it needs for a page of 100 users, growing would be two
/// calls of the kernel for each call of the connector. Only what is used of it is there.
const INITIAL_MEMORY: &str = "-Clink-arg=--initial-memory=1441792";

/// Instructions for sixteen bytes at a time, which every host of components has: most of a reply is looked through with
/// them.
const VECTORS: &str = "-Ctarget-feature=+simd128";

/// What makes a guest a sixth smaller. The linker leaves five bytes for every address that it fills in, of which most
/// need two; and the compiler copies functions of the standard library into each of their callers. Small ones that ask
/// for it are copied still.
const SMALL: [&str; 3] = [
    "-Clink-arg=--compress-relocations",
    "-Cllvm-args=--inlinehint-threshold=120",
    "-Cllvm-args=--inline-threshold=10",
];

/// Removes the outer build's settings from `cargo` and sets the guest's own flags.
pub(crate) fn clean(cargo: &mut Command, root: &Path) {
    for (name, _) in env::vars_os() {
        if name.to_str().is_none_or(leaks) {
            cargo.env_remove(name);
        }
    }
    // Panic messages carry the paths of sources; two builds in two places must not differ by them.
    let [sources, crates] = [(root.to_owned(), "/portcullis"), (cargo_home(), "/cargo")]
        .map(|(from, to)| format!("--remap-path-prefix={}={to}", from.display()));
    let mut flags = vec![sources.as_str(), crates.as_str()];
    flags.extend([INITIAL_MEMORY, VECTORS]);
    flags.extend(SMALL);
    cargo.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"));
}

fn cargo_home() -> PathBuf {
    let home = || env::home_dir().unwrap_or_default().join(".cargo");
    env::var_os("CARGO_HOME").map_or_else(home, PathBuf::from)
}

/// Whether a variable of the outer build would change the inner one.
fn leaks(name: &str) -> bool {
    let cargo = name.starts_with("CARGO") && !KEPT.iter().any(|kept| name.starts_with(kept));
    let rustc = name.starts_with("RUSTC") || name.starts_with("RUSTDOC") || name == "RUSTFLAGS";
    cargo || rustc || matches!(name, "CLIPPY_ARGS" | "CLIPPY_CONF_DIR" | "TARGET" | "HOST" | "PROFILE" | "OPT_LEVEL")
}

#[cfg(test)]
mod tests {
    use super::leaks;

    #[test]
    fn flags_wrappers_and_profiles_of_the_outer_build_stay_outside() {
        for name in [
            "RUSTFLAGS",
            "CARGO_ENCODED_RUSTFLAGS",
            "RUSTC_WRAPPER",
            "RUSTC_WORKSPACE_WRAPPER",
            "RUSTC_BOOTSTRAP",
            "CLIPPY_ARGS",
            "CARGO_BUILD_TARGET",
            "CARGO_PROFILE_RELEASE_LTO",
            "CARGO_TARGET_DIR",
            "CARGO_CFG_TARGET_ARCH",
            "PROFILE",
        ] {
            assert!(leaks(name), "{name} reaches the guest");
        }
    }

    #[test]
    fn what_says_where_things_come_from_is_kept() {
        for name in ["CARGO_HOME", "CARGO_NET_OFFLINE", "CARGO_HTTP_PROXY", "RUSTUP_TOOLCHAIN", "PATH", "HOME"] {
            assert!(!leaks(name), "{name} is taken from the nested cargo");
        }
    }
}
