//! Pages: their sizes, their ends, and what they count.

use portcullis_directory::Directory;

use crate::probe::answer::{self, Answer};
use crate::probe::bench::Bench;
use crate::probe::finding::Findings;

/// Asks for pages that are out of the ordinary.
pub(super) async fn probe<D: Directory>(
    bench: &mut Bench<'_, D>,
    findings: &mut Findings,
    users: &Answer,
) -> anyhow::Result<()> {
    let total = users.number("totalResults").unwrap_or_default();
    default(bench, findings, total).await?;
    maximum(bench, findings, total).await?;
    let zero = bench.get("Users", &[("startIndex", "0"), ("count", "1")]).await?;
    let first = users.rows().first().and_then(answer::id);
    match (zero.is_ok(), zero.rows().first().and_then(answer::id) == first) {
        (false, _) => findings.add("start-index-zero", zero.refusal()),
        (true, true) => findings.add("start-index-zero", "is-one"),
        (true, false) => findings.add("start-index-zero", "other"),
    }
    past(bench, findings, total, users).await?;
    last(bench, findings, total).await
}

async fn default<D: Directory>(bench: &mut Bench<'_, D>, findings: &mut Findings, total: u64) -> anyhow::Result<()> {
    let page = bench.get("Users", &[]).await?;
    let rows = page.rows().len() as u64;
    if !page.is_list() {
        findings.add_unclear("default-page", &page.doubt());
    } else if rows < total {
        findings.add("default-page", rows.to_string());
    } else {
        findings.add_unclear("default-page", "all users fit on it");
    }
    Ok(())
}

async fn maximum<D: Directory>(bench: &mut Bench<'_, D>, findings: &mut Findings, total: u64) -> anyhow::Result<()> {
    let page = bench.get("Users", &[("count", "101")]).await?;
    let (rows, size) = (page.rows().len(), page.number("itemsPerPage"));
    match (page.is_ok(), rows, size) {
        (false, ..) => findings.add("count-above-maximum", page.refusal()),
        (true, 101.., _) => findings.add("count-above-maximum", "served"),
        // A page of a hundred where there are more, or a server that says so.
        (true, 100, _) if total > 100 => findings.add("count-above-maximum", "clamped"),
        (true, _, Some(100)) => findings.add("count-above-maximum", "clamped"),
        (true, ..) => findings.add_unclear("count-above-maximum", "there are not more than 100 users"),
    }
    Ok(())
}

async fn past<D: Directory>(
    bench: &mut Bench<'_, D>,
    findings: &mut Findings,
    total: u64,
    users: &Answer,
) -> anyhow::Result<()> {
    // Far enough behind the end that nobody who is made meanwhile is there.
    let start = (total + 1000).to_string();
    let page = bench.get("Users", &[("startIndex", &start), ("count", "100")]).await?;
    let is_first = page.rows().first().and_then(answer::id) == users.rows().first().and_then(answer::id);
    match (page.is_ok(), page.rows().is_empty(), is_first) {
        (false, ..) => findings.add("past-the-end", page.refusal()),
        (true, true, _) => findings.add("past-the-end", "empty"),
        (true, false, true) => findings.add("past-the-end", "first-page"),
        (true, false, false) => findings.add("past-the-end", "other"),
    }
    let nobody = if page.is_ok() && page.rows().is_empty() {
        page
    } else {
        let filter = format!("userName eq \"{}\"", super::NOBODY);
        bench.get("Users", &[("filter", &filter)]).await?
    };
    match nobody.json.get("Resources") {
        _ if !nobody.is_ok() || !nobody.rows().is_empty() => {
            findings.add_unclear("empty-resources", "no page without rows was seen");
        }
        None => findings.add("empty-resources", "omitted"),
        Some(_) => findings.add("empty-resources", "present"),
    }
    Ok(())
}

async fn last<D: Directory>(bench: &mut Bench<'_, D>, findings: &mut Findings, total: u64) -> anyhow::Result<()> {
    let page = bench.get("Users", &[("startIndex", &total.max(1).to_string()), ("count", "50")]).await?;
    match (page.rows().len(), page.number("itemsPerPage")) {
        _ if !page.is_list() => findings.add_unclear("items-per-page", &page.doubt()),
        (_, Some(50)) => findings.add("items-per-page", "page-size"),
        (rows, Some(size)) if rows as u64 == size && rows > 0 => findings.add("items-per-page", "rows"),
        (_, None) => findings.add("items-per-page", "omitted"),
        (..) => findings.add_unclear("items-per-page", "it is neither the rows nor the size of the page"),
    }
    Ok(())
}
