//! `get-user` and `get-group`: one record by its identifier.

use crate::account::{Account, segment};
use crate::error::{error, protocol};
use crate::http::Send;
use crate::json::Json;
use crate::layout::Layout;
use crate::list::Record;
use crate::mapping::Mapping;
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
    let text = fetch::<R>(account, "id", id, send)?;
    let remote_data = options
        .contains(wit::ReadOptions::REMOTE_DATA)
        .then(|| text.clone());
    let record = R::from_scim(row::<R>(&text, &layout)?, &layout, remote_data);
    let record: R = record.map_err(|reason| {
        protocol(&format!(
            "the {} is unreadable: {reason}",
            R::RESOURCE.name()
        ))
    })?;
    expect_id(record.id(), id)?;
    Ok(record)
}

/// The JSON text of a record.
pub(crate) fn fetch<R: Record>(
    account: &Account,
    field: &str,
    id: &str,
    send: &mut Send<'_>,
) -> Result<String, wit::Error> {
    let path = format!("{}/{}", R::RESOURCE.collection(), segment(field, id)?);
    let response = status::success("GET", send(account.endpoint.get(&path))).map_err(|err| {
        match err.kind {
            wit::ErrorKind::NotFound => {
                let message = format!("there is no {} with the id `{id}`", R::RESOURCE.name());
                wit::Error {
                    code: err.code,
                    http_status: err.http_status,
                    ..error(wit::ErrorKind::NotFound, &message)
                }
            }
            _ => err,
        }
    })?;
    Ok(response
        .text()
        .trim_start_matches('\u{feff}')
        .trim()
        .to_owned())
}

/// The record, decoded.
pub(crate) fn row<'a, R: Record>(text: &'a str, layout: &Layout) -> Result<Row<'a>, wit::Error> {
    let json = Json::parse(text).map_err(|err| err.to_string());
    json.and_then(|json| Row::decode(json, layout))
        .map_err(|reason| {
            protocol(&format!(
                "the vendor's answer is no {}: {reason}",
                R::RESOURCE.name()
            ))
        })
}

/// A server that answers with another record than the one asked for would have a wrong person edited.
pub(crate) fn expect_id(found: &str, wanted: &str) -> Result<(), wit::Error> {
    if found == wanted {
        return Ok(());
    }
    Err(protocol(&format!(
        "asked for the id `{wanted}`, the vendor answered with the id `{found}`"
    )))
}
