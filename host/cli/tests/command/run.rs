//! Runs the binary against a small company. Whatever a command prints, the token is not in it.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use expect_test::Expect;
use portcullis_emulator::{Auth, Emulator, Options};
use tokio::runtime::Runtime;

/// The token of every company.
pub(crate) const TOKEN: &str = "s3cr3t-t0ken/of+the=company";

/// An emulator, and the runtime that it runs on.
pub(crate) struct Company {
    pub(crate) emulator: Emulator,
    /// Where its commands keep what they record.
    pub(crate) data: PathBuf,
    _runtime: Runtime,
}

impl Company {
    /// Three users and two groups.
    pub(crate) fn small() -> Company {
        Company::of(3, 2, &[])
    }

    /// Three users and two groups, and things that go wrong.
    pub(crate) fn with_faults(faults: &[&str]) -> Company {
        Company::of(3, 2, faults)
    }

    pub(crate) fn of(users: u32, groups: u32, faults: &[&str]) -> Company {
        let faults = faults.iter().map(|fault| fault.parse().unwrap()).collect();
        Company::start(Options { users, groups, faults, ..Options::default() })
    }

    /// Three users and two groups, where the vendor behaves so.
    pub(crate) fn turned(switches: &[&str]) -> Company {
        let mut options = Options { users: 3, groups: 2, ..Options::default() };
        for switch in switches {
            options.switches.turn(&switch.parse().unwrap()).unwrap();
        }
        Company::start(options)
    }

    pub(crate) fn start(options: Options) -> Company {
        let runtime = Runtime::new().unwrap();
        // What is made has the same time in every run.
        let clock = || SystemTime::UNIX_EPOCH + Duration::from_secs(1_780_000_000);
        let options = Options { auth: Auth::Token(TOKEN.to_owned()), clock, ..options };
        let emulator = runtime.block_on(Emulator::start(options)).unwrap();
        Company { emulator, data: directory().join("portcullis"), _runtime: runtime }
    }

    /// The binary with these arguments, linked to this company by the environment.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = bare(arguments);
        command.env("PORTCULLIS_ENDPOINT", self.emulator.endpoint()).env("PORTCULLIS_TOKEN", TOKEN);
        command.env("XDG_DATA_HOME", self.data.parent().unwrap());
        command
    }

    /// Runs it and compares all that it prints and how it ends.
    pub(crate) fn check(&self, arguments: &[&str], expected: &Expect) {
        expected.assert_eq(&self.run(arguments));
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        let told = tell(&mut self.command(arguments));
        let told = told.replace(&self.emulator.address().to_string(), "ADDRESS");
        let lines = told.split_inclusive('\n');
        lines.map(timeless).collect()
    }

    /// The methods of the requests that may have changed something.
    pub(crate) fn writes(&self) -> Vec<String> {
        let exchanges = self.emulator.exchanges();
        let methods = exchanges.iter().map(|exchange| exchange.method.to_string());
        methods.filter(|method| method != "GET").collect()
    }

    /// Standard output alone, of a command that succeeds.
    pub(crate) fn print(&self, arguments: &[&str]) -> String {
        let output = output(&mut self.command(arguments));
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}

/// The binary with these arguments and an environment that holds nothing of the machine's.
pub(crate) fn bare(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis"));
    let place = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    command.args(arguments).env_clear().stdin(Stdio::null());
    command.env("XDG_CACHE_HOME", place.join("cache")).env("XDG_STATE_HOME", place.join("state"));
    // The keyring of whoever runs the tests is found without a variable.
    command.env("PORTCULLIS_KEYRING", "off");
    command
}

/// Runs a command to its end, with this on standard input.
pub(crate) fn tell_with(input: &str, command: &mut Command) -> String {
    let mut running = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // Who does not read it has closed it by now, perhaps.
    let _ = running.stdin.take().unwrap().write_all(input.as_bytes());
    told(&running.wait_with_output().unwrap())
}

/// Runs a command to its end.
pub(crate) fn output(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    check_secrecy(&output.stdout);
    check_secrecy(&output.stderr);
    output
}

/// Ends the test where the token is in what was printed, whole or in a form that gives it back.
pub(crate) fn check_secrecy(printed: &[u8]) {
    let mut printed = String::from_utf8_lossy(printed).into_owned();
    for (written, means) in
        [(r"\/", "/"), ("%2F", "/"), ("%2f", "/"), ("%2B", "+"), ("%2b", "+"), ("%3D", "="), ("%3d", "=")]
    {
        printed = printed.replace(written, means);
    }
    // A terminal breaks lines where it likes.
    let unbroken: String = printed.split_whitespace().collect();
    assert!(!printed.contains(TOKEN) && !unbroken.contains(TOKEN), "the token was printed");
}

/// Everything that a command printed on one of its ends, once that is closed.
pub(crate) fn drain(end: &mut impl Read) -> String {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    // A terminal whose program is gone fails where a pipe ends.
    while let Ok(read @ 1..) = end.read(&mut chunk) {
        bytes.extend(chunk.iter().take(read));
    }
    check_secrecy(&bytes);
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_token_that_is_printed_fails_whatever_test_runs_the_command() {
    let fails = |text: &str| {
        let mut leaky = Command::new(env!("CARGO_BIN_EXE_portcullis"));
        // The only thing that this program says back as it was given.
        leaky.args(["users", text]).env_clear().stdin(Stdio::null());
        std::thread::spawn(move || tell(&mut leaky)).join().is_err()
    };
    for form in [TOKEN.to_owned(), TOKEN.replace('/', "%2F").replace('=', "%3d"), TOKEN.replace('/', r"\/")] {
        assert!(fails(&form), "{form}");
    }
    assert!(!fails("another"));
}

/// All that a command prints, and how it ends.
pub(crate) fn tell(command: &mut Command) -> String {
    told(&output(command))
}

fn told(output: &Output) -> String {
    check_secrecy(&output.stdout);
    check_secrecy(&output.stderr);
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let code = output.status.code().map_or("a signal".to_owned(), |code| code.to_string());
    let told = format!("{out}{err}exit {code}\n").replace(env!("CARGO_BIN_EXE_portcullis"), "portcullis");
    without_numbers(&told)
}

/// A line without what differs from run to run: the time, and what a cursor knows of the endpoint.
fn timeless(line: &str) -> &str {
    if line.starts_with("date: ") {
        "date: DATE\n"
    } else if line.starts_with("  \"next_cursor\": \"") {
        "  \"next_cursor\": \"CURSOR\",\n"
    } else {
        line
    }
}

/// The numbers of errors differ from system to system.
fn without_numbers(told: &str) -> String {
    let mut parts = told.split(" (os error ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |told, part| told + part.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start_matches(')'))
}

/// A directory that no other test has.
pub(crate) fn directory() -> PathBuf {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{}-{number}", std::process::id()));
    std::fs::create_dir_all(&directory).unwrap();
    directory
}
