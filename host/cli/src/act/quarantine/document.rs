//! The documents of quarantines in the store, as what they are.

use std::collections::BTreeMap;

use portcullis_reconcile::act::Quarantine;
use portcullis_store::{QuarantineRecord, Store};

use crate::exit::Exit;
use crate::failure::Failure;

/// All quarantines at an endpoint, by the ids of the users.
pub(crate) async fn all(store: &Store, endpoint: &str) -> anyhow::Result<BTreeMap<String, Quarantine>> {
    let documents = store.quarantines(endpoint).await?;
    documents.into_iter().map(|(id, document)| Ok((id, parse(&document)?))).collect()
}

/// Reads one. One that cannot be read is never passed over: what was before is in it.
pub(in crate::act) fn parse(document: &str) -> anyhow::Result<Quarantine> {
    Quarantine::parse(document).map_err(|error| {
        let message = format!("the record of a quarantine cannot be read: {error}");
        let hint = "a newer version of this program may have written it; nothing was sent";
        Failure::new(Exit::Other, message, hint).into()
    })
}

/// Writes one down. It is on the disk when this answers.
pub(in crate::act) async fn write(record: &QuarantineRecord, quarantine: &Quarantine) -> anyhow::Result<()> {
    Ok(record.put(&serde_json::to_string(quarantine)?).await?)
}

/// `since … by …: reason`.
pub(crate) fn shown(quarantine: &Quarantine) -> String {
    let cause = &quarantine.cause;
    let reason = cause.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    format!("since {} by {}{reason}", cause.since, cause.by)
}
