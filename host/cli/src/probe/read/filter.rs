//! Filters. One filters when it brings who has the value, brings nobody else, and brings nobody for a value that nobody
//! has.

use portcullis_directory::Directory;
use serde_json::Value;

use crate::probe::answer::{self, Answer};
use crate::probe::bench::Bench;
use crate::probe::finding::{Findings, UNCLEAR};

/// Tries each filter with a value that is there and one that is not.
pub(super) async fn probe<D: Directory>(
    bench: &mut Bench<'_, D>,
    findings: &mut Findings,
    users: &Answer,
    groups: &Answer,
) -> anyhow::Result<()> {
    let value = |row: &Value, name: &str| answer::text(row, name).map(str::to_owned);
    let some = |name: &'static str| users.rows().iter().find_map(|row| Some((value(row, "id")?, value(row, name)?)));
    let email = users
        .rows()
        .iter()
        .find_map(|row| Some((value(row, "id")?, (*answer::values(row, "emails").first()?).to_owned())));
    let member = users.rows().iter().find_map(|row| {
        let group = *answer::values(row, "groups").first()?;
        Some((group.to_owned(), value(row, "id")?))
    });
    let group = groups.rows().iter().find_map(|row| Some((value(row, "id")?, value(row, "displayName")?)));
    let tries = [
        ("user-name-filter", "Users", "userName", some("userName")),
        ("external-id-filter", "Users", "externalId", some("externalId")),
        ("id-filter", "Users", "id", some("id")),
        ("email-filter", "Users", "emails.value", email),
        ("display-name-filter", "Groups", "displayName", group),
        ("member-filter", "Groups", "members.value", member),
    ];
    for (name, path, attribute, there) in tries {
        equal(bench, findings, name, path, attribute, there).await?;
    }
    active(bench, findings).await?;
    modified(bench, findings, users).await?;
    unknown(bench, findings, users).await
}

async fn equal<D: Directory>(
    bench: &mut Bench<'_, D>,
    findings: &mut Findings,
    name: &'static str,
    path: &str,
    attribute: &str,
    there: Option<(String, String)>,
) -> anyhow::Result<()> {
    let Some((id, value)) = there else {
        findings.add_unclear(name, "no record that was seen has a value");
        return Ok(());
    };
    let there = bench.get(path, &[("filter", &equals(attribute, &value)), ("count", "100")]).await?;
    let nobody = bench.get(path, &[("filter", &equals(attribute, super::NOBODY)), ("count", "100")]).await?;
    findings.add(name, verdict(&there, &nobody, |row| answer::id(row) == Some(&id)));
    Ok(())
}

fn verdict(there: &Answer, nobody: &Answer, is_sought: impl Fn(&Value) -> bool) -> String {
    if let Some(doubt) = [there, nobody].into_iter().find_map(unclear) {
        return doubt;
    }
    if !there.is_ok() {
        return "off".to_owned();
    }
    // A server that drops a filter answers the same to both.
    let found = match (there.rows().iter().any(is_sought), nobody.is_ok() && nobody.rows().is_empty()) {
        (true, true) => "on",
        (_, false) => "ignored",
        (false, true) => "off",
    };
    found.to_owned()
}

/// What is found where an answer to a filter is neither a list nor a refusal of it.
fn unclear(answer: &Answer) -> Option<String> {
    (!answer.is_list() && !answer.is_unsupported()).then(|| format!("{UNCLEAR}{}", answer.doubt()))
}

/// How many each of two filters finds; the finding where one was answered with neither a list nor a refusal.
async fn totals<D: Directory>(bench: &mut Bench<'_, D>, filters: [&str; 2]) -> anyhow::Result<Result<Totals, String>> {
    let mut totals = [None; 2];
    for (filter, total) in filters.into_iter().zip(&mut totals) {
        let answer = bench.get("Users", &[("filter", filter), ("count", "1")]).await?;
        if let Some(doubt) = unclear(&answer) {
            return Ok(Err(doubt));
        }
        *total = answer.number("totalResults").filter(|_| answer.is_ok());
    }
    Ok(Ok(totals))
}

/// `None` where the filter is refused.
type Totals = [Option<u64>; 2];

/// `attribute eq "value"`, with the value as a JSON string (RFC 7644 section 3.4.2.2).
fn equals(attribute: &str, value: &str) -> String {
    format!("{attribute} eq {}", Value::from(value))
}

/// Everybody is either: the two answers share nobody and have somebody.
async fn active<D: Directory>(bench: &mut Bench<'_, D>, findings: &mut Findings) -> anyhow::Result<()> {
    let totals = totals(bench, ["active eq true", "active eq false"]).await?;
    let all = bench.get("Users", &[("count", "1")]).await?;
    match (all.number("totalResults").filter(|_| all.is_ok()), totals) {
        (None, _) => findings.add_unclear("active-filter", &all.doubt()),
        (Some(0), _) => findings.add_unclear("active-filter", "there are no users"),
        (_, Err(doubt)) => findings.add("active-filter", doubt),
        (Some(all), Ok([Some(on), Some(off)])) if on.checked_add(off) == Some(all) => {
            findings.add_switch("active-filter", true);
        }
        (_, Ok([Some(on), Some(off)])) if on == off && on > 0 => findings.add("active-filter", "ignored"),
        _ => findings.add_switch("active-filter", false),
    }
    Ok(())
}

async fn modified<D: Directory>(
    bench: &mut Bench<'_, D>,
    findings: &mut Findings,
    users: &Answer,
) -> anyhow::Result<()> {
    let [past, future] = ["1970", "9999"].map(|year| format!("meta.lastModified gt \"{year}-01-01T00:00:00Z\""));
    match totals(bench, [&past, &future]).await? {
        _ if users.rows().is_empty() => findings.add_unclear("last-modified-filter", "there are no users"),
        Err(doubt) => findings.add("last-modified-filter", doubt),
        Ok([Some(1..), Some(0)]) => findings.add_switch("last-modified-filter", true),
        Ok([Some(past), Some(future)]) if past == future && past > 0 => {
            findings.add("last-modified-filter", "ignored");
        }
        Ok(_) => findings.add_switch("last-modified-filter", false),
    }
    Ok(())
}

/// A filter that the reference says nothing of, once with somebody and once with nobody to find.
async fn unknown<D: Directory>(
    bench: &mut Bench<'_, D>,
    findings: &mut Findings,
    users: &Answer,
) -> anyhow::Result<()> {
    let there = bench.get("Users", &[("filter", "not (userName co \"@@\")"), ("count", "1")]).await?;
    let nobody = bench.get("Users", &[("filter", "userName co \"@@\""), ("count", "1")]).await?;
    let doubt = [&there, &nobody].into_iter().find_map(unclear);
    match (there.is_ok(), there.rows().is_empty(), nobody.rows().is_empty()) {
        _ if users.rows().is_empty() => findings.add_unclear("unknown-filter", "there are no users"),
        _ if doubt.is_some() => findings.add("unknown-filter", doubt.unwrap_or_default()),
        (false, ..) => findings.add("unknown-filter", "refused"),
        (true, true, _) => findings.add("unknown-filter", "matches-nothing"),
        (true, false, true) => findings.add("unknown-filter", "evaluated"),
        (true, false, false) => findings.add("unknown-filter", "ignored"),
    }
    Ok(())
}
