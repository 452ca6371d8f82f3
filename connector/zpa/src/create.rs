//! `create-user` and `create-group`: one POST, and what can be said of the record that is in the way.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use crate::account::Account;
use crate::error::{Error, after_write, error, instead_of, invalid_input, protocol};
use crate::field::Value;
use crate::find::{find, known_by};
use crate::get::read;
use crate::http::{Request, Send};
use crate::layout::Layout;
use crate::list::no_collection;
use crate::mapping::Resource;
use crate::record::Record;
use crate::unified::Unified;
use crate::verification::{self, Wanted};
use crate::wit;
use crate::{change, document, status};

/// Makes a record out of these changes. Requests: at most 3, the third only with `verify`.
pub fn create(
    account: &Account,
    resource: Resource,
    changes: &[wit::Change],
    options: wit::WriteOptions,
    send: &mut Send<'_>,
) -> Result<Record, Error> {
    let mapping = account.settings.mapping(resource);
    let edits = change::parse(&mapping, changes)?;
    if let Some(edit) = edits.iter().find(|edit| edit.value.is_none()) {
        let field = edit.row.field.to_string();
        return Err(invalid_input(&field, &format!("`{field}` is cleared, though there is nothing yet to clear")));
    }
    let key = known_by(resource);
    let text_of = |field: Unified| {
        edits.iter().find(|edit| edit.row.field.is(field)).and_then(|edit| match &edit.value {
            Some(Value::Text(text)) => Some(text.as_str()),
            _ => None,
        })
    };
    let Some(name) = text_of(key) else {
        let name = key.name();
        return Err(invalid_input(name, &format!("a {} needs `{name}`", resource.name())));
    };

    let request = write(account, "POST", resource.collection(), document::body(resource, &edits));
    let response = match status::success("POST", send(&request)) {
        Ok(response) => response,
        Err(err) if err.kind == wit::ErrorKind::Conflict => {
            return Err(taken(account, resource, err, name, text_of(Unified::ExternalId), send));
        }
        Err(err) => return Err(no_collection(err)),
    };
    let layout = Layout::new(&mapping);
    let created = match read(&response, &layout, wit::ReadOptions::empty()) {
        Ok(record) if record.keys(key).iter().any(|known| known.eq_ignore_ascii_case(name)) => record,
        // Servers were seen to answer a creation with a record that has no id, or with none (scim-peers 1), and an error
        // of the vendor's has an id of its own (zpa-scim 9).
        other => {
            let what =
                other.err().unwrap_or_else(|| protocol("the vendor answered with another record than it was to make"));
            let found = by_name(account, resource, name, send).unwrap_or_default();
            made(found, text_of(Unified::ExternalId)).ok_or_else(|| after_write(what))?
        }
    };
    if !options.contains(wit::WriteOptions::VERIFY) {
        return Ok(created);
    }
    let wanted = Wanted { layout: &layout, edits: &edits };
    let shown = verification::read_back(account, created.id(), &wanted, send)?;
    shown.ok_or_else(|| after_write(protocol("the vendor answered that it made the record, which is not there")))
}

/// The record that was made, out of those that have its name. A group's name is not its own (zpa-scim 8): an older one
/// may have it, which an external id tells apart.
fn made(mut found: Vec<Record>, external_id: Option<&str>) -> Option<Record> {
    let is_one = found.len() == 1;
    let record = found.pop().filter(|_| is_one)?;
    let is_sure = match &record {
        Record::User(_) => true,
        Record::Group(_) => external_id.is_some() && external_id == record.external_id(),
    };
    is_sure.then_some(record)
}

/// Every record with the name by which people know it.
fn by_name(account: &Account, resource: Resource, name: &str, send: &mut Send<'_>) -> Result<Vec<Record>, Error> {
    find(account, resource, known_by(resource), name, wit::ReadOptions::empty(), send)
}

/// A write with a body. Both media types are in use with ZPA (zpa-scim 1); this is the standard's.
pub(crate) fn write(account: &Account, method: &'static str, path: &str, body: Vec<u8>) -> Request {
    let mut request = account.endpoint.request(method, path);
    request.headers.push(("content-type".to_owned(), "application/scim+json".to_owned()));
    request.body = Some(body);
    request
}

/// The conflict, with the record that has the name where the vendor's filter finds it. It is the caller's own only if
/// the external id agrees, too: a name can be taken by somebody else (zpa-scim 4, 8).
fn taken(
    account: &Account,
    resource: Resource,
    err: Error,
    name: &str,
    external_id: Option<&str>,
    send: &mut Send<'_>,
) -> Error {
    let found = by_name(account, resource, name, send).unwrap_or_default();
    let Some(existing) = found.first() else { return err };
    let agrees = match (external_id, existing.external_id()) {
        (Some(wanted), Some(found)) if wanted == found => "the same external id, so it may be the one you mean",
        (Some(_), Some(_)) => "another external id, so it is somebody else",
        (Some(_), None) => "no external id, so look before you take it for yours",
        (None, _) => "perhaps been made by somebody else, so look before you take it for yours",
    };
    let id = existing.id();
    let what = format!("`{name}` is taken by the {} with the id `{id}`, which has {agrees}", resource.name());
    let mut conflict = instead_of(err, error(wit::ErrorKind::Conflict, &what));
    conflict.field = Some(known_by(resource).name().to_owned());
    conflict
}
