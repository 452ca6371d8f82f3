//! `portcullis proxy` as a process of its own: the way to a vendor for hosts that cannot put a token on the wire.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use portcullis_emulator::Emulator;

use crate::TOKEN;

/// A running proxy, which ends with this.
pub struct Proxy {
    process: Child,
    endpoint: String,
}

impl Proxy {
    /// In front of a vendor that asks for [`TOKEN`].
    ///
    /// # Panics
    ///
    /// When it does not come up, which is the end of the test.
    #[allow(clippy::panic, clippy::unwrap_used, reason = "the harness of tests")]
    pub fn start(vendor: &Emulator) -> Proxy {
        let mut command = Command::new(built().join("portcullis"));
        command.args(["proxy", "--endpoint", &vendor.endpoint()]).env_clear();
        command.env("PORTCULLIS_TOKEN", TOKEN).env("PORTCULLIS_AUDIT", "off").env("PORTCULLIS_KEYRING", "off");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let Some(endpoint) = line.trim_end().strip_prefix("endpoint=").map(str::to_owned) else {
            let mut told = String::new();
            process.stderr.take().unwrap().read_to_string(&mut told).unwrap();
            panic!("`portcullis proxy` does not come up: {told}");
        };
        Proxy { process, endpoint }
    }

    /// The account's endpoint, for a connector that has no token.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Where cargo puts what it builds, the command among it.
///
/// # Panics
///
/// When the command is not there, which is the end of the test.
#[allow(clippy::unwrap_used, reason = "the harness of tests")]
pub fn built() -> PathBuf {
    let built = std::env::current_exe().unwrap().parent().unwrap().parent().unwrap().to_owned();
    assert!(built.join("portcullis").is_file(), "the command is missing; run `cargo build`");
    built
}
