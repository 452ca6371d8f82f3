//! `describe`: what a connector says of itself. Sends nothing.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use portcullis_directory::{Description, Directory, Field, Support};

use crate::account::{NOWHERE, bind_settings, read_settings};
use crate::connector::ConnectorArguments;
use crate::exit::Exit;
use crate::listing::OutputArguments;
use crate::output::{self, Format};
use crate::screen::Screen;

/// Tells what the connector can do and how it maps fields. Nothing is sent; no account is needed.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// JSON file with settings of an account, to see what they change
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// What results look like [default: table on a terminal, json elsewhere]
    #[command(flatten)]
    output: OutputArguments,
    #[command(flatten)]
    connector: ConnectorArguments,
}

/// Loads the connector and prints its description.
pub(crate) async fn run(arguments: Arguments, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let settings = arguments.settings.as_ref().map(read_settings).transpose()?;
    let connector = arguments.connector.load(true).await?;
    let description = match settings {
        None => connector.description().clone(),
        Some(settings) => bind_settings(&connector, NOWHERE, settings)?.describe().await?,
    };
    match arguments.output.format(screen) {
        Format::Table | Format::Csv => print(&description, screen)?,
        Format::Json => output::print_document(&description, screen)?,
        Format::Ndjson => output::print_line(&description, screen)?,
    }
    Ok(Exit::Success)
}

fn print(description: &Description, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let Description { name, version, vendor, page_size, fields, operations, .. } = description;
    writeln!(screen.out(), "{name} {version}: {vendor}")?;
    if let Some(size) = page_size {
        writeln!(screen.out(), "pages of at most {size} rows")?;
    }
    output::print_heading("\nOPERATIONS", screen)?;
    let widest = operations.iter().map(|operation| operation.name.len()).max().unwrap_or_default();
    for operation in operations {
        let support = match operation.support {
            Support::Supported => "supported",
            Support::Degraded => "degraded",
            Support::Destructive => "destructive",
            Support::Unsupported => "unsupported",
        };
        let reason = operation.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
        writeln!(screen.out(), "{:widest$}  {support}{reason}", operation.name)?;
    }
    for resource in ["user", "group"] {
        output::print_heading(&format!("\nFIELDS OF A {}", resource.to_uppercase()), screen)?;
        print_fields(fields.iter().filter(|field| field.resource == resource), screen)?;
    }
    Ok(())
}

fn print_fields<'a>(fields: impl Iterator<Item = &'a Field> + Clone, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let widest = fields.clone().map(|field| field.name.len()).max().unwrap_or_default();
    for field in fields {
        let abilities = field.abilities;
        let can = [
            (abilities.readable, "read"),
            (abilities.writable, "write"),
            (abilities.clearable, "clear"),
            (abilities.findable, "find"),
        ];
        let can = can.map(|(can, word)| if can { format!("{word:6}") } else { " ".repeat(6) }).concat();
        writeln!(screen.out(), "{:widest$}  {:10}  {can}  {}", field.name, field.r#type, field.read.join(" or "))?;
    }
    Ok(())
}
