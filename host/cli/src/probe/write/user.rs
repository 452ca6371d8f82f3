//! Changing a user: the dialects of PATCH, PUT, and another username.

use portcullis_directory::Directory;
use serde_json::{Value, json};

use super::{CORE_USER, Own};
use crate::probe::answer::text;
use crate::probe::bench::Bench;
use crate::probe::finding::Findings;
use crate::probe::ledger::Kind;

/// Tries each dialect with a value that no other one has set.
pub(super) async fn probe<D: Directory>(
    bench: &mut Bench<'_, D>,
    findings: &mut Findings,
    user: &Own,
) -> anyhow::Result<()> {
    let id = &user.id;
    let title = |value: &str| json!([{"op": "replace", "path": "title", "value": value}]);
    let answer = bench.patch(Kind::User, id, title("plain")).await?;
    let is_applied = is_titled(&bench.record(Kind::User, id).await?, "plain");
    findings.add(
        "patch-effect",
        match (answer.is_ok(), is_applied) {
            (true, true) => "applied",
            (true, false) => "ignored",
            (false, _) => answer.verdict(),
        },
    );
    let dialects = [
        ("capital-operators", json!([{"op": "Replace", "path": "title", "value": "capital"}]), "capital"),
        ("patch-without-path", json!([{"op": "replace", "value": {"title": "pathless"}}]), "pathless"),
    ];
    for (name, operations, value) in dialects {
        let answer = bench.patch(Kind::User, id, operations).await?;
        let is_done = is_titled(&bench.record(Kind::User, id).await?, value);
        findings.add_tried(name, &answer, is_done);
    }

    // Without a title, and with what such a request cannot do without.
    let body = json!({"schemas": [CORE_USER], "id": id, "userName": user.name, "nickName": "Put"});
    let answer = bench.change("PUT", Kind::User, id, &body).await?;
    let record = bench.record(Kind::User, id).await?;
    match (answer.is_ok(), text(&record, "nickName"), record.get("displayName")) {
        (false, ..) => findings.add("put-user", answer.verdict()),
        (true, Some("Put"), Some(_)) => findings.add("put-user", "merges"),
        (true, Some("Put"), None) => findings.add("put-user", "replaces"),
        (true, ..) => findings.add("put-user", "ignored"),
    }

    let renamed = format!("{}-{}", bench.name(), user.name);
    let rename = json!([{"op": "replace", "path": "userName", "value": renamed}]);
    let answer = bench.patch(Kind::User, id, rename).await?;
    let is_renamed = text(&bench.record(Kind::User, id).await?, "userName") == Some(&renamed);
    findings.add(
        "user-name-change",
        match (answer.is_ok(), is_renamed) {
            (true, true) => "allowed",
            (true, false) => "ignored",
            (false, _) => answer.verdict(),
        },
    );
    Ok(())
}

fn is_titled(record: &Value, title: &str) -> bool {
    text(record, "title") == Some(title)
}
