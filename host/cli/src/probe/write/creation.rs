//! Making users: what is accepted, what is kept of it, and when it is seen.

use portcullis_directory::Directory;
use serde_json::{Value, json};

use super::{ENTERPRISE, Own, user_body, username};
use crate::probe::answer::{Answer, text};
use crate::probe::bench::Bench;
use crate::probe::finding::Findings;
use crate::probe::ledger::Kind;

/// Counts the reads until a user that was just made is seen by its id, and then whether lists come later.
pub(super) async fn visibility<D: Directory>(
    bench: &mut Bench<'_, D>,
    findings: &mut Findings,
    user: &Own,
) -> anyhow::Result<()> {
    let mut hidden = 0;
    while bench.record(Kind::User, &user.id).await?.is_null() {
        hidden += 1;
        if hidden == MOST_READS {
            findings.add_unclear("visibility-delay", "what was made is not seen");
            return Ok(());
        }
    }
    let filter = format!("userName eq \"{}\"", user.name);
    let mut listed = 0;
    while hidden == 0 && bench.list("Users", &[("filter", &filter)]).await?.rows().is_empty() {
        listed += 1;
        if listed == MOST_READS {
            findings.add_unclear("visibility-delay", "what was made is not found by its username");
            return Ok(());
        }
    }
    // The read by id, which saw it, was one of those that lists do not see it in.
    let reads = if listed > 0 { listed + 1 } else { hidden };
    bench.set_delay(reads);
    findings.add("visibility-delay", reads.to_string());
    findings.add(
        "delayed-reads",
        if hidden > 0 {
            "all"
        } else if listed > 0 {
            "lists"
        } else {
            "none"
        },
    );
    Ok(())
}

/// Makes users with what is out of the ordinary.
pub(super) async fn probe<D: Directory>(
    bench: &mut Bench<'_, D>,
    findings: &mut Findings,
    domain: &str,
    user: &Own,
) -> anyhow::Result<()> {
    let again = bench.create(Kind::User, &user.name, &user_body(&user.name, json!({}))).await?;
    match (again.status, text(&again.json, "scimType")) {
        (409, kind) => findings.add_switch("conflict-type", kind == Some("uniqueness")),
        _ => findings.add("conflict-type", again.verdict()),
    }

    let external = bench.name();
    let (first, made) = with(bench, domain, json!({"externalId": external})).await?;
    if first.is_ok() {
        findings.add_switch("location-header", first.header("location").is_some());
    } else {
        findings.add_unclear("location-header", &first.doubt());
    }
    let (second, _) = with(bench, domain, json!({"externalId": external})).await?;
    match (made.is_null(), second.is_ok()) {
        (true, _) => findings.add_unclear("duplicate-external-id", "a user with one was not made"),
        (false, true) => findings.add("duplicate-external-id", "allowed"),
        (false, false) => findings.add("duplicate-external-id", second.verdict()),
    }

    let (answer, made) = with(bench, domain, json!({"portcullisProbe": "x"})).await?;
    let is_kept = made.get("portcullisProbe").is_some();
    findings.add(
        "unknown-attributes",
        if answer.is_ok() && !is_kept {
            "dropped"
        } else if is_kept {
            "kept"
        } else {
            answer.verdict()
        },
    );

    let (answer, made) = with(bench, domain, json!({"department": "Probe"})).await?;
    let is_at = |place: &Value| text(place, "department") == Some("Probe");
    match (answer.is_ok(), made.get(ENTERPRISE).is_some_and(is_at), is_at(&made)) {
        (false, ..) => findings.add("enterprise-at-root", answer.verdict()),
        (true, true, _) => findings.add("enterprise-at-root", "moved"),
        (true, false, true) => findings.add("enterprise-at-root", "kept"),
        (true, false, false) => findings.add("enterprise-at-root", "unknown"),
    }

    let long = "x".repeat(LONG);
    let (answer, made) = with(bench, domain, json!({"nickName": long})).await?;
    match (answer.is_ok(), text(&made, "nickName").map_or(0, str::len)) {
        (false, _) => findings.add("over-long", answer.verdict()),
        (true, LONG) => findings.add("over-long", "accepted"),
        (true, _) => findings.add("over-long", "truncated"),
    }
    Ok(())
}

/// Makes a user, and reads it where it was made.
async fn with<D: Directory>(bench: &mut Bench<'_, D>, domain: &str, more: Value) -> anyhow::Result<(Answer, Value)> {
    let name = username(bench, domain);
    let answer = bench.create(Kind::User, &name, &user_body(&name, more)).await?;
    let made = match answer.id().filter(|_| answer.is_ok()) {
        Some(id) => bench.record(Kind::User, id).await?,
        None => Value::Null,
    };
    Ok((answer, made))
}

/// Characters of a text that is long.
const LONG: usize = 1000;
/// Reads after which something is taken for invisible.
const MOST_READS: u32 = 10;
