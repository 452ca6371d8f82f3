//! `find-user` and `find-group`: the vendor's filter, and the check that it was a filter. Never a walk.

use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use crate::account::Account;
use crate::error::{error, invalid_input, protocol, unsupported};
use crate::filter;
use crate::http::{Response, Send};
use crate::layout::Layout;
use crate::list::{LARGEST_PAGE, Record, collection, no_collection, records};
use crate::mapping::{Mapping, Resource, Unified};
use crate::page;
use crate::wit;

/// Every user with this key. Requests: 1.
pub fn user(
    account: &Account,
    key: &wit::UserKey,
    options: wit::ReadOptions,
    send: &mut Send<'_>,
) -> Result<Vec<wit::User>, wit::Error> {
    let (field, value) = match key {
        wit::UserKey::Username(name) => (Unified::Username, name),
        wit::UserKey::ExternalId(id) => (Unified::ExternalId, id),
        wit::UserKey::Email(email) => (Unified::Emails, email),
    };
    find(account, field, value, options, send, |user: &wit::User| match key {
        wit::UserKey::Username(name) => fit(user.username.as_deref(), name, Case::Ignored),
        wit::UserKey::ExternalId(id) => fit(user.external_id.as_deref(), id, Case::Kept),
        wit::UserKey::Email(email) => {
            user.emails.iter().map(|known| fit(Some(&known.email), email, Case::Ignored)).max().unwrap_or(Fit::Stranger)
        }
    })
}

/// Every group with this key. Requests: 1.
pub fn group(
    account: &Account,
    key: &wit::GroupKey,
    options: wit::ReadOptions,
    send: &mut Send<'_>,
) -> Result<Vec<wit::Group>, wit::Error> {
    let (field, value) = match key {
        wit::GroupKey::Name(name) => (Unified::Name, name),
        wit::GroupKey::ExternalId(id) => (Unified::ExternalId, id),
    };
    find(account, field, value, options, send, |group: &wit::Group| match key {
        wit::GroupKey::Name(name) => fit(group.name.as_deref(), name, Case::Ignored),
        wit::GroupKey::ExternalId(id) => fit(group.external_id.as_deref(), id, Case::Kept),
    })
}

/// How a row fits a key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// Not at all: the vendor did not filter.
    Stranger,
    /// But for the case, which this key keeps.
    CaseDiffers,
    /// It has the key.
    Match,
}

/// Whether upper and lower case are the same in a key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Case {
    Ignored,
    Kept,
}

fn fit(found: Option<&str>, wanted: &str, case: Case) -> Fit {
    match found {
        Some(found) if found == wanted => Fit::Match,
        Some(found) if found.eq_ignore_ascii_case(wanted) => match case {
            Case::Ignored => Fit::Match,
            Case::Kept => Fit::CaseDiffers,
        },
        _ => Fit::Stranger,
    }
}

fn find<R: Record>(
    account: &Account,
    field: Unified,
    value: &str,
    options: wit::ReadOptions,
    send: &mut Send<'_>,
    fits: impl Fn(&R) -> Fit,
) -> Result<Vec<R>, wit::Error> {
    let mapping = Mapping::standard(R::RESOURCE, &account.settings.quirks);
    let response = ask(account, &mapping, field, value, send)?;
    let text = response.text();
    let listing = page::read(&text).map_err(|err| protocol(&err))?;
    let received = listing.rows.as_ref().map_or(0, Vec::len);
    let (mut records, unreadable) = records::<R>(&listing, &Layout::new(&mapping), options);
    let is_filtered = records.iter().all(|record| fits(record) != Fit::Stranger);
    check(R::RESOURCE, field, is_filtered, received, listing.total, unreadable.first())?;
    records.retain(|record| fits(record) == Fit::Match);
    Ok(records)
}

/// The vendor's answer to the question for all records with this value.
fn ask(
    account: &Account,
    mapping: &Mapping,
    field: Unified,
    value: &str,
    send: &mut Send<'_>,
) -> Result<Response, wit::Error> {
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
) -> Result<(), wit::Error> {
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

/// A vendor that refuses the filter cannot filter; the caller walks instead.
fn refused(err: wit::Error, name: &str) -> wit::Error {
    let by_code = err.code.as_deref() == Some("invalidFilter");
    if !by_code && err.http_status != Some(501) {
        return err;
    }
    let message = format!("the vendor refused the filter by `{name}`; list and compare");
    wit::Error { http_status: err.http_status, ..unsupported("filter-refused", &message) }
}
