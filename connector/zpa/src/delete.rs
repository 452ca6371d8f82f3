//! `delete-user` and `delete-group`: one DELETE, and the proof that what the vendor does not find was gone.

use alloc::format;

use crate::account::{Account, segment};
use crate::error::{Error, after_write, protocol};
use crate::get::fetch;
use crate::http::Send;
use crate::list::{collection, no_collection};
use crate::mapping::Resource;
use crate::page;
use crate::status;
use crate::wit;

/// Deletes a record; one that is gone is deleted. Requests: at most 2.
pub fn delete(
    account: &Account,
    resource: Resource,
    id: &str,
    options: wit::WriteOptions,
    send: &mut Send<'_>,
) -> Result<(), Error> {
    let path = format!("{}/{}", resource.collection(), segment("id", id)?);
    match status::success("DELETE", send(&account.endpoint.request("DELETE", &path))) {
        Ok(_) if options.contains(wit::WriteOptions::VERIFY) => {
            match fetch(account, resource, "id", id, send).map_err(after_write) {
                Err(err) if err.kind == wit::ErrorKind::NotFound => Ok(()),
                Err(err) => Err(err),
                Ok(_) => Err(after_write(protocol("the vendor accepted the deletion, and the record is still there"))),
            }
        }
        Ok(_) => Ok(()),
        // Nothing is found at a wrong endpoint either, and nobody would have been deleted there.
        Err(err) if err.kind == wit::ErrorKind::NotFound => {
            let query = [("startIndex", "1"), ("count", "1")];
            let response = collection(account, resource, &query, send).map_err(no_collection)?;
            let text = response.text();
            let tape = page::tape(&text);
            tape.and_then(|tape| page::read(tape.root()).map(drop)).map_err(|reason| protocol(&reason))
        }
        Err(err) => Err(err),
    }
}
