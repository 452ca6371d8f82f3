//! What can be found out by reading.

mod filter;
mod page;
mod record;

use portcullis_directory::Directory;
use serde_json::Value;

use super::answer::{self, Answer};
use super::bench::Bench;
use super::finding::Findings;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::vendor;

/// What is known of the tenant afterwards.
pub(super) struct Known {
    /// The part behind the `@` of somebody's username.
    pub(super) domain: Option<String>,
}

/// Asks everything that reading answers.
pub(super) async fn probe<D: Directory>(bench: &mut Bench<'_, D>, findings: &mut Findings) -> anyhow::Result<Known> {
    let users = bench.get("Users", &[("count", "100")]).await?;
    if !users.is_ok() {
        let message = format!("the vendor does not list users: HTTP status {}", users.status);
        return Err(Failure::new(vendor::exit(users.status), message, "without that nothing can be found out").into());
    }
    if users.number("totalResults").is_none() {
        let hint = "check the endpoint; `portcullis vendor GET Users` shows what is there";
        return Err(Failure::new(Exit::Incomplete, "the vendor's list of users is no list of SCIM", hint).into());
    }
    let groups = bench.get("Groups", &[("count", "100")]).await?;
    discovery(bench, findings).await?;
    error(bench, findings).await?;
    page::probe(bench, findings, &users).await?;
    record::probe(bench, findings, &users, &groups).await?;
    filter::probe(bench, findings, &users, &groups).await?;
    let names = users.rows().iter().filter_map(|row| answer::text(row, "userName"));
    let domain = names.filter_map(|name| name.rsplit_once('@')).map(|(_, domain)| domain.to_owned()).next();
    Ok(Known { domain })
}

async fn discovery<D: Directory>(bench: &mut Bench<'_, D>, findings: &mut Findings) -> anyhow::Result<()> {
    let mut served = Vec::new();
    for path in ["ServiceProviderConfig", "Schemas", "ResourceTypes"] {
        let page = bench.get(path, &[]).await?;
        if page.is_ok() {
            served.push(path);
        } else if !page.is_refused() && !page.is_unsupported() {
            findings.add_unclear("discovery", &page.doubt());
            return Ok(());
        }
    }
    match served.len() {
        0 => findings.add_switch("discovery", false),
        3 => findings.add_switch("discovery", true),
        _ => findings.add("discovery", served.join(" and ")),
    }
    Ok(())
}

async fn error<D: Directory>(bench: &mut Bench<'_, D>, findings: &mut Findings) -> anyhow::Result<()> {
    let answer = bench.get(&format!("Users/{NOBODY}"), &[]).await?;
    if answer.is_ok() {
        findings.add_unclear("error-body", "an id that nobody has is answered");
    } else if answer.is_gone() || answer.is_unsupported() {
        findings.add("error-body", error_form(&answer));
    } else {
        // It may be that of a proxy before the vendor.
        findings.add_unclear("error-body", &answer.doubt());
    }
    Ok(())
}

fn error_form(answer: &Answer) -> &'static str {
    let has = |name: &str| answer.json.get(name).is_some();
    match &answer.json {
        _ if answer.body.is_empty() => "empty",
        Value::Object(_) if has("schemas") || has("detail") => "scim",
        Value::Object(_) if has("id") || has("reason") => "management",
        Value::Null if answer.body.trim_ascii_start().starts_with(b"<") => "html",
        Value::Null => "text",
        _ => "other",
    }
}

/// An id that nobody has.
pub(super) const NOBODY: &str = "0b5f9d52-7a44-4f0c-9d3e-6c1f2a7be913";
