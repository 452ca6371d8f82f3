//! The start of the command: one user, whole process, code from the cache, against a SCIM command in Python.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use crate::Scale;
use crate::peers::python;
use crate::responder::Responder;
use crate::row::{self, Table};

pub(crate) fn measure(table: &mut Table, scale: Scale) {
    let name = "`users list --limit 1`, whole process";
    let Some(portcullis) = portcullis() else {
        let why = "no `portcullis` beside this program: `cargo build --release` makes it";
        table.miss(name, "ms", row::at_most(40.0), why);
        return;
    };
    let responder = Responder::start();
    let endpoint = responder.endpoint(1000);
    let data = std::env::temp_dir().join(format!("portcullis-bench-{}", std::process::id()));
    let own = least(scale, || {
        let mut command = Command::new(&portcullis);
        command.args(["users", "list", "--limit", "1", "--output", "ndjson", "--no-token", "--endpoint", &endpoint]);
        command.env("PORTCULLIS_DATA_DIR", &data).env("XDG_CACHE_HOME", &data).env("PORTCULLIS_CACHE_DIR", &data);
        command.env("PORTCULLIS_KEYRING", "off");
        command
    });
    table.add(name, own * 1e3, "ms", row::at_most(40.0));
    let name = "start of `scim2` (Python), against it";
    let scim2 = python().with_file_name("scim2");
    if scim2.exists() {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("bench/clients/discovery.py");
        std::fs::create_dir_all(&data).unwrap();
        assert!(Command::new(python()).arg(script).arg(&data).status().unwrap().success());
        let peer = least(scale, || {
            let mut command = Command::new(&scim2);
            command.args(["--url", &endpoint]).arg("--schemas").arg(data.join("schemas.json"));
            command.arg("--resource-types").arg(data.join("resource-types.json"));
            command.arg("--service-provider-config").arg(data.join("service.json"));
            command.args(["query", "user", "--count", "1"]);
            command
        });
        table.add(name, peer / own, "times", row::at_least(8.0));
    } else {
        table.miss(name, "times", row::at_least(8.0), "the contender is not installed");
    }
    let _ = std::fs::remove_dir_all(&data);
}

/// The least time of a run, in seconds. The first one fills caches.
fn least(scale: Scale, command: impl Fn() -> Command) -> f64 {
    let runs = (0..=10 * scale.rounds).map(|_| {
        let start = Instant::now();
        let output = command().output().unwrap();
        let seconds = start.elapsed().as_secs_f64();
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success() && out.contains("mara.lind"), "{out}{err}");
        seconds
    });
    runs.skip(1).fold(f64::INFINITY, f64::min)
}

/// The command, where it was built with this profile.
fn portcullis() -> Option<PathBuf> {
    let path = std::env::current_exe().ok()?.with_file_name("portcullis");
    path.exists().then_some(path)
}
