//! `get-user` and `get-group`: one record by its identifier.

use alloc::borrow::ToOwned;
use alloc::format;

use crate::account::{Account, segment};
use crate::error::{error, protocol};
use crate::http::{Response, Send};
use crate::json::Json;
use crate::layout::Layout;
use crate::list::Record;
use crate::mapping::{Mapping, Resource};
use crate::row::Row;
use crate::status;
use crate::wit;

/// The record with this identifier. Requests: 1.
pub fn get<R: Record>(
    account: &Account,
    id: &str,
    options: wit::ReadOptions,
    send: &mut Send<'_>,
) -> Result<R, wit::Error> {
    let layout = Layout::new(&Mapping::standard(R::RESOURCE, &account.settings.quirks));
    let response = fetch(account, R::RESOURCE, "id", id, send)?;
    let text = response.text();
    let json = Json::parse(&text).map_err(|reason| unreadable(R::RESOURCE, &reason))?;
    let remote_data = options.contains(wit::ReadOptions::REMOTE_DATA).then(|| json.json().to_owned());
    let record = Row::decode(json, &layout).and_then(|row| R::from_scim(row, &layout, remote_data));
    let record = record.map_err(|reason| unreadable(R::RESOURCE, &reason))?;
    expect_id(record.id(), id)?;
    Ok(record)
}

/// The vendor's answer to the question for one record.
pub(crate) fn fetch(
    account: &Account,
    resource: Resource,
    field: &str,
    id: &str,
    send: &mut Send<'_>,
) -> Result<Response, wit::Error> {
    let path = format!("{}/{}", resource.collection(), segment(field, id)?);
    status::success("GET", send(&account.endpoint.get(&path))).map_err(|err| match err.kind {
        wit::ErrorKind::NotFound => {
            let message = format!("there is no {} with the id `{id}`", resource.name());
            wit::Error { code: err.code, http_status: err.http_status, ..error(wit::ErrorKind::NotFound, &message) }
        }
        _ => err,
    })
}

/// The vendor's answer is not the record that it should be.
pub(crate) fn unreadable(resource: Resource, reason: &str) -> wit::Error {
    protocol(&format!("the vendor's answer is no {}: {reason}", resource.name()))
}

/// A server that answers with another record than the one asked for would have a wrong person edited.
pub(crate) fn expect_id(found: &str, wanted: &str) -> Result<(), wit::Error> {
    if found == wanted {
        return Ok(());
    }
    Err(protocol(&format!("asked for the id `{wanted}`, the vendor answered with the id `{found}`")))
}
