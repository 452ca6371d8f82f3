//! A dry run: reads go out, writes are only recorded and then shown. Nothing is said of what the vendor would have
//! made of them.

use std::io::Write;

use portcullis_directory::Json;
use portcullis_runtime::{DryRun, UnsentRequest};
use portcullis_store::audit::Audited;
use serde::Serialize;

use crate::auditing::Recorded;
use crate::exit::Exit;
use crate::listing::OutputArguments;
use crate::output::{self, Format};
use crate::record::Record;
use crate::screen::{Screen, plain};
use crate::writing::Done;

/// The directory that a command writes to, or pretends to.
pub(crate) struct Rehearsal {
    directory: Recorded,
    dry_run: Option<DryRun>,
}

impl Rehearsal {
    /// The directory itself, or in a dry run one that keeps every write to itself.
    pub(crate) fn new(directory: &Recorded, is_dry: bool) -> Rehearsal {
        if is_dry {
            let (directory, dry_run) = directory.inner().dry_run();
            // Nothing is written, so there is nothing to record.
            let directory = Audited::unrecorded(directory);
            return Rehearsal { directory, dry_run: Some(dry_run) };
        }
        Rehearsal { directory: directory.clone(), dry_run: None }
    }

    /// What to work on.
    pub(crate) fn directory(&self) -> &Recorded {
        &self.directory
    }

    /// Prints what came of the command, or in a dry run what it would have sent.
    pub(crate) fn conclude<T: Record>(
        self,
        done: anyhow::Result<Done<T>>,
        output: OutputArguments,
        screen: &mut Screen<'_>,
    ) -> anyhow::Result<Exit> {
        self.conclude_with(done, output.output, screen, |done, screen| {
            match done {
                Done::Object(object) => output::print_one(output.format(screen), &object, screen)?,
                Done::Told(sentence) => screen.say("note", sentence)?,
            }
            Ok(Exit::Success)
        })
    }

    /// The same for results of any kind.
    pub(crate) fn conclude_with<T>(
        self,
        done: anyhow::Result<T>,
        format: Option<Format>,
        screen: &mut Screen<'_>,
        print: impl FnOnce(T, &mut Screen<'_>) -> anyhow::Result<Exit>,
    ) -> anyhow::Result<Exit> {
        let Some(dry_run) = self.dry_run else { return print(done?, screen) };
        let requests: Vec<_> = dry_run.requests().into_iter().map(Unsent::from).collect();
        if requests.is_empty() && done.is_ok() {
            screen.say("note", "nothing would be sent")?;
        }
        // A command that failed before its first write is one that failed.
        if !requests.is_empty() || done.is_ok() {
            show(&requests, format, screen)?;
        }
        // What the made-up answers led to is of interest only where it kept the command from going on.
        done.map(|_| Exit::Success)
    }
}

/// A request as it is shown.
#[derive(Serialize)]
struct Unsent {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Json>,
}

impl From<UnsentRequest> for Unsent {
    fn from(request: UnsentRequest) -> Unsent {
        let body = String::from_utf8_lossy(&request.body);
        let body = Some(body).filter(|body| !body.is_empty()).map(|body| Json::from_text(&body));
        Unsent { method: request.method, path: request.path, headers: request.headers, body }
    }
}

fn show(requests: &[Unsent], format: Option<Format>, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    match format {
        Some(Format::Json) => output::print_document(&requests, screen)?,
        Some(Format::Ndjson) => requests.iter().try_for_each(|request| output::print_line(request, screen))?,
        Some(Format::Table | Format::Csv) | None => {
            for Unsent { method, path, body, .. } in requests {
                writeln!(screen.out(), "would send: {method} {}", plain(path))?;
                if let Some(body) = body {
                    output::print_pretty(body, screen)?;
                }
            }
        }
    }
    screen.flush()
}
