//! What is kept on this machine of a directory that plans are made for: who is who, what the last run left, and how much
//! was done in the last day.

use std::collections::BTreeMap;

use portcullis_reconcile::{LastRun, Plan, Reference};
use portcullis_store::Store;

use crate::{accounts, act};

/// What is kept.
pub(crate) struct Memory {
    pub(crate) links: BTreeMap<String, String>,
    pub(crate) last: Option<LastRun>,
    pub(crate) today: BTreeMap<String, u64>,
    pub(crate) quarantined: BTreeMap<String, String>,
}

impl Memory {
    /// Of the directory at this endpoint.
    pub(crate) async fn recall(store: &Store, endpoint: &str) -> anyhow::Result<Memory> {
        let since = accounts::now().saturating_sub(DAY);
        let last = store.last_run(endpoint).await?;
        let last = last.map(|document| serde_json::from_str(&document)).transpose();
        let last = last.map_err(|error| anyhow::anyhow!("the record of the last run is damaged: {error}"))?;
        let known = act::quarantines(store, endpoint).await?;
        let quarantined = known.into_iter().map(|(id, known)| (id, act::quarantine_shown(&known))).collect();
        let (links, today) = (store.links(endpoint).await?, store.count_applied(endpoint, since).await?);
        Ok(Memory { links, last, today, quarantined })
    }
}

/// Keeps who is who of a plan, and what a run left where it came to its end. Of an import nothing is kept: whom the source
/// of everybody does not name would be a leaver of it.
pub(crate) async fn keep(
    store: &Store,
    plan: &Plan,
    links: &[(String, String)],
    run: Option<LastRun>,
) -> anyhow::Result<()> {
    if plan.is_import {
        return Ok(());
    }
    let (endpoint, now) = (&plan.target.endpoint, accounts::now());
    store.put_links(endpoint, links, now).await?;
    if let Some(run) = run {
        store.record_run(endpoint, &serde_json::to_string(&run)?, now).await?;
    }
    Ok(())
}

/// Who is who among those who are there already.
pub(crate) fn links(plan: &Plan) -> Vec<(String, String)> {
    let of = |link: &portcullis_reconcile::Link| match &link.user {
        Reference::Id(id) => Some((link.key.clone(), id.clone())),
        Reference::New(_) => None,
    };
    plan.links.iter().filter_map(of).collect()
}

/// Seconds.
const DAY: i64 = 24 * 60 * 60;
