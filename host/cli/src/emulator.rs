//! `emulator`: a ZPA server with a made-up company, on this machine alone.

use std::env;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, ValueEnum};
use portcullis_emulator::{Auth, Directory, Emulator, Fault, Listed, Options, Switches, Turn};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::program;
use crate::screen::Screen;

/// Runs a ZPA server with a made-up company on a port of 127.0.0.1, until Ctrl-C. Prints `endpoint=…`, and `token=…`
/// where it makes one, each on a line of its own. The same seed makes the same company.
#[derive(Debug, Args)]
#[command(after_help = faults())]
pub(crate) struct Arguments {
    /// Users of the company
    #[arg(long, value_name = "N", default_value_t = 1000)]
    users: u32,
    /// Groups of the company
    #[arg(long, value_name = "N", default_value_t = 40)]
    groups: u32,
    /// What the company is made from
    #[arg(long, value_name = "N", default_value_t = 7)]
    seed: u64,
    /// The port [default: one that is free]
    #[arg(long, value_name = "P", default_value_t = 0, hide_default_value = true)]
    port: u16,
    /// Go on from what is saved in FILE, where it exists, in place of a new company; save to it at Ctrl-C
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// The environment variable that holds the token to ask for [default: a new token, which is printed]
    #[arg(long, value_name = "VAR")]
    token_env: Option<OsString>,
    /// Ask for no token
    #[arg(long, visible_alias = "no-token", conflicts_with = "token_env")]
    no_auth: bool,
    /// Whose manners it has: those of ZPA, or those of the RFCs to the letter
    #[arg(long, value_enum, default_value_t = Mode::Zpa)]
    mode: Mode,
    /// Turn one thing that nobody has confirmed of ZPA, such as deactivation=deletes; can be repeated.
    /// `--list-switches` lists them
    #[arg(long, value_name = "NAME=VALUE")]
    switch: Vec<Turn>,
    /// Print the switches, what each can be turned to, and what it is in either mode
    #[arg(long)]
    list_switches: bool,
    /// Something that goes wrong, such as 'status=429 retry-after=13s path=/Users nth=3', of the kinds below; can be
    /// repeated
    #[arg(long, value_name = "RULE", num_args = 1..)]
    fault: Vec<Fault>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Mode {
    Zpa,
    Strict,
}

impl Mode {
    fn switches(self) -> Switches {
        match self {
            Mode::Zpa => Switches::zpa(),
            Mode::Strict => Switches::strict(),
        }
    }
}

/// Runs it.
pub(crate) async fn run(arguments: Arguments, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    if arguments.list_switches {
        return list_switches(screen);
    }
    let mut switches = arguments.mode.switches();
    for turn in &arguments.switch {
        switches.turn(turn)?;
    }
    let access = Access::new(&arguments)?;
    let auth = match &access {
        Access::New(token) | Access::Named(_, token) => Auth::Token(token.clone()),
        Access::Free => Auth::None,
    };
    let options = Options {
        users: arguments.users,
        groups: arguments.groups,
        seed: arguments.seed,
        port: arguments.port,
        faults: arguments.fault,
        auth,
        switches,
        // Nobody asks for them here.
        record: 0,
        ..Options::default()
    };
    let port = options.port;
    let saved = match &arguments.state {
        Some(file) => load(file)?,
        None => None,
    };
    let started = match saved {
        Some(directory) => Emulator::start_with(directory, options).await,
        None => Emulator::start(options).await,
    };
    let emulator = started.with_context(|| match port {
        0 => "no port of 127.0.0.1 can be listened at".to_owned(),
        port => format!("port {port} of 127.0.0.1 cannot be listened at"),
    })?;
    print(&emulator.endpoint(), &access, screen)?;
    tokio::signal::ctrl_c().await.context("Ctrl-C cannot be waited for")?;
    if let Some(file) = &arguments.state {
        save(&emulator, file).with_context(|| format!("the state cannot be saved to {}", file.display()))?;
        screen.tell(&format!("The state is saved in {}.", file.display()))?;
    }
    // Dropping stops at once, whatever a fault makes somebody wait for.
    drop(emulator);
    Ok(Exit::Success)
}

/// `None` where the file does not exist yet.
fn load(file: &Path) -> anyhow::Result<Option<Directory>> {
    let opened = match File::open(file) {
        Err(err) if err.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened,
    };
    let failure = || format!("the state cannot be loaded from {}", file.display());
    let directory = Directory::load(BufReader::new(opened.with_context(failure)?)).with_context(failure)?;
    Ok(Some(directory))
}

/// Beside the file first and then in its place, so that whatever happens there is an old or a new one.
fn save(emulator: &Emulator, file: &Path) -> anyhow::Result<()> {
    let name = file.file_name().context("it has no name")?;
    let mut beside = OsString::from(".");
    beside.push(name);
    beside.push(format!(".{}", std::process::id()));
    let beside = file.with_file_name(beside);
    let written = write(emulator, &beside).and_then(|()| Ok(fs::rename(&beside, file)?));
    if written.is_err() {
        // What went wrong is worth more than what is left lying about.
        let _ = fs::remove_file(&beside);
    }
    written
}

fn write(emulator: &Emulator, file: &Path) -> anyhow::Result<()> {
    let mut out = BufWriter::new(File::create(file)?);
    emulator.directory().save(&mut out)?;
    out.into_inner()?.sync_all()?;
    Ok(())
}

/// One line a switch, in columns that a program can cut at tabs.
fn list_switches(screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    for Listed { name, what, allowed, zpa, strict } in Switches::list() {
        writeln!(screen.out(), "{name}\t{allowed}\tzpa={zpa}\tstrict={strict}\t{what}")?;
    }
    screen.flush()?;
    Ok(Exit::Success)
}

/// Each form on a line of its own, so that it can be copied.
fn faults() -> String {
    let mut text = "Faults, each with `path=`, `method=`, `nth=`, `times=` and `every=` to choose requests:".to_owned();
    for (form, what) in Fault::KINDS {
        let _ = write!(text, "\n  {form}\n      {what}");
    }
    text
}

/// Who is let in.
enum Access {
    /// Who has this token, which was made just now.
    New(String),
    /// Who has the token in this variable.
    Named(OsString, String),
    /// Everyone on this machine.
    Free,
}

impl Access {
    fn new(arguments: &Arguments) -> anyhow::Result<Access> {
        if arguments.no_auth {
            return Ok(Access::Free);
        }
        let Some(name) = &arguments.token_env else { return new_token().map(Access::New) };
        let token = env::var(name).map_err(|_| {
            // Its name is not repeated: it may be a token that somebody typed in its place.
            let message = "the variable that `--token-env` names is not set, or is not text";
            Failure::usage(message, "set and export it, or leave `--token-env` out to have a token made")
        })?;
        if token.is_empty() {
            let message = "the variable that `--token-env` names is empty";
            return Err(Failure::usage(message, "`--no-auth` asks for no token").into());
        }
        Ok(Access::Named(name.clone(), token))
    }
}

/// 32 characters that nobody can guess.
pub(crate) fn new_token() -> anyhow::Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).context("the system gives no random bytes")?;
    Ok(format!("{:032x}", u128::from_ne_bytes(bytes)))
}

/// For programs on standard output, for people beside it.
fn print(endpoint: &str, access: &Access, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    writeln!(screen.out(), "endpoint={endpoint}")?;
    if let Access::New(token) = access {
        writeln!(screen.out(), "token={token}")?;
    }
    screen.flush()?;
    let list = program::line(&["users", "list"]);
    screen.tell("")?;
    screen.tell("Try it from another terminal:")?;
    screen.tell(&format!("  export PORTCULLIS_ENDPOINT={endpoint}"))?;
    match access {
        Access::New(token) => {
            screen.tell(&format!("  export PORTCULLIS_TOKEN={token}"))?;
            screen.tell(&format!("  {list}"))?;
        }
        Access::Named(name, _) => screen.tell(&format!("  {list} --token-env {}", name.display()))?,
        Access::Free => screen.tell(&format!("  {list} --no-token"))?,
    }
    screen.tell("")?;
    screen.tell("Ctrl-C ends it.")
}
