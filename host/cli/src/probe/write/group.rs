//! Groups and their members.

use portcullis_directory::Directory;
use serde_json::{Value, json};

use super::{CORE_GROUP, user};
use crate::probe::answer::{Answer, text, values};
use crate::probe::bench::Bench;
use crate::probe::finding::{Findings, UNCLEAR};
use crate::probe::ledger::Kind;
use crate::probe::read::NOBODY;

/// Makes a group with two members, changes it, and gives its id.
pub(super) async fn probe<D: Directory>(
    bench: &mut Bench<'_, D>,
    findings: &mut Findings,
    domain: &str,
) -> anyhow::Result<String> {
    let name = bench.name();
    let group = bench.make(Kind::Group, &name, &body(&name)).await?;
    let empty = bench.record(Kind::Group, &group).await?;
    let (one, two) = (user(bench, domain, json!({})).await?.id, user(bench, domain, json!({})).await?.id);

    let added = bench.patch(Kind::Group, &group, add(&[&one, &two])).await?;
    findings.add(
        "group-patch-answer",
        match (added.status, added.body.is_empty()) {
            (204, _) | (200, true) => "no-content",
            (200..=299, false) => "body",
            _ => added.verdict(),
        },
    );
    let is_shown = values(&bench.record(Kind::Group, &group).await?, "members").contains(&one.as_str());
    // Members who are not shown may not be there; the users tell.
    let has_members = is_shown || !members_of(bench, &group, [&one, &two]).await?.is_empty();
    if has_members && findings.found("members-in-group").is_none() {
        let shown = match (is_shown, empty.get("members").is_some()) {
            (true, true) => "present",
            (true, false) => "omitted-when-empty",
            (false, _) => "omitted-always",
        };
        findings.replace("members-of-full-group", if is_shown { "on" } else { "off" });
        findings.replace("members-in-group", shown);
    }

    let again = bench.patch(Kind::Group, &group, add(&[&one])).await?;
    findings.add("duplicate-member", tolerated(&again));
    let unknown = bench.patch(Kind::Group, &group, add(&[NOBODY])).await?;
    findings.add("unknown-member", if unknown.is_ok() { "ignored" } else { unknown.verdict() });

    let filtered = |id: &str| json!([{"op": "remove", "path": format!("members[value eq \"{id}\"]")}]);
    let by_filter = removed(bench, &group, [&one, &two], filtered(&one)).await?;
    findings.add("filtered-removal", by_filter.as_str());
    let listed = |id: &str| json!([{"op": "remove", "path": "members", "value": [{"value": id}]}]);
    let by_list = removed(bench, &group, [&one, &two], listed(&one)).await?;
    findings.add("listed-removal", by_list.as_str());
    // Twice, so that it is no member the second time, in a way that was seen to work.
    let removal = match (by_filter.as_str(), by_list.as_str()) {
        ("removes", _) => Some(filtered(&one)),
        (_, "removes") => Some(listed(&one)),
        _ => None,
    };
    if let Some(removal) = removal {
        bench.patch(Kind::Group, &group, removal.clone()).await?;
        let absent = bench.patch(Kind::Group, &group, removal).await?;
        findings.add("absent-member", tolerated(&absent));
    } else {
        findings.add_unclear("absent-member", "no single member could be removed");
    }

    let second = bench.create(Kind::Group, &name, &body(&name)).await?;
    findings.add("duplicate-group-name", if second.is_ok() { "allowed" } else { second.verdict() });
    put(bench, findings, &group).await?;
    Ok(group)
}

async fn put<D: Directory>(bench: &mut Bench<'_, D>, findings: &mut Findings, group: &str) -> anyhow::Result<()> {
    let name = bench.name();
    let answer =
        bench.change("PUT", Kind::Group, group, &json!({"schemas": [CORE_GROUP], "displayName": name})).await?;
    let record = bench.record(Kind::Group, group).await?;
    match (answer.is_ok(), text(&record, "displayName") == Some(&name), record.get("externalId")) {
        (false, ..) => findings.add("put-group", answer.verdict()),
        (true, true, Some(_)) => findings.add("put-group", "merges"),
        (true, true, None) => findings.add("put-group", "replaces"),
        (true, false, _) => findings.add("put-group", "ignored"),
    }
    Ok(())
}

/// What became of the first of two members, in a word. Both are in the group before.
async fn removed<D: Directory>(
    bench: &mut Bench<'_, D>,
    group: &str,
    both: [&String; 2],
    operations: Value,
) -> anyhow::Result<String> {
    for id in both {
        // One that is in already may be refused.
        bench.patch(Kind::Group, group, add(&[id])).await?;
    }
    let before = members_of(bench, group, both).await?;
    if before.len() != 2 {
        return Ok(format!("{UNCLEAR}members cannot be added or seen"));
    }
    let answer = bench.patch(Kind::Group, group, operations).await?;
    let after = members_of(bench, group, both).await?;
    if !answer.is_ok() {
        return Ok(answer.refusal());
    }
    let became = match after.as_slice() {
        [] => "empties",
        [left] if left == both[1] => "removes",
        [_] => "removes the other",
        _ => "ignored",
    };
    Ok(became.to_owned())
}

/// Which of two users are members, from the users' side, which shows it also where the group does not.
async fn members_of<D: Directory>(
    bench: &mut Bench<'_, D>,
    group: &str,
    both: [&String; 2],
) -> anyhow::Result<Vec<String>> {
    let mut members = Vec::new();
    for id in both {
        if values(&bench.record(Kind::User, id).await?, "groups").contains(&group) {
            members.push(id.clone());
        }
    }
    Ok(members)
}

fn tolerated(answer: &Answer) -> &'static str {
    if answer.is_ok() { "tolerated" } else { answer.verdict() }
}

fn add(ids: &[&str]) -> Value {
    let members: Vec<_> = ids.iter().map(|id| json!({"value": id})).collect();
    json!([{"op": "add", "path": "members", "value": members}])
}

fn body(name: &str) -> Value {
    json!({"schemas": [CORE_GROUP], "displayName": name, "externalId": name})
}
