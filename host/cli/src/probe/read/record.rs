//! Records: how they are written, and what they show of memberships.

use portcullis_directory::Directory;
use serde_json::Value;

use crate::probe::answer::{self, Answer};
use crate::probe::bench::Bench;
use crate::probe::finding::Findings;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// Looks at the records of a page, and at one of each kind.
pub(super) async fn probe<D: Directory>(
    bench: &mut Bench<'_, D>,
    findings: &mut Findings,
    users: &Answer,
    groups: &Answer,
) -> anyhow::Result<()> {
    active(findings, users.rows());
    extension(findings, users.rows());
    locations(findings, users.rows(), bench.host());
    let in_list = groups.rows().iter().any(|group| group.get("members").is_some());
    if !groups.is_list() {
        findings.add_unclear("members-in-list", &groups.doubt());
    } else if groups.rows().is_empty() {
        findings.add_unclear("members-in-list", "there are no groups");
    } else {
        findings.add_switch("members-in-list", in_list);
    }
    if let Some(id) = users.rows().first().and_then(answer::id) {
        let user = bench.get(&format!("Users/{id}"), &[]).await?;
        let has_version = user.header("etag").is_some() || user.json.pointer("/meta/version").is_some();
        if user.is_ok() {
            findings.add_switch("etag", has_version);
        } else {
            findings.add_unclear("etag", &user.doubt());
        }
    } else {
        findings.add_unclear("etag", "there are no users");
    }
    members(bench, findings, users, groups).await?;
    projection(bench, findings).await?;
    sorting(bench, findings).await
}

fn active(findings: &mut Findings, rows: &[Value]) {
    let forms: Vec<_> = rows.iter().filter_map(|row| row.get("active")).map(Value::is_boolean).collect();
    match (forms.iter().any(|is| *is), forms.iter().any(|is| !*is)) {
        (true, true) => findings.add("active", "mixed"),
        (true, false) => findings.add("active", "boolean"),
        (false, true) => findings.add("active", "text"),
        (false, false) => findings.add_unclear("active", "no user has it"),
    }
}

fn extension(findings: &mut Findings, rows: &[Value]) {
    let names_it = |row: &Value| {
        row.get("schemas")
            .and_then(Value::as_array)
            .is_some_and(|urns| urns.iter().any(|urn| urn.as_str() == Some(ENTERPRISE)))
    };
    let mut without = rows.iter().filter(|row| row.get(ENTERPRISE).is_none()).map(names_it).peekable();
    if without.peek().is_none() {
        findings.add_unclear("extension-urn", "every user that was seen has the extension");
    } else {
        findings.add("extension-urn", if without.any(|names| names) { "always" } else { "when-present" });
    }
}

fn locations(findings: &mut Findings, rows: &[Value], own: &str) {
    let urls = rows.iter().filter_map(|row| row.pointer("/meta/location")?.as_str());
    let mut hosts = urls.map(|url| url.split_once("://").map_or(url, |(_, rest)| rest)).peekable();
    if hosts.peek().is_none() {
        findings.add_unclear("locations", "no user has one");
        return;
    }
    let is_own = |rest: &str| rest.strip_prefix(own).is_some_and(|path| path.is_empty() || path.starts_with('/'));
    findings.add("locations", if hosts.all(is_own) { "own" } else { "vendor" });
}

async fn members<D: Directory>(
    bench: &mut Bench<'_, D>,
    findings: &mut Findings,
    users: &Answer,
    groups: &Answer,
) -> anyhow::Result<()> {
    let full = users.rows().iter().flat_map(|user| answer::values(user, "groups")).next();
    let Some(full) = full else {
        findings.add_unclear("members-of-full-group", "no user shows a group");
        findings.add_unclear("members-in-group", "no user shows a group");
        return Ok(());
    };
    let shows = match shows_members(bench, full).await? {
        Ok(shows) => shows,
        Err(doubt) => {
            findings.add_unclear("members-of-full-group", &doubt);
            findings.add_unclear("members-in-group", &doubt);
            return Ok(());
        }
    };
    findings.add_switch("members-of-full-group", shows);
    let used: Vec<_> = users.rows().iter().flat_map(|user| answer::values(user, "groups")).collect();
    let is_whole = users.number("totalResults") == Some(users.rows().len() as u64);
    let empty = groups.rows().iter().filter_map(answer::id).find(|id| is_whole && !used.contains(id));
    match (shows, empty) {
        (false, _) => findings.add("members-in-group", "omitted-always"),
        (true, Some(empty)) => match shows_members(bench, empty).await? {
            Ok(true) => findings.add("members-in-group", "present"),
            Ok(false) => findings.add("members-in-group", "omitted-when-empty"),
            Err(doubt) => findings.add_unclear("members-in-group", &doubt),
        },
        (true, None) => findings.add_unclear("members-in-group", "no group is certain to be empty"),
    }
    Ok(())
}

/// Whether the record of a group has `members`, or why that cannot be told.
async fn shows_members<D: Directory>(bench: &mut Bench<'_, D>, group: &str) -> anyhow::Result<Result<bool, String>> {
    let answer = bench.get(&format!("Groups/{group}"), &[]).await?;
    let is_it = answer.is_ok() && answer.id() == Some(group);
    Ok(if is_it { Ok(answer.json.get("members").is_some()) } else { Err(answer.doubt()) })
}

async fn projection<D: Directory>(bench: &mut Bench<'_, D>, findings: &mut Findings) -> anyhow::Result<()> {
    let chosen = bench.get("Users", &[("count", "1"), ("attributes", "userName")]).await?;
    let Some(row) = chosen.rows().first().and_then(Value::as_object) else {
        match (chosen.is_list(), chosen.is_unsupported()) {
            (true, _) => findings.add_unclear("projection", "there are no users"),
            (_, true) => findings.add_unclear("projection", "`attributes` is refused"),
            _ => findings.add_unclear("projection", &chosen.doubt()),
        }
        return Ok(());
    };
    let is_chosen = |name: &String| ["id", "userName", "schemas", "meta"].contains(&name.as_str());
    findings.add("projection", if row.keys().all(is_chosen) { "every" } else { "members" });
    Ok(())
}

async fn sorting<D: Directory>(bench: &mut Bench<'_, D>, findings: &mut Findings) -> anyhow::Result<()> {
    let mut orders = Vec::new();
    for order in ["ascending", "descending"] {
        let query = [("count", "100"), ("sortBy", "displayName"), ("sortOrder", order)];
        let answer = bench.get("Groups", &query).await?;
        if !answer.is_list() {
            findings.add("group-sort", answer.refusal());
            return Ok(());
        }
        let names = answer.rows().iter().filter_map(|row| answer::text(row, "displayName")).map(str::to_lowercase);
        orders.push(names.collect::<Vec<_>>());
    }
    match orders.as_slice() {
        [up, _] if up.len() < 2 => findings.add_unclear("group-sort", "there are not two groups"),
        [up, down] => findings.add_switch("group-sort", up.is_sorted() && down.iter().rev().is_sorted()),
        _ => {}
    }
    Ok(())
}
