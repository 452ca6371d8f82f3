//! A session of a desktop: a bus whose address the system picks, a keyring on it, and a home for both.

use std::fs;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use portcullis_tests::TOKEN;
use portcullis_tests::proxy::built;

pub(crate) struct Session {
    home: PathBuf,
    data: PathBuf,
    bus: Child,
    /// Open, so that the bus can write to it.
    _told: BufReader<ChildStdout>,
    address: String,
    keyring: Option<Child>,
}

impl Session {
    /// With a keyring that is unlocked.
    pub(crate) fn start(name: &str) -> Session {
        let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("keyring").join(name);
        let _ = fs::remove_dir_all(&home);
        fs::create_dir_all(home.join("run")).unwrap();
        fs::set_permissions(home.join("run"), fs::Permissions::from_mode(0o700)).unwrap();
        let configuration = home.join("bus.conf");
        fs::write(&configuration, BUS).unwrap();
        let mut command = tool("dbus-daemon");
        command.arg("--nofork").arg("--print-address").arg("--config-file").arg(configuration);
        let mut bus = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut told = BufReader::new(bus.stdout.take().unwrap());
        let mut address = String::new();
        told.read_line(&mut address).unwrap();
        let (data, address) = (home.join("data"), address.trim_end().to_owned());
        let mut session = Session { home, data, bus, _told: told, address, keyring: None };
        session.unlock();
        session
    }

    /// Starts the keyring, and unlocks it.
    pub(crate) fn unlock(&mut self) {
        let mut command = tool("gnome-keyring-daemon");
        command.args(["--unlock", "--components=secrets", "--foreground"]);
        command.env("HOME", &self.home).env("XDG_DATA_HOME", self.home.join("share"));
        command.env("XDG_RUNTIME_DIR", self.home.join("run")).env("DBUS_SESSION_BUS_ADDRESS", &self.address);
        let mut keyring = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        keyring.stdin.take().unwrap().write_all(b"the password of the login").unwrap();
        self.keyring = Some(keyring);
        let end = Instant::now() + Duration::from_secs(30);
        while !self.is_unlocked() {
            assert!(Instant::now() < end, "the keyring does not come up");
        }
    }

    fn is_unlocked(&self) -> bool {
        let (interface, property) = ("string:org.freedesktop.Secret.Collection", "string:Locked");
        let told = self.send(COLLECTION, &["org.freedesktop.DBus.Properties.Get", interface, property]);
        told.is_some_and(|told| told.trim_end().ends_with("boolean false"))
    }

    pub(crate) fn lock(&self) {
        let collection = format!("array:objpath:{COLLECTION}");
        self.send(SERVICE, &["org.freedesktop.Secret.Service.Lock", &collection]).unwrap();
        assert!(!self.is_unlocked());
    }

    pub(crate) fn stop(&mut self) {
        let mut keyring = self.keyring.take().unwrap();
        keyring.kill().unwrap();
        keyring.wait().unwrap();
        // The next one may only take the name when the bus has seen that this one is gone.
        while self.send(SERVICE, &["org.freedesktop.DBus.Peer.Ping"]).is_some() {}
    }

    /// The keyring is there, and does not answer.
    pub(crate) fn freeze(&self) {
        kill("-STOP", self.keyring.as_ref().unwrap().id());
    }

    /// How many entries of this program there are.
    pub(crate) fn entries(&self) -> usize {
        self.paths().len()
    }

    /// Somebody deletes all of them.
    pub(crate) fn delete(&self) {
        for path in self.paths() {
            self.send(&path, &["org.freedesktop.Secret.Item.Delete"]).unwrap();
        }
    }

    fn paths(&self) -> Vec<String> {
        let attributes = "dict:string:string:service,portcullis";
        let told = self.send(SERVICE, &["org.freedesktop.Secret.Service.SearchItems", attributes]).unwrap();
        let paths = told.lines().filter_map(|line| line.trim().strip_prefix("object path \"")?.strip_suffix('"'));
        paths.map(str::to_owned).collect()
    }

    /// What an object answers; `None` where that is an error.
    fn send(&self, object: &str, call: &[&str]) -> Option<String> {
        let mut command = tool("dbus-send");
        command.args(["--session", "--print-reply", "--dest=org.freedesktop.secrets", object]).args(call);
        let output = command.env("DBUS_SESSION_BUS_ADDRESS", &self.address).output().unwrap();
        output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
    }

    /// The directory of the store.
    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    /// Another directory from now on.
    pub(crate) fn move_data(&mut self, name: &str) {
        self.data = self.home.join(name);
    }

    /// The lines of the key file.
    pub(crate) fn file(&self) -> Vec<String> {
        super::lines(&self.data.join("key"))
    }

    pub(crate) fn write_key(&self, bytes: &[u8]) {
        fs::write(self.data.join("key"), bytes).unwrap();
    }

    /// The entry that the key file names.
    pub(crate) fn entry(&self) -> String {
        self.file()[0].strip_prefix("keyring ").unwrap().to_owned()
    }

    /// The command, as in a terminal of this session.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(built().join("portcullis"));
        command.args(arguments).env_clear().stdin(Stdio::null());
        command.env("PORTCULLIS_DATA_DIR", &self.data).env("XDG_CACHE_HOME", self.home.join("cache"));
        command.env("XDG_STATE_HOME", self.home.join("state")).env("XDG_RUNTIME_DIR", self.home.join("run"));
        command.env("DBUS_SESSION_BUS_ADDRESS", &self.address);
        command
    }

    pub(crate) fn add(&self, name: &str, endpoint: &str) {
        let mut command =
            self.command(&["account", "add", name, "--endpoint", endpoint, "--token-env", "PORTCULLIS_TOKEN"]);
        let told = told(command.env("PORTCULLIS_TOKEN", TOKEN));
        assert!(told.ends_with("exit 0\n"), "{told}");
    }

    pub(crate) fn tell(&self, arguments: &[&str]) -> String {
        told(&mut self.command(arguments))
    }

    /// What a command says that succeeds.
    pub(crate) fn succeed(&self, arguments: &[&str]) -> String {
        let told = self.tell(arguments);
        let said = told.strip_suffix("exit 0\n").unwrap_or_else(|| panic!("{arguments:?}: {told}"));
        said.trim_end().to_owned()
    }

    /// Runs a command behind a bus that ends it at this message of it, counted from one; the message arrives or not. False
    /// where it ended by itself, having sent fewer.
    pub(crate) fn is_killed_at(&self, message: usize, arrives: bool, arguments: &[&str]) -> bool {
        let path = self.home.join("run/between");
        let _ = fs::remove_file(&path);
        let listener = UnixListener::bind(&path).unwrap();
        let mut command = self.command(arguments);
        let between = format!("unix:path={}", path.display());
        command.env("DBUS_SESSION_BUS_ADDRESS", between).stdout(Stdio::null()).stderr(Stdio::null());
        let mut process = command.spawn().unwrap();
        let bus = self.address.split(',').next().unwrap().strip_prefix("unix:path=").unwrap().to_owned();
        let (left, id) = (Arc::new(AtomicUsize::new(message)), process.id());
        // Ends with the program of the tests.
        thread::spawn(move || {
            for client in listener.incoming() {
                let (client, bus) = (client.unwrap(), UnixStream::connect(&bus).unwrap());
                let (from, to) = (client.try_clone().unwrap(), bus.try_clone().unwrap());
                let left = Arc::clone(&left);
                thread::spawn(move || {
                    pass(from, to, || match left.fetch_sub(1, Ordering::Relaxed) {
                        1 if arrives => Passing::Last(id),
                        1 => Passing::None(id),
                        _ => Passing::On,
                    })
                });
                thread::spawn(move || pass(bus, client, || Passing::On));
            }
        });
        let status = process.wait().unwrap();
        assert!(status.success() || status.signal() == Some(9), "{status}");
        !status.success()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(keyring) = &mut self.keyring {
            let _ = keyring.kill();
            let _ = keyring.wait();
        }
        // It takes its socket away.
        kill("-TERM", self.bus.id());
        let _ = self.bus.wait();
    }
}

/// What becomes of some bytes, and of the process that sent them.
enum Passing {
    On,
    /// They arrive, and the process ends.
    Last(u32),
    /// The process ends before they arrive.
    None(u32),
}

fn pass(mut from: UnixStream, mut to: UnixStream, mut next: impl FnMut() -> Passing) -> io::Result<()> {
    let mut bytes = [0; 4096];
    while let read @ 1.. = from.read(&mut bytes)? {
        match next() {
            Passing::On => to.write_all(&bytes[..read])?,
            Passing::Last(id) => {
                to.write_all(&bytes[..read])?;
                kill("-KILL", id);
            }
            Passing::None(id) => kill("-KILL", id),
        }
    }
    to.shutdown(Shutdown::Write)
}

fn kill(signal: &str, id: u32) {
    assert!(Command::new("kill").args([signal, &id.to_string()]).status().unwrap().success());
}

/// All that a command prints, and how it ends. The token is not in it.
pub(crate) fn told(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let told = format!("{}{}exit {}\n", text(output.stdout), text(output.stderr), output.status.code().unwrap());
    assert!(!told.contains(TOKEN));
    told
}

/// A program of the system's, or the one that `.ci/hosts` unpacked.
fn tool(name: &str) -> Command {
    let unpacked = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/tools/hosts");
    let system = std::env::var_os("PATH").unwrap_or_default();
    let mut places: Vec<_> = std::env::split_paths(&system).collect();
    places.push(unpacked.join("usr/bin"));
    let found = places.iter().map(|place| place.join(name)).find(|program| program.is_file());
    let program = found.unwrap_or_else(|| panic!("there is no `{name}`; `.ci/hosts` brings it"));
    let mut command = Command::new(&program);
    command.env_clear();
    if program.starts_with(&unpacked) {
        let libraries =
            ["usr/lib", "lib"].map(|place| unpacked.join(place).join(format!("{}-linux-gnu", std::env::consts::ARCH)));
        command.env("LD_LIBRARY_PATH", std::env::join_paths(libraries).unwrap());
    }
    command
}

const SERVICE: &str = "/org/freedesktop/secrets";
const COLLECTION: &str = "/org/freedesktop/secrets/collection/login";

/// A bus that starts nothing by itself, so that nothing of the machine's is asked.
const BUS: &str = r#"<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <policy context="default">
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;
