//! `find-user` and `find-group`: the vendor's filter, and the check that it was a filter. Never a walk.

use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use crate::account::Account;
use crate::error::{Error, error, instead_of, invalid_input, protocol, unsupported};
use crate::filter;
use crate::http::{Response, Send};
use crate::layout::Layout;
use crate::list::{LARGEST_PAGE, collection, is_damaged, no_collection, records};
use crate::mapping::{Mapping, Resource};
use crate::page;
use crate::record::Record;
use crate::unified::Unified;
use crate::wit;

/// Every user with this key. Requests: 1.
pub fn user(
    account: &Account,
    key: &wit::UserKey,
    options: wit::ReadOptions,
    send: &mut Send<'_>,
) -> Result<Vec<Record>, Error> {
    let (field, value) = match key {
        wit::UserKey::Username(name) => (Unified::Username, name),
        wit::UserKey::ExternalId(id) => (Unified::ExternalId, id),
        wit::UserKey::Email(email) => (Unified::Emails, email),
    };
    find(account, Resource::User, field, value, options, send)
}

/// Every group with this key. Requests: 1.
pub fn group(
    account: &Account,
    key: &wit::GroupKey,
    options: wit::ReadOptions,
    send: &mut Send<'_>,
) -> Result<Vec<Record>, Error> {
    let (field, value) = match key {
        wit::GroupKey::Name(name) => (Unified::Name, name),
        wit::GroupKey::ExternalId(id) => (Unified::ExternalId, id),
    };
    find(account, Resource::Group, field, value, options, send)
}

/// The field by which people know a record.
pub(crate) fn known_by(resource: Resource) -> Unified {
    match resource {
        Resource::User => Unified::Username,
        Resource::Group => Unified::Name,
    }
}

/// Every record that has this value. Requests: 1.
pub(crate) fn find(
    account: &Account,
    resource: Resource,
    field: Unified,
    value: &str,
    options: wit::ReadOptions,
    send: &mut Send<'_>,
) -> Result<Vec<Record>, Error> {
    let mapping = account.settings.mapping(resource);
    let response = ask(account, &mapping, field, value, send)?;
    let text = response.text();
    let tape = page::tape(&text).map_err(|err| protocol(&err))?;
    let listing = page::read(tape.root()).map_err(|err| protocol(&err))?;
    let received = listing.rows.as_ref().map_or(0, Vec::len);
    let (mut records, unreadable) = records(&listing, is_damaged(&text), &Layout::new(&mapping), options);
    let fits = |record: &Record| fit(&record.keys(field), value, field);
    let is_filtered = records.iter().all(|record| fits(record) != Fit::Stranger);
    check(resource, field, is_filtered, received, listing.total, unreadable.first())?;
    records.retain(|record| fits(record) == Fit::Match);
    Ok(records)
}

/// How a row fits a key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fit {
    /// Not at all: the vendor did not filter.
    Stranger,
    /// But for the case, which this key keeps.
    CaseDiffers,
    /// It has the key.
    Match,
}

/// Compares with the key; only external ids keep upper and lower case apart.
fn fit(found: &[&str], wanted: &str, field: Unified) -> Fit {
    if !found.iter().any(|found| found.eq_ignore_ascii_case(wanted)) {
        return Fit::Stranger;
    }
    if field == Unified::ExternalId && !found.contains(&wanted) { Fit::CaseDiffers } else { Fit::Match }
}

/// The vendor's answer to the question for all records with this value.
fn ask(
    account: &Account,
    mapping: &Mapping,
    field: Unified,
    value: &str,
    send: &mut Send<'_>,
) -> Result<Response, Error> {
    let name = field.name();
    if value.is_empty() {
        return Err(invalid_input(name, &format!("`{name}` is empty")));
    }
    let row = mapping.row(field).filter(|row| row.findable);
    let Some(path) = row.and_then(|row| row.read.first()) else {
        let resource = mapping.resource.name();
        let message = format!("the vendor is not known to filter {resource}s by `{name}`; list them and compare");
        return Err(unsupported("no-filter", &message));
    };
    let filter = filter::equals(path, value);
    let count = LARGEST_PAGE.to_string();
    let query = [("startIndex", "1"), ("count", &count), ("filter", &filter)];
    collection(account, mapping.resource, &query, send).map_err(|err| refused(no_collection(err), name))
}

/// Whether the answer is one to a question by this field, and the whole of it.
fn check(
    resource: Resource,
    field: Unified,
    is_filtered: bool,
    received: usize,
    total: Option<u32>,
    unreadable: Option<&wit::Unreadable>,
) -> Result<(), Error> {
    let (resource, name) = (resource.name(), field.name());
    if let Some(unreadable) = unreadable {
        return Err(protocol(&format!("a {resource} that the vendor found is unreadable: {}", unreadable.reason)));
    }
    if !is_filtered {
        let message =
            format!("the vendor answers the filter by `{name}` with others too; list the {resource}s and compare");
        return Err(unsupported("filter-ignored", &message));
    }
    let total = total.and_then(|total| usize::try_from(total).ok()).unwrap_or(received);
    if received == 0 && total > 0 {
        return Err(protocol(&format!("the vendor sent no rows, though it counts {total}")));
    }
    if total > received {
        let message = format!("{total} {resource}s have this `{name}`, more than one page holds");
        return Err(error(wit::ErrorKind::Conflict, &message));
    }
    Ok(())
}

/// A vendor that refuses the filter cannot filter; the caller walks instead. The request is right but for the filter,
/// so a refusal of it means the filter, unless it says that there are too many matches (RFC 7644 section 3.12).
fn refused(err: Error, name: &str) -> Error {
    match (err.http_status, err.code.as_deref()) {
        (Some(400), Some("tooMany")) => {
            let message = format!("more records have this `{name}` than the vendor answers with");
            return instead_of(err, error(wit::ErrorKind::Conflict, &message));
        }
        (Some(400 | 501), _) => {}
        _ => return err,
    }
    let message = format!("the vendor refused the filter by `{name}`; list and compare");
    let mut unsupported = unsupported("filter-refused", &message);
    unsupported.http_status = err.http_status;
    unsupported
}
