//! `mapping check`: what each field reads and writes under the settings in a file, and what it reads out of a sample.
//! It is the connector that says so, in its sandbox; nothing is sent to a vendor.

mod row;
mod sample;

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use portcullis_directory::{Description, Directory, Json, ReadOptions};
use portcullis_runtime::Connector;

use crate::account::{NOWHERE, bind_settings, read_settings};
use crate::connector::ConnectorArguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::input;
use crate::listing::OutputArguments;
use crate::output::{self, Format, Printer};
use crate::screen::{Screen, plain};
use row::{MappedField, Values};
use sample::Sample;

/// Checks how settings map fields.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Tell what each field reads and writes under the settings in a file; nothing is sent, no account is needed
    Check(CheckArguments),
}

#[derive(Debug, Args)]
struct CheckArguments {
    /// JSON file with settings of an account
    #[arg(value_name = "FILE")]
    settings: PathBuf,
    /// A user in the vendor's own JSON, to see what each field reads out of it; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    sample: Option<PathBuf>,
    /// The same with a group
    #[arg(long, value_name = "FILE")]
    group_sample: Option<PathBuf>,
    #[command(flatten)]
    output: OutputArguments,
    #[command(flatten)]
    connector: ConnectorArguments,
}

/// Asks the connector, and prints what it says.
pub(crate) async fn run(arguments: &Arguments, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let Command::Check(arguments) = &arguments.command;
    let settings = read_settings(&arguments.settings)?;
    let samples = [&arguments.sample, &arguments.group_sample];
    let connector = arguments.connector.load(true).await?;
    let description = bind_settings(&connector, NOWHERE, settings.clone())?.describe().await?;
    let mut rows: Vec<_> = description.fields.iter().map(MappedField::from).collect();
    let mut rest = Vec::new();
    for (sample, noun) in samples.into_iter().zip(NOUNS) {
        let Some(file) = sample else { continue };
        let text = input::text(file, "the sample", "--sample")?;
        let values = read_sample(text, noun, &connector, &settings).await.map_err(|error| {
            let message = format!("the sample in {} cannot be read: {error}", input::name(file));
            Failure::usage(
                message,
                format!("a sample is one {noun} as the vendor sends it, such as `portcullis vendor GET` prints"),
            )
        })?;
        rest.extend(row::fill(&mut rows, noun, values));
    }
    match arguments.output.format(screen) {
        Format::Table => print(&description, &rows, &rest, samples.map(Option::is_some), screen)?,
        Format::Json => output::print_document(&rows, screen)?,
        format => Printer::new(format, false).print(&rows, screen)?,
    }
    Ok(Exit::Success)
}

/// What the connector reads out of a record, served to it as the vendor would.
async fn read_sample(text: String, noun: &str, connector: &Connector, settings: &str) -> anyhow::Result<Values> {
    let id = sample::id(&text);
    let sample = Sample::serve(text).await?;
    let directory = bind_settings(connector, &sample.endpoint(), settings.to_owned())?;
    Ok(if noun == "user" {
        directory.get_user(&id, ReadOptions::default()).await?.into()
    } else {
        directory.get_group(&id, ReadOptions::default()).await?.into()
    })
}

fn print(
    description: &Description,
    rows: &[MappedField],
    rest: &[(String, Json)],
    has_sample: [bool; 2],
    screen: &mut Screen<'_>,
) -> anyhow::Result<()> {
    writeln!(screen.out(), "{} {}: {}", description.name, description.version, description.vendor)?;
    for (noun, has_sample) in NOUNS.into_iter().zip(has_sample) {
        output::print_heading(&format!("\nFIELDS OF A {}", noun.to_uppercase()), screen)?;
        for row in rows.iter().filter(|row| row.resource == noun) {
            row.print(has_sample, screen)?;
        }
    }
    if !rest.is_empty() {
        output::print_heading("\nREAD BY NO FIELD, KEPT IN EXTRAS", screen)?;
        for (name, value) in rest {
            writeln!(screen.out(), "{}  {}", plain(name), plain(value.as_str()))?;
        }
    }
    screen.flush()
}

/// What fields are of, in the order of their samples.
const NOUNS: [&str; 2] = ["user", "group"];
