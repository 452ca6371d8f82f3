//! `list-users` and `list-groups`: one page, and the proof that it is the page that was asked for.

use alloc::borrow::{Cow, ToOwned};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use crate::account::Account;
use crate::cursor::{Cursor, List, fingerprint};
use crate::error::{Error, instead_of, invalid_input, line, protocol};
use crate::http::{self, Response, Send};
use crate::layout::Layout;
use crate::mapping::Resource;
use crate::page::{self, Listing};
use crate::record::Record;
use crate::status;
use crate::wit;

/// The largest page (zpa-scim 5: explicit for users, inferred for groups).
pub const LARGEST_PAGE: u32 = 100;

/// One page of the contract, of any record.
#[derive(Debug)]
pub struct Page<R> {
    pub items: Vec<R>,
    pub unreadable: Vec<wit::Unreadable>,
    pub next_cursor: Option<String>,
    pub prev_cursor: Option<String>,
    pub total: Option<u32>,
}

impl<R> Page<R> {
    /// The same page with these items of it.
    pub fn of<T>(self, item: impl Fn(R) -> Option<T>) -> Page<T> {
        let Page { items, unreadable, next_cursor, prev_cursor, total } = self;
        Page { items: items.into_iter().filter_map(item).collect(), unreadable, next_cursor, prev_cursor, total }
    }
}

/// One page of users or groups. Requests: 1.
pub fn list(
    account: &Account,
    resource: Resource,
    cursor: Option<&str>,
    size: Option<u32>,
    options: wit::ReadOptions,
    send: &mut Send<'_>,
) -> Result<Page<Record>, Error> {
    let list = match resource {
        Resource::User => List::Users,
        Resource::Group => List::Groups,
    };
    page_at(account, resource, position(account, list, 0, cursor, size)?, options, send)
}

/// The cursors of the pages from this one on. Requests: 0.
pub fn cursors_ahead(account: &Account, next_cursor: &str, at_most: u32) -> Result<Vec<String>, Error> {
    let cursor = Cursor::decode(next_cursor, &account.endpoint)?;
    Ok(cursor.ahead(at_most).map(|cursor| cursor.encode(&account.endpoint)).collect())
}

/// Where a page starts, from the arguments of the call.
pub(crate) fn position(
    account: &Account,
    list: List,
    scope: u64,
    cursor: Option<&str>,
    size: Option<u32>,
) -> Result<Cursor, Error> {
    match size {
        Some(0) => return Err(invalid_input("size", "size `0` asks for nothing")),
        Some(size) if size > LARGEST_PAGE => {
            let message = format!("size `{size}` is above the vendor's largest page of {LARGEST_PAGE}");
            return Err(invalid_input("size", &message));
        }
        _ => {}
    }
    let Some(text) = cursor else {
        return Ok(Cursor::beginning(list, size.unwrap_or(LARGEST_PAGE), scope));
    };
    let cursor = Cursor::decode(text, &account.endpoint)?;
    let fits = cursor.list == list && cursor.scope == scope && size.is_none_or(|size| size == cursor.size);
    if fits { Ok(cursor) } else { Err(invalid_input("cursor", "the cursor is not one of this account, list and size")) }
}

/// The page at a position.
pub(crate) fn page_at(
    account: &Account,
    resource: Resource,
    at: Cursor,
    options: wit::ReadOptions,
    send: &mut Send<'_>,
) -> Result<Page<Record>, Error> {
    let (start, count) = (at.start.to_string(), at.size.to_string());
    let mut query = vec![("startIndex", start.as_str()), ("count", count.as_str())];
    // Documented for groups alone (zpa-scim 6). Without it their order is nowhere promised.
    if resource == Resource::Group && account.settings.quirks.sort_groups {
        query.extend([("sortBy", "displayName"), ("sortOrder", "ascending")]);
    }
    let prev_cursor = previous(at).map(|cursor| cursor.encode(&account.endpoint));
    let end = Page { items: Vec::new(), unreadable: Vec::new(), next_cursor: None, prev_cursor, total: at.total };
    let response = match collection(account, resource, &query, send) {
        // How the vendor answers past the end is not known (zpa-scim 5); a refusal is one way to say that it is one.
        Err(err) if is_past_the_end(at) && matches!(err.http_status, Some(400 | 404 | 416)) => return Ok(end),
        answer => answer.map_err(no_collection)?,
    };
    let text = response.text();
    let tape = page::tape(&text).map_err(|err| protocol(&err))?;
    let listing = page::read(tape.root()).map_err(|err| protocol(&err))?;
    let layout = Layout::new(&account.settings.mapping(resource));
    let (items, unreadable) = records(&listing, is_damaged(&text), &layout, options);
    let first = items.first().map_or(0, |item| fingerprint(item.id()));
    // A list that has grown since is not past its end, and a repeated page of it is no answer.
    let is_still_past = listing.total.is_none_or(|total| at.start > total);
    if is_past_the_end(at) && is_still_past && repeats(at, &listing, first) {
        return Ok(Page { total: listing.total, ..end });
    }
    let next = next(at, &listing, first)?.map(|cursor| cursor.encode(&account.endpoint));
    Ok(Page { items, unreadable, next_cursor: next, total: listing.total, ..end })
}

/// A successful answer of a collection.
pub(crate) fn collection(
    account: &Account,
    resource: Resource,
    query: &[(&str, &str)],
    send: &mut Send<'_>,
) -> Result<Response, Error> {
    let path = format!("{}{}", resource.collection(), http::query(query));
    status::success("GET", send(&account.endpoint.get(&path)))
}

/// A collection that is not found is a wrong endpoint, never an absent record.
pub(crate) fn no_collection(err: Error) -> Error {
    if err.kind != wit::ErrorKind::NotFound {
        return err;
    }
    let message = "the vendor has no directory at this endpoint; check the IdP id in it, and that the tenant's users are \
                   not managed in ZIdentity, which has an API of its own";
    instead_of(err, invalid_input("endpoint", message))
}

/// Whether some of an answer was not UTF-8 and stands as replacement characters.
#[allow(clippy::ptr_arg, reason = "an owned text is one in which bytes were replaced")]
pub(crate) fn is_damaged(text: &Cow<'_, str>) -> bool {
    matches!(text, Cow::Owned(_))
}

/// The readable and the unreadable rows.
pub(crate) fn records(
    listing: &Listing<'_>,
    is_damaged: bool,
    layout: &Layout,
    options: wit::ReadOptions,
) -> (Vec<Record>, Vec<wit::Unreadable>) {
    let rows = listing.rows.as_deref().unwrap_or_default();
    let mut items = Vec::with_capacity(rows.len());
    let mut unreadable = Vec::new();
    for (position, &json) in (0..).zip(rows) {
        let remote_data = options.contains(wit::ReadOptions::REMOTE_DATA).then(|| json.json().to_owned());
        if is_damaged && json.json().chars().any(|c| c == char::REPLACEMENT_CHARACTER) {
            unreadable.push(wit::Unreadable { id: None, position, reason: "it is not UTF-8".to_owned() });
            continue;
        }
        match Record::from_scim(json, layout, remote_data) {
            Ok(record) => items.push(record),
            Err(reason) => unreadable.push(wit::Unreadable { id: None, position, reason: line(&reason, 200) }),
        }
    }
    (items, unreadable)
}

/// Whether the vendor had counted fewer rows when it sent the page before: this page only confirms that it is so.
fn is_past_the_end(at: Cursor) -> bool {
    at.total.is_some_and(|total| at.start > total)
}

/// Whether a page is not the one that was asked for, but one that was sent before, as servers were seen to do
/// (scim-peers 1).
fn repeats(at: Cursor, listing: &Listing<'_>, first: u64) -> bool {
    let is_elsewhere = listing.start.is_some_and(|start| start != at.start);
    is_elsewhere || (first != 0 && (first == at.first || first == at.previous))
}

/// Where the page after this one starts: as many rows on as were received, whatever was asked for (zpa-scim 5).
///
/// A list ends where the vendor's count of it is reached, unless the page is a full one: then the count may be that of
/// the page, and one page more is asked for.
fn next(at: Cursor, listing: &Listing<'_>, first: u64) -> Result<Option<Cursor>, Error> {
    // A count that was given once is not forgotten where a later page leaves it away.
    let total = listing.total.or(at.total);
    let received = listing.rows.as_ref().map_or(0, Vec::len);
    if received == 0 {
        return match total {
            Some(total) if at.start <= total => {
                Err(protocol(&format!("the vendor sent no rows from {} on, though it counts {total}", at.start)))
            }
            _ => Ok(None),
        };
    }
    if repeats(at, listing, first) {
        let message = match listing.start.filter(|&start| start != at.start) {
            Some(start) => {
                format!("asked for the rows from {}, the vendor answered with those from {start}", at.start)
            }
            None => format!("the vendor answered the rows from {} with a page that it had already sent", at.start),
        };
        return Err(protocol(&message));
    }
    let received = u32::try_from(received).ok().filter(|received| at.start.checked_add(*received).is_some());
    let received = received.ok_or_else(|| protocol("the vendor counts more rows than there can be"))?;
    let start = at.start + received;
    let is_beginning = at.start == 1;
    let is_full = received >= at.size || (!is_beginning && received >= at.step);
    if !is_full && total.is_some_and(|total| start > total) {
        return Ok(None);
    }
    Ok(Some(Cursor {
        start,
        step: if is_beginning { received } else { at.step },
        total,
        first: if is_beginning { first } else { at.first },
        previous: first,
        ..at
    }))
}

/// Where the page before this one starts. The first page may overlap the one after it, where rows shifted the steps.
fn previous(at: Cursor) -> Option<Cursor> {
    let step = if at.step == 0 { at.size } else { at.step };
    let start = at.start.saturating_sub(step).max(1);
    let first = if start == 1 { 0 } else { at.first };
    (at.start > 1).then_some(Cursor { start, first, previous: 0, ..at })
}
