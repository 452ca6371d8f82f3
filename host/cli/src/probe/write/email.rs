//! Addresses: whether they can be replaced, and by what.

use portcullis_directory::Directory;
use serde_json::{Value, json};

use super::{Own, user};
use crate::probe::answer::values;
use crate::probe::bench::Bench;
use crate::probe::finding::{Findings, UNCLEAR};
use crate::probe::ledger::Kind;

const WORK: &str = "emails[type eq \"work\"].value";

/// Replaces two addresses by another one, in each way.
pub(super) async fn probe<D: Directory>(
    bench: &mut Bench<'_, D>,
    findings: &mut Findings,
    domain: &str,
) -> anyhow::Result<()> {
    let new = format!("new@{domain}");
    let one = |operation: Value| json!([operation]);
    let replaced = tried(bench, domain, &new, one(json!({"op": "replace", "path": WORK, "value": new}))).await?;
    findings.add("email-replacement", replaced);
    let list = json!({"op": "replace", "path": "emails", "value": [{"value": new, "type": "work"}]});
    let replaced = tried(bench, domain, &new, one(list)).await?;
    findings.add("email-list-replacement", replaced);
    let pair = json!([{"op": "remove", "path": "emails"}, {"op": "add", "path": WORK, "value": new}]);
    let paired = tried(bench, domain, &new, pair).await?;
    match paired.as_str() {
        "all" => findings.add("email-pair", "in-order"),
        "appends" => findings.add("email-pair", "remove-ignored"),
        "none" => findings.add("email-pair", "add-ignored"),
        _ => findings.add("email-pair", paired),
    }
    Ok(())
}

/// What became of two addresses, in a word.
async fn tried<D: Directory>(
    bench: &mut Bench<'_, D>,
    domain: &str,
    new: &str,
    operations: Value,
) -> anyhow::Result<String> {
    let old = [format!("one@{domain}"), format!("two@{domain}")];
    let emails: Vec<_> = old.iter().map(|email| json!({"value": email, "type": "work"})).collect();
    let Own { id, .. } = user(bench, domain, json!({ "emails": emails })).await?;
    let before = bench.record(Kind::User, &id).await?;
    if values(&before, "emails").len() != 2 {
        return Ok(format!("{UNCLEAR}the vendor keeps one address"));
    }
    let answer = bench.patch(Kind::User, &id, operations).await?;
    let record = bench.record(Kind::User, &id).await?;
    bench.delete(Kind::User, &id).await?;
    let after = values(&record, "emails");
    let kept = after.iter().filter(|email| old.iter().any(|old| old == *email)).count();
    if !answer.is_ok() {
        return Ok(answer.refusal());
    }
    let became = match (after.contains(&new), kept) {
        (true, 0) => "all",
        (true, 1) => "first",
        (true, _) => "appends",
        (false, 0) => "none",
        (false, _) => "ignored",
    };
    Ok(became.to_owned())
}
