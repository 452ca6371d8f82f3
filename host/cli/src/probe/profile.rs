//! Settings of the account, with the quirks that were found. Only those are written that this connector knows; one that
//! was not found out keeps what it was.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use portcullis_directory::Description;
use serde_json::{Map, Value};

use super::finding::Findings;
use crate::account::read_settings;
use crate::failure::Failure;

/// Writes the settings, over a file only where it is that of the settings in force.
pub(super) fn write(
    file: &Path,
    settings: Option<&PathBuf>,
    findings: &Findings,
    description: &Description,
) -> anyhow::Result<()> {
    let mut profile: Map<String, Value> = match settings {
        Some(settings) => serde_json::from_str(&read_settings(settings)?).context("the settings are no JSON object")?,
        None => Map::new(),
    };
    let known: Value = serde_json::from_str(description.settings_schema.as_str()).unwrap_or_default();
    let known = known.pointer("/properties/quirks/properties").unwrap_or(&Value::Null);
    let quirks = profile.entry("quirks").or_insert_with(|| Map::new().into());
    let quirks = quirks.as_object_mut().context("`quirks` of the settings is no object")?;
    for (name, value) in found(findings) {
        if known.get(name).is_some_and(|schema| is_known(schema, &value)) {
            quirks.insert(name.to_owned(), value);
        }
    }
    let text = serde_json::to_string_pretty(&profile)? + "\n";
    fs::write(file, text).with_context(|| format!("`{}` cannot be written", file.display()))
}

/// Refuses a file that would be written over, before anything is asked of the tenant.
pub(super) fn check(file: &Path, settings: Option<&PathBuf>) -> Result<(), Failure> {
    if file.exists() && settings.is_none_or(|settings| settings != file) {
        let message = format!("`{}` is there already", file.display());
        return Err(Failure::usage(message, "give another file, or the one that `--settings` names"));
    }
    Ok(())
}

/// Whether the connector's schema has the quirk, and this value of it.
fn is_known(schema: &Value, value: &Value) -> bool {
    match schema.get("enum").and_then(Value::as_array) {
        Some(values) => values.contains(value),
        None => schema.get("type").is_some_and(|kind| kind == "boolean") && value.is_boolean(),
    }
}

/// The quirks that the findings settle.
fn found(findings: &Findings) -> Vec<(&'static str, Value)> {
    let mut quirks: Vec<(&'static str, Value)> = Vec::new();
    for (quirk, finding) in FILTERS {
        if let Some(found) = findings.found(finding) {
            quirks.push((quirk, (found == "on").into()));
        }
    }
    match findings.found("members-of-full-group") {
        Some("on") => {
            quirks.push(("group-members", "by-id".into()));
            quirks.push(("missing-members", "empty".into()));
        }
        Some(_) => quirks.push(("group-members", "from-users".into())),
        None => {}
    }
    // An order that is dropped does no harm.
    match findings.found("group-sort") {
        Some("on" | "off") => quirks.push(("sort-groups", true.into())),
        Some(_) => quirks.push(("sort-groups", false.into())),
        None => {}
    }
    match (findings.found("filtered-removal"), findings.found("listed-removal")) {
        (Some("removes"), _) => quirks.push(("member-removal", "filter".into())),
        (Some(_), Some("removes")) => quirks.push(("member-removal", "values".into())),
        _ => {}
    }
    match (findings.found("email-pair"), findings.found("email-list-replacement")) {
        (Some("in-order"), _) => quirks.push(("email-replacement", "remove-then-add".into())),
        (Some(_), Some("all")) => quirks.push(("email-replacement", "replace".into())),
        _ => {}
    }
    quirks
}

/// Quirk and finding.
const FILTERS: [(&str, &str); 4] = [
    ("username-filter", "user-name-filter"),
    ("group-name-filter", "display-name-filter"),
    ("external-id-filter", "external-id-filter"),
    ("email-filter", "email-filter"),
];
