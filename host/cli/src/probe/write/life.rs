//! Being switched off, deleted, and made again.

use anyhow::ensure;
use portcullis_directory::Directory;
use serde_json::{Value, json};

use super::{Own, user, user_body};
use crate::probe::answer::{Answer, id, values};
use crate::probe::bench::{Bench, Unclear};
use crate::probe::finding::Findings;
use crate::probe::ledger::Kind;

/// Switches a user off and another one by text; deletes a member of the group, twice, and makes it again.
pub(super) async fn probe<D: Directory>(
    bench: &mut Bench<'_, D>,
    findings: &mut Findings,
    domain: &str,
    group: &str,
) -> anyhow::Result<()> {
    off(bench, findings, domain).await?;

    let Own { id, name } = user(bench, domain, json!({})).await?;
    let add = json!([{"op": "add", "path": "members", "value": [{"value": id}]}]);
    bench.patch(Kind::Group, group, add).await?;
    let was_member = is_member(&bench.record(Kind::User, &id).await?, group);
    bench.delete(Kind::User, &id).await?;
    let again = bench.delete(Kind::User, &id).await?;
    findings.add("second-delete", if again.is_ok() { "no-content" } else { again.verdict() });

    let made = bench.create(Kind::User, &name, &user_body(&name, json!({}))).await?;
    let Some(new) = made.id().filter(|_| made.is_ok()) else {
        findings.add("recreation", made.verdict());
        return Ok(());
    };
    let is_back = was_member && is_member(&bench.record(Kind::User, new).await?, group);
    findings.add(
        "recreation",
        match (new == id, is_back) {
            (true, true) => "restored",
            (true, false) => "same-id",
            (false, _) => "new-id",
        },
    );
    Ok(())
}

async fn off<D: Directory>(bench: &mut Bench<'_, D>, findings: &mut Findings, domain: &str) -> anyhow::Result<()> {
    let by_text = user(bench, domain, json!({})).await?;
    let answer =
        bench.patch(Kind::User, &by_text.id, json!([{"op": "replace", "path": "active", "value": "False"}])).await?;
    let is_off = !is_active(bench, &by_text, &answer).await?;
    findings.add_tried("active-as-text", &answer, is_off);

    let Own { id, name } = user(bench, domain, json!({})).await?;
    let switch = |is_on: bool| json!([{"op": "replace", "path": "active", "value": is_on}]);
    let answer = bench.patch(Kind::User, &id, switch(false)).await?;
    if !answer.is_ok() {
        findings.add("deactivation", answer.verdict());
        return Ok(());
    }
    let is_seen = !bench.record(Kind::User, &id).await?.is_null();
    let is_found = is_found(bench, &name, &id).await?;
    // A user who is hidden can be switched on again; one who is deleted cannot.
    let is_there = is_seen || is_switched_on(&bench.patch(Kind::User, &id, switch(true)).await?)?;
    findings.add("deactivation", if is_there { "keeps" } else { "deletes" });
    match (is_there, is_seen, is_found) {
        (false, ..) => findings.add_unclear("inactive-users", "they are deleted"),
        (true, true, true) => findings.add("inactive-users", "listed"),
        (true, true, false) => findings.add("inactive-users", "unlisted"),
        (true, false, _) => findings.add("inactive-users", "hidden"),
    }
    Ok(())
}

/// Whether somebody who is not seen was there to be switched on.
fn is_switched_on(answer: &Answer) -> anyhow::Result<bool> {
    ensure!(answer.is_ok() || answer.is_gone(), Unclear(answer.doubt()));
    Ok(answer.is_ok())
}

/// Whether a user is found by its username, among the last users of the list where the filter does not find it.
async fn is_found<D: Directory>(bench: &mut Bench<'_, D>, name: &str, user: &str) -> anyhow::Result<bool> {
    let filter = format!("userName eq \"{name}\"");
    let is_it = |row: &Value| id(row) == Some(user);
    if bench.list("Users", &[("filter", &filter)]).await?.rows().iter().any(is_it) {
        return Ok(true);
    }
    let total = bench.list("Users", &[("count", "1")]).await?.number("totalResults").unwrap_or_default();
    let start = total.saturating_sub(99).max(1).to_string();
    let last = bench.list("Users", &[("startIndex", &start), ("count", "100")]).await?;
    Ok(last.rows().iter().any(is_it))
}

/// Whether a user is switched on, by what the vendor answered or shows. One who is not there is not.
async fn is_active<D: Directory>(bench: &mut Bench<'_, D>, user: &Own, answer: &Answer) -> anyhow::Result<bool> {
    let record = bench.record(Kind::User, &user.id).await?;
    let active = record.get("active").or(answer.json.get("active").filter(|_| record.is_null()));
    Ok(match active {
        Some(Value::Bool(active)) => *active,
        Some(Value::String(active)) => active.eq_ignore_ascii_case("true"),
        _ => false,
    })
}

fn is_member(record: &Value, group: &str) -> bool {
    values(record, "groups").contains(&group)
}
