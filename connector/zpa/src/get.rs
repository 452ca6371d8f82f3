//! `get-user` and `get-group`: one record by its identifier.

use alloc::borrow::ToOwned;
use alloc::format;

use crate::account::{Account, segment};
use crate::error::{Error, error, instead_of, protocol};
use crate::http::{Response, Send};
use crate::layout::Layout;
use crate::mapping::Resource;
use crate::record::Record;
use crate::status;
use crate::wit;

/// The record with this identifier. Requests: 1.
pub fn get(
    account: &Account,
    resource: Resource,
    id: &str,
    options: wit::ReadOptions,
    send: &mut Send<'_>,
) -> Result<Record, Error> {
    let layout = Layout::new(&account.settings.mapping(resource));
    let response = fetch(account, resource, "id", id, send)?;
    let record = read(&response, &layout, options)?;
    expect_id(record.id(), id)?;
    Ok(record)
}

/// The record that an answer is.
pub(crate) fn read(response: &Response, layout: &Layout, options: wit::ReadOptions) -> Result<Record, Error> {
    let read = || {
        let tape = response.json()?;
        let json = tape.root();
        let remote_data = options.contains(wit::ReadOptions::REMOTE_DATA).then(|| json.json().to_owned());
        Record::from_scim(json, layout, remote_data)
    };
    read().map_err(|reason| unreadable(layout.resource, &reason))
}

/// The vendor's answer to the question for one record.
pub(crate) fn fetch(
    account: &Account,
    resource: Resource,
    field: &str,
    id: &str,
    send: &mut Send<'_>,
) -> Result<Response, Error> {
    let path = format!("{}/{}", resource.collection(), segment(field, id)?);
    status::success("GET", send(&account.endpoint.get(&path))).map_err(|err| no_record(resource, id, err))
}

/// What the vendor does not find is this record.
pub(crate) fn no_record(resource: Resource, id: &str, err: Error) -> Error {
    if err.kind != wit::ErrorKind::NotFound {
        return err;
    }
    let message = format!("there is no {} with the id `{id}`", resource.name());
    instead_of(err, error(wit::ErrorKind::NotFound, &message))
}

/// The vendor's answer is not the record that it should be.
pub(crate) fn unreadable(resource: Resource, reason: &str) -> Error {
    protocol(&format!("the vendor's answer is no {}: {reason}", resource.name()))
}

/// A server that answers with another record than the one asked for would have a wrong person edited.
pub(crate) fn expect_id(found: &str, wanted: &str) -> Result<(), Error> {
    if found == wanted {
        return Ok(());
    }
    Err(protocol(&format!("asked for the id `{wanted}`, the vendor answered with the id `{found}`")))
}
